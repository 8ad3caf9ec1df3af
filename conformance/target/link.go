package target

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/postern-lock/postern/conformance/shim"
)

// Link is the way to a lock that its makers give no shim: a field, and commands in
// it.  Its errors are faults of the rig.
type Link interface {
	// Power switches the field.  It returns when the lock has noticed.
	Power(ctx context.Context, on bool) error
	// Transceive hands a command over, in a field that is on.
	Transceive(ctx context.Context, command []byte) (*shim.Answer, error)
	// About says in a sentence what it is and what is at its other end.
	About() string
	// Close lets the lock go.
	Close() error
}

// linked is a lock behind a link.  What the link cannot do goes to the control
// shim, where there is one: the two channels of the suite.
type linked struct {
	link    Link
	control shim.Device // nil where there is none
	hello   shim.Hello
	on      bool
}

// linkVerbs are those of a link.
var linkVerbs = []shim.Verb{shim.VerbPower, shim.VerbTransceive}

// NewLinked returns the lock at the other end of the link as a device.  The control
// shim, nil for none, gives the verbs that a link has not; the device closes both.
func NewLinked(l Link, control shim.Device) shim.Device {
	d := &linked{link: l, control: control}
	if control == nil {
		d.hello = shim.Hello{Protocol: shim.Protocol, Role: shim.RoleLock, Product: "a lock of unknown name", Version: "unknown", Verbs: linkVerbs}
		return d
	}
	d.hello = control.Hello()
	others := slices.DeleteFunc(slices.Clone(d.hello.Verbs), func(v shim.Verb) bool { return slices.Contains(linkVerbs, v) })
	d.hello.Verbs = append(slices.Clone(linkVerbs), others...)
	return d
}

// Hello returns what the control shim says of the lock, with the verbs of both.
func (d *linked) Hello() shim.Hello { return d.hello }

// About says what the link is.
func (d *linked) About() string { return d.link.About() }

// Do carries out a request over the link, or has the control shim do so.
func (d *linked) Do(ctx context.Context, r shim.Request) (any, error) {
	switch r := r.(type) {
	case shim.Power:
		return &shim.Nothing{}, d.power(ctx, r.On)
	case shim.Transceive:
		if !d.on {
			return &shim.Answer{Silent: true}, nil
		}
		return d.link.Transceive(ctx, r.APDU)
	}
	if d.control == nil {
		return nil, fmt.Errorf("%w: %s", shim.ErrUnsupported, r.Verb())
	}
	if r.Verb() == shim.VerbProvision { // after it the power is off
		if err := d.power(ctx, false); err != nil {
			return nil, err
		}
	}
	return d.control.Do(ctx, r)
}

// power switches the field where it is not as it should be.
func (d *linked) power(ctx context.Context, on bool) error {
	if d.on == on {
		return nil
	}
	if err := d.link.Power(ctx, on); err != nil {
		return err
	}
	d.on = on
	return nil
}

// Close switches the field off and lets the lock go.
func (d *linked) Close() error {
	err := d.link.Close()
	if d.control != nil {
		err = errors.Join(err, d.control.Close())
	}
	return err
}
