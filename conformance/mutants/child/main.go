// Command child is one of the reference products behind a shim, with one mutant
// on.  Package mutants builds it with the overlay that holds them; without one it
// is the reference alone.
//
//	child lock "" chain-empty-link        the richest lock
//	child lock box ""                     the poorest, as the reference has it
//	child lock announced uses-unknown     the richest, with no claims
//	child app "" never-waits
//	child issuer "" ""
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
	if len(args) != 3 {
		return fmt.Errorf("usage: child ROLE LOCK MUTANT")
	}
	var d shim.Device
	switch product := args[0] + " " + args[1]; product {
	case "lock ", "lock announced":
		d = target.NewLock(target.AllFeatures(), rand.Reader)
	case "lock box":
		d = target.NewLock(target.Features{}, rand.Reader)
	case "app ":
		d = target.NewApp(rand.Reader)
	case "issuer ":
		d = target.NewIssuer()
	default:
		return fmt.Errorf("child: there is no product %q", product)
	}
	if err := mutant.Switch(args[2]); err != nil {
		return err
	}
	return shim.Serve(context.Background(), os.Stdin, os.Stdout, d)
}
