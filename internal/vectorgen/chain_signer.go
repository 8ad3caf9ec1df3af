package main

import (
	"fmt"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// byStaff visits a lock that admits the operators, with a certificate and a
// grant under it, altered.
func (d *decider) byStaff(twin int, comment, flag string, a certificateClaims, alter func(*grantClaims), w want) int {
	g := round()
	alter(&g)
	return d.visit(twin, comment, flags(flag), d.admitted(), staff(a, g), do(wire.OperationDeliver), w)
}

func (w want) keeping() want {
	w.keeps = true
	return w
}

func (d *decider) chainAuthority() {
	d.of("An operator's grant under its certificate")
	a := postAuthority()
	twin := d.byStaff(0, "the postman delivers", "plain", a, plainly, opened())
	life := func(iat, exp uint32) func(*grantClaims) { return func(g *grantClaims) { g.iat, g.exp = iat, exp } }
	d.byStaff(0, "a grant as long as the certificate allows", "authority", a, life(now, now+a.longest32()), opened())
	d.byStaff(twin, "one second longer", "authority", a, life(now, now+a.longest32()+1), denies(wire.ReasonGrantTooLong).keeping())
	d.byStaff(twin, "a year longer", "authority", a, life(now, now+365*oneDay), denies(wire.ReasonGrantTooLong).keeping())

	early := a
	early.iat = now
	d.byStaff(0, "iat of the grant at that of the certificate", "authority", early, plainly, opened())
	early.iat = now + 1
	d.byStaff(twin, "iat of the grant one second before that of the certificate", "authority", early, plainly, denies(wire.ReasonAuthorityExpired).keeping())
	late := a
	late.exp = now - 1
	d.byStaff(twin, "iat of the grant one second after exp of the certificate", "authority", late, plainly, denies(wire.ReasonAuthorityExpired).keeping())
	late.exp = now
	d.byStaff(twin, "iat of the grant at exp of the certificate, and it raises the floor there", "authority", late, plainly, denies(wire.ReasonAuthorityExpired))
	late.rights &^= wire.RightTime
	d.byStaff(0, "iat of the grant at exp of the certificate, without the right time", "authority", late, plainly, opened())
	late.iat, late.exp = now-40*oneDay, d.lock.Floor
	d.byStaff(twin, "exp of the certificate at the floor", "authority", late, life(now-12*oneDay, now-9*oneDay), denies(wire.ReasonAuthorityExpired))
	late.exp++
	d.byStaff(0, "exp of the certificate one second behind the floor", "authority", late, life(now-12*oneDay, now-9*oneDay), opened())

	timeless := a
	timeless.rights, timeless.services, timeless.longest = wire.RightTime|wire.RightRevoke, nil, 0
	d.byStaff(twin, "a certificate without the right issue", "authority", timeless, plainly, denies(wire.ReasonAuthorityRight).keeping())
	makers := timeless
	makers.rights = wire.RightLock
	d.byStaff(twin, "a manufacturer's certificate", "authority", makers, plainly, denies(wire.ReasonAuthorityRight).keeping())

	service := func(n uint64) func(*grantClaims) {
		return func(g *grantClaims) { g.entries[0].conditions = numberIs(wire.ConditionService, n) }
	}
	d.byStaff(0, "the one service, named", "authority", a, service(wire.ServicePost), opened())
	d.byStaff(twin, "a service that the certificate has not", "authority", a, service(wire.ServiceParcel), denies(wire.ReasonService).keeping())
	d.byStaff(twin, "a service that is in no registry", "authority", a, service(1<<32-1), denies(wire.ReasonService).keeping())
	carrier := carrierAuthority()
	d.byStaff(0, "one of two services, named", "authority", carrier, service(wire.ServiceParcel), want{outcome: "opened", service: wire.ServiceParcel})
	d.byStaff(twin, "two services, none named", "authority", carrier, plainly, denies(wire.ReasonService))
	d.byStaff(twin, "two services, another named", "authority", carrier, service(wire.ServicePost), denies(wire.ReasonService))
	d.byStaff(twin, "the second entry without a service", "authority", carrier, func(g *grantClaims) {
		g.entries = append(g.entries, g.entries[0])
		g.entries[0].conditions = numberIs(wire.ConditionService, wire.ServiceParcel)
	}, denies(wire.ReasonService))
	g := guestGrant()
	g.entries[0].conditions = numberIs(wire.ConditionService, wire.ServicePost)
	d.visit(twin, "an owner's grant that names a service", flags("authority"), d.admitted(), guest(d.own, g), do(wire.OperationOpen), denies(wire.ReasonService))
	d.byStaff(0, "too long, and before the certificate: the order of section 4.8.1", "order", early, life(now, now+365*oneDay), denies(wire.ReasonAuthorityExpired).keeping())
}

func (a certificateClaims) longest32() uint32 { return uint32(a.longest) }

func (d *decider) chainSigner() {
	d.of("Who signed it")
	deliver, open := do(wire.OperationDeliver), do(wire.OperationOpen)
	a := postAuthority()
	post := a.holder
	good := staff(a, round())
	with := func(v visitor, chain ...[]byte) visitor {
		v.chain = chain
		return v
	}
	certificate := a.by(partyOf("scheme"))
	twin := d.visit(0, "the postman delivers", flags("plain"), d.admitted(), good, deliver, opened())
	d.visit(0, "no certificate comes: the lock asks for it", flags("signer"), d.admitted(), with(good), deliver, lacking(post.keyID(), wire.ReasonNone))
	d.visit(0, "a certificate of another operator comes", flags("signer", "unverified"), d.admitted(),
		with(good, carrierAuthority().by(partyOf("scheme")).bytes), deliver, lacking(post.keyID(), wire.ReasonNone))
	d.visit(0, "the certificate stands behind one of another operator", flags("signer", "unverified"), d.admitted(),
		with(good, carrierAuthority().by(partyOf("scheme")).bytes, certificate.bytes), deliver, opened())
	d.visit(0, "a certificate of another operator does not verify, and nothing needs it", flags("signer", "unverified"), d.admitted(),
		with(good, carrierAuthority().by(partyOf("scheme")).broken().bytes, certificate.bytes), deliver, opened())
	d.visit(0, "what does not read stands behind the certificate", flags("signer", "unverified"), d.admitted(),
		with(good, certificate.bytes, arrayItem().data), deliver, opened())
	d.visit(twin, "what does not read stands before it", flags("signer"), d.admitted(), with(good, arrayItem().data, certificate.bytes), deliver, silent(wire.ReasonMalformed))
	d.visit(twin, "a policy stands before it", flags("signer"), d.admitted(),
		with(good, firstPolicy().by(d.own).bytes, certificate.bytes), deliver, silent(wire.ReasonObjectType))
	s := d.admitted()
	s.tap(with(good)).ask(deliver, lacking(post.keyID(), wire.ReasonNone)).ask(demand{operation: wire.OperationDeliver, chain: good.chain}, opened())
	d.add(0, "the lock asks for the certificate and gets it in the next request", flags("signer"), s)
	s = d.admitted()
	s.tap(with(good)).ask(deliver, lacking(post.keyID(), wire.ReasonNone)).
		ask(demand{operation: wire.OperationDeliver, chain: [][]byte{certificate.broken().bytes}}, silent(wire.ReasonSignature))
	d.add(twin, "and gets one that does not verify", flags("signer", "signature"), s)

	broken := func(v visitor, s signedObject) visitor {
		v.credential = s.broken().bytes
		return v
	}
	d.visit(twin, "the grant's signature does not verify under the certificate brought", flags("signature"), d.admitted(),
		broken(good, round().by(post)), deliver, silent(wire.ReasonSignature))
	d.visit(twin, "the certificate's signature does not verify", flags("signature"), d.admitted(), with(good, certificate.broken().bytes), deliver, silent(wire.ReasonSignature))
	d.visit(twin, "the certificate is signed by a root that the lock does not trust", flags("signature"), d.admitted(),
		with(good, a.by(partyOf("other scheme")).bytes), deliver, silent(wire.ReasonIssuerUnknown))
	scheme := partyOf("scheme")
	forged := partyOf("other scheme")
	d.visit(twin, "the certificate names the root and another key signed it", flags("signature"), d.admitted(),
		with(good, a.byAs(forged, scheme).bytes), deliver, silent(wire.ReasonSignature))
	d.visit(twin, "the grant names the operator and another key signed it", flags("signature"), d.admitted(),
		signedAs(good, round(), forged, post), deliver, silent(wire.ReasonSignature))
	g := guestGrant()
	twin = d.visit(0, "the neighbour opens", flags("plain"), d.admitted(), guest(d.own, g), open, opened())
	d.visit(twin, "the owner's grant does not verify: answered as if the owner were not known", flags("signature"), d.admitted(),
		broken(guest(d.own, g), g.by(d.own)), open, lacking(d.own.keyID(), wire.ReasonSignature))
	d.visit(twin, "the grant names the owner and another key signed it", flags("signature"), d.admitted(),
		signedAs(guest(d.own, g), g, forged, d.own), open, lacking(d.own.keyID(), wire.ReasonSignature))
	d.visit(0, "a stranger signed the grant, and no certificate comes", flags("signer"), d.admitted(), guest(forged, g), open, lacking(forged.keyID(), wire.ReasonNone))
	d.visit(0, "the scheme's root signed the grant", flags("signer"), d.admitted(), guest(scheme, g), open, lacking(scheme.keyID(), wire.ReasonNone))
}

// byAs is a certificate that names one signer and is signed by another.
func (a certificateClaims) byAs(signer, named party) signedObject {
	named.sign = signer.sign
	return a.by(named)
}

// signedAs visits with a grant that names one signer and is signed by another.
func signedAs(v visitor, g grantClaims, signer, named party) visitor {
	named.sign = signer.sign
	s := g.by(named)
	v.credential, v.tag, v.digest = s.bytes, s.tag(), s.digest
	return v
}

func (d *decider) chainHeld() {
	d.of("Certificates that the lock holds")
	deliver := do(wire.OperationDeliver)
	a := postAuthority()
	first := staff(a, round())
	next := round()
	next.holder = partyOf("second postman")
	second := staff(a, next).held()
	known := func() *script { return d.admitted().once(first, deliver, opened()) }
	twin := d.visit(0, "a second postman need not bring the certificate", flags("signer"), known(), second, deliver, opened())
	d.visit(0, "the first again", flags("signer"), known(), first.held(), deliver, opened())
	d.visit(0, "a refused tap leaves no certificate", flags("signer"), d.admitted().once(first, do(wire.OperationOpen), denies(wire.ReasonAction)), second, deliver,
		lacking(a.holder.keyID(), wire.ReasonNone))
	forged := second
	forged.credential = next.by(a.holder).broken().bytes
	d.visit(twin, "a grant that does not verify under the certificate held", flags("signature"), known(), forged, deliver, lacking(a.holder.keyID(), wire.ReasonSignature))
	long := next
	long.exp = long.iat + 5*oneDay
	d.visit(0, "a grant longer than the certificate held allows: the lock asks for another", flags("signer"), known(),
		staff(a, long).held(), deliver, lacking(a.holder.keyID(), wire.ReasonNone))
	d.visit(twin, "and the same certificate is brought", flags("signer", "authority"), known(), staff(a, long), deliver, denies(wire.ReasonGrantTooLong).keeping())
	renewed := a
	renewed.iat, renewed.longest = now, 10*oneDay
	s := known()
	s.tap(staff(renewed, long).held()).ask(deliver, lacking(a.holder.keyID(), wire.ReasonNone)).
		ask(demand{operation: wire.OperationDeliver, chain: staff(renewed, long).chain}, opened())
	d.add(0, "a renewed certificate is brought", flags("signer"), s)
	tomorrow := next
	tomorrow.iat, tomorrow.exp = a.exp, a.exp+oneDay
	d.visit(0, "a grant that would raise the floor to exp of the certificate held", flags("signer"), known(),
		staff(a, tomorrow).held(), deliver, lacking(a.holder.keyID(), wire.ReasonNone))
	d.of("A certificate from manufacture", func(p *vectors.DecisionParams) { p.Authorities = []vectors.Hex{a.by(partyOf("scheme")).bytes} })
	twin = d.visit(0, "the postman need not bring it", flags("signer"), d.admitted(), first.held(), deliver, opened())
	d.visit(twin, "a grant that does not verify under it", flags("signature"), d.admitted(), forged, deliver, lacking(a.holder.keyID(), wire.ReasonSignature))
	for i, change := range []func(*grantClaims){
		func(g *grantClaims) { g.exp = g.iat + 5*oneDay },
		func(g *grantClaims) { g.iat, g.exp = a.iat-1, now+1 },
		func(g *grantClaims) { g.entries[0].conditions = numberIs(wire.ConditionService, wire.ServiceParcel) },
	} {
		g := next
		g.entries = []scopeEntry{next.entries[0]}
		change(&g)
		what := []string{"a grant that is too long", "a grant from before it", "a grant for another service"}[i]
		d.visit(0, what+" is not found under it", flags("signer"), d.admitted(), staff(a, g).held(), deliver, lacking(a.holder.keyID(), wire.ReasonNone))
	}
}

// chainTwoHeld has two certificates of one operator, of which the one that ends
// last is taken: the clock is past the end of the other.
func (d *decider) chainTwoHeld() {
	short, long := postAuthority(), postAuthority()
	short.exp = now + oneHour
	scheme := partyOf("scheme")
	for i, order := range [][]certificateClaims{{short, long}, {long, short}} {
		d.of([]string{"Two certificates held, the one that ends last behind the other", "Two certificates held, the one that ends last before the other"}[i],
			withClock, func(p *vectors.DecisionParams) {
				for _, a := range order {
					p.Authorities = append(p.Authorities, a.by(scheme).bytes)
				}
			})
		visit := func(twin int, comment string, at uint32, w want) int {
			w.evidence, w.time = wire.EvidenceClock, at
			return d.visit(twin, comment, flags("signer"), d.admitted(), staff(long, round()).held(),
				demand{operation: wire.OperationDeliver, clock: &vectors.DecisionClock{Time: at}}, w)
		}
		twin := visit(0, "before either ends", now+1, opened())
		visit(0, "when one has ended", now+oneHour, opened())
		visit(twin, "when the grant has ended", now+12*oneHour, denies(wire.ReasonExpired))
	}
	d.of("One certificate held, and a clock", withClock, func(p *vectors.DecisionParams) { p.Authorities = []vectors.Hex{short.by(scheme).bytes} })
	visit := func(twin int, comment string, at uint32, w want) int {
		w.evidence, w.time = wire.EvidenceClock, at
		return d.visit(twin, comment, flags("signer", "time"), d.admitted(), staff(short, round()).held(),
			demand{operation: wire.OperationDeliver, clock: &vectors.DecisionClock{Time: at}}, w)
	}
	twin := visit(0, "one second before it ends", now+oneHour-1, opened())
	visit(twin, "when it has ended", now+oneHour, denies(wire.ReasonAuthorityExpired))
}

func (d *decider) chainSuites() {
	d.of("A lock of both cipher suites, with Ed25519 root and owner", withSuite2)
	open, deliver := do(wire.OperationOpen), do(wire.OperationDeliver)
	g := guestGrant()
	g.holder = p256PartyOf("neighbour")
	twin := d.visit(0, "a guest with a P-256 key", flags("suite"), d.script(), guest(d.own, g), open, opened())
	d.visit(0, "and one with an Ed25519 key", flags("suite"), d.script(), guest(d.own, guestGrant()), open, opened())
	wrong := guest(d.own, g)
	wrong.credential = g.by(d.own).broken().bytes
	d.visit(twin, "the grant to a P-256 key does not verify", flags("suite", "signature"), d.script(), wrong, open, lacking(d.own.keyID(), wire.ReasonSignature))
	a := postAuthority()
	a.holder = p256PartyOf("post")
	twin = d.visit(0, "an operator with a P-256 key", flags("suite"), d.admitted(), staff(a, round()), deliver, opened())
	v := staff(a, round())
	v.credential = round().by(a.holder).broken().bytes
	d.visit(twin, "its grant does not verify", flags("suite", "signature"), d.admitted(), v, deliver, silent(wire.ReasonSignature))
	named := a.holder
	named.key.Alg = wire.AlgEd25519
	s := round().by(named)
	v.credential = s.bytes
	d.visit(twin, "its grant names the other algorithm", flags("suite", "signature"), d.admitted(), v, deliver, silent(wire.ReasonAlgorithm))
	link := guestGrant()
	link.holder, link.entries = partyOf("child"), []scopeEntry{lockTarget()}
	g.entries[0].conditions = numberIs(wire.ConditionDelegation, 1)
	twin = d.visit(0, "a link signed by a P-256 key", flags("suite", "delegation"), d.script(), guest(d.own, g).passOn(g, link), open, opened())
	pass := guest(d.own, g).passOn(g, link)
	link.parent = guest(d.own, g).digest
	pass.credential = link.by(g.holder).broken().bytes
	d.visit(twin, "that link does not verify", flags("suite", "signature"), d.script(), pass, open, silent(wire.ReasonSignature))
	d.of("A lock of both cipher suites, with P-256 owner", withSuite2, func(p *vectors.DecisionParams) { p.Owner = p256PartyOf("owner").key })
	d.own = p256PartyOf("owner")
	twin = d.visit(0, "the owner opens", flags("suite"), d.script(), bare(d.own), open, opened())
	d.visit(0, "a guest opens", flags("suite"), d.script(), guest(d.own, guestGrant()), open, opened())
	d.visit(twin, "the same name's Ed25519 key", flags("suite", "owner"), d.script(), bare(partyOf("owner")), open, silent(wire.ReasonOwnerUnknown))
	d.visit(twin, "a guest's grant by the same name's Ed25519 key, with the P-256 key's id", flags("suite", "signature"), d.script(),
		signedAs(guest(d.own, guestGrant()), guestGrant(), partyOf("owner"), d.own), open, lacking(d.own.keyID(), wire.ReasonSignature))
}

func (d *decider) chainBolt() {
	d.of("Energy and bolt")
	open := do(wire.OperationOpen)
	v := guest(d.own, guestGrant())
	for _, percent := range []int{0, 1, 99} {
		w := want{outcome: "pending", charge: &percent}
		a := open
		a.charge = &percent
		s := d.script()
		s.tap(v).ask(a, w).ask(open, opened())
		d.add(0, fmt.Sprintf("a charge of %d, then enough", percent), flags("bolt"), s)
		d.visit(0, fmt.Sprintf("a charge of %d, and the phone leaves", percent), flags("bolt"), d.script(), v, a, w)
	}
	unseen, stuck := open, open
	unseen.bolt, stuck.bolt = "unseen", "stuck"
	d.visit(0, "no sensor sees the bolt", flags("bolt"), d.script(), v, unseen, want{outcome: "unconfirmed"})
	d.visit(0, "the bolt is stuck", flags("bolt"), d.script(), v, stuck, want{outcome: "failed", reason: wire.ReasonDrive})
	d.visit(0, "stuck, then free in the next transaction", flags("bolt"), d.script().once(v, stuck, want{outcome: "failed", reason: wire.ReasonDrive}), v, open, opened())
	twin := d.add(0, "opened, then status", flags("bolt"), func() *script {
		s := d.script()
		s.tap(v).ask(open, opened()).ask(do(wire.OperationStatus), done())
		return s
	}())
	for _, c := range []struct {
		comment string
		first   demand
		w       want
	}{
		{"a second opening in the transaction", open, opened()},
		{"a second opening behind one that stuck", stuck, want{outcome: "failed", reason: wire.ReasonDrive}},
		{"a second opening behind one that nobody saw", unseen, want{outcome: "unconfirmed"}},
	} {
		s := d.script()
		s.tap(v).ask(c.first, c.w).ask(open, want{status: sw(wire.StatusOutOfOrder), reason: wire.ReasonSequence, keeps: true})
		d.add(twin, c.comment, flags("bolt"), s)
	}
	s := d.script()
	s.tap(v).ask(do(wire.OperationDeliver), denies(wire.ReasonAction)).ask(open, opened())
	d.add(0, "refused, then asked for what is granted", flags("bolt"), s)
}
