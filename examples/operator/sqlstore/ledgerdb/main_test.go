package main

import (
	"bytes"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/sqlstore"
	"github.com/postern-lock/postern/issuer/ledger"
)

const (
	now credential.Time = 1_803_888_000
	day credential.Time = 86400
)

// filled returns the name of a ledger with grants of that many days, the last one
// issued now.
func filled(t *testing.T, days int) string {
	name := filepath.Join(t.TempDir(), "ledger.db")
	s, err := sqlstore.Open(t.Context(), name)
	require.NoError(t, err)
	for i := range days {
		at := now - credential.Time(days-1-i)*day
		_, err = s.Commit(t.Context(), at, []ledger.Record{{
			Duty: ledger.DutyID{byte(i + 1)}, Tag: credential.Tag{byte(i + 1)}, Signer: credential.KeyID{1}, Holder: credential.KeyID{2},
			IssuedAt: at, Expires: at + day/2, Grant: []byte("grant"),
		}})
		require.NoError(t, err)
	}
	require.NoError(t, s.Close())
	return name
}

func TestCopySaysWhatItCopied(t *testing.T) {
	from, to := filled(t, 3), filepath.Join(t.TempDir(), "other.db")
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out, now.Time(), []string{"copy", from, to}))
	require.Contains(t, out.String(), "grants               3 rows, the same in both\n")
	require.ErrorIs(t, run(t.Context(), &out, now.Time(), []string{"copy", from, to}), sqlstore.ErrNotEmpty)
}

func TestPruneSaysWhatItForgot(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out, now.Time().Add(time.Minute), []string{"prune", filled(t, 5), "2"}))
	require.Equal(t, "2 grants forgotten\n", out.String())
}

func TestWrongArguments(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.db")
	for _, args := range [][]string{nil, {"copy", "a"}, {"drop", "a", "b"}} {
		require.ErrorIs(t, run(t.Context(), nil, now.Time(), args), errUsage)
	}
	for _, args := range [][]string{{"copy", missing, missing + "2"}, {"prune", missing, "1"}, {"prune", missing, "0"}, {"prune", missing, "-1"}} {
		require.Error(t, run(t.Context(), nil, now.Time(), args))
		require.NoFileExists(t, missing)
	}
}
