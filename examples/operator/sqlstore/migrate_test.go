package sqlstore_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/sqlstore"
	"github.com/postern-lock/postern/issuer/ledger"
)

// statement is a statement with its arguments.
type statement struct {
	query string
	args  []any
}

// left is what programs of each version left in a database, beyond what the version
// before did.
var left = [][]statement{
	1: {
		{`UPDATE ledger SET serial = 3, newest = $1`, []any{int64(now)}},
		{`INSERT INTO grants (serial, duty, tag, signer, holder, issued_at, expires, reference, withdrawn, object)
			VALUES (1, $1, $2, $3, $4, $5, $6, $7, 0, $8)`, oldGrant(1)},
		{`INSERT INTO grants (serial, duty, tag, signer, holder, issued_at, expires, reference, withdrawn, object)
			VALUES (2, $1, $2, $3, $4, $5, $6, $7, 0, $8)`, oldGrant(2)},
		{`INSERT INTO grants (serial, duty, tag, signer, holder, issued_at, expires, reference, withdrawn, object)
			VALUES (3, $1, $2, $3, $4, $5, $6, $7, 0, $8)`, oldGrant(3)},
	},
	2: {
		{`UPDATE grants SET withdrawn = $1 WHERE serial = 2`, []any{int64(now)}},
		{`INSERT INTO lists (signer, version, least) VALUES ($1, 7, 0)`, []any{signer[:]}},
	},
	3: {},
	4: {
		{`INSERT INTO receipts (number, digest, lock, object, certificate) VALUES (1, $1, $2, $3, $4)`, []any{make([]byte, 32), make([]byte, 8), []byte{1}, []byte{2}}},
	},
	5: {},
}

// oldGrant returns the columns of the n-th grant as every version had them.
func oldGrant(n uint32) []any {
	r := record(n)
	return []any{r.Duty[:], r.Tag[:], r.Signer[:], r.Holder[:], int64(r.IssuedAt), int64(r.Expires), r.Reference[:], r.Grant}
}

func TestEveryOlderVersionIsBroughtUp(t *testing.T) {
	require.Len(t, left, sqlstore.Newest()+1, "say what the newest version leaves")
	onBoth(t, func(t *testing.T, fresh string) {
		want := columns(t, open(t, fresh))
		for version := range sqlstore.Newest() {
			t.Run(fmt.Sprint(version), func(t *testing.T) {
				dsn := another(t, fresh)
				leave(t, dsn, version)
				s := open(t, dsn)
				require.Equal(t, want, columns(t, s))
				requireLeft(t, s, version)
			})
		}
	})
}

// another returns the address of an empty database of the same kind.
func another(t *testing.T, dsn string) string {
	if sqlstore.IsPostgres(dsn) {
		return postgres(t)
	}
	return filepath.Join(t.TempDir(), "ledger.db")
}

// leave leaves what programs up to the version did.
func leave(t *testing.T, dsn string, version int) {
	old, err := sqlstore.OpenAt(t.Context(), dsn, version)
	require.NoError(t, err)
	for _, all := range left[:version+1] {
		for _, s := range all {
			_, err := sqlstore.DB(old).ExecContext(t.Context(), s.query, s.args...)
			require.NoError(t, err)
		}
	}
	require.NoError(t, old.Close())
}

// requireLeft holds a ledger to what programs up to the version left, and to go on
// from there.
func requireLeft(t *testing.T, s *sqlstore.Store, version int) {
	var want []ledger.Record
	for n := range uint32(3) {
		if version == 0 {
			break
		}
		r := record(n + 1)
		r.Serial = uint64(n + 1)
		if n == 1 && version >= 2 {
			r.Withdrawn = now
		}
		want = append(want, r)
	}
	got, err := s.Since(t.Context(), 0, 10)
	require.NoError(t, err)
	require.Equal(t, want, got)
	kept, err := s.Commit(t.Context(), now, []ledger.Record{record(9)})
	require.NoError(t, err)
	require.EqualValues(t, len(want)+1, kept[0].Serial)
	list, err := s.NextList(t.Context(), signer, now, longest)
	require.NoError(t, err)
	if version >= 2 {
		require.EqualValues(t, 8, list.Version)
		require.Equal(t, []credential.Denial{{Tag: record(2).Tag, Expires: record(2).Expires}}, list.Denied)
	}
	require.NoError(t, s.Place(t.Context(), []ledger.Box{{Lock: credential.LockID{1}, Area: []byte("75001")}}))
	receipts, err := s.Book().Receipts(t.Context(), 0, 10)
	require.NoError(t, err)
	if version >= 4 {
		require.Len(t, receipts, 1)
		require.Equal(t, now, receipts[0].Came, "about when the newest grant was issued")
	}
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		s := open(t, dsn)
		_, err := sqlstore.DB(s).ExecContext(t.Context(), `INSERT INTO postern_migrations (version) VALUES ($1)`, sqlstore.Newest()+1)
		require.NoError(t, err)
		_, err = sqlstore.Open(t.Context(), dsn)
		require.ErrorIs(t, err, sqlstore.ErrNewer)
		require.ErrorContains(t, err, fmt.Sprintf("it has version %d, this program knows %d", sqlstore.Newest()+1, sqlstore.Newest()))
	})
}

func TestForeignDatabaseIsRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		s, err := sqlstore.OpenAt(t.Context(), dsn, 0)
		require.NoError(t, err)
		_, err = sqlstore.DB(s).ExecContext(t.Context(), `DROP TABLE postern_migrations`)
		require.NoError(t, err)
		_, err = sqlstore.DB(s).ExecContext(t.Context(), `CREATE TABLE recipes (cake TEXT)`)
		require.NoError(t, err)
		_, err = sqlstore.Open(t.Context(), dsn)
		require.ErrorIs(t, err, sqlstore.ErrForeign)
		require.Equal(t, map[string][]string{"recipes": {"cake"}}, columns(t, s), "it was left alone")
		require.NoError(t, s.Close())
	})
}

func TestManyStartAtOnceOnAnEmptyDatabase(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		stores, errs := make([]*sqlstore.Store, 8), make([]error, 8)
		var wg sync.WaitGroup
		for i := range stores {
			wg.Go(func() { stores[i], errs[i] = sqlstore.Open(t.Context(), dsn) })
		}
		wg.Wait()
		for i, s := range stores {
			require.NoError(t, errs[i])
			defer s.Close()
		}
		for i, s := range stores {
			kept, err := s.Commit(t.Context(), now, []ledger.Record{record(uint32(i))})
			require.NoError(t, err)
			require.EqualValues(t, i+1, kept[0].Serial)
		}
	})
}

func TestBrokenMigrationLeavesTheDatabaseAsItWas(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		leave(t, dsn, 1)
		s, err := sqlstore.OpenAt(t.Context(), dsn, 1)
		require.NoError(t, err)
		defer s.Close()
		_, err = sqlstore.DB(s).ExecContext(t.Context(), `CREATE TABLE lists (stray TEXT)`)
		require.NoError(t, err)
		before := columns(t, s)
		_, err = sqlstore.Open(t.Context(), dsn)
		require.ErrorContains(t, err, "to version 2")
		require.Equal(t, before, columns(t, s))
	})
}

func TestNamesThatAreNoDatabase(t *testing.T) {
	folder := t.TempDir()
	for name, dsn := range map[string]string{
		"nothing":                  "",
		"memory, which forgets":    ":memory:",
		"a zero byte":              folder + "/a\x00b",
		"a folder":                 folder,
		"a folder that is missing": filepath.Join(folder, "missing", "ledger.db"),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := sqlstore.Open(t.Context(), dsn)
			require.ErrorContains(t, err, "sqlstore: ")
		})
	}
	left, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestStrangeNamesAreFiles(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"a b.db", "a?mode=memory", "100%41.db", "a#b", "file:a", "é", "a&_synchronous=OFF"} {
		s := open(t, filepath.Join(folder, name))
		require.NoError(t, s.Place(t.Context(), []ledger.Box{{Lock: credential.LockID{1}, Area: []byte("1")}}))
		require.FileExists(t, filepath.Join(folder, name))
	}
}

func TestAddressOfAnotherKindIsNoFile(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, dsn := range []string{
		"host=db user=issuer dbname=ledger", "dbname=ledger", "mysql://user:sesame@db/ledger", "Postgres://issuer@db/ledger", "file:///ledger.db",
	} {
		_, err := sqlstore.Open(t.Context(), dsn)
		require.ErrorContains(t, err, "say postgres://user@host/name", dsn)
		require.NotContains(t, err.Error(), "sesame")
	}
	made, err := os.ReadDir(".")
	require.NoError(t, err)
	require.Empty(t, made)
}

func TestPasswordIsNotInErrors(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, dsn := range []string{
		"postgres://user:sesame@localhost:bad/x",
		"postgres://user:sesame@localhost:1/x?sslmode=nonsense",
		"postgres://user:sesame@127.0.0.1:1/x?connect_timeout=1",
		"postgres://user:ses%zzame@127.0.0.1:1/x",
	} {
		_, err := sqlstore.Open(ctx, dsn)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "ame@")
		require.NotContains(t, err.Error(), "sesame")
	}
}

// columns returns the columns of every table, in the order of their names.
func columns(t *testing.T, s *sqlstore.Store) map[string][]string {
	t.Helper()
	db := sqlstore.DB(s)
	query := `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY 1, 2`
	if isSQLite(db) {
		query = `SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY 1, 2`
	}
	rows, err := db.QueryContext(t.Context(), query)
	require.NoError(t, err)
	defer rows.Close()
	all := make(map[string][]string)
	for rows.Next() {
		var table, column string
		require.NoError(t, rows.Scan(&table, &column))
		all[table] = append(all[table], column)
	}
	require.NoError(t, rows.Err())
	return all
}

func isSQLite(db *sql.DB) bool {
	return strings.Contains(fmt.Sprintf("%T", db.Driver()), "sqlite")
}

func TestDatabaseHoldsNoPersonalData(t *testing.T) {
	// All that there is: keys and their ids, numbers, codes, times, and signed
	// objects, which hold the same.  A new column belongs here only where it cannot
	// hold what tells of a person.
	want := map[string][]string{
		"postern_migrations": {"version"},
		"ledger":             {"id", "newest", "serial"},
		"grants":             {"bystander", "duty", "expires", "holder", "issued_at", "object", "reference", "serial", "signer", "tag", "withdrawn"},
		"lists":              {"least", "signer", "version"},
		"boxes":              {"area", "lock", "log_wanted"},
		"policies":           {"lock", "object", "signer", "tag", "version", "waiting"},
		"revocations":        {"object", "signer", "tag", "version"},
		"pages":              {"digest", "lock", "object", "position"}, // sealed for the owner
		"owners":             {"lock", "owner", "posted", "reached", "sequence"},
		"nonces":             {"expires", "nonce"},
		"couriers":           {"courier", "digest", "lock"},
		"claims":             {"courier", "lock", "tag"},
		"receipts":           {"came", "certificate", "digest", "lock", "number", "object"},
		"book":               {"id", "receipt"},
	}
	onBoth(t, func(t *testing.T, dsn string) {
		require.Equal(t, want, columns(t, open(t, dsn)))
	})
}

func TestTextsHaveNoPlaceInTheDatabase(t *testing.T) {
	names, err := filepath.Glob("migrations/*.sql")
	require.NoError(t, err)
	require.Len(t, names, sqlstore.Newest())
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		require.NotContains(t, string(bytes.ToUpper(text)), "TEXT")
	}
}
