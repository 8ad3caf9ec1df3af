package service

import (
	"flag"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/examples/operator/book"
	"github.com/postern-lock/postern/examples/operator/sqlstore"
	"github.com/postern-lock/postern/examples/operator/sqlstore/pgtest"
	"github.com/postern-lock/postern/issuer/ledger"
)

var onPostgres = flag.Bool("postgres", false, "run every test on a PostgreSQL server of its own besides")

// media are the stores that tests run on.
var media = map[string]func(t *testing.T) (ledger.Store, book.Book){
	"memory": func(*testing.T) (ledger.Store, book.Book) { return ledger.NewMemory(), book.NewMemory() },
	"SQLite": func(t *testing.T) (ledger.Store, book.Book) {
		return opened(t, filepath.Join(t.TempDir(), "ledger.db"))
	},
	"PostgreSQL": postgres,
}

func opened(t testing.TB, dsn string) (ledger.Store, book.Book) {
	s, err := sqlstore.Open(t.Context(), dsn)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s, s.Book()
}

// server is the PostgreSQL server of all tests, once one of them needed it.
var server = sync.OnceValues(func() (*pgtest.Server, error) { return pgtest.Start() })

func postgres(t *testing.T) (ledger.Store, book.Book) {
	if !*onPostgres {
		t.Skip("see -postgres")
	}
	running, err := server()
	require.NoError(t, err)
	return opened(t, running.Database(t))
}

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if *onPostgres {
		if running, err := server(); err == nil && running.Stop() != nil {
			code = 1
		}
	}
	os.Exit(code)
}
