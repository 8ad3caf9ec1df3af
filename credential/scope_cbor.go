package credential

import (
	"math"

	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

const scopeName = grantName + ": scope"

// readScope decodes the scope of a grant.
//
//	scope = [ 1*4 [ target-kind, target-value, actions, ? conditions ] ]
func (c *GrantClaims) readScope(data []byte) error {
	r := read(scopeName, data)
	n := r.array("entries", 1, wire.LimitScopeEntries, ReasonLimit)
	c.Scope = make([]Entry, n)
	for i := range c.Scope {
		c.Scope[i].read(&r)
	}
	return r.close()
}

// read decodes one entry.
func (e *Entry) read(r *reader) {
	n := r.array("entry", 3, 4, ReasonMalformed)
	e.Target.read(r)
	e.Actions = Actions(r.number("actions"))
	if n == 4 {
		e.readConditions(r)
	}
}

// read decodes kind and value of a target.  The value of a kind that is not
// known can be anything.
func (t *Target) read(r *reader) {
	t.kind = r.wide("target kind")
	switch t.kind {
	case wire.TargetLock:
		t.lock = LockID(r.sized("target: lock id", len(t.lock)))
	case wire.TargetArea:
		t.other = string(r.bytes("target: area"))
	default:
		t.other = r.raw("target")
	}
}

// readConditions decodes the conditions of an entry.  Those that are not known
// are kept, so that the lock can say so when it judges the grant.
func (e *Entry) readConditions(r *reader) {
	for range r.pairs("conditions", 1, wire.LimitConditions, ReasonLimit) {
		switch number := r.wide("conditions"); number {
		case wire.ConditionPolicy:
			e.PolicyVersion = r.positive("condition policy")
		case wire.ConditionService:
			e.Service = Service(r.positive("condition service"))
		default:
			e.unknown = append(e.unknown, condition{number, r.raw("conditions")})
		}
	}
}

// appendScope encodes the scope of a grant.
func appendScope(b []byte, entries []Entry) []byte {
	b = dcbor.AppendArray(b, len(entries))
	for i := range entries {
		b = entries[i].append(b)
	}
	return b
}

// append encodes one entry.
func (e *Entry) append(b []byte) []byte {
	conditions := len(e.unknown)
	for _, v := range []uint32{e.PolicyVersion, uint32(e.Service)} {
		if v != 0 {
			conditions++
		}
	}
	b = dcbor.AppendArray(b, 3+min(conditions, 1))
	b = dcbor.AppendUint(b, e.Target.kind)
	switch e.Target.kind {
	case wire.TargetLock:
		b = dcbor.AppendBytes(b, e.Target.lock[:])
	case wire.TargetArea:
		b = dcbor.AppendBytes(b, []byte(e.Target.other))
	default:
		b = append(b, e.Target.other...)
	}
	b = dcbor.AppendUint(b, uint64(e.Actions))
	if conditions == 0 {
		return b
	}
	b = dcbor.AppendMap(b, conditions)
	b = e.appendUnknown(b, 0, wire.ConditionPolicy)
	if e.PolicyVersion != 0 {
		b = dcbor.AppendUint(dcbor.AppendInt(b, wire.ConditionPolicy), uint64(e.PolicyVersion))
	}
	b = e.appendUnknown(b, wire.ConditionPolicy, wire.ConditionService)
	if e.Service != ServiceNone {
		b = dcbor.AppendUint(dcbor.AppendInt(b, wire.ConditionService), uint64(e.Service))
	}
	return e.appendUnknown(b, wire.ConditionService, math.MaxUint64)
}

// appendUnknown encodes the unknown conditions with numbers from least to most.
func (e *Entry) appendUnknown(b []byte, least, most uint64) []byte {
	for _, c := range e.unknown {
		if c.number >= least && c.number <= most {
			b = append(dcbor.AppendUint(b, c.number), c.value...)
		}
	}
	return b
}
