package conformance

import (
	"context"
	"fmt"
	"slices"

	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/spec"
)

// Assume makes a profile of what a product shows by itself, for whoever has no
// profile yet: of a lock the capabilities that SELECT announces, and the options
// that its shim has verbs for.  A run under it cannot find a claim that does not
// show, nor a capability that nobody claimed.
func Assume(ctx context.Context, d shim.Device, w *world.World) (*Profile, error) {
	h := d.Hello()
	p := &Profile{Product: h.Product, Edition: spec.Version, Role: h.Role, Level: h.Level()}
	if h.Role != shim.RoleLock {
		return p, nil
	}
	mask, err := announced(ctx, d, w)
	if err != nil {
		return nil, err
	}
	if p.Profiles, err = profiles(mask, h.Has(shim.VerbMeet)); err != nil {
		return nil, err
	}
	p.ExtendedLength = mask&2 != 0
	if h.Has(shim.VerbButton) {
		p.Options = append(p.Options, "button")
	}
	if h.Has(shim.VerbTamper) {
		p.Options = append(p.Options, "tamper-sensor")
	}
	return p, nil
}

// announced has a lock selected and returns its capabilities; a lock that does
// not answer as one of the standard announces none.
func announced(ctx context.Context, d shim.Device, w *world.World) (uint64, error) {
	if d.Hello().Has(shim.VerbProvision) {
		f, err := w.Factory(3)
		if err != nil {
			return 0, err
		}
		if _, err := shim.Call[shim.Nothing](ctx, d, f); err != nil {
			return 0, err
		}
	}
	for _, on := range []bool{false, true} {
		if _, err := shim.Call[shim.Nothing](ctx, d, shim.Power{On: on}); err != nil {
			return 0, err
		}
	}
	a, err := shim.Call[shim.Answer](ctx, d, shim.Transceive{APDU: []byte("\x00\xA4\x04\x00\x09\xF0POSTERN\x01\x00")})
	if err != nil || a.Silent || len(a.APDU) < 10 {
		return 0, err
	}
	if a.APDU[6] == 0x18 {
		return uint64(a.APDU[7]), nil
	}
	return uint64(a.APDU[6]), nil
}

// profiles returns the sum of the profiles that go with a mask of capabilities.
func profiles(mask uint64, reads bool) (uint64, error) {
	capabilities, err := spec.Registry("capabilities")
	if err != nil {
		return 0, err
	}
	rows, err := spec.Registry("profiles")
	if err != nil {
		return 0, err
	}
	sum := uint64(0)
	for _, r := range rows {
		shows := slices.ContainsFunc(capabilities, func(c spec.Row) bool { return c.Name == announces[r.Name] && mask&uint64(c.Value) != 0 })
		if shows || r.Name == "core" || r.Name == "binding-r" && reads {
			sum |= uint64(r.Value)
		}
	}
	if sum == 0 {
		return 0, fmt.Errorf("conformance: the registry profiles is empty")
	}
	return sum, nil
}
