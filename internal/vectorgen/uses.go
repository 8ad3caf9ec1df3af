package main

import (
	"fmt"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// usesArea tries counted grants.
func usesArea() (output, error) {
	d := decide("uses", map[string]vectors.Note{
		"count":    note("replay", "A grant opens more often than it may, or less.", "PST-USE-007"),
		"retry":    note("replay", "A loss of power gives further openings, or takes one that was paid for.", "PST-USE-007", "PST-MEM-002"),
		"entry":    note("policy", "Entries share their uses, or the next entry makes up for one that is spent.", "PST-USE-007", "PST-DEC-018"),
		"shared":   note("policy", "Who passes a counted grant on multiplies its uses.", "PST-USE-007", "PST-DEC-037"),
		"harmless": note("interoperability", "What does not open uses something up.", "PST-USE-007"),
		"full":     note("policy", "A record that is still needed gives way, or rights that are not counted are refused.", "PST-USE-002"),
		"lost":     note("replay", "A grant whose record gave way opens again after a reset of the floor.", "PST-USE-008"),
		"wipe":     note("policy", "Uses of the former owner's grants bind the next, or those of operators are forgotten.", "PST-USE-002", "PST-USE-008"),
	})
	d.usesCount()
	d.usesRetry()
	d.usesEntries()
	d.usesShared()
	d.usesFull()
	d.usesLost()
	d.usesWipe()
	return d.end()
}

// countedGrant is the owner's grant to the neighbour, so often.
func countedGrant(count, starts uint64) grantClaims {
	g := guestGrant()
	g.entries[0].conditions = uses(count, starts)
	return g
}

func uses(count, starts uint64) []item {
	return conditionIs(wire.ConditionUses, numbers(count, starts))
}

// try is one try of a counted grant by an operation, and what comes of it.
type try = func(operation uint64) (demand, want)

// tries is a counted grant tried so often, with what came of each try.
func (s *script) tries(v visitor, all ...try) *script {
	for _, t := range all {
		a, w := t(wire.OperationOpen)
		s.once(v, a, w)
	}
	return s
}

// What can come of a try.
func works(o uint64) (demand, want) { return do(o), opened() }
func spent(o uint64) (demand, want) { return do(o), denies(wire.ReasonUsesSpent) }
func cut(o uint64) (demand, want)   { return demand{operation: o, power: "lost-before"}, want{} }
func torn(o uint64) (demand, want)  { return demand{operation: o, power: "lost-after"}, want{} }
func jammed(o uint64) (demand, want) {
	return demand{operation: o, bolt: "stuck"}, want{outcome: "failed", reason: wire.ReasonDrive}
}
func unseen(o uint64) (demand, want) {
	return demand{operation: o, bolt: "unseen"}, want{outcome: "unconfirmed"}
}
func waits(o uint64) (demand, want) {
	percent := 50
	return demand{operation: o, charge: &percent}, want{outcome: "pending", charge: &percent}
}
func asksStatus(uint64) (demand, want) { return do(wire.OperationStatus), done() }
func wrong(uint64) (demand, want)      { return do(wire.OperationService), denies(wire.ReasonAction) }

func (d *decider) counted(twin int, comment, flag string, count, starts uint64, all ...try) int {
	return d.add(twin, comment, flags(flag), d.script().tries(guest(d.own, countedGrant(count, starts)), all...))
}

func (d *decider) usesCount() {
	d.of("So often and no more")
	for count := uint64(1); count <= 4; count++ {
		for _, starts := range []uint64{1, 3} {
			var all []try
			for range count {
				all = append(all, works)
			}
			name := fmt.Sprintf("%d uses, %d starts: ", count, starts)
			twin := d.counted(0, name+"all of them", "count", count, starts, all...)
			d.counted(twin, name+"one more", "count", count, starts, append(all, spent)...)
			d.counted(twin, name+"two more", "count", count, starts, append(all, spent, spent)...)
		}
	}
	d.counted(0, "255 uses, the first two", "count", 255, 1, works, works)
	twin := d.counted(0, "what does not open takes no use", "harmless", 1, 1, asksStatus, waits, wrong, works)
	d.counted(twin, "and afterwards it is spent", "harmless", 1, 1, asksStatus, waits, wrong, works, spent)
	d.counted(0, "a spent grant still asks for status", "harmless", 1, 1, works, spent, asksStatus)
	d.counted(twin, "spent, and there is too little energy: the use is judged first", "harmless", 1, 1, works, func(o uint64) (demand, want) {
		percent := 1
		return demand{operation: o, charge: &percent}, denies(wire.ReasonUsesSpent)
	})
	d.counted(twin, "a use that no sensor saw is confirmed", "count", 1, 3, unseen, spent)
	s := d.script()
	v := guest(d.own, countedGrant(1, 1))
	s.tap(v).ask(waits(wire.OperationOpen)).ask(works(wire.OperationOpen))
	d.add(0, "a use after waiting in the same transaction", flags("harmless"), s)
	other := countedGrant(1, 1)
	other.exp++
	d.visit(0, "another grant with the same count has uses of its own", flags("count"), d.script().tries(v, works), guest(d.own, other), do(wire.OperationOpen), opened())
	a := postAuthority()
	g := round()
	g.entries[0].conditions = uses(1, 1)
	p := staff(a, g)
	twin = d.visit(0, "an operator's grant", flags("count"), d.admitted(), p, do(wire.OperationDeliver), opened())
	d.visit(twin, "an operator's grant, once more", flags("count"), d.admitted().once(p, do(wire.OperationDeliver), opened()), p, do(wire.OperationDeliver), denies(wire.ReasonUsesSpent))
	d.visit(twin, "an operator's grant, once more for something else", flags("count"), d.admitted().once(p, do(wire.OperationDeliver), opened()), p,
		do(wire.OperationCollect), denies(wire.ReasonUsesSpent))
}

func (d *decider) usesRetry() {
	d.of("The retry after a loss of power")
	for _, c := range []struct {
		comment       string
		count, starts uint64
		valid, behind []try
	}{
		{"lost before the commit: nothing is used", 1, 1, []try{cut, works}, []try{spent}},
		{"lost before the commit, three times", 1, 1, []try{cut, cut, cut, works}, []try{spent}},
		{"2 starts, lost once", 1, 2, []try{torn, works}, []try{spent}},
		{"3 starts, lost twice", 1, 3, []try{torn, torn, works}, []try{spent}},
		{"3 starts, lost once", 1, 3, []try{torn, works}, []try{spent}},
		{"2 uses, 1 start, lost once", 2, 1, []try{torn, works}, []try{spent}},
		{"2 uses, 2 starts, each lost once", 2, 2, []try{torn, works, torn, works}, []try{spent}},
		{"2 uses, 2 starts, the first lost twice", 2, 2, []try{torn, torn, works}, []try{spent}},
		{"lost before the commit of the retry", 1, 2, []try{torn, cut, works}, []try{spent}},
		{"2 starts, stuck once", 1, 2, []try{jammed, works}, []try{spent}},
		{"2 starts, stuck once and lost once of two uses", 2, 2, []try{jammed, torn, works}, []try{spent}},
		{"the retry waits for energy", 1, 2, []try{torn, waits, works}, []try{spent}},
		{"a refusal between start and retry", 1, 2, []try{torn, wrong, asksStatus, works}, []try{spent}},
	} {
		twin := d.counted(0, c.comment, "retry", c.count, c.starts, c.valid...)
		d.counted(twin, c.comment+"; then spent", "retry", c.count, c.starts, append(append([]try{}, c.valid...), c.behind...)...)
	}
	twin := d.counted(0, "1 start", "retry", 1, 1, works)
	d.counted(twin, "1 start, lost after the commit", "retry", 1, 1, torn, spent)
	d.counted(twin, "1 start, stuck", "retry", 1, 1, jammed, spent)
	d.counted(twin, "2 starts, both lost", "retry", 1, 2, torn, torn, spent)
	d.counted(twin, "2 starts, both stuck", "retry", 1, 2, jammed, jammed, spent)
	d.counted(twin, "3 starts, all lost", "retry", 1, 3, torn, torn, torn, spent)
	d.counted(twin, "2 uses, 3 starts, all six lost", "retry", 2, 3, torn, torn, torn, torn, torn, torn, spent)
	d.counted(twin, "3 uses, 1 start, all lost", "retry", 3, 1, torn, torn, torn, spent)
	d.counted(twin, "no sensor: the second commit confirms", "retry", 1, 2, torn, unseen, spent)
}

func (d *decider) usesEntries() {
	d.of("Each entry has uses of its own", withCompartments)
	two := guestGrant()
	two.entries = []scopeEntry{lockTarget().if_(uses(1, 1)), lockTarget().may(wire.ActionCollect).if_(uses(1, 1))}
	v := guest(d.own, two)
	open, collect := do(wire.OperationOpen), do(wire.OperationCollect)
	one := func() *script { return d.script().once(v, open, opened()) }
	twin := d.visit(0, "one for each action", flags("entry"), one(), v, collect, opened())
	d.visit(twin, "the first is spent", flags("entry"), one(), v, open, denies(wire.ReasonUsesSpent))
	d.visit(twin, "the second is spent", flags("entry"), one().once(v, collect, opened()), v, collect, denies(wire.ReasonUsesSpent))
	d.visit(twin, "the first is spent still, after the second", flags("entry"), one().once(v, collect, opened()), v, open, denies(wire.ReasonUsesSpent))
	spare := guestGrant()
	spare.entries = []scopeEntry{lockTarget().if_(uses(1, 1)), lockTarget()}
	d.visit(twin, "a spent entry decides all the same, and the next one does not make up for it", flags("entry"),
		d.script().once(guest(d.own, spare), open, opened()), guest(d.own, spare), open, denies(wire.ReasonUsesSpent))
	free := guestGrant()
	free.entries = []scopeEntry{lockTarget(), lockTarget().if_(uses(1, 1))}
	d.visit(0, "an entry that is not counted decides first", flags("entry"), d.script().once(guest(d.own, free), open, opened()), guest(d.own, free), open, opened())
	doors := guestGrant()
	doors.entries = []scopeEntry{lockTarget().if_(uses(1, 1), numberIs(wire.ConditionResource, 1)), lockTarget().if_(uses(1, 1), numberIs(wire.ConditionResource, 2))}
	g := guest(d.own, doors)
	door := func(n int) demand { return demand{operation: wire.OperationOpen, resource: n} }
	first := func() *script { return d.script().once(g, door(1), opened()) }
	d.visit(0, "one for each compartment", flags("entry"), first(), g, door(2), opened())
	d.visit(twin, "the first compartment again", flags("entry"), first(), g, door(1), denies(wire.ReasonUsesSpent))
	both := guest(d.own, countedGrant(1, 1))
	d.visit(twin, "one entry for all compartments has one use", flags("entry"), d.script().once(both, door(1), opened()), both, door(2), denies(wire.ReasonUsesSpent))
}

func (d *decider) usesShared() {
	d.of("Counted grants that are passed on")
	open := do(wire.OperationOpen)
	root := func(count uint64) grantClaims {
		g := guestGrant()
		g.entries[0].conditions = conditions(uses(count, 1), mayPass(1))
		return g
	}
	child := func(to string, count uint64) grantClaims {
		if count == 0 {
			return link(to)
		}
		return link(to, uses(count, 1))
	}
	a, b := d.passed(root(2), child("child", 0)), d.passed(root(2), child("friend", 0))
	own := guest(d.own, root(2))
	twin := d.visit(0, "two children of a grant with two uses", flags("shared"), d.script().once(a, open, opened()), b, open, opened())
	d.visit(twin, "and the first child again", flags("shared"), d.script().once(a, open, opened()).once(b, open, opened()), a, open, denies(wire.ReasonUsesSpent))
	d.visit(twin, "and who passed it on", flags("shared"), d.script().once(a, open, opened()).once(b, open, opened()), own, open, denies(wire.ReasonUsesSpent))
	d.visit(twin, "who passed it on used both", flags("shared"), d.script().once(own, open, opened()).once(own, open, opened()), b, open, denies(wire.ReasonUsesSpent))
	c := d.passed(root(3), child("child", 1))
	f := d.passed(root(3), child("friend", 1))
	d.visit(twin, "a child with one use of three", flags("shared"), d.script().once(c, open, opened()), c, open, denies(wire.ReasonUsesSpent))
	d.visit(0, "its sibling still has one", flags("shared"), d.script().once(c, open, opened()), f, open, opened())
	d.visit(0, "a use that the child's own count refuses takes none of the parent's", flags("shared"),
		d.script().once(c, open, opened()).once(c, open, denies(wire.ReasonUsesSpent)).once(f, open, opened()), guest(d.own, root(3)), open, opened())
	wide := d.passed(root(1), child("child", 255))
	d.visit(twin, "a child with more uses than its parent", flags("shared"), d.script().once(wide, open, opened()), wide, open, denies(wire.ReasonUsesSpent))
	only := above(1)
	under := d.passed(only, child("child", 1))
	d.visit(0, "only the child is counted: the parent's holder opens on", flags("shared"), d.script().once(under, open, opened()), guest(d.own, only), open, opened())
	d.visit(twin, "only the child is counted", flags("shared"), d.script().once(under, open, opened()), under, open, denies(wire.ReasonUsesSpent))
	retry := guestGrant()
	retry.entries[0].conditions = conditions(uses(1, 2), mayPass(1))
	once := d.passed(retry, child("child", 1))
	d.visit(twin, "a retry that the parent allows and the child does not", flags("shared", "retry"), d.script().tries(once, torn), once, open, denies(wire.ReasonUsesSpent))
	again := d.passed(retry, link("child", uses(1, 2)))
	d.visit(0, "a retry that both allow", flags("shared", "retry"), d.script().tries(again, torn), again, open, opened())
	d.visit(twin, "a child's retry is none for its sibling, but one of the parent's starts", flags("shared", "retry"),
		d.script().tries(again, torn).once(d.passed(retry, link("friend", uses(1, 1))), open, opened()), again, open, denies(wire.ReasonUsesSpent))
}

// many are so many counted grants of one kind that open one after the other.
func (s *script) many(n int, exp uint32, starting int) *script {
	for i := range n {
		g := countedGrant(1, 1)
		g.iat, g.exp = s.state.Floor, exp+uint32(starting+i)
		s.once(guest(s.own, g), do(wire.OperationOpen), opened())
	}
	return s
}

const records = wire.LimitUseRecords

func (d *decider) usesFull() {
	d.of("A full table")
	open := do(wire.OperationOpen)
	one := guest(d.own, countedGrant(1, 1))
	twin := d.visit(0, "the first counted grant", flags("full"), d.script(), one, open, opened())
	full := func() *script { return d.script().many(records, now+100*oneDay, 0) }
	d.visit(twin, "a counted grant more than there are records", flags("full"), full(), one, open, denies(wire.ReasonTableFull))
	d.visit(twin, "and before that a guest, who is not counted, and the owner", flags("full"),
		full().once(guest(d.own, guestGrant()), open, opened()).once(bare(d.own), open, opened()), one, open, denies(wire.ReasonTableFull))
	d.visit(twin, "one that has a record is spent, not without room", flags("full", "count"), full(), func() visitor {
		g := countedGrant(1, 1)
		g.iat, g.exp = d.lock.Floor, now+100*oneDay
		return guest(d.own, g)
	}(), open, denies(wire.ReasonUsesSpent))
	more := countedGrant(2, 1)
	more.exp = now + 90*oneDay
	d.visit(twin, "one with a use left uses it, and is spent then", flags("full", "count"),
		d.script().once(guest(d.own, more), open, opened()).many(records-1, now+100*oneDay, 0).once(guest(d.own, more), open, opened()),
		guest(d.own, more), open, denies(wire.ReasonUsesSpent))
	root := guestGrant()
	root.entries[0].conditions = conditions(uses(5, 1), mayPass(1))
	d.visit(twin, "room for the parent's record and none for the child's", flags("full", "shared"), d.script().many(records-1, now+100*oneDay, 0),
		d.passed(root, link("child", uses(1, 1))), open, denies(wire.ReasonTableFull))
	d.visit(twin, "too little energy in a full table: the place is judged first", flags("full"), full(), one, demanded(waits), denies(wire.ReasonTableFull))
}

// demanded is what a try asks for.
func demanded(t try) demand {
	a, _ := t(wire.OperationOpen)
	return a
}

func (d *decider) usesLost() {
	d.of("Records that give way")
	open := do(wire.OperationOpen)
	floor := d.lock.Floor
	end := floor + 2*oneDay // of the record that gives way
	short := countedGrant(1, 1)
	short.iat, short.exp = floor, end
	late := guest(d.own, countedGrant(1, 1))
	brief := guest(d.own, short)
	move := func(s *script, version, iat uint32, reset bool) *script {
		p := firstPolicy()
		p.version, p.iat, p.reset = version, iat, reset
		return s.takes(version, iat, p.by(d.own))
	}
	full := func() *script { return d.script().once(brief, open, opened()).many(records-1, now+100*oneDay, 0) }
	twin := d.visit(0, "the owner moves the floor, and a counted grant opens", flags("lost"), move(d.script(), 1, end, false), late, open, opened())
	d.visit(twin, "one second before the short one ends there is no room", flags("full"), move(full(), 1, end-1, false), late, open, denies(wire.ReasonTableFull))
	given := func() *script { return move(full(), 1, end, false).once(late, open, opened()) }
	d.visit(twin, "it gives way when it ends, and the new one is counted", flags("full", "lost"), given(), late, open, denies(wire.ReasonUsesSpent))
	longer := short
	longer.exp = end + 10
	second := countedGrant(1, 1)
	second.exp++
	never := short
	never.exp = end + 10
	never.entries = []scopeEntry{lockTarget().may(3).if_(uses(1, 1))}
	both := d.script().once(guest(d.own, longer), open, opened()).once(brief, open, opened()).many(records-2, now+100*oneDay, 0)
	both = move(both, 1, end+10, false).once(late, open, opened()).once(guest(d.own, second), open, opened())
	d.visit(twin, "two records gave way: the later of their ends counts", flags("lost"), move(both, 2, floor+oneDay, true), guest(d.own, never), open, denies(wire.ReasonUsesSpent))
	parent := short
	parent.entries = []scopeEntry{lockTarget().if_(mayPass(1))}
	outlives := link("child", uses(1, 1))
	outlives.iat = floor
	chain := d.passed(parent, outlives)
	d.visit(twin, "the record of a link that outlives its parent gives way when the parent ends", flags("full", "lost"),
		move(d.script().once(chain, open, opened()).many(records-1, now+100*oneDay, 0), 1, end, false).once(late, open, opened()), late, open, denies(wire.ReasonUsesSpent))
	back := func() *script { return move(given(), 2, floor+oneDay, true) }
	d.visit(twin, "the floor is reset: the grant whose record gave way is spent", flags("lost"), back(), brief, open, denies(wire.ReasonUsesSpent))
	never = short
	never.exp--
	d.visit(twin, "so is one that was never used and ended before", flags("lost"), back(), guest(d.own, never), open, denies(wire.ReasonUsesSpent))
	beyond := short
	beyond.exp++
	d.visit(twin, "one that ends later is not, but finds no room", flags("lost", "full"), back(), guest(d.own, beyond), open, denies(wire.ReasonTableFull))
	without := move(d.script().once(brief, open, opened()), 1, end, false)
	d.visit(twin, "the record did not give way: it is there after the reset", flags("lost"), move(without, 2, floor+oneDay, true), brief, open, denies(wire.ReasonUsesSpent))
	d.visit(0, "no record gave way: another that ended is good again", flags("lost"), move(move(d.script(), 1, end, false), 2, floor+oneDay, true), guest(d.own, never), open, opened())
	a := postAuthority()
	a.longest = 400 * oneDay
	g := round()
	g.iat, g.exp = floor, end
	g.entries[0].conditions = uses(1, 1)
	a.rights &^= wire.RightTime
	postman := staff(a, g)
	d.visit(twin, "an operator's grant does not belong to the owner's lost time, but finds no room", flags("lost", "full"), back(), postman,
		do(wire.OperationDeliver), denies(wire.ReasonTableFull))
}

func (d *decider) usesWipe() {
	d.of("What a transfer does to records")
	open, deliver := do(wire.OperationOpen), do(wire.OperationDeliver)
	a := postAuthority()
	g := round()
	g.entries[0].conditions = uses(1, 1)
	postman := staff(a, g)
	to := partyOf("new owner")
	give := func(s *script, version uint32, from, to party) *script {
		p := handover(version, to)
		w := want{outcome: "refused", reason: wire.ReasonDenied, documents: []int64{0}, version: version}
		w.before = ownership(s.state.Floor, wire.EvidenceFloor, wire.LogOutcomeTransferred, to)
		s.once(bare(from), demand{documents: []signedObject{p.by(from)}}, w)
		s.own = to
		return s
	}
	used := func() *script { return d.admitted().once(postman, deliver, opened()) }
	twin := d.visit(0, "an operator's grant that was not used", flags("wipe"), give(d.admitted(), 2, d.own, to), postman, deliver, opened())
	d.visit(twin, "an operator's grant stays spent", flags("wipe"), give(used(), 2, d.own, to), postman, deliver, denies(wire.ReasonUsesSpent))
	d.visit(twin, "and with the certificate that the lock holds", flags("wipe"), give(used(), 2, d.own, to), postman.held(), deliver, denies(wire.ReasonUsesSpent))
	readmit := func(s *script) *script {
		return s.takes(s.state.Version+1, 0, handover(s.state.Version+1, s.own).by(s.own))
	}
	d.visit(twin, "an operator's grant stays spent after the button too", flags("wipe"), readmit(used().reset(to)), postman, deliver, denies(wire.ReasonUsesSpent))
	guestOf := func(p party, version uint64) visitor {
		g := guestGrant()
		g.entries[0].conditions = conditions(uses(1, 1), numberIs(wire.ConditionPolicy, version))
		return guest(p, g)
	}
	future := guestOf(d.own, 3)
	third := firstPolicy()
	third.version = 3
	opensFirst := func() *script { return d.script().takes(3, 0, third.by(d.own)).once(future, open, opened()) }
	d.visit(twin, "before the transfer the owner's is spent", flags("wipe"), opensFirst(), future, open, denies(wire.ReasonUsesSpent))
	home := func() *script { return give(give(opensFirst(), 4, d.own, to), 5, to, d.own) }
	d.visit(twin, "the lock comes back, and the owner's old grant is denied, not spent", flags("wipe"), home(), future, open, denies(wire.ReasonDenied))
	ahead := guestOf(d.own, 5)
	d.visit(0, "a new one opens", flags("wipe"), home(), ahead, open, opened())
	anchor := partyOf("building")
	building := staffUnder(anchor, a, g)
	anchored := func(version uint32, own party) signedObject {
		p := handover(version, own)
		p.anchors = []party{anchor}
		return p.by(own)
	}
	first := func() *script { return d.script().takes(1, 0, anchored(1, d.own)).once(building, deliver, opened()) }
	d.visit(twin, "a building's operator is counted", flags("wipe"), first(), building, deliver, denies(wire.ReasonUsesSpent))
	d.visit(0, "and anew for the next owner", flags("wipe"), give(first(), 2, d.own, to).takes(3, 0, anchored(3, to)), building, deliver, opened())
	d.visit(twin, "a full table of the former owner's is empty for the next one, whose second use is one too many", flags("wipe", "full"),
		give(d.script().many(records, now+100*oneDay, 0), 1, d.own, to).once(guestOf(to, 1), open, opened()), guestOf(to, 1), open, denies(wire.ReasonUsesSpent))
}
