package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/postern-lock/postern/conformance"
	"github.com/postern-lock/postern/conformance/shim"
)

// bring opens the target as often as the flag --jobs says.  What it returns is to
// be dismissed, with an error too.
func (o runOptions) bring(ctx context.Context) (devices []shim.Device, ours *conformance.Profile, err error) {
	for range o.side() {
		var d shim.Device
		if d, ours, err = o.open(ctx, shim.Options{Role: shim.Role(o.role), Patience: o.patience}); err != nil {
			return devices, nil, err
		}
		devices = append(devices, d)
		if role := d.Hello().Role; role != shim.Role(o.role) {
			return devices, nil, fmt.Errorf("%w: --role %s, where the target plays %s", errUsage, o.role, role)
		}
	}
	return devices, ours, nil
}

// side is how many of the product run side by side.  Of other people's products
// it is one, unless they ask for more: two simulators may share a file or a port.
func (o runOptions) side() int {
	switch {
	case o.jobs > 0:
		return o.jobs
	case o.target == "demo" || strings.HasPrefix(o.target, "demo:"):
		return runtime.GOMAXPROCS(0)
	}
	return 1
}

// dismiss closes devices.
func dismiss(devices []shim.Device) error {
	var errs []error
	for _, d := range devices {
		errs = append(errs, d.Close())
	}
	return errors.Join(errs...)
}
