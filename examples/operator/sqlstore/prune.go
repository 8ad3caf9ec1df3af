package sqlstore

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer/ledger"
)

// pruneStep is how many grants one transaction of Prune looks at, so that issuers
// wait for it no longer than for each other.
const pruneStep = 1024

// Prune forgets grants that are over at the time, and returns how many.  It begins
// with the first serial and ends before the first grant that is not over: so the
// serials that stay have no gap, and one that was given is never given again.
// Whoever reads with Since and gets another serial than the next one was away for too
// long, and must look elsewhere for those between.
//
// A duty whose grant is forgotten is a new duty: the time must be so long ago that
// nobody asks for its duties again, and by the longest grant at the least, since lists
// name a withdrawn grant until it is older than that (ledger.Publisher).  ErrInvalid says that it is after the newest
// grant was issued.
func (s *Store) Prune(ctx context.Context, over credential.Time) (int, error) {
	total := 0
	for {
		n, err := s.inner.prune(ctx, over)
		total += n
		if err != nil || n < pruneStep {
			return total, err
		}
	}
}

// prune forgets one step of grants.
func (s *store) prune(ctx context.Context, over credential.Time) (n int, err error) {
	err = s.change(ctx, "prune", func(tx *sql.Tx) error {
		n = 0
		c, err := s.counter(ctx, tx, true)
		switch {
		case err != nil:
			return err
		case over > c.newest:
			return fmt.Errorf("%w: what is over at %s is to be forgotten, and the newest grant was issued at %s", ledger.ErrInvalid, over, c.newest)
		}
		ended, last := false, int64(0)
		err = each(ctx, tx, `SELECT serial, expires FROM grants ORDER BY serial LIMIT $1`, []any{pruneStep}, func(rows *sql.Rows) error {
			var serial int64
			var expires credential.Time
			err := rows.Scan(&serial, &expires)
			if ended = ended || expires > over; !ended {
				last = serial
				n++
			}
			return err
		})
		if err != nil || n == 0 {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM grants WHERE serial <= $1`, last)
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}
