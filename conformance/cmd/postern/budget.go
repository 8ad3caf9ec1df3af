package main

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/postern-lock/postern/apdu"
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
	took := map[string][]int64{}
	bytes := map[string]int{}
	for _, x := range r.Results {
		for _, e := range x.Exchanges {
			name := named(e)
			if name == "" {
				continue
			}
			took[name] = append(took[name], e.Took)
			bytes[name] = max(bytes[name], len(e.Command)+len(e.Response))
		}
	}
	names := make([]string, 0, len(took))
	for name := range took {
		names = append(names, name)
	}
	slices.Sort(names)
	fmt.Fprintf(c.out, "%-16s %7s %12s %12s %12s\n", "command", "times", "half within", "all within", "most bytes")
	for _, name := range names {
		t := took[name]
		slices.Sort(t)
		fmt.Fprintf(c.out, "%-16s %7d %9d us %9d us %12d\n", name, len(t), t[len(t)/2], t[len(t)-1], bytes[name])
	}
	return nil
}

// named is the name of a good command that succeeded; the refused ones cost
// something else.
func named(e report.Exchange) string {
	cmd, err := apdu.ParseCommand(e.Command)
	if err != nil {
		return ""
	}
	if r, err := apdu.ParseResponse(e.Response); err != nil || r.SW.IsError() {
		return ""
	}
	return cmd.Name()
}
