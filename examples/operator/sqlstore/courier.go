package sqlstore

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer/ledger"
)

// maxArea is how many bytes a lock's area code has at most (section 4.7).
const maxArea = 16

func (s *store) Place(ctx context.Context, boxes []ledger.Box) error {
	return s.change(ctx, "place locks", func(tx *sql.Tx) error {
		for piece := range pieces(boxes) {
			var args []any
			for i := range piece {
				args = append(args, piece[i].Lock[:], piece[i].Area, 0)
			}
			_, err := tx.ExecContext(ctx, `INSERT INTO boxes (lock, area, log_wanted) VALUES `+s.dialect.tuples(1, len(piece), 3)+`
				ON CONFLICT (lock) DO UPDATE SET area = excluded.area`, args...)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// known refuses a lock that the store does not know, and tells whether its log is
// wanted.
func known(ctx context.Context, tx *sql.Tx, lock credential.LockID, held string) (wanted bool, err error) {
	err = tx.QueryRowContext(ctx, `SELECT log_wanted FROM boxes WHERE lock = $1`+held, lock[:]).Scan(&wanted)
	if err == sql.ErrNoRows {
		return false, fmt.Errorf("%w: lock %s; place it first", ledger.ErrUnknown, lock)
	}
	return wanted, err
}

func (s *store) Post(ctx context.Context, d ledger.Document) error {
	return s.change(ctx, "post a document", func(tx *sql.Tx) error {
		if d.Lock == (credential.LockID{}) {
			return postList(ctx, tx, d)
		}
		if _, err := known(ctx, tx, d.Lock, ""); err != nil {
			return err
		}
		done, err := tx.ExecContext(ctx, `INSERT INTO policies (lock, signer, version, tag, object, waiting) VALUES ($1, $2, $3, $4, $5, 1)
			ON CONFLICT (lock) DO UPDATE SET signer = excluded.signer, version = excluded.version, tag = excluded.tag,
				object = excluded.object, waiting = 1
			WHERE excluded.version > policies.version`, d.Lock[:], d.Signer[:], int64(d.Version), d.Tag[:], d.Bytes)
		if err != nil {
			return err
		}
		return posted(done, d, tx.QueryRowContext(ctx, `SELECT version, tag FROM policies WHERE lock = $1`, d.Lock[:]))
	})
}

// postList posts a revocation list; no list that is reserved later has its version.
func postList(ctx context.Context, tx *sql.Tx, d ledger.Document) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO lists (signer, version, least) VALUES ($1, $2, 0)
		ON CONFLICT (signer) DO UPDATE SET version = excluded.version WHERE excluded.version > lists.version`, d.Signer[:], int64(d.Version))
	if err != nil {
		return err
	}
	done, err := tx.ExecContext(ctx, `INSERT INTO revocations (signer, version, tag, object) VALUES ($1, $2, $3, $4)
		ON CONFLICT (signer) DO UPDATE SET version = excluded.version, tag = excluded.tag, object = excluded.object
		WHERE excluded.version > revocations.version`, d.Signer[:], int64(d.Version), d.Tag[:], d.Bytes)
	if err != nil {
		return err
	}
	return posted(done, d, tx.QueryRowContext(ctx, `SELECT version, tag FROM revocations WHERE signer = $1`, d.Signer[:]))
}

// posted says why a document was not taken: the one that is there is as new.
func posted(done sql.Result, d ledger.Document, row *sql.Row) error {
	n, err := done.RowsAffected()
	var version uint32
	var tag credential.Tag
	if scanned := row.Scan(&version, fixed(tag[:])); err == nil {
		err = scanned
	}
	switch {
	case err != nil || n > 0:
		return err
	case d.Version < version:
		return fmt.Errorf("%w: version %d, the ledger has %d", ledger.ErrSuperseded, d.Version, version)
	case d.Tag != tag:
		return fmt.Errorf("%w: version %d has the tag %s, in the ledger %s", ledger.ErrConflict, d.Version, d.Tag, tag)
	}
	return nil
}

func (s *store) Outbox(ctx context.Context, area []byte) (load ledger.Load, err error) {
	// Whatever begins with the area is between these two, and nothing else is.
	last := append(bytes.Clone(area), bytes.Repeat([]byte{0xff}, maxArea)...)
	err = s.look(ctx, "read the outbox", func(tx *sql.Tx) error {
		load = ledger.Load{}
		if load.Logs, err = inside(ctx, tx, area, last); err != nil {
			return err
		}
		// A CROSS JOIN makes SQLite begin with the boxes, however few policies wait.
		load.Policies, err = documents(ctx, tx, `SELECT p.signer, p.version, p.tag, p.object, p.lock
			FROM boxes b CROSS JOIN policies p
			WHERE b.area BETWEEN $1 AND $2 AND p.lock = b.lock AND p.waiting = 1 ORDER BY p.lock`, area, last)
		if err != nil {
			return err
		}
		load.Lists, err = lists(ctx, tx)
		return err
	})
	if err != nil {
		return ledger.Load{}, err
	}
	return load, nil
}

func (s *store) OutboxOf(ctx context.Context, locks []credential.LockID) (load ledger.Load, err error) {
	locks = slices.Clone(locks)
	slices.SortFunc(locks, compareLocks)
	locks = slices.Compact(locks)
	err = s.look(ctx, "read the outbox of locks", func(tx *sql.Tx) error {
		load = ledger.Load{}
		for piece := range pieces(locks) {
			if err := s.outboxOf(ctx, tx, piece, &load); err != nil {
				return err
			}
		}
		load.Lists, err = lists(ctx, tx)
		return err
	})
	if err != nil {
		return ledger.Load{}, err
	}
	return load, nil
}

// outboxOf adds what there is for some locks to a load.
func (s *store) outboxOf(ctx context.Context, tx *sql.Tx, piece []credential.LockID, load *ledger.Load) error {
	args := lockArgs(piece)
	in := s.dialect.tuples(1, 1, len(piece))
	waiting, err := documents(ctx, tx, `SELECT signer, version, tag, object, lock FROM policies WHERE waiting = 1 AND lock IN `+in+` ORDER BY lock`, args...)
	if err != nil {
		return err
	}
	load.Policies = append(load.Policies, waiting...)
	return each(ctx, tx, `SELECT lock FROM boxes WHERE log_wanted = 1 AND lock IN `+in+` ORDER BY lock`, args, func(rows *sql.Rows) error {
		var lock credential.LockID
		err := rows.Scan(fixed(lock[:]))
		load.Logs = append(load.Logs, lock)
		return err
	})
}

// lists returns the newest revocation list of each signer.
func lists(ctx context.Context, tx *sql.Tx) ([]ledger.Document, error) {
	return documents(ctx, tx, `SELECT signer, version, tag, object FROM revocations ORDER BY signer`)
}

func compareLocks(a, b credential.LockID) int { return bytes.Compare(a[:], b[:]) }

// inside counts the locks between two areas, and returns those whose log is
// wanted.
func inside(ctx context.Context, tx *sql.Tx, first, last []byte) (logs []credential.LockID, err error) {
	n := 0
	err = each(ctx, tx, `SELECT lock, log_wanted FROM boxes WHERE area BETWEEN $1 AND $2 LIMIT $3`,
		[]any{first, last, ledger.MaxBoxes + 1}, func(rows *sql.Rows) error {
			var lock credential.LockID
			var wanted bool
			err := rows.Scan(fixed(lock[:]), &wanted)
			if n++; wanted {
				logs = append(logs, lock)
			}
			return err
		})
	if err == nil && n > ledger.MaxBoxes {
		err = fmt.Errorf("%w: more than %d locks are in the area; ask for a longer prefix", ledger.ErrFull, ledger.MaxBoxes)
	}
	slices.SortFunc(logs, compareLocks)
	return logs, err
}

// documents returns the documents that a query asks for, with the lock in a last
// column where they have one.
func documents(ctx context.Context, tx *sql.Tx, query string, args ...any) ([]ledger.Document, error) {
	var all []ledger.Document
	err := each(ctx, tx, query, args, func(rows *sql.Rows) error {
		var d ledger.Document
		columns, err := rows.Columns()
		if err != nil {
			return err
		}
		into := []any{fixed(d.Signer[:]), &d.Version, fixed(d.Tag[:]), &d.Bytes, fixed(d.Lock[:])}
		err = rows.Scan(into[:len(columns)]...)
		all = append(all, d)
		return err
	})
	return all, err
}

func (s *store) Delivered(ctx context.Context, deliveries []ledger.Delivery) error {
	return s.change(ctx, "note deliveries", func(tx *sql.Tx) error {
		for piece := range pieces(deliveries) {
			if err := s.delivered(ctx, tx, piece); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *store) delivered(ctx context.Context, tx *sql.Tx, piece []ledger.Delivery) error {
	args, claimed := make([]any, len(piece)), make(map[ledger.Delivery]bool, len(piece))
	for i, d := range piece {
		args[i], claimed[d] = piece[i].Lock[:], true
	}
	var held []any
	err := each(ctx, tx, `SELECT lock, tag FROM policies WHERE waiting = 1 AND lock IN `+s.dialect.tuples(1, 1, len(piece))+s.dialect.lock, args,
		func(rows *sql.Rows) error {
			var d ledger.Delivery
			err := rows.Scan(fixed(d.Lock[:]), fixed(d.Tag[:]))
			if claimed[d] {
				held = append(held, d.Lock[:])
			}
			return err
		})
	if err != nil {
		return err
	}
	for some := range pieces(held) {
		if _, err := tx.ExecContext(ctx, `UPDATE policies SET waiting = 0 WHERE lock IN `+s.dialect.tuples(1, 1, len(some)), some...); err != nil {
			return err
		}
	}
	return nil
}
