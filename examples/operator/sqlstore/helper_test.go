package sqlstore_test

import (
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/sqlstore"
	"github.com/postern-lock/postern/examples/operator/sqlstore/pgtest"
	"github.com/postern-lock/postern/issuer/ledger"
)

var needPostgres = flag.Bool("postgres", false, "fail where there is no PostgreSQL, instead of skipping its tests")

// running is the server of all tests, once one of them needed it.
var running *pgtest.Server

var server = sync.OnceValue(func() (err error) {
	running, err = pgtest.Start()
	return err
})

func TestMain(m *testing.M) {
	if len(os.Args) == 5 && os.Args[1] == asIssuer {
		fmt.Fprintln(os.Stderr, issuer(os.Args[2], os.Args[3], os.Args[4]))
		os.Exit(1)
	}
	code := m.Run()
	if running != nil {
		if err := running.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// postgres returns the address of an empty database on a real server.
func postgres(t testing.TB) string {
	t.Helper()
	err := server()
	if errors.Is(err, pgtest.ErrMissing) && !*needPostgres {
		t.Skip(err)
	}
	require.NoError(t, err)
	return running.Database(t)
}

// databases are the two kinds, and how to get the address of an empty one.
var databases = []struct {
	name  string
	empty func(testing.TB) string
}{
	{"SQLite", func(t testing.TB) string { return filepath.Join(t.TempDir(), "ledger.db") }},
	{"PostgreSQL", postgres},
}

// onBoth runs a test on an empty database of each kind.
func onBoth(t *testing.T, test func(t *testing.T, dsn string)) {
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) { test(t, d.empty(t)) })
	}
}

// open opens the database until the test ends.
func open(t testing.TB, dsn string) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), dsn)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

const (
	now credential.Time = 1_803_888_000 // 2027-03-01T08:00:00Z
	day credential.Time = 86400

	longest = 24 * time.Hour // of a grant
)

var signer, holder = credential.KeyID{0x90, 1}, credential.KeyID{0xa0, 2}

// record returns the n-th of many records that differ.
func record(n uint32) ledger.Record {
	r := ledger.Record{Signer: signer, Holder: holder, IssuedAt: now, Expires: now + day, Grant: fmt.Appendf(nil, "grant %d", n)}
	binary.BigEndian.PutUint32(r.Duty[:], n+1)
	binary.BigEndian.PutUint32(r.Tag[:], n+1)
	return r
}
