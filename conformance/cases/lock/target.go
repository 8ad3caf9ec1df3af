package lock

import (
	"fmt"
	"slices"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/credential"
	ct "github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/credential/holder/holdertest"
)

// targets are the cases of section 4.8 that a good form leaves.
func targets() []cases.Case {
	return slices.Concat(matching(), foreignTargets(), unknownParts())
}

// targeted is the guest's phone with another target, and other actions, in the
// grant.
func targeted(t *cases.T, kind uint64, target []byte, actions uint64) *holdertest.Phone {
	p := neighbour(t, 0)
	p.Grant = ct.OfObject(func(o *ct.Object) {
		entry(func(e [][]byte) [][]byte { return append([][]byte{ct.Uint(kind), target, ct.Uint(actions)}, e[3:]...) })(o)
		o.Sign(t.World.Key("owner"))
	})(p.Grant)
	return p
}

// matching are entries that match the lock.
func matching() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-TARGET-001", Revision: 1, Title: "entries that match: the lock's id, and every beginning of its area code", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-OBJ-057#1", "PST-OBJ-057#2", "PST-OBJ-034", "PST-OBJ-001"},
		Run: func(t *cases.T) {
			t.Expect("the lock's id", t.Tap(targeted(t, 1, ct.Bytes(t.World.Lock[:]), 1), opens), cases.Opened...)
			for n := range t.World.Area {
				t.Lock.Cycle()
				t.Expect(fmt.Sprintf("the first %d bytes of the area code", n+1), t.Tap(targeted(t, 2, ct.Bytes(t.World.Area[:n+1]), 1), opens), cases.Opened...)
			}
		},
	}, {
		ID: "LOCK-TARGET-002", Revision: 1, Title: "every listed action, the reserved one included, stands beside the one that is asked", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-OBJ-032", "PST-OBJ-034#5", "PST-LIM-001"},
		Run: func(t *cases.T) {
			t.Expect("a grant with the actions 127", t.Tap(targeted(t, 1, ct.Bytes(t.World.Lock[:]), 127), opens), cases.Opened...)
		},
	}, {
		ID: "LOCK-TARGET-003", Revision: 1, Title: "every listed right stands beside the one that is needed", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-OBJ-032", "PST-OBJ-026#6", "PST-OBJ-033"},
		Run: func(t *cases.T) {
			certificate := certified(t, func(c *credential.AuthorityClaims) { c.Rights |= credential.RightLock })
			t.Expect("the postman's tap", t.Tap(postman(t, nil), bringing(delivers, certificate)), cases.Opened...)
		},
	}, {
		ID: "LOCK-TARGET-004", Revision: 1, Title: "a lock without an area code", Fault: "the entry is for an area, and the lock has no area code", Needs: keys,
		Requirements: []string{"PST-OBJ-057#2"}, Passes: cases.Opened, Allowed: []cases.Outcome{cases.Refused(credential.ReasonTarget)},
		Setup: func(t *cases.T) {
			t.Lock.Power(false)
			t.Lock.FreshWith(withoutArea)
			cases.Owned(t)
		},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			if !faulty {
				return t.Tap(neighbour(t, 0), opens)
			}
			return t.Tap(targeted(t, 2, ct.Bytes(t.World.Area[:1]), 1), opens)
		},
	}}
}

// foreignTargets are entries that do not match the lock.
func foreignTargets() []cases.Case {
	var all []cases.Case
	for i, f := range []struct {
		what   string
		row    string
		kind   uint64
		target func(t *cases.T) []byte
	}{
		{"another lock's id, which differs in its last bit", "1", 1, func(t *cases.T) []byte { return ct.Bytes(ct.Flip(-1)(slices.Clone(t.World.Lock[:]))) }},
		{"another lock's id, which differs in its first bit", "1", 1, func(t *cases.T) []byte { return ct.Bytes(ct.Flip(0)(slices.Clone(t.World.Lock[:]))) }},
		{"an area code that goes on where the lock's ends", "2", 2, func(t *cases.T) []byte { return ct.Bytes(append(slices.Clone(t.World.Area), '0')) }},
		{"an area code that differs in its last byte", "2", 2, func(t *cases.T) []byte { return ct.Bytes(ct.Flip(-1)(slices.Clone(t.World.Area))) }},
		{"an area code that is an end of the lock's", "2", 2, func(t *cases.T) []byte { return ct.Bytes(t.World.Area[2:]) }},
		{"an area code that differs in its first byte", "2", 2, func(t *cases.T) []byte { return ct.Bytes(ct.Flip(0)(slices.Clone(t.World.Area))) }},
		{"the lock's id as an area code", "2", 2, func(t *cases.T) []byte { return ct.Bytes(t.World.Lock[:]) }},
		{"the lock's id under the target kind 0", "3", 0, func(t *cases.T) []byte { return ct.Bytes(t.World.Lock[:]) }},
		{"the lock's id under the target kind 3, which is reserved", "3", 3, func(t *cases.T) []byte { return ct.Bytes(t.World.Lock[:]) }},
		{"the lock's id under the target kind 2^32 + 1", "3", 1<<32 | 1, func(t *cases.T) []byte { return ct.Bytes(t.World.Lock[:]) }},
		{"a target kind of 64 bits, with an array for a target", "3", 1<<64 - 1, func(*cases.T) []byte { return ct.Array(yes) }},
	} {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-TARGET-%03d", 10+i), Revision: 1, Title: "an entry that does not match: " + f.what, Fault: "the entry is for " + f.what,
			Requirements: []string{"PST-OBJ-057#" + f.row, "PST-OBJ-043"}, Needs: keys, Setup: cases.Owned,
			Passes: cases.Opened, Allowed: []cases.Outcome{cases.Refused(credential.ReasonTarget)},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				if !faulty {
					return t.Tap(neighbour(t, 0), opens)
				}
				return t.Tap(targeted(t, f.kind, f.target(t), 1), opens)
			},
		})
	}
	return all
}

// entries is the guest's phone whose grant has these entries behind or before the
// good one.
func entries(t *cases.T, before bool, others ...[]byte) *holdertest.Phone {
	p := neighbour(t, 0)
	p.Grant = ct.OfObject(func(o *ct.Object) {
		scope(func(b []byte) []byte {
			items, _ := ct.Items(b[1:])
			if before {
				return ct.Array(append(slices.Clone(others), items...)...)
			}
			return ct.Array(append(items, others...)...)
		})(o)
		o.Sign(t.World.Key("owner"))
	})(p.Grant)
	return p
}

// unknownParts are what no lock implements, beside a good entry and alone.
func unknownParts() []cases.Case {
	target := func(kind uint64, conditions ...ct.Pair) func(*cases.T) []byte {
		return func(t *cases.T) []byte {
			e := [][]byte{ct.Uint(kind), ct.Bytes(t.World.Lock[:]), ct.Uint(1)}
			if len(conditions) > 0 {
				e = append(e, ct.Map(conditions).Encode())
			}
			return ct.Array(e...)
		}
	}
	deep := ct.Pair{Key: ct.Uint(9), Value: nested(5)}
	kinds := []struct {
		what  string
		row   string
		entry func(*cases.T) []byte
		alone cases.Outcome
	}{
		{"a condition of no meaning yet", "1", target(1, ct.Pair{Key: ct.Uint(8), Value: ct.Uint(1)}), cases.Refused(credential.ReasonConditionUnknown)},
		{"a condition of the number 0", "1", target(1, ct.Pair{Key: ct.Uint(0), Value: ct.Uint(1)}), cases.Refused(credential.ReasonConditionUnknown)},
		{"a condition of the number 2^64 - 1", "1", target(1, ct.Pair{Key: ct.Head(ct.MajorUint, 1<<64-1), Value: ct.Bytes(nil)}), cases.Refused(credential.ReasonConditionUnknown)},
		{"a condition whose value nests arrays as deep as may be", "1", target(1, deep), cases.Refused(credential.ReasonConditionUnknown)},
		{"a condition whose value is an array of 32", "1", target(1, ct.Pair{Key: ct.Uint(9), Value: ct.Array(slices.Repeat([][]byte{yes}, 32)...)}), cases.Refused(credential.ReasonConditionUnknown)},
		{"eight conditions of no meaning yet", "1", target(1, numbered(8)...), cases.Refused(credential.ReasonConditionUnknown)},
		{"a target kind of no meaning yet", "2", target(77), cases.Refused(credential.ReasonTarget)},
	}
	all := []cases.Case{{
		ID: "LOCK-TARGET-030", Revision: 1, Title: "what no lock implements does not harm the good entry beside it", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-OBJ-043#1", "PST-OBJ-043#2", "PST-OBJ-008", "PST-ENC-010#1", "PST-ENC-010#2", "PST-LIM-001"},
		Run: func(t *cases.T) {
			for _, k := range kinds {
				for _, before := range []bool{true, false} {
					t.Expect(k.what, t.Tap(entries(t, before, k.entry(t)), opens), cases.Opened...)
					t.Lock.Cycle()
				}
			}
		},
	}}
	for i, k := range kinds {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-TARGET-%03d", 31+i), Revision: 1, Title: "the only entry has " + k.what, Fault: "the only entry has " + k.what,
			Requirements: []string{"PST-OBJ-043#" + k.row, "PST-ENC-014"}, Needs: keys, Setup: cases.Owned, Passes: cases.Opened, Allowed: []cases.Outcome{k.alone},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				p := neighbour(t, 0)
				if faulty {
					p.Grant = ct.OfObject(func(o *ct.Object) {
						scope(ct.Replace(ct.Array(k.entry(t))))(o)
						o.Sign(t.World.Key("owner"))
					})(p.Grant)
				}
				return t.Tap(p, opens)
			},
		})
	}
	return all
}
