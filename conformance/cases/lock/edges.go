package lock

import (
	"fmt"
	"slices"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/credential"
	ct "github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/credential/holder/holdertest"
	"github.com/postern-lock/postern/issuer"
)

// furthest are taps at the bounds of what a lock counts and weighs.
func furthest() []cases.Case {
	return slices.Concat(counts(), energies(), afterOpenings(), overSelect(), []cases.Case{{
		ID: "LOCK-STEP-023", Revision: 1, Title: "documents of a request whose operation is none", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-DEC-007#13", "PST-DEC-007#16", "PST-DOC-001#4", "PST-REQ-004#10"},
		Run: func(t *cases.T) {
			o, a := t.TapFor(neighbour(t, 0), holdertest.Request{Operation: 200, Documents: [][]byte{t.Made(t.World.Policy(2, nil))}})
			t.Expect("the guest's tap", o, cases.Refused(credential.ReasonOperationUnknown))
			t.Check(slices.Equal(a.Documents, []credential.Reason{credential.ReasonNone}), "the document comes to %v, where [none] is right", a.Documents)
			t.Lock.Cycle()
			_, a = t.TapFor(t.Phone("owner", nil), status)
			t.Check(a.State.PolicyVersion == 2, "the policy version is %d, where 2 is right", a.State.PolicyVersion)
		},
	}, {
		ID: "LOCK-STEP-090", Revision: 1, Title: "the log goes on with its numbers under a new owner", Needs: keys, Setup: handedOn,
		Requirements: []string{"PST-MEM-010"},
		Run: func(t *cases.T) {
			v := visit{t}
			for range 3 {
				v.opens("an opening", v.neighbour(nil), asksOpen)
			}
			was := v.finishes("the owner's status", v.owner(), status).State.Sequence
			v.gives(2)
			entry := v.page(v.Phone("heir", nil), 0).Entries
			t.Check(len(entry) == 1 && entry[0].Sequence == was+1, "the new owner's log holds %+v, where one entry with the number %d is right", entry, was+1)
			now := v.finishes("the heir's status", v.Phone("heir", nil), status).State.Sequence
			t.Check(now == was+1, "the newest number is %d, where %d is right", now, was+1)
		},
	}})
}

// counts are values at the bounds of chapter 10, and requests up to theirs.
func counts() []cases.Case {
	const most = 64
	return []cases.Case{{
		ID: "LOCK-STEP-091", Revision: 1, Title: "a grant for the most uses and starts", When: "capability(uses)", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-LIM-001", "PST-OBJ-034#8"},
		Run: func(t *cases.T) {
			p := guest(t, 0, func(c *credential.GrantClaims) { c.Scope[0].Uses = credential.Uses{Count: 255, Starts: 3} })
			t.Expect("the guest's tap", t.Tap(p, opens), cases.Opened...)
		},
	}, {
		ID: "LOCK-STEP-092", Revision: 1, Title: "time tokens with the greatest and the least offset", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-LIM-001", "PST-TIME-014"},
		Run: func(t *cases.T) {
			s, err := issuer.NewTimeSource(t.World.Key("post"), t.World.Post.Authority())
			t.OK(err)
			for _, offset := range []int16{-840, 840} {
				t.Expect(fmt.Sprintf("a token with the offset %d", offset), handed(t, t.Made(s.State(t.World.Now, offset)), post(t)), taken...)
				t.Lock.Cycle()
			}
		},
	}, {
		ID: "LOCK-STEP-093", Revision: 1, Title: "requests that are answered with the form missing count", Fault: "64 requests came before this one", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-DEC-007#7", "PST-DEC-008"}, Passes: cases.Opened, Allowed: denied,
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			p, missing := postman(t, nil), most-1
			if faulty {
				missing = most
			}
			t.Expect("request 1", t.Tap(p, delivers), cases.Missing)
			for i := 2; i <= missing; i++ {
				t.Expect(fmt.Sprintf("request %d", i), t.Ask(p, delivers), cases.Missing)
			}
			return t.Ask(p, bringing(delivers, post(t)))
		},
	}}
}

// energies are openings with too little energy, and what sticks.
func energies() []cases.Case {
	drive := []shim.Verb{shim.VerbProvision, shim.VerbDrive}
	return []cases.Case{{
		ID: "LOCK-STEP-051", Revision: 1, Title: "a lock with a percent too little does not drive", Needs: drive, Setup: cases.Owned,
		Requirements: []string{"PST-DEC-007#19", "PST-REQ-004#6"},
		Run: func(t *cases.T) {
			p := neighbour(t, 0)
			t.Expect("status", t.Tap(p, status), done)
			for _, percent := range []int{0, 50, 99} {
				t.Set(shim.Drive{Motion: shim.Moves, Percent: percent, Wait: 10})
				t.Expect(fmt.Sprintf("with %d percent", percent), t.Ask(p, opens), cases.Said(credential.OutcomePending, credential.ReasonNone))
			}
			t.Set(shim.Drive{Motion: shim.Moves, Percent: 100})
			t.Expect("with all of it", t.Ask(p, opens), cases.Opened...)
		},
	}, {
		ID: "LOCK-STEP-052", Revision: 1, Title: "a receipt is given of a bolt that stuck", Needs: drive, Setup: cases.Owned,
		Requirements: []string{"PST-DEC-025#4", "PST-DEC-025#5", "PST-DEC-026", "PST-LOG-015"},
		Run: func(t *cases.T) {
			t.Set(shim.Drive{Motion: shim.Sticks, Percent: 100})
			o, a := t.TapFor(neighbour(t, 0), holdertest.Request{Operation: credential.OperationOpen, Receipt: true})
			t.Expect("an opening whose bolt sticks", o, stuck)
			t.Check(len(a.Receipt) > 0, "there is no receipt of it")
		},
	}}
}

// afterOpenings are further requests in a transaction that has opened.
func afterOpenings() []cases.Case {
	var all []cases.Case
	for i, o := range []credential.Operation{credential.OperationDeliver, credential.OperationCollect, credential.OperationReturn, credential.OperationService} {
		all = append(all, cases.Case{
			ID: caseID("STEP", 100+i), Revision: 1, Title: fmt.Sprintf("%s after an opening in the same transaction", o), Fault: "the bolt was driven in this transaction",
			Requirements: []string{"PST-DEC-033", "PST-DEC-007#19", "PST-DEC-001#22"}, Needs: keys, Setup: cases.Owned,
			Passes: []cases.Outcome{done}, Allowed: []cases.Outcome{cases.OutOfOrder},
			Changes: []string{cases.SeesBolt, cases.SeesLog, cases.SeesMemory, ownerSees}, // by the opening
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				p := guest(t, 0, func(c *credential.GrantClaims) { c.Scope[0].Actions = 63 })
				t.Expect("the opening", t.Tap(p, opens), cases.Opened...)
				moves := func() int {
					if !t.Lock.Has(shim.VerbBolt) {
						return 0
					}
					return drives(t)
				}
				moved := moves()
				r := status
				if faulty {
					r.Operation = o
				}
				got := t.Ask(p, r)
				t.Check(moves() == moved, "the bolt was driven again")
				return got
			},
		})
	}
	return all
}

// overSelect are two visitors in one field: nothing of the first one remains.
func overSelect() []cases.Case {
	const row = "PST-DEC-001#2"
	told := func(t *cases.T, p *holdertest.Phone, r holdertest.Request) cases.Outcome {
		s, err := issuer.NewTimeSource(t.World.Key("post"), t.World.Post.Authority())
		t.OK(err)
		r.Chain, r.Documents = [][]byte{post(t)}, [][]byte{t.Made(s.State(t.World.Now+60, 60))}
		return t.Tap(p, r)
	}
	return []cases.Case{{
		ID: "LOCK-STEP-110", Revision: 1, Title: "a guest who comes after the owner, in the same field", Fault: "the guest asks for what the owner alone may do", Needs: keys, Setup: cases.Owned,
		Requirements: []string{row, "PST-DEC-007#17"}, Passes: cases.Opened, Allowed: []cases.Outcome{cases.Refused(credential.ReasonAction)},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			t.Expect("the owner's tap", t.Tap(t.Phone("owner", nil), status), done)
			if faulty {
				return t.Tap(neighbour(t, 0), delivers)
			}
			return t.Tap(neighbour(t, 0), opens)
		},
	}, {
		ID: "LOCK-STEP-111", Revision: 1, Title: "a forged grant after a good one, in the same field", Fault: "a stranger signed the second grant, with the owner's kid", Needs: keys, Setup: cases.Owned,
		Requirements: []string{row, "PST-DEC-007#11", "PST-DEC-008"}, Passes: cases.Opened, Allowed: []cases.Outcome{cases.Missing},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			t.Expect("the tap before", t.Tap(neighbour(t, 0), status), done)
			p := guest(t, 0, func(c *credential.GrantClaims) { c.Expires-- })
			if faulty {
				p.Grant = ct.OfObject(func(o *ct.Object) { o.Sign(t.World.Key("thief")) })(p.Grant)
			}
			return t.Tap(p, opens)
		},
	}, {
		ID: "LOCK-STEP-112", Revision: 1, Title: "a stated time of the transaction before, in the same field", Fault: "the token came in the transaction before", Needs: keys, Setup: ownedUntilNow,
		Requirements: []string{row, "PST-TIME-012#4", "PST-DEC-018#7"}, Passes: cases.Opened, Allowed: []cases.Outcome{cases.Refused(credential.ReasonEvidence)},
		When: "not capability(clock)",
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			p := guest(t, 0, func(c *credential.GrantClaims) { c.Scope[0].Evidence = credential.EvidenceStated })
			t.Expect("the tap before, with a token", told(t, neighbour(t, 0), status), done)
			if faulty {
				return t.Tap(p, opens)
			}
			return told(t, p, opens)
		},
	}, {
		ID: "LOCK-STEP-113", Revision: 1, Title: "SELECT begins the count of requests anew", Needs: keys, Setup: cases.Owned,
		Requirements: []string{row, "PST-DEC-007#7", "PST-LIM-001"},
		Run: func(t *cases.T) {
			for range 2 {
				p := t.Phone("owner", nil)
				t.Expect("request 1", t.Tap(p, status), done)
				for i := range 39 {
					t.Expect(fmt.Sprintf("request %d", i+2), t.Ask(p, status), done)
				}
			}
		},
	}}
}
