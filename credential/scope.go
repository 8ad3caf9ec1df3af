package credential

import (
	"bytes"
	"slices"

	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

// Target says which locks an entry of a grant is for (section 4.6).  Make one
// with [LockTarget] or [AreaTarget].
type Target struct {
	kind uint64
	lock LockID
	area string
}

// LockTarget is one lock.
func LockTarget(id LockID) Target { return Target{kind: wire.TargetLock, lock: id} }

// AreaTarget is every lock whose area code starts with prefix, of 1 to 16
// bytes: country, then postal code, then round.
func AreaTarget(prefix []byte) Target {
	return Target{kind: wire.TargetArea, area: string(prefix)}
}

// Lock returns the lock that the target names, and whether it names one.
func (t Target) Lock() (LockID, bool) { return t.lock, t.kind == wire.TargetLock }

// Area returns the area prefix that the target names, and whether it names one.
func (t Target) Area() ([]byte, bool) { return []byte(t.area), t.kind == wire.TargetArea }

// Includes reports whether the target includes the lock at the place.  A kind
// of target that this version does not know includes no lock.
func (t Target) Includes(at Place) bool {
	switch t.kind {
	case wire.TargetLock:
		return t.lock == at.Lock
	case wire.TargetArea:
		return t.area != "" && bytes.HasPrefix(at.Area, []byte(t.area))
	}
	return false
}

// Entry is one line of a grant's scope: what may be done where, under which
// conditions.
type Entry struct {
	Target  Target
	Actions Actions
	// PolicyVersion is the least version of the owner's policy that the lock
	// must hold; zero asks for none.
	PolicyVersion uint32
	// Service is the service in whose name an operator grants.  It may stay
	// zero where the operator's authority holds one service alone.
	Service Service
	// unknown are the conditions that this version does not implement.
	unknown []uint64
}

// Unknown returns the numbers of the entry's conditions that this version does
// not implement.  An entry that has one is never good.
func (e Entry) Unknown() []uint64 { return slices.Clone(e.unknown) }

// check applies the rules for an entry that is to be issued.
func (e Entry) check() error {
	switch {
	case e.Actions == 0 || e.Actions&^allActions != 0:
		return fault(ReasonMalformed, "%s: actions %#x are none or unknown", grantName, uint32(e.Actions))
	case e.Target.kind == wire.TargetLock:
		return nil
	case e.Target.kind != wire.TargetArea:
		return fault(ReasonTarget, "%s: target is missing", grantName)
	case len(e.Target.area) == 0 || len(e.Target.area) > wire.LimitAreaBytes:
		return fault(ReasonLimit, "%s: an area prefix has 1 to %d bytes, this has %d", grantName, wire.LimitAreaBytes, len(e.Target.area))
	}
	return nil
}

// appendScope appends the content of a grant's scope.
//
//	scope = [ 1*4 [ target-kind, target-value, actions, ? conditions ] ]
func appendScope(b []byte, entries []Entry) []byte {
	b = dcbor.AppendArray(b, len(entries))
	for _, e := range entries {
		conditions := 0
		if e.PolicyVersion != 0 {
			conditions++
		}
		if e.Service != ServiceNone {
			conditions++
		}
		b = dcbor.AppendArray(b, 3+min(conditions, 1))
		b = dcbor.AppendUint(b, e.Target.kind)
		if e.Target.kind == wire.TargetLock {
			b = dcbor.AppendBytes(b, e.Target.lock[:])
		} else {
			b = dcbor.AppendBytes(b, []byte(e.Target.area))
		}
		b = dcbor.AppendUint(b, uint64(e.Actions))
		if conditions == 0 {
			continue
		}
		b = dcbor.AppendMap(b, conditions)
		if e.PolicyVersion != 0 {
			b = dcbor.AppendUint(dcbor.AppendInt(b, wire.ConditionPolicy), uint64(e.PolicyVersion))
		}
		if e.Service != ServiceNone {
			b = dcbor.AppendUint(dcbor.AppendInt(b, wire.ConditionService), uint64(e.Service))
		}
	}
	return b
}

// parseScope decodes the content of a grant's scope.
func parseScope(data []byte) ([]Entry, error) {
	const what = grantName + ": scope"
	var lines [][]dcbor.Raw
	if err := decode(what, data, &lines); err != nil {
		return nil, err
	}
	if len(lines) == 0 || len(lines) > wire.LimitScopeEntries {
		return nil, fault(ReasonLimit, "%s: 1 to %d entries are allowed, this has %d", what, wire.LimitScopeEntries, len(lines))
	}
	entries := make([]Entry, len(lines))
	for i, line := range lines {
		if err := entries[i].parse(line); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// parse decodes one entry.
func (e *Entry) parse(line []dcbor.Raw) error {
	const what = grantName + ": scope entry"
	if len(line) != 3 && len(line) != 4 {
		return fault(ReasonMalformed, "%s: 3 or 4 elements, not %d", what, len(line))
	}
	if err := decode(what+": target kind", line[0], &e.Target.kind); err != nil {
		return err
	}
	if err := e.Target.parse(line[1]); err != nil {
		return err
	}
	var actions uint64
	if err := decode(what+": actions", line[2], &actions); err != nil {
		return err
	}
	if actions == 0 || actions&^uint64(allActions) != 0 {
		return fault(ReasonMalformed, "%s: actions %#x are none or unknown", what, actions)
	}
	e.Actions = Actions(actions)
	if len(line) == 4 {
		return e.parseConditions(line[3])
	}
	return nil
}

// parse decodes the value of a target whose kind is known already.
func (t *Target) parse(value dcbor.Raw) error {
	const what = grantName + ": target"
	if t.kind != wire.TargetLock && t.kind != wire.TargetArea {
		return nil // includes no lock, whatever its value
	}
	var b []byte
	if err := decode(what, value, &b); err != nil {
		return err
	}
	if t.kind == wire.TargetLock {
		if len(b) != len(t.lock) {
			return fault(ReasonMalformed, "%s: a lock id has %d bytes, this has %d", what, len(t.lock), len(b))
		}
		t.lock = LockID(b)
		return nil
	}
	if len(b) == 0 || len(b) > wire.LimitAreaBytes {
		return fault(ReasonLimit, "%s: an area prefix has 1 to %d bytes, this has %d", what, wire.LimitAreaBytes, len(b))
	}
	t.area = string(b)
	return nil
}

// parseConditions decodes the conditions of an entry.
func (e *Entry) parseConditions(data dcbor.Raw) error {
	const what = grantName + ": conditions"
	var conditions map[uint64]dcbor.Raw
	if err := decode(what, data, &conditions); err != nil {
		return err
	}
	if len(conditions) == 0 || len(conditions) > wire.LimitConditions {
		return fault(ReasonLimit, "%s: 1 to %d are allowed, this has %d", what, wire.LimitConditions, len(conditions))
	}
	for number, value := range conditions {
		var into *uint32
		switch number {
		case wire.ConditionPolicy:
			into = &e.PolicyVersion
		case wire.ConditionService:
			into = (*uint32)(&e.Service)
		default:
			e.unknown = append(e.unknown, number)
			continue
		}
		if err := decode(what, value, into); err != nil {
			return err
		}
		if *into == 0 {
			return fault(ReasonMalformed, "%s: condition %d must not be zero; leave it out", what, number)
		}
	}
	slices.Sort(e.unknown)
	return nil
}
