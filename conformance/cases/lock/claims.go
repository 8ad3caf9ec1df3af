package lock

import (
	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder/holdertest"
	"github.com/postern-lock/postern/spec"
)

// profiles are the cases of chapter 23: what a product claims has to be there, and
// what it does not claim must not show.
func profiles() []cases.Case {
	return append(append(claimed(), announcements()...), unclaimed()...)
}

// masks are those of the registry.
var masks = []struct {
	name string
	bit  uint64
}{
	{"suite-2", 1}, {"extended-length", 2}, {"resumption", 4}, {"live-time", 8}, {"uses", 16}, {"compartments", 32}, {"clock", 64},
}

// announcements hold the mask to the claims.
func announcements() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-CLAIM-001", Revision: 1, Title: "the lock announces what it claims and nothing else",
		Requirements: []string{"PST-PROF-004", "PST-PROF-005", "PST-APDU-011"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			p := visit{t}.owner()
			s, err := p.Select(t.Context())
			t.OK(err)
			t.Check(s.Lost == nil && !s.Refused() && len(s.Faults) == 0, "SELECT: %v %v", s.SW, s.Faults)
			for _, c := range masks {
				announced, claims := s.Capabilities&c.bit != 0, t.Claims("capability("+c.name+")")
				t.Check(!announced || claims, "the lock announces %s, which its maker does not claim", c.name)
				t.Check(announced || !claims, "the lock does not announce %s, which its maker claims", c.name)
			}
		},
	}}
}

// claimed are capabilities that are claimed, and so have to be there.
func claimed() []cases.Case {
	of := func(id, name, title string, more []shim.Verb, run func(v visit)) cases.Case {
		return cases.Case{
			ID: id, Revision: 1, Title: title, When: spec.Profile("capability(" + name + ")"), Requirements: []string{"PST-PROF-005", "PST-APDU-011"},
			Needs: append(withKeys[:1:1], more...), Setup: cases.Owned, Run: func(t *cases.T) { run(visit{t}) },
		}
	}
	return []cases.Case{
		of("LOCK-CLAIM-010", "resumption", "a lock that claims resumption resumes", nil, func(v visit) { v.along(neighbours(v)[0]) }),
		of("LOCK-CLAIM-011", "uses", "a lock that claims uses counts them", nil, func(v visit) {
			p := func() *holdertest.Phone {
				return v.neighbour(func(c *credential.GrantClaims) { c.Scope[0].Uses = credential.Uses{Count: 2, Starts: 1} })
			}
			v.opens("the first use", p(), asksOpen)
			v.opens("the second use", p(), asksOpen)
			o, _ := v.tap(p(), asksOpen)
			v.Expect("a use too many", o, cases.Refused(credential.ReasonUsesSpent))
		}),
		of("LOCK-CLAIM-012", "live-time", "a lock that claims live time takes a live token", nil, func(v visit) {
			v.Expect("an opening that needs a live time", v.lively(true), cases.Opened...)
		}),
		of("LOCK-CLAIM-013", "clock", "a lock that claims a clock judges by it", []shim.Verb{shim.VerbClock}, func(v visit) {
			at, offset := uint64(v.World.Now), 60
			v.Set(shim.Clock{Unix: &at, Offset: &offset})
			v.opens("an opening that needs a clock", v.neighbour(func(c *credential.GrantClaims) { c.Scope[0].Evidence = credential.EvidenceClock }), asksOpen)
		}),
		of("LOCK-CLAIM-014", "compartments", "a lock that claims compartments opens one", nil, func(v visit) {
			v.opens("compartment 1", v.owner(), holdertest.Request{Operation: credential.OperationOpen, Resource: 1})
		}),
		of("LOCK-CLAIM-015", "suite-2", "a lock that claims suite 2 is opened by a key of it", nil, func(v visit) {
			v.opens("a guest with a key of suite 2", v.second(), asksOpen)
		}),
	}
}

// lively opens by a grant that needs a live time, or by one that needs none, with
// a live token in either case.
func (v visit) lively(needed bool) cases.Outcome {
	p := v.neighbour(func(c *credential.GrantClaims) {
		if needed {
			c.Scope[0].Evidence = credential.EvidenceLive
		}
	})
	if o := v.Tap(p, asksStatus); o != doneWell {
		return o
	}
	return v.Ask(p, holdertest.Request{
		Operation: credential.OperationOpen, Chain: [][]byte{v.World.Post.Authority().Bytes()},
		Documents: [][]byte{v.Made(v.clocked().Live(v.World.Now, 60, p.Selected.Nonce))},
	})
}

// unclaimed are capabilities that are not claimed, and so must not show.
func unclaimed() []cases.Case {
	of := func(id, name, fault string, allowed []cases.Outcome, act func(v visit, faulty bool) cases.Outcome) cases.Case {
		return oneTap(cases.Case{
			ID: id, Title: "a lock that does not claim " + name + " does not have it", Fault: fault, When: spec.Profile("not capability(" + name + ")"),
			Requirements: []string{"PST-PROF-004", "PST-PROF-005", "PST-APDU-011"}, Passes: cases.Opened, Allowed: allowed,
		}, act)
	}
	unknown := cases.Refused(credential.ReasonOperationUnknown)
	return []cases.Case{
		noResumption(),
		of("LOCK-CLAIM-031", "uses", "the grant is counted", []cases.Outcome{cases.Refused(credential.ReasonConditionUnknown)}, func(v visit, faulty bool) cases.Outcome {
			return v.Tap(v.neighbour(func(c *credential.GrantClaims) {
				if faulty {
					c.Scope[0].Uses = credential.Uses{Count: 2, Starts: 1}
				}
			}), asksOpen)
		}),
		of("LOCK-CLAIM-032", "live-time", "the grant needs a live time", []cases.Outcome{cases.Refused(credential.ReasonEvidence)}, func(v visit, faulty bool) cases.Outcome {
			return v.lively(faulty)
		}),
		of("LOCK-CLAIM-033", "clock", "the grant needs a clock", []cases.Outcome{cases.Refused(credential.ReasonEvidence)}, func(v visit, faulty bool) cases.Outcome {
			if v.Lock.Has(shim.VerbClock) {
				at, offset := uint64(v.World.Now), 60
				v.Set(shim.Clock{Unix: &at, Offset: &offset})
			}
			return v.Tap(v.neighbour(func(c *credential.GrantClaims) {
				if faulty {
					c.Scope[0].Evidence = credential.EvidenceClock
				}
			}), asksOpen)
		}),
		of("LOCK-CLAIM-034", "compartments", "the request names compartment 1", []cases.Outcome{cases.Refused(credential.ReasonResource), unknown}, func(v visit, faulty bool) cases.Outcome {
			r := asksOpen
			if faulty {
				r.Resource = 1
			}
			return v.Tap(v.owner(), r)
		}),
		of("LOCK-CLAIM-035", "suite-2", "the phone's key is of suite 2", []cases.Outcome{cases.OtherSuite}, func(v visit, faulty bool) cases.Outcome {
			p := v.neighbour(nil)
			if faulty {
				p = v.second()
			}
			return v.Tap(p, asksOpen)
		}),
	}
}

// noResumption is the case of a lock that does not claim resumption.
func noResumption() cases.Case {
	c := resuming(cases.Case{
		ID: "LOCK-CLAIM-030", Title: "a lock that does not claim resumption does not have it", Fault: "the tap resumes what an exchange before it asked a slot for",
		When: "not capability(resumption)", Requirements: []string{"PST-PROF-004", "PST-PROF-005", "PST-APDU-011"}, Allowed: []cases.Outcome{cases.Denied, cases.InsUnknown},
	}, func(v visit) []*slot {
		p := v.neighbour(nil)
		o, a := v.tap(p, asksSlot)
		v.Expect("an opening that asks for a slot", o, append([]cases.Outcome{cases.Refused(credential.ReasonOperationUnknown)}, cases.Opened...)...)
		v.Check(a.Slot == 0, "the lock keeps a slot, and its maker does not claim resumption")
		secret, err := p.FirstSecret()
		v.OK(err)
		return []*slot{{phone: p, secret: secret}}
	}, func(v visit, slots []*slot, faulty bool) cases.Outcome {
		if !faulty {
			return v.Tap(v.neighbour(nil), asksOpen)
		}
		o, _ := v.resumes(slots[0], asksOpen)
		return o
	})
	return c
}
