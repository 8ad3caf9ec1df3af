package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/postern-lock/postern/issuer/ledger"
)

// maxTries is how often a transaction is tried that another one was in the way of.
const maxTries = 20

// change runs f in a transaction that writes, and commits it.
func (s *store) change(ctx context.Context, what string, f func(*sql.Tx) error) error {
	return s.try(ctx, what, func() error {
		return transact(ctx, s.write, &sql.TxOptions{Isolation: s.dialect.writing}, func(tx *sql.Tx) error {
			if err := f(tx); err != nil {
				return err
			}
			return s.inPlace()
		})
	})
}

// inPlace refuses to commit to a file that was removed or replaced meanwhile:
// SQLite would write to what nobody finds again.
func (s *store) inPlace() error {
	if s.file == nil {
		return nil
	}
	now, err := os.Stat(s.place)
	if err != nil || !os.SameFile(now, s.file) {
		return fmt.Errorf("%w: %s", ErrMoved, s.place)
	}
	return nil
}

// look runs f in a transaction that only reads, and sees one state of the
// database.
func (s *store) look(ctx context.Context, what string, f func(*sql.Tx) error) error {
	return s.try(ctx, what, func() error {
		return transact(ctx, s.read, &sql.TxOptions{Isolation: s.dialect.reading, ReadOnly: true}, f)
	})
}

// try runs a transaction.  It begins again where the database undid the transaction
// for another's sake, and never where it may have been committed.
func (s *store) try(ctx context.Context, what string, transaction func() error) error {
	for try := 1; ; try++ {
		err := transaction()
		if err == nil {
			return nil
		}
		if try == maxTries || s.dialect.fault(err) != faultAgain {
			return s.wrap(ctx, what, err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(try) * time.Millisecond):
		}
	}
}

// transact runs f in a transaction, commits it, and on an error undoes it.
func transact(ctx context.Context, db *sql.DB, options *sql.TxOptions, f func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, options)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		// The error tells why; a transaction that cannot even be undone is one that
		// the database undoes itself.
		_ = tx.Rollback()
		return err
	}
	return tx.Commit()
}

// wrap says what failed, and by which error of the ledger or the context.
func (s *store) wrap(ctx context.Context, what string, err error) error {
	switch {
	case ctx.Err() != nil && !errors.Is(err, ctx.Err()):
		return fmt.Errorf("sqlstore: %s: %w: %w", what, ctx.Err(), err)
	case s.dialect.fault(err) == faultFull:
		return fmt.Errorf("sqlstore: %s: the database's disk: %w: %w", what, ledger.ErrFull, err)
	case s.dialect.fault(err) == faultAccess:
		return fmt.Errorf("sqlstore: %s: the file and its folder must be there, and writable: %w", what, err)
	}
	return fmt.Errorf("sqlstore: %s: %w", what, err)
}
