package sqlstore

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer/ledger"
)

// TestOthersCannotReadTheFile in which it stands who is away, with what lies beside
// it; the mode of a file that was there is its owner's to choose.
func TestOthersCannotReadTheFile(t *testing.T) {
	dir := t.TempDir()
	for name, want := range map[string]os.FileMode{"new.db": 0o600, "there.db": 0o640} {
		path := filepath.Join(dir, name)
		if want != 0o600 {
			require.NoError(t, os.WriteFile(path, nil, want))
		}
		s, err := Open(t.Context(), path)
		require.NoError(t, err)
		require.NoError(t, s.Place(t.Context(), []ledger.Box{{Lock: credential.LockID{1}, Area: []byte("FR75")}}))
		for _, beside := range []string{"", "-wal", "-shm"} {
			info, err := os.Stat(path + beside)
			require.NoError(t, err)
			require.Equal(t, want, info.Mode().Perm(), name+beside)
		}
		require.NoError(t, s.Close())
	}
}
