// Command ledgerdb looks after the database of an operator's ledger.
//
//	ledgerdb copy FROM TO    copies a ledger into an empty database, and compares
//	ledgerdb prune DSN DAYS  forgets grants that were over so many days ago
//
// Forget nothing that was over for less time than the longest grant lasts: lists name
// for so long what was withdrawn.
//
// A database is the name of a SQLite file or the address of a PostgreSQL database.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/sqlstore"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, time.Now(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "ledgerdb:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("usage: ledgerdb copy FROM TO | ledgerdb prune DSN DAYS")

// run does what the arguments say at the time.
func run(ctx context.Context, out io.Writer, now time.Time, args []string) error {
	switch {
	case len(args) == 3 && args[0] == "copy":
		return copyLedger(ctx, out, args[1], args[2])
	case len(args) == 3 && args[0] == "prune":
		return prune(ctx, out, now, args[1], args[2])
	}
	return errUsage
}

// existing opens a ledger that is there; a SQLite file that is not there is not made.
func existing(ctx context.Context, dsn string) (*sqlstore.Store, error) {
	if _, err := os.Stat(dsn); err != nil && !sqlstore.IsPostgres(dsn) {
		return nil, err
	}
	return sqlstore.Open(ctx, dsn)
}

func copyLedger(ctx context.Context, out io.Writer, from, to string) (err error) {
	source, err := existing(ctx, from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	target, err := sqlstore.Open(ctx, to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	copied, err := sqlstore.Copy(ctx, target, source)
	if err != nil {
		return err
	}
	for _, c := range copied {
		fmt.Fprintf(out, "%-12s %9d rows, the same in both\n", c.Table, c.Rows)
	}
	return nil
}

func prune(ctx context.Context, out io.Writer, now time.Time, dsn, days string) (err error) {
	n, err := strconv.ParseUint(days, 10, 14)
	if err != nil || n == 0 {
		return fmt.Errorf("days: %q is not a number from 1 to 16383", days)
	}
	s, err := existing(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	gone, err := s.Prune(ctx, credential.At(now.AddDate(0, 0, -int(n))))
	fmt.Fprintf(out, "%d grants forgotten\n", gone)
	return err
}
