package conformance

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReleased(t *testing.T) {
	require.True(t, Build{"1.0.0", "0123"}.Released())
	require.True(t, Build{"1.0.0", "h1:x="}.Released())
	for _, b := range []Build{{}, {"development", "0123"}, {"", "0123"}, {"1.0.0", ""}, {"1.0.0", "0123+modified"}, {"1.0.0", "+modified"}} {
		require.False(t, b.Released(), b)
	}
	require.False(t, ThisBuild().Released(), "a test is no release")
	require.Equal(t, "1.0.0@0123", Build{"1.0.0", "0123"}.String())
}
