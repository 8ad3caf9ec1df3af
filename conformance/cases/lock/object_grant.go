package lock

import (
	"slices"

	"github.com/postern-lock/postern/credential"
	ct "github.com/postern-lock/postern/credential/credentialtest"
)

// entry alters the elements of the first entry of a grant.
func entry(alter func(elements [][]byte) [][]byte) func(*ct.Object) {
	return scope(func(b []byte) []byte {
		items, _ := ct.Items(b[1:])
		e, _ := ct.Items(items[0][1:])
		items[0] = ct.Array(alter(e)...)
		return ct.Array(items...)
	})
}

// conditioned gives the first entry of a grant conditions.
func conditioned(conditions ...ct.Pair) func(*ct.Object) {
	return entry(func(e [][]byte) [][]byte { return append(e[:3:3], ct.Map(conditions).Encode()) })
}

// inGrant are faults of the claims of a grant.
func inGrant() []flaw {
	const malformed, limit = credential.ReasonMalformed, credential.ReasonLimit
	rule := func(n, row string) []string { return []string{"PST-OBJ-034#" + n, "PST-OBJ-008#" + row} }
	set := func(at int, item []byte) func(*ct.Object) {
		return entry(func(e [][]byte) [][]byte { e[at] = item; return e })
	}
	like := func(label, other int64, plus uint64) func(*ct.Object) { // sets a time to another, and more
		return claims(func(m *ct.Map) {
			v := m.Get(other)
			m.Set(label, ct.Uint((uint64(v[1])<<24|uint64(v[2])<<16|uint64(v[3])<<8|uint64(v[4]))+plus))
		})
	}
	both := func(a, b func(*ct.Object)) func(*ct.Object) { return func(o *ct.Object) { a(o); b(o) } }
	entries := func(n int) func(*ct.Object) {
		return scope(func(b []byte) []byte {
			items, _ := ct.Items(b[1:])
			return ct.Array(slices.Repeat(items, n)...)
		})
	}
	one := ct.Uint(1)
	return []flaw{
		{"nbf is iat", append(rule("2", "8"), "PST-OBJ-034#1"), malformed, like(5, 6, 0), nil},
		{"nbf is before iat", rule("2", "8"), malformed, like(5, 6, ^uint64(0)), nil},
		{"exp is iat", rule("3", "8"), malformed, like(4, 6, 0), nil},
		{"exp is before iat", rule("3", "8"), malformed, like(4, 6, ^uint64(0)), nil},
		{"exp is nbf", rule("3", "8"), malformed, both(like(5, 6, 10), like(4, 6, 10)), nil},
		{"exp is before nbf", rule("3", "8"), malformed, both(like(5, 6, 10), like(4, 6, 9)), nil},
		{"there is no exp", []string{"PST-OBJ-001#7", "PST-OBJ-008#8"}, malformed, claims(func(m *ct.Map) { m.Delete(4) }), nil},
		{"exp is 2^32", []string{"PST-OBJ-001#8", "PST-OBJ-008#8"}, malformed, claims(func(m *ct.Map) { m.Set(4, ct.Uint(1<<32)) }), nil},
		{"the actions are 0", rule("4", "8"), malformed, set(2, ct.Uint(0)), nil},
		{"the actions have the bit 128, which is none", append(rule("5", "8"), "PST-OBJ-032"), malformed, set(2, ct.Uint(1|128)), nil},
		{"the actions have the bit 2^31", rule("5", "8"), malformed, set(2, ct.Uint(1|1<<31)), nil},
		{"the actions are 2^32 + 1", rule("5", "8"), malformed, set(2, ct.Uint(1<<32|1)), nil},
		{"the actions are a byte string", rule("5", "8"), malformed, set(2, ct.Bytes([]byte{1})), nil},
		{"the conditions are an empty map", rule("6", "3"), limit, conditioned(), nil},
		{"the conditions are an array", rule("7", "8"), malformed, entry(func(e [][]byte) [][]byte { return append(e[:3:3], ct.Array(one, one)) }), nil},
		{"the conditions have a negative key", rule("7", "8"), malformed, conditioned(ct.Pair{Key: ct.Int(-1), Value: one}), nil},
		{"the conditions have a byte string as key", rule("7", "8"), malformed, conditioned(ct.Pair{Key: ct.Bytes(nil), Value: one}), nil},
		{"an entry has nine conditions", rule("7", "3"), limit, conditioned(numbered(9)...), nil},
		{"an entry has two elements", []string{"PST-OBJ-008#8"}, malformed, entry(func(e [][]byte) [][]byte { return e[:2] }), nil},
		{"an entry has five elements", []string{"PST-OBJ-008#7"}, malformed, both(conditioned(ct.Pair{Key: ct.Uint(4), Value: one}), entry(func(e [][]byte) [][]byte { return append(e, one) })), nil},
		{"there is no entry", []string{"PST-OBJ-008#3"}, limit, scope(ct.Replace(ct.Array())), nil},
		{"there are five entries", []string{"PST-OBJ-008#3"}, limit, entries(5), nil},
		{"the target kind is negative", []string{"PST-OBJ-008#8"}, malformed, set(0, ct.Int(-1)), nil},
		{"the lock id has 7 bytes", []string{"PST-OBJ-008#8"}, malformed, entry(func(e [][]byte) [][]byte { e[1] = ct.Bytes(ct.Content(e[1])[:7]); return e }), nil},
		{"the lock id has 9 bytes", []string{"PST-OBJ-008#8"}, malformed, entry(func(e [][]byte) [][]byte { e[1] = ct.Bytes(append(ct.Content(e[1]), 0)); return e }), nil},
		{"an area has no byte", []string{"PST-OBJ-008#3"}, limit, entry(func(e [][]byte) [][]byte { e[0], e[1] = ct.Uint(2), ct.Bytes(nil); return e }), nil},
		{"an area has 17 bytes", []string{"PST-OBJ-008#3"}, limit, entry(func(e [][]byte) [][]byte { e[0], e[1] = ct.Uint(2), ct.Bytes(make([]byte, 17)); return e }), nil},
		{"a parent has 31 bytes", []string{"PST-OBJ-008#8"}, malformed, parent(31), nil},
		{"a parent has 33 bytes", []string{"PST-OBJ-008#8"}, malformed, parent(33), nil},
		{"a parent is 32 zero bytes", rule("9", "8"), malformed, parent(32), nil},
		{"it has 513 bytes", []string{"PST-OBJ-008#1", "PST-ENC-010#5"}, limit, func(o *ct.Object) { longGrant(o, 513) }, nil},
	}
}

// numbered are n conditions that no lock knows.
func numbered(n int) (all []ct.Pair) {
	for i := range n {
		all = append(all, ct.Pair{Key: ct.Uint(uint64(10 + i)), Value: ct.Uint(1)})
	}
	return all
}

// parent puts a parent of n zero bytes before the entries.
func parent(n int) func(*ct.Object) {
	return scope(func(b []byte) []byte {
		items, _ := ct.Items(b[1:])
		return ct.Array(append([][]byte{ct.Bytes(make([]byte, n))}, items...)...)
	})
}

// longGrant gives a grant exactly n bytes, 300 or more.
func longGrant(o *ct.Object, n int) {
	short := len(o.Encode())
	plain := o.Payload
	for pad := n - short - 30; ; pad++ {
		o.Payload = plain
		filler(pad)(o)
		if len(o.Encode()) == n {
			return
		}
	}
}

// inConditions are faults in the values of conditions.
func inConditions() []flaw {
	const malformed, limit = credential.ReasonMalformed, credential.ReasonLimit
	one, none := ct.Uint(1), ct.Uint(0)
	type fault struct {
		what      string
		condition uint64
		value     []byte
		row       string
	}
	window := func(days, from, until uint64) []byte {
		return ct.Array(ct.Array(ct.Uint(days), ct.Uint(from), ct.Uint(until)))
	}
	faults := []fault{
		{"a schedule without windows", 1, ct.Array(), "3"},
		{"a schedule of nine windows", 1, ct.Array(slices.Repeat([][]byte{ct.Array(one, none, one)}, 9)...), "3"},
		{"a schedule that is an integer", 1, one, "8"},
		{"a window without a day", 1, window(0, 0, 60), "8"},
		{"a window on an eighth day", 1, window(128, 0, 60), "8"},
		{"a window from minute 1440", 1, window(1, 1440, 1440), "8"},
		{"a window until minute 1441", 1, window(1, 0, 1441), "8"},
		{"a window that ends where it begins", 1, window(1, 60, 60), "8"},
		{"a window of two numbers", 1, ct.Array(ct.Array(one, none)), "8"},
		{"no use", 2, ct.Array(none, one), "8"},
		{"256 uses", 2, ct.Array(ct.Uint(256), one), "8"},
		{"uses without a start", 2, ct.Array(one, none), "8"},
		{"uses of four starts", 2, ct.Array(one, ct.Uint(4)), "8"},
		{"uses that are one number", 2, one, "8"},
		{"uses of three numbers", 2, ct.Array(one, one, one), "7"},
		{"delegation of no link", 3, none, "8"},
		{"delegation of three links", 3, ct.Uint(3), "8"},
		{"evidence 0", 4, none, "8"},
		{"evidence 4", 4, ct.Uint(4), "8"},
		{"policy version 0", 5, none, "8"},
		{"policy version 2^32", 5, ct.Uint(1 << 32), "8"},
		{"compartment 0", 6, none, "8"},
		{"compartment 256", 6, ct.Uint(256), "8"},
		{"compartment a byte string", 6, ct.Bytes([]byte{1}), "8"},
		{"service 0", 7, none, "8"},
		{"service 2^32", 7, ct.Uint(1 << 32), "8"},
	}
	var all []flaw
	for _, f := range faults {
		reason := malformed
		if f.row == "3" {
			reason = limit
		}
		all = append(all, flaw{
			"an entry has " + f.what, []string{"PST-OBJ-034#8", "PST-OBJ-008#" + f.row}, reason,
			conditioned(ct.Pair{Key: ct.Uint(f.condition), Value: f.value}), nil,
		})
	}
	deep := func(v []byte) func(*ct.Object) { return conditioned(ct.Pair{Key: ct.Uint(9), Value: v}) }
	return append(all,
		flaw{"a condition that no lock knows nests too deeply", []string{"PST-ENC-010#1", "PST-ENC-014", "PST-OBJ-008#2"}, limit, deep(nested(6)), nil},
		flaw{"a condition that no lock knows is an array of 33", []string{"PST-ENC-010#2", "PST-ENC-014", "PST-OBJ-008#2"}, limit, deep(ct.Array(slices.Repeat([][]byte{one}, 33)...)), nil},
		flaw{"a condition that no lock knows is a map of 33", []string{"PST-ENC-010#3", "PST-ENC-014", "PST-OBJ-008#2"}, limit, deep(ct.Map(numbered(33)).Encode()), nil},
		flaw{"a condition that no lock knows holds a text", []string{"PST-ENC-008", "PST-ENC-014", "PST-OBJ-008#8"}, malformed, deep(ct.Text("a")), nil},
		flaw{"a condition that no lock knows holds an integer that is not in its shortest form", []string{"PST-ENC-002#2", "PST-ENC-014", "PST-OBJ-008#8"}, malformed, deep(ct.LongHead(ct.MajorUint, 1, 8)), nil},
		flaw{"a condition that no lock knows holds a key twice", []string{"PST-ENC-002#4", "PST-ENC-014", "PST-OBJ-008#8"}, malformed, deep(ct.Map{{Key: one, Value: one}, {Key: one, Value: one}}.Encode()), nil},
	)
}

// inAuthority are faults of the claims of an authority certificate.
func inAuthority() []flaw {
	const malformed, limit = credential.ReasonMalformed, credential.ReasonLimit
	rule := func(n, row string) []string { return []string{"PST-OBJ-026#" + n, "PST-OBJ-008#" + row} }
	field := func(at int, item []byte) func(*ct.Object) {
		return scope(func(b []byte) []byte {
			items, _ := ct.Items(b[1:])
			items[at] = item
			return ct.Array(items...)
		})
	}
	services := func(n ...uint64) []byte {
		var items [][]byte
		for _, s := range n {
			items = append(items, ct.Uint(s))
		}
		return ct.Array(items...)
	}
	return []flaw{
		{"exp is iat", rule("1", "8"), malformed, claims(func(m *ct.Map) { m.Set(4, m.Get(6)) }), nil},
		{"exp is before iat", rule("1", "8"), malformed, claims(func(m *ct.Map) { m.Set(4, ct.Uint(1000000000)) }), nil},
		{"it has nbf", []string{"PST-OBJ-001#7", "PST-OBJ-008#7"}, malformed, claims(func(m *ct.Map) { m.Set(5, m.Get(6)) }), nil},
		{"the services fall", rule("2", "8"), malformed, field(0, services(2, 1)), nil},
		{"a service stands twice", rule("2", "8"), malformed, field(0, services(1, 1)), nil},
		{"a service is 0", rule("2", "8"), malformed, field(0, services(0, 1)), nil},
		{"a service is 2^32 + 1", []string{"PST-OBJ-001#8", "PST-OBJ-008#8"}, malformed, field(0, services(1<<32|1)), nil},
		{"there are nine services", rule("2", "3"), limit, field(0, services(1, 2, 3, 4, 5, 6, 7, 8, 9)), nil},
		{"there is no service beside the right issue", rule("3", "3"), limit, field(0, services()), nil},
		{"there are services without the right issue", rule("3", "3"), limit, scope(ct.Replace(ct.Array(services(1), ct.Uint(8), ct.Uint(0)))), nil},
		{"longest is 0 beside the right issue", rule("4", "8"), malformed, field(2, ct.Uint(0)), nil},
		{"longest is not 0 without the right issue", rule("4", "8"), malformed, scope(ct.Replace(ct.Array(services(), ct.Uint(8), ct.Uint(60)))), nil},
		{"the rights are 0", rule("5", "8"), malformed, scope(ct.Replace(ct.Array(services(), ct.Uint(0), ct.Uint(0)))), nil},
		{"the rights have the bit 16, which is none", append(rule("6", "8"), "PST-OBJ-032"), malformed, field(1, ct.Uint(1|16)), nil},
		{"the rights are 2^32 + 1", rule("6", "8"), malformed, field(1, ct.Uint(1<<32|1)), nil},
		{"longest is 2^32", []string{"PST-OBJ-001#8", "PST-OBJ-008#8"}, malformed, field(2, ct.Uint(1<<32)), nil},
		{"the scope has two elements", []string{"PST-OBJ-008#8"}, malformed, scope(ct.Replace(ct.Array(services(1), ct.Uint(1)))), nil},
		{"the scope has four elements", []string{"PST-OBJ-008#7"}, malformed, scope(func(b []byte) []byte {
			items, _ := ct.Items(b[1:])
			return ct.Array(append(items, ct.Uint(0))...)
		}), nil},
	}
}
