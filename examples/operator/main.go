// Command operator is a small issuing service with the owner's page.
//
//	operator [-listen ADDRESS] [-data FOLDER] [-store postgres://…]
//	operator serve -store ledger.db …
//
// The first is a demonstration, with a street to try it in: a scheme, the post,
// some letter boxes, and a postman who comes by.  It prints an address to open in a
// browser.  Everything is kept in one folder; the service's ledger is there in
// SQLite, or with -store in PostgreSQL.  The second serves with an operator's own
// keys, and has no street.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/postern-lock/postern/examples/operator/serve"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	switch err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "operator:", err)
		os.Exit(1)
	}
}

// run carries out the command line.
func run(ctx context.Context, args []string, out, errs io.Writer) error {
	if len(args) > 0 && args[0] == "serve" {
		return serve.Command(ctx, args[1:], out, errs)
	}
	return demonstrate(ctx, args, out, errs)
}

// demonstrate runs the demonstration until the context ends.
func demonstrate(ctx context.Context, args []string, out, errs io.Writer) error {
	var o options
	flags := flag.NewFlagSet("operator", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.StringVar(&o.address, "listen", "127.0.0.1:8420", "`address` of the owner's page, on this machine")
	flags.StringVar(&o.folder, "data", "", "`folder` of everything; by default postern-operator in the user's cache folder")
	flags.StringVar(&o.store, "store", "", "`address` of a PostgreSQL database for the ledger, postgres://…; by default SQLite in the folder")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is no command: there is serve, and without one the demonstration", flags.Arg(0))
	}
	if o.folder == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return fmt.Errorf("there is no cache folder; name one with -data: %w", err)
		}
		o.folder = filepath.Join(cache, "postern-operator")
	}
	o.say = func(line string) { fmt.Fprintln(out, line) }
	s, err := open(ctx, o)
	if err != nil {
		return err
	}
	return s.serve(ctx, func() {
		fmt.Fprintf(out, "\nThe owner's page:  %s\n\nEverything is kept in %s\nEnd with Ctrl-C.\n", s.Page, o.folder)
	})
}
