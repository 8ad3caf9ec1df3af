package issuertest_test

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer/issuertest"
)

// objects are all kinds of objects of a world.
func objects(w *issuertest.World) [][]byte {
	_, ed25519 := w.Identity(0)
	_, p256 := w.Identity(2)
	return [][]byte{
		ed25519, w.LockCertificate(w.Key("lock"), func(c *credential.LockClaims) { c.Level = 2 }),
		w.Post.Authority().Bytes(), w.Maker.Authority().Bytes(), w.Round(w.Key("postman")), w.Guest(w.P256("guest")),
		w.Policy(func(c *credential.PolicyClaims) { c.Version = 2 }), w.Transfer(issuertest.Public(w.Key("heir")), 3),
		w.RevocationList(1, credential.Tag{1}), w.StatedTime(w.Now), w.LiveTime(w.Now, [16]byte{1}), p256[:len(p256)-64],
	}
}

func TestWorldsOfOneSeedAreTheSame(t *testing.T) {
	one, same, other := objects(issuertest.New("a")), objects(issuertest.New("a")), objects(issuertest.New("b"))
	require.Equal(t, one, same)
	for i := range one {
		require.NotEqual(t, one[i], other[i])
	}
	b := make([]byte, 100)
	_, err := io.ReadFull(issuertest.Seed("a").Rand("x"), b)
	require.NoError(t, err)
	again := make([]byte, 100)
	_, err = io.ReadFull(issuertest.Seed("a").Rand("y"), again)
	require.NoError(t, err)
	require.NotEqual(t, b, again)
}

// TestTheObjectsAreGood verifies them as a lock and a phone do.
func TestTheObjectsAreGood(t *testing.T) {
	w := issuertest.New("a")
	v := credential.Verifier{Roots: w.Roots()}
	for _, suite := range []int{0, 2} {
		key, certificate := w.Identity(suite)
		u, err := credential.ParseLockCertificate(certificate)
		require.NoError(t, err)
		c, err := v.LockCertificate(u, w.Maker.Authority())
		require.NoError(t, err)
		require.Equal(t, issuertest.Public(key), c.Key())
	}
	round, err := credential.ParseGrant(w.Round(w.Key("postman")))
	require.NoError(t, err)
	_, err = v.OperatorGrant(round, w.Post.Authority())
	require.NoError(t, err)
	guest, err := credential.ParseGrant(w.Guest(w.P256("guest")))
	require.NoError(t, err)
	_, err = v.OwnerGrant(guest, w.Owner.PublicKey())
	require.NoError(t, err)
	require.Panics(t, func() { w.RevocationList(0) }, "no issuer signs version 0")
}
