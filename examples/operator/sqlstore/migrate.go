package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// What Open says no to.
var (
	// ErrNewer says that a newer version of this package made the database.
	ErrNewer = errors.New("database is newer than this program; use the newer program, or its backup from before")
	// ErrForeign says that the database has tables, and they are not a ledger's.
	ErrForeign = errors.New("database belongs to another program; name an empty one")
)

//go:embed migrations/*.sql
var files embed.FS

// migrations returns the texts of the migrations, of which the first leads from
// an empty database to version 1.
func migrations() ([]string, error) {
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var all []string
	for i, name := range names {
		if !strings.HasPrefix(name, fmt.Sprintf("migrations/%04d_", i+1)) {
			return nil, fmt.Errorf("sqlstore: migration %d is missing before %s", i+1, name)
		}
		text, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		all = append(all, string(text))
	}
	return all, nil
}

// migrate brings the database up to the version that all of the migrations make,
// in one transaction.  Where several programs start at once, the first does it.
func (s *store) migrate(ctx context.Context, all []string) error {
	return s.change(ctx, "open "+s.place, func(tx *sql.Tx) error {
		if s.dialect.one != "" {
			if _, err := tx.ExecContext(ctx, s.dialect.one); err != nil {
				return err
			}
		}
		version, err := s.version(ctx, tx)
		if err != nil {
			return err
		}
		if version > len(all) {
			return fmt.Errorf("%w: it has version %d, this program knows %d", ErrNewer, version, len(all))
		}
		for i, text := range all[version:] {
			if _, err := tx.ExecContext(ctx, s.dialect.schema.Replace(text)); err != nil {
				return fmt.Errorf("to version %d: %w", version+i+1, err)
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO postern_migrations (version) VALUES ($1)`, version+i+1); err != nil {
				return err
			}
		}
		return nil
	})
}

// version returns the version of the database, and 0 for an empty one, in which
// it makes the table of versions.
func (s *store) version(ctx context.Context, tx *sql.Tx) (int, error) {
	var tables, ours int
	if err := tx.QueryRowContext(ctx, s.dialect.ours).Scan(&tables, &ours); err != nil {
		return 0, err
	}
	switch {
	case tables > 0 && ours == 0:
		return 0, ErrForeign
	case tables == 0:
		_, err := tx.ExecContext(ctx, s.dialect.schema.Replace("CREATE TABLE postern_migrations (version INTEGER NOT NULL PRIMARY KEY) STRICT;"))
		return 0, err
	}
	var version int
	err := tx.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM postern_migrations`).Scan(&version)
	return version, err
}
