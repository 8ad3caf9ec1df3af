package credential_test

import (
	"bytes"
	"crypto/elliptic"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

// structural is a fault that the bytes of an object can have, signed with the
// right key.  One fault each, and the reason that section 4.5 gives.
type structural struct {
	name   string
	spoil  func(*forge)
	reason credential.Reason
	detail string
}

const (
	malformed  = credential.ReasonMalformed
	overLimit  = credential.ReasonLimit
	objectType = credential.ReasonObjectType
	algorithm  = credential.ReasonAlgorithm
)

// deep nests n arrays.
func deep(n int) cbor {
	return slices.Concat(bytes.Repeat([]byte{0x81}, n-1), []byte{0x80})
}

// longHead writes the head of an encoded item one size longer than it must be.
func longHead(item cbor) cbor {
	major, info := item[0]&0xe0, item[0]&0x1f
	switch info {
	case 24:
		return slices.Concat([]byte{major | 25, 0}, item[1:])
	case 25:
		return slices.Concat([]byte{major | 26, 0, 0}, item[1:])
	case 26:
		return slices.Concat([]byte{major | 27, 0, 0, 0, 0}, item[1:])
	}
	return slices.Concat([]byte{major | 24, info}, item[1:])
}

// four returns the elements of the object, to be changed.
func four(f *forge) []cbor {
	protected, payload := f.layers()
	return []cbor{bstr(protected...), f.bare, bstr(payload...), bstr(f.key.sign(f.sigStructure())...)}
}

// envelope are faults that every kind of object can have outside its claims.
var envelope = []structural{
	{"no bytes", func(f *forge) { f.whole = []byte{} }, malformed, "cut off"},
	{"empty", func(f *forge) { f.whole = list() }, malformed, "object"},
	{"tagged", func(f *forge) { f.whole = slices.Concat([]byte{0xd2}, f.bytes()) }, malformed, "tag"},
	{"a byte after the object", func(f *forge) { f.end = []byte{0} }, malformed, "bytes after the item"},
	{"another object after the object", func(f *forge) { f.end = f.bytes() }, malformed, "bytes after the item"},
	{"far too long", func(f *forge) { f.protected = bytes.Repeat([]byte{0x20}, f.longest) }, overLimit, "bytes, at most"},
	{"a byte too long", func(f *forge) { f.end = make([]byte, f.longest+1-len(f.bytes())) }, overLimit, "bytes, at most"},
	{"three elements", func(f *forge) { f.elements = four(f)[:3] }, malformed, "object"},
	{"five elements", func(f *forge) { f.elements = append(four(f), num(0)) }, malformed, "object"},
	{"a map for the object", func(f *forge) { e := four(f); f.whole = dict(pair{num(1), e[0]}, pair{num(2), e[2]}) }, malformed, "object"},
	{"the object in a byte string", func(f *forge) { f.whole = bstr(f.bytes()...) }, malformed, "object"},
	{"array of indefinite length", func(f *forge) { f.whole = slices.Concat([]byte{0x9f}, bytes.Join(four(f), nil), []byte{0xff}) }, malformed, "indefinite"},
	{"long head of the array", func(f *forge) { f.whole = longHead(f.bytes()) }, malformed, "shortest"},
	{"long head of the header", func(f *forge) { e := four(f); e[0] = longHead(e[0]); f.elements = e }, malformed, "shortest"},
	{"long head of the signature", func(f *forge) { e := four(f); e[3] = longHead(e[3]); f.elements = e }, malformed, "shortest"},
	{"payload of indefinite length", func(f *forge) { e := four(f); e[2] = slices.Concat([]byte{0x5f}, e[2], []byte{0xff}); f.elements = e }, malformed, "indefinite"},
	{"protected header not a byte string", func(f *forge) { e := four(f); e[0] = dict(f.header...); f.elements = e }, malformed, "protected header"},
	{"protected header as text", func(f *forge) { e := four(f); e[0] = text("\xa0"); f.elements = e }, malformed, "text"},
	{"protected header empty", func(f *forge) { f.protected = []byte{} }, malformed, ""},
	{"protected header an empty map", func(f *forge) { f.protected = dict() }, malformed, "protected header"},
	{"protected header an array", func(f *forge) { f.protected = list() }, malformed, "protected header"},
	{"unprotected header with alg", func(f *forge) { f.bare = dict(f.header[0]) }, malformed, "unprotected header"},
	{"unprotected header with kid", func(f *forge) { f.bare = dict(f.header[1]) }, malformed, "unprotected header"},
	{"unprotected header a byte string", func(f *forge) { f.bare = bstr() }, malformed, "unprotected header"},
	{"unprotected header null", func(f *forge) { f.bare = null }, malformed, "null"},
	{"unprotected header an array", func(f *forge) { f.bare = list() }, malformed, "unprotected header"},
	{"payload detached", func(f *forge) { e := four(f); e[2] = null; f.elements = e }, malformed, "null"},
	{"payload not a byte string", func(f *forge) { e := four(f); e[2] = num(0); f.elements = e }, malformed, "payload"},
	{"payload empty", func(f *forge) { f.payload = []byte{} }, malformed, ""},
	{"signature of 63 bytes", func(f *forge) { f.signature = make([]byte, 63) }, malformed, "signature: must be 64 bytes, has 63"},
	{"signature of 65 bytes", func(f *forge) { f.signature = make([]byte, 65) }, malformed, "signature: must be 64 bytes, has 65"},
	{"signature empty", func(f *forge) { f.signature = []byte{} }, malformed, "signature: must be 64 bytes, has 0"},
	{"signature not a byte string", func(f *forge) { e := four(f); e[3] = num(1); f.elements = e }, malformed, "signature"},
	{"signature an array", func(f *forge) { e := four(f); e[3] = list(num(1)); f.elements = e }, malformed, "signature"},

	{"header without alg", func(f *forge) { f.header = drop(f.header, 1) }, malformed, "protected header"},
	{"header without kid", func(f *forge) { f.header = drop(f.header, 4) }, malformed, "protected header"},
	{"header without typ", func(f *forge) { f.header = drop(f.header, 16) }, malformed, "protected header"},
	{"header with crit", func(f *forge) { f.header = set(f.header, 2, list(num(1))) }, malformed, "protected header"},
	{"header with another label in place of kid", func(f *forge) { f.header = set(drop(f.header, 4), 5, bstr(f.key.id()...)) }, malformed, "kid: label 4"},
	{"header unsorted", func(f *forge) { f.header = swap(f.header) }, malformed, "not in order"},
	{"header with alg twice", func(f *forge) { f.header = slices.Insert(f.header, 0, f.header[0]) }, malformed, "twice"},
	{"header with a long label", func(f *forge) { f.header[0].key = longHead(f.header[0].key) }, malformed, "shortest"},
	{"bytes after the header", func(f *forge) { f.protected = append(dict(f.header...), 0) }, malformed, "bytes after the item"},
	{"alg EdDSA", func(f *forge) { f.header = set(f.header, 1, num(-8)) }, algorithm, "alg"},
	{"alg ES256", func(f *forge) { f.header = set(f.header, 1, num(-7)) }, algorithm, "alg"},
	{"alg HMAC", func(f *forge) { f.header = set(f.header, 1, num(5)) }, algorithm, "alg"},
	{"alg zero", func(f *forge) { f.header = set(f.header, 1, num(0)) }, algorithm, "alg"},
	{"alg far below", func(f *forge) { f.header = set(f.header, 1, head(1, 1<<64-1)) }, malformed, "alg"},
	{"alg a text", func(f *forge) { f.header = set(f.header, 1, text("EdDSA")) }, malformed, "text"},
	{"alg a byte string", func(f *forge) { f.header = set(f.header, 1, bstr(1)) }, malformed, "alg"},
	{"kid of 7 bytes", func(f *forge) { f.header = set(f.header, 4, bstr(f.key.id()[:7]...)) }, malformed, "kid: must be 8 bytes, has 7"},
	{"kid of 9 bytes", func(f *forge) { f.header = set(f.header, 4, bstr(append(f.key.id(), 0)...)) }, malformed, "kid: must be 8 bytes, has 9"},
	{"kid a number", func(f *forge) { f.header = set(f.header, 4, num(1)) }, malformed, "kid"},
	{"typ of no kind", func(f *forge) { f.header = set(f.header, 16, num(65008)) }, objectType, "typ"},
	{"typ zero", func(f *forge) { f.header = set(f.header, 16, num(0)) }, objectType, "typ"},
	{"typ over 32 bits", func(f *forge) { f.header = set(f.header, 16, num(1<<32+65003)) }, objectType, "typ"},
	{"typ negative", func(f *forge) { f.header = set(f.header, 16, num(-1)) }, malformed, "typ"},
	{"typ a text", func(f *forge) { f.header = set(f.header, 16, text("application/cwt")) }, malformed, "text"},
}

// spoilKey changes one parameter of the subject's key.
func spoilKey(label int64, value cbor) func(*forge) {
	return func(f *forge) { f.cose = set(f.cose, label, value) }
}

// p256Subject makes the object about a P-256 key, changed by spoil.
func p256Subject(spoil func(*forge)) func(*forge) {
	return func(f *forge) {
		f.cose = p256Key("subject").cose()
		spoil(f)
	}
}

// notOnP256 is an x-coordinate without a point.
func notOnP256() []byte {
	x := make([]byte, 32)
	for ; ; x[31]++ {
		if px, _ := elliptic.UnmarshalCompressed(elliptic.P256(), slices.Concat([]byte{2}, x)); px == nil {
			return x
		}
	}
}

// y returns the encoding of an Ed25519 point by its first bytes, and the rest.
func y(rest byte, last byte, first ...byte) []byte {
	b := bytes.Repeat([]byte{rest}, 32)
	copy(b, first)
	b[31] = last
	return b
}

// inClaims are faults that every kind of object can have in its claims set.
var inClaims = []structural{
	{"claims an array", func(f *forge) { f.payload = list() }, malformed, "claims"},
	{"claims empty", func(f *forge) { f.payload = dict() }, malformed, "claims"},
	{"claims with iss", func(f *forge) { f.claims = set(f.claims, 1, bstr(1)) }, malformed, ""},
	{"claims with cti", func(f *forge) { f.claims = set(f.claims, 7, bstr(1)) }, malformed, ""},
	{"claims with a private one", func(f *forge) { f.claims = set(f.claims, -70000, num(1)) }, malformed, ""},
	{"claims with a text label", func(f *forge) { f.claims = append(f.claims, pair{text("a"), num(1)}) }, malformed, "text"},
	{"bytes after the claims", func(f *forge) { _, p := f.layers(); f.payload = append(p, 0) }, malformed, "bytes after the item"},
	{"claims cut off", func(f *forge) { _, p := f.layers(); f.payload = p[:len(p)-1] }, malformed, "cut off"},
	{"no iat", func(f *forge) { f.claims = drop(f.claims, 6) }, malformed, ""},
	{"iat zero", func(f *forge) { f.claims = set(f.claims, 6, num(0)) }, malformed, "iat: must not be zero"},
	{"iat of 33 bits", func(f *forge) { f.claims = set(f.claims, 6, num(1<<32)) }, malformed, "iat: 4294967296 is over 32 bits"},
	{"iat of 64 bits", func(f *forge) { f.claims = set(f.claims, 6, head(0, 1<<64-1)) }, malformed, "iat"},
	{"iat negative", func(f *forge) { f.claims = set(f.claims, 6, num(-1)) }, malformed, "iat"},
	{"iat a float", func(f *forge) { f.claims = set(f.claims, 6, []byte{0xfa, 0x4e, 0xd6, 0x93, 0xa4}) }, malformed, "floating"},
	{"iat tagged", func(f *forge) { f.claims = set(f.claims, 6, slices.Concat([]byte{0xc1}, num(issued))) }, malformed, "tag"},
	{"iat with a long head", func(f *forge) { f.claims = set(f.claims, 6, longHead(num(issued))) }, malformed, "shortest"},
	{"iat null", func(f *forge) { f.claims = set(f.claims, 6, null) }, malformed, "null"},
	{"no scope", func(f *forge) { f.scope = nil }, malformed, "claims"},
	{"scope not in a byte string", func(f *forge) { f.claims, f.scope = set(f.claims, 9, f.scope), nil }, malformed, "scope"},
	{"scope empty", func(f *forge) { f.scope = []byte{} }, malformed, "scope"},
	{"scope a map", func(f *forge) { f.scope = dict() }, malformed, "scope"},
	{"bytes after the scope", func(f *forge) { f.scope = append(f.scope, 0) }, malformed, "scope"},
	{"scope too deep", func(f *forge) { f.scope = deep(9) }, overLimit, "scope"},
	{"scope of 33 elements", func(f *forge) { f.scope = list(slices.Repeat([]cbor{num(0)}, 33)...) }, overLimit, "scope"},
}

// inKey are faults that every kind of object that is about a key can have there.
var inKey = []structural{
	{"no cnf", func(f *forge) { f.cose = nil }, malformed, "claims"},
	{"cnf the key itself", func(f *forge) { f.claims, f.cose = set(f.claims, 8, dict(f.cose...)), nil }, malformed, "cnf"},
	{"cnf a byte string", func(f *forge) { f.claims, f.cose = set(f.claims, 8, bstr(1)), nil }, malformed, "cnf"},
	{"cnf empty", func(f *forge) { f.claims, f.cose = set(f.claims, 8, dict()), nil }, malformed, "cnf"},
	{"cnf with a kid", func(f *forge) { f.claims, f.cose = set(f.claims, 8, dict(pair{num(3), bstr(1)})), nil }, malformed, "cnf"},
	{"cnf with key and kid", func(f *forge) {
		f.claims, f.cose = set(f.claims, 8, dict(pair{num(1), dict(f.cose...)}, pair{num(3), bstr(1)})), nil
	}, malformed, "cnf"},
	{"cnf encrypted", func(f *forge) { f.claims, f.cose = set(f.claims, 8, dict(pair{num(2), list()})), nil }, malformed, "cnf"},
	{"key empty", func(f *forge) { f.cose = []pair{} }, malformed, "cnf: key"},
	{"key without kty", func(f *forge) { f.cose = drop(f.cose, 1) }, malformed, "cnf: kty"},
	{"key without crv", func(f *forge) { f.cose = drop(f.cose, -1) }, malformed, "cnf: crv"},
	{"key without x", func(f *forge) { f.cose = drop(f.cose, -2) }, malformed, "cnf: key"},
	{"key with a kid", func(f *forge) { f.cose = set(f.cose, 2, bstr(1)) }, malformed, "cnf: crv"},
	{"key with an alg", func(f *forge) { f.cose = set(f.cose, 3, num(-19)) }, malformed, "cnf: crv"},
	{"key with key_ops", func(f *forge) { f.cose = set(f.cose, 4, list(num(2))) }, malformed, "cnf: crv"},
	{"key with its private half", func(f *forge) { f.cose = set(f.cose, -4, bstr(make([]byte, 32)...)) }, malformed, "cnf: key"},
	{"Ed25519 key with y", spoilKey(-3, yes), malformed, "cnf: key"},
	{"key unsorted", func(f *forge) { f.cose = swap(f.cose) }, malformed, "not in order"},
	{"kty zero", spoilKey(1, num(0)), algorithm, "cnf: kty"},
	{"kty RSA", spoilKey(1, num(3)), algorithm, "cnf: kty"},
	{"kty symmetric", func(f *forge) { f.cose = []pair{{num(1), num(4)}, {num(-1), bstr(make([]byte, 16)...)}} }, algorithm, "cnf: kty"},
	{"kty a byte string", spoilKey(1, bstr(1)), malformed, "cnf: kty"},
	{"kty a text", spoilKey(1, text("OKP")), malformed, "text"},
	{"crv X25519", spoilKey(-1, num(4)), algorithm, "cnf: crv"},
	{"crv Ed448", spoilKey(-1, num(7)), algorithm, "cnf: crv"},
	{"OKP with crv P-256", spoilKey(-1, num(1)), algorithm, "cnf: crv"},
	{"crv a byte string", spoilKey(-1, bstr(6)), malformed, "cnf: crv"},
	{"x of 31 bytes", func(f *forge) { f.cose = set(f.cose, -2, bstr(edKey("subject").x[:31]...)) }, malformed, "cnf: x: must be 32 bytes, has 31"},
	{"x of 33 bytes", func(f *forge) { f.cose = set(f.cose, -2, bstr(append([]byte{0}, edKey("subject").x...)...)) }, malformed, "cnf: x: must be 32 bytes, has 33"},
	{"x a number", spoilKey(-2, num(1)), malformed, "cnf: x"},
	{"x an array of bytes", spoilKey(-2, list(slices.Repeat([]cbor{num(1)}, 32)...)), malformed, "cnf: x"},
	{"Ed25519 identity", spoilKey(-2, bstr(y(0, 0, 1)...)), malformed, "small order"},
	{"Ed25519 point of order 2", spoilKey(-2, bstr(y(0xff, 0x7f, 0xec)...)), malformed, "small order"},
	{"Ed25519 point of order 4", spoilKey(-2, bstr(y(0, 0)...)), malformed, "small order"},
	{"Ed25519 point of order 4, other sign", spoilKey(-2, bstr(y(0, 0x80)...)), malformed, "small order"},
	{"Ed25519 identity with the sign bit", spoilKey(-2, bstr(y(0, 0x80, 1)...)), malformed, "cnf"},
	{"Ed25519 y of p", spoilKey(-2, bstr(y(0xff, 0x7f, 0xed)...)), malformed, "cnf"},
	{"Ed25519 y of p + 3", spoilKey(-2, bstr(y(0xff, 0x7f, 0xf0)...)), malformed, "canonical"},
	{"Ed25519 y without a point", spoilKey(-2, bstr(y(0, 0, 2)...)), malformed, "not on the curve"},
	{"P-256 without y", p256Subject(func(f *forge) { f.cose = drop(f.cose, -3) }), malformed, "cnf: key"},
	{"P-256 with y in full", p256Subject(spoilKey(-3, bstr(p256Key("subject").y...))), malformed, "cnf: y"},
	{"P-256 with y a number", p256Subject(spoilKey(-3, num(0))), malformed, "cnf: y"},
	{"P-256 with y null", p256Subject(spoilKey(-3, null)), malformed, "null"},
	{"EC2 with crv P-384", p256Subject(spoilKey(-1, num(2))), algorithm, "cnf: crv"},
	{"EC2 with crv Ed25519", p256Subject(spoilKey(-1, num(6))), algorithm, "cnf: crv"},
	{"EC2 with crv secp256k1", p256Subject(spoilKey(-1, num(8))), algorithm, "cnf: crv"},
	{"P-256 x without a point", p256Subject(spoilKey(-2, bstr(notOnP256()...))), malformed, "not on the curve"},
	{"P-256 x of the prime or more", p256Subject(spoilKey(-2, bstr(bytes.Repeat([]byte{0xff}, 32)...))), malformed, "not on the curve"},
}

// withExp are faults of the kinds that expire.
var withExp = []structural{
	{"no exp", func(f *forge) { f.claims = drop(f.claims, 4) }, malformed, "claims"},
	{"exp zero", func(f *forge) { f.claims = set(f.claims, 4, num(0)) }, malformed, "exp: must not be zero"},
	{"exp of 33 bits", func(f *forge) { f.claims = set(f.claims, 4, num(1<<32)) }, malformed, "exp: 4294967296 is over 32 bits"},
	{"exp at iat", func(f *forge) { f.claims = set(f.claims, 4, num(issued)) }, malformed, "exp"},
	{"exp before iat", func(f *forge) { f.claims = set(f.claims, 4, num(issued-1)) }, malformed, "exp"},
	{"exp a byte string", func(f *forge) { f.claims = set(f.claims, 4, bstr(1)) }, malformed, "exp"},
	{"exp twice", func(f *forge) { f.claims = slices.Insert(f.claims, 0, f.claims[0]) }, malformed, "twice"},
	{"claims unsorted", func(f *forge) { f.claims = swap(set(f.claims, 8, num(0))); f.cose = nil }, malformed, ""},
}

// requireFaults holds that each fault is refused for its reason, and that the
// objects without it are not.
func requireFaults(t *testing.T, k kind, faults []structural) {
	t.Helper()
	for _, signer := range []*testKey{edKey("signer"), p256Key("signer")} {
		require.NoError(t, k.parse(k.forge(signer, edKey("subject")).bytes()))
		require.NoError(t, k.parse(k.forge(signer, p256Key("subject")).bytes()))
	}
	for _, c := range faults {
		t.Run(k.name+"/"+c.name, func(t *testing.T) {
			f := k.forge(edKey("signer"), edKey("subject"))
			c.spoil(f)
			err := k.parse(f.bytes())
			requireReason(t, err, c.reason, c.detail)
			require.Contains(t, err.Error(), "credential: "+c.reason.String()+": "+k.name[:4])
		})
	}
}

func TestFaultsOfEveryKind(t *testing.T) {
	for _, k := range kinds {
		requireFaults(t, k, envelope)
		requireFaults(t, k, inClaims)
		if k.aboutKey() {
			requireFaults(t, k, inKey)
		}
	}
}

func TestFaultsOfKindsThatExpire(t *testing.T) {
	requireFaults(t, kinds[0], withExp)
	requireFaults(t, kinds[2], withExp)
	requireFaults(t, kinds[3], withExp)
}

// TestNoKindPassesForAnother offers each kind in place of each other one.
func TestNoKindPassesForAnother(t *testing.T) {
	for _, offered := range kinds {
		for _, wanted := range kinds {
			f := offered.forge(edKey("signer"), edKey("subject"))
			if offered.typ == wanted.typ {
				continue
			}
			requireReason(t, wanted.parse(f.bytes()), objectType, "typ")
			// The claims of one kind under the type of another.
			f.header = set(f.header, 16, num(wanted.typ))
			requireReason(t, wanted.parse(f.bytes()), malformed, "")
		}
	}
}
