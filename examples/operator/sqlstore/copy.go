package sqlstore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// ErrNotEmpty says that Copy has no empty ledger to copy to.
var ErrNotEmpty = errors.New("database to copy to holds a ledger already; name an empty one")

// table is a table of the ledger.
type table struct {
	name    string
	columns string
	key     string
}

// tables are all tables but the one of migrations, in an order in which a row may
// refer to rows of those before.
var tables = []table{
	{"ledger", "id, serial, newest", "id"},
	{"grants", grantColumns, "serial"},
	{"lists", "signer, version, least", "signer"},
	{"boxes", "lock, area, log_wanted", "lock"},
	{"policies", "lock, signer, version, tag, object, waiting", "lock"},
	{"revocations", "signer, version, tag, object", "signer"},
	{"pages", "lock, digest, position, object", "lock, digest"},
	{"owners", "lock, owner, sequence, reached, posted", "lock"},
	{"nonces", "nonce, expires", "nonce"},
	{"couriers", "lock, digest, courier", "lock, digest"},
	{"claims", "lock, courier, tag", "lock, courier"},
	{"receipts", "number, digest, lock, object, certificate, came", "number"},
	{"book", "id, receipt", "id"},
}

// Copied is how many rows of a table were copied.
type Copied struct {
	Table string
	Rows  int
}

// Copy copies the whole ledger into an empty one, in one transaction, then reads both
// and compares every row.  Issuers must be stopped: what they commit meanwhile is
// not copied.
//
// Errors: [ErrNotEmpty], or the database's own; then nothing was copied.
func Copy(ctx context.Context, to, from *Store) (copied []Copied, err error) {
	err = from.inner.look(ctx, "copy from", func(source *sql.Tx) error {
		if err := from.inner.mayBeIdle(ctx, source); err != nil {
			return err
		}
		return to.inner.change(ctx, "copy to", func(target *sql.Tx) error {
			if err := to.inner.mayBeIdle(ctx, target); err != nil {
				return err
			}
			copied, err = to.inner.copyAll(ctx, target, source)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return copied, nil
}

// mayBeIdle keeps the server from ending a transaction that does nothing while the other
// database reads or writes a large table.
func (s *store) mayBeIdle(ctx context.Context, tx *sql.Tx) error {
	if s.dialect.idle == "" {
		return nil
	}
	_, err := tx.ExecContext(ctx, s.dialect.idle)
	return err
}

func (s *store) copyAll(ctx context.Context, target, source *sql.Tx) (copied []Copied, err error) {
	// The counters of an empty ledger stand at 0; they make room for the other's.
	gone, err := target.ExecContext(ctx, `DELETE FROM ledger WHERE serial = 0`)
	if err != nil {
		return nil, err
	}
	switch n, err := gone.RowsAffected(); {
	case err != nil:
		return nil, err
	case n != 1:
		return nil, ErrNotEmpty
	}
	if _, err := target.ExecContext(ctx, `DELETE FROM book WHERE receipt = 0`); err != nil {
		return nil, err
	}
	for _, t := range tables {
		switch n, _, err := digest(ctx, target, t); {
		case err != nil:
			return nil, err
		case n > 0:
			return nil, fmt.Errorf("%w: table %s", ErrNotEmpty, t.name)
		}
		if err := s.copyTable(ctx, target, source, t); err != nil {
			return nil, fmt.Errorf("table %s: %w", t.name, err)
		}
		n, want, err := digest(ctx, source, t)
		if err != nil {
			return nil, err
		}
		m, got, err := digest(ctx, target, t)
		switch {
		case err != nil:
			return nil, err
		case n != m || !bytes.Equal(want, got):
			return nil, fmt.Errorf("table %s: %d rows became %d, or others", t.name, n, m)
		}
		copied = append(copied, Copied{Table: t.name, Rows: n})
	}
	return copied, nil
}

// copyTable copies the rows of a table.
func (s *store) copyTable(ctx context.Context, target, source *sql.Tx, t table) error {
	var waiting [][]any
	flush := func() error {
		for piece := range pieces(waiting) {
			var args []any
			for _, values := range piece {
				args = append(args, values...)
			}
			query := `INSERT INTO ` + t.name + ` (` + t.columns + `) VALUES ` + s.dialect.tuples(1, len(piece), len(piece[0]))
			if _, err := target.ExecContext(ctx, query, args...); err != nil {
				return err
			}
		}
		waiting = waiting[:0]
		return nil
	}
	err := t.each(ctx, source, func(values []any) error {
		waiting = append(waiting, values)
		if len(waiting) < maxPiece {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

// each calls f with the values of every row, by key.
func (t table) each(ctx context.Context, tx *sql.Tx, f func([]any) error) error {
	width := strings.Count(t.columns, ",") + 1
	return each(ctx, tx, `SELECT `+t.columns+` FROM `+t.name+` ORDER BY `+t.key, nil, func(rows *sql.Rows) error {
		values, into := make([]any, width), make([]any, width)
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		return f(values)
	})
}

// digest returns how many rows a table has, and the hash of all.
func digest(ctx context.Context, tx *sql.Tx, t table) (n int, sum []byte, err error) {
	h := sha256.New()
	var number [9]byte
	err = t.each(ctx, tx, func(values []any) error {
		n++
		for _, v := range values {
			switch v := v.(type) {
			case int64:
				binary.BigEndian.PutUint64(number[1:], uint64(v))
				h.Write(number[:])
			case []byte:
				h.Write(binary.BigEndian.AppendUint64([]byte{1}, uint64(len(v))))
				h.Write(v)
			default:
				return fmt.Errorf("table %s: a column of type %T", t.name, v)
			}
		}
		return nil
	})
	return n, h.Sum(nil), err
}
