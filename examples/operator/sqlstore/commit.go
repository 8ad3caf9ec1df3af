package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer/ledger"
)

func (s *store) Commit(ctx context.Context, at credential.Time, given []ledger.Record) (kept []ledger.Record, err error) {
	err = s.change(ctx, "commit grants", func(tx *sql.Tx) error {
		kept, err = s.commit(ctx, tx, at, given)
		return err
	})
	if err != nil {
		return nil, err
	}
	return kept, nil
}

func (s *store) commit(ctx context.Context, tx *sql.Tx, at credential.Time, given []ledger.Record) ([]ledger.Record, error) {
	// From here on nobody else commits, until this transaction ends.
	c, err := s.counter(ctx, tx, true)
	if err != nil {
		return nil, err
	}
	duties := make([]ledger.DutyID, len(given))
	for i, r := range given {
		duties[i] = r.Duty
		if err := c.behind(min(at, r.IssuedAt)); err != nil {
			return nil, err
		}
	}
	known, err := s.ofDuties(ctx, tx, duties)
	if err != nil {
		return nil, err
	}
	kept := make([]ledger.Record, len(given))
	var fresh []ledger.Record
	for i, r := range given {
		if there, ok := known[r.Duty]; ok {
			kept[i] = there
			continue
		}
		c.serial++
		c.newest = max(c.newest, r.IssuedAt)
		r.Serial = c.serial
		r.Grant = append([]byte(nil), r.Grant...)
		kept[i] = r
		fresh = append(fresh, r)
	}
	if err := stand(ctx, tx, fresh); err != nil {
		return nil, err
	}
	return kept, s.insert(ctx, tx, c, fresh)
}

// stand refuses records that are older than what their signer denies.
func stand(ctx context.Context, tx *sql.Tx, fresh []ledger.Record) error {
	least := make(map[credential.KeyID]credential.Time)
	for _, r := range fresh {
		l, ok := least[r.Signer]
		if !ok {
			err := tx.QueryRowContext(ctx, `SELECT least FROM lists WHERE signer = $1`, r.Signer[:]).Scan(&l)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
			least[r.Signer] = l
		}
		if r.IssuedAt < l {
			return fmt.Errorf("%w: the grant of duty %s is issued at %s, and its signer denies all before %s", ledger.ErrClock, r.Duty, r.IssuedAt, l)
		}
	}
	return nil
}

// insert adds the records and moves the counter on.
func (s *store) insert(ctx context.Context, tx *sql.Tx, c counter, fresh []ledger.Record) error {
	if len(fresh) == 0 {
		return nil
	}
	args := make([]any, 0, grantWidth*maxPiece)
	for piece := range pieces(fresh) {
		args = args[:0]
		for i := range piece {
			args = row(args, &piece[i])
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO grants (`+grantColumns+`) VALUES `+s.dialect.tuples(1, len(piece), grantWidth), args...)
		switch {
		case err != nil && s.dialect.fault(err) == faultTag:
			return fmt.Errorf("%w: a duty has the grant of another: %w", ledger.ErrConflict, err)
		case err != nil:
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `UPDATE ledger SET serial = $1, newest = $2 WHERE id = 1`, int64(c.serial), int64(c.newest))
	return err
}
