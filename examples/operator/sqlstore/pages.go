package sqlstore

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer/ledger"
)

func (s *store) WantLog(ctx context.Context, lock credential.LockID, wanted bool) error {
	return s.change(ctx, "note who waits for a log", func(tx *sql.Tx) error {
		if _, err := known(ctx, tx, lock, s.dialect.lock); err != nil {
			return err
		}
		n := 0
		if wanted {
			n = 1
		}
		_, err := tx.ExecContext(ctx, `UPDATE boxes SET log_wanted = $1 WHERE lock = $2`, n, lock[:])
		return err
	})
}

func (s *store) Bring(ctx context.Context, lock credential.LockID, pages [][]byte) error {
	return s.change(ctx, "keep pages of a log", func(tx *sql.Tx) error {
		// Whoever brings pages of the same lock waits here.
		wanted, err := known(ctx, tx, lock, s.dialect.lock)
		switch {
		case err != nil:
			return err
		case !wanted:
			return fmt.Errorf("%w: nobody waits for the log of lock %s", ledger.ErrUnknown, lock)
		}
		there := make(map[[sha256.Size]byte]bool)
		last := int64(0)
		err = each(ctx, tx, `SELECT digest, position FROM pages WHERE lock = $1`, []any{lock[:]}, func(rows *sql.Rows) error {
			var digest [sha256.Size]byte
			var position int64
			err := rows.Scan(fixed(digest[:]), &position)
			there[digest], last = true, max(last, position)
			return err
		})
		if err != nil {
			return err
		}
		for _, page := range pages {
			digest := sha256.Sum256(page)
			if there[digest] {
				continue
			}
			there[digest] = true
			if len(there) > ledger.MaxPages {
				return fmt.Errorf("%w: more than %d pages of lock %s would wait for its owner", ledger.ErrFull, ledger.MaxPages, lock)
			}
			last++
			_, err := tx.ExecContext(ctx, `INSERT INTO pages (lock, digest, position, object) VALUES ($1, $2, $3, $4)`, lock[:], digest[:], last, page)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *store) Pages(ctx context.Context, lock credential.LockID) (pages [][]byte, err error) {
	err = s.look(ctx, "read pages of a log", func(tx *sql.Tx) error {
		pages = nil
		if _, err := known(ctx, tx, lock, ""); err != nil {
			return err
		}
		return each(ctx, tx, `SELECT object FROM pages WHERE lock = $1 ORDER BY position`, []any{lock[:]}, func(rows *sql.Rows) error {
			var page []byte
			err := rows.Scan(&page)
			pages = append(pages, page)
			return err
		})
	})
	return pages, err
}

func (s *store) Taken(ctx context.Context, lock credential.LockID, pages [][]byte) error {
	return s.change(ctx, "forget pages of a log", func(tx *sql.Tx) error {
		if _, err := known(ctx, tx, lock, s.dialect.lock); err != nil {
			return err
		}
		for piece := range pieces(pages) {
			args := []any{lock[:]}
			for _, page := range piece {
				digest := sha256.Sum256(page)
				args = append(args, digest[:])
			}
			if _, err := tx.ExecContext(ctx, `DELETE FROM pages WHERE lock = $1 AND digest IN `+s.dialect.tuples(2, 1, len(piece)), args...); err != nil {
				return err
			}
		}
		return nil
	})
}
