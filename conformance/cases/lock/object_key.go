package lock

import (
	"bytes"
	"slices"

	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	ct "github.com/postern-lock/postern/credential/credentialtest"
)

// coseKey alters the key in the claim cnf.
func coseKey(alter func([]byte) []byte) func(*ct.Object) {
	return claims(func(m *ct.Map) {
		cnf, _ := ct.ParseMap(m.Get(8))
		cnf.Set(1, alter(cnf.Get(1)))
		m.Set(8, cnf.Encode())
	})
}

// parameter sets a parameter of an Ed25519 key.
func parameter(label int64, value []byte) func(*ct.Object) {
	return coseKey(ct.OfMap(func(m *ct.Map) { m.Set(label, value) }))
}

// onP256 puts a key on P-256 there, with the parameters.
func onP256(x, sign []byte) func(*ct.Object) {
	k := ct.Map{{Key: ct.Uint(1), Value: ct.Uint(2)}, {Key: ct.Int(-1), Value: ct.Uint(1)}, {Key: ct.Int(-2), Value: ct.Bytes(x)}}
	if sign != nil {
		k.Append(ct.Int(-3), sign)
	}
	return coseKey(ct.Replace(k.Encode()))
}

// point is the encoding of a point of Ed25519: the first byte, the last one, and
// the one in between again and again.
func point(first, middle, last byte) []byte {
	b := bytes.Repeat([]byte{middle}, 32)
	b[0], b[31] = first, last
	return ct.Bytes(b)
}

// inKey are faults of the key in cnf.
func inKey() []flaw {
	const malformed, algorithm = credential.ReasonMalformed, credential.ReasonAlgorithm
	exact, unknown := []string{"PST-OBJ-010#1", "PST-OBJ-008#8"}, []string{"PST-OBJ-010#1", "PST-OBJ-008#6"}
	canonical, small := []string{"PST-OBJ-010#3", "PST-OBJ-019#3", "PST-OBJ-008#8"}, []string{"PST-OBJ-010#4", "PST-OBJ-019#4", "PST-OBJ-008#8"}
	curve := []string{"PST-OBJ-010#2", "PST-OBJ-008#8"}
	good := make([]byte, 32)
	good[31] = 5 // the x-coordinate of a point
	prime := []byte("\xFF\xFF\xFF\xFF\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF")
	return []flaw{
		{"cnf holds a key id", exact, malformed, claims(func(m *ct.Map) { m.Set(8, ct.Map{{Key: ct.Uint(3), Value: ct.Bytes([]byte{1})}}.Encode()) }), nil},
		{"cnf holds a key id beside the key", exact, malformed, claims(func(m *ct.Map) {
			m.Set(8, ct.OfMap(func(c *ct.Map) { c.Set(3, ct.Bytes([]byte{1})) })(m.Get(8)))
		}), nil},
		{"cnf is empty", exact, malformed, claims(func(m *ct.Map) { m.Set(8, ct.Map{}.Encode()) }), nil},
		{"cnf is the key itself", exact, malformed, claims(func(m *ct.Map) { c, _ := ct.ParseMap(m.Get(8)); m.Set(8, c.Get(1)) }), nil},
		{"there is no cnf", []string{"PST-OBJ-001#7", "PST-OBJ-008#8"}, malformed, claims(func(m *ct.Map) { m.Delete(8) }), nil},
		{"the key has no x", exact, malformed, coseKey(ct.OfMap(func(m *ct.Map) { m.Delete(-2) })), nil},
		{"the key has no curve", exact, malformed, coseKey(ct.OfMap(func(m *ct.Map) { m.Delete(-1) })), nil},
		{"the key has alg", exact, malformed, parameter(3, ct.Int(-19)), nil},
		{"the key has kid", exact, malformed, parameter(2, ct.Bytes([]byte{1})), nil},
		{"the Ed25519 key has a sign", exact, malformed, parameter(-3, yes), nil},
		{"the key has its private half", exact, malformed, parameter(-4, ct.Bytes(make([]byte, 32))), nil},
		{"x has 31 bytes", exact, malformed, parameter(-2, ct.Bytes(good[1:])), nil},
		{"x has 33 bytes", exact, malformed, parameter(-2, ct.Bytes(append(slices.Clone(good), 0))), nil},
		{"kty is a byte string", exact, malformed, parameter(1, ct.Bytes([]byte{1})), nil},
		{"crv is a byte string", exact, malformed, parameter(-1, ct.Bytes([]byte{6})), nil},
		{"kty is 3, RSA", unknown, algorithm, parameter(1, ct.Uint(3)), nil},
		{"kty is 4, symmetric", unknown, algorithm, parameter(1, ct.Uint(4)), nil},
		{"crv is 4, X25519", unknown, algorithm, parameter(-1, ct.Uint(4)), nil},
		{"crv is 7, Ed448", unknown, algorithm, parameter(-1, ct.Uint(7)), nil},
		{"crv is 1, P-256, beside kty OKP", unknown, algorithm, parameter(-1, ct.Uint(1)), nil},
		{"the key is the neutral point, with the sign bit", canonical, malformed, parameter(-2, point(1, 0, 0x80)), nil},
		{"y of the key is the field prime plus 3", canonical, malformed, parameter(-2, point(0xF0, 0xFF, 0x7F)), nil},
		{"y of the key belongs to no point", canonical, malformed, parameter(-2, point(2, 0, 0)), nil},
		{"the key is the neutral point", small, malformed, parameter(-2, point(1, 0, 0)), nil},
		{"the key is the point of order 2", small, malformed, parameter(-2, point(0xEC, 0xFF, 0x7F)), nil},
		{"the key is a point of order 4", small, malformed, parameter(-2, point(0, 0, 0)), nil},
		{"the key is the other point of order 4", small, malformed, parameter(-2, point(0, 0, 0x80)), nil},
		{"x on P-256 is the field prime", curve, malformed, onP256(prime, yes), nil},
		{"x on P-256 is all ones", curve, malformed, onP256(bytes.Repeat([]byte{0xFF}, 32), yes), nil},
		{"x on P-256 belongs to no point", curve, malformed, onP256(append(make([]byte, 31), 1), yes), nil},
		{"the key on P-256 has no sign", exact, malformed, onP256(good, nil), nil},
		{"the sign of the key on P-256 is 1", exact, malformed, onP256(good, ct.Uint(1)), nil},
		{"the key on P-256 has y in the place of the sign", exact, malformed, onP256(good, ct.Bytes(good)), nil},
	}
}

// besideKey are those faults of the key in cnf that leave it of use: for objects
// whose key somebody has to prove.
func besideKey() []flaw {
	all := inKey()
	return []flaw{all[1], all[7], all[8], all[9], all[10]}
}

// filler gives a grant more bytes, by conditions that no lock knows, up to n in
// all.  The entry that bears them stands behind the good one.
func filler(n int) func(*ct.Object) {
	return scope(func(b []byte) []byte {
		items, _ := ct.Items(b[1:])
		other := func(value []byte) []byte {
			return ct.Array(ct.Uint(9), ct.Uint(0), ct.Uint(1), ct.Map{{Key: ct.Uint(9), Value: value}}.Encode())
		}
		return ct.Array(append(items, other(ct.Bytes(make([]byte, n))))...)
	})
}

// settings alters the settings of a policy.
func settings(alter func(*ct.Map)) func(*ct.Object) {
	return scope(func(b []byte) []byte {
		items, _ := ct.Items(b[1:])
		items[2] = ct.OfMap(alter)(items[2])
		return ct.Array(items...)
	})
}

// tags are n tags that ascend.
func tags(n int) []byte {
	var b []byte
	for i := range n {
		b = append(b, byte(i+1), 0, 0, 0, 0, 0, 0, 0)
	}
	return b
}

// policyCounts are counts in a policy that are over their bounds, and its length.
func policyCounts() []flaw {
	count := func(id string) []string { return []string{"PST-OBJ-008#3", id} }
	key := []string{"PST-OBJ-008#6", "PST-OBJ-010#1"}
	const limit = credential.ReasonLimit
	some := func(n int, item func(i int) []byte) []byte {
		var items [][]byte
		for i := range n {
			items = append(items, item(i))
		}
		return ct.Array(items...)
	}
	admission := func(i int) []byte { return ct.Array(ct.Uint(uint64(i+1)), ct.Uint(2)) }
	window := func(i int) []byte { return ct.Array(ct.Uint(1), ct.Uint(uint64(10*i)), ct.Uint(uint64(10*i+5))) }
	w, _ := world.New(0)
	public := func(i int) []byte { return world.COSEKey(w.Public(string(rune('a' + i)))) }
	set := func(field int64, value []byte) func(*ct.Object) {
		return settings(func(m *ct.Map) { m.Set(field, value) })
	}
	hours := func(n int) []byte {
		return ct.Array(ct.Array(ct.Uint(1), ct.Uint(2), ct.Uint(1), some(n, window)))
	}
	return []flaw{
		{"it admits nine services", count("PST-OWN-001#2"), limit, set(2, some(9, admission)), nil},
		{"it has the setting services without an admission", count("PST-OWN-001#2"), limit, set(2, ct.Array()), nil},
		{"an admission has nine windows", count("PST-TIME-018"), limit, set(2, hours(9)), nil},
		{"an admission has no window", count("PST-TIME-018"), limit, set(2, hours(0)), nil},
		{"it denies 17 tags", count("PST-OWN-001#4"), limit, set(4, ct.Bytes(tags(17))), nil},
		{"it has the setting denied without a tag", count("PST-OWN-001#4"), limit, set(4, ct.Bytes(nil)), nil},
		{"it names five co-owners", count("PST-OWN-001#5"), limit, set(5, some(5, public)), nil},
		{"it has the setting co-owners without a key", count("PST-OWN-001#5"), limit, set(5, ct.Array()), nil},
		{"it names three anchors", count("PST-OWN-001#7"), limit, set(7, some(3, public)), nil},
		{"a co-owner's key is of type RSA", key, credential.ReasonAlgorithm, set(5, ct.Array(ct.OfMap(func(m *ct.Map) { m.Set(1, ct.Uint(3)) })(public(0)))), nil},
		{"a co-owner's key is of small order", []string{"PST-OBJ-010#4", "PST-OBJ-008#8"}, credential.ReasonMalformed, set(5, ct.Array(ct.OfMap(func(m *ct.Map) { m.Set(-2, point(1, 0, 0)) })(public(0)))), nil},
		{"an anchor's key is on a curve that is none of its type", key, credential.ReasonAlgorithm, set(7, ct.Array(ct.OfMap(func(m *ct.Map) { m.Set(-1, ct.Uint(1)) })(public(0)))), nil},
		{"it has 769 bytes", []string{"PST-OBJ-008#1", "PST-ENC-010#4"}, limit, func(o *ct.Object) { longPolicy(o, 769) }, nil},
	}
}

// longPolicy makes a policy of n bytes, 700 or more, by tags, windows and keys.
func longPolicy(o *ct.Object, n int) {
	w, _ := world.New(0)
	var owners [][]byte
	for i := range 4 {
		owners = append(owners, world.COSEKey(w.Public(string(rune('a'+i)))))
	}
	fill := func(windows []int, wide int) {
		var admissions [][]byte
		for i, k := range windows {
			var hours [][]byte
			for j := range k {
				until := ct.Uint(uint64(1 + j)) // of one byte
				if wide > 0 {
					until, wide = ct.Uint(uint64(100+j)), wide-1 // of two
				}
				hours = append(hours, ct.Array(ct.Uint(1), ct.Uint(0), until))
			}
			admissions = append(admissions, ct.Array(ct.Uint(uint64(i+1)), ct.Uint(2), ct.Uint(1), ct.Array(hours...)))
		}
		settings(func(m *ct.Map) {
			*m = nil
			m.Set(2, ct.Array(admissions...))
			m.Set(4, ct.Bytes(tags(16)))
			m.Set(5, ct.Array(owners...))
		})(o)
	}
	windows := []int{1, 1, 1, 1, 1, 1, 1, 1}
	for i := 0; ; i = (i + 1) % len(windows) {
		fill(windows, 0)
		if left := n - len(o.Encode()); left < 4 || windows[i] == 8 {
			fill(windows, left)
			return
		}
		windows[i]++
	}
}

// listCounts are counts of a revocation list.
func listCounts() []flaw {
	entry := func(i int) []byte {
		return ct.Array(ct.Bytes([]byte{byte(i + 1), 0, 0, 0, 0, 0, 0, 0}), ct.Uint(2000000000))
	}
	denied := func(n int) func(*ct.Object) {
		return scope(func(b []byte) []byte {
			items, _ := ct.Items(b[1:])
			var entries [][]byte
			for i := range n {
				entries = append(entries, entry(i))
			}
			items[2] = ct.Array(entries...)
			return ct.Array(items...)
		})
	}
	return []flaw{
		{"it has 25 entries", []string{"PST-OBJ-008#3", "PST-REV-001#1"}, credential.ReasonLimit, denied(25), nil},
		{"it has 513 bytes", []string{"PST-OBJ-008#1", "PST-ENC-010#5"}, credential.ReasonLimit, nil, func(b []byte) []byte {
			return elements(func(e [][]byte) [][]byte { e[3] = ct.Bytes(make([]byte, 513-len(b)+64-1)); return e })(b)
		}},
	}
}
