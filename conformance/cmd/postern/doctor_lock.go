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

// Commands of the doctor: SELECT, and a HANDSHAKE-1 that holds nothing.
var (
	selects   = []byte("\x00\xA4\x04\x00\x09\xF0POSTERN\x01\x00")
	handshake = []byte{0x80, 0x10, 0, 0, 1, 0, 0}
)

// lockRig is the way to a lock, as the doctor tries it.
type lockRig struct {
	console
	ctx context.Context
	shim.Device
	poor bool // it would have the lock blamed for something
}

// examineLock measures the way to a lock, and what of it passes.
func examineLock(ctx context.Context, c console, d shim.Device) error {
	w, err := world.New(1)
	if err != nil {
		return err
	}
	p, err := conformance.Assume(ctx, d, w)
	if err != nil {
		return err
	}
	r := &lockRig{console: c, ctx: ctx, Device: d}
	fmt.Fprintf(c.out, "it announces the profiles %d, extended length %v, and answers:\n", p.Profiles, p.ExtendedLength)
	for _, step := range []func() error{r.times, r.forgets, func() error { return r.lengths(p.ExtendedLength) }} {
		if err := step(); err != nil {
			return err
		}
	}
	if r.poor {
		return status(rig)
	}
	return nil
}

// but says what is poor, and what to do about it.
func (r *lockRig) but(advice string) {
	r.poor = true
	fmt.Fprintf(r.out, "    BUT: %s\n", advice)
}

// cycle takes the field away and brings it back.
func (r *lockRig) cycle() error {
	for _, on := range []bool{false, true} {
		if _, err := shim.Call[shim.Nothing](r.ctx, r.Device, shim.Power{On: on}); err != nil {
			return err
		}
	}
	return nil
}

// send returns the answer to a command for people: its last two bytes.
func (r *lockRig) send(command []byte) (string, error) {
	a, err := shim.Call[shim.Answer](r.ctx, r.Device, shim.Transceive{APDU: command})
	switch {
	case err != nil:
		return "", err
	case a.Silent:
		return "no answer", nil
	}
	return fmt.Sprintf("%X", []byte(a.APDU[len(a.APDU)-2:])), nil
}

// times measures field and SELECT.
func (r *lockRig) times() error {
	var powers, answers []time.Duration
	for range rounds {
		began := time.Now()
		if err := r.cycle(); err != nil {
			return err
		}
		powers = append(powers, time.Since(began))
		began = time.Now()
		a, err := r.send(selects)
		if err != nil {
			return err
		}
		answers = append(answers, time.Since(began))
		if a == "no answer" {
			return &shim.Fault{Kind: shim.Failed, Detail: "the lock does not answer SELECT, so that nothing can be measured: is it in the field, and was it provisioned?"}
		}
	}
	r.spread("field off and on", powers)
	r.spread("SELECT", answers)
	return nil
}

// spread prints the least, the middle and the greatest.
func (r *lockRig) spread(what string, all []time.Duration) {
	slices.Sort(all)
	fmt.Fprintf(r.out, "  %-16s %v to %v, half of them within %v\n", what, all[0], all[len(all)-1], all[len(all)/2])
}

// forgets finds out whether the field that goes takes the lock's transaction along.
func (r *lockRig) forgets() error {
	var got [2]string
	selected := ""
	for i, away := range []bool{false, true} {
		if err := r.cycle(); err != nil {
			return err
		}
		var err error
		if selected, err = r.send(selects); err != nil {
			return err
		}
		if away {
			if err := r.cycle(); err != nil {
				return err
			}
		}
		a, err := r.send(handshake)
		if err != nil {
			return err
		}
		got[i] = a
	}
	if selected != "9000" {
		fmt.Fprintf(r.out, "  %-16s SELECT is answered with %s: whether the field really goes cannot be told until it is 9000\n", "power off", selected)
		return nil
	}
	fmt.Fprintf(r.out, "  %-16s an empty HANDSHAKE-1 has the answer %s after SELECT, and %s where the field was off in between\n", "power off", got[0], got[1])
	if got[0] == got[1] {
		r.but("these are the same, as if the lock kept its transaction.  Does the field really go?  A reader that only says so, or a second supply,\n" +
			"    a debugger or USB among it, keeps the lock awake: cases that cut the power would blame the lock for it.")
	}
	return nil
}

// lengths finds out which commands pass to the lock.
func (r *lockRig) lengths(extended bool) error {
	passes := 0
	for _, n := range []int{260, 300, 1024, 2048} {
		if err := r.cycle(); err != nil {
			return err
		}
		a, err := r.send(long(n))
		if err != nil {
			return err
		}
		if a == "no answer" {
			break
		}
		passes = n
	}
	fmt.Fprintf(r.out, "  %-16s commands of up to %d bytes pass\n", "length", passes)
	switch {
	case passes < 260:
		r.but("this is less than a short command can be long.  Take another reader, or its newest driver.")
	case extended && passes < 2048:
		r.but("the lock announces extended length.  It is the reader's limit where the same lock takes more over another way: take a reader whose\n" +
			"    driver speaks of extended APDUs, or cases with long commands would blame the lock.")
	}
	return nil
}

// long returns a command of n bytes that no lock knows; to 260 it is a short one.
func long(n int) []byte {
	head := []byte{0x80, 0xFE, 0, 0, byte(n - 5)}
	if n > 260 {
		head = []byte{0x80, 0xFE, 0, 0, 0, byte((n - 7) >> 8), byte(n - 7)}
	}
	return append(head, make([]byte, n-len(head))...)
}
