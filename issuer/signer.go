package issuer

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"errors"
	"fmt"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/suite"
)

// ErrKey says that a key cannot be used: it is missing, of a kind that the
// standard does not know, not the key of the certificate beside it, or it makes
// signatures that do not verify.
var ErrKey = errors.New("issuer: key cannot be used")

// signer signs objects with one key.
type signer struct {
	key     suite.Signer
	foreign bool // the private half is out of this process's sight
}

// Key is a key that signs whole messages by itself, as the key of an owner's
// phone does: it has no private half that a crypto.Signer would hash for.
type Key interface {
	// PublicKey returns the public half: Ed25519, or P-256.
	PublicKey() credential.PublicKey
	// Sign returns the signature over the message, 64 bytes: Ed25519 as RFC 8032
	// has it, or r and s of ECDSA with SHA-256, 32 bytes each.
	Sign(message []byte) ([]byte, error)
}

// newSigner takes an Ed25519 or P-256 key.
func newSigner(key crypto.Signer) (signer, error) {
	if key == nil {
		return signer{}, fmt.Errorf("%w: it is missing", ErrKey)
	}
	s, err := suite.NewSigner(key)
	if err != nil {
		return signer{}, fmt.Errorf("%w: want Ed25519 or P-256: %w", ErrKey, err)
	}
	return signer{s, foreign(key)}, nil
}

// foreign reports whether the private half is out of this process's sight.
func foreign(key crypto.Signer) bool {
	switch key.(type) {
	case ed25519.PrivateKey, *ed25519.PrivateKey, *ecdsa.PrivateKey:
		return false
	}
	return true
}

// PublicKey returns the public half of the signer's key; the zero key where
// there is none.
func (s signer) PublicKey() credential.PublicKey {
	if s.key == nil {
		return credential.PublicKey{}
	}
	return s.key.PublicKey()
}

// sign finishes an unsigned object.  A key in memory was seen to belong to its
// public half; what another key signs is verified before it is handed on.
func (s signer) sign(u credential.Unsigned) ([]byte, error) {
	message := u.ToBeSigned()
	signature, err := s.key.Sign(message)
	if err != nil {
		return nil, fmt.Errorf("issuer: %s: the key did not sign: %w", u, err)
	}
	if s.foreign {
		if err := suite.Verify(s.key.PublicKey(), message, signature, nil); err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrKey, u, err)
		}
	}
	return u.WithSignature(signature)
}
