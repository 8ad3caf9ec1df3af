package main

import (
	"fmt"
	"slices"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// policy is what a policy is made of, in both forms.
type policy struct {
	owner    keyPair
	iat      uint64
	version  uint32
	settings [][]*node
	told     vectors.Claims
}

func newPolicy() *policy {
	return &policy{owner: edwardsKey("object/owner"), iat: sampleIat, version: 1}
}

func (p *policy) set(key uint64, value *node) *policy {
	p.settings = append(p.settings, []*node{uintNode(key), value})
	return p
}

func (p *policy) block(v uint32) *policy {
	p.told.Block = v
	return p.set(wire.PolicyBlock, number("block", 1, 3, uint64(v)))
}

func (p *policy) admit(all ...vectors.Admission) *policy {
	p.told.Admissions = all
	return p.set(wire.PolicyServices, arrayNode(nodes(all, func(a vectors.Admission) *node {
		n := arrayNode(uint32Node("admission: service", 1, uint64(a.Service)), number("admission: actions", 1, 127, uint64(a.Actions))).named("admission")
		if a.Schedule != nil {
			n.append(number("admission: evidence", 1, 3, uint64(a.Evidence)), scheduleNode(a.Schedule))
		}
		return n
	})...).named("services").free())
}

func (p *policy) least(v uint32) *policy {
	p.told.Least = numberOf(v)
	return p.set(wire.PolicyLeast, uint32Node("least", 1, uint64(v)))
}

func (p *policy) deny(tags ...[]byte) *policy {
	for _, t := range tags {
		p.told.Denied = append(p.told.Denied, t)
	}
	return p.set(wire.PolicyDenied, sized("denied", slices.Concat(tags...)).free())
}

func (p *policy) coOwners(keys ...keyPair) *policy {
	for _, k := range keys {
		p.told.CoOwners = append(p.told.CoOwners, *k.key())
	}
	return p.set(wire.PolicyCoOwners, arrayNode(nodes(keys, keyPair.cose)...).named("co-owners").free())
}

func (p *policy) notice(n vectors.Notice) *policy {
	p.told.Notice = &n
	return p.set(wire.PolicyNotice, arrayNode(
		number("notice: kind", 1, 2, uint64(n.Kind)), number("notice: from", 0, max32, uint64(n.From)), number("notice: until", 0, max32, uint64(n.Until)),
		number("notice: instruction", 0, 3, uint64(n.Instruction)), number("notice: roles", 1, 3, uint64(n.Roles)),
	).named("notice"))
}

func (p *policy) anchors(keys ...keyPair) *policy {
	for _, k := range keys {
		p.told.Anchors = append(p.told.Anchors, *k.key())
	}
	return p.set(wire.PolicyAnchors, arrayNode(nodes(keys, keyPair.cose)...).named("anchors").free())
}

func (p *policy) reset() *policy {
	p.told.Reset = true
	return p.set(wire.PolicyReset, boolNode(true).named("reset"))
}

func (p *policy) node() *node {
	scope := arrayNode(
		sized("lock id", draw("object/lock", 8)), uint32Node("version", 1, uint64(p.version)), mapNode(p.settings...).named("settings").free(),
	).named("scope")
	return claimsNode([][]*node{pair(wire.ClaimIat, timeNode("iat", p.iat)), pair(wire.ClaimCnf, p.owner.cnf())}, scope)
}

func (p *policy) claims() vectors.Claims {
	c := p.told
	c.Iat, c.Cnf, c.Lock, c.Version = uint32(p.iat), p.owner.key(), draw("object/lock", 8), p.version
	return c
}

// tags are n tags in ascending order.
func tags(n int) [][]byte {
	all := make([][]byte, n)
	for i := range all {
		all[i] = append([]byte{byte(10 * i)}, draw(fmt.Sprintf("object/tag/%d", i), 7)...)
	}
	return all
}

func keys(label string, n int) []keyPair {
	all := make([]keyPair, n)
	for i := range all {
		if i%2 == 0 {
			all[i] = edwardsKey(fmt.Sprintf("object/%s/%d", label, i))
		} else {
			all[i] = curveKey(fmt.Sprintf("object/%s/%d", label, i))
		}
	}
	return all
}

func windows(n int) []vectors.Window {
	all := make([]vectors.Window, n)
	for i := range all {
		all[i] = vectors.Window{Days: 127, From: uint32(600 + i), Until: uint32(700 + i)}
	}
	return all
}

// longPolicy has 768 bytes where last is 1, and one more for 24.
func longPolicy(last uint32) *policy {
	var all []vectors.Admission
	for i := range 8 {
		n := 7
		if i == 0 {
			n = 2
		}
		all = append(all, vectors.Admission{Service: uint32(i + 1), Actions: 1, Evidence: 1, Schedule: windows(n)})
	}
	all[6].Actions, all[7].Actions = 24, last
	p := newPolicy().block(1).admit(all...).least(1 << 16).deny(tags(12)...)
	p.version = 1 << 16
	return p
}

func policySamples() []sample {
	owner, curve := edwardsKey("object/owner"), curveKey("object/owner-p256")
	of := func(comment string, signer keyPair, p *policy, flags ...string) sample {
		return sample{comment: comment, signer: signer, claims: p.node(), told: p.claims(), flags: flags}
	}
	admission := vectors.Admission{Service: 1, Actions: 2}
	hours := vectors.Admission{Service: 2, Actions: 6, Evidence: 2, Schedule: windows(1)}
	away := vectors.Notice{Kind: 1, From: sampleIat, Until: sampleExp, Instruction: 1, Roles: 3}
	every := newPolicy().block(1).admit(admission, hours).least(2).deny(tags(1)...).coOwners(keys("co-owner", 1)...).notice(away).anchors(keys("anchor", 1)...).reset()
	p256, other, last := newPolicy(), newPolicy(), newPolicy().block(3).least(max32)
	p256.owner, other.owner = curve, edwardsKey("object/next-owner")
	last.iat, last.version = max32, max32
	eight := make([]vectors.Admission, 8)
	for i := range eight {
		eight[i] = vectors.Admission{Service: []uint32{1, 2, 23, 24, 255, 256, 65536, max32}[i], Actions: uint32(1 + 16*i)}
	}
	return []sample{
		of("no settings", owner, newPolicy()),
		of("every setting", owner, every, "fields"),
		of("another owner from now on", owner, other),
		of("a P-256 owner from now on", owner, p256),
		of("signed by a P-256 key", curve, p256),
		of("the greatest numbers", owner, last),
		of("eight services", owner, newPolicy().admit(eight...)),
		of("hours of eight windows", owner, newPolicy().admit(vectors.Admission{Service: 1, Actions: 127, Evidence: 3, Schedule: windows(8)})),
		of("sixteen tags denied", owner, newPolicy().deny(tags(16)...)),
		of("four co-owners and two anchors", owner, newPolicy().coOwners(keys("co-owner", 4)...).anchors(keys("anchor", 2)...)),
		of("a co-owner that is an anchor too", owner, newPolicy().coOwners(keys("co-owner", 1)...).anchors(keys("co-owner", 1)...)),
		of("an anchor that is the owner's key", owner, newPolicy().anchors(owner)),
		of("co-owners not in the order of their bytes", owner, newPolicy().coOwners(keys("co-owner", 2)[1], keys("co-owner", 2)[0])),
		of("a notice open at both sides", owner, newPolicy().notice(vectors.Notice{Kind: 2, Instruction: 3, Roles: 1})),
		of("a notice without a begin", owner, newPolicy().notice(vectors.Notice{Kind: 1, Until: 1, Roles: 2})),
		of("a notice without an end", owner, newPolicy().notice(vectors.Notice{Kind: 1, From: max32, Roles: 2})),
		of("a notice of a second", owner, newPolicy().notice(vectors.Notice{Kind: 1, From: 5, Until: 6, Instruction: 2, Roles: 3})),
		of("768 bytes", owner, longPolicy(1), "limit"),
	}
}

func (b objectBuilder) policyRules(s *subject) {
	const malformed, limit = wire.ReasonMalformed, wire.ReasonLimit
	bad := func(reason int64, comment string, p *policy, flags ...string) {
		b.before(s, reason, comment, func(t *node) { t.sub[2] = embedNode(p.node()) }, flags...)
	}
	admission := func(service uint32) vectors.Admission { return vectors.Admission{Service: service, Actions: 1} }
	bad(malformed, "services descending", newPolicy().admit(admission(2), admission(1)), "meaning")
	bad(malformed, "a service twice", newPolicy().admit(admission(2), admission(2)), "meaning")
	bad(malformed, "the service none", newPolicy().admit(admission(0), admission(2)), "structure", "meaning")
	bad(limit, "no services", newPolicy().admit(), "structure", "limit")
	nine := make([]vectors.Admission, 9)
	for i := range nine {
		nine[i] = admission(uint32(i + 1))
	}
	bad(limit, "nine services", newPolicy().admit(nine...), "structure", "limit")
	bad(limit, "hours without windows", newPolicy().admit(vectors.Admission{Service: 1, Actions: 1, Evidence: 1, Schedule: []vectors.Window{}}), "structure", "limit")
	bad(limit, "hours of nine windows", newPolicy().admit(vectors.Admission{Service: 1, Actions: 1, Evidence: 1, Schedule: windows(9)}), "structure", "limit")
	bad(malformed, "hours that end when they begin", newPolicy().admit(vectors.Admission{
		Service: 1, Actions: 1, Evidence: 1, Schedule: []vectors.Window{{Days: 1, From: 9, Until: 9}},
	}), "meaning")
	bad(malformed, "hours with the evidence floor", newPolicy().admit(vectors.Admission{Service: 1, Actions: 1, Schedule: windows(1)}), "structure", "range")
	bad(malformed, "actions with a bit that is not listed", newPolicy().admit(vectors.Admission{Service: 1, Actions: 130}), "structure", "range")
	all := tags(17)
	bad(limit, "no tags", newPolicy().deny(), "structure", "limit")
	bad(limit, "seventeen tags", newPolicy().deny(all...), "structure", "limit")
	bad(malformed, "tags descending", newPolicy().deny(all[1], all[0]), "meaning")
	bad(malformed, "a tag twice", newPolicy().deny(all[0], all[0]), "meaning")
	bad(malformed, "the last two of three tags descending", newPolicy().deny(all[0], all[2], all[1]), "meaning")
	bad(malformed, "a tag and a half", newPolicy().deny(all[0], all[1][:4]), "meaning")
	co, five := keys("co-owner", 2), keys("co-owner", 5)
	bad(limit, "no co-owners", newPolicy().coOwners(), "structure", "limit")
	bad(limit, "five co-owners", newPolicy().coOwners(five...), "structure", "limit")
	bad(malformed, "a co-owner twice", newPolicy().coOwners(co[0], co[1], co[0]), "meaning")
	bad(malformed, "a co-owner that is the owner", newPolicy().coOwners(co[0], edwardsKey("object/owner")), "meaning")
	bad(limit, "no anchors", newPolicy().anchors(), "structure", "limit")
	bad(limit, "three anchors", newPolicy().anchors(keys("anchor", 3)...), "structure", "limit")
	bad(malformed, "an anchor twice", newPolicy().anchors(co[1], co[1]), "meaning")
	notice := func(from, until uint32) *policy {
		return newPolicy().notice(vectors.Notice{Kind: 1, From: from, Until: until, Roles: 1})
	}
	bad(malformed, "a notice that ends when it begins", notice(sampleIat, sampleIat), "meaning")
	bad(malformed, "a notice that ends before it begins", notice(sampleIat, sampleIat-1), "meaning")
	bad(malformed, "reset false", newPolicy().set(wire.PolicyReset, boolNode(false)), "structure")
	bad(malformed, "the setting 0", newPolicy().set(0, boolNode(true)), "structure")
	bad(malformed, "the setting 9", newPolicy().set(9, boolNode(true)), "structure")
	negative := newPolicy()
	negative.settings = [][]*node{{intNode(-1), boolNode(true)}}
	bad(malformed, "a negative setting", negative, "structure")
	bad(malformed, "settings in another order", newPolicy().least(1).block(1), "encoding")
	bad(malformed, "a setting twice", newPolicy().block(1).block(2), "encoding")
	bad(limit, "769 bytes", longPolicy(24), "limit")
	b.moreClaims(s, 4, 5)
	b.settingKeys(s)
}

// settingKeys puts the faults of keys into the lists of keys.
func (b objectBuilder) settingKeys(s *subject) {
	for i, setting := range []uint64{wire.PolicyCoOwners, wire.PolicyAnchors} {
		k := keys("co-owner", 2)[i]
		keyFaults(k, func(reason int64, comment string, key *node, flags ...string) {
			p := newPolicy().set(setting, arrayNode(key))
			b.before(s, reason, fmt.Sprintf("setting %d: %s: %s", setting, k.key().Alg, comment), func(t *node) { t.sub[2] = embedNode(p.node()) }, flags...)
		})
	}
}
