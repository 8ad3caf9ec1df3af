package main

import (
	"context"
	"fmt"
)

// budgetVerb prints how long a product took for each command, from a report.
func budgetVerb(_ context.Context, c console, args []string) error {
	f := flags(c, "budget", "REPORT.json")
	if err := parse(f, args, 1); err != nil {
		return err
	}
	r, err := readReport(f.Arg(0))
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "%-26s %7s %12s %12s %12s\n", "command", "times", "half within", "all within", "most bytes")
	for _, x := range r.Costs {
		fmt.Fprintf(c.out, "%-26s %7d %9d us %9d us %12d\n", x.Command, x.Times, x.Half, x.All, x.Bytes)
	}
	return nil
}
