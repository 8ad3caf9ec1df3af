package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"math"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer/ledger"
)

// grantColumns are the columns of a record, as recordOf and row have them.
const (
	grantColumns = `serial, duty, tag, signer, holder, issued_at, expires, reference, withdrawn, bystander, object`
	grantWidth   = 11
)

// recordOf scans a record.
func recordOf(rows *sql.Rows) (r ledger.Record, err error) {
	err = rows.Scan(&r.Serial, fixed(r.Duty[:]), fixed(r.Tag[:]), fixed(r.Signer[:]), fixed(r.Holder[:]),
		&r.IssuedAt, &r.Expires, fixed(r.Reference[:]), &r.Withdrawn, &r.Bystander, &r.Grant)
	return r, err
}

// row returns what the database keeps of a record.
func row(args []any, r *ledger.Record) []any {
	return append(args, int64(r.Serial), r.Duty[:], r.Tag[:], r.Signer[:], r.Holder[:],
		int64(r.IssuedAt), int64(r.Expires), r.Reference[:], int64(r.Withdrawn), 0, r.Grant)
}

// records returns the records that the rest of a query asks for.
func records(ctx context.Context, tx *sql.Tx, where string, args ...any) ([]ledger.Record, error) {
	var all []ledger.Record
	err := each(ctx, tx, `SELECT `+grantColumns+` FROM grants WHERE `+where, args, func(rows *sql.Rows) error {
		r, err := recordOf(rows)
		all = append(all, r)
		return err
	})
	return all, err
}

// ofDuties returns the records of duties, by duty.
func (s *store) ofDuties(ctx context.Context, tx *sql.Tx, duties []ledger.DutyID) (map[ledger.DutyID]ledger.Record, error) {
	found := make(map[ledger.DutyID]ledger.Record)
	for piece := range pieces(duties) {
		args := make([]any, len(piece))
		for i := range piece {
			args[i] = piece[i][:]
		}
		some, err := records(ctx, tx, `duty IN `+s.dialect.tuples(1, 1, len(piece)), args...)
		if err != nil {
			return nil, err
		}
		for _, r := range some {
			found[r.Duty] = r
		}
	}
	return found, nil
}

func (s *store) Find(ctx context.Context, duties []ledger.DutyID) (found []ledger.Record, err error) {
	err = s.look(ctx, "find grants", func(tx *sql.Tx) error {
		found = nil
		known, err := s.ofDuties(ctx, tx, duties)
		for _, d := range duties {
			if r, ok := known[d]; ok {
				found = append(found, r)
			}
		}
		return err
	})
	return found, err
}

func (s *store) Since(ctx context.Context, serial uint64, limit int) (newer []ledger.Record, err error) {
	if serial > math.MaxInt64 {
		return nil, nil
	}
	err = s.look(ctx, "read grants", func(tx *sql.Tx) error {
		newer, err = records(ctx, tx, `serial > $1 ORDER BY serial LIMIT $2`, int64(serial), limit)
		return err
	})
	return newer, err
}

func (s *store) Held(ctx context.Context, holder credential.KeyID, at credential.Time) (held []ledger.Record, err error) {
	err = s.look(ctx, "read a holder's grants", func(tx *sql.Tx) error {
		held, err = records(ctx, tx, `holder = $1 AND expires > $2 AND withdrawn = 0 ORDER BY serial LIMIT $3`,
			holder[:], int64(at), ledger.MaxNewest)
		return err
	})
	return held, err
}

// counter is the row that whoever commits grants holds.
type counter struct {
	serial uint64
	newest credential.Time
}

// counter reads the counter; held, until the transaction ends.
func (s *store) counter(ctx context.Context, tx *sql.Tx, held bool) (c counter, err error) {
	query := `SELECT serial, newest FROM ledger WHERE id = 1`
	if held {
		query += s.dialect.lock
	}
	err = tx.QueryRowContext(ctx, query).Scan(&c.serial, &c.newest)
	return c, err
}

// behind refuses a time that is too far behind the newest.
func (c counter) behind(at credential.Time) error {
	if uint64(at)+uint64(ledger.ClockTolerance) < uint64(c.newest) {
		return fmt.Errorf("%w: it is %s, and the newest grant was issued at %s", ledger.ErrClock, at, c.newest)
	}
	return nil
}
