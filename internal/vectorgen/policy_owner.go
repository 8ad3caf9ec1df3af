package main

import (
	"fmt"

	"github.com/postern-lock/postern/internal/wire"
)

func (d *decider) policyNotice() {
	d.of("Who is shown the notice")
	notice := []uint64{wire.NoticeAway, now, now + 10*oneDay, wire.NoticeInstructionHoldParcels}
	shown := []uint32{wire.NoticeAway, now, now + 10*oneDay, wire.NoticeInstructionHoldParcels}
	postman, g := staff(postAuthority(), round()), guest(d.own, guestGrant())
	with := func(roles, block uint64, denied ...[]byte) *script {
		return d.admitted(func(p *policyClaims) {
			p.notice, p.block, p.denied = append(append([]uint64{}, notice...), roles), block, denied
		})
	}
	see := func(w want, named bool) want {
		if named {
			w.notice = shown
		}
		return w
	}
	twin := 0
	for roles := uint64(1); roles <= 3; roles++ {
		toGuests, toStaff := roles&1 != 0, roles&2 != 0
		name := fmt.Sprintf("roles %d: ", roles)
		twin = d.visit(0, name+"a guest opens", flags("notice"), with(roles, 0), g, do(wire.OperationOpen), see(opened(), toGuests))
		d.visit(0, name+"a postman delivers", flags("notice"), with(roles, 0), postman, do(wire.OperationDeliver), see(opened(), toStaff))
		d.visit(0, name+"the owner opens", flags("notice"), with(roles, 0), bare(d.own), do(wire.OperationOpen), opened())
		d.visit(0, name+"a guest asks for status", flags("notice"), with(roles, 3), g, do(wire.OperationStatus), see(done(), toGuests))
		d.visit(twin, name+"a guest is blocked", flags("notice", "block"), with(roles, wire.BlockGuests), g, do(wire.OperationOpen), see(denies(wire.ReasonBlocked), toGuests))
		d.visit(twin, name+"a postman is blocked", flags("notice", "block"), with(roles, wire.BlockServices), postman, do(wire.OperationDeliver), see(denies(wire.ReasonBlocked), toStaff))
	}
	d.visit(twin, "a guest whose grant is denied", flags("notice", "denied"), with(3, 0, g.tag), g, do(wire.OperationOpen), denies(wire.ReasonDenied))
	d.visit(twin, "a guest without the action", flags("notice"), with(3, 0), g, do(wire.OperationDeliver), denies(wire.ReasonAction))
	d.visit(twin, "a postman of a service that is not admitted", flags("notice", "admitted"), d.admitted(func(p *policyClaims) {
		p.notice, p.services = append(notice, 3), nil
	}), postman, do(wire.OperationDeliver), denies(wire.ReasonNotAdmitted))
	d.visit(0, "a postman of a service that is not admitted asks for status", flags("notice", "admitted"), d.admitted(func(p *policyClaims) {
		p.notice, p.services = append(notice, 3), nil
	}), postman, do(wire.OperationStatus), see(done(), true))
	d.visit(twin, "a postman out of evidence", flags("notice", "admitted"), d.admitted(func(p *policyClaims) {
		p.notice, p.services = append(notice, 3), []item{admissionAt(wire.ServicePost, wire.ActionDeliver, wire.EvidenceStated, arrayItem(window(127, 0, 1440)))}
	}), postman, do(wire.OperationDeliver), see(denies(wire.ReasonEvidence), true))
	asks := guestGrant()
	asks.entries[0].conditions = numberIs(wire.ConditionEvidence, 1)
	d.visit(twin, "a guest whose own grant asks for evidence", flags("notice"), with(3, 0), guest(d.own, asks), do(wire.OperationOpen), denies(wire.ReasonEvidence))
	percent := 3
	d.visit(0, "a guest who waits for energy", flags("notice"), with(3, 0), g, demand{operation: wire.OperationOpen, charge: &percent}, want{outcome: "pending", charge: &percent, notice: shown})
	d.visit(0, "both sides of the time open", flags("notice"), d.admitted(func(p *policyClaims) { p.notice = []uint64{wire.NoticeBack, 0, 0, 0, 3} }), g, do(wire.OperationOpen),
		want{outcome: "opened", notice: []uint32{wire.NoticeBack, 0, 0, 0}})
}

// withCoOwner names a co-owner.
func withCoOwner(p *policyClaims) { p.coOwners = []party{partyOf("co-owner")} }

func (d *decider) policyCoOwners() {
	d.of("Co-owners")
	co := partyOf("co-owner")
	open := do(wire.OperationOpen)
	named := func() *script { return d.admitted(withCoOwner) }
	second := firstPolicy()
	second.version = 2
	dropped := func() *script { return named().takes(2, 0, second.by(d.own)) }
	twin := d.visit(0, "opens by the bare key", flags("coowner"), named(), bare(co), open, opened())
	d.visit(0, "asks for status and hears the sequence number", flags("coowner"), named(), bare(co), do(wire.OperationStatus), done())
	d.visit(0, "reads the log", flags("coowner"), named(), bare(co), do(wire.OperationReadLog), done())
	d.visit(twin, "agrees no log key", flags("coowner"), named(), bare(co), do(wire.OperationConfigure), denies(wire.ReasonAction))
	third := second
	third.version = 2
	d.hand(twin, "signs no policy", "coowner", named(), bare(co), third.by(co), rejected(wire.ReasonIssuerUnknown))
	d.hand(0, "brings the owner's", "coowner", named(), bare(co), func() signedObject {
		p := second
		p.coOwners = []party{co}
		return p.by(d.own)
	}(), accepted(2, 0))
	d.visit(0, "grants to a guest", flags("coowner"), named(), guest(co, guestGrant()), open, opened())
	d.visit(twin, "before a policy names him", flags("coowner"), d.admitted(), bare(co), open, silent(wire.ReasonOwnerUnknown))
	d.visit(0, "before a policy names him, his guest", flags("coowner"), d.admitted(), guest(co, guestGrant()), open, lacking(co.keyID(), wire.ReasonNone))
	d.visit(twin, "when a policy names him no more", flags("coowner"), dropped(), bare(co), open, silent(wire.ReasonOwnerUnknown))
	d.visit(0, "when a policy names him no more, his guest", flags("coowner"), dropped(), guest(co, guestGrant()), open, lacking(co.keyID(), wire.ReasonNone))
	d.visit(twin, "brings the policy that names him no more", flags("coowner"), named(), bare(co), demand{operation: wire.OperationOpen, documents: []signedObject{second.by(d.own)}},
		want{outcome: "refused", reason: wire.ReasonDenied, documents: []int64{0}, version: 2})
	d.visit(twin, "his guest brings the policy that names him no more", flags("coowner"), named(), guest(co, guestGrant()),
		demand{operation: wire.OperationOpen, documents: []signedObject{second.by(d.own)}}, want{outcome: "refused", reason: wire.ReasonDenied, documents: []int64{0}, version: 2})
	d.visit(0, "his guest brings the policy that names him: the signer is sought before documents", flags("coowner"), d.script(), guest(co, guestGrant()),
		demand{operation: wire.OperationOpen, documents: []signedObject{func() signedObject {
			p := firstPolicy()
			withCoOwner(&p)
			return p.by(d.own)
		}()}}, lacking(co.keyID(), wire.ReasonNone))
	old := d.admitted(withCoOwner, numbered(3), func(p *policyClaims) { p.least = 3 })
	d.visit(twin, "his guest's grant is older than the least version", flags("coowner", "least"), old, guest(co, guestGrant()), open, denies(wire.ReasonDenied))
}

func (d *decider) policyAnchors() {
	d.of("Anchors")
	anchor := partyOf("building")
	a := postAuthority()
	deliver := do(wire.OperationDeliver)
	v := staffUnder(anchor, a, round())
	named := func() *script { return d.admitted(func(p *policyClaims) { p.anchors = []party{anchor} }) }
	second := firstPolicy()
	second.version = 2
	twin := d.visit(0, "a building's operator", flags("anchor"), named(), v, deliver, opened())
	d.visit(0, "the scheme's operators remain", flags("anchor"), named(), staff(a, round()), deliver, opened())
	d.visit(twin, "before a policy names the building", flags("anchor"), d.admitted(), v, deliver, silent(wire.ReasonIssuerUnknown))
	dropped := func() *script { return named().once(v, deliver, opened()).takes(2, 0, second.by(d.own)) }
	d.visit(twin, "when a policy names it no more", flags("anchor"), dropped(), v, deliver, silent(wire.ReasonIssuerUnknown))
	d.visit(0, "when a policy names it no more: the certificate held is absent", flags("anchor"), dropped(), v.held(), deliver, lacking(a.holder.keyID(), wire.ReasonNone))
	d.visit(twin, "its operator brings the policy that names it no more", flags("anchor"), named(), v,
		demand{operation: wire.OperationDeliver, documents: []signedObject{second.by(d.own)}, chain: v.chain},
		want{outcome: "refused", reason: wire.ReasonDenied, documents: []int64{0}, version: 2, keeps: true})
	d.hand(0, "its list is taken", "anchor", named(), bare(d.own), revocations{iat: now, version: 1}.by(anchor), accepted(0, 0))
	d.hand(twin, "its list without the policy", "anchor", d.admitted(), bare(d.own), revocations{iat: now, version: 1}.by(anchor), rejected(wire.ReasonIssuerUnknown))
	list := revocations{iat: now, version: 1, denied: []denial{{a.by(anchor).tag(), a.exp}}}
	d.visit(twin, "its list denies the operator's certificate", flags("anchor", "revoked"), named().takes(0, 0, list.by(anchor)), v, deliver,
		denies(wire.ReasonDenied).keeping())
	clock := clockAuthority()
	d.visit(0, "its time source states the time", flags("anchor"), named(), bare(d.own),
		demand{documents: []signedObject{timeClaims{iat: now}.by(clock.holder)}, chain: [][]byte{clock.by(anchor).bytes}}, want{outcome: "done", documents: []int64{0}, floor: now})
	d.visit(twin, "its time source, before a policy names it", flags("anchor"), d.admitted(), bare(d.own),
		demand{documents: []signedObject{timeClaims{iat: now}.by(clock.holder)}, chain: [][]byte{clock.by(anchor).bytes}}, want{outcome: "done", documents: []int64{wire.ReasonIssuerUnknown}})
	d.visit(twin, "the anchor's own key is no owner key", flags("anchor"), named(), bare(anchor), deliver, silent(wire.ReasonOwnerUnknown))
}

// handover is a policy that gives the lock away.
func handover(version uint32, to party) policyClaims {
	p := firstPolicy()
	p.version, p.owner = version, to
	return p
}

// transferred gives the lock to somebody by policy version 2.
func (d *decider) transferred(s *script, p policyClaims) *script {
	w := want{outcome: "refused", reason: wire.ReasonDenied, documents: []int64{0}, version: p.version}
	w.before = ownership(s.state.Floor, wire.EvidenceFloor, wire.LogOutcomeTransferred, p.owner)
	s.once(bare(d.own), demand{documents: []signedObject{p.by(d.own)}}, w)
	s.own = p.owner
	return s
}

func (d *decider) policyTransfer() {
	d.of("The lock is given away")
	to := partyOf("new owner")
	open := do(wire.OperationOpen)
	given := func() *script { return d.transferred(d.admitted(), handover(2, to)) }
	twin := d.visit(0, "the new owner opens", flags("transfer"), given(), bare(to), open, opened())
	s := d.transferred(d.admitted(), handover(2, to))
	d.add(twin, "the former owner brings it and is none any more", flags("transfer"), s)
	d.visit(twin, "the former owner comes again", flags("transfer"), given(), bare(d.own), open, silent(wire.ReasonOwnerUnknown))
	d.visit(0, "the former owner's guest", flags("transfer"), given(), guest(d.own, guestGrant()), open, lacking(d.own.keyID(), wire.ReasonNone))
	d.hand(twin, "the former owner's next policy", "transfer", given(), bare(to), func() signedObject {
		p := firstPolicy()
		p.version = 3
		return p.by(d.own)
	}(), rejected(wire.ReasonIssuerUnknown))
	next := handover(3, to)
	d.hand(0, "the new owner's first policy", "transfer", given(), bare(to), next.by(to), accepted(3, 0))
	d.visit(twin, "the new owner comes before it", flags("transfer"), d.admitted(), bare(to), open, silent(wire.ReasonOwnerUnknown))
	brought := want{outcome: "refused", reason: wire.ReasonDenied, documents: []int64{0}, version: 2}
	brought.before = ownership(d.lock.Floor, wire.EvidenceFloor, wire.LogOutcomeTransferred, to)
	g := guest(d.own, guestGrant())
	d.visit(twin, "a guest brings it and is none any more", flags("transfer"), d.admitted(), g, demand{operation: wire.OperationOpen, documents: []signedObject{handover(2, to).by(d.own)}}, brought)
	postman := staff(postAuthority(), round())
	in := brought
	in.outcome, in.reason = "opened", 0
	d.visit(0, "a postman brings it and delivers", flags("transfer"), d.admitted(), postman,
		demand{operation: wire.OperationDeliver, documents: []signedObject{handover(2, to).by(d.own)}, chain: postman.chain}, in)
	late := handover(2, to)
	late.iat = now
	timed := brought
	timed.floor = now
	timed.before = ownership(now, wire.EvidenceFloor, wire.LogOutcomeTransferred, to)
	d.visit(twin, "it raises the floor, and its entry has that time", flags("transfer"), d.admitted(), g, demand{operation: wire.OperationOpen, documents: []signedObject{late.by(d.own)}}, timed)

	under := func(n uint64) visitor {
		g := guestGrant()
		if n > 0 {
			g.entries[0].conditions = numberIs(wire.ConditionPolicy, n)
		}
		return guest(to, g)
	}
	d.visit(0, "the new owner's guest under the transferring version", flags("transfer", "least"), given(), under(2), open, opened())
	d.visit(twin, "the new owner's guest under an earlier version", flags("transfer", "least"), given(), under(1), open, denies(wire.ReasonDenied))
	d.visit(twin, "the new owner's guest under no version", flags("transfer", "least"), given(), under(0), open, denies(wire.ReasonDenied))
	d.visit(twin, "the new owner's guest under no version, asked for status", flags("transfer", "least"), given(), under(0), do(wire.OperationStatus), denies(wire.ReasonDenied))
	back := func() *script {
		s := given()
		p := handover(3, d.own)
		w := want{outcome: "refused", reason: wire.ReasonDenied, documents: []int64{0}, version: 3}
		w.before = ownership(d.lock.Floor, wire.EvidenceFloor, wire.LogOutcomeTransferred, d.own)
		return s.once(bare(to), demand{documents: []signedObject{p.by(to)}}, w)
	}
	d.visit(0, "it comes back to the same hands", flags("transfer"), back(), bare(d.own), open, opened())
	d.visit(twin, "it comes back, and the first grants do not", flags("transfer"), back(), g, open, denies(wire.ReasonDenied))

	co, anchor := partyOf("co-owner"), partyOf("building")
	settled := handover(2, to)
	settled.coOwners, settled.anchors = []party{co}, []party{anchor}
	full := func() *script { return d.transferred(d.admitted(), settled) }
	d.visit(twin, "a co-owner in the transferring policy is none", flags("transfer", "coowner"), full(), bare(co), open, silent(wire.ReasonOwnerUnknown))
	d.visit(twin, "an anchor in the transferring policy is none", flags("transfer", "anchor"), full(), staffUnder(anchor, postAuthority(), round()),
		do(wire.OperationDeliver), silent(wire.ReasonIssuerUnknown))
	d.visit(0, "its admissions count", flags("transfer", "admitted"), full(), postman, do(wire.OperationDeliver), opened())
	d.visit(0, "the certificates held stay", flags("transfer"), d.transferred(d.admitted().once(postman, do(wire.OperationDeliver), opened()), handover(2, to)),
		postman.held(), do(wire.OperationDeliver), opened())
	blocked := handover(2, to)
	blocked.block = 3
	d.visit(twin, "its block counts", flags("transfer", "block"), d.transferred(d.admitted(), blocked), postman, do(wire.OperationDeliver), denies(wire.ReasonBlocked))
}

func (d *decider) policyOwnerReset() {
	d.of("The owner changes by the setup secret and the button")
	to := partyOf("new owner")
	open := do(wire.OperationOpen)
	after := func() *script { return d.admitted(numbered(4), withCoOwner).reset(to) }
	of := func(version uint32) signedObject { return handover(version, to).by(to) }
	twin := d.visit(0, "the new owner opens", flags("transfer"), after(), bare(to), open, opened())
	d.visit(twin, "the former owner", flags("transfer"), after(), bare(d.own), open, silent(wire.ReasonOwnerUnknown))
	d.visit(twin, "the former co-owner", flags("transfer", "coowner"), after(), bare(partyOf("co-owner")), open, silent(wire.ReasonOwnerUnknown))
	d.visit(0, "the former owner's guest", flags("transfer"), after(), guest(d.own, guestGrant()), open, lacking(d.own.keyID(), wire.ReasonNone))
	d.visit(twin, "the policy is gone: no service is admitted", flags("transfer", "admitted"), after(), staff(postAuthority(), round()), do(wire.OperationDeliver), denies(wire.ReasonNotAdmitted))
	d.hand(twin, "a policy of the version kept", "verify", after(), bare(to), of(4), rejected(wire.ReasonSuperseded))
	d.hand(0, "a policy of the next version", "transfer", after(), bare(to), of(5), accepted(5, 0))
	d.hand(twin, "the former owner's policy of the next version", "transfer", after(), bare(to), handover(5, d.own).by(d.own), rejected(wire.ReasonIssuerUnknown))
	under := func(n uint64) visitor {
		g := guestGrant()
		if n > 0 {
			g.entries[0].conditions = numberIs(wire.ConditionPolicy, n)
		}
		return guest(to, g)
	}
	governed := func() *script { return after().takes(5, 0, of(5)) }
	d.visit(0, "a guest under the first policy", flags("transfer", "least"), governed(), under(5), open, opened())
	d.visit(twin, "a guest under the version before", flags("transfer", "least"), governed(), under(4), open, denies(wire.ReasonDenied))
	d.visit(twin, "a guest under no version", flags("transfer", "least"), after(), under(0), open, denies(wire.ReasonDenied))
	d.visit(twin, "a guest under the first policy, which has not come", flags("transfer", "least"), after(), under(5), open, denies(wire.ReasonPolicyVersion))
	fresh := func() *script { return d.script().reset(to) }
	d.visit(0, "at a lock that never had a policy", flags("transfer"), fresh(), bare(to), open, opened())
	d.visit(twin, "and a guest under no version", flags("transfer", "least"), fresh(), under(0), open, denies(wire.ReasonDenied))
}
