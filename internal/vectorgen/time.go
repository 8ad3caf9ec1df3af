package main

import (
	"fmt"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// timeArea tries what a lock knows of the time and what it makes of it.
func timeArea() (output, error) {
	d := decide("time", map[string]vectors.Note{
		"floor":     note("policy", "Rights that ended open again, or somebody moves the floor who may not.", "PST-TIME-007", "PST-TIME-008", "PST-TIME-009"),
		"pending":   note("policy", "A tap that waits for energy writes, and wears the lock down.", "PST-TIME-009"),
		"token":     note("policy", "A time that nobody vouches for counts.", "PST-TIME-017", "PST-DOC-009"),
		"step":      note("exhaustion", "Visitors wear the lock down by small steps, or the time does not arrive.", "PST-TIME-030"),
		"live":      note("replay", "A time of another transaction, or an old one, counts as live.", "PST-TIME-012", "PST-TIME-021"),
		"evidence":  note("policy", "Less proof of the time is enough than the grant asks for.", "PST-TIME-012", "PST-DEC-018"),
		"latest":    note("policy", "A grant is judged by a time that proves nothing, or not by one that does.", "PST-TIME-012", "PST-TIME-013"),
		"clock":     note("policy", "A clock that stopped or was set back counts, or moves the floor.", "PST-TIME-008", "PST-TIME-012"),
		"hours":     note("policy", "A grant opens outside its hours.", "PST-TIME-019"),
		"midtap":    note("interoperability", "A live time asked for in the middle of a tap does not help.", "PST-DEC-010"),
		"malformed": note("malleability", "A token that the format does not admit counts.", "PST-TIME-014"),
	})
	d.timeFloor()
	d.timeAfterFloor()
	d.timeStated()
	d.timeTokenSigner()
	d.timeHeldSigner()
	d.timeLive()
	d.timeEvidence()
	d.timeLatest()
	d.timeClock()
	d.timeHours()
	d.timeDays()
	d.timeOffsets()
	d.timeStatedHours()
	d.timeChainHours()
	return d.end()
}

func (d *decider) timeFloor() {
	d.of("What raises the floor")
	deliver := do(wire.OperationDeliver)
	a := postAuthority()
	timeless := a
	timeless.rights &^= wire.RightTime
	twin := d.visit(0, "an operator's grant raises it to iat", flags("floor"), d.admitted(), staff(a, round()), deliver, opened())
	d.visit(0, "an operator without the right does not", flags("floor"), d.admitted(), staff(timeless, round()), deliver, opened())
	d.visit(0, "a request for status does too", flags("floor"), d.admitted(), staff(a, round()), do(wire.OperationStatus), done())
	old := round()
	old.iat, old.exp = d.lock.Floor-oneDay, d.lock.Floor+1
	d.visit(0, "a grant from before the floor does not lower it", flags("floor"), d.admitted(), staff(a, old), deliver, opened())
	old.iat++
	old.exp = d.lock.Floor
	d.visit(twin, "a grant that ended at the floor", flags("floor"), d.admitted(), staff(a, old), deliver, denies(wire.ReasonExpired))
	d.visit(twin, "a refused tap raises it", flags("floor"), d.admitted(), staff(a, round()), do(wire.OperationOpen), denies(wire.ReasonAction))
	percent := 40
	d.visit(0, "a tap that waits for energy does not", flags("floor", "pending"), d.admitted(), staff(a, round()),
		demand{operation: wire.OperationDeliver, charge: &percent}, want{outcome: "pending", charge: &percent})
	long := round()
	long.exp += 5 * oneDay
	d.visit(twin, "a grant that its operator may not give does not", flags("floor"), d.admitted(), staff(a, long), deliver, denies(wire.ReasonGrantTooLong).keeping())
	g := guestGrant()
	d.visit(0, "an owner's grant does not", flags("floor"), d.admitted(), guest(d.own, g), do(wire.OperationOpen), opened())
	for _, p := range []struct {
		comment string
		iat     uint32
		floor   uint32
	}{
		{"a policy raises it by a second", d.lock.Floor + 1, d.lock.Floor + 1},
		{"a policy raises it by a year", d.lock.Floor + 365*oneDay, d.lock.Floor + 365*oneDay},
		{"a policy from before does not lower it", d.lock.Floor - 1, d.lock.Floor},
	} {
		policy := firstPolicy()
		policy.iat = p.iat
		d.add(0, p.comment, flags("floor"), d.script().takes(1, p.floor, policy.by(d.own)))
	}
}

func (d *decider) timeAfterFloor() {
	d.of("What the floor does to the grants of others")
	open := do(wire.OperationOpen)
	raised := func() *script {
		return d.admitted().once(staff(postAuthority(), round()), do(wire.OperationDeliver), opened())
	}
	g := guestGrant()
	g.iat, g.exp = now-oneDay, now+1
	twin := d.visit(0, "exp one second behind the postman's iat", flags("floor"), raised(), guest(d.own, g), open, opened())
	g.exp = now
	d.visit(twin, "exp at the postman's iat", flags("floor"), raised(), guest(d.own, g), open, denies(wire.ReasonExpired))
	g.exp = now - 1
	d.visit(twin, "exp before it", flags("floor"), raised(), guest(d.own, g), open, denies(wire.ReasonExpired))
	refusedTap := d.admitted().once(staff(postAuthority(), round()), do(wire.OperationOpen), denies(wire.ReasonAction))
	d.visit(twin, "exp before it, and the postman was refused", flags("floor"), refusedTap, guest(d.own, g), open, denies(wire.ReasonExpired))
	g.exp, g.nbf = now+oneDay, now
	twin = d.visit(0, "nbf at the postman's iat", flags("floor"), raised(), guest(d.own, g), open, opened())
	g.nbf = now + 1
	d.visit(twin, "nbf one second behind it", flags("floor"), raised(), guest(d.own, g), open, denies(wire.ReasonNotYetValid))
	g.nbf = now
	d.visit(twin, "nbf at it, and the postman did not come", flags("floor"), d.admitted(), guest(d.own, g), open, denies(wire.ReasonNotYetValid))
	percent := 1
	waited := d.admitted().once(staff(postAuthority(), round()), demand{operation: wire.OperationDeliver, charge: &percent}, want{outcome: "pending", charge: &percent})
	d.visit(twin, "nbf at it, and the postman left before there was energy", flags("floor", "pending"), waited, guest(d.own, g), open, denies(wire.ReasonNotYetValid))
	lost := d.admitted().once(staff(postAuthority(), round()), demand{operation: wire.OperationDeliver, power: "lost-before"}, opened())
	d.visit(twin, "nbf at it, and the power went before the commit", flags("floor"), lost, guest(d.own, g), open, denies(wire.ReasonNotYetValid))
	kept := d.admitted().once(staff(postAuthority(), round()), demand{operation: wire.OperationDeliver, power: "lost-after"}, opened())
	d.visit(0, "nbf at it, and the power went after the commit", flags("floor"), kept, guest(d.own, g), open, opened())
}

// timed hands over a token with a request for status.
func timed(t signedObject, a certificateClaims) demand {
	return demand{documents: []signedObject{t}, chain: [][]byte{a.by(partyOf("scheme")).bytes}}
}

func (d *decider) timeStated() {
	d.of("Stated time and the floor")
	a := clockAuthority()
	floor := d.lock.Floor
	owner := bare(d.own)
	twin := 0
	for _, c := range []struct {
		comment string
		iat     uint32
		after   uint32
	}{
		{"a time at the floor", floor, floor},
		{"599 seconds behind the floor", floor + 599, floor},
		{"600 seconds behind the floor", floor + 600, floor + 600},
		{"601 seconds behind the floor", floor + 601, floor + 601},
		{"a month behind the floor", floor + 30*oneDay, floor + 30*oneDay},
		{"at exp of its signer's certificate", a.exp, a.exp},
	} {
		twin = d.visit(0, c.comment, flags("token", "step"), d.script(), owner, timed(timeClaims{iat: c.iat}.by(a.holder), a), want{outcome: "done", documents: []int64{0}, floor: c.after})
	}
	reject := func(comment, flag string, t signedObject, a certificateClaims, reason int64) {
		d.visit(twin, comment, flags(flag), d.script(), owner, timed(t, a), want{outcome: "done", documents: []int64{reason}})
	}
	reject("one second before the floor", "token", timeClaims{iat: floor - 1}.by(a.holder), a, wire.ReasonSuperseded)
	reject("the time 1", "token", timeClaims{iat: 1}.by(a.holder), a, wire.ReasonSuperseded)
	reject("one second behind exp of its signer's certificate", "token", timeClaims{iat: a.exp + 1}.by(a.holder), a, wire.ReasonAuthorityExpired)
	reject("the last time that there is", "token", timeClaims{iat: 1<<32 - 1}.by(a.holder), a, wire.ReasonAuthorityExpired)
	early := a
	early.iat = floor + oneDay
	reject("one second before iat of its signer's certificate", "token", timeClaims{iat: floor + oneDay - 1}.by(a.holder), early, wire.ReasonAuthorityExpired)
	d.visit(0, "at iat of its signer's certificate", flags("token"), d.script(), owner, timed(timeClaims{iat: floor + oneDay}.by(a.holder), early),
		want{outcome: "done", documents: []int64{0}, floor: floor + oneDay})
	for _, c := range []struct {
		comment string
		claims  []item
	}{
		{"an offset of 841", append(claim(wire.ClaimIat, uintItem(now)), scope(uintItem(841))...)},
		{"an offset of -841", append(claim(wire.ClaimIat, uintItem(now)), scope(nintItem(840))...)},
		{"no offset", append(claim(wire.ClaimIat, uintItem(now)), scope()...)},
		{"a nonce of 15 bytes", append(claim(wire.ClaimIat, uintItem(now)), scope(uintItem(0), bytesItem(make([]byte, 15)))...)},
		{"a nonce of 17 bytes", append(claim(wire.ClaimIat, uintItem(now)), scope(uintItem(0), bytesItem(make([]byte, 17)))...)},
		{"iat 0", append(claim(wire.ClaimIat, uintItem(0)), scope(uintItem(0))...)},
		{"iat of 33 bits", append(claim(wire.ClaimIat, uintItem(1<<32)), scope(uintItem(0))...)},
		{"an exp", append(claim(wire.ClaimExp, uintItem(now+1)), append(claim(wire.ClaimIat, uintItem(now)), scope(uintItem(0))...)...)},
	} {
		reject(c.comment, "malformed", a.holder.object(wire.TypeTimeToken, c.claims...), a, wire.ReasonMalformed)
	}
	for _, offset := range []int{840, -840} {
		d.visit(0, fmt.Sprintf("an offset of %d", offset), flags("token"), d.script(), owner, timed(timeClaims{iat: now, offset: offset}.by(a.holder), a),
			want{outcome: "done", documents: []int64{0}, floor: now})
	}
	d.visit(0, "a guest hands it over and opens", flags("token"), d.script(), guest(d.own, guestGrant()), demand{
		operation: wire.OperationOpen, documents: []signedObject{timeClaims{iat: floor + 600}.by(a.holder)}, chain: [][]byte{a.by(partyOf("scheme")).bytes},
	}, want{outcome: "opened", documents: []int64{0}, floor: floor + 600, evidence: wire.EvidenceStated, time: floor + 600})
	s := d.script()
	second := timeClaims{iat: floor + 1198}.by(a.holder)
	two := timed(timeClaims{iat: floor + 599}.by(a.holder), a)
	two.documents = append(two.documents, second)
	d.visit(0, "two small steps one after the other are each measured from the floor", flags("step"), s, owner, two,
		want{outcome: "done", documents: []int64{0, 0}, floor: floor + 1198})
	back := timed(timeClaims{iat: floor + 600}.by(a.holder), a)
	back.documents = append(back.documents, timeClaims{iat: floor + 599}.by(a.holder))
	d.visit(twin, "the second is earlier than what the first raised the floor to", flags("token"), d.script(), owner, back,
		want{outcome: "done", documents: []int64{0, wire.ReasonSuperseded}, floor: floor + 600})
}

func (d *decider) timeTokenSigner() {
	d.of("Who signed the time")
	a := clockAuthority()
	owner := bare(d.own)
	t := timeClaims{iat: now}
	good := want{outcome: "done", documents: []int64{0}, floor: now}
	twin := d.visit(0, "a time source", flags("token"), d.script(), owner, timed(t.by(a.holder), a), good)
	d.visit(0, "an operator that may state the time", flags("token"), d.script(), owner, timed(t.by(partyOf("post")), postAuthority()), good)
	d.visit(0, "brought by a guest who is refused", flags("token"), d.script(), guest(d.own, guestGrant()), demand{
		operation: wire.OperationDeliver, documents: []signedObject{t.by(a.holder)}, chain: [][]byte{a.by(partyOf("scheme")).bytes},
	}, want{outcome: "refused", reason: wire.ReasonAction, documents: []int64{0}, floor: now})
	reject := func(comment string, a demand, reason int64) {
		d.visit(twin, comment, flags("token"), d.script(), owner, a, want{outcome: "done", documents: []int64{reason}})
	}
	reject("an operator without the right", timed(t.by(partyOf("carrier")), carrierAuthority()), wire.ReasonAuthorityRight)
	makers := a
	makers.rights = wire.RightLock
	reject("a manufacturer", timed(t.by(a.holder), makers), wire.ReasonAuthorityRight)
	reject("the certificate does not come", demand{documents: []signedObject{t.by(a.holder)}}, wire.ReasonIssuerUnknown)
	reject("another certificate comes", timed(t.by(a.holder), carrierAuthority()), wire.ReasonIssuerUnknown)
	reject("the owner signed it", timed(t.by(d.own), a), wire.ReasonIssuerUnknown)
	reject("the scheme's root signed it", timed(t.by(partyOf("scheme")), a), wire.ReasonIssuerUnknown)
	reject("its signature does not verify", timed(t.by(a.holder).broken(), a), wire.ReasonSignature)
	named := a.holder
	named.sign = partyOf("stranger").sign
	reject("it names the time source, and another key signed it", timed(t.by(named), a), wire.ReasonSignature)
	named = a.holder
	named.key.Alg = wire.AlgEsp256
	reject("it names the other algorithm", timed(t.by(named), a), wire.ReasonAlgorithm)
	broken := timed(t.by(a.holder), a)
	broken.chain = [][]byte{a.by(partyOf("scheme")).broken().bytes}
	reject("the certificate does not verify", broken, wire.ReasonSignature)
	broken.chain = [][]byte{a.by(partyOf("other scheme")).bytes}
	reject("the certificate is of a scheme that the lock does not trust", broken, wire.ReasonIssuerUnknown)
	ended := a
	ended.exp = d.lock.Floor
	reject("exp of the certificate is at the floor", timed(timeClaims{iat: d.lock.Floor}.by(a.holder), ended), wire.ReasonAuthorityExpired)
	ended.exp++
	d.visit(0, "exp of the certificate is one second behind the floor", flags("token"), d.script(), owner,
		timed(timeClaims{iat: d.lock.Floor + 1}.by(a.holder), ended), want{outcome: "done", documents: []int64{0}})
	s := d.admitted().once(staff(postAuthority(), round()), do(wire.OperationDeliver), opened())
	d.visit(0, "the operator's certificate is held", flags("token"), s, owner, demand{documents: []signedObject{timeClaims{iat: now + oneHour}.by(partyOf("post"))}},
		want{outcome: "done", documents: []int64{0}, floor: now + oneHour})
	d.visit(0, "what does not read in the chain is passed over", flags("token"), d.script(), owner,
		demand{documents: []signedObject{t.by(a.holder)}, chain: [][]byte{arrayItem(bytesItem(nil)).data, a.by(partyOf("scheme")).bytes}}, good)
}

func (d *decider) timeHeldSigner() {
	short, long := clockAuthority(), clockAuthority()
	short.exp = now + oneHour
	d.of("The time source's certificate is held, and ends soon", func(p *vectors.DecisionParams) {
		p.Authorities = []vectors.Hex{short.by(partyOf("scheme")).bytes}
	})
	owner := bare(d.own)
	hand := func(twin int, comment string, iat uint32, reason int64, brought ...certificateClaims) int {
		w := want{outcome: "done", documents: []int64{reason}}
		if reason == wire.ReasonNone {
			w.floor = iat
		}
		return d.visit(twin, comment, flags("token"), d.script(), owner, listed(brought, timeClaims{iat: iat}.by(short.holder)), w)
	}
	twin := hand(0, "a time before its end", now, 0)
	hand(0, "a time at its end", short.exp, 0)
	hand(twin, "a time behind its end: it is as if it were not held", short.exp+1, wire.ReasonIssuerUnknown)
	hand(twin, "a time behind its end, and the same is brought", short.exp+1, wire.ReasonAuthorityExpired, short)
	hand(0, "a time behind its end, and a renewed one is brought", short.exp+1, 0, long)
	hand(twin, "a time before its beginning", short.iat-1, wire.ReasonSuperseded)
	d.visit(0, "a guest opens", flags("token"), d.script(), guest(d.own, guestGrant()), do(wire.OperationOpen), opened())
}

// liveTap begins a transaction whose nonce the token bears, and returns both.
func (d *decider) liveTap(s *script, v visitor, iat uint32, offset int) (*tap, signedObject) {
	nonce := s.drawNonce()
	return s.tap(v), timeClaims{iat: iat, offset: offset, nonce: nonce}.by(partyOf("time source"))
}

func (d *decider) timeLive() {
	d.of("Live time")
	a := clockAuthority()
	chain := [][]byte{a.by(partyOf("scheme")).bytes}
	owner := bare(d.own)
	hand := func(twin int, comment string, seconds int, iat uint32, w want) int {
		s := d.script()
		t, live := d.liveTap(s, owner, iat, 60)
		t.ask(demand{documents: []signedObject{live}, chain: chain, seconds: seconds}, w)
		return d.add(twin, comment, flags("live"), s)
	}
	taken := want{outcome: "done", documents: []int64{0}, floor: now}
	late := want{outcome: "done", documents: []int64{wire.ReasonEvidence}}
	twin := hand(0, "at once", 0, now, taken)
	hand(0, "60 seconds after SELECT", 60, now, taken)
	hand(twin, "61 seconds after SELECT", 61, now, late)
	hand(twin, "an hour after SELECT", 3600, now, late)
	hand(0, "earlier than the floor", 1, d.lock.Floor-30, want{outcome: "done", documents: []int64{0}})
	hand(0, "599 seconds behind the floor", 1, d.lock.Floor+599, want{outcome: "done", documents: []int64{0}})
	for _, c := range []struct {
		comment string
		change  func(nonce []byte)
	}{
		{"the nonce but its last bit", func(n []byte) { n[15] ^= 1 }},
		{"the nonce but its first bit", func(n []byte) { n[0] ^= 0x80 }},
		{"a nonce of zeros", func(n []byte) { clear(n) }},
	} {
		s := d.script()
		nonce := append([]byte{}, s.drawNonce()...)
		c.change(nonce)
		s.tap(owner).ask(demand{documents: []signedObject{timeClaims{iat: now, nonce: nonce}.by(a.holder)}, chain: chain}, late)
		d.add(twin, c.comment, flags("live"), s)
	}
	s := d.script()
	t, live := d.liveTap(s, guest(d.own, guestGrant()), now, 0)
	t.ask(demand{operation: wire.OperationOpen, documents: []signedObject{live}, chain: chain},
		want{outcome: "opened", documents: []int64{0}, floor: now, evidence: wire.EvidenceLive, time: now})
	d.add(0, "a guest hands it over and opens", flags("live"), s)
	s = d.script()
	t, live = d.liveTap(s, owner, now, 0)
	t.ask(demand{documents: []signedObject{live}, chain: chain}, taken)
	s.drawNonce()
	s.tap(owner).ask(demand{documents: []signedObject{live}, chain: chain}, late)
	d.add(twin, "the token of the transaction before", flags("live"), s)
	s = d.script()
	t, live = d.liveTap(s, owner, now, 0)
	t.ask(demand{documents: []signedObject{live.broken()}, chain: chain}, want{outcome: "done", documents: []int64{wire.ReasonSignature}})
	d.add(twin, "its signature does not verify", flags("live", "token"), s)
	s = d.script()
	nonce := s.drawNonce()
	s.tap(owner).ask(demand{documents: []signedObject{timeClaims{iat: now, nonce: nonce}.by(partyOf("carrier"))}, chain: [][]byte{carrierAuthority().by(partyOf("scheme")).bytes}},
		want{outcome: "done", documents: []int64{wire.ReasonAuthorityRight}})
	d.add(twin, "by an operator without the right", flags("live", "token"), s)

	d.of("Live time at a lock that cannot measure seconds", without(wire.CapabilityLiveTime))
	d.visit(0, "a guest opens", flags("live"), d.script(), guest(d.own, guestGrant()), do(wire.OperationOpen), opened())
	s = d.script()
	twin = d.visit(0, "a stated token is taken", flags("live"), s, owner, timed(timeClaims{iat: now}.by(a.holder), a), taken)
	s = d.script()
	t, live = d.liveTap(s, owner, now, 0)
	t.ask(demand{documents: []signedObject{live}, chain: chain}, late)
	d.add(twin, "a live one is not", flags("live"), s)
}

func (d *decider) timeEvidence() {
	d.of("What a grant asks for and what there is", withClock)
	a := clockAuthority()
	chain := [][]byte{a.by(partyOf("scheme")).bytes}
	const stated = now + 300
	for there := uint64(0); there <= 3; there++ {
		twin := 0
		for asked := uint64(0); asked <= 3; asked++ {
			g := guestGrant()
			if asked > 0 {
				g.entries[0].conditions = numberIs(wire.ConditionEvidence, asked)
			}
			r := do(wire.OperationOpen)
			w := want{outcome: "opened", evidence: there, time: stated}
			s := d.script()
			if there == wire.EvidenceLive {
				s.drawNonce()
			}
			switch there {
			case wire.EvidenceStated, wire.EvidenceLive:
				r.documents, r.chain = []signedObject{timeClaims{iat: stated, nonce: s.nonce}.by(a.holder)}, chain
				w.documents, w.floor = []int64{0}, stated
			case wire.EvidenceClock:
				r.clock = &vectors.DecisionClock{Time: stated}
			}
			if asked > there {
				w.outcome, w.reason = "refused", wire.ReasonEvidence
			}
			n := d.visit(twin, fmt.Sprintf("asked for %s, there is %s", wire.EvidenceName(int64(asked)), wire.EvidenceName(int64(there))),
				flags("evidence"), s, guest(d.own, g), r, w)
			if asked == 0 {
				twin = n
			}
		}
	}
	d.timeMidTap(chain)
}

func (d *decider) timeMidTap(chain [][]byte) {
	d.of("Time in the middle of a tap")
	asks := func(evidence uint64) visitor {
		g := guestGrant()
		g.entries[0].conditions = numberIs(wire.ConditionEvidence, evidence)
		return guest(d.own, g)
	}
	open := do(wire.OperationOpen)
	s := d.script()
	t, live := d.liveTap(s, asks(wire.EvidenceLive), now, 60)
	handed := demand{operation: wire.OperationOpen, documents: []signedObject{live}, chain: chain, seconds: 20}
	t.ask(open, denies(wire.ReasonEvidence)).ask(handed, want{outcome: "opened", documents: []int64{0}, floor: now, evidence: wire.EvidenceLive, time: now})
	twin := d.add(0, "refused for want of evidence, then live time", flags("midtap"), s)
	s = d.script()
	t, live = d.liveTap(s, asks(wire.EvidenceLive), now, 60)
	handed.documents, handed.seconds = []signedObject{live}, 61
	t.ask(open, denies(wire.ReasonEvidence)).ask(handed, want{outcome: "refused", reason: wire.ReasonEvidence, documents: []int64{wire.ReasonEvidence}})
	d.add(twin, "and the live time comes a second too late", flags("midtap", "live"), s)
	later := func(asked uint64, iat uint32, w want) *script {
		s := d.script()
		t, live := d.liveTap(s, asks(asked), iat, 60)
		first := want{outcome: "done", documents: []int64{0}, floor: max(iat, d.lock.Floor)}
		t.ask(demand{documents: []signedObject{live}, chain: chain, seconds: 10}, first).ask(demand{operation: wire.OperationOpen, seconds: 61}, w)
		return s
	}
	d.add(twin, "live time that has grown old in the transaction", flags("live"), later(wire.EvidenceLive, now, denies(wire.ReasonEvidence)))
	d.add(0, "counts as stated", flags("live"), later(wire.EvidenceStated, now, want{outcome: "opened", evidence: wire.EvidenceStated, time: now}))
	d.add(twin, "and not even that where it is before the floor", flags("live"), later(wire.EvidenceStated, d.lock.Floor-1, denies(wire.ReasonEvidence)))
	fresh := d.script()
	t, live = d.liveTap(fresh, asks(wire.EvidenceLive), now, 60)
	t.ask(demand{documents: []signedObject{live}, chain: chain, seconds: 10}, want{outcome: "done", documents: []int64{0}, floor: now}).
		ask(demand{operation: wire.OperationOpen, seconds: 60}, want{outcome: "opened", evidence: wire.EvidenceLive, time: now})
	d.add(0, "live time that is 60 seconds old", flags("live"), fresh)
	s = d.script()
	t, live = d.liveTap(s, asks(wire.EvidenceLive), now, 60)
	stated := timeClaims{iat: now + 1, offset: 60}.by(partyOf("time source"))
	t.ask(demand{operation: wire.OperationOpen, documents: []signedObject{live, stated}, chain: chain},
		want{outcome: "refused", reason: wire.ReasonEvidence, documents: []int64{0, 0}, floor: now})
	d.add(twin, "a stated time behind the live one: the last one counts", flags("evidence"), s)
	s = d.script()
	t, live = d.liveTap(s, asks(wire.EvidenceLive), now, 60)
	t.ask(demand{operation: wire.OperationOpen, documents: []signedObject{live, stated.broken()}, chain: chain},
		want{outcome: "opened", documents: []int64{0, wire.ReasonSignature}, floor: now, evidence: wire.EvidenceLive, time: now})
	d.add(twin, "a stated time behind the live one that is not taken does not count", flags("evidence"), s)
	s = d.script()
	s.once(asks(wire.EvidenceStated), demand{documents: []signedObject{stated}, chain: chain}, want{outcome: "done", documents: []int64{0}, floor: now + 1})
	d.visit(twin, "evidence does not outlive its transaction", flags("evidence"), s, asks(wire.EvidenceStated), open, denies(wire.ReasonEvidence))
}

func (d *decider) timeLatest() {
	d.of("First and last moment by live and by stated time")
	a := clockAuthority()
	chain := [][]byte{a.by(partyOf("scheme")).bytes}
	floor := d.lock.Floor
	const ahead = 500 // seconds, less than a step
	try := func(twin int, comment string, live bool, nbf, exp uint32, reason int64) int {
		g := guestGrant()
		g.iat, g.nbf, g.exp = floor-oneDay, nbf, exp
		s := d.script()
		w := want{outcome: "opened", documents: []int64{0}, evidence: wire.EvidenceStated, time: floor + ahead}
		if live {
			s.drawNonce()
			w.evidence = wire.EvidenceLive
		}
		if reason != 0 {
			w.outcome, w.reason = "refused", reason
		}
		r := demand{operation: wire.OperationOpen, documents: []signedObject{timeClaims{iat: floor + ahead, nonce: s.nonce}.by(a.holder)}, chain: chain}
		return d.visit(twin, comment, flags("latest"), s, guest(d.own, g), r, w)
	}
	twin := try(0, "exp one second behind the live time", true, 0, floor+ahead+1, 0)
	try(twin, "exp at the live time, which does not raise the floor", true, 0, floor+ahead, wire.ReasonExpired)
	try(twin, "exp before the live time and behind the floor", true, 0, floor+1, wire.ReasonExpired)
	try(0, "exp at the stated time, which does not raise the floor", false, 0, floor+ahead, 0)
	try(0, "exp before the stated time and behind the floor", false, 0, floor+1, 0)
	twin = try(0, "nbf at the live time", true, floor+ahead, floor+oneDay, 0)
	try(twin, "nbf one second behind the live time", true, floor+ahead+1, floor+oneDay, wire.ReasonNotYetValid)
	try(twin, "nbf at the stated time, which does not raise the floor", false, floor+ahead, floor+oneDay, wire.ReasonNotYetValid)
	s := d.script()
	g := guestGrant()
	g.iat, g.nbf = floor-oneDay, floor+600
	d.visit(0, "nbf at the stated time, which raises the floor", flags("latest"), s, guest(d.own, g),
		demand{operation: wire.OperationOpen, documents: []signedObject{timeClaims{iat: floor + 600}.by(a.holder)}, chain: chain},
		want{outcome: "opened", documents: []int64{0}, floor: floor + 600, evidence: wire.EvidenceStated, time: floor + 600})
}
