// Command operator is a small issuing service with the owner's page.
//
//	operator                            a street to try it in, with the owner's page
//	operator rehearse FOLDER            keys and certificates to try a service with
//	operator serve -store ledger.db …   the service with an operator's own keys
//
// The first is a demonstration: a scheme, the post, some letter boxes, and a postman
// who comes by.  It prints an address to open in a browser.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

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
	switch {
	case len(args) == 0 || strings.HasPrefix(args[0], "-"):
		return demonstrate(ctx, args, out, errs)
	case args[0] == "serve":
		return serve.Command(ctx, args[1:], out, errs)
	case len(args) == 2 && args[0] == "rehearse" && !strings.HasPrefix(args[1], "-"):
		if err := serve.Rehearse(args[1], time.Now()); err != nil {
			return err
		}
		fmt.Fprintf(out, "%s has keys, certificates and a round of today to rehearse with.  Remove it afterwards.\n", args[1])
		return nil
	}
	return errors.New("say operator for the demonstration, operator serve -help, or operator rehearse FOLDER")
}
