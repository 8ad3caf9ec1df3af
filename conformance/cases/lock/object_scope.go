package lock

import (
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	ct "github.com/postern-lock/postern/credential/credentialtest"
)

// setting gives a policy a setting, in the place of what it had.
func setting(field int64, value []byte) func(*ct.Object) {
	return settings(func(m *ct.Map) { m.Set(field, value) })
}

// numbers is an array of unsigned integers.
func numbers(n ...uint64) []byte {
	var items [][]byte
	for _, v := range n {
		items = append(items, ct.Uint(v))
	}
	return ct.Array(items...)
}

// policySettings are faults of section 18.1 that the vectors do not have.
func policySettings() []flaw {
	const malformed = credential.ReasonMalformed
	rule := func(row string) []string { return []string{"PST-OWN-001#" + row, "PST-OWN-029#1"} }
	w, _ := world.New(0)
	key := func(name string) []byte { return world.COSEKey(w.Public(name)) }
	admission := func(items ...[]byte) func(*ct.Object) { return setting(2, ct.Array(ct.Array(items...))) }
	one, two := ct.Uint(1), ct.Uint(2)
	hours := ct.Array(numbers(1, 0, 60))
	return []flaw{
		{"block is 7", rule("1"), malformed, setting(1, ct.Uint(7)), nil},
		{"block is 257", rule("1"), malformed, setting(1, ct.Uint(257)), nil},
		{"block is an array", rule("1"), malformed, setting(1, ct.Array(one)), nil},
		{"services is one admission, not a list", rule("2"), malformed, setting(2, numbers(1, 2)), nil},
		{"least is 2^32 + 1", rule("3"), malformed, setting(3, ct.Uint(1<<32|1)), nil},
		{"least is -1", rule("3"), malformed, setting(3, ct.Int(-1)), nil},
		{"denied is an array of tags", rule("4"), malformed, setting(4, ct.Array(ct.Bytes(tags(1)))), nil},
		{"denied has 12 bytes", rule("12"), malformed, setting(4, ct.Bytes(tags(2)[:12])), nil},
		{"denied has 7 bytes", rule("12"), malformed, setting(4, ct.Bytes(tags(1)[:7])), nil},
		{"co-owners is a key, not a list", rule("5"), malformed, setting(5, key("a")), nil},
		{"the notice has kind 0", rule("6"), malformed, setting(6, numbers(0, 0, 0, 0, 1)), nil},
		{"the notice has kind 3", rule("6"), malformed, setting(6, numbers(3, 0, 0, 0, 1)), nil},
		{"the notice has kind 257", rule("6"), malformed, setting(6, numbers(257, 0, 0, 0, 1)), nil},
		{"the notice has the instruction 4", rule("6"), malformed, setting(6, numbers(1, 0, 0, 4, 1)), nil},
		{"the notice has the roles 4", rule("6"), malformed, setting(6, numbers(1, 0, 0, 0, 4)), nil},
		{"the notice has four elements", rule("6"), malformed, setting(6, numbers(1, 0, 0, 0)), nil},
		{"the notice has six elements", rule("6"), malformed, setting(6, numbers(1, 0, 0, 0, 1, 0)), nil},
		{"the notice begins at 2^32", rule("6"), malformed, setting(6, numbers(1, 1<<32, 0, 0, 1)), nil},
		{"the notice ends before it begins", rule("15"), malformed, setting(6, numbers(1, 2000000001, 2000000000, 0, 1)), nil},
		{"an anchor stands twice", rule("13"), malformed, setting(7, ct.Array(key("a"), key("a"))), nil},
		{"a co-owner stands twice, another between", rule("13"), malformed, setting(5, ct.Array(key("a"), key("b"), key("a"))), nil},
		{"the owner is the second of two co-owners", rule("14"), malformed, func(o *ct.Object) {
			var owner []byte
			o.Claims(func(m *ct.Map) {
				cnf, _ := ct.ParseMap(m.Get(8))
				owner = cnf.Get(1)
			})
			setting(5, ct.Array(key("a"), owner))(o)
		}, nil},
		{"reset is null", rule("8"), malformed, setting(8, null), nil},
		{"an admission has one element", rule("9"), malformed, admission(one), nil},
		{"an admission has evidence, and a schedule is missing", rule("9"), malformed, admission(one, two, one), nil},
		{"an admission has five elements", rule("9"), malformed, admission(one, two, one, hours, one), nil},
		{"an admission has the service 2^32 + 1", rule("9"), malformed, admission(ct.Uint(1<<32|1), two), nil},
		{"an admission has the action 128, which is none", rule("11"), malformed, admission(one, ct.Uint(2|128)), nil},
		{"the third of three admissions stands before the second", rule("10"), malformed, setting(2, ct.Array(numbers(1, 2), numbers(3, 2), numbers(2, 2))), nil},
	}
}

// listForm are faults of section 18.8 that the vectors do not have.
func listForm() []flaw {
	const malformed = credential.ReasonMalformed
	form := []string{"PST-REV-012#1", "PST-OBJ-008#8"}
	field := func(at int, item []byte) func(*ct.Object) {
		return scope(func(b []byte) []byte {
			items, _ := ct.Items(b[1:])
			items[at] = item
			return ct.Array(items...)
		})
	}
	tag := func(first byte) []byte { return ct.Bytes([]byte{first, 0, 0, 0, 0, 0, 0, 0}) }
	entry := func(first byte) []byte { return ct.Array(tag(first), ct.Uint(2000000000)) }
	rule := func(row string) []string { return []string{"PST-REV-001#" + row, "PST-REV-012#1"} }
	return []flaw{
		{"the last of three tags stands before the second", rule("2"), malformed, field(2, ct.Array(entry(1), entry(3), entry(2))), nil},
		{"a tag stands twice with different ends", rule("2"), malformed, field(2, ct.Array(entry(1), ct.Array(tag(1), ct.Uint(2000000001)))), nil},
		{"least is the last time that there is", rule("3"), malformed, field(1, ct.Uint(1<<32-1)), nil},
		{"the version is 2^32", form, malformed, field(0, ct.Uint(1<<32)), nil},
		{"least is -1", form, malformed, field(1, ct.Int(-1)), nil},
		{"an entry has one element", form, malformed, field(2, ct.Array(ct.Array(tag(1)))), nil},
		{"an entry has three elements", form, malformed, field(2, ct.Array(ct.Array(tag(1), ct.Uint(2000000000), ct.Uint(1)))), nil},
		{"a tag has 9 bytes", form, malformed, field(2, ct.Array(ct.Array(ct.Bytes(make([]byte, 9)), ct.Uint(2000000000)))), nil},
		{"the scope has two elements", form, malformed, scope(func(b []byte) []byte {
			items, _ := ct.Items(b[1:])
			return ct.Array(items[:2]...)
		}), nil},
		{"the scope has four elements", form, malformed, scope(func(b []byte) []byte {
			items, _ := ct.Items(b[1:])
			return ct.Array(append(items, ct.Uint(0))...)
		}), nil},
	}
}

// tokenForm are faults of section 16.3 that the vectors do not have.
func tokenForm() []flaw {
	const malformed = credential.ReasonMalformed
	form := []string{"PST-TIME-017#1", "PST-OBJ-008#8"}
	fields := func(items ...[]byte) func(*ct.Object) { return scope(ct.Replace(ct.Array(items...))) }
	offset, nonce := ct.Uint(60), ct.Bytes(make([]byte, 16))
	return []flaw{
		{"the scope has a third field", form, malformed, fields(offset, nonce, ct.Uint(1)), nil},
		{"the nonce stands before the offset", form, malformed, fields(nonce, offset), nil},
		{"the nonce is an integer", form, malformed, fields(offset, ct.Uint(1)), nil},
		{"the nonce is empty", form, malformed, fields(offset, ct.Bytes(nil)), nil},
		{"the offset is a byte string", form, malformed, fields(ct.Bytes([]byte{60})), nil},
		{"the offset is 65536 + 60", []string{"PST-TIME-014", "PST-TIME-017#1"}, malformed, fields(ct.Uint(1<<16 | 60)), nil},
		{"the offset is -65536 + 60", []string{"PST-TIME-014", "PST-TIME-017#1"}, malformed, fields(ct.Int(60 - 1<<16)), nil},
	}
}
