// Command operator is a small issuing service.
//
//	operator rehearse FOLDER            keys and certificates to try it with
//	operator serve -store ledger.db …
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/postern-lock/postern/examples/operator/serve"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "operator:", err)
		os.Exit(1)
	}
}

// run carries out the command line.
func run(ctx context.Context, args []string) error {
	switch {
	case len(args) > 0 && args[0] == "serve":
		return serve.Command(ctx, args[1:], os.Stdout, os.Stderr)
	case len(args) == 2 && args[0] == "rehearse":
		return serve.Rehearse(args[1], time.Now())
	}
	return errors.New("say operator serve -help, or operator rehearse FOLDER")
}
