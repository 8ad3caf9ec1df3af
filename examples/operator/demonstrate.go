package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// demonstrate runs the demonstration until the context ends.
func demonstrate(ctx context.Context, args []string, out, errs io.Writer) error {
	var o options
	flags := flag.NewFlagSet("operator", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.Usage = func() {
		fmt.Fprint(errs, "operator [flags]: a street to try the service in, with the owner's page\n"+
			"operator rehearse FOLDER: keys and certificates to try a service with\n"+
			"operator serve [flags]: the service with an operator's own keys; see operator serve -help\n\nFlags of the street:\n")
		flags.PrintDefaults()
	}
	flags.StringVar(&o.address, "listen", "127.0.0.1:8420", "`address` of the owner's page, on this machine")
	flags.StringVar(&o.folder, "data", "", "`folder` of everything; by default postern-operator in the user's cache folder")
	flags.StringVar(&o.store, "store", "", "`address` of a PostgreSQL database for the ledger, postgres://…; by default SQLite in the folder")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is not known here: see operator -help", flags.Arg(0))
	}
	if o.folder == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return fmt.Errorf("there is no cache folder; name one with -data: %w", err)
		}
		o.folder = filepath.Join(cache, "postern-operator")
	}
	o.say = func(line string) { fmt.Fprintln(out, line) }
	free, err := loopback(o.address) // before anybody waits for the build
	if err != nil {
		return fmt.Errorf("choose another address with -listen, such as 127.0.0.1:8421: %w", err)
	}
	if err := free.Close(); err != nil {
		return err
	}
	s, err := open(ctx, o)
	if err != nil {
		return err
	}
	return s.serve(ctx, func() {
		fmt.Fprintf(out, "\nThe owner's page:  %s\n\nEverything is kept in %s\nEnd with Ctrl-C.\n", s.Page, o.folder)
	})
}
