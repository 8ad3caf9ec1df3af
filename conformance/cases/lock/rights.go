package lock

import (
	"fmt"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder/holdertest"
)

// resumedRights are slots of visitors who may not open any more: a slot saves the
// proof of who is there, and none of the judgement.
func resumedRights() []cases.Case {
	var all []cases.Case
	for i, c := range []struct {
		what string
		rows []string
		says cases.Outcome
		ask  holdertest.Request
		slot func(v visit) *slot
		ends func(v visit, s *slot)
	}{
		{"a list denies the grant of the slot", []string{"PST-RES-008#6", "PST-REV-005#1"}, cases.Refused(credential.ReasonDenied), asksDeliver,
			func(v visit) *slot { return v.keeps(v.postman(nil), v.delivers()) },
			func(v visit, s *slot) { v.hands(v.denies(1, s.phone.Grant), post(v.T)) }},
		{"the floor has reached the end of the slot's grant", []string{"PST-RES-008#6", "PST-DEC-037#2"}, cases.Refused(credential.ReasonExpired), asksOpen,
			func(v visit) *slot {
				return v.keeps(v.neighbour(func(c *credential.GrantClaims) { c.Expires = v.World.Now + 60 }), asksOpen)
			},
			func(v visit, _ *slot) {
				v.hands(v.Made(v.World.Policy(2, func(c *credential.PolicyClaims) { c.IssuedAt = v.World.Now + 60 })))
			}},
		{"the policy blocks guests since the slot was made", []string{"PST-RES-008#6", "PST-OWN-031#6"}, cases.Refused(credential.ReasonBlocked), asksOpen,
			func(v visit) *slot { return neighbours(v)[0] },
			func(v visit, _ *slot) {
				v.hands(v.Made(v.World.Policy(2, func(c *credential.PolicyClaims) { c.Block = credential.BlockGuests })))
			}},
		{"no policy names the anchor of the slot's operator any more", []string{"PST-RES-008#4", "PST-OWN-014"}, cases.Denied, asksDeliver,
			func(v visit) *slot {
				v.hands(v.Made(v.World.Policy(2, func(c *credential.PolicyClaims) { c.Anchors = []credential.PublicKey{v.World.Public("building")} })))
				s := v.keeps(v.porter(v.World.Key("building"), credential.ServicePost))
				o, _ := v.resumes(s, asksDeliver)
				v.Expect("a resumed delivery while the policy names the anchor", o, cases.Opened...)
				s.next(v)
				return s
			},
			func(v visit, _ *slot) { v.hands(v.Made(v.World.Policy(3, nil))) }},
	} {
		all = append(all, resuming(cases.Case{
			ID: fmt.Sprintf("LOCK-RESUME-%03d", 120+i), Title: "a slot is judged again: " + c.what, Fault: c.what, Requirements: c.rows, Allowed: []cases.Outcome{c.says},
		}, func(v visit) []*slot {
			bad := c.slot(v)
			c.ends(v, bad)
			return []*slot{beside(v), bad}
		}, func(v visit, slots []*slot, faulty bool) cases.Outcome {
			s, r := slots[0], asksOpen
			if faulty {
				s, r = slots[1], c.ask
			}
			o, _ := v.resumes(s, r)
			return o
		}))
	}
	return append(all, resumedCounts(), resumedPlace())
}

// resumedCounts is a counted grant whose uses are resumed.
func resumedCounts() cases.Case {
	return cases.Case{
		ID: "LOCK-RESUME-130", Revision: 1, Title: "a counted grant has no more uses by its slot than without", When: "capability(uses)",
		Requirements: []string{"PST-USE-007#4", "PST-USE-007#6", "PST-RES-008#6", "PST-RES-010"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			s := v.keeps(v.neighbour(func(c *credential.GrantClaims) { c.Scope[0].Uses = credential.Uses{Count: 2, Starts: 1} }), asksOpen)
			v.along(s)
			for range 2 { // the slot stays as it is
				o, _ := v.resumes(s, asksOpen)
				t.Expect("a third use", o, cases.Refused(credential.ReasonUsesSpent))
			}
			o, _ := v.resumes(s, asksStatus)
			t.Expect("a status", o, doneWell)
		},
	}
}

// resumedPlace is a co-owner who brings the policy that ends his place, in a
// transaction that he resumed.
func resumedPlace() cases.Case {
	named := func(v visit, name string) func(*credential.PolicyClaims) {
		return func(c *credential.PolicyClaims) { c.CoOwners = []credential.PublicKey{v.World.Public(name)} }
	}
	return anew(cases.Case{
		ID: "LOCK-RESUME-131", Title: "a resumed co-owner brings the policy that ends his place", Fault: "the policy names somebody else", When: "capability(resumption)",
		Requirements: []string{"PST-RES-008#6", "PST-DOC-001#3"}, Passes: []cases.Outcome{"opened, document none", "unconfirmed, document none"},
		Allowed: []cases.Outcome{"refused: denied, document none"},
	}, func(v visit, faulty bool) cases.Outcome {
		v.hands(v.Made(v.World.Policy(2, named(v, "spouse"))))
		s := v.keeps(v.Phone("spouse", nil), asksOpen)
		name := "spouse"
		if faulty {
			name = "somebody else"
		}
		o, a := v.resumes(s, holdertest.Request{Operation: credential.OperationOpen, Documents: [][]byte{v.Made(v.World.Policy(3, named(v, name)))}})
		return told(o, a)
	})
}
