package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/postern-lock/postern/conformance"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/spec"
)

// profileVerb prints a proforma, that of a role or that of a product, or checks
// one.
func profileVerb(ctx context.Context, c console, args []string) error {
	if len(args) > 0 && args[0] == "check" {
		return profileCheckVerb(c, args[1:])
	}
	f := flags(c, "profile", "| postern profile check FILE")
	role := f.String("role", "lock", "lock, app or issuer")
	var where place
	where.on(f)
	if err := parse(f, args, 0); err != nil {
		return err
	}
	if shim.Verbs(shim.Role(*role)) == nil {
		return fmt.Errorf("%w: --role %s, where lock, app or issuer is right", errUsage, *role)
	}
	p, err := conformance.Proforma(shim.Role(*role))
	if where.target != "" {
		p, err = assumed(ctx, where, shim.Role(*role))
	}
	if err != nil {
		return err
	}
	b, err := p.Encode()
	if err != nil {
		return err
	}
	_, err = c.out.Write(b)
	return err
}

// assumed is the proforma of a product, as far as it shows by itself what it is.
func assumed(ctx context.Context, where place, role shim.Role) (*conformance.Profile, error) {
	d, _, err := where.open(ctx, shim.Options{Role: role})
	if err != nil {
		return nil, err
	}
	w, err := world.New(1)
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	p, err := conformance.Assume(ctx, d, w)
	if err := errors.Join(err, d.Close()); err != nil {
		return nil, err
	}
	if p.Role != role {
		return nil, fmt.Errorf("%w: --role %s, where the target plays %s", errUsage, role, p.Role)
	}
	return p.WithQuestions()
}

// profileCheckVerb says what a profile claims and what it lacks for a certificate.
func profileCheckVerb(c console, args []string) error {
	f := flags(c, "profile check", "FILE")
	if err := parse(f, args, 1); err != nil {
		return err
	}
	if f.NArg() == 0 {
		return fmt.Errorf("%w: the file is missing, which postern profile writes", errUsage)
	}
	p, err := readProfile(f.Arg(0))
	if err != nil {
		return err
	}
	all, err := p.Binding()
	if err != nil {
		return err
	}
	open, err := p.Unanswered()
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "%s of %s, role %s, offered at level %d, edition %d\n", orNone(p.Product), orNone(p.Maker), p.Role, p.Level, p.Edition)
	if err := tellClaims(c.out, p); err != nil {
		return err
	}
	fmt.Fprintf(c.out, "it is held to %d requirements\n", len(all))
	for _, lacking := range []struct{ member, value string }{{"product", p.Product}, {"maker", p.Maker}, {"build", p.Build}} {
		if lacking.value == "" {
			fmt.Fprintf(c.out, "for a certificate it lacks %q\n", lacking.member)
		}
	}
	for _, r := range open {
		fmt.Fprintf(c.out, "for a certificate it lacks an answer for %s (%s, section %s): %s\n", r.ID, r.Testability, r.Section, r.Text)
	}
	return nil
}

// tellClaims lists what a lock claims, and what not.
func tellClaims(w io.Writer, p *conformance.Profile) error {
	if p.Role != shim.RoleLock {
		return nil
	}
	rows, err := spec.Registry("profiles")
	if err != nil {
		return err
	}
	var has, lacks []string
	for _, r := range rows {
		if p.Profiles&uint64(r.Value) != 0 {
			has = append(has, r.Name)
		} else {
			lacks = append(lacks, r.Name)
		}
	}
	if p.ExtendedLength {
		has = append(has, "extended length")
	} else {
		lacks = append(lacks, "extended length")
	}
	fmt.Fprintf(w, "it claims %s\n", strings.Join(append(has, p.Options...), ", "))
	if len(lacks) > 0 {
		fmt.Fprintf(w, "it must not show %s\n", strings.Join(lacks, ", "))
	}
	return nil
}

// orNone is a name, or what stands for one that is missing.
func orNone(s string) string {
	if s == "" {
		return "(no name)"
	}
	return s
}

// readProfile reads the profile in a file.
func readProfile(name string) (*conformance.Profile, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUsage, err)
	}
	p, err := conformance.ReadProfile(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", errUsage, name, err)
	}
	return p, nil
}
