package holder

import (
	"crypto"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/suite"
)

// Key is the holder's key, wherever it is kept: a Secure Enclave, a Keystore, a
// chip card.  It signs and is never exported.
type Key interface {
	// PublicKey returns the public half: Ed25519 for cipher suite 0, P-256 for
	// suite 2.
	PublicKey() credential.PublicKey
	// Sign returns the signature over the message, 64 bytes: Ed25519 as RFC
	// 8032 has it, or r and s of ECDSA with SHA-256, 32 bytes each.
	Sign(message []byte) ([]byte, error)
}

// NewKey returns the Key for a crypto.Signer of the standard library's kind,
// with an Ed25519 key or a P-256 one.
func NewKey(signer crypto.Signer) (Key, error) {
	if signer == nil {
		return nil, &Error{Reason: credential.ReasonAlgorithm, Detail: "the key is missing", Advice: AdviceReport}
	}
	k, err := suite.NewSigner(signer)
	if err != nil {
		return nil, &Error{Reason: credential.ReasonAlgorithm, Detail: "want an Ed25519 or a P-256 key", Advice: AdviceReport, Err: err}
	}
	return k, nil
}
