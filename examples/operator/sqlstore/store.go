package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"strings"

	"github.com/postern-lock/postern/issuer/ledger"
)

// ErrMoved says that the file of a SQLite database was removed or replaced while it
// was open.  What was being written is not committed.  Stop every program that has
// it open, put the file back together with those beside it, and start again.
var ErrMoved = errors.New("file of the database is no longer in its place")

// Store is a ledger on a database.  It is safe for concurrent use, and other
// processes may use the database at the same time.
type Store struct {
	ledger.Store // with its arguments checked
	inner        *store
}

// store is a ledger whose arguments are within their bounds.
type store struct {
	dialect *dialect
	place   string      // of the database: a file's name, or what tells no password
	file    os.FileInfo // nil for PostgreSQL, and until the file is there
	read    *sql.DB
	write   *sql.DB
}

// Open opens the database, makes the tables where it is empty, and brings them up to
// date where an older version of this package made them.  The DSN is the address
// of a PostgreSQL database that exists (postgres://user@host/name), or else the name
// of a SQLite file, which is made where there is none, for nobody else to read.
//
// Errors: [ErrNewer], [ErrForeign], or the database's own.  No error shows a
// password.
func Open(ctx context.Context, dsn string) (*Store, error) {
	s, err := open(dsn)
	if err != nil {
		return nil, err
	}
	all, err := migrations()
	if err == nil {
		err = s.migrate(ctx, all)
	}
	if err == nil && !IsPostgres(dsn) {
		s.file, err = os.Stat(dsn)
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return &Store{Store: ledger.Checked(s), inner: s}, nil
}

// Close closes the database.
func (s *Store) Close() error { return s.inner.close() }

// open returns the store on a database that it has not looked at yet.
func open(dsn string) (*store, error) {
	if IsPostgres(dsn) {
		return openPostgres(dsn)
	}
	return openSQLite(dsn)
}

// IsPostgres reports whether a DSN is the address of a PostgreSQL database; any other
// is the name of a file.
func IsPostgres(dsn string) bool {
	return strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")
}

func (s *store) close() error {
	err := s.write.Close()
	if s.read != s.write {
		err = errors.Join(err, s.read.Close())
	}
	return err
}
