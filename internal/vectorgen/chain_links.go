package main

import (
	"fmt"
	"slices"

	"github.com/postern-lock/postern/internal/wire"
)

// above is the grant that is passed on: the owner's to the neighbour, with so
// many links allowed below it.
func above(links uint64) grantClaims {
	g := guestGrant()
	g.entries[0].conditions = numberIs(wire.ConditionDelegation, links)
	g.entries[0].actions = wire.ActionOpen | wire.ActionCollect
	return g
}

// link is a grant to be passed on to somebody.
func link(to string, conditions ...[]item) grantClaims {
	return grantClaims{holder: partyOf(to), iat: now + oneHour, exp: now + 20*oneDay, entries: []scopeEntry{lockTarget().if_(conditions...)}}
}

// passed visits with one link below the owner's grant.
func (d *decider) passed(parent, child grantClaims) visitor {
	return guest(d.own, parent).passOn(parent, child)
}

func mayPass(links uint64) []item { return numberIs(wire.ConditionDelegation, links) }

func (d *decider) chainLinks() {
	d.of("Delegation: chains that are good, and how deep they may be")
	open := do(wire.OperationOpen)
	twin := d.visit(0, "one link below the owner's grant", flags("delegation"), d.script(), d.passed(above(1), link("child")), open, opened())
	d.visit(0, "one link below a grant that allows two", flags("delegation"), d.script(), d.passed(above(2), link("child")), open, opened())
	none := above(1)
	none.entries[0].conditions = nil
	d.visit(twin, "one link below a grant that may not be passed on", flags("delegation"), d.script(), d.passed(none, link("child")), open, denies(wire.ReasonDelegation))
	d.visit(twin, "the same, asked for status", flags("delegation"), d.script(), d.passed(none, link("child")), do(wire.OperationStatus), denies(wire.ReasonDelegation))

	three := func(top, middle uint64) visitor {
		root, child := above(top), link("child")
		if middle > 0 {
			child = link("child", mayPass(middle))
		}
		return d.passed(root, child).passOn(child, link("friend"))
	}
	twin = d.visit(0, "two links below", flags("delegation"), d.script(), three(2, 1), open, opened())
	d.visit(0, "two links below, and the middle one claims two more", flags("delegation"), d.script(), three(2, 2), open, opened())
	reversed := three(2, 1)
	slices.Reverse(reversed.chain)
	d.visit(0, "the parents come in the other order", flags("delegation"), d.script(), reversed, open, opened())
	d.visit(twin, "two links below a grant that allows one", flags("delegation"), d.script(), three(1, 1), open, denies(wire.ReasonDelegation))
	d.visit(twin, "two links below, the middle one not to be passed on", flags("delegation"), d.script(), three(2, 0), open, denies(wire.ReasonDelegation))
	d.visit(twin, "the middle one claims more than the grant above allows", flags("delegation"), d.script(), three(1, 2), open, denies(wire.ReasonDelegation))
	deep := three(2, 2).passOn(link("friend"), link("fourth"))
	d.visit(twin, "four links", flags("delegation"), d.script(), deep, open, silent(wire.ReasonDelegation))

	short := three(2, 1)
	leafKid, middleKid := partyOf("child").keyID(), partyOf("neighbour").keyID()
	noMiddle, noRoot := short, short
	noMiddle.chain, noRoot.chain = short.chain[1:], short.chain[:1]
	d.visit(0, "the middle link does not come", flags("delegation", "unverified"), d.script(), noMiddle, open, lacking(leafKid, wire.ReasonNone))
	d.visit(0, "the root's grant does not come", flags("delegation", "unverified"), d.script(), noRoot, open, lacking(middleKid, wire.ReasonNone))
	s := d.script()
	s.tap(short.held()).ask(open, lacking(leafKid, wire.ReasonNone)).ask(demand{operation: wire.OperationOpen, chain: short.chain}, opened())
	d.add(0, "nothing comes at first, then all of it", flags("delegation"), s)
	s = d.script()
	s.tap(noRoot).ask(open, lacking(middleKid, wire.ReasonNone)).ask(demand{operation: wire.OperationOpen, chain: short.chain[1:]}, lacking(leafKid, wire.ReasonNone))
	d.add(0, "the links of an earlier request are not kept", flags("delegation", "unverified"), s)
	widen := func(top, below scopeEntry) visitor {
		p, c := above(1), link("child")
		p.entries, c.entries = []scopeEntry{top, lockTarget().may(wire.ActionService)}, []scopeEntry{below}
		return d.passed(p, c)
	}
	d.visit(0, "the right to pass on stands in the entry that is used", flags("delegation"), d.script(),
		widen(lockTarget().if_(mayPass(1)), lockTarget()), open, opened())
	d.visit(twin, "the right to pass on stands in another entry", flags("delegation"), d.script(),
		widen(lockTarget().may(wire.ActionCollect).if_(mayPass(1)), lockTarget().may(wire.ActionService)), do(wire.OperationService), denies(wire.ReasonDelegation))
}

func (d *decider) chainLinkFaults() {
	d.of("Delegation: a link allows no more than what stands above it", withCompartments, withArea)
	open, collect := do(wire.OperationOpen), do(wire.OperationCollect)
	twin := d.visit(0, "one link", flags("delegation"), d.script(), d.passed(above(1), link("child")), open, opened())
	try := func(comment string, change func(parent, child *grantClaims), a demand, w want) {
		p, c := above(1), link("child")
		change(&p, &c)
		d.visit(twin, comment, flags("delegation"), d.script(), d.passed(p, c), a, w)
	}
	floor := d.lock.Floor
	try("the child narrows the actions", func(p, c *grantClaims) {}, collect, denies(wire.ReasonAction))
	try("the child has the action too", func(p, c *grantClaims) { c.entries[0].actions = wire.ActionCollect }, collect, opened())
	try("the child claims an action that the parent has not", func(p, c *grantClaims) { c.entries[0].actions = 63 }, do(wire.OperationService), denies(wire.ReasonAction))
	try("the child is for another lock", func(p, c *grantClaims) { c.entries[0].target = otherLockID }, open, denies(wire.ReasonTarget))
	try("the child is for the area", func(p, c *grantClaims) { c.entries[0].kind, c.entries[0].target = wire.TargetArea, areaCode[:2] }, open, opened())
	try("the parent is for another lock", func(p, c *grantClaims) { p.entries[0].target = otherLockID }, open, denies(wire.ReasonTarget))
	try("the parent is for another lock, the child for the whole area", func(p, c *grantClaims) {
		p.entries[0].target = otherLockID
		c.entries[0].kind, c.entries[0].target = wire.TargetArea, areaCode[:1]
	}, open, denies(wire.ReasonTarget))
	try("the child has expired", func(p, c *grantClaims) { p.iat, c.iat, c.exp = floor-2*oneDay, floor-oneDay, floor }, open, denies(wire.ReasonExpired))
	try("the parent has expired, the child has not", func(p, c *grantClaims) { p.iat, p.exp, c.iat = floor-2*oneDay, floor, floor-oneDay }, open, denies(wire.ReasonExpired))
	try("the child outlives its parent, which still runs", func(p, c *grantClaims) { c.exp = p.exp + 300*oneDay }, open, opened())
	try("the child begins later", func(p, c *grantClaims) { c.nbf = c.iat + 1 }, open, denies(wire.ReasonNotYetValid))
	try("the parent begins later", func(p, c *grantClaims) { p.nbf = p.iat + 1 }, open, denies(wire.ReasonNotYetValid))
	try("iat of the child at that of its parent", func(p, c *grantClaims) { c.iat = p.iat }, open, opened())
	try("iat of the child one second before that of its parent", func(p, c *grantClaims) { c.iat = p.iat - 1 }, open, denies(wire.ReasonDelegation))
	try("iat of the child at exp of its parent", func(p, c *grantClaims) { c.iat, c.exp = p.exp, p.exp+oneDay }, open, opened())
	try("iat of the child one second after exp of its parent", func(p, c *grantClaims) { c.iat, c.exp = p.exp+1, p.exp+oneDay }, open, denies(wire.ReasonDelegation))
	try("the child names a service", func(p, c *grantClaims) { c.entries[0].conditions = numberIs(wire.ConditionService, wire.ServicePost) }, open, denies(wire.ReasonService))
	try("the second entry of the child names a service", func(p, c *grantClaims) {
		c.entries = append(c.entries, lockTarget().if_(numberIs(wire.ConditionService, 1)))
	}, open, denies(wire.ReasonService))
	try("the child has an unknown condition", func(p, c *grantClaims) { c.entries[0].conditions = numberIs(9, 0) }, open, denies(wire.ReasonConditionUnknown))
	try("the parent has an unknown condition", func(p, c *grantClaims) { p.entries[0].conditions = conditions(mayPass(1), numberIs(9, 0)) }, open, denies(wire.ReasonConditionUnknown))
	try("the child asks for a policy version", func(p, c *grantClaims) { c.entries[0].conditions = numberIs(wire.ConditionPolicy, 1) }, open, denies(wire.ReasonPolicyVersion))
	try("the parent asks for a policy version", func(p, c *grantClaims) {
		p.entries[0].conditions = conditions(mayPass(1), numberIs(wire.ConditionPolicy, 1))
	}, open, denies(wire.ReasonPolicyVersion))
	try("the child asks for evidence", func(p, c *grantClaims) { c.entries[0].conditions = numberIs(wire.ConditionEvidence, 1) }, open, denies(wire.ReasonEvidence))
	try("the parent asks for evidence", func(p, c *grantClaims) {
		p.entries[0].conditions = conditions(mayPass(1), numberIs(wire.ConditionEvidence, 1))
	}, open, denies(wire.ReasonEvidence))
	door := demand{operation: wire.OperationOpen, resource: 2}
	try("both are for the compartment", func(p, c *grantClaims) {
		p.entries[0].conditions = conditions(mayPass(1), numberIs(wire.ConditionResource, 2))
		c.entries[0].conditions = numberIs(wire.ConditionResource, 2)
	}, door, opened())
	try("the child is for another compartment", func(p, c *grantClaims) { c.entries[0].conditions = numberIs(wire.ConditionResource, 1) }, door, denies(wire.ReasonResource))
	try("the parent is for another compartment", func(p, c *grantClaims) {
		p.entries[0].conditions = conditions(mayPass(1), numberIs(wire.ConditionResource, 1))
	}, door, denies(wire.ReasonResource))
	d.visit(0, "the parent lacks the action, the child is expired: the links from the root down", flags("order", "delegation"), d.script(),
		d.passed(above(1), grantClaims{holder: partyOf("child"), iat: now, exp: now + 1, nbf: 0, entries: []scopeEntry{atLock(otherLockID).may(1)}}),
		do(wire.OperationService), denies(wire.ReasonAction))
}

func (d *decider) chainMiddle() {
	d.of("Delegation: signatures, parents, and faults above the leaf")
	open := do(wire.OperationOpen)
	root, child, leaf := above(2), link("child", mayPass(1)), link("friend")
	chain := func(root, child, leaf grantClaims) visitor { return d.passed(root, child).passOn(child, leaf) }
	twin := d.visit(0, "three links", flags("delegation"), d.script(), chain(root, child, leaf), open, opened())

	late := child
	late.iat, late.exp = root.exp+1, root.exp+oneDay
	after := leaf
	after.iat, after.exp = late.iat, late.exp
	d.visit(twin, "the middle link is issued after exp of its parent", flags("middle"), d.script(), chain(root, late, after), open, silent(wire.ReasonDelegation))
	early := child
	early.iat = root.iat - 1
	d.visit(twin, "the middle link is issued before its parent", flags("middle"), d.script(), chain(root, early, leaf), open, silent(wire.ReasonDelegation))
	served := link("child", mayPass(1), numberIs(wire.ConditionService, 1))
	d.visit(twin, "the middle link names a service", flags("middle"), d.script(), chain(root, served, leaf), open, silent(wire.ReasonService))
	owners := root
	owners.entries = []scopeEntry{root.entries[0].if_(mayPass(2), numberIs(wire.ConditionService, 1))}
	d.visit(twin, "the owner's grant at the root names a service", flags("middle"), d.script(), chain(owners, child, leaf), open, silent(wire.ReasonService))
	before := leaf
	before.iat = child.iat - 1
	d.visit(twin, "the leaf is issued before its parent", flags("delegation"), d.script(), chain(root, child, before), open, denies(wire.ReasonDelegation))
	for _, links := range []int{2, 3} {
		v := d.passed(above(2), child)
		signer, g := root.holder, child
		if links == 3 {
			v, signer, g = chain(root, child, leaf), child.holder, leaf
		}
		below := v
		g.parent = guest(d.own, root).digest
		if links == 3 {
			g.parent = d.passed(root, child).digest
		}
		below.credential = g.by(signer).broken().bytes
		d.visit(twin, fmt.Sprintf("the leaf of %d links does not verify", links), flags("delegation", "signature"), d.script(), below, open, silent(wire.ReasonSignature))
		d.visit(twin, fmt.Sprintf("a stranger signed the leaf of %d links", links), flags("delegation", "signature"), d.script(),
			signedAs(v, g, partyOf("stranger"), signer), open, silent(wire.ReasonSignature))
	}
	v := d.passed(root, child)
	g := child
	g.parent = guest(d.own, root).digest
	d.visit(twin, "the owner signed the link, in the place of its parent's holder", flags("delegation", "signature"), d.script(),
		signedAs(v, g, d.own, d.own), open, silent(wire.ReasonIssuerUnknown))
	better := root
	better.entries = []scopeEntry{root.entries[0].may(63)}
	moved := v
	moved.chain = [][]byte{better.by(d.own).bytes}
	d.visit(0, "the link comes with a better grant of the same holder: its parent is not found", flags("delegation", "unverified"), d.script(), moved, open,
		lacking(root.holder.keyID(), wire.ReasonNone))
	other := root
	other.holder = partyOf("somebody")
	g.parent = guest(d.own, other).digest
	taken := v
	s := g.by(root.holder)
	taken.credential, taken.chain = s.bytes, [][]byte{other.by(d.own).bytes}
	d.visit(twin, "the link names a parent whose holder did not sign it", flags("delegation", "signature"), d.script(), taken, open, silent(wire.ReasonIssuerUnknown))
	self := child
	self.parent = draw("chain/no parent", 32)
	alone := v
	alone.credential = self.by(root.holder).bytes
	d.visit(0, "a parent that nobody has", flags("delegation", "unverified"), d.script(), alone, open, lacking(root.holder.keyID(), wire.ReasonNone))
	badRoot := d.passed(root, child)
	badRoot.chain = [][]byte{root.by(d.own).broken().bytes}
	d.visit(twin, "the owner's grant at the root does not verify", flags("delegation", "signature"), d.script(), badRoot, open, lacking(d.own.keyID(), wire.ReasonSignature))
}

func (d *decider) chainStaffLinks() {
	d.of("Delegation below an operator's grant")
	deliver := do(wire.OperationDeliver)
	a := postAuthority()
	root := round()
	root.entries[0].conditions = mayPass(1)
	child := link("driver")
	child.exp, child.entries[0].actions = now+10*oneHour, wire.ActionDeliver
	v := staff(a, root).passOn(root, child)
	twin := d.visit(0, "the postman passes his round on", flags("delegation"), d.admitted(), v, deliver, opened())
	d.visit(0, "the parent comes, the certificate does not", flags("delegation"), d.admitted(), visitorWith(v, v.chain[:1]), deliver, lacking(a.holder.keyID(), wire.ReasonNone))
	d.visit(0, "the certificate comes, the parent does not", flags("delegation", "unverified"), d.admitted(), visitorWith(v, v.chain[1:]), deliver, lacking(root.holder.keyID(), wire.ReasonNone))
	d.visit(0, "the certificate comes before the parent", flags("delegation"), d.admitted(), visitorWith(v, [][]byte{v.chain[1], v.chain[0]}), deliver, opened())
	long := root
	long.exp = root.iat + 5*oneDay
	d.visit(twin, "the postman's own grant is too long: a fault above the leaf", flags("middle"), d.admitted(), staff(a, long).passOn(long, child), deliver, silent(wire.ReasonGrantTooLong))
	wide := carrierAuthority()
	wide.holder = a.holder
	d.visit(twin, "the postman's own grant has no service", flags("middle"), d.admitted(), staff(wide, root).passOn(root, child), deliver, silent(wire.ReasonService))
	none := round()
	d.visit(twin, "the postman may not pass his round on", flags("delegation"), d.admitted(), staff(a, none).passOn(none, child), deliver, denies(wire.ReasonDelegation))
	child.entries[0].actions = 63
	d.visit(twin, "a driver with more actions than the postman", flags("delegation"), d.admitted(), staff(a, root).passOn(root, child), do(wire.OperationOpen), denies(wire.ReasonAction))
	child.iat, child.entries[0].actions = root.iat+2*oneHour, wire.ActionDeliver
	d.visit(0, "iat of the driver's grant does not move the floor", flags("delegation"), d.admitted(), staff(a, root).passOn(root, child), deliver, opened())
}

// visitorWith brings another chain.
func visitorWith(v visitor, chain [][]byte) visitor {
	v.chain = chain
	return v
}
