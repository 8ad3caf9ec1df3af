package main

import (
	"context"
	"fmt"
	"os"

	"github.com/postern-lock/postern/conformance/report"
)

// reportVerb writes a report in other forms.
func reportVerb(_ context.Context, c console, args []string) error {
	var o outputs
	f := flags(c, "report", "REPORT.json")
	o.flags(f)
	if err := parse(f, args, 1); err != nil {
		return err
	}
	r, err := readReport(f.Arg(0))
	if err != nil {
		return err
	}
	if o == (outputs{}) {
		fmt.Fprintf(c.out, "%s: %d results: %s\n%s\n", r.Product.Name, len(r.Results), r.Counts(), conclusion(r))
		return nil
	}
	return o.write(r)
}

// readReport reads a report that run wrote.
func readReport(name string) (*report.Report, error) {
	if name == "" {
		return nil, fmt.Errorf("%w: the report is missing, which run --report writes", errUsage)
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUsage, err)
	}
	if info.Size() > maxInput {
		return nil, fmt.Errorf("%w: %s has more than %d bytes", errUsage, name, maxInput)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUsage, err)
	}
	r, err := report.Decode(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", errUsage, name, err)
	}
	return r, nil
}
