package sqlstore

import (
	"context"
	"database/sql"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/book"
)

func (n notes) Claim(ctx context.Context, claims []book.Claim, most int) error {
	return n.change(ctx, "note who says that he delivered", func(tx *sql.Tx) error {
		if err := n.hold(ctx, tx); err != nil { // the couriers of a lock are counted
			return err
		}
		for _, c := range claims {
			if _, err := tx.ExecContext(ctx, `DELETE FROM claims WHERE lock = $1 AND tag <> $2`, c.Lock[:], c.Tag[:]); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, `INSERT INTO claims (lock, courier, tag) SELECT lock, $1, $2 FROM boxes
				WHERE lock = $3 AND (SELECT count(*) FROM claims WHERE lock = $3) < $4 ON CONFLICT (lock, courier) DO NOTHING`,
				c.Courier[:], c.Tag[:], c.Lock[:], most)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (n notes) Claims(ctx context.Context, locks []credential.LockID) (all []book.Claim, err error) {
	err = n.look(ctx, "read who says that he delivered", func(tx *sql.Tx) error {
		all = nil
		for piece := range pieces(locks) {
			err := each(ctx, tx, `SELECT lock, courier, tag FROM claims WHERE lock IN `+n.dialect.tuples(1, 1, len(piece)), lockArgs(piece), func(rows *sql.Rows) error {
				var c book.Claim
				err := rows.Scan(fixed(c.Lock[:]), fixed(c.Courier[:]), fixed(c.Tag[:]))
				all = append(all, c)
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return all, err
}

func (n notes) Settle(ctx context.Context, locks []credential.LockID) error {
	return n.change(ctx, "forget who said that he delivered", func(tx *sql.Tx) error {
		for piece := range pieces(locks) {
			if _, err := tx.ExecContext(ctx, `DELETE FROM claims WHERE lock IN `+n.dialect.tuples(1, 1, len(piece)), lockArgs(piece)...); err != nil {
				return err
			}
		}
		return nil
	})
}

// lockArgs returns locks as parameters.
func lockArgs(locks []credential.LockID) []any {
	args := make([]any, len(locks))
	for i := range locks {
		args[i] = locks[i][:]
	}
	return args
}
