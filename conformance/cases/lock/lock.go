// Package lock holds the cases for locks, one file an area.
package lock

import (
	"slices"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
)

// All returns every case for locks.
func All() []cases.Case {
	all := slices.Concat(
		selection(), besideOthers(), chains(), lostLink(), fetching(), order(), states(),
		objects(), handshakes(), signatures(), exchange(), channel(), requests(), signers(), targets(), bounds(),
		decisions(), liveTime(), hoursForm(), uncounted(), whole(), untouched(), transfers(),
		steps(), profiles(), resumption(), logs(), sealed(), commissioning(), cuts(), power(), reader(), opening(),
		parents(), wills(),
	)
	for i := range all {
		all[i].Role = shim.RoleLock
	}
	return all
}
