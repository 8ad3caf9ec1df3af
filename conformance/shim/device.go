package shim

import (
	"context"
	"fmt"
)

// Device is a product under test as the suite works it, over a shim or in this
// process.  It is for one user at a time.
type Device interface {
	// Hello returns what the device says of itself.
	Hello() Hello
	// Do carries out a request and returns a pointer to what the request's type
	// says.  It returns ErrUnsupported for a verb that Hello does not list; any
	// other error is a fault of the rig, a *Fault where it is known which, and
	// the device is of no use any more.
	Do(ctx context.Context, r Request) (any, error)
	// Close lets go of the device.
	Close() error
}

// Call carries out a request that returns an R.
func Call[R any](ctx context.Context, d Device, r Request) (R, error) {
	var zero R
	if v := r.Verb(); !d.Hello().Has(v) {
		return zero, fmt.Errorf("%w: %s", ErrUnsupported, v)
	}
	reply, err := d.Do(ctx, r)
	if err != nil {
		return zero, err
	}
	p, ok := reply.(*R)
	if !ok {
		return zero, &Fault{Kind: Failed, Detail: fmt.Sprintf("%s returned a %T", r.Verb(), reply)}
	}
	return *p, nil
}
