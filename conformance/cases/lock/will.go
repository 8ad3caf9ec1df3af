package lock

import (
	"bytes"
	"crypto"
	"fmt"
	"slices"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder/holdertest"
	"github.com/postern-lock/postern/issuer"
)

// wills are the cases of chapter 18 that the vectors do not have.
func wills() []cases.Case { return slices.Concat(willOrder(), listPlaces(), lastOfMany()) }

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

// denies is the post's list of the version that denies the grants.
func (v visit) denies(version uint32, grants ...[]byte) []byte {
	c := credential.RevocationClaims{Version: version}
	for _, g := range grants {
		c.Denied = append(c.Denied, credential.Denial{Tag: v.tagged(g), Expires: v.World.Now + 5*world.Day})
	}
	slices.SortFunc(c.Denied, func(a, b credential.Denial) int { return bytes.Compare(a.Tag[:], b.Tag[:]) })
	return v.revokes("post", v.World.Post.Authority(), c)
}

// hands has the owner hand one document over, with what its signer is known by.
func (v visit) hands(document []byte, chain ...[]byte) {
	v.Lock.Cycle()
	v.Expect("handing a document over", handed(v.T, document, chain...), judged(credential.ReasonNone))
}

// anew is a case whose good and bad tap differ before the last one: each begins with
// a lock of its own.
func anew(c cases.Case, act func(v visit, faulty bool) cases.Outcome) cases.Case {
	c.Revision, c.Needs, c.After = 1, append(withKeys[:1:1], c.Needs...), begins
	c.Act = func(t *cases.T, faulty bool) cases.Outcome {
		ownedAnew(t)
		return act(visit{t}, faulty)
	}
	return c
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
		all = append(all, anew(cases.Case{
			ID: fmt.Sprintf("LOCK-WILL-%03d", 1+i), Title: c.first + ", and " + c.second + ": the first is named", Fault: c.first + ", and not only " + c.second,
			Requirements: c.rows, Passes: []cases.Outcome{c.twin}, Allowed: []cases.Outcome{c.says},
		}, func(v visit, faulty bool) cases.Outcome {
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
	v.hands(v.denies(1, v.Made(v.World.Round(nil))), post(v.T))
}

// janitors is an operator that the key certifies for a service.
func (v visit) janitors(root crypto.Signer, service credential.Service) *issuer.Operator {
	s, err := issuer.NewScheme(root)
	v.OK(err)
	c := v.World.PostClaims()
	c.Key, c.Services = v.World.Public("janitors"), []credential.Service{service}
	u, err := credential.ParseAuthority(v.Made(s.Certify(c)))
	v.OK(err)
	trust := credential.Verifier{Roots: []credential.PublicKey{s.PublicKey()}}
	a, err := trust.Authority(u)
	v.OK(err)
	o, err := issuer.NewOperator(v.World.Key("janitors"), a)
	v.OK(err)
	return o
}

// porter is the phone of the janitors' staff, and its delivery.
func (v visit) porter(root crypto.Signer, service credential.Service) (*holdertest.Phone, holdertest.Request) {
	o := v.janitors(root, service)
	grant := v.Made(o.Grant(credential.GrantClaims{
		Holder: v.World.Public("porter"), IssuedAt: v.World.Now, Expires: v.World.Now + world.Day,
		Scope: []credential.Entry{{Target: credential.LockTarget(v.World.Lock), Actions: credential.ActionDeliver}},
	}))
	return v.Phone("porter", grant), holdertest.Request{Operation: credential.OperationDeliver, Chain: [][]byte{o.Authority().Bytes()}}
}

// listPlaces are lists that have to stay though another one comes.
func listPlaces() []cases.Case {
	anchored := func(v visit) func(*credential.PolicyClaims) {
		return func(c *credential.PolicyClaims) { c.Anchors = []credential.PublicKey{v.World.Public("building")} }
	}
	return []cases.Case{anew(cases.Case{
		ID: "LOCK-WILL-020", Title: "a list for whose sake nobody is trusted for a while stays where another finds an empty place", Fault: "the list of an anchor's operator denies the grant",
		Requirements: []string{"PST-REV-015#2", "PST-REV-005#1"}, Passes: cases.Opened, Allowed: []cases.Outcome{cases.Refused(credential.ReasonDenied)},
	}, func(v visit, faulty bool) cases.Outcome {
		authority := v.janitors(v.World.Key("building"), credential.ServicePost).Authority()
		p, r := v.porter(v.World.Key("building"), credential.ServicePost)
		denied := credential.Denial{Tag: credential.Tag{1}, Expires: v.World.Now + 5*world.Day}
		if faulty {
			denied.Tag = v.tagged(p.Grant)
		}
		v.hands(v.Made(v.World.Policy(2, anchored(v))))
		v.hands(v.revokes("janitors", authority, credential.RevocationClaims{Denied: []credential.Denial{denied}}), authority.Bytes())
		v.hands(v.Made(v.World.Policy(3, nil)))
		v.hands(v.denies(1, v.Made(v.World.Guest(nil))), post(v.T))
		v.hands(v.Made(v.World.Policy(4, anchored(v))))
		v.Lock.Cycle()
		return v.Tap(p, r)
	})}
}

// fullness is a setting or a list that is full, whose last element is the one that
// counts.
type fullness struct {
	what, fault string
	rows        []string
	says        cases.Outcome
	tap         func(v visit, faulty bool) (*holdertest.Phone, holdertest.Request)
}

// lastOfMany are the cases of what is full.
func lastOfMany() []cases.Case {
	var all []cases.Case
	for i, c := range append(lastDenied(), lastAdmitted()...) {
		all = append(all, anew(cases.Case{
			ID: fmt.Sprintf("LOCK-WILL-%03d", 30+i), Title: "of " + c.what + " the last one counts", Fault: c.fault,
			Requirements: c.rows, Passes: cases.Opened, Allowed: []cases.Outcome{c.says},
		}, func(v visit, faulty bool) cases.Outcome {
			p, r := c.tap(v, faulty)
			v.Lock.Cycle()
			return v.Tap(p, r)
		}))
	}
	return all
}

// lastDenied are tags that deny.
func lastDenied() []fullness {
	tags := func(n int, last credential.Tag) (all []credential.Tag) {
		for i := range n - 1 {
			all = append(all, credential.Tag{7: byte(i + 1)})
		}
		return append(all, last)
	}
	return []fullness{
		{"sixteen denied tags", "the last of them is that of the grant", []string{"PST-OWN-031#4", "PST-OWN-001#4"}, cases.Refused(credential.ReasonDenied),
			func(v visit, faulty bool) (*holdertest.Phone, holdertest.Request) {
				p, last := v.neighbour(nil), credential.Tag{7: 99}
				if faulty {
					last = v.tagged(p.Grant)
				}
				v.hands(v.Made(v.World.Policy(2, func(c *credential.PolicyClaims) { c.Denied = tags(16, last) })))
				return p, asksOpen
			}},
		{"twenty-four entries of a list", "the last of them is that of the grant", []string{"PST-REV-005#1", "PST-REV-001#1"}, cases.Refused(credential.ReasonDenied),
			func(v visit, faulty bool) (*holdertest.Phone, holdertest.Request) {
				p, last := v.postman(nil), credential.Tag{7: 99}
				if faulty {
					last = v.tagged(p.Grant)
				}
				var denied []credential.Denial
				for _, t := range tags(24, last) {
					denied = append(denied, credential.Denial{Tag: t, Expires: v.World.Now + world.Day})
				}
				v.hands(v.revokes("post", v.World.Post.Authority(), credential.RevocationClaims{Denied: denied}), post(v.T))
				return p, v.delivers()
			}},
	}
}

// lastAdmitted are keys and services that are let in.
func lastAdmitted() []fullness {
	public := func(v visit, n int, last string) (keys []credential.PublicKey) {
		for i := range n - 1 {
			keys = append(keys, v.World.Public(fmt.Sprint("key ", i)))
		}
		return append(keys, v.World.Public(last))
	}
	return []fullness{
		{"eight admissions", "the last of them is for another service", []string{"PST-OWN-031#7", "PST-OWN-001#2"}, cases.Refused(credential.ReasonNotAdmitted),
			func(v visit, faulty bool) (*holdertest.Phone, holdertest.Request) {
				v.hands(v.Made(v.World.Policy(2, func(c *credential.PolicyClaims) {
					c.Services = nil
					for s := range credential.Service(8) {
						c.Services = append(c.Services, credential.Admission{Service: s + 20, Actions: credential.ActionDeliver})
					}
					if faulty {
						c.Services[7].Service++
					}
				})))
				return v.porter(v.World.Key("scheme"), 27)
			}},
		{"four co-owners", "the last of them is somebody else", []string{"PST-OWN-001#5", "PST-DEC-015#1"}, cases.Denied,
			func(v visit, faulty bool) (*holdertest.Phone, holdertest.Request) {
				name := "spouse"
				if faulty {
					name = "somebody else"
				}
				v.hands(v.Made(v.World.Policy(2, func(c *credential.PolicyClaims) { c.CoOwners = public(v, 4, name) })))
				return v.Phone("spouse", nil), asksOpen
			}},
		{"two anchors", "the last of them is another building's", []string{"PST-OWN-014", "PST-OWN-001#7"}, cases.Denied,
			func(v visit, faulty bool) (*holdertest.Phone, holdertest.Request) {
				name := "building"
				if faulty {
					name = "another building"
				}
				v.hands(v.Made(v.World.Policy(2, func(c *credential.PolicyClaims) { c.Anchors = public(v, 2, name) })))
				return v.porter(v.World.Key("building"), credential.ServicePost)
			}},
	}
}
