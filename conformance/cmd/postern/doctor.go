package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/postern-lock/postern/conformance"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/world"
)

// rounds is how often the doctor selects the lock.
const rounds = 50

// doctorVerb measures the rig.
func doctorVerb(ctx context.Context, c console, args []string) error {
	f := flags(c, "doctor", "")
	var where place
	where.on(f)
	patience := f.Duration("patience", 10*time.Second, "how long a shim may take for one answer")
	if err := parse(f, args, 0); err != nil {
		return err
	}
	began := time.Now()
	d, _, err := where.open(ctx, shim.Options{Patience: *patience})
	if err != nil {
		return err
	}
	err = examine(ctx, c, d, time.Since(began))
	closed := d.Close()
	if err != nil {
		return err
	}
	return closed
}

// examine tells what the rig is and how long it takes.
func examine(ctx context.Context, c console, d shim.Device, start time.Duration) error {
	h := d.Hello()
	fmt.Fprintf(c.out, "%s %s, role %s, level L%d, greets after %v\n", h.Product, h.Version, h.Role, h.Level(), start.Round(time.Microsecond))
	for _, v := range shim.Verbs(h.Role) {
		has := "has"
		if !h.Has(v) {
			has = "lacks"
		}
		fmt.Fprintf(c.out, "  %-5s %-10s L%d\n", has, v, v.Level())
	}
	if h.Role != shim.RoleLock {
		return nil
	}
	w, err := world.New(1)
	if err != nil {
		return err
	}
	p, err := conformance.Assume(ctx, d, w)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "it announces the profiles %d, extended length %v, and answers:\n", p.Profiles, p.ExtendedLength)
	var powers, selects []time.Duration
	for range rounds {
		began := time.Now()
		for _, on := range []bool{false, true} {
			if _, err := shim.Call[shim.Nothing](ctx, d, shim.Power{On: on}); err != nil {
				return err
			}
		}
		powers = append(powers, time.Since(began))
		began = time.Now()
		a, err := shim.Call[shim.Answer](ctx, d, shim.Transceive{APDU: []byte("\x00\xA4\x04\x00\x09\xF0POSTERN\x01\x00")})
		if err != nil {
			return err
		}
		selects = append(selects, time.Since(began))
		if a.Silent {
			return &shim.Fault{Kind: shim.Failed, Detail: "the lock does not answer SELECT, so that nothing can be measured: is it in the field?"}
		}
	}
	spread(c, "field off and on", powers)
	spread(c, "SELECT", selects)
	return nil
}

// spread prints the least, the middle and the greatest.
func spread(c console, what string, all []time.Duration) {
	slices.Sort(all)
	fmt.Fprintf(c.out, "  %-16s %v to %v, half of them within %v\n", what, all[0], all[len(all)-1], all[len(all)/2])
}
