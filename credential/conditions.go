package credential

import (
	"math"

	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

// Uses is the condition that counts: how often an entry may be used (chapter
// 17).  Its zero value is none.
type Uses struct {
	Count  uint8 // uses, 1 to 255
	Starts uint8 // how often one use may start until it is confirmed, 1 to 3
}

// condition is one that this version does not implement.
type condition struct {
	number uint64
	value  string // its encoding
}

// Unknown returns the numbers of the entry's conditions that this version does
// not implement.  An entry that has one is never good.
func (e Entry) Unknown() []uint64 {
	var numbers []uint64
	for _, c := range e.unknown {
		numbers = append(numbers, c.number)
	}
	return numbers
}

// checkConditions applies the rules that hold for the conditions of every
// entry.
func (e *Entry) checkConditions() error {
	const what = grantName + ": condition"
	switch u := e.Uses; {
	case u != Uses{} && (u.Count == 0 || u.Starts == 0 || u.Starts > wire.LimitStarts):
		return fault(ReasonMalformed, "%s uses: count %d, starts %d; want 1 to %d, and 1 to %d", what, u.Count, u.Starts, wire.LimitUses, wire.LimitStarts)
	case e.Delegation > wire.LimitLinks-1:
		return fault(ReasonMalformed, "%s delegation: %d links, at most %d can follow a grant", what, e.Delegation, wire.LimitLinks-1)
	case e.Evidence > EvidenceClock:
		return fault(ReasonMalformed, "%s evidence: %s is not in the registry", what, e.Evidence)
	}
	return e.Schedule.check(what + " schedule")
}

// readConditions decodes the conditions of an entry.  Those that are not known
// are kept, so that the lock can say so when it judges the grant.
//
//	conditions = { ? 1: schedule, ? 2: [ count, starts ], ? 3: links, ? 4: evidence,
//	               ? 5: version, ? 6: compartment, ? 7: service, * other }
func (e *Entry) readConditions(r *reader) {
	for range r.pairs("conditions", 1, wire.LimitConditions, ReasonLimit) {
		switch number := r.wide("conditions"); number {
		case wire.ConditionSchedule:
			e.Schedule.read(r, "condition schedule")
		case wire.ConditionUses:
			r.array("condition uses", 2, 2, ReasonMalformed)
			e.Uses.Count = uint8(r.from1("condition uses: count", wire.LimitUses))
			e.Uses.Starts = uint8(r.from1("condition uses: starts", wire.LimitStarts))
		case wire.ConditionDelegation:
			e.Delegation = uint8(r.from1("condition delegation", wire.LimitLinks-1))
		case wire.ConditionEvidence:
			e.Evidence = Evidence(r.from1("condition evidence", uint32(EvidenceClock)))
		case wire.ConditionPolicy:
			e.PolicyVersion = r.positive("condition policy")
		case wire.ConditionResource:
			e.Resource = uint8(r.from1("condition resource", math.MaxUint8))
		case wire.ConditionService:
			e.Service = Service(r.positive("condition service"))
		default:
			e.unknown = append(e.unknown, condition{number, r.raw("conditions")})
		}
	}
}

// numbered is a condition that is one number, by the registry's number; the
// entry lacks it where the value is zero.
type numbered struct{ number, value uint64 }

// numbered returns the conditions that are one number each, by rising number.
func (e *Entry) numbered() [5]numbered {
	return [...]numbered{
		{wire.ConditionDelegation, uint64(e.Delegation)},
		{wire.ConditionEvidence, uint64(e.Evidence)},
		{wire.ConditionPolicy, uint64(e.PolicyVersion)},
		{wire.ConditionResource, uint64(e.Resource)},
		{wire.ConditionService, uint64(e.Service)},
	}
}

// conditions returns how many conditions the entry has.
func (e *Entry) conditions() int {
	n := len(e.unknown)
	if e.Schedule != nil {
		n++
	}
	if e.Uses != (Uses{}) {
		n++
	}
	for _, c := range e.numbered() {
		if c.value != 0 {
			n++
		}
	}
	return n
}

// appendConditions encodes the conditions of an entry that has some.  The
// numbers of those that are known follow one another, so what is not known
// stands before or behind them all.
func (e *Entry) appendConditions(b []byte) []byte {
	b = dcbor.AppendMap(b, e.conditions())
	b = e.appendUnknown(b, 0, wire.ConditionSchedule)
	if e.Schedule != nil {
		b = e.Schedule.append(dcbor.AppendUint(b, wire.ConditionSchedule))
	}
	if e.Uses != (Uses{}) {
		b = dcbor.AppendArray(dcbor.AppendUint(b, wire.ConditionUses), 2)
		b = dcbor.AppendUint(dcbor.AppendUint(b, uint64(e.Uses.Count)), uint64(e.Uses.Starts))
	}
	for _, c := range e.numbered() {
		if c.value != 0 {
			b = dcbor.AppendUint(dcbor.AppendUint(b, c.number), c.value)
		}
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
