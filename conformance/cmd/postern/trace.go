package main

import (
	"context"
	"fmt"

	"github.com/postern-lock/postern/conformance"
)

// traceVerb prints the matrix, or what is lacking of it.
func traceVerb(_ context.Context, c console, args []string) error {
	f := flags(c, "trace", "")
	csv := f.Bool("csv", false, "print the whole matrix as CSV")
	role := f.String("role", "", "only one `role`: lock, app or issuer")
	if err := parse(f, args, 0); err != nil {
		return err
	}
	all, err := conformance.Trace()
	if err != nil {
		return err
	}
	kept := all[:0]
	for _, t := range all {
		if *role == "" || *role == string(t.Role) {
			kept = append(kept, t)
		}
	}
	if len(kept) == 0 {
		return fmt.Errorf("%w: --role %s, where lock, app or issuer is right", errUsage, *role)
	}
	if *csv {
		return conformance.WriteTrace(c.out, kept)
	}
	mandatory, lacking := 0, 0
	for _, t := range kept {
		if t.Requirement.Testability == "wire" && t.Requirement.Keyword[:4] == "MUST" {
			mandatory++
		}
		if lacks := t.Lacks(); lacks != "" {
			lacking++
			fmt.Fprintf(c.out, "%-6s %s lacks %s: %s\n", t.Role, t.Requirement.ID, lacks, t.Requirement.Text)
		} else if len(t.Rows) > 0 {
			fmt.Fprintf(c.out, "%-6s %s has no case for rows %v\n", t.Role, t.Requirement.ID, t.Rows)
		}
	}
	fmt.Fprintf(c.out, "%d requirements that are mandatory and can be seen on the wire, %d of them without a positive and a negative case\n", mandatory, lacking)
	if lacking > 0 {
		return status(conformsN)
	}
	return nil
}
