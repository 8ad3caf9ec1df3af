package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/postern-lock/postern/issuer/ledger"
)

// maxTries is how often a change is tried that another transaction was in the
// way of.
const maxTries = 20

// change runs f in a transaction that writes, and commits it.  It begins again
// where the database undid the transaction for another's sake, and never where it
// may have been committed.
func (s *store) change(ctx context.Context, what string, f func(*sql.Tx) error) error {
	var err error
	for try := range maxTries {
		err = transact(ctx, s.write, &sql.TxOptions{Isolation: s.dialect.writing}, f)
		if err == nil {
			return nil
		}
		if s.dialect.fault(err) != faultAgain {
			break
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(try) * time.Millisecond):
		}
	}
	return s.wrap(ctx, what, err)
}

// look runs f in a transaction that only reads, and sees one state of the
// database.
func (s *store) look(ctx context.Context, what string, f func(*sql.Tx) error) error {
	err := transact(ctx, s.read, &sql.TxOptions{Isolation: s.dialect.reading, ReadOnly: true}, f)
	if err == nil {
		return nil
	}
	return s.wrap(ctx, what, err)
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
