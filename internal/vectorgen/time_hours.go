package main

import (
	"fmt"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// monday is a midnight in UTC: 2027-03-01T00:00:00Z.
const monday = now - 8*oneHour

// scheduled visits with an owner's grant for hours, at a time of the clock.
func (d *decider) scheduled(twin int, comment string, schedule item, at uint32, offset int, in bool) int {
	g := guestGrant()
	g.iat = monday - 2*oneDay
	g.entries[0].conditions = conditionIs(wire.ConditionSchedule, schedule)
	w := want{outcome: "opened", evidence: wire.EvidenceClock, time: at}
	if !in {
		w = denies(wire.ReasonHours)
	}
	return d.visit(twin, comment, flags("hours"), d.script(), guest(d.own, g),
		demand{operation: wire.OperationOpen, clock: &vectors.DecisionClock{Time: at, Offset: offset}}, w)
}

func (d *decider) timeClock() {
	d.of("The lock's own clock", withClock)
	floor := d.lock.Floor
	visit := func(twin int, comment string, clock *vectors.DecisionClock, asked uint64, exp uint32, reason int64) int {
		g := guestGrant()
		g.iat, g.exp = floor-oneDay, exp
		w := opened()
		if asked > 0 {
			g.entries[0].conditions = numberIs(wire.ConditionEvidence, asked)
			w.evidence = wire.EvidenceClock
			w.time = clock.Time
		}
		if reason != 0 {
			w = denies(reason)
		}
		return d.visit(twin, comment, flags("clock"), d.script(), guest(d.own, g), demand{operation: wire.OperationOpen, clock: clock}, w)
	}
	at := func(t uint32) *vectors.DecisionClock { return &vectors.DecisionClock{Time: t, Offset: 60} }
	twin := visit(0, "ahead of the floor, which it does not move", at(floor+oneDay), wire.EvidenceClock, floor+2*oneDay, 0)
	visit(0, "at the floor", at(floor), wire.EvidenceClock, floor+2*oneDay, 0)
	visit(twin, "one second behind the floor: it counts for nothing", at(floor-1), wire.EvidenceClock, floor+2*oneDay, wire.ReasonEvidence)
	visit(twin, "years behind", at(86400), wire.EvidenceStated, floor+2*oneDay, wire.ReasonEvidence)
	visit(twin, "it does not know the time", nil, wire.EvidenceFloor, floor-1, wire.ReasonExpired)
	visit(0, "it does not know the time, and nobody asks", nil, wire.EvidenceFloor, floor+1, 0)
	visit(twin, "exp at the clock's time", at(floor+oneDay), wire.EvidenceClock, floor+oneDay, wire.ReasonExpired)
	visit(0, "exp one second behind it", at(floor+oneDay), wire.EvidenceClock, floor+oneDay+1, 0)
	g := guestGrant()
	g.iat, g.nbf = floor-oneDay, floor+oneDay
	twin = d.visit(0, "nbf at the clock's time", flags("clock"), d.script(), guest(d.own, g),
		demand{operation: wire.OperationOpen, clock: at(floor + oneDay)}, want{outcome: "opened", evidence: wire.EvidenceClock, time: floor + oneDay})
	d.visit(twin, "nbf one second behind it", flags("clock"), d.script(), guest(d.own, g),
		demand{operation: wire.OperationOpen, clock: at(floor + oneDay - 1)}, denies(wire.ReasonNotYetValid))
	d.visit(twin, "nbf at it in the transaction before: the clock moved no floor", flags("clock"),
		d.script().once(guest(d.own, g), demand{operation: wire.OperationOpen, clock: at(floor + oneDay)}, want{outcome: "opened", evidence: wire.EvidenceClock, time: floor + oneDay}),
		guest(d.own, g), do(wire.OperationOpen), denies(wire.ReasonNotYetValid))
	d.visit(0, "the clock is preferred to a token", flags("clock"), d.script(), guest(d.own, guestGrant()),
		demand{operation: wire.OperationOpen, clock: at(now + 5), documents: []signedObject{timeClaims{iat: now}.by(partyOf("time source"))}, chain: [][]byte{clockAuthority().by(partyOf("scheme")).bytes}},
		want{outcome: "opened", documents: []int64{0}, floor: now, evidence: wire.EvidenceClock, time: now + 5})
}

func (d *decider) timeHours() {
	d.of("Hours: the edges of a window", withClock)
	for _, c := range []struct{ from, until uint64 }{{360, 720}, {0, 1}, {1439, 1440}, {0, 1440}, {720, 721}} {
		schedule := arrayItem(window(1, c.from, c.until)) // Mondays
		first, last := uint32(monday+60*c.from), uint32(monday+60*c.until-1)
		name := fmt.Sprintf("Monday, minutes %d to %d: ", c.from, c.until)
		twin := d.scheduled(0, name+"its first second", schedule, first, 0, true)
		d.scheduled(0, name+"its last second", schedule, last, 0, true)
		d.scheduled(twin, name+"the second before", schedule, first-1, 0, false)
		d.scheduled(twin, name+"the second after", schedule, last+1, 0, false)
		d.scheduled(twin, name+"a day and half a minute later", schedule, first+oneDay+30, 0, false)
	}
	two := arrayItem(window(1, 480, 720), window(1, 840, 1080))
	twin := d.scheduled(0, "two windows: in the first", two, monday+9*oneHour, 0, true)
	d.scheduled(0, "two windows: in the second", two, monday+15*oneHour, 0, true)
	d.scheduled(twin, "two windows: between them", two, monday+13*oneHour, 0, false)
	d.scheduled(0, "two windows that meet: at the seam", arrayItem(window(1, 480, 720), window(1, 720, 800)), monday+12*oneHour, 0, true)
	d.scheduled(0, "two windows that overlap", arrayItem(window(1, 480, 720), window(1, 600, 800)), monday+11*oneHour, 0, true)
	eight := repeat(8, func(i int) item { return window(1, uint64(2*i), uint64(2*i+1)) })
	d.scheduled(0, "eight windows, in the last", arrayItem(eight...), monday+14*60, 0, true)
	d.scheduled(twin, "eight windows, behind the last", arrayItem(eight...), monday+15*60, 0, false)
	night := arrayItem(window(1, 1320, 1440), window(2, 0, 360))
	d.scheduled(0, "a night in two windows: before midnight", night, monday+oneDay-1, 0, true)
	d.scheduled(0, "a night in two windows: after midnight", night, monday+oneDay, 0, true)
	d.scheduled(twin, "a night in two windows: the morning before", night, monday, 0, false)
}

func (d *decider) timeDays() {
	d.of("Hours: the days of the week", withClock)
	names := []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
	for i, name := range names {
		noon := uint32(monday + i*oneDay + 12*oneHour)
		only, others := uint64(1)<<i, uint64(127)&^(1<<i)
		twin := d.scheduled(0, name+" at noon, on that day alone", arrayItem(window(only, 0, 1440)), noon, 0, true)
		d.scheduled(twin, name+" at noon, on every other day", arrayItem(window(others, 0, 1440)), noon, 0, false)
		d.scheduled(twin, name+"'s second second, on the day before", arrayItem(window(1<<((i+6)%7), 0, 1440)), uint32(monday+i*oneDay+1), 0, false)
		d.scheduled(twin, name+"'s last second, on the day after", arrayItem(window(1<<((i+1)%7), 0, 1440)), uint32(monday+(i+1)*oneDay-1), 0, false)
	}
	d.scheduled(0, "every day", arrayItem(window(127, 0, 1440)), monday+3*oneDay+5, 0, true)
}

func (d *decider) timeOffsets() {
	d.of("Hours: offsets from UTC", withClock)
	// Section 16.4, worked example.
	weekdays := arrayItem(window(31, 360, 1440), window(32, 480, 720))
	const sundayLate = 1803857400 // 2027-02-28T23:30:00Z
	twin := d.scheduled(0, "the worked example: second row", weekdays, 1803888000, 60, true)
	d.scheduled(twin, "the worked example: first row", weekdays, sundayLate, 60, false)
	d.scheduled(twin, "the worked example: third row", weekdays, 1803888000, -600, false)
	all := func(mask uint64) item { return arrayItem(window(mask, 0, 1440)) }
	const mon, sun = 1, 64
	d.scheduled(0, "Sunday in UTC, Monday at the lock", all(mon), sundayLate, 60, true)
	d.scheduled(twin, "Sunday in UTC, Monday at the lock, on Sundays", all(sun), sundayLate, 60, false)
	d.scheduled(0, "30 minutes ahead: Monday's first second", all(mon), sundayLate, 30, true)
	d.scheduled(twin, "29 minutes ahead: still Sunday", all(mon), sundayLate, 29, false)
	d.scheduled(0, "14 hours ahead", all(mon), monday-14*oneHour, 840, true)
	d.scheduled(twin, "14 hours ahead, a second earlier", all(mon), monday-14*oneHour-1, 840, false)
	d.scheduled(0, "14 hours behind: still Sunday", all(sun), monday+14*oneHour-1, -840, true)
	d.scheduled(twin, "14 hours behind: Monday's first second", all(sun), monday+14*oneHour, -840, false)
	d.scheduled(0, "one minute behind: Sunday's last minute", arrayItem(window(sun, 1439, 1440)), monday, -1, true)
	d.scheduled(twin, "one minute behind, a minute later", arrayItem(window(sun, 1439, 1440)), monday+60, -1, false)
}

func (d *decider) timeStatedHours() {
	d.of("Hours by tokens")
	a := clockAuthority()
	chain := [][]byte{a.by(partyOf("scheme")).bytes}
	morning := arrayItem(window(1, 360, 720))
	visit := func(twin int, comment string, live bool, evidence uint64, iat uint32, offset int, reason int64) int {
		g := guestGrant()
		g.iat = monday - 2*oneDay
		g.entries[0].conditions = conditionIs(wire.ConditionSchedule, morning)
		if evidence > 0 {
			g.entries[0].conditions = conditions(g.entries[0].conditions, numberIs(wire.ConditionEvidence, evidence))
		}
		s := d.script()
		w := want{outcome: "opened", documents: []int64{0}, floor: iat, evidence: wire.EvidenceStated, time: iat}
		if live {
			s.drawNonce()
			w.evidence = wire.EvidenceLive
		}
		if reason != 0 {
			w.outcome, w.reason = "refused", reason
		}
		return d.visit(twin, comment, flags("hours", "evidence"), s, guest(d.own, g),
			demand{operation: wire.OperationOpen, documents: []signedObject{timeClaims{iat: iat, offset: offset, nonce: s.nonce}.by(a.holder)}, chain: chain}, w)
	}
	twin := visit(0, "a live time in the hours", true, 0, now, 60, 0)
	visit(twin, "a live time before them", true, 0, monday+5*oneHour-1, 60, wire.ReasonHours)
	visit(0, "a live time at their first second, an hour ahead of UTC", true, 0, monday+5*oneHour, 60, 0)
	visit(twin, "a live time after them", true, 0, monday+11*oneHour, 60, wire.ReasonHours)
	visit(0, "a live time in them by an offset of -60", true, 0, monday+12*oneHour+3599, -60, 0)
	visit(twin, "a live time at their end by an offset of -60", true, 0, monday+13*oneHour, -60, wire.ReasonHours)
	visit(twin, "a stated time in the hours, and the schedule asks for live time", false, 0, now, 60, wire.ReasonEvidence)
	visit(0, "a stated time in the hours, which is enough", false, wire.EvidenceStated, now, 60, 0)
	visit(twin, "a stated time out of the hours", false, wire.EvidenceStated, monday, 60, wire.ReasonHours)
	visit(twin, "a live time, and the entry asks for a clock", true, wire.EvidenceClock, now, 60, wire.ReasonEvidence)
	g := guestGrant()
	g.entries[0].conditions = conditionIs(wire.ConditionSchedule, morning)
	d.visit(twin, "no time at all", flags("hours", "evidence"), d.script(), guest(d.own, g), do(wire.OperationOpen), denies(wire.ReasonEvidence))
	d.visit(0, "no time at all, asked for status", flags("hours", "evidence"), d.script(), guest(d.own, g), do(wire.OperationStatus), done())
}

// hours is the condition that a schedule holds.
func hours(schedule item) []item { return conditionIs(wire.ConditionSchedule, schedule) }

func (d *decider) timeChainHours() {
	d.of("Hours in a chain: those of every link", withClock)
	morning, noonOn := hours(arrayItem(window(1, 360, 720))), hours(arrayItem(window(1, 600, 1080)))
	try := func(twin int, comment string, parent, child []item, clock uint32, reason int64) int {
		p, c := above(1), link("child", child)
		p.entries[0].conditions = conditions(parent, mayPass(1))
		c.iat = p.iat
		r, w := do(wire.OperationOpen), opened()
		if clock != 0 {
			r.clock = &vectors.DecisionClock{Time: clock}
			w.evidence, w.time = wire.EvidenceClock, clock
		}
		if reason != 0 {
			w = denies(reason)
		}
		return d.visit(twin, comment, flags("hours"), d.script(), d.passed(p, c), r, w)
	}
	twin := try(0, "in the hours of both", morning, noonOn, monday+11*oneHour, 0)
	try(twin, "in the parent's alone", morning, noonOn, monday+9*oneHour, wire.ReasonHours)
	try(twin, "in the child's alone", morning, noonOn, monday+13*oneHour, wire.ReasonHours)
	try(twin, "in neither's", morning, noonOn, monday+20*oneHour, wire.ReasonHours)
	try(twin, "the child has none, and it is out of the parent's", morning, nil, monday+13*oneHour, wire.ReasonHours)
	try(twin, "the parent has none, and it is out of the child's", nil, morning, monday+13*oneHour, wire.ReasonHours)
	try(twin, "the child has none, and no time is known", morning, nil, 0, wire.ReasonEvidence)
	try(twin, "the parent has none, and no time is known", nil, morning, 0, wire.ReasonEvidence)
	try(0, "the child has none, and it is in the parent's", morning, nil, monday+11*oneHour, 0)
}
