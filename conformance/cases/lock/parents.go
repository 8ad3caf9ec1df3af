package lock

import (
	"crypto/sha256"
	"fmt"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/credential"
	ct "github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/credential/holder/holdertest"
)

// parents are grants that stand in a chain where the leaf's parent is looked for.
func parents() []cases.Case {
	son := func(v visit, chain func(parent []byte) [][]byte) cases.Outcome {
		parent := v.Made(v.World.Guest(passable))
		p := v.Phone("son", v.delegates("neighbour", parent, "son", nil))
		return v.Tap(p, holdertest.Request{Operation: credential.OperationOpen, Chain: chain(parent)})
	}
	alone := func(parent []byte) [][]byte { return [][]byte{parent} }
	return []cases.Case{{
		ID: "LOCK-PARENT-001", Revision: 1, Title: "the parent stands behind a grant whose digest begins with the same byte",
		Requirements: []string{"PST-DLG-005", "PST-DLG-005#1"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			t.Expect("the son opens", son(v, func(parent []byte) [][]byte { return [][]byte{v.alike(parent), parent} }), cases.Opened...)
		},
	}, oneTap(cases.Case{
		ID: "LOCK-PARENT-002", Title: "a grant whose digest begins with that of the parent's is no parent", Fault: "in the place of the parent stands another grant, whose digest begins with the same byte",
		Requirements: []string{"PST-DLG-005", "PST-DLG-005#1"}, Passes: cases.Opened, Allowed: []cases.Outcome{cases.Missing},
	}, func(v visit, faulty bool) cases.Outcome {
		if faulty {
			return son(v, func(parent []byte) [][]byte { return [][]byte{v.alike(parent)} })
		}
		return son(v, alone)
	}), oneTap(cases.Case{
		ID: "LOCK-PARENT-003", Title: "another grant to the same holder is no parent", Fault: "in the place of the parent stands another grant of the owner's to the same holder",
		Requirements: []string{"PST-DLG-005", "PST-DLG-005#1"}, Passes: cases.Opened, Allowed: []cases.Outcome{cases.Missing},
	}, func(v visit, faulty bool) cases.Outcome {
		if faulty {
			return son(v, func([]byte) [][]byte {
				return [][]byte{v.Made(v.World.Guest(func(c *credential.GrantClaims) { passable(c); c.Expires++ }))}
			})
		}
		return son(v, alone)
	}), oneTap(cases.Case{
		ID: "LOCK-PARENT-004", Title: "a grant that does not read, before the parent and behind it", Fault: "the grant that does not read stands before the parent",
		Requirements: []string{"PST-DLG-005#1", "PST-DEC-007#10"}, Passes: cases.Opened, Allowed: []cases.Outcome{cases.Denied},
	}, func(v visit, faulty bool) cases.Outcome {
		return son(v, func(parent []byte) [][]byte {
			bad := ct.OfObject(func(o *ct.Object) { o.Claims(func(m *ct.Map) { m.Set(4, m.Get(6)) }) })(parent)
			if faulty {
				return [][]byte{bad, parent}
			}
			return [][]byte{parent, bad}
		})
	}), signedLink(6, "alg of the link is that of the other suite", func(v visit, o *ct.Object) {
		o.Header(func(m *ct.Map) { m.Set(1, ct.Int(-9)) })
		o.Sign(v.World.Key("neighbour"))
	}), signedLink(7, "the owner signed the link, under his own kid", func(v visit, o *ct.Object) {
		id := credential.KeyIDOf(v.World.Public("owner"))
		o.Header(func(m *ct.Map) { m.Set(4, ct.Bytes(id[:])) })
		o.Sign(v.World.Key("owner"))
	}), signedLink(8, "the owner signed the link, under the kid of its parent's holder", func(v visit, o *ct.Object) {
		o.Sign(v.World.Key("owner"))
	}), oneTap(cases.Case{
		ID: "LOCK-PARENT-005", Title: "a middle link is found by its digest, whatever stands before it", Fault: "the middle link is one that another holder signed below the same parent",
		Requirements: []string{"PST-DLG-005", "PST-DLG-005#1"}, Passes: cases.Opened, Allowed: []cases.Outcome{cases.Missing},
	}, func(v visit, faulty bool) cases.Outcome {
		root := v.Made(v.World.Guest(func(c *credential.GrantClaims) { c.Scope[0].Delegation = 2 }))
		middle := v.delegates("neighbour", root, "son", passable)
		other := v.delegates("neighbour", root, "son", func(c *credential.GrantClaims) { passable(c); c.Expires-- })
		chain := [][]byte{root, other, middle}
		if faulty {
			chain = chain[:2]
		}
		return v.Tap(v.Phone("friend", v.delegates("son", middle, "friend", nil)), holdertest.Request{Operation: credential.OperationOpen, Chain: chain})
	})}
}

// signedLink is the case of a link that nobody may have signed so.
func signedLink(number int, what string, alter func(v visit, o *ct.Object)) cases.Case {
	return oneTap(cases.Case{
		ID: fmt.Sprintf("LOCK-PARENT-%03d", number), Title: "a link below the neighbour's grant: " + what, Fault: what,
		Requirements: []string{"PST-DLG-005#3", "PST-DEC-008"}, Passes: cases.Opened, Allowed: []cases.Outcome{cases.Denied},
	}, func(v visit, faulty bool) cases.Outcome {
		parent := v.Made(v.World.Guest(passable))
		leaf := v.delegates("neighbour", parent, "son", nil)
		if faulty {
			leaf = ct.OfObject(func(o *ct.Object) { alter(v, o) })(leaf)
		}
		return v.Tap(v.Phone("son", leaf), holdertest.Request{Operation: credential.OperationOpen, Chain: [][]byte{parent}})
	})
}

// passable lets the holder pass the grant's first entry on, once.
func passable(c *credential.GrantClaims) { c.Scope[0].Delegation = 1 }

// alike is another grant of the owner's to the neighbour, whose digest begins with
// the same byte as that of the good one.
func (v visit) alike(good []byte) []byte {
	u, err := credential.ParseGrant(good)
	v.OK(err)
	want := u.Digest()[0]
	claims := u.Claims
	for {
		claims.Expires++
		unsigned, err := credential.NewGrant(claims, v.World.Public("owner"))
		v.OK(err)
		if sha256.Sum256(unsigned.ToBeSigned())[0] == want {
			return v.Made(v.World.Owner.Grant(claims))
		}
	}
}
