package world

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/spec/vectors"
)

// TestKeyJSON takes keys of both kinds there and back, and refuses others.
func TestKeyJSON(t *testing.T) {
	w, err := New(1)
	require.NoError(t, err)
	for _, k := range []credential.PublicKey{w.Public("a"), w.Public2("a"), w.Public2("b"), w.Public2("c"), w.Public2("d")} {
		got, err := ParseKeyJSON(KeyJSON(k))
		require.NoError(t, err)
		require.Equal(t, k, got)
	}
	odd := true
	good := KeyJSON(w.Public("a"))
	for _, bad := range []vectors.Key{{Alg: "ed25519"}, {Alg: "x25519", X: good.X}, {Alg: "ed25519", X: good.X, Odd: &odd}, {Alg: "esp256", X: good.X}} {
		_, err := ParseKeyJSON(bad)
		require.Error(t, err)
	}
}
