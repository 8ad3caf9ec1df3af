package world

import (
	"bytes"
	"crypto/ecdh"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

func TestWorldsOfOneSeedAreTheSame(t *testing.T) {
	a, err := New(1)
	require.NoError(t, err)
	b, err := New(1)
	require.NoError(t, err)
	p, err := a.Factory(3)
	require.NoError(t, err)
	q, err := b.Factory(3)
	require.NoError(t, err)
	require.Equal(t, p.Identities[0], q.Identities[0])
	require.Equal(t, p.Identities[1].Private, q.Identities[1].Private)
	require.Equal(t, p.Roots, q.Roots)
	g, err := a.Round(nil)
	require.NoError(t, err)
	h, err := b.Round(nil)
	require.NoError(t, err)
	require.Equal(t, g, h)
}

func TestWorldsOfTwoSeedsDiffer(t *testing.T) {
	seen := map[string]bool{}
	for seed := range uint64(20) {
		w, err := New(seed)
		require.NoError(t, err)
		p, err := w.Factory(0)
		require.NoError(t, err)
		for _, b := range [][]byte{p.Lock, p.Setup, p.Roots[0], p.Identities[0].Private, p.Identities[1].Private, Private(w.Key("owner"))} {
			require.False(t, seen[string(b)])
			seen[string(b)] = true
		}
	}
}

// TestObjectsAreGood has the parties' objects verified.
func TestObjectsAreGood(t *testing.T) {
	w, err := New(7)
	require.NoError(t, err)
	v := credential.Verifier{Roots: []credential.PublicKey{w.Scheme.PublicKey()}}
	p, err := w.Factory(0)
	require.NoError(t, err)
	require.Len(t, p.Identities, 2)
	for i, id := range p.Identities {
		require.Equal(t, 2*i, id.Suite)
		u, err := credential.ParseLockCertificate(id.Certificate)
		require.NoError(t, err)
		c, err := v.LockCertificate(u, w.Maker.Authority())
		require.NoError(t, err)
		require.Equal(t, w.Lock, c.ID())
	}
	_, err = ecdh.P256().NewPrivateKey(p.Identities[1].Private)
	require.NoError(t, err)
	round, err := w.Round(nil)
	require.NoError(t, err)
	g, err := credential.ParseGrant(round)
	require.NoError(t, err)
	_, err = v.OperatorGrant(g, w.Post.Authority())
	require.NoError(t, err)
	guest, err := w.Guest(func(c *credential.GrantClaims) { c.Expires = w.Now + Day })
	require.NoError(t, err)
	g, err = credential.ParseGrant(guest)
	require.NoError(t, err)
	require.Equal(t, w.Now+Day, g.Claims.Expires)
	_, err = v.OwnerGrant(g, w.Owner.PublicKey())
	require.NoError(t, err)
	policy, err := w.Policy(3, func(c *credential.PolicyClaims) { c.Block = credential.BlockGuests })
	require.NoError(t, err)
	u, err := credential.ParsePolicy(policy)
	require.NoError(t, err)
	require.Equal(t, uint32(3), u.Claims.Version)
	_, err = v.Policy(u, w.Owner.PublicKey())
	require.NoError(t, err)
}

func TestCOSEKey(t *testing.T) {
	w, err := New(0)
	require.NoError(t, err)
	for _, k := range []credential.PublicKey{w.Public("a"), w.Public2("a")} {
		got, err := ParseCOSEKey(COSEKey(k))
		require.NoError(t, err)
		require.Equal(t, k, got)
	}
	_, err = ParseCOSEKey([]byte{1})
	require.Error(t, err)
}

// TestStreamInAnyPieces reads the same however it is cut.
func TestStreamInAnyPieces(t *testing.T) {
	w, err := New(0)
	require.NoError(t, err)
	whole := make([]byte, 100)
	_, err = io.ReadFull(w.Rand("x"), whole)
	require.NoError(t, err)
	var pieces []byte
	for r, n := w.Rand("x"), 1; len(pieces) < 100; n++ {
		b := make([]byte, min(n, 100-len(pieces)))
		_, err := io.ReadFull(r, b)
		require.NoError(t, err)
		pieces = append(pieces, b...)
	}
	require.True(t, bytes.Equal(whole, pieces))
}
