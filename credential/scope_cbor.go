package credential

import (
	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

const scopeName = grantName + ": scope"

// readScope decodes the scope of a grant.
//
//	scope = [ ? parent: bstr .size 32, 1*4 [ target-kind, target-value, actions, ? conditions ] ]
func (c *GrantClaims) readScope(data []byte) error {
	r := read(scopeName, data)
	n := r.array("entries", 0, wire.LimitCborItems, ReasonLimit)
	if r.item.Kind() == dcbor.KindBytes {
		n--
		c.Parent = [len(c.Parent)]byte(r.sized("parent", len(c.Parent)))
		if !c.delegated() {
			r.refuse(ReasonMalformed, "parent", "must not be zero")
		}
	}
	n = r.within("entries", n, 1, wire.LimitScopeEntries, ReasonLimit)
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

// appendScope encodes the scope of a grant.
func (c *GrantClaims) appendScope(b []byte) []byte {
	if c.delegated() {
		b = dcbor.AppendBytes(dcbor.AppendArray(b, 1+len(c.Scope)), c.Parent[:])
	} else {
		b = dcbor.AppendArray(b, len(c.Scope))
	}
	for i := range c.Scope {
		b = c.Scope[i].append(b)
	}
	return b
}

// append encodes one entry.
func (e *Entry) append(b []byte) []byte {
	conditions := e.conditions()
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
	return e.appendConditions(b)
}
