// Command child is the reference lock behind a shim, with one mutant on.  Package
// mutants builds it with the overlay that holds them; without one it is the
// reference alone.
//
//	child "" chain-empty-link    the richest lock
//	child box ""                 the poorest, as the reference has it
//	child announced uses-unknown the richest, with no claims
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"

	"github.com/postern-lock/postern/conformance/mutants/mutant"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/target"
)

func main() {
	if err := serve(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("usage: child LOCK MUTANT")
	}
	features := target.AllFeatures()
	switch args[0] {
	case "", "announced":
	case "box":
		features = target.Features{}
	default:
		return fmt.Errorf("child: there is no lock %q", args[0])
	}
	if err := mutant.Switch(args[1]); err != nil {
		return err
	}
	return shim.Serve(context.Background(), os.Stdin, os.Stdout, target.NewLock(features, rand.Reader))
}
