package sqlstore

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNoErrorShowsAPassword of an address that is misspelt.
func TestNoErrorShowsAPassword(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, dsn := range []string{
		"postgres://user:hush%zz@127.0.0.1:1/x", "postgres://user:hush@127.0.0.1:port/x", "postgres://user:hush@127.0.0.1:1/x", "postgres://user:hush@[::1/x",
		"postgres://127.0.0.1:1/x?password=hush&connect_timeout=x", "postgres://us er:hush@h\x7f/x", "postgres://user:hush@127.0.0.1:1/x?sslmode=none",
		"Postgres://user:hush@127.0.0.1:1/x", "POSTGRESQL://user:hush@127.0.0.1:1/x", "mysql://user:hush@127.0.0.1:1/x",
		"host=127.0.0.1 password=hush dbname=x", "user=x password = 'hush'",
	} {
		_, err := Open(t.Context(), dsn)
		require.Error(t, err, dsn)
		require.NotContains(t, err.Error(), "hush")
	}
	made, err := filepath.Glob("*")
	require.NoError(t, err)
	require.Empty(t, made)
}
