package issuer_test

import (
	"crypto"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/issuer"
)

// whole is a key that signs whole messages, and spoils what it makes.
type whole struct {
	suite.Signer
	spoil func([]byte) ([]byte, error)
}

func (w whole) Sign(message []byte) ([]byte, error) {
	signature, err := w.Signer.Sign(message)
	if err != nil {
		return nil, err
	}
	return w.spoil(signature)
}

// keyless has no public half.
type keyless struct{ issuer.Key }

func (keyless) PublicKey() credential.PublicKey { return credential.PublicKey{} }

// TestOwnerByAKeyThatSignsByItself makes what the owner with the same key in
// memory makes, and gives nothing out that does not verify.
func TestOwnerByAKeyThatSignsByItself(t *testing.T) {
	finger := errors.New("no finger")
	for name, signer := range map[string]crypto.Signer{"Ed25519": edKey("owner"), "P-256": p256Key("owner")} {
		t.Run(name, func(t *testing.T) {
			key, err := suite.NewSigner(signer)
			require.NoError(t, err)
			claims := credential.PolicyClaims{Lock: credential.LockID{1}, Version: 1, IssuedAt: 1000}
			owner, err := issuer.OwnerBy(key)
			require.NoError(t, err)
			policy, err := owner.Policy(claims)
			require.NoError(t, err)
			u, err := credential.ParsePolicy(policy)
			require.NoError(t, err)
			_, err = new(credential.Verifier).Policy(u, key.PublicKey())
			require.NoError(t, err)

			for spoilt, c := range map[string]struct {
				spoil func([]byte) ([]byte, error)
				want  error
			}{
				"altered": {func(b []byte) ([]byte, error) { b[5] ^= 1; return b, nil }, issuer.ErrKey},
				"short":   {func(b []byte) ([]byte, error) { return b[:63], nil }, issuer.ErrKey},
				"none":    {func([]byte) ([]byte, error) { return nil, nil }, issuer.ErrKey},
				"failed":  {func([]byte) ([]byte, error) { return nil, finger }, finger},
			} {
				owner, err := issuer.OwnerBy(whole{key, c.spoil})
				require.NoError(t, err)
				policy, err := owner.Policy(claims)
				require.ErrorIs(t, err, c.want, spoilt)
				require.Nil(t, policy)
			}
		})
	}
	_, err := issuer.OwnerBy(nil)
	require.ErrorIs(t, err, issuer.ErrKey)
	_, err = issuer.OwnerBy(keyless{})
	require.ErrorIs(t, err, issuer.ErrKey)
}
