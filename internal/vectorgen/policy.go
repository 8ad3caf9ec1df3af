package main

import (
	"fmt"
	"slices"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// policyArea tries what the owner, the operators and the schemes take back.
func policyArea() (output, error) {
	d := decide("policy", map[string]vectors.Note{
		"taken":    note("policy", "The owner's will does not arrive, or not whole.", "PST-OWN-010", "PST-DOC-001"),
		"verify":   note("policy", "Somebody else's policy counts, or an older one.", "PST-OWN-029", "PST-DOC-001"),
		"form":     note("malleability", "A policy or list that the format does not admit counts.", "PST-OWN-001", "PST-REV-001"),
		"several":  note("policy", "Documents of one request are judged in another order, or not each by itself.", "PST-DOC-001", "PST-DOC-006"),
		"reset":    note("policy", "The floor falls without the owner's word, or below what manufacture gave it.", "PST-OWN-011", "PST-ROLE-011"),
		"block":    note("policy", "A block does not hold, or holds the owner out.", "PST-OWN-031"),
		"denied":   note("policy", "A grant that was taken back opens.", "PST-OWN-031", "PST-DEC-037"),
		"least":    note("policy", "A grant of an older policy opens.", "PST-OWN-031"),
		"admitted": note("policy", "An operator opens whom the owner does not admit, or at hours at which he does not.", "PST-OWN-031"),
		"notice":   note("policy", "Somebody hears that the house is empty who should not, or a visitor does not hear it.", "PST-OWN-032"),
		"coowner":  note("policy", "A co-owner may more or less than the standard says, or remains one.", "PST-DEC-007", "PST-OWN-031"),
		"anchor":   note("policy", "A key counts as a root that is no anchor, or no more.", "PST-OWN-014"),
		"transfer": note("policy", "A former owner's rights or settings outlive the transfer.", "PST-OWN-034", "PST-OWN-035", "PST-OWN-022"),
		"list":     note("policy", "A list is taken that is not good, or an older one in the place of a newer.", "PST-REV-012", "PST-REV-006"),
		"revoked":  note("policy", "What an operator or a scheme took back still opens.", "PST-REV-005", "PST-DEC-016"),
		"places":   note("exhaustion", "Lists push out others that are needed, or good ones find no place.", "PST-REV-015", "PST-REV-013"),
		"order":    note("interoperability", "Another fault is named than every other lock names.", "PST-OWN-031"),
	})
	d.policyTaken()
	d.policyForm()
	d.policyReset()
	d.policyBlock()
	d.policyDenied()
	d.policyAdmission()
	d.policyNotice()
	d.policyCoOwners()
	d.policyAnchors()
	d.policyTransfer()
	d.policyOwnerReset()
	d.listTaken()
	d.listRevoked()
	d.listPlaces()
	return d.end()
}

// hand adds a test in which somebody hands a document over by a request for
// status.
func (d *decider) hand(twin int, comment, flag string, s *script, v visitor, doc signedObject, w want) int {
	w.outcome = "done"
	return d.visit(twin, comment, flags(flag), s, v, demand{documents: []signedObject{doc}, chain: v.chain}, w)
}

// rejected is what becomes of a document that is not taken.
func rejected(reason int64) want { return want{documents: []int64{reason}} }

// accepted is what becomes of a policy or list that is taken.
func accepted(version, floor uint32) want {
	return want{documents: []int64{wire.ReasonNone}, version: version, floor: floor}
}

func numbered(version uint32) func(*policyClaims) {
	return func(p *policyClaims) { p.version = version }
}

func (d *decider) policyTaken() {
	d.of("Which policy a lock takes")
	owner := bare(d.own)
	p := firstPolicy()
	of := func(version uint32) signedObject {
		p := p
		p.version = version
		return p.by(d.own)
	}
	twin := d.hand(0, "the first", "taken", d.script(), owner, of(1), accepted(1, 0))
	d.hand(0, "the highest step above none", "verify", d.script(), owner, of(65536), accepted(65536, 0))
	d.hand(twin, "one version more", "verify", d.script(), owner, of(65537), rejected(wire.ReasonLimit))
	d.hand(twin, "the highest version", "verify", d.script(), owner, of(1<<32-1), rejected(wire.ReasonLimit))
	five := func() *script { return d.admitted(numbered(5)) }
	d.hand(0, "version 6 after 5", "taken", five(), owner, of(6), accepted(6, 0))
	d.hand(0, "the highest step above 5", "verify", five(), owner, of(65541), accepted(65541, 0))
	d.hand(twin, "one version more than that", "verify", five(), owner, of(65542), rejected(wire.ReasonLimit))
	d.hand(twin, "version 5 after 5", "verify", five(), owner, of(5), rejected(wire.ReasonSuperseded))
	d.hand(twin, "version 4 after 5", "verify", five(), owner, of(4), rejected(wire.ReasonSuperseded))
	d.hand(twin, "version 1 after 5", "verify", five(), owner, of(1), rejected(wire.ReasonSuperseded))

	other := p
	other.lock = otherLockID
	d.hand(twin, "another lock's", "verify", d.script(), owner, other.by(d.own), rejected(wire.ReasonTarget))
	d.hand(twin, "its signature does not verify", "verify", d.script(), owner, of(1).broken(), rejected(wire.ReasonSignature))
	named := d.own
	named.sign = partyOf("stranger").sign
	d.hand(twin, "it names the owner, and another key signed it", "verify", d.script(), owner, p.by(named), rejected(wire.ReasonSignature))
	d.hand(twin, "a stranger's", "verify", d.script(), owner, p.by(partyOf("stranger")), rejected(wire.ReasonIssuerUnknown))
	d.hand(twin, "the scheme's", "verify", d.script(), owner, p.by(partyOf("scheme")), rejected(wire.ReasonIssuerUnknown))
	named = d.own
	named.key.Alg = wire.AlgEsp256
	d.hand(twin, "it names the other algorithm", "verify", d.script(), owner, p.by(named), rejected(wire.ReasonAlgorithm))
	foreign := p
	foreign.owner = p256PartyOf("new owner")
	d.hand(twin, "it gives the lock to a key that the lock cannot speak with", "verify", d.script(), owner, foreign.by(d.own), rejected(wire.ReasonAlgorithm))
	d.hand(twin, "a grant in the place of a document", "verify", d.script(), owner, guestGrant().by(d.own), rejected(wire.ReasonObjectType))
	d.hand(twin, "a certificate in the place of a document", "verify", d.script(), owner, postAuthority().by(partyOf("scheme")), rejected(wire.ReasonObjectType))

	g := guest(d.own, guestGrant())
	d.hand(0, "a guest brings it", "taken", d.script(), g, of(1), accepted(1, 0))
	d.visit(0, "a guest brings it and is refused", flags("taken"), d.script(), g, demand{operation: wire.OperationDeliver, documents: []signedObject{of(1)}},
		want{outcome: "refused", reason: wire.ReasonAction, documents: []int64{0}, version: 1})
	d.hand(0, "a postman brings the one that admits him", "taken", d.script(), staff(postAuthority(), round()), of(1), accepted(1, 0))
	d.visit(0, "and opens at once", flags("taken"), d.script(), staff(postAuthority(), round()), demand{
		operation: wire.OperationDeliver, documents: []signedObject{of(1)}, chain: staff(postAuthority(), round()).chain,
	}, want{outcome: "opened", documents: []int64{0}, version: 1})
	d.visit(twin, "a stranger brings it", flags("taken"), d.script(), bare(partyOf("stranger")), demand{documents: []signedObject{of(1)}}, silent(wire.ReasonOwnerUnknown))

	several := func(twin int, comment string, s *script, w want, documents ...signedObject) {
		w.outcome = "done"
		d.visit(twin, comment, flags("several"), s, owner, demand{documents: documents}, w)
	}
	several(0, "versions 1 and 2", d.script(), want{documents: []int64{0, 0}, version: 2}, of(1), of(2))
	several(twin, "versions 2 and 1", d.script(), want{documents: []int64{0, wire.ReasonSuperseded}, version: 2}, of(2), of(1))
	several(twin, "a bad one before a good one", d.script(), want{documents: []int64{wire.ReasonSignature, 0}, version: 2}, of(1).broken(), of(2))
	several(twin, "the same twice", d.script(), want{documents: []int64{0, wire.ReasonSuperseded}, version: 1}, of(1), of(1))
	several(0, "four", d.script(), want{documents: []int64{0, 0, 0, 0}, version: 4}, of(1), of(2), of(3), of(4))
	several(0, "a later version only within reach of the first", d.script(), want{documents: []int64{0, 0}, version: 65537}, of(1), of(65537))
}

func (d *decider) policyForm() {
	d.of("Policies that the format does not admit")
	owner := bare(d.own)
	twin := d.hand(0, "no settings", "taken", d.script(), owner, policyClaims{lock: lockID, version: 1, iat: now, owner: d.own}.by(d.own), accepted(1, now))
	sixteen := policyClaims{lock: lockID, version: 1, iat: now, owner: d.own}
	for i := range 17 {
		sixteen.denied = append(sixteen.denied, draw(fmt.Sprintf("policy/denied/%d", i), 8))
	}
	seventeen := sixteen
	sixteen.denied = sixteen.denied[:16]
	d.hand(0, "16 denied tags", "taken", d.script(), owner, sixteen.by(d.own), accepted(1, now))
	d.hand(twin, "17 denied tags", "form", d.script(), owner, seventeen.by(d.own), rejected(wire.ReasonLimit))
	raw := func(version item, settings ...item) signedObject {
		return d.own.object(wire.TypePolicy, slices.Concat(claim(wire.ClaimIat, uintItem(now)), claim(wire.ClaimCnf, d.own.confirmation()),
			scope(bytesItem(lockID), version, mapItem(settings...)))...)
	}
	one := uintItem(1)
	set := func(key uint64, value item) []item { return []item{uintItem(key), value} }
	keys := func(n int) item {
		return arrayItem(repeat(n, func(i int) item { return partyOf(fmt.Sprintf("co-owner %d", i)).cose })...)
	}
	hours := arrayItem(window(1, 0, 1))
	for _, c := range []struct {
		comment string
		doc     signedObject
		reason  int64
	}{
		{"version 0", raw(uintItem(0)), wire.ReasonMalformed},
		{"a version of 33 bits", raw(uintItem(1 << 32)), wire.ReasonMalformed},
		{"an unknown setting", raw(one, set(9, one)...), wire.ReasonMalformed},
		{"block 0", raw(one, set(wire.PolicyBlock, uintItem(0))...), wire.ReasonMalformed},
		{"block 4", raw(one, set(wire.PolicyBlock, uintItem(4))...), wire.ReasonMalformed},
		{"no admission in services", raw(one, set(wire.PolicyServices, arrayItem())...), wire.ReasonLimit},
		{"9 admissions", raw(one, set(wire.PolicyServices, arrayItem(repeat(9, func(i int) item { return admission(uint64(i+1), 1) })...))...), wire.ReasonLimit},
		{"services that descend", raw(one, set(wire.PolicyServices, arrayItem(admission(2, 1), admission(1, 1)))...), wire.ReasonMalformed},
		{"a service twice", raw(one, set(wire.PolicyServices, arrayItem(admission(1, 1), admission(1, 2)))...), wire.ReasonMalformed},
		{"the service 0", raw(one, set(wire.PolicyServices, arrayItem(admission(0, 1)))...), wire.ReasonMalformed},
		{"an admission without actions", raw(one, set(wire.PolicyServices, arrayItem(admission(1, 0)))...), wire.ReasonMalformed},
		{"an admission with an action of no registry", raw(one, set(wire.PolicyServices, arrayItem(admission(1, 128)))...), wire.ReasonMalformed},
		{"an admission with hours and evidence 0", raw(one, set(wire.PolicyServices, arrayItem(admissionAt(1, 1, 0, hours)))...), wire.ReasonMalformed},
		{"an admission with hours and evidence 4", raw(one, set(wire.PolicyServices, arrayItem(admissionAt(1, 1, 4, hours)))...), wire.ReasonMalformed},
		{"an admission with evidence and no hours", raw(one, set(wire.PolicyServices, arrayItem(numbers(1, 1, 1)))...), wire.ReasonMalformed},
		{"least 0", raw(one, set(wire.PolicyLeast, uintItem(0))...), wire.ReasonMalformed},
		{"no denied tag", raw(one, set(wire.PolicyDenied, bytesItem(nil))...), wire.ReasonLimit},
		{"tags that descend", raw(one, set(wire.PolicyDenied, bytesItem([]byte{1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}))...), wire.ReasonMalformed},
		{"a tag twice", raw(one, set(wire.PolicyDenied, bytesItem(make([]byte, 16)))...), wire.ReasonMalformed},
		{"no co-owner in the list", raw(one, set(wire.PolicyCoOwners, arrayItem())...), wire.ReasonLimit},
		{"5 co-owners", raw(one, set(wire.PolicyCoOwners, keys(5))...), wire.ReasonLimit},
		{"the owner as co-owner", raw(one, set(wire.PolicyCoOwners, arrayItem(d.own.cose))...), wire.ReasonMalformed},
		{"a co-owner twice", raw(one, set(wire.PolicyCoOwners, arrayItem(partyOf("co-owner").cose, partyOf("co-owner").cose))...), wire.ReasonMalformed},
		{"3 anchors", raw(one, set(wire.PolicyAnchors, keys(3))...), wire.ReasonLimit},
		{"a notice without roles", raw(one, set(wire.PolicyNotice, numbers(1, 0, 0, 0))...), wire.ReasonMalformed},
		{"a notice that ends as it begins", raw(one, set(wire.PolicyNotice, numbers(1, now, now, 0, 3))...), wire.ReasonMalformed},
		{"reset false", raw(one, set(wire.PolicyReset, boolItem(false))...), wire.ReasonMalformed},
		{"reset 1", raw(one, set(wire.PolicyReset, one)...), wire.ReasonMalformed},
	} {
		d.hand(twin, c.comment, "form", d.script(), owner, c.doc, rejected(c.reason))
	}
}

func (d *decider) policyReset() {
	d.of("The floor falls at the owner's word")
	owner := bare(d.own)
	floor := d.lock.Floor
	second := func(iat uint32, reset bool) signedObject {
		p := firstPolicy()
		p.version, p.iat, p.reset = 2, iat, reset
		return p.by(d.own)
	}
	high := func() *script { return d.admitted(func(p *policyClaims) { p.iat = now + 365*oneDay }) }
	d.hand(0, "without the word it stays", "reset", high(), owner, second(now, false), accepted(2, 0))
	d.hand(0, "with it the floor falls", "reset", high(), owner, second(now, true), accepted(2, now))
	d.hand(0, "not below what manufacture gave", "reset", high(), owner, second(floor-oneDay, true), accepted(2, floor))
	d.hand(0, "to exactly what manufacture gave", "reset", high(), owner, second(floor, true), accepted(2, floor))
	d.hand(0, "with the word it rises too", "reset", d.admitted(), owner, second(now, true), accepted(2, now))
	g := guestGrant()
	s := func(reset bool) *script {
		s := high()
		return s.takes(2, map[bool]uint32{true: now, false: 0}[reset], second(now, reset))
	}
	twin := d.visit(0, "a grant that had ended is good again", flags("reset"), s(true), guest(d.own, g), do(wire.OperationOpen), opened())
	d.visit(twin, "without the word it is not", flags("reset"), s(false), guest(d.own, g), do(wire.OperationOpen), denies(wire.ReasonExpired))
	d.visit(twin, "the reset is not repeated by the same policy", flags("reset"), s(true).takes(3, now+365*oneDay, func() signedObject {
		p := firstPolicy()
		p.version, p.iat = 3, now+365*oneDay
		return p.by(d.own)
	}()), guest(d.own, g), demand{operation: wire.OperationOpen, documents: []signedObject{second(now, true)}},
		want{outcome: "refused", reason: wire.ReasonExpired, documents: []int64{wire.ReasonSuperseded}})
}

func (d *decider) policyBlock() {
	d.of("Blocks against each role")
	cool := partyOf("co-owner")
	visitors := []struct {
		name      string
		v         visitor
		operation uint64
		mode      uint64 // that stops it
	}{
		{"the owner", bare(d.own), wire.OperationOpen, 0},
		{"a co-owner", bare(cool), wire.OperationOpen, 0},
		{"a guest", guest(d.own, guestGrant()), wire.OperationOpen, wire.BlockGuests},
		{"a co-owner's guest", guest(cool, guestGrant()), wire.OperationOpen, wire.BlockGuests},
		{"a postman", staff(postAuthority(), round()), wire.OperationDeliver, wire.BlockServices},
		{"a guest of a guest", d.passed(above(1), link("child")), wire.OperationOpen, wire.BlockGuests},
	}
	for _, v := range visitors {
		twin := 0
		for mode := range uint64(4) {
			s := func() *script {
				return d.admitted(func(p *policyClaims) { p.block, p.coOwners = mode, []party{cool} })
			}
			w := opened()
			if v.mode&mode != 0 {
				w = denies(wire.ReasonBlocked)
			}
			n := d.visit(twin, fmt.Sprintf("block %d, %s", mode, v.name), flags("block"), s(), v.v, do(v.operation), w)
			if mode == 0 {
				twin = n
			}
			if v.mode&mode != 0 {
				d.visit(0, fmt.Sprintf("block %d, %s asks for status", mode, v.name), flags("block"), s(), v.v, do(wire.OperationStatus), done())
			}
		}
	}
	twin := d.visit(0, "the block is lifted", flags("block"), d.admitted(func(p *policyClaims) { p.block = 3 }).takes(2, 0, func() signedObject {
		p := firstPolicy()
		p.version = 2
		return p.by(d.own)
	}()), guest(d.own, guestGrant()), do(wire.OperationOpen), opened())
	p := firstPolicy()
	p.block = wire.BlockGuests
	d.visit(twin, "a guest brings the block that stops him", flags("block", "taken"), d.script(), guest(d.own, guestGrant()),
		demand{operation: wire.OperationOpen, documents: []signedObject{p.by(d.own)}}, want{outcome: "refused", reason: wire.ReasonBlocked, documents: []int64{0}, version: 1})
	d.visit(twin, "and leaves it behind the next time", flags("block", "taken"), d.script().once(guest(d.own, guestGrant()),
		demand{operation: wire.OperationDeliver, documents: []signedObject{p.by(d.own)}}, want{outcome: "refused", reason: wire.ReasonAction, documents: []int64{0}, version: 1}),
		guest(d.own, guestGrant()), do(wire.OperationOpen), denies(wire.ReasonBlocked))
}

func (d *decider) policyDenied() {
	d.of("Denied tags and the least version")
	open, deliver := do(wire.OperationOpen), do(wire.OperationDeliver)
	g := guest(d.own, guestGrant())
	postman := staff(postAuthority(), round())
	child := d.passed(above(1), link("child"))
	top := guest(d.own, above(1))
	deny := func(tags ...[]byte) *script { return d.admitted(func(p *policyClaims) { p.denied = tags }) }
	other := draw("policy/other tag", 8)
	close := slices.Clone(g.tag)
	close[7] ^= 1
	twin := d.visit(0, "another tag", flags("denied"), deny(other), g, open, opened())
	d.visit(0, "a tag that differs in its last bit", flags("denied"), deny(close), g, open, opened())
	d.visit(twin, "a guest's grant", flags("denied"), deny(g.tag), g, open, denies(wire.ReasonDenied))
	d.visit(twin, "a guest's grant among others", flags("denied"), deny(other, g.tag, close), g, open, denies(wire.ReasonDenied))
	d.visit(twin, "a guest's grant, asked for status", flags("denied"), deny(g.tag), g, do(wire.OperationStatus), denies(wire.ReasonDenied))
	d.visit(twin, "an operator's grant", flags("denied"), deny(postman.tag), postman, deliver, denies(wire.ReasonDenied))
	d.visit(twin, "the leaf of a chain", flags("denied"), deny(child.tag), child, open, denies(wire.ReasonDenied))
	d.visit(twin, "the root's grant of a chain", flags("denied"), deny(top.tag), child, open, denies(wire.ReasonDenied))
	d.visit(0, "a link below: the grant above is not touched", flags("denied"), deny(child.tag), top, open, opened())
	long := d.passed(above(2), link("child", mayPass(1))).passOn(link("child", mayPass(1)), link("friend"))
	middle := d.passed(above(2), link("child", mayPass(1)))
	d.visit(twin, "the middle link of a chain", flags("denied"), deny(middle.tag), long, open, denies(wire.ReasonDenied))
	d.visit(0, "a newer policy denies it no more", flags("denied"), deny(g.tag).takes(2, 0, func() signedObject {
		p := firstPolicy()
		p.version = 2
		return p.by(d.own)
	}()), g, open, opened())

	with := func(n uint64) visitor {
		g := guestGrant()
		if n > 0 {
			g.entries[0].conditions = numberIs(wire.ConditionPolicy, n)
		}
		return guest(d.own, g)
	}
	least := func(n uint64) *script { return d.admitted(numbered(5), func(p *policyClaims) { p.least = n }) }
	twin = d.visit(0, "issued under the least version", flags("least"), least(4), with(4), open, opened())
	d.visit(0, "issued under the lock's version", flags("least"), least(4), with(5), open, opened())
	d.visit(twin, "issued one version earlier", flags("least"), least(4), with(3), open, denies(wire.ReasonDenied))
	d.visit(twin, "issued under no version", flags("least"), least(4), with(0), open, denies(wire.ReasonDenied))
	d.visit(twin, "issued under no version, the least is 1", flags("least"), least(1), with(0), open, denies(wire.ReasonDenied))
	d.visit(twin, "issued one version earlier, asked for status", flags("least"), least(4), with(3), do(wire.OperationStatus), denies(wire.ReasonDenied))
	d.visit(twin, "the least is above the lock's own version", flags("least"), least(6), with(5), open, denies(wire.ReasonDenied))
	d.visit(0, "an operator's grant names none", flags("least"), least(4), postman, deliver, opened())
	root, below := above(1), link("child")
	root.entries[0].conditions = conditions(mayPass(1), numberIs(wire.ConditionPolicy, 4))
	d.visit(0, "of a chain the root's grant counts", flags("least"), least(4), d.passed(root, below), open, opened())
	below.entries[0].conditions = numberIs(wire.ConditionPolicy, 5)
	d.visit(twin, "a link cannot make up for it", flags("least"), least(4), d.passed(above(1), below), open, denies(wire.ReasonDenied))
	two := guestGrant()
	two.entries = []scopeEntry{lockTarget().if_(numberIs(wire.ConditionPolicy, 3)), lockTarget().if_(numberIs(wire.ConditionPolicy, 5))}
	d.visit(twin, "the deciding entry is the first, whatever stands in the second", flags("least"), least(4), guest(d.own, two), open, denies(wire.ReasonDenied))
}

func (d *decider) policyAdmission() {
	d.of("Services admitted", withClock)
	deliver := do(wire.OperationDeliver)
	postman, courier := staff(postAuthority(), round()), staff(carrierAuthority(), parcelRound())
	admit := func(all ...item) *script { return d.admitted(func(p *policyClaims) { p.services = all }) }
	twin := d.visit(0, "the service and the action", flags("admitted"), admit(admission(wire.ServicePost, wire.ActionDeliver)), postman, deliver, opened())
	d.visit(twin, "another service", flags("admitted"), admit(admission(wire.ServiceParcel, wire.ActionDeliver)), postman, deliver, denies(wire.ReasonNotAdmitted))
	d.visit(twin, "no service", flags("admitted"), admit(), postman, deliver, denies(wire.ReasonNotAdmitted))
	d.visit(twin, "the service, not the action", flags("admitted"), admit(admission(wire.ServicePost, wire.ActionCollect)), postman, deliver, denies(wire.ReasonNotAdmitted))
	d.visit(twin, "the lock has no policy", flags("admitted"), d.script(), postman, deliver, denies(wire.ReasonNotAdmitted))
	d.visit(0, "the lock has no policy, asked for status", flags("admitted"), d.script(), postman, do(wire.OperationStatus), done())
	d.visit(0, "the second of two services", flags("admitted"), admit(admission(wire.ServicePost, 1), admission(wire.ServiceParcel, wire.ActionDeliver)), courier, deliver, opened())
	d.visit(twin, "the action is admitted to another service", flags("admitted"), admit(admission(wire.ServicePost, wire.ActionDeliver), admission(wire.ServiceParcel, wire.ActionCollect)),
		courier, deliver, denies(wire.ReasonNotAdmitted))
	d.visit(0, "no service is admitted, and a guest opens", flags("admitted"), admit(), guest(d.own, guestGrant()), do(wire.OperationOpen), opened())
	logs := round()
	logs.entries[0].actions = wire.ActionReadLog
	d.visit(twin, "read-log is an action too", flags("admitted"), d.admitted(), staff(postAuthority(), logs), do(wire.OperationReadLog), denies(wire.ReasonNotAdmitted))

	morning := arrayItem(window(1, 360, 720))
	try := func(twin int, comment string, evidence uint64, clock uint32, w want) int {
		r := deliver
		if clock != 0 {
			r.clock = &vectors.DecisionClock{Time: clock}
			w.evidence, w.time = wire.EvidenceClock, clock
		}
		return d.visit(twin, comment, flags("admitted"), admit(admissionAt(wire.ServicePost, wire.ActionDeliver, evidence, morning)), postman, r, w)
	}
	twin = try(0, "in the hours", wire.EvidenceClock, monday+9*oneHour, opened())
	try(twin, "one second after them", wire.EvidenceClock, monday+12*oneHour, denies(wire.ReasonHours))
	try(0, "in their last second", wire.EvidenceClock, monday+12*oneHour-1, opened())
	try(twin, "on the next day", wire.EvidenceStated, monday+33*oneHour, denies(wire.ReasonExpired))
	try(twin, "no time", wire.EvidenceStated, 0, denies(wire.ReasonEvidence))
	a := clockAuthority()
	try2 := func(comment string, evidence uint64, iat uint32, w want) {
		r := deliver
		r.documents, r.chain = []signedObject{timeClaims{iat: iat}.by(a.holder)}, [][]byte{a.by(partyOf("scheme")).bytes, postman.chain[0]}
		w.documents, w.floor, w.evidence, w.time = []int64{0}, iat, wire.EvidenceStated, iat
		d.visit(twin, comment, flags("admitted"), admit(admissionAt(wire.ServicePost, wire.ActionDeliver, evidence, morning)), postman, r, w)
	}
	try2("a stated time in the hours, which is enough", wire.EvidenceStated, now, opened())
	try2("a stated time in the hours, and live time is asked for", wire.EvidenceLive, now, denies(wire.ReasonEvidence))
	try2("a stated time out of the hours", wire.EvidenceStated, now+4*oneHour, denies(wire.ReasonHours))
	d.visit(0, "blocked, and the service not admitted", flags("order", "block"), d.admitted(func(p *policyClaims) { p.block, p.services = 1, nil }), postman, deliver, denies(wire.ReasonBlocked))
	d.visit(0, "denied, and blocked", flags("order", "denied"), d.admitted(func(p *policyClaims) { p.block, p.denied = 1, [][]byte{postman.tag} }), postman, deliver, denies(wire.ReasonDenied))
	d.visit(0, "a wrong action, and denied: the grant is judged first", flags("order", "denied"), d.admitted(func(p *policyClaims) { p.denied = [][]byte{postman.tag} }),
		postman, do(wire.OperationReturn), denies(wire.ReasonAction))
}
