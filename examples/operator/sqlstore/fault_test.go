package sqlstore_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/sqlstore"
	"github.com/postern-lock/postern/issuer/ledger"
)

// tmpfs mounts a file system of that many bytes, where the test may.
func tmpfs(t *testing.T, size string) string {
	t.Helper()
	folder := t.TempDir()
	if os.Geteuid() != 0 {
		t.Skip("only root can mount a small file system")
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "mode=777,size="+size, "tmpfs", folder).CombinedOutput(); err != nil {
		t.Skipf("no file system can be mounted here: %s", out)
	}
	t.Cleanup(func() {
		out, err := exec.Command("umount", "--lazy", folder).CombinedOutput()
		require.NoError(t, err, string(out))
	})
	return folder
}

// batch returns n records from the number on.
func batch(from, n int) []ledger.Record {
	var all []ledger.Record
	for i := range n {
		r := record(uint32(from + i))
		r.Grant = bytes.Repeat([]byte{1}, 500)
		all = append(all, r)
	}
	return all
}

// fill commits grants until there is no room, and returns how many it committed.
func fill(t *testing.T, s *sqlstore.Store) int {
	t.Helper()
	for n := 0; n < 100_000; n += 64 {
		if _, err := s.Commit(t.Context(), now, batch(n, 64)); err != nil {
			require.ErrorIs(t, err, ledger.ErrFull)
			require.ErrorContains(t, err, "sqlstore: commit grants: the database's disk: ledger: full: ")
			return n
		}
	}
	require.Fail(t, "there is always room")
	return 0
}

// requireGrants holds the ledger to have so many grants, without a gap.
func requireGrants(t *testing.T, s *sqlstore.Store, want int) {
	t.Helper()
	last := uint64(0)
	for {
		some, err := s.Since(t.Context(), last, ledger.MaxNewest)
		require.NoError(t, err)
		for _, r := range some {
			last++
			require.Equal(t, last, r.Serial)
		}
		if len(some) == 0 {
			require.EqualValues(t, want, last)
			return
		}
	}
}

// requireFull fills the ledger, and holds it to go on where room is made.
func requireFull(t *testing.T, s *sqlstore.Store, room func()) {
	t.Helper()
	n := fill(t, s)
	require.NotZero(t, n)
	requireGrants(t, s, n)
	room()
	_, err := s.Commit(t.Context(), now, batch(n, 64))
	require.NoError(t, err)
	requireGrants(t, s, n+64)
}

func TestFullFileIsSaid(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "ledger.db"))
	limit := func(pragma string) {
		_, err := sqlstore.DB(s).ExecContext(t.Context(), pragma)
		require.NoError(t, err)
	}
	limit(`PRAGMA max_page_count = 200`)
	requireFull(t, s, func() { limit(`PRAGMA max_page_count = 4000`) })
}

func TestFullDiskIsSaid(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		folder := tmpfs(t, "4m")
		ballast := filepath.Join(folder, "ballast")
		require.NoError(t, os.WriteFile(ballast, make([]byte, 1<<20), 0o600))
		if sqlstore.IsPostgres(dsn) {
			dsn += "&default_tablespace=" + tablespace(t, dsn, folder)
		} else {
			dsn = filepath.Join(folder, "ledger.db")
		}
		requireFull(t, open(t, dsn), func() { require.NoError(t, os.Remove(ballast)) })
	})
}

// tablespace makes a place for the server's tables in the folder, and returns its
// name.
func tablespace(t *testing.T, dsn, folder string) string {
	place := filepath.Join(folder, "tables")
	out, err := exec.Command("install", "-d", "-o", "postgres", place).CombinedOutput()
	require.NoError(t, err, string(out))
	// The way to the folder is root's alone.
	require.NoError(t, os.Chmod(filepath.Dir(folder), 0o711))
	c, err := pgx.Connect(t.Context(), dsn)
	require.NoError(t, err)
	defer c.Close(context.Background())
	_, err = c.Exec(t.Context(), `CREATE TABLESPACE tiny LOCATION '`+place+`'`)
	require.NoError(t, err)
	t.Cleanup(func() {
		c, err := pgx.Connect(context.Background(), dsn)
		require.NoError(t, err)
		defer c.Close(context.Background())
		for _, s := range []string{`DO $$ BEGIN EXECUTE 'DROP SCHEMA ' || current_schema() || ' CASCADE'; END $$`, `DROP TABLESPACE tiny`} {
			_, err = c.Exec(context.Background(), s)
			require.NoError(t, err)
		}
	})
	return "tiny"
}

func TestReadOnlyFileIsRefused(t *testing.T) {
	folder, protect := t.TempDir(), func(folder string) error { return os.Chmod(filepath.Join(folder, "ledger.db"), 0o400) }
	if os.Geteuid() == 0 {
		folder = tmpfs(t, "4m")
		protect = func(folder string) error { return exec.Command("mount", "-o", "remount,ro", folder).Run() }
	}
	name := filepath.Join(folder, "ledger.db")
	s, err := sqlstore.Open(t.Context(), name)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.NoError(t, protect(folder))
	_, err = sqlstore.Open(t.Context(), name)
	require.ErrorContains(t, err, "sqlstore: open "+name+": ")
	require.ErrorContains(t, err, "the file and its folder must be there, and writable")
}

func TestFileThatIsNoDatabaseIsRefused(t *testing.T) {
	for name, content := range map[string][]byte{
		"text":           bytes.Repeat([]byte("Dear diary, "), 1000),
		"zeros":          make([]byte, 8192),
		"half a heading": []byte("SQLite format 3\x00\x10\x00\x01\x01\x00 and then something else that goes on and on, for more than a hundred bytes in all"),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ledger.db")
			require.NoError(t, os.WriteFile(path, content, 0o600))
			_, err := sqlstore.Open(t.Context(), path)
			require.ErrorContains(t, err, "sqlstore: open "+path+": ")
			left, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, content, left, "it was left alone")
		})
	}
}

func TestDamagedFileIsSaid(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	s, err := sqlstore.Open(t.Context(), path)
	require.NoError(t, err)
	_, err = s.Commit(t.Context(), now, batch(0, 1000))
	require.NoError(t, err)
	require.NoError(t, s.Close())
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	for page := 2; page*4096 < len(whole); page += 7 {
		damaged := bytes.Clone(whole)
		copy(damaged[page*4096:], bytes.Repeat([]byte{0xa5}, 4096))
		require.NoError(t, os.WriteFile(path, damaged, 0o600))
		s, err := sqlstore.Open(t.Context(), path)
		if err != nil {
			require.ErrorContains(t, err, "malformed")
			continue
		}
		// Whatever is hit, no call makes anything up.
		want := batch(0, 1000)
		got, err := s.Since(t.Context(), 0, 1000)
		for i := range got {
			want[i].Serial = uint64(i + 1)
			require.Equal(t, want[i], got[i])
		}
		require.True(t, err != nil || len(got) == 1000)
		_, _ = s.Commit(t.Context(), now, batch(1000, 100))
		_ = s.Close()
	}
}

func TestFileThatWentAwayTakesNoGrants(t *testing.T) {
	for name, away := range map[string]func(path string) error{
		"removed": os.Remove,
		"renamed": func(path string) error { return os.Rename(path, path+".old") },
		"replaced": func(path string) error {
			return errors.Join(os.Rename(path, path+".old"), os.WriteFile(path, nil, 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ledger.db")
			s := open(t, path)
			_, err := s.Commit(t.Context(), now, batch(0, 10))
			require.NoError(t, err)
			require.NoError(t, away(path))
			_, err = s.Commit(t.Context(), now, batch(10, 10))
			require.ErrorIs(t, err, sqlstore.ErrMoved)
			_, err = s.NextList(t.Context(), signer, now, longest)
			require.ErrorIs(t, err, sqlstore.ErrMoved)
		})
	}
}

func TestNumbersOutOfRangeInTheDatabaseAreSaid(t *testing.T) {
	for name, damage := range map[string]string{
		"serial": `UPDATE ledger SET serial = 9223372036854775807`,
		"newest": `UPDATE ledger SET newest = 4294967296`,
		"row":    `DELETE FROM ledger`,
	} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, dsn string) {
				s := open(t, dsn)
				_, err := sqlstore.DB(s).ExecContext(t.Context(), damage)
				require.NoError(t, err)
				_, err = s.Commit(t.Context(), now, batch(0, 2))
				require.ErrorContains(t, err, "sqlstore: commit grants: ")
				requireGrants(t, s, 0)
			})
		})
	}
}

// TestCounterThatFellBackIsNoConflict holds that no duty is blamed for a counter that
// somebody set back: the planners can do nothing about it.
func TestCounterThatFellBackIsNoConflict(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		s := open(t, dsn)
		_, err := s.Commit(t.Context(), now, batch(0, 2))
		require.NoError(t, err)
		_, err = sqlstore.DB(s).ExecContext(t.Context(), `UPDATE ledger SET serial = 1`)
		require.NoError(t, err)
		_, err = s.Commit(t.Context(), now, batch(2, 2))
		require.ErrorContains(t, err, "sqlstore: commit grants: ")
		require.NotErrorIs(t, err, ledger.ErrConflict)
		requireGrants(t, s, 2)
	})
}

func TestVersionsEnd(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		s := open(t, dsn)
		_, err := sqlstore.DB(s).ExecContext(t.Context(), `INSERT INTO lists (signer, version, least) VALUES ($1, $2, 0)`, signer[:], int64(math.MaxUint32)-1)
		require.NoError(t, err)
		list, err := s.NextList(t.Context(), signer, now, longest)
		require.NoError(t, err)
		require.EqualValues(t, math.MaxUint32, list.Version)
		for range 2 {
			_, err = s.NextList(t.Context(), signer, now, longest)
			require.ErrorIs(t, err, ledger.ErrFull)
		}
	})
}

func TestContextThatEndsMeanwhileIsSaid(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		s := open(t, dsn)
		// Another writer holds what a commit waits for.
		other := open(t, dsn)
		tx, err := sqlstore.DB(other).BeginTx(t.Context(), nil)
		require.NoError(t, err)
		_, err = tx.ExecContext(t.Context(), `UPDATE ledger SET newest = 0`)
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			_, err := s.Commit(ctx, now, batch(0, 2))
			done <- err
		}()
		for sqlstore.DB(s).Stats().InUse == 0 && len(done) == 0 {
			runtime.Gosched() // until it has a connection, and waits there
		}
		cancel()
		require.ErrorIs(t, <-done, context.Canceled)
		require.NoError(t, tx.Rollback())
		_, err = s.Commit(t.Context(), now, []ledger.Record{record(0)})
		require.NoError(t, err)
		requireGrants(t, s, 1)
	})
}

func TestSettingsThatKeepWhatWasAcknowledged(t *testing.T) {
	settings := map[string]string{
		`PRAGMA journal_mode`: "wal", `PRAGMA synchronous`: "2", `PRAGMA foreign_keys`: "1",
	}
	s := open(t, filepath.Join(t.TempDir(), "ledger.db"))
	for query, want := range settings {
		var got string
		require.NoError(t, sqlstore.DB(s).QueryRowContext(t.Context(), query).Scan(&got))
		require.Equal(t, want, got, query)
	}
	for set, want := range map[string]string{"off": "on", "on": "on", "remote_apply": "remote_apply"} {
		s := open(t, postgres(t)+"&synchronous_commit="+set)
		var got string
		require.NoError(t, sqlstore.DB(s).QueryRowContext(t.Context(), `SHOW synchronous_commit`).Scan(&got))
		require.Equal(t, want, got)
	}
	s = open(t, postgres(t))
	_, err := sqlstore.DB(s).ExecContext(t.Context(), `INSERT INTO pages (lock, digest, position, object) VALUES ($1, $2, 1, $2)`,
		make([]byte, len(credential.LockID{})), make([]byte, 32))
	require.ErrorContains(t, err, "foreign key")
}
