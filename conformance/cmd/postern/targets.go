package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/postern-lock/postern/conformance"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/target"
	"github.com/postern-lock/postern/spec"
)

// open brings the product that a flag --target names.  The profile is that of a
// product of ours, and nil for any other.
func open(ctx context.Context, name string, o shim.Options) (shim.Device, *conformance.Profile, error) {
	kind, rest, _ := strings.Cut(name, ":")
	switch kind {
	case "demo":
		switch o.Role {
		case shim.RoleApp:
			return target.NewApp(rand.Reader), nil, demoHas(rest)
		case shim.RoleIssuer:
			return target.NewIssuer(), nil, demoHas(rest)
		}
		f, p, err := demo(rest)
		if err != nil {
			return nil, nil, err
		}
		return target.NewLock(f, rand.Reader), p, nil
	case "exec":
		words := strings.Fields(rest)
		if len(words) == 0 {
			return nil, nil, fmt.Errorf("%w: --target exec:PROGRAM names no program", errUsage)
		}
		d, err := target.Exec(ctx, o, words[0], words[1:]...)
		return d, nil, err
	case "":
		return nil, nil, fmt.Errorf("%w: --target is missing: demo, demo:box or exec:PROGRAM", errUsage)
	}
	return nil, nil, fmt.Errorf("%w: --target %s: want demo, demo:box or exec:PROGRAM", errUsage, name)
}

// demo returns the features and the profile of a reference lock: the richest one,
// or the box, which is the poorest.
func demo(name string) (target.Features, *conformance.Profile, error) {
	p := &conformance.Profile{
		Product: "Postern reference lock", Edition: spec.Version, Role: shim.RoleLock, Profiles: 255, ExtendedLength: true,
		Options: []string{"button", "tamper-sensor"}, Level: shim.L2,
	}
	switch name {
	case "":
		return target.AllFeatures(), p, nil
	case "box":
		p.Profiles, p.ExtendedLength, p.Options = 1+2+4+128, false, []string{"tamper-sensor"}
		return target.Features{}, p, nil
	}
	return target.Features{}, nil, fmt.Errorf("%w: there is no reference lock %q: want demo or demo:box", errUsage, name)
}

// demoHas refuses a name of a reference product, of which there is one a role.
func demoHas(name string) error {
	if name != "" {
		return fmt.Errorf("%w: there is no reference product %q: want demo", errUsage, name)
	}
	return nil
}

// serveAppVerb is the reference phone behind a shim, as a child of exec:.
func serveAppVerb(ctx context.Context, c console, args []string) error {
	if err := parse(flags(c, "serve-app", ""), args, 0); err != nil {
		return err
	}
	return shim.Serve(ctx, c.in, c.out, target.NewApp(rand.Reader))
}

// serveIssuerVerb is the reference issuer behind a shim.
func serveIssuerVerb(ctx context.Context, c console, args []string) error {
	if err := parse(flags(c, "serve-issuer", ""), args, 0); err != nil {
		return err
	}
	return shim.Serve(ctx, c.in, c.out, target.NewIssuer())
}

// serveLockVerb is the reference lock behind a shim, as a child of exec:.
func serveLockVerb(ctx context.Context, c console, args []string) error {
	f := flags(c, "serve-lock", "[box]")
	if err := parse(f, args, 1); err != nil {
		return err
	}
	features, _, err := demo(f.Arg(0))
	if err != nil {
		return err
	}
	return shim.Serve(ctx, c.in, c.out, target.NewLock(features, rand.Reader))
}
