package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"time"

	"github.com/postern-lock/postern/conformance"
	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/mutants"
	"github.com/postern-lock/postern/conformance/shim"
)

// mutantsVerb has the cases kill the mutants and prints the kill table.
func mutantsVerb(ctx context.Context, c console, args []string) error {
	var only list
	var filter conformance.Filter
	f := flags(c, "mutants", "")
	f.Var(&only, "only", "only mutants whose id or requirement matches the `pattern`")
	f.Var((*list)(&filter.Cases), "cases", "only cases whose id matches the `pattern`")
	role := f.String("role", "", "only mutants of one `role`: lock, app or issuer")
	killed := f.Bool("v", false, "print those that were killed too")
	own := f.Bool("own", false, "leave out the cases that do not cite a mutant's requirement")
	if err := parse(f, args, 0); err != nil {
		return err
	}
	if err := filter.Check(); err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	if *role != "" && shim.Verbs(shim.Role(*role)) == nil {
		return fmt.Errorf("%w: --role %s, where lock, app or issuer is right", errUsage, *role)
	}
	table, err := chosen(mutants.All(), shim.Role(*role), only)
	if err != nil {
		return err
	}
	var hunters []cases.Case
	for _, r := range roles {
		for _, x := range conformance.Cases(r) {
			if filter.Takes(&x) && slices.ContainsFunc(table, func(m mutants.Mutant) bool { return m.Role == r }) {
				hunters = append(hunters, x)
			}
		}
	}
	if len(hunters) == 0 {
		return fmt.Errorf("%w: --cases takes no case", errUsage)
	}
	claims, err := referenceClaims()
	if err != nil {
		return err
	}
	return hunt(ctx, c, mutants.Plan{Table: table, Cases: hunters, Claims: claims, Own: *own}, *killed)
}

// hunt builds the mutants, and prints what becomes of them.
func hunt(ctx context.Context, c console, p mutants.Plan, killed bool) error {
	began := time.Now()
	root, err := mutants.Root(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	dir, err := os.MkdirTemp("", "postern-mutants-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if p.Child, err = mutants.Build(ctx, root, dir, p.Table); err != nil {
		return err
	}
	built := time.Since(began)
	done := 0
	p.End = func(mutants.Result) {
		if done++; c.terminal {
			c.wipe()
			fmt.Fprintf(c.out, "[%d/%d]", done, len(p.Table))
		}
	}
	results, err := mutants.Run(ctx, p)
	if c.terminal {
		c.wipe()
	}
	alive := killTable(c.out, results, killed)
	totals(c.out, results)
	fmt.Fprintf(c.out, "%d mutants, %d killed by a case of their requirement, %d alive; %d cases; built in %.1f s, hunted in %.1f s\n",
		len(results), len(results)-alive, alive, len(p.Cases), built.Seconds(), (time.Since(began) - built).Seconds())
	if err != nil {
		return fmt.Errorf("the table means nothing: %w", err)
	}
	if alive > 0 {
		return status(conformsN)
	}
	return nil
}

// killTable prints who killed whom, and returns how many are alive.
func killTable(w io.Writer, results []mutants.Result, killed bool) (alive int) {
	for _, r := range results {
		if r.ID == "" {
			continue // its child did not serve
		}
		if r.Killed() {
			if killed {
				fmt.Fprintf(w, "killed %-6s %-16s %s  by %s: %s\n", r.Role, r.Requirement, r.ID, r.Case, r.Wrong)
			}
			continue
		}
		alive++
		why := fmt.Sprintf("%d cases that cite the requirement pass", r.Cited)
		if r.Cited == 0 {
			why = "no case cites the requirement"
		}
		if r.Other != "" {
			why += "; " + r.Other + " of another one fails"
		}
		fmt.Fprintf(w, "ALIVE  %-6s %-16s %s  %s: %s\n", r.Role, r.Requirement, r.ID, why, r.Wrong)
	}
	return alive
}

// totals prints a line for each role that has mutants.
func totals(w io.Writer, results []mutants.Result) {
	for _, role := range roles {
		all, killed := 0, 0
		for _, r := range results {
			if r.ID != "" && r.Role == role {
				all++
				if r.Killed() {
					killed++
				}
			}
		}
		if all > 0 {
			fmt.Fprintf(w, "%-6s %d mutants, %d killed\n", role, all, killed)
		}
	}
}

// chosen returns the mutants of the role, all where it is empty, that a pattern
// matches.
func chosen(all []mutants.Mutant, role shim.Role, only list) ([]mutants.Mutant, error) {
	var table []mutants.Mutant
	for _, m := range all {
		take := len(only) == 0
		for _, pattern := range only {
			byID, err := path.Match(pattern, m.ID)
			byRequirement, _ := path.Match(pattern, m.Requirement) // the same error
			if err != nil {
				return nil, fmt.Errorf("%w: --only %s: %w", errUsage, pattern, err)
			}
			take = take || byID || byRequirement
		}
		if take && (role == "" || m.Role == role) {
			table = append(table, m)
		}
	}
	if len(table) == 0 {
		return nil, fmt.Errorf("%w: the flags take no mutant", errUsage)
	}
	return table, nil
}

// referenceClaims are the profiles of the reference locks.
func referenceClaims() (map[string]*conformance.Profile, error) {
	claims := map[string]*conformance.Profile{}
	for _, name := range []string{"", "box"} {
		_, p, err := demo(name)
		if err != nil {
			return nil, err
		}
		claims[name] = p
	}
	return claims, nil
}
