package mutants

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTable(t *testing.T) {
	root, err := Root(t.Context())
	require.NoError(t, err)
	_, err = Build(t.Context(), root, t.TempDir(), All())
	require.NoError(t, err)
	t.Log(len(All()))
}
