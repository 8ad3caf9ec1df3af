package main

import (
	"fmt"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

const max32 = 1<<32 - 1

// Times that the samples are made of.
const (
	sampleIat = 1_803_800_000
	sampleExp = sampleIat + 86_400
)

func timeNode(name string, v uint64) *node { return uint32Node(name, 1, v) }

func numberOf(v uint32) *uint32 { return &v }

// claimsNode is a payload.  The scope stands in a byte string.
func claimsNode(pairs [][]*node, scope *node) *node {
	return mapNode(append(pairs, pair(wire.ClaimScope, embedNode(scope).named("scope's byte string")))...)
}

// authorityClaims are those of an authority certificate, in both forms.
func authorityClaims(iat, exp uint64, key keyPair, services []uint32, rights, longest uint32) (*node, vectors.Claims) {
	scope := arrayNode(
		arrayNode(nodes(services, func(v uint32) *node { return uint32Node("service", 1, uint64(v)) })...).named("services").free(),
		number("rights", 1, 15, uint64(rights)), number("longest", 0, max32, uint64(longest)),
	).named("scope")
	claims := claimsNode([][]*node{
		pair(wire.ClaimExp, timeNode("exp", exp)), pair(wire.ClaimIat, timeNode("iat", iat)), pair(wire.ClaimCnf, key.cnf()),
	}, scope)
	return claims, vectors.Claims{
		Exp: uint32(exp), Iat: uint32(iat), Cnf: key.key(), Services: append([]uint32{}, services...), Rights: rights, Longest: numberOf(longest),
	}
}

func authoritySamples() []sample {
	scheme, curve := edwardsKey("object/scheme"), curveKey("object/scheme-p256")
	key, key2 := edwardsKey("object/operator"), curveKey("object/operator-p256")
	of := func(comment string, signer keyPair, iat, exp uint64, key keyPair, services []uint32, rights, longest uint32) sample {
		claims, told := authorityClaims(iat, exp, key, services, rights, longest)
		return sample{comment: comment, signer: signer, claims: claims, told: told}
	}
	return []sample{
		of("an operator with two services", scheme, sampleIat, sampleExp, key, []uint32{1, 2}, 7, 86400),
		of("an operator with one service that may do nothing but grant", scheme, sampleIat, sampleExp, key, []uint32{4}, 1, 1),
		of("a manufacturer", scheme, sampleIat, max32, key, nil, 8, 0),
		of("an authority that only revokes", scheme, sampleIat, sampleExp, key, nil, 2, 0),
		of("an authority for time, whose certificate lives a second", scheme, 1, 2, key, nil, 4, 0),
		of("all rights, eight services, the greatest of each", curve, max32-1, max32, key2, []uint32{1, 23, 24, 255, 256, 65535, 65536, max32}, 15, max32),
	}
}

func (b objectBuilder) authorityRules(s *subject) {
	const malformed, limit = wire.ReasonMalformed, wire.ReasonLimit
	key := edwardsKey("object/operator")
	claims := func(iat, exp uint64, services []uint32, rights, longest uint32) func(*node) {
		return func(t *node) {
			c, _ := authorityClaims(iat, exp, key, services, rights, longest)
			t.sub[2] = embedNode(c)
		}
	}
	two := []uint32{1, 2}
	b.before(s, malformed, "exp the same as iat", claims(sampleIat, sampleIat, two, 7, 86400), "meaning")
	b.before(s, malformed, "exp before iat", claims(sampleIat, sampleIat-1, two, 7, 86400), "meaning")
	b.before(s, malformed, "services descending", claims(sampleIat, sampleExp, []uint32{2, 1}, 7, 86400), "meaning")
	b.before(s, malformed, "a service twice", claims(sampleIat, sampleExp, []uint32{2, 2}, 7, 86400), "meaning")
	b.before(s, malformed, "the service none", claims(sampleIat, sampleExp, []uint32{0, 2}, 7, 86400), "structure", "meaning")
	b.before(s, limit, "nine services", claims(sampleIat, sampleExp, []uint32{1, 2, 3, 4, 5, 6, 7, 8, 9}, 7, 86400), "structure", "limit")
	b.before(s, limit, "no services with the right to issue", claims(sampleIat, sampleExp, nil, 7, 86400), "meaning")
	b.before(s, malformed, "longest 0 with the right to issue", claims(sampleIat, sampleExp, two, 7, 0), "meaning")
	for _, rights := range []uint32{2, 4, 8, 14} {
		b.before(s, limit, fmt.Sprintf("services with the rights %d", rights), claims(sampleIat, sampleExp, two, rights, 0), "meaning")
		b.before(s, malformed, fmt.Sprintf("longest with the rights %d", rights), claims(sampleIat, sampleExp, nil, rights, 1), "meaning")
	}
	b.before(s, malformed, "rights with a bit that is not listed", claims(sampleIat, sampleExp, two, 23, 86400), "structure", "range")
	b.moreClaims(s, 5, 7)
}

// moreClaims adds claims that the kind has not.
func (b objectBuilder) moreClaims(s *subject, keys ...int64) {
	for _, key := range append(keys, 1, 2, 3, 40) {
		b.before(s, wire.ReasonMalformed, fmt.Sprintf("with the claim %d, which the kind has not", key), func(t *node) {
			c := t.sub[2].sub[0]
			value := timeNode("", sampleIat+1)
			if key == 8 {
				value = edwardsKey("object/cnf").cnf()
			}
			c.append(pair(key, value)...)
			sortPairs(c)
		}, "structure")
	}
}

func lockCertificateSamples() []sample {
	maker, curve := edwardsKey("object/maker"), curveKey("object/maker-p256")
	of := func(comment string, signer keyPair, iat uint64, key keyPair, profile, level uint32) sample {
		lock := draw("object/lock", 8)
		scope := arrayNode(sized("lock id", lock), number("profile", 0, max32, uint64(profile)), number("level", 0, max32, uint64(level))).named("scope")
		return sample{
			comment: comment, signer: signer,
			claims: claimsNode([][]*node{pair(wire.ClaimIat, timeNode("iat", iat)), pair(wire.ClaimCnf, key.cnf())}, scope),
			told:   vectors.Claims{Iat: uint32(iat), Cnf: key.key(), Lock: lock, Profile: numberOf(profile), Level: numberOf(level)},
		}
	}
	return []sample{
		of("a lock of which nothing was tested", maker, sampleIat, edwardsKey("object/lock-key"), 0, 0),
		of("a P-256 key", maker, sampleIat, curveKey("object/lock-key-p256"), 1, 2),
		of("the greatest of each", curve, max32, curveKey("object/lock-key-p256"), max32, max32),
		of("the least of each", curve, 1, edwardsKey("object/lock-key"), 0, 1),
	}
}

func (b objectBuilder) lockCertificateRules(s *subject) {
	b.moreClaims(s, 4, 5)
	keyFaults(edwardsKey("object/lock-key"), func(reason int64, comment string, key *node, flags ...string) {
		b.set(s, reason, "cnf: "+comment, "2/8/1", key, flags...)
	})
	keyFaults(curveKey("object/lock-key-p256"), func(reason int64, comment string, key *node, flags ...string) {
		b.set(s, reason, "cnf: P-256: "+comment, "2/8/1", key, flags...)
	})
}
