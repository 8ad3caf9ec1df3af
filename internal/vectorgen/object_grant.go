package main

import (
	"fmt"
	"slices"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// entry is one of a grant's scope, in both forms.
type entry struct {
	target     []*node // kind and target
	conditions [][]*node
	told       vectors.Entry
}

func lockEntry(actions uint32) *entry {
	lock := draw("object/lock", 8)
	return &entry{
		target: []*node{uintNode(wire.TargetLock).named("target kind"), sized("lock id", lock)},
		told:   vectors.Entry{Lock: lock, Actions: actions},
	}
}

func areaEntry(prefix []byte, actions uint32) *entry {
	return &entry{
		target: []*node{uintNode(wire.TargetArea).named("target kind"), sized("area", prefix).free()},
		told:   vectors.Entry{Area: prefix, Actions: actions},
	}
}

// otherEntry has a target that no lock of this version matches.
func otherEntry(kind uint64, target *node, actions uint32) *entry {
	return &entry{target: []*node{uintNode(kind), target}, told: vectors.Entry{Actions: actions}}
}

// and adds a condition; they are added in the order of their keys.
func (e *entry) and(key uint64, value *node) *entry {
	e.conditions = append(e.conditions, []*node{uintNode(key), value})
	return e
}

func (e *entry) schedule(windows ...vectors.Window) *entry {
	e.told.Schedule = windows
	return e.and(wire.ConditionSchedule, scheduleNode(windows))
}

func (e *entry) uses(count, starts uint32) *entry {
	e.told.Uses = &vectors.Uses{Count: count, Starts: starts}
	return e.and(wire.ConditionUses, arrayNode(number("uses: count", 1, 255, uint64(count)), number("uses: starts", 1, 3, uint64(starts))).named("uses"))
}

func (e *entry) delegation(v uint32) *entry {
	e.told.Delegation = v
	return e.and(wire.ConditionDelegation, number("delegation", 1, 2, uint64(v)))
}

func (e *entry) evidence(v uint32) *entry {
	e.told.Evidence = v
	return e.and(wire.ConditionEvidence, number("evidence", 1, 3, uint64(v)))
}

func (e *entry) policy(v uint32) *entry {
	e.told.Policy = v
	return e.and(wire.ConditionPolicy, uint32Node("policy", 1, uint64(v)))
}

func (e *entry) resource(v uint32) *entry {
	e.told.Resource = v
	return e.and(wire.ConditionResource, number("resource", 1, 255, uint64(v)))
}

func (e *entry) service(v uint32) *entry {
	e.told.Service = v
	return e.and(wire.ConditionService, uint32Node("service", 1, uint64(v)))
}

// unknown is a condition that this version does not know.
func (e *entry) unknown(key uint64, value *node) *entry {
	e.told.Unknown = append(e.told.Unknown, decimal(key))
	return e.and(key, value)
}

func (e *entry) node() *node {
	n := arrayNode(append(slices.Clone(e.target), number("actions", 1, 127, uint64(e.told.Actions)))...).named("entry")
	if len(e.conditions) > 0 {
		n.append(mapNode(e.conditions...).named("conditions").free())
		n.free()
	}
	return n
}

func scheduleNode(windows []vectors.Window) *node {
	return arrayNode(nodes(windows, func(w vectors.Window) *node {
		return arrayNode(
			number("days", 1, 127, uint64(w.Days)), number("from", 0, 1439, uint64(w.From)), number("until", 1, 1440, uint64(w.Until)),
		).named("window")
	})...).named("schedule").free()
}

// grant is what a grant is made of.
type grant struct {
	iat, nbf, exp uint64 // nbf 0: none
	holder        keyPair
	parent        []byte
	entries       []*entry
}

// dayGrant is a grant of a day for the entries.
func dayGrant(entries ...*entry) grant {
	return grant{iat: sampleIat, exp: sampleExp, holder: edwardsKey("object/holder"), entries: entries}
}

func (g grant) under(parent []byte) grant { g.parent = parent; return g }

func (g grant) times(iat, nbf, exp uint64) grant { g.iat, g.nbf, g.exp = iat, nbf, exp; return g }

func (g grant) node() *node {
	pairs := [][]*node{pair(wire.ClaimExp, timeNode("exp", g.exp))}
	if g.nbf > 0 {
		nbf := timeNode("nbf", g.nbf)
		nbf.optional = true
		pairs = append(pairs, pair(wire.ClaimNbf, nbf))
	}
	pairs = append(pairs, pair(wire.ClaimIat, timeNode("iat", g.iat)), pair(wire.ClaimCnf, g.holder.cnf()))
	scope := arrayNode().named("scope").free()
	if g.parent != nil {
		scope.append(sized("parent", g.parent))
	}
	scope.append(nodes(g.entries, (*entry).node)...)
	return claimsNode(pairs, scope)
}

func (g grant) told() vectors.Claims {
	c := vectors.Claims{Exp: uint32(g.exp), Nbf: uint32(g.nbf), Iat: uint32(g.iat), Cnf: g.holder.key(), Parent: g.parent}
	for _, e := range g.entries {
		c.Entries = append(c.Entries, e.told)
	}
	return c
}

func everyCondition() *entry {
	return lockEntry(1).schedule(vectors.Window{Days: 31, From: 360, Until: 1440}, vectors.Window{Days: 32, From: 480, Until: 720}).
		uses(2, 3).delegation(1).evidence(2).policy(7).resource(3).service(1)
}

// arrays is a value of nested arrays.
func arrays(depth int) *node {
	n := arrayNode()
	for range depth - 1 {
		n = arrayNode(n)
	}
	return n
}

func grantSamples() []sample {
	issuer, curve := edwardsKey("object/issuer"), curveKey("object/issuer-p256")
	of := func(comment string, signer keyPair, g grant, flags ...string) sample {
		return sample{comment: comment, signer: signer, claims: g.node(), told: g.told(), flags: flags}
	}
	p256 := dayGrant(lockEntry(1))
	p256.holder = curveKey("object/holder-p256")
	parent := draw("object/parent", 32)
	eight := make([]vectors.Window, 8)
	for i := range eight {
		eight[i] = vectors.Window{Days: 127, From: uint32(1439 - i), Until: uint32(1440 - i)}
	}
	full := func(n int) grant { return dayGrant(lockEntry(1).unknown(200, bytesNode(draw("object/long", n)))) }
	return []sample{
		of("one lock", issuer, dayGrant(lockEntry(1))),
		of("every condition, and nbf", issuer, dayGrant(everyCondition()).times(sampleIat, sampleIat+1, sampleIat+2), "fields"),
		of("delegated", issuer, dayGrant(areaEntry([]byte("FR75011"), 3)).under(parent), "fields"),
		of("a P-256 holder", issuer, p256),
		of("signed by a P-256 key", curve, dayGrant(lockEntry(2))),
		of("an area of 1 byte", issuer, dayGrant(areaEntry([]byte{0}, 1))),
		of("an area of 16 bytes", issuer, dayGrant(areaEntry(draw("object/area", 16), 1))),
		of("four entries", issuer, dayGrant(lockEntry(1), areaEntry([]byte{1}, 2), lockEntry(4), lockEntry(1))),
		of("delegated, with four entries", issuer, dayGrant(lockEntry(1), areaEntry([]byte{1}, 2), lockEntry(4), lockEntry(1)).under(parent)),
		of("every action that is listed", issuer, dayGrant(lockEntry(127))),
		of("the action that is reserved, alone", issuer, dayGrant(lockEntry(64))),
		of("the greatest times", issuer, dayGrant(lockEntry(1)).times(max32-2, max32-1, max32)),
		of("the least times", issuer, dayGrant(lockEntry(1)).times(1, 2, 3)),
		of("a schedule of eight windows", issuer, dayGrant(lockEntry(1).schedule(eight...))),
		of("a schedule with the same window twice", issuer, dayGrant(lockEntry(1).schedule(vectors.Window{Days: 1, From: 0, Until: 1}, vectors.Window{Days: 1, From: 0, Until: 1}))),
		of("the least of every condition", issuer, dayGrant(lockEntry(1).uses(1, 1).delegation(1).evidence(1).policy(1).resource(1).service(1))),
		of("the greatest of every condition", issuer, dayGrant(lockEntry(1).uses(255, 3).delegation(2).evidence(3).policy(max32).resource(255).service(max32))),
		of("eight conditions, one of them unknown", issuer, dayGrant(everyCondition().unknown(8, uintNode(0))), "unknown"),
		of("the condition 0, which is unknown", issuer, dayGrant(lockEntry(1).unknown(0, arrayNode())), "unknown"),
		of("unknown conditions of every type", issuer, dayGrant(lockEntry(1).unknown(8, uintNode(1)).unknown(9, intNode(-1)).unknown(23, bytesNode(nil)).
			unknown(24, arrayNode(uintNode(1))).unknown(255, mapNode(pair(-1, uintNode(1)))).unknown(65536, boolNode(false))), "unknown"),
		of("an unknown condition with the greatest key", issuer, dayGrant(lockEntry(1).unknown(1<<64-1, boolNode(true))), "unknown"),
		of("an unknown condition nested as deep as the scope admits", issuer, dayGrant(lockEntry(1).unknown(9, arrays(5))), "unknown", "limit"),
		of("an unknown condition with 32 elements", issuer, dayGrant(lockEntry(1).unknown(9, arrayNode(make32()...))), "unknown", "limit"),
		of("the target kind 0", issuer, dayGrant(otherEntry(0, uintNode(5), 1)), "unknown"),
		of("the target kind 3, which is reserved", issuer, dayGrant(otherEntry(3, bytesNode(nil), 1)), "unknown"),
		of("the greatest target kind, its target an array", issuer, dayGrant(otherEntry(1<<64-1, arrayNode(boolNode(true)), 1), lockEntry(1)), "unknown"),
		of("512 bytes", issuer, full(longGrant), "limit"),
	}
}

// longGrant is the length of the value that makes a grant of 512 bytes.
const longGrant = 512 - 168

func make32() []*node { return nodes(make([]int, 32), func(int) *node { return uintNode(0) }) }

func (b objectBuilder) grantRules(s *subject) {
	const malformed, limit = wire.ReasonMalformed, wire.ReasonLimit
	claims := func(g grant) func(*node) { return func(t *node) { t.sub[2] = embedNode(g.node()) } }
	bad := func(reason int64, comment string, g grant, flags ...string) {
		b.before(s, reason, comment, claims(g), flags...)
	}
	bad(malformed, "exp the same as iat", dayGrant(lockEntry(1)).times(sampleIat, 0, sampleIat), "meaning")
	bad(malformed, "exp before iat", dayGrant(lockEntry(1)).times(sampleIat, 0, sampleIat-1), "meaning")
	bad(malformed, "nbf the same as iat", dayGrant(lockEntry(1)).times(sampleIat, sampleIat, sampleExp), "meaning")
	bad(malformed, "nbf before iat", dayGrant(lockEntry(1)).times(sampleIat, sampleIat-1, sampleExp), "meaning")
	bad(malformed, "nbf the same as exp", dayGrant(lockEntry(1)).times(sampleIat, sampleExp, sampleExp), "meaning")
	bad(malformed, "nbf after exp", dayGrant(lockEntry(1)).times(sampleIat, sampleExp+1, sampleExp), "meaning")
	bad(malformed, "a parent of zeros", dayGrant(lockEntry(1)).under(make([]byte, 32)), "meaning")
	bad(limit, "no entries", dayGrant(), "structure", "limit")
	bad(limit, "a parent and no entries", dayGrant().under(draw("object/parent", 32)), "structure", "limit")
	five := []*entry{lockEntry(1), lockEntry(1), lockEntry(1), lockEntry(1), lockEntry(1)}
	bad(limit, "five entries", dayGrant(five...), "structure", "limit")
	bad(limit, "a parent and five entries", dayGrant(five...).under(draw("object/parent", 32)), "structure", "limit")
	bad(limit, "an area of no bytes", dayGrant(areaEntry(nil, 1)), "structure", "limit")
	bad(limit, "an area of 17 bytes", dayGrant(areaEntry(draw("object/area", 17), 1)), "structure", "limit")
	bad(malformed, "a lock id of 7 bytes", dayGrant(&entry{target: []*node{uintNode(1), bytesNode(draw("object/lock", 7))}, told: vectors.Entry{Actions: 1}}), "structure")
	bad(malformed, "the target kind negative", dayGrant(&entry{target: []*node{intNode(-1), bytesNode(nil)}, told: vectors.Entry{Actions: 1}}), "structure")
	bad(malformed, "the target kind a byte string", dayGrant(&entry{target: []*node{bytesNode([]byte{1}), bytesNode(draw("object/lock", 8))}, told: vectors.Entry{Actions: 1}}), "structure")
	bad(malformed, "an unknown target that is a text string", dayGrant(otherEntry(9, rawNode(0x61, 'x'), 1)), "encoding", "unknown")
	bad(malformed, "an unknown target longer than needed", dayGrant(otherEntry(9, rawNode(0x18, 1), 1)), "encoding", "unknown")
	bad(limit, "an unknown target nested too deep", dayGrant(otherEntry(9, arrays(7), 1)), "limit", "unknown")
	bad(malformed, "actions with a bit that is not listed", dayGrant(lockEntry(129)), "structure", "range")
	b.before(s, malformed, "the parent after the entry", func(t *node) {
		scope := dayGrant(lockEntry(1)).node()
		scope.at("9/_").append(bytesNode(draw("object/parent", 32)))
		t.sub[2] = embedNode(scope)
	}, "structure")
	b.before(s, malformed, "two parents", func(t *node) {
		scope := dayGrant(lockEntry(1)).under(draw("object/parent", 32)).node()
		inner := scope.at("9/_")
		inner.sub = slices.Insert(inner.sub, 0, inner.sub[0])
		t.sub[2] = embedNode(scope)
	}, "structure")
	b.before(s, malformed, "an entry of five elements", func(t *node) {
		scope := dayGrant(lockEntry(1).evidence(1)).node()
		scope.at("9/0").append(uintNode(0))
		t.sub[2] = embedNode(scope)
	}, "structure")
	b.conditionRules(s, bad)
	long := dayGrant(lockEntry(1).unknown(200, bytesNode(draw("object/long", longGrant+1))))
	bad(limit, "513 bytes", long, "limit")
	long = dayGrant(lockEntry(1).unknown(200, bytesNode(draw("object/long", longGrant+256))))
	bad(limit, "768 bytes", long, "limit")
	b.moreClaims(s, 7)
}

func (b objectBuilder) conditionRules(s *subject, bad func(reason int64, comment string, g grant, flags ...string)) {
	const malformed, limit = wire.ReasonMalformed, wire.ReasonLimit
	b.before(s, limit, "conditions that are an empty map", func(t *node) {
		c := dayGrant(lockEntry(1)).node()
		c.at("9/0").append(mapNode())
		t.sub[2] = embedNode(c)
	}, "limit")
	bad(limit, "nine conditions", dayGrant(everyCondition().unknown(8, uintNode(0)).unknown(9, uintNode(0))), "limit")
	bad(malformed, "conditions in another order", dayGrant(lockEntry(1).service(1).policy(1)), "encoding")
	bad(malformed, "a condition twice", dayGrant(lockEntry(1).policy(1).policy(2)), "encoding")
	bad(malformed, "an unknown condition twice", dayGrant(lockEntry(1).unknown(9, uintNode(1)).unknown(9, uintNode(1))), "encoding", "unknown")
	negative := lockEntry(1)
	negative.conditions = [][]*node{{intNode(-1), uintNode(1)}}
	bad(malformed, "a condition with a negative key", dayGrant(negative), "structure", "unknown")
	text := lockEntry(1)
	text.conditions = [][]*node{{bytesNode([]byte{1}), uintNode(1)}}
	bad(malformed, "a condition with a byte string as key", dayGrant(text), "structure", "unknown")
	bad(malformed, "an unknown condition with null", dayGrant(lockEntry(1).unknown(9, rawNode(0xf6))), "encoding", "unknown")
	bad(malformed, "an unknown condition with a floating-point number", dayGrant(lockEntry(1).unknown(9, rawNode(0xf9, 0x3c, 0))), "encoding", "unknown")
	bad(malformed, "an unknown condition with a tag", dayGrant(lockEntry(1).unknown(9, rawNode(0xc1, 1))), "encoding", "unknown")
	bad(malformed, "an unknown condition with an integer longer than needed", dayGrant(lockEntry(1).unknown(9, rawNode(0x18, 23))), "encoding", "unknown")
	bad(malformed, "an unknown condition with a map out of order", dayGrant(lockEntry(1).unknown(9, rawNode(0xa2, 2, 0, 1, 0))), "encoding", "unknown")
	bad(limit, "an unknown condition nested too deep", dayGrant(lockEntry(1).unknown(9, arrays(6))), "limit", "unknown")
	bad(limit, "an unknown condition with 33 elements", dayGrant(lockEntry(1).unknown(9, arrayNode(append(make32(), uintNode(0))...))), "limit", "unknown")
	w := func(from, until uint32) vectors.Window { return vectors.Window{Days: 1, From: from, Until: until} }
	nine := []vectors.Window{w(0, 1), w(1, 2), w(2, 3), w(3, 4), w(4, 5), w(5, 6), w(6, 7), w(7, 8), w(8, 9)}
	bad(limit, "a schedule without windows", dayGrant(lockEntry(1).schedule()), "structure", "limit")
	bad(limit, "a schedule of nine windows", dayGrant(lockEntry(1).schedule(nine...)), "structure", "limit")
	bad(malformed, "a window that ends when it begins", dayGrant(lockEntry(1).schedule(w(60, 60))), "meaning")
	bad(malformed, "a window that ends before it begins", dayGrant(lockEntry(1).schedule(w(60, 59))), "meaning")
	bad(malformed, "a window across midnight", dayGrant(lockEntry(1).schedule(w(1380, 360))), "meaning")
	bad(malformed, "a second window that ends when it begins", dayGrant(lockEntry(1).schedule(w(0, 60), w(1439, 1439))), "meaning")
	for _, c := range []struct {
		key  uint64
		name string
	}{{1, "schedule"}, {2, "uses"}, {3, "delegation"}, {4, "evidence"}, {5, "policy"}, {6, "resource"}, {7, "service"}} {
		bad(malformed, fmt.Sprintf("the condition %s false", c.name), dayGrant(lockEntry(1).and(c.key, boolNode(false))), "structure")
	}
}
