package main

import (
	"slices"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// Rights of the usual operator.
const postRights = wire.RightIssue | wire.RightRevoke | wire.RightTime

// postAuthority certifies the post for the service post.
func postAuthority() certificateClaims {
	return certificateClaims{holder: partyOf("post"), iat: now - 20*oneDay, exp: now + 80*oneDay, services: []uint64{wire.ServicePost}, rights: postRights, longest: 4 * oneDay}
}

// carrierAuthority certifies a carrier for two services, without the time.
func carrierAuthority() certificateClaims {
	return certificateClaims{
		holder: partyOf("carrier"), iat: now - 20*oneDay, exp: now + 80*oneDay,
		services: []uint64{wire.ServiceParcel, wire.ServicePress}, rights: wire.RightIssue | wire.RightRevoke, longest: 4 * oneDay,
	}
}

// clockAuthority certifies somebody who states the time alone.
func clockAuthority() certificateClaims {
	return certificateClaims{holder: partyOf("time source"), iat: now - 20*oneDay, exp: now + 80*oneDay, rights: wire.RightTime}
}

func lockTarget() scopeEntry {
	return scopeEntry{kind: wire.TargetLock, target: lockID, actions: wire.ActionOpen}
}

// round is the postman's grant of today.
func round() grantClaims {
	return grantClaims{holder: partyOf("postman"), iat: now, exp: now + 12*oneHour, entries: []scopeEntry{
		{kind: wire.TargetLock, target: lockID, actions: wire.ActionDeliver | wire.ActionCollect}}}
}

// parcelRound is the courier's grant of today.
func parcelRound() grantClaims {
	g := round()
	g.holder = partyOf("courier")
	g.entries[0].conditions = numberIs(wire.ConditionService, wire.ServiceParcel)
	return g
}

// guestGrant is the owner's grant to the neighbour.
func guestGrant() grantClaims {
	return grantClaims{holder: partyOf("neighbour"), iat: now, exp: now + 30*oneDay, entries: []scopeEntry{lockTarget()}}
}

// guest visits with an owner's grant.
func guest(by party, g grantClaims) visitor {
	s := g.by(by)
	return visitor{party: g.holder, credential: s.bytes, role: wire.RoleGuest, tag: s.tag(), digest: s.digest}
}

// staff visits with an operator's grant and the operator's certificate.
func staff(a certificateClaims, g grantClaims) visitor { return staffUnder(partyOf("scheme"), a, g) }

func staffUnder(root party, a certificateClaims, g grantClaims) visitor {
	s := g.by(a.holder)
	v := visitor{
		party: g.holder, credential: s.bytes, role: wire.RoleOperator, tag: s.tag(), digest: s.digest, chain: [][]byte{a.by(root).bytes},
	}
	if len(a.services) == 1 {
		v.service = a.services[0]
	} else if len(g.entries[0].conditions) > 0 {
		v.service = wire.ServiceParcel
	}
	if a.rights&wire.RightTime != 0 {
		v.raises = g.iat
	}
	return v
}

// held is a visitor who does not bring the certificate, since the lock holds it.
func (v visitor) held() visitor {
	v.chain = nil
	return v
}

// passOn adds a link below a visitor's grant.
func (v visitor) passOn(above grantClaims, g grantClaims) visitor {
	g.parent = v.digest
	s := g.by(above.holder)
	v.chain = append([][]byte{v.credential}, v.chain...)
	v.party, v.credential, v.tag, v.digest = g.holder, s.bytes, s.tag(), s.digest
	return v
}

// firstPolicy admits post and parcels to deliver and to collect.
func firstPolicy() policyClaims {
	return policyClaims{
		lock: lockID, version: 1, iat: now - 15*oneDay, owner: partyOf("owner"),
		services: []item{
			admission(wire.ServicePost, wire.ActionDeliver|wire.ActionCollect|wire.ActionReturn),
			admission(wire.ServiceParcel, wire.ActionDeliver|wire.ActionCollect|wire.ActionReturn),
		},
	}
}

// admitted begins a test with the first policy in force, altered.
func (d *decider) admitted(alter ...func(*policyClaims)) *script {
	p := firstPolicy()
	for _, a := range alter {
		a(&p)
	}
	floor := max(d.lock.Floor, p.iat)
	return d.script().takes(p.version, floor, p.by(d.own))
}

// withArea gives a lock an area code.
func withArea(p *vectors.DecisionParams) { p.Area = areaCode }

// withCompartments gives a lock three compartments.
func withCompartments(p *vectors.DecisionParams) {
	p.Compartments, p.Capabilities = 3, p.Capabilities|wire.CapabilityCompartments
}

// withSuite2 has a lock speak suite 2.
func withSuite2(p *vectors.DecisionParams) { p.Capabilities |= wire.CapabilitySuite2 }

// withClock gives a lock a clock.
func withClock(p *vectors.DecisionParams) { p.Capabilities |= wire.CapabilityClock }

// without takes a capability away.
func without(capability uint32) func(*vectors.DecisionParams) {
	return func(p *vectors.DecisionParams) { p.Capabilities &^= capability }
}

// conditions joins conditions, which are in ascending order.
func conditions(all ...[]item) []item { return slices.Concat(all...) }
