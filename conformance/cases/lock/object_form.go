package lock

import (
	"bytes"
	"slices"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/credential"
	ct "github.com/postern-lock/postern/credential/credentialtest"
)

// The items that no object may hold, and a few that stand in for good ones.
var (
	null      = ct.Head(ct.MajorOther, 22)
	yes       = ct.Head(ct.MajorOther, 21)
	float     = []byte{0xF9, 0x3C, 0x00}
	undefined = ct.Head(ct.MajorOther, 23)
)

// objects are the cases of sections 4.1 to 4.5, for each kind of object.
func objects() []cases.Case {
	var all []cases.Case
	for i, p := range probes() {
		if i < 2 { // what stands around the claims is common to all kinds
			all = append(all, p.flawed(1, around())...)
			all = append(all, p.flawed(40, inHeader())...)
		}
		all = append(all, p.flawed(70, inClaims())...)
		switch p.kind {
		case "policy":
			all = append(all, p.flawed(110, inKey())...)
			all = append(all, p.flawed(150, policyCounts())...)
			all = append(all, p.flawed(180, policySettings())...)
		case "grant":
			all = append(all, p.flawed(110, besideKey())...)
			all = append(all, p.flawed(150, inGrant())...)
			all = append(all, p.flawed(190, inConditions())...)
		case "authority certificate":
			all = append(all, p.flawed(110, besideKey())...)
			all = append(all, p.flawed(150, inAuthority())...)
		case "revocation list":
			all = append(all, p.flawed(150, listCounts())...)
			all = append(all, p.flawed(160, listForm())...)
		case "time token":
			all = append(all, p.flawed(150, tokenForm())...)
		}
	}
	return all
}

// header alters the protected header.
func header(alter func(*ct.Map)) func(*ct.Object) {
	return func(o *ct.Object) { o.Header(alter) }
}

// claims alters the claims set.
func claims(alter func(*ct.Map)) func(*ct.Object) {
	return func(o *ct.Object) { o.Claims(alter) }
}

// scope alters the content of the scope.
func scope(alter func([]byte) []byte) func(*ct.Object) {
	return claims(func(m *ct.Map) { m.Set(9, ct.Bytes(alter(ct.Content(m.Get(9))))) })
}

// signature alters the signature.
func signature(alter func([]byte) []byte) func([]byte) []byte {
	return ct.OfObject(func(o *ct.Object) { o.Signature = alter(o.Signature) })
}

// elements puts others in the place of the four elements of an object.
func elements(alter func([][]byte) [][]byte) func([]byte) []byte {
	return func(b []byte) []byte {
		items, err := ct.Items(b[1:])
		if err != nil {
			return nil
		}
		return ct.Array(alter(items)...)
	}
}

// widened is an encoded item whose head is one byte longer than it must be; its
// argument is one of a short head, or of one byte.
func widened(item []byte) []byte {
	major, argument := item[0]>>5, item[0]&0x1F
	if argument == 24 {
		return slices.Concat(ct.LongHead(major, uint64(item[1]), 2), item[2:])
	}
	return slices.Concat(ct.LongHead(major, uint64(argument), 1), item[1:])
}

// around are faults of the array and of what is no claim and no header.
func around() []flaw {
	const malformed = credential.ReasonMalformed
	form := []string{"PST-OBJ-001#1", "PST-OBJ-008#8"}
	return []flaw{
		{"it has three elements", form, malformed, nil, elements(func(e [][]byte) [][]byte { return e[:3] })},
		{"it has five elements", []string{"PST-OBJ-001#1", "PST-OBJ-008#7"}, malformed, nil, elements(func(e [][]byte) [][]byte { return append(e, ct.Uint(0)) })},
		{"it has no elements", form, malformed, nil, ct.Replace(ct.Array())},
		{"payload and signature change places", form, malformed, nil, elements(func(e [][]byte) [][]byte { e[2], e[3] = e[3], e[2]; return e })},
		{"the protected header is a map, not a byte string that holds one", form, malformed, nil, elements(func(e [][]byte) [][]byte { e[0] = ct.Content(e[0]); return e })},
		{"the payload is an integer", form, malformed, nil, elements(func(e [][]byte) [][]byte { e[2] = ct.Uint(0); return e })},
		{"the payload is empty", []string{"PST-OBJ-008#8", "PST-ENC-014"}, malformed, func(o *ct.Object) { o.Payload = nil }, nil},
		{"the protected header is empty", []string{"PST-OBJ-001#2", "PST-ENC-014"}, malformed, func(o *ct.Object) { o.Protected = nil }, nil},
		{"the unprotected header holds alg", []string{"PST-OBJ-001#3", "PST-OBJ-008#7"}, malformed, func(o *ct.Object) { o.Unprotected = ct.Map{{Key: ct.Uint(1), Value: ct.Int(-19)}}.Encode() }, nil},
		{"the unprotected header is an array", []string{"PST-OBJ-001#3", "PST-OBJ-008#8"}, malformed, func(o *ct.Object) { o.Unprotected = ct.Array() }, nil},
		{"the signature has 63 bytes", []string{"PST-OBJ-001#1", "PST-OBJ-008#8", "PST-OBJ-019#1"}, malformed, nil, signature(ct.Cut(1))},
		{"the signature has 65 bytes", []string{"PST-OBJ-001#1", "PST-OBJ-008#8", "PST-OBJ-019#1"}, malformed, nil, signature(ct.Extend(0))},
		{"the signature is empty", []string{"PST-OBJ-001#1", "PST-OBJ-008#8", "PST-OBJ-019#1"}, malformed, nil, signature(ct.Replace(nil))},
		{"the signature is an array", form, malformed, nil, elements(func(e [][]byte) [][]byte { e[3] = ct.Array(); return e })},
	}
}

// inHeader are faults of the protected header.
func inHeader() []flaw {
	const malformed = credential.ReasonMalformed
	label, form := []string{"PST-OBJ-001#2", "PST-OBJ-008#7"}, []string{"PST-OBJ-001#2", "PST-OBJ-008#8"}
	coded := func(row string) []string { return []string{"PST-ENC-014", "PST-ENC-002#" + row, "PST-OBJ-008#8"} }
	set := func(label int64, value []byte) func(*ct.Object) {
		return header(func(m *ct.Map) { m.Set(label, value) })
	}
	return []flaw{
		{"the header has no alg", form, malformed, header(func(m *ct.Map) { m.Delete(1) }), nil},
		{"the header has no kid", form, malformed, header(func(m *ct.Map) { m.Delete(4) }), nil},
		{"the header has no typ", form, malformed, header(func(m *ct.Map) { m.Delete(16) }), nil},
		{"the header has crit", label, malformed, set(2, ct.Array(ct.Uint(1))), nil},
		{"the header has a content type", label, malformed, set(3, ct.Uint(60)), nil},
		{"the header has the label 17", label, malformed, set(17, ct.Uint(0)), nil},
		{"the labels are not in order", coded("3"), malformed, header(func(m *ct.Map) { (*m)[0], (*m)[1] = (*m)[1], (*m)[0] }), nil},
		{"the label alg stands twice", coded("4"), malformed, header(func(m *ct.Map) { *m = slices.Insert(*m, 0, (*m)[0]) }), nil},
		{"a byte stands behind the header", coded("6"), malformed, func(o *ct.Object) { o.Protected = append(bytes.Clone(o.Protected), 0) }, nil},
		{"the header lacks its last byte", coded("5"), malformed, func(o *ct.Object) { o.Protected = o.Protected[:len(o.Protected)-1] }, nil},
		{"the header has an indefinite length", coded("1"), malformed, func(o *ct.Object) {
			o.Protected = append(append([]byte{0xBF}, o.Protected[1:]...), 0xFF)
		}, nil},
		{"the count of the header's labels is not in its shortest form", coded("2"), malformed, func(o *ct.Object) { o.Protected = widened(o.Protected) }, nil},
		{"alg is -8, EdDSA", []string{"PST-OBJ-001#4", "PST-OBJ-008#5"}, credential.ReasonAlgorithm, set(1, ct.Int(-8)), nil},
		{"alg is -7, ES256", []string{"PST-OBJ-001#4", "PST-OBJ-008#5"}, credential.ReasonAlgorithm, set(1, ct.Int(-7)), nil},
		{"alg is 0", []string{"PST-OBJ-001#4", "PST-OBJ-008#5"}, credential.ReasonAlgorithm, set(1, ct.Int(0)), nil},
		{"alg is a byte string", []string{"PST-OBJ-001#4", "PST-OBJ-008#8"}, malformed, set(1, ct.Bytes([]byte{19})), nil},
		{"kid has 7 bytes", []string{"PST-OBJ-001#5", "PST-OBJ-008#8"}, malformed, header(func(m *ct.Map) { m.Set(4, ct.Bytes(ct.Content(m.Get(4))[:7])) }), nil},
		{"kid has 9 bytes", []string{"PST-OBJ-001#5", "PST-OBJ-008#8"}, malformed, header(func(m *ct.Map) { m.Set(4, ct.Bytes(append(ct.Content(m.Get(4)), 0))) }), nil},
		{"kid is an integer", []string{"PST-OBJ-001#5", "PST-OBJ-008#8"}, malformed, set(4, ct.Uint(1)), nil},
		{"typ is 65008, which is no kind", []string{"PST-OBJ-001#6", "PST-OBJ-008#4"}, credential.ReasonObjectType, set(16, ct.Uint(65008)), nil},
		{"typ is that of a lock certificate", []string{"PST-OBJ-001#6", "PST-OBJ-008#4"}, credential.ReasonObjectType, set(16, ct.Uint(65002)), nil},
		{"typ is right in its lowest 32 bits alone", []string{"PST-OBJ-001#6", "PST-OBJ-008#4"}, credential.ReasonObjectType, header(func(m *ct.Map) {
			m.Set(16, slices.Concat([]byte{0x1B, 0, 0, 0, 1, 0, 0}, m.Get(16)[1:]))
		}), nil},
		{"typ is a text", []string{"PST-OBJ-001#6", "PST-OBJ-008#8", "PST-ENC-008"}, malformed, set(16, ct.Text("application/cwt")), nil},
		{"typ is a byte string", []string{"PST-OBJ-001#6", "PST-OBJ-008#8"}, malformed, set(16, ct.Bytes([]byte{0xFD, 0xEC})), nil},
	}
}

// inClaims are faults of the claims set that every kind has.
func inClaims() []flaw {
	const malformed = credential.ReasonMalformed
	claim := []string{"PST-OBJ-001#7", "PST-OBJ-008#7"}
	coded := func(row string) []string { return []string{"PST-ENC-014", "PST-ENC-002#" + row, "PST-OBJ-008#8"} }
	typed := []string{"PST-ENC-014", "PST-ENC-008", "PST-OBJ-008#8"}
	iat := func(value []byte) func(*ct.Object) { return claims(func(m *ct.Map) { m.Set(6, value) }) }
	return []flaw{
		{"the claims hold iss", claim, malformed, claims(func(m *ct.Map) { m.Set(1, ct.Bytes([]byte{1})) }), nil},
		{"the claims hold cti", claim, malformed, claims(func(m *ct.Map) { m.Set(7, ct.Bytes([]byte{1})) }), nil},
		{"the claims hold one of a private number", claim, malformed, claims(func(m *ct.Map) { m.Set(-70000, ct.Uint(1)) }), nil},
		{"the claims have no iat", []string{"PST-OBJ-001#7", "PST-OBJ-008#8"}, malformed, claims(func(m *ct.Map) { m.Delete(6) }), nil},
		{"the claims have no scope", []string{"PST-OBJ-001#7", "PST-OBJ-008#8"}, malformed, claims(func(m *ct.Map) { m.Delete(9) }), nil},
		{"the claims are an array", []string{"PST-OBJ-001#7", "PST-OBJ-008#8"}, malformed, func(o *ct.Object) { o.Payload = ct.Array() }, nil},
		{"iat is 0", []string{"PST-OBJ-001#8", "PST-OBJ-008#8"}, malformed, iat(ct.Uint(0)), nil},
		{"iat is 2^32", []string{"PST-OBJ-001#8", "PST-OBJ-008#8"}, malformed, iat(ct.Uint(1 << 32)), nil},
		{"iat is right in its lowest 32 bits alone", []string{"PST-OBJ-001#8", "PST-OBJ-008#8"}, malformed, claims(func(m *ct.Map) {
			m.Set(6, slices.Concat([]byte{0x1B, 0, 0, 0, 1}, m.Get(6)[1:]))
		}), nil},
		{"iat is negative", []string{"PST-OBJ-001#7", "PST-OBJ-008#8"}, malformed, claims(func(m *ct.Map) { v := bytes.Clone(m.Get(6)); v[0] |= 0x20; m.Set(6, v) }), nil},
		{"iat is a floating-point number", typed, malformed, iat(float), nil},
		{"iat is tagged as a time", typed, malformed, claims(func(m *ct.Map) { m.Set(6, append([]byte{0xC1}, m.Get(6)...)) }), nil},
		{"iat is null", typed, malformed, iat(null), nil},
		{"iat is undefined", typed, malformed, iat(undefined), nil},
		{"iat is a simple value of no meaning", typed, malformed, iat([]byte{0xF0}), nil},
		{"iat is not in its shortest form", coded("2"), malformed, claims(func(m *ct.Map) {
			m.Set(6, slices.Concat([]byte{0x1B, 0, 0, 0, 0}, m.Get(6)[1:]))
		}), nil},
		{"the claims are not in order", coded("3"), malformed, claims(func(m *ct.Map) { n := len(*m); (*m)[n-1], (*m)[n-2] = (*m)[n-2], (*m)[n-1] }), nil},
		{"the claim iat stands twice", coded("4"), malformed, claims(func(m *ct.Map) {
			i := slices.IndexFunc(*m, func(p ct.Pair) bool { return bytes.Equal(p.Key, ct.Uint(6)) })
			*m = slices.Insert(*m, i, (*m)[i])
		}), nil},
		{"the claims lack their last byte", coded("5"), malformed, func(o *ct.Object) { o.Payload = o.Payload[:len(o.Payload)-1] }, nil},
		{"a byte stands behind the claims", coded("6"), malformed, func(o *ct.Object) { o.Payload = append(bytes.Clone(o.Payload), 0) }, nil},
		{"the claims have an indefinite length", coded("1"), malformed, func(o *ct.Object) { o.Payload = append(append([]byte{0xBF}, o.Payload[1:]...), 0xFF) }, nil},
		{"a byte stands behind the scope", coded("6"), malformed, scope(ct.Extend(0)), nil},
		{"the scope lacks its last byte", coded("5"), malformed, scope(ct.Cut(1)), nil},
		{"the scope's count is not in its shortest form", coded("2"), malformed, scope(widened), nil},
		{"the scope has an indefinite length", coded("1"), malformed, scope(func(b []byte) []byte { return append(append([]byte{0x9F}, b[1:]...), 0xFF) }), nil},
		{"the scope is not in a byte string", []string{"PST-OBJ-008#8"}, malformed, claims(func(m *ct.Map) { m.Set(9, ct.Content(m.Get(9))) }), nil},
		{"the scope is a map", []string{"PST-OBJ-008#8"}, malformed, scope(ct.Replace(ct.Map{}.Encode())), nil},
		{"the scope nests arrays nine deep", []string{"PST-ENC-010#1", "PST-ENC-014", "PST-OBJ-008#2"}, credential.ReasonLimit, scope(ct.Replace(nested(9))), nil},
		{"the scope is an array of 33", []string{"PST-ENC-010#2", "PST-ENC-014", "PST-OBJ-008#2"}, credential.ReasonLimit, scope(ct.Replace(ct.Array(slices.Repeat([][]byte{ct.Uint(0)}, 33)...))), nil},
	}
}

// nested are n arrays one in the other.
func nested(n int) []byte {
	b := ct.Array()
	for range n - 1 {
		b = ct.Array(b)
	}
	return b
}
