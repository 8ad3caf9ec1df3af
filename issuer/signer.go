package issuer

import (
	"crypto"
	"errors"
	"fmt"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/suite"
)

// ErrKey says that a key cannot be used: it is missing, of a kind that the
// standard does not know, or not the key of the certificate beside it.
var ErrKey = errors.New("issuer: key cannot be used")

// signer signs objects with one key.
type signer struct{ key suite.Signer }

// newSigner takes an Ed25519 or P-256 key.
func newSigner(key crypto.Signer) (signer, error) {
	if key == nil {
		return signer{}, fmt.Errorf("%w: it is missing", ErrKey)
	}
	s, err := suite.NewSigner(key)
	if err != nil {
		return signer{}, fmt.Errorf("%w: want Ed25519 or P-256: %w", ErrKey, err)
	}
	return signer{s}, nil
}

// PublicKey returns the public half of the signer's key.
func (s signer) PublicKey() credential.PublicKey { return s.key.PublicKey() }

// sign finishes an unsigned object.
func (s signer) sign(u credential.Unsigned) ([]byte, error) {
	signature, err := s.key.Sign(u.ToBeSigned())
	if err != nil {
		return nil, fmt.Errorf("issuer: %s: the key did not sign: %w", u, err)
	}
	return u.WithSignature(signature)
}
