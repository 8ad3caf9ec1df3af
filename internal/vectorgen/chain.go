package main

import (
	"fmt"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// chainArea tries what a grant, its signer and the links below it allow.
func chainArea() (output, error) {
	d := decide("chain", map[string]vectors.Note{
		"plain":        note("none", "Good taps are refused.", "PST-DEC-018"),
		"target":       note("policy", "A grant for another lock opens this one.", "PST-OBJ-043"),
		"action":       note("policy", "A grant for one thing allows another.", "PST-OBJ-032", "PST-DEC-007"),
		"fields":       note("confusion", "A field or an operation that the lock does not implement is passed over.", "PST-DEC-007"),
		"time":         note("policy", "A grant opens before its time or after it, or a good one is refused at the bound.", "PST-DEC-037"),
		"authority":    note("policy", "An operator grants what its scheme does not let it grant.", "PST-OBJ-033", "PST-OBJ-047"),
		"signature":    note("crypto", "A grant or certificate that its signer did not sign opens.", "PST-OBJ-013", "PST-DEC-008"),
		"signer":       note("interoperability", "The signer is looked up in another order, and good visitors fail or old certificates stand in the way.", "PST-DEC-015", "PST-DEC-016"),
		"condition":    note("policy", "A condition that the lock does not implement, or that does not hold, is passed over.", "PST-OBJ-043", "PST-DEC-018"),
		"order":        note("interoperability", "Another fault is named than every other lock names.", "PST-DEC-018", "PST-DEC-007"),
		"compartment":  note("policy", "A grant for one door opens another.", "PST-DEC-018"),
		"delegation":   note("policy", "Somebody passes on more than he has, or what he may not pass on.", "PST-DLG-005", "PST-DEC-037"),
		"middle":       note("policy", "A phone learns reasons of a chain that is not verified.", "PST-DLG-005"),
		"suite":        note("interoperability", "Keys of the other algorithm do not work.", "PST-OBJ-024"),
		"bolt":         note("policy", "The answer claims more than the sensor saw, or the bolt moves twice.", "PST-DEC-028", "PST-DEC-033", "PST-DEC-010"),
		"owner":        note("policy", "A stranger's bare key counts as an owner's.", "PST-DEC-007"),
		"policy-state": note("policy", "A grant holds under an older policy than it was issued under.", "PST-DEC-018"),
	})
	d.chainTargets()
	d.chainActions()
	d.chainTimes()
	d.chainConditions()
	d.chainCompartments()
	d.chainAuthority()
	d.chainSigner()
	d.chainHeld()
	d.chainTwoHeld()
	d.chainLinks()
	d.chainLinkFaults()
	d.chainMiddle()
	d.chainStaffLinks()
	d.chainSuites()
	d.chainBolt()
	return d.end()
}

// byGuest visits a fresh lock with the owner's grant to a guest, altered.
func (d *decider) byGuest(twin int, comment, flag string, alter func(*grantClaims), a demand, w want) int {
	g := guestGrant()
	alter(&g)
	return d.visit(twin, comment, flags(flag), d.script(), guest(d.own, g), a, w)
}

// plainly alters nothing.
func plainly(*grantClaims) {}

// at makes a grant for targets.
func at(targets ...scopeEntry) func(*grantClaims) {
	return func(g *grantClaims) {
		g.entries = nil
		for _, e := range targets {
			if e.actions == 0 {
				e.actions = wire.ActionOpen
			}
			g.entries = append(g.entries, e)
		}
	}
}

func inArea(code []byte) scopeEntry          { return scopeEntry{kind: wire.TargetArea, target: code} }
func atLock(id []byte) scopeEntry            { return scopeEntry{kind: wire.TargetLock, target: id} }
func (e scopeEntry) may(a uint64) scopeEntry { e.actions = a; return e }
func (e scopeEntry) if_(c ...[]item) scopeEntry {
	e.conditions = conditions(c...)
	return e
}

func (d *decider) chainTargets() {
	d.of("An owner's grant: targets, at a lock in an area", withArea)
	open := do(wire.OperationOpen)
	twin := d.byGuest(0, "the lock by its id", "plain", plainly, open, opened())
	for _, n := range []int{1, 2, 7, len(areaCode)} {
		d.byGuest(0, fmt.Sprintf("the first %d bytes of the area code", n), "target", at(inArea(areaCode[:n])), open, opened())
	}
	d.byGuest(0, "another lock, then this one", "target", at(atLock(otherLockID), atLock(lockID)), open, opened())
	d.byGuest(0, "three entries for others, then this lock's area", "target",
		at(atLock(otherLockID), scopeEntry{kind: 3, target: lockID}, inArea([]byte("DE")), inArea([]byte("FR"))), open, opened())
	longer := append(append([]byte{}, areaCode...), '0')
	last := append(append([]byte{}, areaCode[:9]...), '3')
	first := append([]byte{'G'}, areaCode[1:]...)
	for _, c := range []struct {
		comment string
		entry   scopeEntry
	}{
		{"another lock's id", atLock(otherLockID)},
		{"an area code one byte longer than the lock's", inArea(longer)},
		{"an area code with another last byte", inArea(last)},
		{"an area code with another first byte", inArea(first)},
		{"the end of the area code", inArea(areaCode[1:])},
		{"the lock's id as an area", inArea(lockID)},
		{"an area of one zero byte", inArea([]byte{0})},
		{"the kind group, which is reserved", scopeEntry{kind: wire.TargetGroup, target: lockID}},
		{"a kind that is not in the registry", scopeEntry{kind: 200, target: lockID}},
		{"the kind 0", scopeEntry{kind: 0, target: lockID}},
		{"a kind of 64 bits", scopeEntry{kind: 1<<63 + 1, target: lockID}},
	} {
		d.byGuest(twin, c.comment, "target", at(c.entry), open, denies(wire.ReasonTarget))
	}
	d.byGuest(twin, "another lock's id, asked for status", "target", at(atLock(otherLockID)), do(wire.OperationStatus), denies(wire.ReasonTarget))
	d.of("An owner's grant: targets, at a lock without an area code")
	twin = d.byGuest(0, "the lock by its id", "plain", plainly, open, opened())
	d.byGuest(twin, "an area", "target", at(inArea(areaCode)), open, denies(wire.ReasonTarget))
	d.byGuest(twin, "an area of one byte", "target", at(inArea([]byte("F"))), open, denies(wire.ReasonTarget))
}

// opensBy are the operations that open, with their actions.
var opensBy = []struct{ operation, action uint64 }{
	{wire.OperationOpen, wire.ActionOpen}, {wire.OperationDeliver, wire.ActionDeliver}, {wire.OperationCollect, wire.ActionCollect},
	{wire.OperationReturn, wire.ActionReturn}, {wire.OperationService, wire.ActionService},
}

func (d *decider) chainActions() {
	d.of("An owner's grant: actions")
	const every = 63
	mayOnly := func(actions uint64) func(*grantClaims) { return at(atLock(lockID).may(actions)) }
	twin := 0
	for _, o := range opensBy {
		name := wire.OperationName(int64(o.operation))
		twin = d.byGuest(0, name+" with its action alone", "action", mayOnly(o.action), do(o.operation), opened())
		d.byGuest(twin, name+" with every other action", "action", mayOnly(every&^o.action), do(o.operation), denies(wire.ReasonAction))
		two := at(atLock(lockID).may(every&^o.action), atLock(lockID).may(o.action))
		d.byGuest(0, name+" by the second entry", "action", two, do(o.operation), opened())
	}
	for _, o := range append(opensBy, struct{ operation, action uint64 }{wire.OperationReadLog, wire.ActionReadLog}) {
		for action := uint64(1); action <= wire.ActionReadLog; action <<= 1 {
			if action != o.action {
				d.byGuest(twin, wire.OperationName(int64(o.operation))+" with the action "+wire.ActionName(int64(action))+" alone", "action",
					mayOnly(action), do(o.operation), denies(wire.ReasonAction))
			}
		}
	}
	d.byGuest(twin, "read-log with every other action", "action", mayOnly(every&^wire.ActionReadLog), do(wire.OperationReadLog), denies(wire.ReasonAction))
	d.byGuest(0, "read-log with its action", "action", mayOnly(wire.ActionReadLog), do(wire.OperationReadLog), done())
	d.byGuest(0, "status with some action", "action", mayOnly(wire.ActionReadLog), do(wire.OperationStatus), done())
	d.byGuest(twin, "configure with every action", "action", mayOnly(every), do(wire.OperationConfigure), denies(wire.ReasonAction))
	for _, operation := range []uint64{8, 23, 24, 255} {
		d.byGuest(twin, fmt.Sprintf("the operation %d, which is not in the registry", operation), "fields", mayOnly(every), do(operation), denies(wire.ReasonOperationUnknown))
	}
	page := 1
	none := 0
	for _, c := range []struct {
		comment string
		ask     demand
	}{
		{"open with the flag log", demand{operation: wire.OperationOpen, flags: wire.FlagLog}},
		{"read-log with the flag log", demand{operation: wire.OperationReadLog, flags: wire.FlagLog}},
		{"status with the flags log and receipt", demand{flags: wire.FlagLog | wire.FlagReceipt}},
		{"open with page 1", demand{operation: wire.OperationOpen, page: &page}},
		{"status with page 1 and without the flag log", demand{page: &page}},
	} {
		d.byGuest(twin, c.comment, "fields", mayOnly(every), c.ask, denies(wire.ReasonOperationUnknown))
	}
	d.byGuest(0, "read-log with page 0", "fields", mayOnly(every), demand{operation: wire.OperationReadLog, page: &none}, done())
	d.byGuest(0, "open with a reference", "fields", mayOnly(every), demand{operation: wire.OperationOpen, reference: draw("chain/reference", 8)}, opened())
	d.bareOwner()
}

func (d *decider) bareOwner() {
	owner := bare(d.own)
	twin := d.visit(0, "the owner opens", flags("owner"), d.script(), owner, do(wire.OperationOpen), opened())
	for _, o := range opensBy[1:] {
		d.visit(0, "the owner: "+wire.OperationName(int64(o.operation)), flags("owner"), d.script(), owner, do(o.operation), opened())
	}
	d.visit(0, "the owner asks for status", flags("owner"), d.script(), owner, do(wire.OperationStatus), done())
	d.visit(0, "the owner agrees the log key", flags("owner"), d.script(), owner, do(wire.OperationConfigure), done())
	d.visit(twin, "the owner: an operation that is not in the registry", flags("owner", "fields"), d.script(), owner, do(8), denies(wire.ReasonOperationUnknown))
	d.visit(twin, "the owner: a compartment that the lock has not", flags("owner", "compartment"), d.script(), owner,
		demand{operation: wire.OperationOpen, resource: 1}, denies(wire.ReasonResource))
	for _, name := range []string{"neighbour", "scheme", "post"} {
		d.visit(twin, "a bare key that is no owner's: "+name, flags("owner"), d.script(), bare(partyOf(name)), do(wire.OperationOpen), silent(wire.ReasonOwnerUnknown))
	}
}

func (d *decider) chainTimes() {
	d.of("An owner's grant: first and last moment, judged by the floor")
	open, status := do(wire.OperationOpen), do(wire.OperationStatus)
	floor := d.lock.Floor
	times := func(iat, nbf, exp uint32) func(*grantClaims) {
		return func(g *grantClaims) { g.iat, g.nbf, g.exp = iat, nbf, exp }
	}
	twin := d.byGuest(0, "exp one second behind the floor", "time", times(floor-oneDay, 0, floor+1), open, opened())
	d.byGuest(twin, "exp at the floor", "time", times(floor-oneDay, 0, floor), open, denies(wire.ReasonExpired))
	d.byGuest(twin, "exp one second before the floor", "time", times(floor-oneDay, 0, floor-1), open, denies(wire.ReasonExpired))
	d.byGuest(twin, "exp one second after iat, long ago", "time", times(1, 0, 2), open, denies(wire.ReasonExpired))
	d.byGuest(twin, "exp at the floor, asked for status", "time", times(floor-oneDay, 0, floor), status, denies(wire.ReasonExpired))
	d.byGuest(0, "the last exp that there is", "time", times(floor-oneDay, 0, 1<<32-1), open, opened())
	d.byGuest(0, "iat behind the floor, no nbf: an owner's word proves no time", "time", times(floor+oneDay, 0, floor+2*oneDay), open, opened())
	twin = d.byGuest(0, "nbf at the floor", "time", times(floor-oneDay, floor, floor+oneDay), open, opened())
	d.byGuest(0, "nbf one second before the floor", "time", times(floor-oneDay, floor-1, floor+oneDay), open, opened())
	d.byGuest(twin, "nbf one second behind the floor", "time", times(floor-oneDay, floor+1, floor+oneDay), open, denies(wire.ReasonNotYetValid))
	d.byGuest(twin, "nbf a day behind the floor", "time", times(floor-oneDay, floor+oneDay, floor+2*oneDay), open, denies(wire.ReasonNotYetValid))
	d.byGuest(twin, "nbf one second behind the floor, asked for status", "time", times(floor-oneDay, floor+1, floor+oneDay), status, denies(wire.ReasonNotYetValid))
	d.visit(0, "expired, and for another lock: the time is named first", flags("order", "time"), d.script(),
		guest(d.own, grantClaims{holder: partyOf("neighbour"), iat: floor - oneDay, exp: floor, entries: []scopeEntry{atLock(otherLockID).may(1)}}), open, denies(wire.ReasonExpired))
}

func (d *decider) chainConditions() {
	d.of("An owner's grant: conditions")
	open, status := do(wire.OperationOpen), do(wire.OperationStatus)
	with := func(c ...[]item) func(*grantClaims) { return at(atLock(lockID).if_(c...)) }
	twin := d.byGuest(0, "a condition that holds: delegation", "condition", with(numberIs(wire.ConditionDelegation, 1)), open, opened())
	for _, c := range []struct {
		comment string
		key     uint64
		value   item
	}{
		{"8, a number", 8, uintItem(1)},
		{"0, a number", 0, uintItem(1)},
		{"24, false", 24, boolItem(false)},
		{"255, an empty array", 255, arrayItem()},
		{"65536, a map", 65536, mapItem(uintItem(1), uintItem(2))},
		{"of 64 bits, bytes", 1<<63 + 5, bytesItem([]byte{1})},
		{"9, a negative number", 9, nintItem(0)},
	} {
		d.byGuest(twin, "an unknown condition: "+c.comment, "condition", with(conditionIs(c.key, c.value)), open, denies(wire.ReasonConditionUnknown))
	}
	unknown := numberIs(8, 1)
	d.byGuest(twin, "an unknown condition, asked for status", "condition", with(unknown), status, denies(wire.ReasonConditionUnknown))
	d.byGuest(0, "an entry with an unknown condition, then one without", "condition", at(atLock(lockID).if_(unknown), atLock(lockID)), open, opened())
	twin = d.byGuest(0, "a condition for no policy version, since the lock has none", "plain", plainly, open, opened())
	d.byGuest(twin, "policy version 1, and the lock has no policy", "policy-state", with(numberIs(wire.ConditionPolicy, 1)), open, denies(wire.ReasonPolicyVersion))
	d.byGuest(twin, "policy version 1, asked for status", "policy-state", with(numberIs(wire.ConditionPolicy, 1)), status, denies(wire.ReasonPolicyVersion))
	for _, v := range []uint64{1, 2, 3} {
		g := guestGrant()
		g.entries[0].conditions = numberIs(wire.ConditionPolicy, v)
		w := opened()
		if v > 2 {
			w = denies(wire.ReasonPolicyVersion)
		}
		s := d.admitted(func(p *policyClaims) { p.version = 2 })
		d.visit(twin, fmt.Sprintf("policy version %d, and the lock has 2", v), flags("policy-state"), s, guest(d.own, g), open, w)
	}
	d.furthest()
}

// furthest has entries with faults of their own: the one that came furthest is
// named.
func (d *decider) furthest() {
	open := do(wire.OperationOpen)
	at1, at2, at3, at5, at6, at7 := atLock(otherLockID).may(1), atLock(lockID).may(2), atLock(lockID).may(1).if_(numberIs(wire.ConditionResource, 1)),
		atLock(lockID).may(1).if_(numberIs(8, 1)), atLock(lockID).may(1).if_(numberIs(wire.ConditionPolicy, 1)), atLock(lockID).may(1).if_(numberIs(wire.ConditionEvidence, 1))
	steps := []struct {
		entry  scopeEntry
		reason int64
	}{
		{at1, wire.ReasonTarget}, {at2, wire.ReasonAction}, {at3, wire.ReasonResource},
		{at5, wire.ReasonConditionUnknown}, {at6, wire.ReasonPolicyVersion}, {at7, wire.ReasonEvidence},
	}
	for i := 1; i < len(steps); i++ {
		a, b := steps[i-1], steps[i]
		d.byGuest(0, fmt.Sprintf("entries with the faults %s and %s", wire.ReasonName(a.reason), wire.ReasonName(b.reason)), "order", at(a.entry, b.entry), open, denies(b.reason))
		d.byGuest(0, fmt.Sprintf("entries with the faults %s and %s", wire.ReasonName(b.reason), wire.ReasonName(a.reason)), "order", at(b.entry, a.entry), open, denies(b.reason))
	}
	d.byGuest(0, "one entry with an unknown condition and a policy version", "order",
		at(atLock(lockID).if_(numberIs(wire.ConditionPolicy, 9), numberIs(8, 1))), open, denies(wire.ReasonConditionUnknown))
	d.byGuest(0, "one entry for another lock without the action", "order", at(atLock(otherLockID).may(2)), open, denies(wire.ReasonTarget))
}

func (d *decider) chainCompartments() {
	d.of("Compartments", withCompartments)
	door := func(n int) demand { return demand{operation: wire.OperationOpen, resource: n} }
	only := func(n uint64) func(*grantClaims) { return at(atLock(lockID).if_(numberIs(wire.ConditionResource, n))) }
	twin := d.byGuest(0, "a grant without the condition opens the main door", "compartment", plainly, door(0), opened())
	d.byGuest(0, "and the last compartment", "compartment", plainly, door(3), opened())
	d.byGuest(twin, "a compartment behind the last", "compartment", plainly, door(4), denies(wire.ReasonResource))
	d.byGuest(twin, "compartment 255", "compartment", plainly, door(255), denies(wire.ReasonResource))
	d.byGuest(twin, "a compartment behind the last, asked for status", "compartment", plainly, demand{resource: 4}, denies(wire.ReasonResource))
	twin = d.byGuest(0, "compartment 2 by a grant for it", "compartment", only(2), door(2), opened())
	d.byGuest(twin, "compartment 1 by a grant for 2", "compartment", only(2), door(1), denies(wire.ReasonResource))
	d.byGuest(twin, "compartment 3 by a grant for 2", "compartment", only(2), door(3), denies(wire.ReasonResource))
	d.byGuest(twin, "the main door by a grant for 2", "compartment", only(2), door(0), denies(wire.ReasonResource))
	d.byGuest(twin, "a compartment that the lock has not, by a grant for it", "compartment", only(4), door(4), denies(wire.ReasonResource))
	d.byGuest(0, "status by a grant for another compartment", "compartment", only(2), demand{resource: 1}, done())
	d.byGuest(0, "two entries, the second for the compartment", "compartment",
		at(atLock(lockID).if_(numberIs(wire.ConditionResource, 1)), atLock(lockID).if_(numberIs(wire.ConditionResource, 3))), door(3), opened())
	d.visit(0, "the owner opens a compartment", flags("compartment"), d.script(), bare(d.own), door(1), opened())
	d.visit(twin, "the owner, behind the last", flags("compartment"), d.script(), bare(d.own), door(4), denies(wire.ReasonResource))
	d.of("A lock without compartments")
	twin = d.byGuest(0, "the main door", "compartment", plainly, door(0), opened())
	d.byGuest(twin, "compartment 1", "compartment", plainly, door(1), denies(wire.ReasonResource))
	d.byGuest(twin, "a grant for compartment 1", "compartment", only(1), door(0), denies(wire.ReasonResource))
}
