package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/book"
)

// Book returns what the service knows beside the ledger, in the same database.
func (s *Store) Book() book.Book { return notes{s.inner} }

// notes is a book.Book on a database.
type notes struct{ *store }

// owner reads a lock's owner; with hold nobody else changes it before the
// transaction ends.
func owner(ctx context.Context, tx *sql.Tx, lock credential.LockID, hold string) (book.Owner, error) {
	var o book.Owner
	var set []byte
	row := tx.QueryRowContext(ctx, `SELECT owner, sequence, reached, posted FROM owners WHERE lock = $1`+hold, lock[:])
	err := row.Scan(&set, &o.Sequence, &o.Reached, &o.Posted)
	if errors.Is(err, sql.ErrNoRows) {
		return o, book.ErrNobody
	}
	if err != nil {
		return o, err
	}
	if o.Key, err = credential.ParseClaimsSet(set); err != nil {
		return o, fmt.Errorf("the owner of lock %s in the database: %w", lock, err)
	}
	return o, nil
}

func (n notes) Owner(ctx context.Context, lock credential.LockID) (o book.Owner, err error) {
	err = n.look(ctx, "read whose a lock is", func(tx *sql.Tx) error {
		o, err = owner(ctx, tx, lock, "")
		return err
	})
	return o, err
}

func (n notes) Own(ctx context.Context, lock credential.LockID, proved book.Owner) (o book.Owner, err error) {
	err = n.change(ctx, "note whose a lock is", func(tx *sql.Tx) error {
		if err := n.hold(ctx, tx); err != nil { // a first owner has no row yet to hold
			return err
		}
		known, err := owner(ctx, tx, lock, n.dialect.lock)
		there := &known
		if errors.Is(err, book.ErrNobody) {
			there = nil
		} else if err != nil {
			return err
		}
		if o, err = book.Succeed(there, proved); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO owners (lock, owner, sequence, reached, posted) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (lock) DO UPDATE SET owner = excluded.owner, sequence = excluded.sequence, reached = excluded.reached, posted = excluded.posted`,
			lock[:], credential.AppendClaimsSet(nil, o.Key), int64(o.Sequence), int64(o.Reached), int64(o.Posted))
		return err
	})
	return o, err
}

// hold holds the book's row against other writers.
func (n notes) hold(ctx context.Context, tx *sql.Tx) error {
	var id int
	return tx.QueryRowContext(ctx, `SELECT id FROM book WHERE id = 1`+n.dialect.lock).Scan(&id)
}

func (n notes) Reach(ctx context.Context, lock credential.LockID, version uint32) error {
	return n.change(ctx, "note a version", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE owners SET reached = $1 WHERE lock = $2 AND reached < $1`, int64(version), lock[:])
		return err
	})
}

func (n notes) Posting(ctx context.Context, lock credential.LockID, key credential.PublicKey, version uint32) error {
	return n.change(ctx, "note a policy", func(tx *sql.Tx) error {
		o, err := owner(ctx, tx, lock, n.dialect.lock)
		switch {
		case err != nil:
			return err
		case o.Key != key:
			return book.ErrNobody
		}
		_, err = tx.ExecContext(ctx, `UPDATE owners SET posted = $1 WHERE lock = $2 AND posted < $1`, int64(version), lock[:])
		return err
	})
}

func (n notes) Spend(ctx context.Context, nonce [32]byte, until, now credential.Time) error {
	return n.change(ctx, "note a nonce", func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM nonces WHERE expires < $1`, int64(now)); err != nil {
			return err
		}
		r, err := tx.ExecContext(ctx, `INSERT INTO nonces (nonce, expires) VALUES ($1, $2) ON CONFLICT (nonce) DO NOTHING`, nonce[:], int64(until))
		if err != nil {
			return err
		}
		if rows, err := r.RowsAffected(); err != nil || rows == 1 {
			return err
		}
		return book.ErrSpent
	})
}

func (n notes) Reserve(ctx context.Context, lock credential.LockID, courier credential.KeyID, digests [][32]byte, most int) error {
	return n.change(ctx, "note who brings pages", func(tx *sql.Tx) error {
		// Whoever brings pages of the same lock waits here.
		if _, err := known(ctx, tx, lock, n.dialect.lock); err != nil {
			return err
		}
		for _, d := range digests {
			_, err := tx.ExecContext(ctx, `INSERT INTO couriers (lock, digest, courier) VALUES ($1, $2, $3) ON CONFLICT (lock, digest) DO NOTHING`,
				lock[:], d[:], courier[:])
			if err != nil {
				return err
			}
		}
		var count int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM couriers WHERE lock = $1 AND courier = $2`, lock[:], courier[:]).Scan(&count); err != nil {
			return err
		}
		if count > most {
			return book.ErrQuota
		}
		return nil
	})
}

func (n notes) Retain(ctx context.Context, lock credential.LockID, digests [][32]byte) error {
	return n.change(ctx, "forget who brought pages", func(tx *sql.Tx) error {
		var gone [][32]byte
		err := each(ctx, tx, `SELECT digest FROM couriers WHERE lock = $1`, []any{lock[:]}, func(rows *sql.Rows) error {
			var d [32]byte
			err := rows.Scan(fixed(d[:]))
			if !slices.Contains(digests, d) {
				gone = append(gone, d)
			}
			return err
		})
		if err != nil {
			return err
		}
		for _, d := range gone {
			if _, err := tx.ExecContext(ctx, `DELETE FROM couriers WHERE lock = $1 AND digest = $2`, lock[:], d[:]); err != nil {
				return err
			}
		}
		return nil
	})
}
