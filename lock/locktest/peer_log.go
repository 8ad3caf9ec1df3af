package locktest

import (
	"crypto"
	"slices"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
)

// Page returns a page of the log in clear, of whatever entries: with gaps, in any
// order, of any lock.  Each entry must be one that a page can hold; it panics on
// others.
func Page(lock credential.LockID, base credential.LogHead, entries ...credential.LogEntry) []byte {
	encoded := make([][]byte, 0, len(entries))
	for _, e := range entries {
		page := credential.LogPage{Lock: lock, Entries: []credential.LogEntry{e}}.Encode()
		// [ lock id, base, [ entry ] ]: heads of 1, fields of 9 and 34 bytes, head of 1
		items, err := credentialtest.Items(page[1+9+34+1:])
		if err != nil {
			panic(err)
		}
		encoded = append(encoded, items[0])
	}
	page := credentialtest.Array(credentialtest.Bytes(lock[:]), credentialtest.Bytes(base[:]), credentialtest.Array(encoded...))
	return append(page, make([]byte, max(0, wire.LimitLogPageBytes-len(page)))...)
}

// SealPage seals a page under a log key, for the transaction with the nonce.
func SealPage(key [32]byte, page []byte, nonce [16]byte) ([]byte, error) {
	k := edhoc.LogKey(key)
	return k.Seal(page, nonce)
}

// Receipt signs a receipt with whoever's key.
func Receipt(key crypto.Signer, c credential.ReceiptClaims) ([]byte, error) {
	signer, err := suite.NewSigner(key)
	if err != nil {
		return nil, err
	}
	u, err := credential.NewReceipt(c, signer.PublicKey())
	if err != nil {
		return nil, err
	}
	signature, err := signer.Sign(u.ToBeSigned())
	if err != nil {
		return nil, err
	}
	return u.WithSignature(slices.Clone(signature))
}
