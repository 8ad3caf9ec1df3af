package lock

import (
	"fmt"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder/holdertest"
	"github.com/postern-lock/postern/issuer"
)

// wills are the cases of chapter 18 that the vectors do not have.
func wills() []cases.Case { return append(willOrder(), listPlaces()...) }

// revokes is a list that the named authority signed.
func (v visit) revokes(name string, a *credential.Authority, c credential.RevocationClaims) []byte {
	r, err := issuer.NewRevoker(v.World.Key(name), a)
	v.OK(err)
	if c.Version == 0 {
		c.Version = 1
	}
	c.IssuedAt = v.World.Now
	return v.Made(r.Revoke(c))
}

// denies is the post's list that denies one grant.
func (v visit) denies(grant []byte) []byte {
	return v.revokes("post", v.World.Post.Authority(), credential.RevocationClaims{
		Denied: []credential.Denial{{Tag: v.tagged(grant), Expires: v.World.Now + 5*world.Day}},
	})
}

// hands has the owner hand one document over, with what its signer is known by.
func (v visit) hands(document []byte, chain ...[]byte) {
	v.Lock.Cycle()
	v.Expect("handing a document over", handed(v.T, document, chain...), judged(credential.ReasonNone))
}

// willOrder are visitors with two faults: the one is named that is judged first.
// Their twin has the other one alone.
func willOrder() []cases.Case {
	hours := func(least credential.Evidence) func(*credential.PolicyClaims) {
		return func(c *credential.PolicyClaims) {
			c.Services[0].Evidence, c.Services[0].Hours = least, credential.Schedule{{Days: 127, From: 0, Until: 1}}
		}
	}
	blocked := func(c *credential.PolicyClaims) { c.Block = credential.BlockServices | credential.BlockGuests }
	unadmitted := func(c *credential.PolicyClaims) { c.Services = nil }
	reason := func(r credential.Reason) cases.Outcome { return cases.Refused(r) }
	var all []cases.Case
	for i, c := range []struct {
		first, second string
		rows          []string
		policy        func(*credential.PolicyClaims)
		twin, says    cases.Outcome
		fault         func(v visit, phone **holdertest.Phone, r *holdertest.Request)
		guest         bool
	}{
		{"a list denies his grant", "operators are blocked", []string{"PST-OWN-031#2", "PST-OWN-031#6"}, blocked, reason(credential.ReasonBlocked), reason(credential.ReasonDenied), listed, false},
		{"a list denies his grant", "his service is not admitted", []string{"PST-OWN-031#2", "PST-OWN-031#7"}, unadmitted, reason(credential.ReasonNotAdmitted), reason(credential.ReasonDenied), listed, false},
		{"his grant is of a version before the least", "guests are blocked", []string{"PST-OWN-031#5", "PST-OWN-031#6"}, func(c *credential.PolicyClaims) { blocked(c); c.Least = 2 },
			reason(credential.ReasonBlocked), reason(credential.ReasonDenied), func(v visit, phone **holdertest.Phone, _ *holdertest.Request) { *phone = v.neighbour(nil) }, true},
		{"his service is admitted for another action", "it is admitted by the hour", []string{"PST-OWN-031#7", "PST-OWN-031#8"}, hours(credential.EvidenceLive),
			reason(credential.ReasonEvidence), reason(credential.ReasonNotAdmitted), func(v visit, phone **holdertest.Phone, r *holdertest.Request) {
				*phone, r.Operation = v.postman(func(c *credential.GrantClaims) { c.Scope[0].Actions = credential.ActionService }), credential.OperationService
			}, false},
		{"a stated time is not enough for his admission", "it is none of its hours", []string{"PST-OWN-031#8", "PST-OWN-031#9"}, hours(credential.EvidenceStated),
			reason(credential.ReasonHours), reason(credential.ReasonEvidence), func(v visit, _ **holdertest.Phone, _ *holdertest.Request) {
				v.hands(v.Made(v.World.Policy(3, hours(credential.EvidenceLive))))
				v.Lock.Cycle()
			}, false},
	} {
		all = append(all, oneTap(cases.Case{
			ID: fmt.Sprintf("LOCK-WILL-%03d", 1+i), Title: c.first + ", and " + c.second + ": the first is named", Fault: c.first + ", and not only " + c.second,
			Requirements: c.rows, Passes: []cases.Outcome{c.twin}, Allowed: []cases.Outcome{c.says},
			Changes: []string{cases.SeesFloor, cases.SeesMemory, cases.SeesPolicy, "state that the owner is told"}, After: begins,
		}, func(v visit, faulty bool) cases.Outcome {
			ownedAnew(v.T)
			v.hands(v.Made(v.World.Policy(2, c.policy)))
			p, r := v.postman(nil), v.delivers()
			r.Documents = [][]byte{v.Made(v.clocked().State(v.World.Now+100, 60))}
			if c.guest {
				p, r = v.neighbour(func(c *credential.GrantClaims) { c.Scope[0].PolicyVersion = 2 }), asksOpen
			}
			if faulty {
				c.fault(v, &p, &r)
			}
			v.Lock.Cycle()
			return v.Tap(p, r)
		}))
	}
	return all
}

// listed has the lock hold the post's list that denies the postman's grant.
func listed(v visit, _ **holdertest.Phone, _ *holdertest.Request) {
	v.hands(v.denies(v.Made(v.World.Round(nil))), post(v.T))
}

// building is an operator under an anchor, and its certificate.
func (v visit) building() *issuer.Operator {
	s, err := issuer.NewScheme(v.World.Key("building"))
	v.OK(err)
	c := v.World.PostClaims()
	c.Key = v.World.Public("janitors")
	u, err := credential.ParseAuthority(v.Made(s.Certify(c)))
	v.OK(err)
	trust := credential.Verifier{Roots: []credential.PublicKey{v.World.Public("building")}}
	a, err := trust.Authority(u)
	v.OK(err)
	o, err := issuer.NewOperator(v.World.Key("janitors"), a)
	v.OK(err)
	return o
}

// listPlaces are lists that have to stay though another one comes.
func listPlaces() []cases.Case {
	anchored := func(v visit) func(*credential.PolicyClaims) {
		return func(c *credential.PolicyClaims) { c.Anchors = []credential.PublicKey{v.World.Public("building")} }
	}
	return []cases.Case{oneTap(cases.Case{
		ID: "LOCK-WILL-020", Title: "a list for whose sake nobody is trusted for a while stays where another finds an empty place", Fault: "the list of an anchor's operator denies the grant",
		Requirements: []string{"PST-REV-015#2", "PST-REV-005#1"}, Passes: cases.Opened, Allowed: []cases.Outcome{cases.Refused(credential.ReasonDenied)}, After: begins,
	}, func(v visit, faulty bool) cases.Outcome {
		ownedAnew(v.T)
		janitors := v.building()
		certificate := janitors.Authority().Bytes()
		grant := v.Made(janitors.Grant(credential.GrantClaims{
			Holder: v.World.Public("porter"), IssuedAt: v.World.Now, Expires: v.World.Now + world.Day,
			Scope: []credential.Entry{{Target: credential.LockTarget(v.World.Lock), Actions: credential.ActionDeliver}},
		}))
		denied := credential.Denial{Tag: credential.Tag{1}, Expires: v.World.Now + 5*world.Day}
		if faulty {
			denied.Tag = v.tagged(grant)
		}
		v.hands(v.Made(v.World.Policy(2, anchored(v))))
		v.hands(v.revokes("janitors", janitors.Authority(), credential.RevocationClaims{Denied: []credential.Denial{denied}}), certificate)
		v.hands(v.Made(v.World.Policy(3, nil)))
		v.hands(v.denies(v.Made(v.World.Guest(nil))), post(v.T))
		v.hands(v.Made(v.World.Policy(4, anchored(v))))
		v.Lock.Cycle()
		return v.Tap(v.Phone("porter", grant), holdertest.Request{Operation: credential.OperationDeliver, Chain: [][]byte{certificate}})
	})}
}
