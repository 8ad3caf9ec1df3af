package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/postern-lock/postern/conformance"
	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/conformance/shim"
)

// doctorVerb measures the rig.
func doctorVerb(ctx context.Context, c console, args []string) error {
	f := flags(c, "doctor", "")
	var where place
	where.on(f)
	role := f.String("role", "", "lock, app or issuer; a shim says so itself, and a link is for a lock where nothing is said")
	patience := f.Duration("patience", 10*time.Second, "how long a shim may take for one answer")
	if err := parse(f, args, 0); err != nil {
		return err
	}
	if *role != "" && shim.Verbs(shim.Role(*role)) == nil {
		return fmt.Errorf("%w: --role %s, where lock, app or issuer is right", errUsage, *role)
	}
	began := time.Now()
	d, _, err := where.open(ctx, shim.Options{Role: shim.Role(*role), Patience: *patience})
	if err != nil {
		return where.advise(c, err)
	}
	err = examine(ctx, c, d, time.Since(began))
	closed := d.Close()
	if err != nil {
		return where.advise(c, err)
	}
	return closed
}

// advise tells what to do about a fault of the rig.
func (p place) advise(c console, err error) error {
	if _, ok := errors.AsType[*shim.Fault](err); !ok {
		return err
	}
	kind, _, _ := strings.Cut(p.target, ":")
	fmt.Fprintf(c.out, "the rig is not fit.  %s\n", map[string]string{
		"exec":         `Start the program by hand and write it the line {"id":1,"verb":"hello","protocol":1}: what comes back?`,
		"vpcd-listen":  "Here the tool listens, and the other side connects, as a card of vpcd does: is it started, or does --control start it, with this port?  A pcscd with the driver vpcd listens at 35963 itself: then the lock is a target of kind pcsc.",
		"vpcd-connect": "Here the tool connects, and the other side listens: is it started, or does --control start it, with this port?  For --role app it is pcscd with the driver vpcd that listens.",
		"pcsc":         "Does pcscd run, may this user use it, does opensc-tool --list-readers show the reader with a card in it, and does no other program hold the card?",
	}[kind])
	return err
}

// examine tells what the rig is and how long it takes.
func examine(ctx context.Context, c console, d shim.Device, start time.Duration) error {
	if a, ok := d.(interface{ About() string }); ok && a.About() != "" {
		fmt.Fprintf(c.out, "link: %s\n", a.About())
	}
	h := d.Hello()
	fmt.Fprintf(c.out, "%s %s, role %s, level L%d, greets after %v\n", h.Product, h.Version, h.Role, h.Level(), start.Round(time.Microsecond))
	for _, v := range shim.Verbs(h.Role) {
		has := "has"
		if !h.Has(v) {
			has = "lacks"
		}
		line := fmt.Sprintf("  %-5s %-10s L%d", has, v, v.Level())
		if h.Role != shim.RoleLock { // whose verbs alone are in steps: an app or an issuer is at L1 or is not tried at all
			line = fmt.Sprintf("  %-5s %s", has, v)
		}
		fmt.Fprintln(c.out, line)
	}
	if h.Role == shim.RoleLock {
		return examineLock(ctx, c, d)
	}
	return firstCase(ctx, c, d)
}

// firstCase has an app or an issuer do what is asked of it first: it is the rig that
// is looked at, and the product is held to nothing.
func firstCase(ctx context.Context, c console, d shim.Device) error {
	all := conformance.Cases(d.Hello().Role)
	for i := range all {
		if all[i].Polarity() != cases.Positive {
			continue
		}
		r, err := conformance.Run(ctx, conformance.Plan{Device: d, Target: "doctor", Cases: all[i : i+1]})
		if err != nil {
			return err
		}
		x := r.Results[0]
		if r.Rig != "" {
			return &shim.Fault{Kind: shim.Failed, Detail: strings.TrimPrefix(r.Rig, "the rig: ")}
		}
		fmt.Fprintf(c.out, "a first case, %s (%s): %s after %v\n", x.Case, x.Title, x.Verdict, time.Duration(x.Took)*time.Microsecond)
		if x.Verdict != report.Pass {
			fmt.Fprintf(c.out, "  %s\n", x.Message)
		}
		return nil
	}
	return nil
}
