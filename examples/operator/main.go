// Command operator is a small issuing service.
//
//	operator serve -store ledger.db …
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

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
	if len(args) > 0 && args[0] == "serve" {
		return serve.Command(ctx, args[1:], os.Stdout, os.Stderr)
	}
	return fmt.Errorf("say operator serve")
}
