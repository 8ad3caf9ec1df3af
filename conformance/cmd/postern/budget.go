package main

import (
	"context"
	"fmt"
	"os"

	"github.com/postern-lock/postern/conformance/report"
)

// budgetVerb prints how long a product took for each command, from a report.
func budgetVerb(_ context.Context, c console, args []string) error {
	f := flags(c, "budget", "REPORT.json")
	if err := parse(f, args, 1); err != nil {
		return err
	}
	if f.NArg() == 0 {
		return fmt.Errorf("%w: the report is missing, which run --report writes", errUsage)
	}
	data, err := os.ReadFile(f.Arg(0))
	if err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	r, err := report.Decode(data)
	if err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	fmt.Fprintf(c.out, "%-16s %7s %12s %12s %12s\n", "command", "times", "half within", "all within", "most bytes")
	for _, x := range r.Costs {
		fmt.Fprintf(c.out, "%-16s %7d %9d us %9d us %12d\n", x.Command, x.Times, x.Half, x.All, x.Bytes)
	}
	return nil
}
