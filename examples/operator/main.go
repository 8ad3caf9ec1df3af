// Command operator is a small issuing service with the owner's page, and a street
// to try it in: a scheme, the post, some letter boxes, and a postman who comes by.
//
//	go run ./examples/operator
//
// It prints an address to open in a browser.  Everything is kept in one folder; the
// service's ledger is there in SQLite, or with -store in PostgreSQL.  README.md
// says what is what, and what a service of one's own needs in place of the street.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	var o options
	flag.StringVar(&o.address, "listen", "127.0.0.1:8420", "`address` of the owner's page, on this machine")
	flag.StringVar(&o.folder, "data", "", "`folder` of everything; by default one in the user's cache folder")
	flag.StringVar(&o.store, "store", "", "`address` of a PostgreSQL database for the ledger, postgres://…; by default SQLite in the folder")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := demonstrate(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "operator:", err)
		os.Exit(1)
	}
}

// demonstrate runs the demonstration until the context ends.
func demonstrate(ctx context.Context, o options) error {
	if o.folder == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return fmt.Errorf("there is no cache folder; name one with -data: %w", err)
		}
		o.folder = filepath.Join(cache, "postern-operator")
	}
	o.say = func(line string) { fmt.Println(line) }
	s, err := open(ctx, o)
	if err != nil {
		return err
	}
	return s.serve(ctx, func() {
		fmt.Printf("\nThe owner's page:  %s\n\nEverything is kept in %s\nEnd with Ctrl-C.\n", s.Page, o.folder)
	})
}
