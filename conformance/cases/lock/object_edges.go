package lock

import (
	"crypto/ed25519"
	"fmt"
	"math/big"
	"slices"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/credential"
	ct "github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/credential/holder/holdertest"
)

// objectEdges are signatures of objects that are next to good.
func objectEdges() []cases.Case {
	small := func(r []byte) func(t *cases.T, o *ct.Object) {
		return func(t *cases.T, o *ct.Object) {
			o.Signature = cases.WithR(t.World.Key("owner").(ed25519.PrivateKey), r, o.ToBeSigned())
		}
	}
	var all []cases.Case
	for i, f := range []struct {
		what string
		rows []string
		sign func(t *cases.T, o *ct.Object)
	}{
		{"its signature has a bit changed", []string{"PST-OBJ-019#5"}, func(_ *cases.T, o *ct.Object) { o.Signature = ct.Flip(3)(o.Signature) }},
		{"S of its signature is not below L", []string{"PST-OBJ-019#2"}, func(_ *cases.T, o *ct.Object) { o.Signature = cases.PlusL(o.Signature) }},
		{"R of its signature is not canonical", []string{"PST-OBJ-019#5"}, small(neutralOther)},
		{"R of its signature is off by the point of order 2", []string{"PST-OBJ-019#5"}, small(order2)},
		{"R of its signature is off by a point of order 4", []string{"PST-OBJ-019#5"}, small(order4)},
		{"another key signed it, and its kid is the owner's", []string{"PST-OBJ-013"}, func(t *cases.T, o *ct.Object) { o.Sign(t.World.Key("thief")) }},
		{"its signature is that of another policy", []string{"PST-OBJ-013", "PST-OBJ-019#5"}, func(t *cases.T, o *ct.Object) {
			other, err := ct.ParseObject(t.Made(t.World.Policy(3, nil)))
			t.OK(err)
			o.Signature = other.Signature
		}},
	} {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-SIG-%03d", 30+i), Revision: 1, Title: "a policy: " + f.what, Fault: f.what,
			Requirements: append(f.rows, "PST-DOC-006#4"), Needs: keys, Setup: cases.Owned,
			Passes: taken, Allowed: []cases.Outcome{judged(credential.ReasonSignature)},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				o, err := ct.ParseObject(t.Made(t.World.Policy(2, nil)))
				t.OK(err)
				if faulty {
					f.sign(t, o)
				}
				return handed(t, o.Encode())
			},
		})
	}
	return slices.Concat(all, weakHolders(), grantEdges256())
}

// weakHolders prove grants to keys that need no private key.
func weakHolders() []cases.Case {
	var all []cases.Case
	for i, f := range []struct {
		what string
		key  []byte
		row  []string
	}{
		{"the neutral point", point(1, 0, 0), []string{"PST-OBJ-010#4", "PST-OBJ-019#4"}},
		{"the neutral point in another encoding", point(0xEE, 0xFF, 0x7F), []string{"PST-OBJ-010#3", "PST-OBJ-019#3"}},
	} {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-SIG-%03d", 50+i), Revision: 1, Title: "a grant to " + f.what, Fault: "the key of the grant is " + f.what,
			Requirements: unique(append(f.row, untold...)), Needs: keys, Setup: cases.Owned, Passes: cases.Opened, Allowed: denied,
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				p := neighbour(t, 0)
				if faulty {
					p.Grant = ct.OfObject(func(o *ct.Object) {
						parameter(-2, f.key)(o)
						o.Sign(t.World.Key("owner"))
					})(p.Grant)
					p.Alter = holdertest.Alter{holdertest.Signature3: ct.Replace(append(neutral[:32:32], make([]byte, 32)...))}
				}
				return ends(t, t.Tap(p, opens))
			},
		})
	}
	return all
}

// grantEdges256 are the edge cases of section 4.4.2 in grants.
func grantEdges256() []cases.Case {
	var all []cases.Case
	for i, f := range []struct {
		what  string
		alter func([]byte) []byte
	}{
		{"r is 0", half(0, new(big.Int))}, {"s is 0", half(32, new(big.Int))}, {"r is n", half(0, orderN)}, {"s is n", half(32, orderN)}, {"a bit of s is changed", ct.Flip(40)},
	} {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-SIG-%03d", 40+i), Revision: 1, Title: "a grant signed with P-256: " + f.what, Fault: f.what,
			Requirements: []string{"PST-OBJ-021", "PST-OBJ-024", "PST-DEC-007#11", "PST-DEC-008"}, When: suiteOf[2], Needs: keys, Setup: cases.Owned,
			Passes: cases.Opened, Allowed: denied,
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				alter := func(b []byte) []byte { return b }
				if faulty {
					alter = f.alter
				}
				return ends(t, t.Tap(carried(t, 2, alter)))
			},
		})
	}
	return all
}
