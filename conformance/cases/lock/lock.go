// Package lock holds the cases for locks, one file an area.
package lock

import (
	"slices"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
)

// All returns every case for locks.
func All() []cases.Case {
	all := slices.Concat(selection(), chains(), fetching(), order(), states(), decisions(), liveTime(), hoursForm(), uncounted(), whole(), untouched(), transfers())
	for i := range all {
		all[i].Role = shim.RoleLock
	}
	return all
}
