package sqlstore_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer/ledger"
)

// signed signs an object.
func signed(t *testing.T, build func(credential.PublicKey) (credential.Unsigned, error)) ledger.Document {
	t.Helper()
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	public, err := credential.NewPublicKey(key.Public())
	require.NoError(t, err)
	u, err := build(public)
	require.NoError(t, err)
	data, err := u.WithSignature(ed25519.Sign(key, u.ToBeSigned()))
	require.NoError(t, err)
	digest := sha256.Sum256(u.ToBeSigned())
	return ledger.Document{Signer: credential.KeyIDOf(public), Tag: credential.Tag(digest[:8]), Bytes: data}
}

// policy returns a policy for the lock.
func policy(t *testing.T, lock credential.LockID, version uint32) ledger.Document {
	d := signed(t, func(k credential.PublicKey) (credential.Unsigned, error) {
		return credential.NewPolicy(credential.PolicyClaims{Lock: lock, Version: version, IssuedAt: now, Owner: k}, k)
	})
	d.Lock, d.Version = lock, version
	return d
}

// list returns a revocation list.
func list(t *testing.T, version uint32) ledger.Document {
	d := signed(t, func(k credential.PublicKey) (credential.Unsigned, error) {
		return credential.NewRevocationList(credential.RevocationClaims{Version: version, IssuedAt: now}, k)
	})
	d.Version = version
	return d
}
