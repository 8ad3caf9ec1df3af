package main

import (
	"fmt"

	"github.com/postern-lock/postern/internal/wire"
)

// listed hands over lists, with the certificates of their signers.
func listed(certificates []certificateClaims, lists ...signedObject) demand {
	a := demand{documents: lists}
	for _, c := range certificates {
		a.chain = append(a.chain, c.by(partyOf("scheme")).bytes)
	}
	return a
}

// after has the owner hand a list over that the lock takes.
func (s *script) after(a certificateClaims, lists ...signedObject) *script {
	return s.once(bare(s.own), listed([]certificateClaims{a}, lists...), want{outcome: "done", documents: make([]int64, len(lists))})
}

func (d *decider) listTaken() {
	d.of("Which list a lock takes")
	a := postAuthority()
	post, scheme := a.holder, partyOf("scheme")
	owner := bare(d.own)
	list := revocations{iat: now, version: 3, denied: []denial{{draw("policy/listed", 8), now + oneDay}}}
	try := func(twin int, comment, flag string, s *script, r demand, reason int64) int {
		return d.visit(twin, comment, flags(flag), s, owner, r, want{outcome: "done", documents: []int64{reason}})
	}
	twin := try(0, "an operator's, with the certificate", "list", d.script(), listed([]certificateClaims{a}, list.by(post)), 0)
	try(0, "the scheme's", "list", d.script(), listed(nil, list.by(scheme)), 0)
	try(0, "of a second operator in the chain", "list", d.script(), listed([]certificateClaims{carrierAuthority(), a}, list.by(post)), 0)
	known := d.admitted().once(staff(a, round()), do(wire.OperationDeliver), opened())
	try(0, "of an operator whose certificate is held", "list", known, listed(nil, list.by(post)), 0)
	try(twin, "the certificate does not come", "list", d.script(), listed(nil, list.by(post)), wire.ReasonIssuerUnknown)
	try(twin, "the owner's", "list", d.script(), listed([]certificateClaims{a}, list.by(d.own)), wire.ReasonIssuerUnknown)
	try(twin, "its signature does not verify", "list", d.script(), listed([]certificateClaims{a}, list.by(post).broken()), wire.ReasonSignature)
	try(twin, "the scheme's does not verify", "list", d.script(), listed(nil, list.by(scheme).broken()), wire.ReasonSignature)
	named := post
	named.sign = partyOf("stranger").sign
	try(twin, "it names the operator, and another key signed it", "list", d.script(), listed([]certificateClaims{a}, list.by(named)), wire.ReasonSignature)
	named = scheme
	named.sign = post.sign
	try(twin, "it names the scheme, and an operator signed it", "list", d.script(), listed([]certificateClaims{a}, list.by(named)), wire.ReasonSignature)
	named = post
	named.key.Alg = wire.AlgEsp256
	try(twin, "it names the other algorithm", "list", d.script(), listed([]certificateClaims{a}, list.by(named)), wire.ReasonAlgorithm)
	mute := a
	mute.rights &^= wire.RightRevoke
	try(twin, "of an operator without the right", "list", d.script(), listed([]certificateClaims{mute}, list.by(post)), wire.ReasonAuthorityRight)
	young := a
	young.iat = now + 1
	try(twin, "issued before its signer's certificate", "list", d.script(), listed([]certificateClaims{young}, list.by(post)), wire.ReasonAuthorityExpired)
	ended := a
	ended.exp = now - 1
	try(twin, "issued after its signer's certificate", "list", d.script(), listed([]certificateClaims{ended}, list.by(post)), wire.ReasonAuthorityExpired)
	ended.exp = now
	try(0, "issued at exp of its signer's certificate", "list", d.script(), listed([]certificateClaims{ended}, list.by(post)), 0)
	ended.exp = d.lock.Floor
	early := list
	early.iat = d.lock.Floor
	try(twin, "exp of its signer's certificate is at the floor", "list", d.script(), listed([]certificateClaims{ended}, early.by(post)), wire.ReasonAuthorityExpired)
	broken := listed([]certificateClaims{a}, list.by(post))
	broken.chain = [][]byte{a.by(scheme).broken().bytes}
	try(twin, "the certificate does not verify", "list", d.script(), broken, wire.ReasonSignature)
	broken.chain = [][]byte{a.by(partyOf("other scheme")).bytes}
	try(twin, "the certificate is of a scheme that the lock does not trust", "list", d.script(), broken, wire.ReasonIssuerUnknown)
	took := revocations{iat: now, version: 1, denied: []denial{{a.by(scheme).tag(), a.exp}}}
	try(twin, "the scheme denies its signer's certificate", "list", d.script().after(a, took.by(scheme)), listed([]certificateClaims{a}, list.by(post)), wire.ReasonDenied)
	denied := func() *script {
		return d.admitted().once(staff(a, round()), do(wire.OperationDeliver), opened()).after(a, took.by(scheme))
	}
	renewed := a
	renewed.iat++
	try(0, "the scheme denies the certificate held, and a renewed one is brought", "list", denied(), listed([]certificateClaims{renewed}, list.by(post)), 0)
	try(twin, "the scheme denies the certificate held, which is as if it were not", "list", denied(), listed(nil, list.by(post)), wire.ReasonIssuerUnknown)
	clock := clockAuthority()
	tookClock := revocations{iat: now, version: 1, denied: []denial{{clock.by(scheme).tag(), clock.exp}}}
	d.visit(twin, "the scheme denies a time source's certificate", flags("list", "revoked"), d.script().after(clock, tookClock.by(scheme)), owner,
		timed(timeClaims{iat: now}.by(clock.holder), clock), want{outcome: "done", documents: []int64{wire.ReasonDenied}})

	third := func() *script { return d.script().after(a, list.by(post)) }
	for _, version := range []uint32{1, 2, 3, 4, 1<<32 - 1} {
		next := list
		next.version, next.iat = version, now+1
		reason := int64(wire.ReasonNone)
		if version <= 3 {
			reason = wire.ReasonSuperseded
		}
		try(twin, fmt.Sprintf("version %d after 3", version), "list", third(), listed([]certificateClaims{a}, next.by(post)), reason)
	}
	try(twin, "the same again", "list", third(), listed([]certificateClaims{a}, list.by(post)), wire.ReasonSuperseded)
	carrier := carrierAuthority()
	first := list
	first.version = 1
	try(0, "version 1 of another operator after 3", "list", third(), listed([]certificateClaims{carrier}, first.by(carrier.holder)), 0)
	d.listForm(twin, a)
}

func (d *decider) listForm(twin int, a certificateClaims) {
	raw := func(iat uint64, elements ...item) signedObject {
		return a.holder.object(wire.TypeRevocationList, append(claim(wire.ClaimIat, uintItem(iat)), scope(elements...)...)...)
	}
	entry := func(first byte, exp uint64) item {
		return arrayItem(bytesItem([]byte{first, 0, 0, 0, 0, 0, 0, 0}), uintItem(exp))
	}
	one, zero := uintItem(1), uintItem(0)
	full := repeat(25, func(i int) item { return entry(byte(i), now) })
	owner := bare(d.own)
	d.visit(0, "24 entries", flags("list"), d.script(), owner, listed([]certificateClaims{a}, raw(now, one, zero, arrayItem(full[:24]...))), want{outcome: "done", documents: []int64{0}})
	d.visit(0, "least at iat", flags("list"), d.script(), owner, listed([]certificateClaims{a}, raw(now, one, uintItem(now), arrayItem())), want{outcome: "done", documents: []int64{0}})
	for _, c := range []struct {
		comment string
		doc     signedObject
		reason  int64
	}{
		{"25 entries", raw(now, one, zero, arrayItem(full...)), wire.ReasonLimit},
		{"version 0", raw(now, zero, zero, arrayItem()), wire.ReasonMalformed},
		{"least behind iat", raw(now, one, uintItem(now+1), arrayItem()), wire.ReasonMalformed},
		{"tags that descend", raw(now, one, zero, arrayItem(entry(2, now), entry(1, now))), wire.ReasonMalformed},
		{"a tag twice", raw(now, one, zero, arrayItem(entry(1, now), entry(1, now+1))), wire.ReasonMalformed},
		{"an exp of 0", raw(now, one, zero, arrayItem(entry(1, 0))), wire.ReasonMalformed},
		{"a tag of 7 bytes", raw(now, one, zero, arrayItem(arrayItem(bytesItem(make([]byte, 7)), one))), wire.ReasonMalformed},
	} {
		d.visit(twin, c.comment, flags("form"), d.script(), owner, listed([]certificateClaims{a}, c.doc), want{outcome: "done", documents: []int64{c.reason}})
	}
}

func (d *decider) listRevoked() {
	d.of("What a list takes back")
	a := postAuthority()
	post, scheme := a.holder, partyOf("scheme")
	deliver := do(wire.OperationDeliver)
	v := staff(a, round())
	taking := func(r revocations, by party) *script { return d.admitted().after(a, r.by(by)) }
	of := func(tags ...[]byte) revocations {
		r := revocations{iat: now, version: 1}
		for _, t := range tags {
			r.denied = append(r.denied, denial{t, now + oneDay})
		}
		return r
	}
	other := draw("policy/other listed", 8)
	twin := d.visit(0, "a list of another grant", flags("revoked"), taking(of(other), post), v, deliver, opened())
	d.visit(twin, "the operator's grant", flags("revoked"), taking(of(v.tag), post), v, deliver, denies(wire.ReasonDenied))
	d.visit(twin, "among others", flags("revoked"), taking(of(other, v.tag), post), v, deliver, denies(wire.ReasonDenied))
	d.visit(twin, "asked for status", flags("revoked"), taking(of(v.tag), post), v, do(wire.OperationStatus), denies(wire.ReasonDenied))
	ended := of(v.tag)
	ended.denied[0].exp = 1
	d.visit(twin, "exp of the entry has passed, which does not matter", flags("revoked"), taking(ended, post), v, deliver, denies(wire.ReasonDenied))
	carrier := carrierAuthority()
	strange := d.admitted().after(carrier, of(v.tag).by(carrier.holder))
	d.visit(0, "another operator's list names it", flags("revoked"), strange, v, deliver, opened())
	d.visit(0, "the scheme's list names the grant", flags("revoked"), taking(of(v.tag), scheme), v, deliver, opened())
	older := func(least uint32) revocations { return revocations{iat: now, version: 1, least: least} }
	d.visit(0, "least at iat of the grant", flags("revoked"), taking(older(now), post), v, deliver, opened())
	old := round()
	old.iat = now - 1
	d.visit(twin, "least one second behind iat of the grant", flags("revoked"), taking(older(now), post), staff(a, old), deliver, denies(wire.ReasonDenied))
	freed := taking(of(v.tag), post)
	again := of()
	again.version = 2
	d.visit(0, "a newer list names it no more", flags("revoked"), freed.after(a, again.by(post)), v, deliver, opened())

	root := round()
	root.entries[0].conditions = mayPass(1)
	child := link("driver")
	child.exp, child.entries[0].actions = now+10*oneHour, wire.ActionDeliver
	below, top := staff(a, root).passOn(root, child), staff(a, root)
	d.visit(twin, "a link below the operator's grant", flags("revoked", "denied"), taking(of(below.tag), post), below, deliver, denies(wire.ReasonDenied))
	d.visit(twin, "the operator's grant above a link", flags("revoked", "denied"), taking(of(top.tag), post), below, deliver, denies(wire.ReasonDenied))
	d.visit(twin, "a link that is older than least", flags("revoked"), taking(revocations{iat: now + 2*oneHour, version: 1, least: now + 2*oneHour}, post), below, deliver, denies(wire.ReasonDenied))

	certificate := a.by(scheme).tag()
	d.visit(twin, "the scheme denies the certificate brought, and the floor stays", flags("revoked"), taking(of(certificate), scheme), v, deliver, denies(wire.ReasonDenied).keeping())
	known := func(r revocations) *script {
		return d.admitted().once(v, deliver, opened()).after(a, r.by(scheme))
	}
	d.visit(0, "the scheme denies the certificate held: it is absent", flags("revoked"), known(of(certificate)), v.held(), deliver, lacking(post.keyID(), wire.ReasonNone))
	d.visit(twin, "the scheme denies what is older than least", flags("revoked"), taking(older(a.iat+1), scheme), v, deliver, denies(wire.ReasonDenied).keeping())
	d.visit(0, "least at iat of the certificate", flags("revoked"), taking(older(a.iat), scheme), v, deliver, opened())
	renewed := a
	renewed.iat = now
	d.visit(0, "a certificate issued anew", flags("revoked"), known(of(certificate)), staff(renewed, round()), deliver, opened())
	d.visit(0, "an operator's list does not deny a certificate", flags("revoked"), taking(of(certificate), post), v, deliver, opened())
	g := guest(d.own, guestGrant())
	d.visit(0, "no list denies an owner's grant", flags("revoked"), taking(of(g.tag), post), g, do(wire.OperationOpen), opened())
	d.visit(twin, "the postman brings the list that denies him", flags("revoked", "taken"), d.admitted(), v,
		demand{operation: wire.OperationDeliver, documents: []signedObject{of(v.tag).by(post)}, chain: v.chain},
		want{outcome: "refused", reason: wire.ReasonDenied, documents: []int64{0}})
}

// operatorNumber certifies one of many operators.
func operatorNumber(i int) certificateClaims {
	a := carrierAuthority()
	a.holder = partyOf(fmt.Sprintf("operator %d", i))
	return a
}

func (d *decider) listPlaces() {
	d.of("Places for lists")
	empty := revocations{iat: now, version: 1}
	alive := revocations{iat: now, version: 1, denied: []denial{{draw("policy/alive", 8), now + 200*oneDay}}}
	four := func(r revocations, alter func(i int, a *certificateClaims)) *script {
		s := d.script()
		for i := range 4 {
			a := operatorNumber(i)
			alter(i, &a)
			s.after(a, r.by(a.holder))
		}
		return s
	}
	same := func(int, *certificateClaims) {}
	fifth := operatorNumber(4)
	owner := bare(d.own)
	add := func(twin int, comment string, s *script, r demand, reason int64) int {
		return d.visit(twin, comment, flags("places"), s, owner, r, want{outcome: "done", documents: []int64{reason}})
	}
	next := empty
	next.version = 2
	second := operatorNumber(2)
	twin := add(0, "a newer one of an operator that has a place", four(alive, same), listed([]certificateClaims{second}, next.by(second.holder)), 0)
	add(twin, "a fifth operator", four(alive, same), listed([]certificateClaims{fifth}, empty.by(fifth.holder)), wire.ReasonTableFull)
	add(twin, "a fifth operator, and the lists are empty but their signers' certificates run", four(empty, same), listed([]certificateClaims{fifth}, empty.by(fifth.holder)), wire.ReasonTableFull)
	add(0, "the scheme's has a place of its own", four(alive, same), listed(nil, empty.by(partyOf("scheme"))), 0)
	short := func(i int, a *certificateClaims) {
		if i == 1 {
			a.exp = now + oneDay
		}
	}
	later := func(s *script, at uint32) *script {
		p := firstPolicy()
		p.iat = at
		return s.takes(1, at, p.by(d.own))
	}
	add(0, "one signer's certificate has ended, and all that its list denies", later(four(empty, short), now+oneDay), listed([]certificateClaims{fifth}, empty.by(fifth.holder)), 0)
	add(twin, "one second before it ends", later(four(empty, short), now+oneDay-1), listed([]certificateClaims{fifth}, empty.by(fifth.holder)), wire.ReasonTableFull)
	add(twin, "it has ended, and an entry of its list has not", later(four(alive, short), now+oneDay), listed([]certificateClaims{fifth}, empty.by(fifth.holder)), wire.ReasonTableFull)
	gone := later(four(empty, short), now+oneDay).after(fifth, empty.by(fifth.holder))
	was := operatorNumber(1)
	add(twin, "its place is taken, and it comes back with another certificate", gone, listed([]certificateClaims{was}, next.by(was.holder)), wire.ReasonTableFull)
	renewed, round := operatorNumber(1), parcelRound()
	round.iat, round.exp = now+oneDay, now+2*oneDay
	again := later(four(empty, short), now+oneDay).once(staff(renewed, round), do(wire.OperationDeliver), opened())
	add(twin, "it has ended, and the lock holds a renewed one", again, listed([]certificateClaims{fifth}, empty.by(fifth.holder)), wire.ReasonTableFull)
	anchor := partyOf("building")
	p := firstPolicy()
	p.anchors = []party{anchor}
	without := firstPolicy()
	without.version = 2
	s := d.script().takes(1, 0, p.by(d.own)).takes(0, 0, alive.by(anchor))
	for i := range 3 {
		a := operatorNumber(i)
		s.after(a, alive.by(a.holder))
	}
	full := *s
	add(twin, "an anchor's list takes a place", cloned(&full), listed([]certificateClaims{fifth}, empty.by(fifth.holder)), wire.ReasonTableFull)
	add(0, "and leaves it when no policy names the anchor", s.takes(2, 0, without.by(d.own)), listed([]certificateClaims{fifth}, empty.by(fifth.holder)), 0)
}

// cloned is a script that goes its own way from here.
func cloned(s *script) *script {
	c := *s
	c.test.Objects = append(c.test.Objects[:0:0], c.test.Objects...)
	c.test.Steps = append(c.test.Steps[:0:0], c.test.Steps...)
	return &c
}
