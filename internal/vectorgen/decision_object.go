package main

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"slices"

	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// party is whoever holds a key.
type party struct {
	key        vectors.PrivateKey
	cose       item   // the public key
	thumbprint []byte // input of the COSE Key Thumbprint
	sign       func(message []byte) []byte
}

// partyOf returns the Ed25519 key that belongs to the name.
func partyOf(name string) party {
	seed := draw("decision/"+name+"/ed25519", ed25519.SeedSize)
	private := ed25519.NewKeyFromSeed(seed)
	public := bytesItem(private[ed25519.SeedSize:])
	cose := mapItem(uintItem(1), uintItem(1), nintItem(0), uintItem(6), nintItem(1), public)
	return party{
		key: vectors.PrivateKey{Alg: wire.AlgEd25519, Private: seed}, cose: cose, thumbprint: cose.data,
		sign: func(message []byte) []byte { return ed25519.Sign(private, message) },
	}
}

// p256PartyOf returns the P-256 key that belongs to the name.
func p256PartyOf(name string) party {
	scalar := draw("decision/"+name+"/p256", 32)
	private := must(ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar))
	signer := must(suite.NewSigner(private))
	point := must(private.PublicKey.Bytes()) // 04 || x || y
	x, y := bytesItem(point[1:33]), point[33:]
	odd := y[31]&1 == 1
	head := []item{uintItem(1), uintItem(2), nintItem(0), uintItem(1), nintItem(1), x, nintItem(2)}
	return party{
		key:        vectors.PrivateKey{Alg: wire.AlgEsp256, Private: scalar},
		cose:       mapItem(append(slices.Clone(head), boolItem(odd))...),
		thumbprint: mapItem(append(slices.Clone(head), bytesItem(y))...).data,
		sign:       func(message []byte) []byte { return must(signer.Sign(message)) },
	}
}

// keyID is by section 4.3.
func (p party) keyID() []byte {
	sum := sha256.Sum256(p.thumbprint)
	return sum[:wire.LimitKeyIdBytes]
}

func (p party) confirmation() item { return mapItem(uintItem(1), p.cose) }

// claimsSet presents the bare key.
func (p party) claimsSet() []byte { return mapItem(uintItem(wire.ClaimCnf), p.confirmation()).data }

// signedObject is a signed object.
type signedObject struct {
	bytes  []byte
	digest []byte
}

func (s signedObject) tag() []byte { return s.digest[:wire.LimitTagBytes] }

// object signs claims by section 4.1.
func (p party) object(typ uint64, claims ...item) signedObject {
	return p.objectAs(int64(p.key.Alg), p.keyID(), typ, claims...)
}

// objectAs signs with a header that need not be the signer's.
func (p party) objectAs(alg int64, keyID []byte, typ uint64, claims ...item) signedObject {
	protected := bytesItem(mapItem(
		uintItem(wire.HeaderAlg), nintItem(uint64(-1-alg)), uintItem(wire.HeaderKid), bytesItem(keyID), uintItem(wire.HeaderTyp), uintItem(typ)).data)
	payload := bytesItem(mapItem(claims...).data)
	message := slices.Concat([]byte("\x84\x6aSignature1"), protected.data, []byte{0x40}, payload.data)
	digest := sha256.Sum256(message)
	return signedObject{arrayItem(protected, mapItem(), payload, bytesItem(p.sign(message))).data, digest[:]}
}

// broken returns the object with the last byte of its signature changed.
func (s signedObject) broken() signedObject {
	b := slices.Clone(s.bytes)
	b[len(b)-1] ^= 1
	return signedObject{b, s.digest}
}

func claim(label uint64, value item) []item { return []item{uintItem(label), value} }

func scope(elements ...item) []item {
	return claim(wire.ClaimScope, bytesItem(arrayItem(elements...).data))
}

// grantClaims is the claims of a grant.
type grantClaims struct {
	holder        party
	iat, exp, nbf uint32
	parent        []byte
	entries       []scopeEntry
}

// scopeEntry is an entry of a scope; conditions are keys and values in turn, in
// ascending order.
type scopeEntry struct {
	kind       uint64
	target     []byte
	actions    uint64
	conditions []item
}

func (e scopeEntry) item() item {
	i := []item{uintItem(e.kind), bytesItem(e.target), uintItem(e.actions)}
	if len(e.conditions) > 0 {
		i = append(i, mapItem(e.conditions...))
	}
	return arrayItem(i...)
}

// conditionIs is one condition with its value.
func conditionIs(key uint64, value item) []item { return []item{uintItem(key), value} }

// numberIs is a condition whose value is a number.
func numberIs(key, value uint64) []item { return conditionIs(key, uintItem(value)) }

func (g grantClaims) by(p party) signedObject {
	claims := claim(wire.ClaimExp, uintItem(uint64(g.exp)))
	if g.nbf != 0 {
		claims = append(claims, claim(wire.ClaimNbf, uintItem(uint64(g.nbf)))...)
	}
	claims = append(claims, claim(wire.ClaimIat, uintItem(uint64(g.iat)))...)
	claims = append(claims, claim(wire.ClaimCnf, g.holder.confirmation())...)
	var s []item
	if g.parent != nil {
		s = append(s, bytesItem(g.parent))
	}
	for _, e := range g.entries {
		s = append(s, e.item())
	}
	return p.object(wire.TypeGrant, append(claims, scope(s...)...)...)
}

// certificateClaims is the claims of an authority certificate.
type certificateClaims struct {
	holder   party
	iat, exp uint32
	services []uint64
	rights   uint64
	longest  uint64
}

func (a certificateClaims) by(p party) signedObject {
	var services []item
	for _, s := range a.services {
		services = append(services, uintItem(s))
	}
	return p.object(wire.TypeAuthority, slices.Concat(
		claim(wire.ClaimExp, uintItem(uint64(a.exp))), claim(wire.ClaimIat, uintItem(uint64(a.iat))), claim(wire.ClaimCnf, a.holder.confirmation()),
		scope(arrayItem(services...), uintItem(a.rights), uintItem(a.longest)))...)
}

// policyClaims is the claims of a policy.
type policyClaims struct {
	lock     []byte
	version  uint32
	iat      uint32
	owner    party
	block    uint64
	services []item // admissions
	least    uint64
	denied   [][]byte
	coOwners []party
	notice   []uint64
	anchors  []party
	reset    bool
}

// admission admits a service for actions, at all hours.
func admission(service, actions uint64) item { return arrayItem(uintItem(service), uintItem(actions)) }

// admissionAt admits a service for actions at hours.
func admissionAt(service, actions, evidence uint64, hours item) item {
	return arrayItem(uintItem(service), uintItem(actions), uintItem(evidence), hours)
}

func numbers(values ...uint64) item {
	var all []item
	for _, v := range values {
		all = append(all, uintItem(v))
	}
	return arrayItem(all...)
}

func keyList(parties []party) item {
	var all []item
	for _, p := range parties {
		all = append(all, p.cose)
	}
	return arrayItem(all...)
}

func (p policyClaims) by(signer party) signedObject {
	var s []item
	add := func(has bool, key uint64, value item) {
		if has {
			s = append(s, uintItem(key), value)
		}
	}
	denied := slices.Clone(p.denied)
	slices.SortFunc(denied, slices.Compare)
	add(p.block != 0, wire.PolicyBlock, uintItem(p.block))
	add(len(p.services) > 0, wire.PolicyServices, arrayItem(p.services...))
	add(p.least != 0, wire.PolicyLeast, uintItem(p.least))
	add(len(denied) > 0, wire.PolicyDenied, bytesItem(slices.Concat(denied...)))
	add(len(p.coOwners) > 0, wire.PolicyCoOwners, keyList(p.coOwners))
	add(len(p.notice) > 0, wire.PolicyNotice, numbers(p.notice...))
	add(len(p.anchors) > 0, wire.PolicyAnchors, keyList(p.anchors))
	add(p.reset, wire.PolicyReset, boolItem(true))
	return signer.object(wire.TypePolicy, slices.Concat(
		claim(wire.ClaimIat, uintItem(uint64(p.iat))), claim(wire.ClaimCnf, p.owner.confirmation()),
		scope(bytesItem(p.lock), uintItem(uint64(p.version)), mapItem(s...)))...)
}

// denial is one entry of a revocation list.
type denial struct {
	tag []byte
	exp uint32
}

// revocations is the claims of a revocation list.
type revocations struct {
	iat, version, least uint32
	denied              []denial
}

func (r revocations) by(p party) signedObject {
	denied := slices.Clone(r.denied)
	slices.SortFunc(denied, func(a, b denial) int { return slices.Compare(a.tag, b.tag) })
	var all []item
	for _, d := range denied {
		all = append(all, arrayItem(bytesItem(d.tag), uintItem(uint64(d.exp))))
	}
	return p.object(wire.TypeRevocationList, slices.Concat(claim(wire.ClaimIat, uintItem(uint64(r.iat))),
		scope(uintItem(uint64(r.version)), uintItem(uint64(r.least)), arrayItem(all...)))...)
}

// timeClaims is the claims of a time token; nonce is nil in a stated one.
type timeClaims struct {
	iat    uint32
	offset int
	nonce  []byte
}

func (t timeClaims) by(p party) signedObject {
	offset := uintItem(uint64(max(t.offset, 0)))
	if t.offset < 0 {
		offset = nintItem(uint64(-1 - t.offset))
	}
	elements := []item{offset}
	if t.nonce != nil {
		elements = append(elements, bytesItem(t.nonce))
	}
	return p.object(wire.TypeTimeToken, append(claim(wire.ClaimIat, uintItem(uint64(t.iat))), scope(elements...)...)...)
}

// window is one window of a schedule.
func window(days, from, until uint64) item { return numbers(days, from, until) }
