package lock_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/issuer"
)

// source returns the post's source of times.
func source(t testing.TB, w *worldtest.World) *issuer.TimeSource {
	t.Helper()
	s, err := issuer.NewTimeSource(worldtest.Key("post"), w.Post.Authority())
	require.NoError(t, err)
	return s
}
