package main

import (
	"slices"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// listClaims are those of a revocation list.
func listClaims(iat uint64, version, least uint32, denials []vectors.Denial) *node {
	scope := arrayNode(
		uint32Node("version", 1, uint64(version)), number("least", 0, max32, uint64(least)),
		arrayNode(nodes(denials, func(d vectors.Denial) *node {
			return arrayNode(sized("tag", d.Tag), timeNode("exp", uint64(d.Exp))).named("denial")
		})...).named("denied").free(),
	).named("scope")
	return claimsNode([][]*node{pair(wire.ClaimIat, timeNode("iat", iat))}, scope)
}

// denials are n entries of a list.
func denials(n int) []vectors.Denial {
	all := []vectors.Denial{}
	for _, tag := range tags(n) {
		all = append(all, vectors.Denial{Tag: tag, Exp: max32})
	}
	return all
}

func listSamples() []sample {
	signer, curve := edwardsKey("object/operator"), curveKey("object/operator-p256")
	of := func(comment string, signer keyPair, iat uint64, version, least uint32, denials []vectors.Denial) sample {
		return sample{
			comment: comment, signer: signer, claims: listClaims(iat, version, least, denials),
			told: vectors.Claims{Iat: uint32(iat), Version: version, Least: numberOf(least), Denials: denials},
		}
	}
	return []sample{
		of("two entries", signer, sampleIat, 3, 5, denials(2)),
		of("no entries", signer, sampleIat, 1, 0, denials(0)),
		of("24 entries", signer, max32, max32, max32, denials(24)),
		of("least the same as iat", signer, sampleIat, 1, sampleIat, denials(0)),
		of("the least of each, signed by a P-256 key", curve, 1, 1, 0, []vectors.Denial{{Tag: make([]byte, 8), Exp: 1}}),
	}
}

func (b objectBuilder) listRules(s *subject) {
	const malformed, limit = wire.ReasonMalformed, wire.ReasonLimit
	bad := func(reason int64, comment string, claims *node, flags ...string) {
		b.before(s, reason, comment, func(t *node) { t.sub[2] = embedNode(claims) }, flags...)
	}
	all := denials(3)
	bad(malformed, "least after iat", listClaims(sampleIat, 3, sampleIat+1, all), "meaning")
	bad(limit, "25 entries", listClaims(sampleIat, 3, 5, denials(25)), "structure", "limit")
	bad(malformed, "entries descending", listClaims(sampleIat, 3, 5, []vectors.Denial{all[1], all[0]}), "meaning")
	bad(malformed, "the last two of three entries descending", listClaims(sampleIat, 3, 5, []vectors.Denial{all[0], all[2], all[1]}), "meaning")
	bad(malformed, "an entry twice", listClaims(sampleIat, 3, 5, []vectors.Denial{all[0], all[0]}), "meaning")
	bad(malformed, "a tag twice, with another exp", listClaims(sampleIat, 3, 5, []vectors.Denial{all[0], {Tag: all[0].Tag, Exp: 7}}), "meaning")
	b.moreClaims(s, 4, 5, 8)
}

func tokenClaims(iat uint64, offset int, nonce []byte) *node {
	scope := arrayNode(intNode(int64(offset)).named("offset")).named("scope")
	if nonce != nil {
		scope.append(sized("nonce", nonce))
		scope.free() // without the nonce it is a stated token
	}
	return claimsNode([][]*node{pair(wire.ClaimIat, timeNode("iat", iat))}, scope)
}

func tokenSamples() []sample {
	signer, curve := edwardsKey("object/operator"), curveKey("object/operator-p256")
	nonce := draw("object/nonce", 16)
	of := func(comment string, signer keyPair, iat uint64, offset int, nonce []byte, flags ...string) sample {
		return sample{
			comment: comment, signer: signer, claims: tokenClaims(iat, offset, nonce), flags: flags,
			told: vectors.Claims{Iat: uint32(iat), Offset: &offset, Nonce: nonce},
		}
	}
	return []sample{
		of("a live token", signer, sampleIat, 60, nonce),
		of("a stated token", signer, sampleIat, 60, nil, "fields"),
		of("an offset of zero", signer, sampleIat, 0, nil),
		of("an offset of -1", signer, sampleIat, -1, nonce),
		of("the greatest offset", signer, max32, 840, nil),
		of("the least offset", signer, 1, -840, nonce),
		of("a nonce of zeros, which is one", signer, sampleIat, 60, make([]byte, 16)),
		of("signed by a P-256 key", curve, sampleIat, -24, nil),
	}
}

func (b objectBuilder) tokenRules(s *subject) {
	const malformed = wire.ReasonMalformed
	nonce := draw("object/nonce", 16)
	bad := func(comment string, claims *node, flags ...string) {
		b.before(s, malformed, comment, func(t *node) { t.sub[2] = embedNode(claims) }, flags...)
	}
	for _, offset := range []int{841, 842, 1440, 65536 + 60, 1<<32 + 60, -841, -842, -1440, -65536 + 60, -(1 << 32) + 60} {
		bad("an offset of "+intNode(int64(offset)).number(), tokenClaims(sampleIat, offset, nonce), "structure", "range")
	}
	bad("the nonce empty", tokenClaims(sampleIat, 60, []byte{}), "structure")
	bad("the nonce twice", claimsNode([][]*node{pair(wire.ClaimIat, timeNode("", sampleIat))}, arrayNode(uintNode(60), bytesNode(nonce), bytesNode(nonce))), "structure")
	bad("the nonce before the offset", claimsNode([][]*node{pair(wire.ClaimIat, timeNode("", sampleIat))}, arrayNode(bytesNode(nonce), uintNode(60))), "structure")
	b.moreClaims(s, 4, 5, 8)
}

// logEntryNode is a log entry, whose number is least at the least.
func logEntryNode(e vectors.LogEntry, least uint64) *node {
	return arrayNode(
		uint32Node("sequence", least, uint64(e.Sequence)), uint32Node("time", 0, uint64(e.Time)), number("evidence", 0, 3, uint64(e.Evidence)),
		number("operation", 0, 255, uint64(e.Operation)), number("outcome", 1, 6, uint64(e.Outcome)), number("reason", 0, 255, uint64(e.Reason)),
		number("role", 0, 3, uint64(e.Role)), uint32Node("service", 0, uint64(e.Service)), sized("who", e.Who),
		number("resource", 0, 255, uint64(e.Resource)), sized("reference", e.Reference),
	).named("log entry")
}

// opening is an entry of a postman's opening.
func opening() vectors.LogEntry {
	return vectors.LogEntry{
		Sequence: 7, Time: sampleIat, Evidence: 1, Operation: 2, Outcome: 1, Role: 3, Service: 1,
		Who: draw("object/who", 8), Resource: 2, Reference: draw("object/reference", 8),
	}
}

// receipt is what a receipt is made of.
func receiptOf(iat uint64, version uint32, policy []byte, entry *vectors.LogEntry) (*node, vectors.Claims) {
	lock, headOfLog := draw("object/lock", 8), draw("object/head", 32)
	last := arrayNode().named("entry")
	if entry != nil {
		last = logEntryNode(*entry, 0)
	}
	tag := sized("policy tag", policy)
	if len(policy) == 0 {
		tag.free()
	}
	scope := arrayNode(sized("lock id", lock), uint32Node("policy version", 0, uint64(version)), tag, sized("head", headOfLog), last).named("scope")
	return claimsNode([][]*node{pair(wire.ClaimIat, timeNode("iat", iat))}, scope),
		vectors.Claims{Iat: uint32(iat), Lock: lock, PolicyVersion: numberOf(version), Policy: append(vectors.Hex{}, policy...), Head: headOfLog, Entry: entry}
}

func receiptSamples() []sample {
	signer, curve := edwardsKey("object/lock-key"), curveKey("object/lock-key-p256")
	of := func(comment string, signer keyPair, iat uint64, version uint32, policy []byte, entry *vectors.LogEntry, flags ...string) sample {
		claims, told := receiptOf(iat, version, policy, entry)
		return sample{comment: comment, signer: signer, claims: claims, told: told, flags: flags}
	}
	tag := draw("object/policy-tag", 8)
	hidden, own, tamper, greatest := opening(), opening(), vectors.LogEntry{}, opening()
	hidden.Sequence = 0
	own.Evidence, own.Role, own.Service, own.Resource, own.Reference = 0, 1, 0, 0, vectors.Hex{}
	tamper = vectors.LogEntry{Sequence: 1, Time: 1, Outcome: 6, Who: vectors.Hex{}, Reference: vectors.Hex{}}
	greatest.Sequence, greatest.Time, greatest.Evidence, greatest.Operation, greatest.Outcome = max32, max32, 3, 255, 5
	greatest.Reason, greatest.Service, greatest.Resource = 255, max32, 255
	return []sample{
		of("an entry whose number is hidden", signer, sampleIat, 5, tag, &hidden),
		of("neither policy nor entry", signer, sampleIat, 0, nil, nil),
		of("a policy and no entry", signer, sampleIat, 1, tag, nil, "fields"),
		of("a policy version whose policy is gone", signer, sampleIat, 9, nil, nil),
		of("an entry of the owner's with its number", signer, sampleIat, 5, tag, &own),
		of("an entry of the sensor's", signer, 1, 5, tag, &tamper),
		of("the greatest of each, signed by a P-256 key", curve, max32, max32, tag, &greatest),
	}
}

func (b objectBuilder) receiptRules(s *subject) {
	const malformed = wire.ReasonMalformed
	b.set(s, malformed, "a policy tag of zeros", "2/9/2", bytesNode(make([]byte, 8)), "meaning")
	b.set(s, malformed, "a policy tag of 1 byte", "2/9/2", bytesNode([]byte{1}), "structure")
	b.set(s, malformed, "who of zeros", "2/9/4/8", bytesNode(make([]byte, 8)), "meaning")
	b.set(s, malformed, "a reference of zeros", "2/9/4/10", bytesNode(make([]byte, 8)), "meaning")
	contradicting := func(comment string, role, service uint32) {
		e := opening()
		e.Role, e.Service = role, service
		b.set(s, malformed, comment, "2/9/4", logEntryNode(e, 0), "meaning")
	}
	contradicting("role 0 with an opening", 0, 0)
	contradicting("a service with the owner's role", 1, 1)
	contradicting("a service with a guest's role", 2, 1)
	b.set(s, malformed, "null as the entry", "2/9/4", rawNode(0xf6), "encoding")
	b.set(s, malformed, "an empty byte string as the entry", "2/9/4", bytesNode(nil), "structure")
	b.before(s, malformed, "an entry in an array", func(t *node) { e := t.at("2/9/4"); e.become(arrayNode(e.clone())) }, "structure")
	b.before(s, malformed, "no entry and no empty array", func(t *node) {
		n := t.at("2/9")
		n.become(n.sub[0].clone())
		n.sub = n.sub[:4]
		n.become(embedNode(n.clone()))
	}, "structure")
	b.before(s, malformed, "lock id and policy version exchanged", func(t *node) {
		n := t.at("2/9/_")
		n.sub = slices.Concat([]*node{n.sub[1], n.sub[0]}, n.sub[2:])
	}, "structure")
	b.moreClaims(s, 4, 5, 8)
}
