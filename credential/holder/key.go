package holder

import (
	"crypto"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/suite"
)

// Key is the holder's key, wherever it is kept: a Secure Enclave, a Keystore, a
// chip card.  It signs and is never exported.
//
// Hardware that returns ECDSA signatures in DER, as both of the first do, is
// best given the Sign method of a crypto.Signer and passed to [NewKey].
type Key interface {
	// PublicKey returns the public half: Ed25519 for cipher suite 0, P-256 for
	// suite 2.
	PublicKey() credential.PublicKey
	// Sign returns the signature over the message, 64 bytes: Ed25519 as RFC
	// 8032 has it, or r and s of ECDSA with SHA-256, 32 bytes each.  It is
	// asked once in a tap, after the lock has proved itself.  An error, where
	// the person gave no fingerprint for example, ends the tap; it can be found
	// in the *Error with errors.Is.
	Sign(message []byte) ([]byte, error)
}

// NewKey returns the Key for a crypto.Signer of the standard library's kind,
// with an Ed25519 key or a P-256 one.
func NewKey(signer crypto.Signer) (Key, error) {
	k, err := suite.NewSigner(signer)
	if err != nil {
		return nil, ownFault("want a signer with an Ed25519 or a P-256 key", AdviceUpdate, err)
	}
	return k, nil
}
