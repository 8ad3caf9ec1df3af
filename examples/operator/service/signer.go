package service

import (
	"crypto"
	"errors"
	"fmt"
	"io"
)

// ErrSigner says that a signing key did not answer: a hardware module that is
// away, for example.
var ErrSigner = errors.New("service: the key did not sign")

// Guarded returns the key with every error of its marked as [ErrSigner], so that
// clients are told that they can try again.  It is for keys in hardware; what they
// sign is verified before it is given out.
func Guarded(key crypto.Signer) crypto.Signer { return guarded{key} }

type guarded struct{ crypto.Signer }

func (g guarded) Sign(rand io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	signature, err := g.Signer.Sign(rand, digest, opts)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSigner, err)
	}
	return signature, nil
}
