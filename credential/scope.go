package credential

import (
	"bytes"
	"slices"

	"github.com/postern-lock/postern/internal/wire"
)

// Target says which locks an entry of a grant is for (section 4.8).  Make one
// with [LockTarget] or [AreaTarget].
type Target struct {
	kind  uint64
	lock  LockID
	other string // of an area its prefix, of an unknown kind the value's encoding
}

// LockTarget is one lock.
func LockTarget(id LockID) Target { return Target{kind: wire.TargetLock, lock: id} }

// AreaTarget is every lock whose area code starts with prefix, of 1 to 16
// bytes: country, then postal code, then round.  No round's code may be the
// beginning of another's, so they have one width: 042, not 42.
func AreaTarget(prefix []byte) Target {
	return Target{kind: wire.TargetArea, other: string(prefix)}
}

// Lock returns the lock that the target names, and whether it names one.
func (t Target) Lock() (LockID, bool) { return t.lock, t.kind == wire.TargetLock }

// Area returns the area prefix that the target names, and whether it names one.
func (t Target) Area() ([]byte, bool) {
	if t.kind != wire.TargetArea {
		return nil, false
	}
	return []byte(t.other), true
}

// Includes reports whether the target includes the lock at the place.  A kind
// of target that this version does not know includes no lock.
func (t Target) Includes(at Place) bool {
	switch t.kind {
	case wire.TargetLock:
		return t.lock == at.Lock
	case wire.TargetArea:
		return t.other != "" && bytes.HasPrefix(at.Area, []byte(t.other))
	}
	return false
}

// known reports whether this version knows the kind of target.
func (t Target) known() bool { return t.kind == wire.TargetLock || t.kind == wire.TargetArea }

// Entry is one line of a grant's scope: what may be done where, under which
// conditions.  A condition that is zero is none.
type Entry struct {
	Target  Target
	Actions Actions
	// Schedule are the hours, by the lock's local time; nil is always.  One that
	// is there and empty is refused.
	Schedule Schedule
	// Uses is how often the entry may be used.
	Uses Uses
	// Delegation is how many links may hang below the grant, 0 to 2.
	Delegation uint8
	// Evidence is the least evidence of time.  A schedule without it needs
	// [EvidenceLive].
	Evidence Evidence
	// PolicyVersion is the least version of the owner's policy that the lock
	// must hold; zero asks for none.
	PolicyVersion uint32
	// Resource is the compartment, 1 to 255; zero is every one.
	Resource uint8
	// Service is the service in whose name an operator grants.  It may stay
	// zero where the operator's authority holds one service alone.
	Service Service
	// unknown are the conditions that this version does not implement, by
	// rising number.
	unknown []condition
}

// check applies the rules that hold for every entry.
func (e *Entry) check() error {
	switch n := len(e.Target.other); {
	case e.Actions == 0 || e.Actions&^allActions != 0:
		return fault(ReasonMalformed, "%s: actions: %s are none or not in the registry", grantName, e.Actions)
	case e.Target.kind == wire.TargetArea && (n == 0 || n > wire.LimitAreaBytes):
		return fault(ReasonLimit, "%s: target: an area prefix has 1 to %d bytes, this has %d", grantName, wire.LimitAreaBytes, n)
	}
	return e.checkConditions()
}

// cloneScope returns a copy that shares nothing that its reader could change.
func cloneScope(scope []Entry) []Entry {
	scope = slices.Clone(scope)
	for i := range scope {
		scope[i].Schedule = slices.Clone(scope[i].Schedule)
	}
	return scope
}

// known refuses what this version cannot judge, and therefore does not issue.
func (e *Entry) known() error {
	switch {
	case !e.Target.known():
		return fault(ReasonTarget, "%s: target: is missing, or of a kind that this version does not know", grantName)
	case len(e.unknown) > 0:
		return fault(ReasonConditionUnknown, "%s: conditions: this version does not implement condition %d", grantName, e.unknown[0].number)
	}
	return nil
}
