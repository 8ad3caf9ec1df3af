package sqlstore

import (
	"context"
	"database/sql"
	"slices"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/book"
)

func (n notes) Claim(ctx context.Context, claims []book.Claim, most int) error {
	claims = slices.Clone(claims)
	slices.SortStableFunc(claims, func(a, b book.Claim) int { return compareLocks(a.Lock, b.Lock) })
	return n.change(ctx, "note who says that he delivered", func(tx *sql.Tx) error {
		for piece := range pieces(claims) {
			if err := n.claim(ctx, tx, piece, most); err != nil {
				return err
			}
		}
		return nil
	})
}

// claim notes what couriers say of some locks, whose rows it holds in the order of
// the locks: the couriers of each are counted.
func (n notes) claim(ctx context.Context, tx *sql.Tx, claims []book.Claim, most int) error {
	locks := make([]credential.LockID, len(claims))
	for i, c := range claims {
		locks[i] = c.Lock
	}
	held := `SELECT lock FROM boxes WHERE lock IN ` + n.dialect.tuples(1, 1, len(locks)) + ` ORDER BY lock` + n.dialect.lock
	if err := each(ctx, tx, held, lockArgs(locks), func(*sql.Rows) error { return nil }); err != nil {
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
