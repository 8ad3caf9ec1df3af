package edhoc

import (
	"crypto/sha256"
	"fmt"
	"io"

	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
)

// A LogKey is what lock and owner agree when the lock gets its owner: under it
// pages of the log leave the lock, by whoever visits. This is not part of RFC
// 9528: chapter 19 of the specification defines it.
type LogKey [hashLength]byte

// LogKey derives the key:
//
//	LogKey = EDHOC_Exporter( 32771, SELECT hash, 32 )
//
// Errors are those of Export, and [ErrLocal] for the hash.
func (e *Exporter) LogKey(selectHash []byte) (*LogKey, error) {
	key, err := e.exportFor(wire.LabelLog, selectHash)
	if err != nil {
		return nil, err
	}
	return (*LogKey)(key), nil
}

// saltLength is the length of a sealed page's salt in bytes.
const saltLength = 16

// SealedLogLength is the length of every sealed page: salt, page and tag.
const SealedLogLength = saltLength + wire.LimitLogPageBytes + suite.CCMTagSize

// Seal seals a page of at most [wire.LimitLogPageBytes] bytes, filled up with
// zeros to exactly that:
//
//	salt = EDHOC_KDF( LogKey, 1, SHA-256( page ) || nonce, 16 )
//	OKM  = EDHOC_KDF( LogKey, 2, salt, 29 )
//	     = key (16) || nonce (13)
//	sealed = salt || AES-CCM-16-64-128( key, nonce, no additional data, page )
//
// The salt follows from the page and the nonce of the transaction: a key and a
// nonce of AES seal one page only, even where the random source repeats, and who
// carries two sealed pages cannot tell whether they are the same. What it returns
// has [SealedLogLength] bytes. The error is [ErrLimit] for a page that is too long.
func (k *LogKey) Seal(page []byte, nonce [wire.LimitNonceBytes]byte) ([]byte, error) {
	if len(page) > wire.LimitLogPageBytes {
		return nil, &Error{Kind: ErrLimit, Field: "page", Detail: "it is too long"}
	}
	var whole [wire.LimitLogPageBytes]byte
	copy(whole[:], page)
	sum := sha256.Sum256(whole[:])
	salt, err := KDF(k[:], wire.LogLabelSalt, saltLength, sum[:], nonce[:])
	if err != nil {
		return nil, err
	}
	aead, iv, err := k.aead(salt)
	if err != nil {
		return nil, err
	}
	sealed, err := aead.Seal(iv, whole[:], nil)
	if err != nil {
		return nil, &Error{Kind: ErrLimit, Err: err}
	}
	return append(salt, sealed...), nil
}

// Open returns the page that Seal sealed, [wire.LimitLogPageBytes] bytes long with
// the zeros behind it. The error is [ErrDecrypt] for anything that this key did
// not seal.
func (k *LogKey) Open(sealed []byte) ([]byte, error) {
	if len(sealed) != SealedLogLength {
		return nil, &Error{Kind: ErrDecrypt, Field: "page", Detail: "its length is not that of a sealed page"}
	}
	aead, nonce, err := k.aead(sealed[:saltLength])
	if err != nil {
		return nil, err
	}
	page, err := aead.Open(nonce, sealed[saltLength:], nil)
	if err != nil {
		return nil, &Error{Kind: ErrDecrypt, Field: "page", Err: err}
	}
	return page, nil
}

// Blind derives what stands for a head of the log in the receipt of anybody but
// an owner, who alone can tell which head it is:
//
//	EDHOC_KDF( LogKey, 3, head, 32 )
func (k *LogKey) Blind(head [sha256.Size]byte) ([sha256.Size]byte, error) {
	b, err := KDF(k[:], wire.LogLabelBlind, sha256.Size, head[:])
	if err != nil {
		return [sha256.Size]byte{}, err
	}
	return [sha256.Size]byte(b), nil
}

// aead derives key and nonce that belong to a salt.
func (k *LogKey) aead(salt []byte) (*suite.CCM, [ivLength]byte, error) {
	okm, err := KDF(k[:], wire.LogLabelPage, keyLength+ivLength, salt)
	if err != nil {
		return nil, [ivLength]byte{}, err
	}
	defer clear(okm)
	aead, err := suite.NewCCM([keyLength]byte(okm[:keyLength]))
	if err != nil {
		return nil, [ivLength]byte{}, derivationError(err)
	}
	return aead, [ivLength]byte(okm[keyLength:]), nil
}

// Format keeps the key out of what is printed, whatever the verb.
func (k LogKey) Format(f fmt.State, _ rune) { io.WriteString(f, "edhoc.LogKey") }
