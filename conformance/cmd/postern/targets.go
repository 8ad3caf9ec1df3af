package main

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/postern-lock/postern/conformance"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/target"
	"github.com/postern-lock/postern/spec"
)

// kinds are the targets, for the help of a flag.
const kinds = "demo, demo:box, exec:PROGRAM, vpcd-listen:PORT, vpcd-connect:HOST:PORT or pcsc:READER"

// place is what the flags --target and --control name.
type place struct{ target, control string }

// on adds the flags.
func (p *place) on(f *flag.FlagSet) {
	f.StringVar(&p.target, "target", "", "`product`: "+kinds)
	f.StringVar(&p.control, "control", "", "exec:`PROGRAM`: with a link (vpcd, pcsc), the shim that gives the verbs which a link has not")
}

// open brings the product.  The profile is that of a product of ours, and nil for
// any other.
func (p place) open(ctx context.Context, o shim.Options) (shim.Device, *conformance.Profile, error) {
	kind, rest, _ := strings.Cut(p.target, ":")
	if p.hasLink() {
		d, err := p.linked(ctx, kind, rest, o)
		return d, nil, err
	}
	if p.control != "" {
		return nil, nil, fmt.Errorf("%w: --control goes with a target of kind vpcd-listen, vpcd-connect or pcsc; %s has all verbs in one channel", errUsage, p.target)
	}
	switch kind {
	case "demo":
		return openDemo(rest, o)
	case "exec":
		d, err := start(ctx, "--target", p.target, o)
		return d, nil, err
	case "":
		return nil, nil, fmt.Errorf("%w: --target is missing: %s", errUsage, kinds)
	}
	return nil, nil, fmt.Errorf("%w: --target %s: want %s", errUsage, p.target, kinds)
}

// hasLink reports whether the product is reached over a link, not over a shim alone.
func (p place) hasLink() bool {
	kind, _, _ := strings.Cut(p.target, ":")
	return slices.Contains([]string{"vpcd-listen", "vpcd-connect", "pcsc"}, kind)
}

// openDemo brings a reference product.
func openDemo(name string, o shim.Options) (shim.Device, *conformance.Profile, error) {
	switch o.Role {
	case shim.RoleApp:
		return target.NewApp(rand.Reader), nil, demoHas(name)
	case shim.RoleIssuer:
		return target.NewIssuer(), nil, demoHas(name)
	}
	f, p, err := demo(name)
	if err != nil {
		return nil, nil, err
	}
	return target.NewLock(f, rand.Reader), p, nil
}

// start starts the child that a flag names.
func start(ctx context.Context, flag, name string, o shim.Options) (shim.Device, error) {
	rest, ok := strings.CutPrefix(name, "exec:")
	words := strings.Fields(rest)
	if !ok || len(words) == 0 {
		return nil, fmt.Errorf("%w: %s %s names no program: want exec:PROGRAM", errUsage, flag, name)
	}
	return target.Exec(ctx, o, words[0], words[1:]...)
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
