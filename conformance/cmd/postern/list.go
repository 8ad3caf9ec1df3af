package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/postern-lock/postern/conformance"
	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/spec"
)

// roles in the order of section 23.1.
var roles = []shim.Role{shim.RoleLock, shim.RoleApp, shim.RoleIssuer}

// listVerb lists the cases.
func listVerb(_ context.Context, c console, args []string) error {
	var filter conformance.Filter
	f := flags(c, "list", "")
	f.Var((*list)(&filter.Cases), "case", "only cases whose id matches the `pattern`")
	f.Var((*list)(&filter.Requirements), "requirement", "only cases that show a requirement that matches the `pattern`")
	f.Var((*list)(&filter.Areas), "area", "only cases of an area that matches the `pattern`")
	role := f.String("role", "", "only cases for lock, app or issuer")
	if err := parse(f, args, 0); err != nil {
		return err
	}
	if err := filter.Check(); err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	if *role != "" && shim.Verbs(shim.Role(*role)) == nil {
		return fmt.Errorf("%w: --role %s, where lock, app or issuer is right", errUsage, *role)
	}
	var all []cases.Case
	for _, r := range roles {
		if *role != "" && r != shim.Role(*role) {
			continue
		}
		all = append(all, conformance.Cases(r)...)
	}
	if err := filter.Nothing(all); err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	counts := map[cases.Polarity]int{}
	for _, x := range all {
		if filter.Takes(&x) {
			counts[x.Polarity()]++
			fmt.Fprintf(c.out, "%-18s %s  %s  [%s]\n", x.ID, x.Polarity(), x.Title, strings.Join(x.Requirements, " "))
		}
	}
	fmt.Fprintf(c.out, "%d positive, %d negative\n", counts[cases.Positive], counts[cases.Negative])
	return nil
}

// explainVerb explains a case or a requirement.
func explainVerb(_ context.Context, c console, args []string) error {
	f := flags(c, "explain", "CASE|REQUIREMENT")
	if err := parse(f, args, 1); err != nil {
		return err
	}
	id := strings.ToUpper(f.Arg(0))
	for _, role := range roles {
		for _, x := range conformance.Cases(role) {
			if x.ID == id {
				explainCase(c.out, &x)
				return nil
			}
		}
	}
	id, _, _ = strings.Cut(id, "#")
	all, err := spec.Requirements()
	if err != nil {
		return err
	}
	for _, r := range all {
		if r.ID == id {
			explainRequirement(c.out, r)
			return nil
		}
	}
	return fmt.Errorf("%w: %q is neither a case nor a requirement; postern list lists the cases", errUsage, f.Arg(0))
}

func explainCase(w io.Writer, x *cases.Case) {
	fmt.Fprintf(w, "%s, revision %d, %s: %s\n", x.ID, x.Revision, x.Polarity(), x.Title)
	if x.When != "" {
		fmt.Fprintf(w, "for products with %s\n", x.When)
	}
	if len(x.Needs) > 0 {
		fmt.Fprintf(w, "needs the verbs %v\n", x.Needs)
	}
	if x.Polarity() == cases.Negative {
		fmt.Fprintf(w, "the fault: %s\nwithout it: %v; with it: %v, and nothing changes\n", x.Fault, x.Passes, x.Allowed)
		if len(x.Changes) > 0 {
			fmt.Fprintf(w, "but for %v\n", x.Changes)
		}
	}
	for _, s := range sentences(x.Requirements) {
		fmt.Fprintf(w, "\n%s\n", s)
	}
}

func explainRequirement(w io.Writer, r spec.Requirement) {
	fmt.Fprintf(w, "%s, revision %d, section %s of %s\n%s\n", r.ID, r.Revision, r.Section, r.Document, r.Text)
	for i, row := range r.Rows {
		fmt.Fprintf(w, "  #%d %s\n", i+1, row)
	}
	fmt.Fprintf(w, "binds %s; for %s; seen by %s: %s\n", strings.Join(r.Roles, ", "), r.Profile, r.Testability, r.Reason)
	for _, role := range roles {
		for _, x := range conformance.Cases(role) {
			if (conformance.Filter{Requirements: []string{r.ID}}).Takes(&x) {
				fmt.Fprintf(w, "  %s  %s  %s\n", x.ID, x.Polarity(), x.Title)
			}
		}
	}
}
