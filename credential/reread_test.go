package credential_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

// TestRereadLeavesOutThePointAlone holds that what was read once reads again, that
// whatever else is wrong with it is refused again, and that only the arithmetic
// of Ed25519 keys is left out.
func TestRereadLeavesOutThePointAlone(t *testing.T) {
	key := edKey("subject").public
	small := append([]byte{1}, make([]byte, 31)...) // the neutral element, of small order
	for name, o := range map[string]struct {
		raw          []byte
		parse, again func([]byte) error
	}{
		"grant":     {grantForge(edKey("signer"), edKey("subject")).bytes(), discard(credential.ParseGrant), discard(credential.RereadGrant)},
		"authority": {authorityForge(edKey("signer"), edKey("subject")).bytes(), discard(credential.ParseAuthority), discard(credential.RereadAuthority)},
		"policy":    {policyOf(t, key), discard(credential.ParsePolicy), discard(credential.RereadPolicy)},
		"claims set": {credential.AppendClaimsSet(nil, key),
			discard(credential.ParseClaimsSet), discard(credential.RereadClaimsSet)},
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, o.parse(o.raw))
			require.NoError(t, o.again(o.raw))
			require.Equal(t, 1, bytes.Count(o.raw, key.X()))
			weak := bytes.Replace(o.raw, key.X(), small, 1)
			require.ErrorContains(t, o.parse(weak), "small order")
			require.NoError(t, o.again(weak))
			for n := range o.raw {
				require.Error(t, o.again(o.raw[:n]))
				require.Equal(t, o.parse(o.raw[:n]), o.again(o.raw[:n]))
			}
		})
	}
}

// policyOf returns a policy that gives the lock to the key.
func policyOf(t *testing.T, owner credential.PublicKey) []byte {
	t.Helper()
	by := edKey("signer")
	u, err := credential.NewPolicy(credential.PolicyClaims{IssuedAt: issued, Owner: owner, Lock: credential.LockID{1}, Version: 1}, by.public)
	require.NoError(t, err)
	raw, err := u.WithSignature(by.sign(u.ToBeSigned()))
	require.NoError(t, err)
	return raw
}

func discard[T any](parse func([]byte) (T, error)) func([]byte) error {
	return func(b []byte) error { _, err := parse(b); return err }
}
