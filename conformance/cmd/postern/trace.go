package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/postern-lock/postern/conformance"
)

// traceVerb prints the matrix, or what is lacking of it.
func traceVerb(_ context.Context, c console, args []string) error {
	f := flags(c, "trace", "")
	csv := f.Bool("csv", false, "print the whole matrix as CSV")
	file := f.String("out", "", "with --csv: write to the `file`")
	role := f.String("role", "", "only one `role`: lock, app or issuer")
	if err := parse(f, args, 0); err != nil {
		return err
	}
	if *file != "" && !*csv {
		return fmt.Errorf("%w: --out goes with --csv", errUsage)
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
		return writeTrace(c.out, kept, *file)
	}
	for _, t := range kept {
		if lacks := t.Lacks(); lacks != "" {
			fmt.Fprintf(c.out, "%-6s %s lacks %s: %s\n", t.Role, t.Requirement.ID, lacks, t.Requirement.Text)
		} else if len(t.Rows) > 0 {
			fmt.Fprintf(c.out, "%-6s %s has no case for rows %v\n", t.Role, t.Requirement.ID, t.Rows)
		}
	}
	shown, mandatory := conformance.Coverage(kept)
	fmt.Fprintf(c.out, "%d requirements that are mandatory and can be seen on the wire, %d of them without a positive and a negative case\n", mandatory, mandatory-shown)
	if shown < mandatory {
		return status(conformsN)
	}
	return nil
}

// writeTrace writes the matrix as CSV, to the file where one is named.
func writeTrace(out io.Writer, kept []conformance.Traced, file string) error {
	if file == "" {
		return conformance.WriteTrace(out, kept)
	}
	var b bytes.Buffer
	if err := conformance.WriteTrace(&b, kept); err != nil {
		return err
	}
	return os.WriteFile(file, b.Bytes(), 0o644)
}
