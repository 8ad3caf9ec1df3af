package credential_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

// scoped sets the content of the scope.
func scoped(content cbor) func(*forge) {
	return func(f *forge) { f.scope = content }
}

// authorityScope is the scope of an authority certificate.
func authorityScope(services []cbor, rights, longest cbor) func(*forge) {
	return scoped(list(list(services...), rights, longest))
}

// numbers returns the numbers from first, n of them.
func numbers(first, n int64) []cbor {
	var out []cbor
	for i := range n {
		out = append(out, num(first+i))
	}
	return out
}

func TestFaultsOfAuthorities(t *testing.T) {
	one := numbers(1, 1)
	requireFaults(t, kinds[0], []structural{
		{"claims with nbf", func(f *forge) { f.claims = set(f.claims, 5, num(begins)) }, malformed, "claims"},
		{"scope of two fields", scoped(list(list(num(1)), num(1))), malformed, "scope: fields"},
		{"scope of four fields", scoped(list(list(num(1)), num(1), num(600), num(0))), malformed, "scope: fields"},
		{"services a number", scoped(list(num(1), num(1), num(600))), malformed, "scope: services"},
		{"services a byte string", scoped(list(bstr(1), num(1), num(600))), malformed, "scope: services"},
		{"nine services", authorityScope(numbers(1, 9), num(1), num(600)), overLimit, "scope: services"},
		{"33 services", authorityScope(numbers(1, 33), num(1), num(600)), overLimit, "scope"},
		{"service zero", authorityScope(numbers(0, 2), num(1), num(600)), malformed, "services"},
		{"service twice", authorityScope([]cbor{num(1), num(1)}, num(1), num(600)), malformed, "services"},
		{"services falling", authorityScope([]cbor{num(2), num(1)}, num(1), num(600)), malformed, "services"},
		{"service of 33 bits", authorityScope([]cbor{num(1 << 32)}, num(1), num(600)), malformed, "scope: services"},
		{"service negative", authorityScope([]cbor{num(-1)}, num(1), num(600)), malformed, "scope: services"},
		{"service a byte string", authorityScope([]cbor{bstr(1)}, num(1), num(600)), malformed, "scope: services"},
		{"no service with the right issue", authorityScope(nil, num(1), num(600)), overLimit, "services"},
		{"a service without the right issue", authorityScope(one, num(8), num(0)), overLimit, "services"},
		{"rights zero", authorityScope(nil, num(0), num(0)), malformed, "rights"},
		{"rights with an unknown bit", authorityScope(one, num(1|16), num(600)), malformed, "rights"},
		{"rights with the highest bit", authorityScope(one, num(1|1<<31), num(600)), malformed, "rights"},
		{"rights of 33 bits", authorityScope(one, num(1|1<<32), num(600)), malformed, "scope: rights"},
		{"rights negative", authorityScope(one, num(-1), num(600)), malformed, "scope: rights"},
		{"rights true", authorityScope(one, yes, num(600)), malformed, "scope: rights"},
		{"longest zero with the right issue", authorityScope(one, num(1), num(0)), malformed, "longest"},
		{"longest without the right issue", authorityScope(nil, num(8), num(600)), malformed, "longest"},
		{"longest of 33 bits", authorityScope(one, num(1), num(1<<32)), malformed, "scope: longest"},
		{"longest of 64 bits", authorityScope(one, num(1), head(0, 1<<64-1)), malformed, "scope: longest"},
		{"longest negative", authorityScope(one, num(1), num(-600)), malformed, "scope: longest"},
		{"longest with a long head", authorityScope(one, num(1), longHead(num(600))), malformed, "shortest"},
	})
}

// TestAuthoritiesAtTheBounds holds that what section 4.6 just allows is read.
func TestAuthoritiesAtTheBounds(t *testing.T) {
	for name, spoil := range map[string]func(*forge){
		"eight services":       authorityScope(numbers(1, 8), num(15), num(1)),
		"the highest service":  authorityScope([]cbor{num(1<<32 - 1)}, num(1), num(1<<32-1)),
		"each right but issue": authorityScope(nil, num(2|4|8), num(0)),
		"a second":             func(f *forge) { f.claims = set(f.claims, 4, num(issued+1)) },
	} {
		t.Run(name, func(t *testing.T) {
			f := authorityForge(edKey("signer"), edKey("subject"))
			spoil(f)
			_, err := credential.ParseAuthority(f.bytes())
			require.NoError(t, err)
		})
	}
}

func TestFaultsOfLockCertificates(t *testing.T) {
	id := bstr(lockID[:]...)
	requireFaults(t, kinds[1], []structural{
		{"claims with exp", func(f *forge) { f.claims = set(f.claims, 4, num(expires)) }, malformed, "claims"},
		{"scope of two fields", scoped(list(id, num(1))), malformed, "scope: fields"},
		{"scope of four fields", scoped(list(id, num(1), num(1), num(1))), malformed, "scope: fields"},
		{"lock id of 7 bytes", scoped(list(bstr(lockID[:7]...), num(1), num(1))), malformed, "scope: lock id: must be 8 bytes, has 7"},
		{"lock id of 9 bytes", scoped(list(bstr(append(lockID[:], 0)...), num(1), num(1))), malformed, "scope: lock id: must be 8 bytes, has 9"},
		{"lock id a number", scoped(list(num(1), num(1), num(1))), malformed, "scope: lock id"},
		{"profile of 33 bits", scoped(list(id, num(1<<32), num(1))), malformed, "scope: profile"},
		{"profile negative", scoped(list(id, num(-1), num(1))), malformed, "scope: profile"},
		{"level of 33 bits", scoped(list(id, num(1), num(1<<32))), malformed, "scope: level"},
		{"level a byte string", scoped(list(id, num(1), bstr(1))), malformed, "scope: level"},
	})
}

// conditioned makes a grant with one entry that has these conditions.
func conditioned(pairs ...pair) func(*forge) { return scoped(list(lockEntry(dict(pairs...)))) }

func TestFaultsOfGrants(t *testing.T) {
	id := bstr(lockID[:]...)
	entry := func(items ...cbor) func(*forge) { return scoped(list(list(items...))) }
	nbf := func(value cbor) func(*forge) { return func(f *forge) { f.claims = set(f.claims, 5, value) } }
	var nine []pair
	for i := range int64(9) {
		nine = append(nine, pair{num(10 + i), num(1)})
	}
	requireFaults(t, kinds[2], []structural{
		{"nbf at iat", nbf(num(issued)), malformed, "nbf"},
		{"nbf before iat", nbf(num(issued - 1)), malformed, "nbf"},
		{"nbf zero", nbf(num(0)), malformed, "nbf: must not be zero"},
		{"nbf at exp", nbf(num(expires)), malformed, "exp"},
		{"nbf after exp", nbf(num(expires + 1)), malformed, "exp"},
		{"nbf of 33 bits", nbf(num(1 << 32)), malformed, "nbf: 4294967296 is over 32 bits"},
		{"nbf null", nbf(null), malformed, "null"},
		{"five claims without nbf", func(f *forge) { f.claims = set(f.claims, 7, bstr(1)) }, malformed, "nbf: label 5"},
		{"no entry", scoped(list()), overLimit, "scope: entries"},
		{"five entries", scoped(list(slices.Repeat([]cbor{lockEntry()}, 5)...)), overLimit, "scope: entries"},
		{"an entry without its array", scoped(list(num(1), id, num(1))), malformed, "scope: entry"},
		{"entry a map", scoped(list(dict())), malformed, "scope: entry"},
		{"entry of two", entry(num(1), id), malformed, "scope: entry"},
		{"entry of five", entry(num(1), id, num(1), dict(pair{num(5), num(1)}), num(1)), malformed, "scope: entry"},
		{"entry empty", entry(), malformed, "scope: entry"},
		{"target kind negative", entry(num(-1), id, num(1)), malformed, "scope: target kind"},
		{"target kind a byte string", entry(bstr(1), id, num(1)), malformed, "scope: target kind"},
		{"lock id of 7 bytes", entry(num(1), bstr(lockID[:7]...), num(1)), malformed, "target: lock id: must be 8 bytes, has 7"},
		{"lock id of 9 bytes", entry(num(1), bstr(append(lockID[:], 0)...), num(1)), malformed, "target: lock id: must be 8 bytes, has 9"},
		{"lock id a number", entry(num(1), num(1), num(1)), malformed, "target: lock id"},
		{"area empty", entry(num(2), bstr(), num(1)), overLimit, "area"},
		{"area of 17 bytes", entry(num(2), bstr(make([]byte, 17)...), num(1)), overLimit, "area"},
		{"area a text", entry(num(2), text("FR"), num(1)), malformed, "text"},
		{"area a number", entry(num(2), num(75), num(1)), malformed, "area"},
		{"unknown target with a text inside", entry(num(3), list(text("a")), num(1)), malformed, "text"},
		{"unknown target unsorted inside", entry(num(3), dict(pair{num(2), num(1)}, pair{num(1), num(1)}), num(1)), malformed, "not in order"},
		{"unknown target too deep", entry(num(3), deep(7), num(1)), overLimit, "deep"},
		{"no action", entry(num(1), id, num(0)), malformed, "actions"},
		{"an unknown action", entry(num(1), id, num(1|128)), malformed, "actions"},
		{"an unknown action for an unknown target", entry(num(3), id, num(128)), malformed, "actions"},
		{"the highest action", entry(num(1), id, num(1|1<<31)), malformed, "actions"},
		{"an action of 33 bits", entry(num(1), id, num(1|1<<32)), malformed, "scope: actions"},
		{"actions negative", entry(num(1), id, num(-1)), malformed, "scope: actions"},
		{"actions an array", entry(num(1), id, list(num(1))), malformed, "scope: actions"},
		{"no condition", conditioned(), overLimit, "scope: conditions"},
		{"nine conditions", conditioned(nine...), overLimit, "scope: conditions"},
		{"conditions an array", scoped(list(lockEntry(list(num(5))))), malformed, "scope: conditions"},
		{"conditions null", scoped(list(lockEntry(null))), malformed, "null"},
		{"condition with a negative number", conditioned(pair{num(-1), num(1)}), malformed, "scope: conditions"},
		{"condition with a byte string for number", conditioned(pair{bstr(5), num(1)}), malformed, "scope: conditions"},
		{"conditions unsorted", conditioned(pair{num(7), num(1)}, pair{num(5), num(1)}), malformed, "not in order"},
		{"a condition twice", conditioned(pair{num(5), num(1)}, pair{num(5), num(2)}), malformed, "twice"},
		{"policy zero", conditioned(pair{num(5), num(0)}), malformed, "condition policy: must not be zero"},
		{"policy of 33 bits", conditioned(pair{num(5), num(1 << 32)}), malformed, "condition policy"},
		{"policy negative", conditioned(pair{num(5), num(-1)}), malformed, "condition policy"},
		{"policy true", conditioned(pair{num(5), yes}), malformed, "condition policy"},
		{"service zero", conditioned(pair{num(7), num(0)}), malformed, "condition service: must not be zero"},
		{"service of 33 bits", conditioned(pair{num(7), num(1 << 32)}), malformed, "condition service"},
		{"service a byte string", conditioned(pair{num(7), bstr(1)}), malformed, "condition service"},
		{"unknown condition with a tag inside", conditioned(pair{num(8), []byte{0xc1, 1}}), malformed, "tag"},
		{"unknown condition too deep", conditioned(pair{num(8), deep(6)}), overLimit, "deep"},
		{"the fault in the last entry", scoped(list(lockEntry(), lockEntry(), lockEntry(), list(num(1), id, num(0)))), malformed, "actions"},
	})
}

// unknowns are entries that a later version of the standard may know: they are
// read, and good for nothing here.
var unknowns = map[string]struct {
	entry      cbor
	conditions []uint64
	target     bool // the target is unknown
}{
	"target group":                  {list(num(3), bstr(1, 2), num(1)), nil, true},
	"target zero":                   {list(num(0), list(), num(1)), nil, true},
	"the highest target":            {list(head(0, 1<<64-1), dict(pair{num(-1), yes}), num(127)), nil, true},
	"unknown target, condition":     {list(num(3), no, num(1), dict(pair{num(9), no})), []uint64{9}, true},
	"condition zero":                {lockEntry(dict(pair{num(0), list(num(1), num(2))})), []uint64{0}, false},
	"the first behind the known":    {lockEntry(dict(pair{num(8), num(0)})), []uint64{8}, false},
	"the highest condition":         {lockEntry(dict(pair{head(0, 1<<64-1), head(1, 1<<64-1)})), []uint64{1<<64 - 1}, false},
	"a condition as deep as may be": {lockEntry(dict(pair{num(9), deep(5)})), []uint64{9}, false},
	"conditions around the known ones": {lockEntry(dict(pair{num(0), num(0)}, pair{num(1), always}, pair{num(4), num(1)}, pair{num(5), num(1)},
		pair{num(7), num(1)}, pair{num(8), list(num(1))}, pair{num(300), yes}, pair{num(1 << 40), dict()})),
		[]uint64{0, 8, 300, 1 << 40}, false},
}

func TestUnknownEntriesAreRead(t *testing.T) {
	for name, c := range unknowns {
		t.Run(name, func(t *testing.T) {
			f := grantForge(edKey("signer"), edKey("subject"))
			f.scope = list(c.entry)
			u, err := credential.ParseGrant(f.bytes())
			require.NoError(t, err)
			e := u.Claims.Scope[0]
			require.Equal(t, c.conditions, e.Unknown())
			if c.target {
				_, lock := e.Target.Lock()
				area, isArea := e.Target.Area()
				require.False(t, lock || isArea)
				require.Nil(t, area)
			}
		})
	}
}

// TestUnknownEntriesAreNotIssued holds that a right with restrictions that this
// version does not know cannot be issued again without them.
func TestUnknownEntriesAreNotIssued(t *testing.T) {
	for name, c := range unknowns {
		t.Run(name, func(t *testing.T) {
			f := grantForge(edKey("signer"), edKey("subject"))
			f.scope = list(c.entry)
			u, err := credential.ParseGrant(f.bytes())
			require.NoError(t, err)
			_, err = credential.NewGrant(u.Claims, f.key.public)
			if c.target {
				requireReason(t, err, credential.ReasonTarget, "target")
			} else {
				requireReason(t, err, credential.ReasonConditionUnknown, "conditions")
			}
		})
	}
}

// TestLongestObject holds that an object of 512 bytes is read.
func TestLongestObject(t *testing.T) {
	f := grantForge(edKey("signer"), edKey("subject"))
	conditioned(pair{num(8), bstr(make([]byte, 256)...)})(f)
	short := len(f.bytes())
	conditioned(pair{num(8), bstr(bytes.Repeat([]byte{1}, 256+512-short)...)})(f)
	require.Len(t, f.bytes(), 512)
	_, err := credential.ParseGrant(f.bytes())
	require.NoError(t, err)
	conditioned(pair{num(8), bstr(make([]byte, 257+512-short)...)})(f)
	_, err = credential.ParseGrant(f.bytes())
	requireReason(t, err, overLimit, "513 bytes")
}
