package sqlstore

import (
	"context"
	"database/sql"
	"errors"
)

// OpenAt opens a database and brings it to an older version, as the program of
// that time did.
func OpenAt(ctx context.Context, dsn string, version int) (*Store, error) {
	s, err := open(dsn)
	if err != nil {
		return nil, err
	}
	all, err := migrations()
	if err == nil {
		err = s.migrate(ctx, all[:version])
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return &Store{inner: s}, nil
}

// Newest returns the version that this program makes.
func Newest() int {
	all, err := migrations()
	if err != nil {
		panic(err)
	}
	return len(all)
}

// DB returns the database itself.
func DB(s *Store) *sql.DB { return s.inner.write }

// Tables returns the columns of every table that Copy copies.
func Tables() map[string]string {
	all := make(map[string]string)
	for _, t := range tables {
		all[t.name] = t.columns
	}
	return all
}
