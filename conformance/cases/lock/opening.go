package lock

import (
	"fmt"
	"slices"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/credential/holder/holdertest"
	"github.com/postern-lock/postern/issuer"
)

// opening are the cases of sections 7.1 and 7.8 that cut nothing.
func opening() []cases.Case {
	return slices.Concat(firstDay(), motions(), twice(), memory(), unwritten(), likenesses())
}

// firstDay is a case of the form of every answer.  It begins with a lock from its
// factory: a lock whose answers are of another form comes no further.
func firstDay() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-OPENING-030", Revision: 1, Title: "from the factory to the first guest every answer has the form of chapter 6", Needs: withKeys,
		Requirements: []string{"PST-ENC-001", "PST-REQ-004#3", "PST-REQ-004#5", "PST-RES-023#1", "PST-LIM-001"},
		Run: func(t *cases.T) {
			cases.Owned(t)
			t.Lock.Cycle()
			v := visit{t}
			v.finishes("a status", v.owner(), status)
			v.opens("the owner opens", v.owner(), asksOpen)
			v.opens("a guest opens", v.neighbour(nil), asksOpen)
		},
	}}
}

// motions are what becomes of the bolt.
func motions() []cases.Case {
	sees := []shim.Verb{shim.VerbProvision, shim.VerbBolt}
	moves := []shim.Verb{shim.VerbProvision, shim.VerbBolt, shim.VerbDrive}
	return []cases.Case{{
		ID: "LOCK-OPENING-001", Revision: 1, Title: "an opening drives the bolt once, and what opens nothing drives none",
		Requirements: []string{"PST-DEC-025#3", "PST-DEC-018#9", "PST-DEC-018#15"}, Needs: sees, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			for _, o := range []credential.Operation{credential.OperationStatus, credential.OperationReadLog, credential.OperationConfigure} {
				v.finishes("the owner's "+o.String(), v.owner(), does(o))
				t.Check(drives(t) == 0, "the bolt was driven by %s", o)
			}
			v.opens("the owner opens", v.owner(), asksOpen)
			t.Check(drives(t) == 1, "the bolt was driven %d times by one opening", drives(t))
		},
	}, {
		ID: "LOCK-OPENING-002", Revision: 1, Title: "the door that the request names is the one that is driven",
		Requirements: []string{"PST-DEC-025#3", "PST-PROF-005"}, Needs: sees, Setup: cases.Owned, When: "capability(compartments)",
		Run: func(t *cases.T) {
			v := visit{t}
			for _, door := range []int{1, 0, 2} {
				before := t.Lock.Bolt()
				v.opens(fmt.Sprintf("the owner opens door %d", door), v.owner(), holdertest.Request{Operation: credential.OperationOpen, Resource: uint8(door)})
				for _, m := range t.Lock.Bolt() {
					was := slices.ContainsFunc(before, func(b shim.Move) bool { return b == m })
					t.Check(was != (m.Resource == door), "door %d was driven: %t, where door %d was asked for", m.Resource, !was, door)
				}
			}
		},
	}, {
		ID: "LOCK-OPENING-003", Revision: 1, Title: "a bolt that nobody sees move is reported as unconfirmed",
		Requirements: []string{"PST-DEC-028", "PST-DEC-025#4"}, Needs: moves, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			t.Set(shim.Drive{Motion: shim.Unseen, Percent: 100})
			o, _ := v.tap(v.neighbour(nil), asksOpen)
			t.Expect("an opening whose bolt nobody sees", o, "unconfirmed")
			t.Check(drives(t) == 1, "the bolt was driven %d times", drives(t))
		},
	}, {
		ID: "LOCK-OPENING-004", Revision: 1, Title: "what was pending is opened when the energy is there, in the same channel",
		Requirements: []string{"PST-DEC-007#19", "PST-DEC-010"}, Needs: moves, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			t.Set(shim.Drive{Motion: shim.Moves, Percent: 10, Wait: 300})
			p := v.neighbour(nil)
			o, a := v.tap(p, asksOpen)
			t.Expect("an opening without energy", o, "pending")
			t.Check(a.Charge == 10 && a.Wait.Milliseconds() == 300, "the lock says %d percent and %v, where 10 and 300ms are right", a.Charge, a.Wait)
			t.Check(drives(t) == 0, "the bolt was driven, and the opening is pending")
			t.Set(shim.Drive{Motion: shim.Moves, Percent: 100})
			t.Expect("the same again", t.Ask(p, asksOpen), cases.Opened...)
		},
	}, oneTap(cases.Case{
		ID: "LOCK-OPENING-005", Title: "a bolt that sticks is a failure, told in the channel", Fault: "the bolt does not move",
		Requirements: []string{"PST-DEC-025#4", "PST-DEC-026", "PST-DEC-028"}, Needs: []shim.Verb{shim.VerbDrive}, Passes: cases.Opened, Allowed: []cases.Outcome{stuck},
		Changes: []string{cases.SeesBolt, cases.SeesLog, cases.SeesMemory, "state that the owner is told"},
	}, func(v visit, faulty bool) cases.Outcome {
		v.Set(shim.Drive{Motion: shim.Moves, Percent: 100})
		if faulty {
			v.Set(shim.Drive{Motion: shim.Sticks, Percent: 100})
		}
		return v.Tap(v.neighbour(nil), asksOpen)
	})}
}

// twice are second openings in one transaction.
func twice() []cases.Case {
	var all []cases.Case
	for i, c := range []struct {
		what   string
		second credential.Operation
		sticks bool
	}{
		{"the same again", credential.OperationOpen, false},
		{"another operation that opens", credential.OperationCollect, false},
		{"the same again, the bolt having stuck", credential.OperationOpen, true},
	} {
		needs, first := []shim.Verb(nil), cases.Opened
		if c.sticks {
			needs, first = []shim.Verb{shim.VerbDrive}, []cases.Outcome{stuck}
		}
		all = append(all, oneTap(cases.Case{
			ID: fmt.Sprintf("LOCK-OPENING-%03d", 10+i), Title: "a second opening in a transaction: " + c.what, Fault: "a second opening was asked for: " + c.what,
			Requirements: []string{"PST-DEC-033", "PST-DEC-001#22", "PST-DEC-007#19"}, Needs: needs, Passes: []cases.Outcome{doneWell}, Allowed: []cases.Outcome{cases.OutOfOrder},
			Changes: []string{cases.SeesBolt, cases.SeesLog, cases.SeesMemory, "state that the owner is told"},
		}, func(v visit, faulty bool) cases.Outcome {
			before := 0
			if v.Lock.Has(shim.VerbBolt) {
				before = drives(v.T)
			}
			if c.sticks {
				v.Set(shim.Drive{Motion: shim.Sticks, Percent: 100})
			}
			p := v.owner()
			v.Expect("the first opening", v.Tap(p, asksOpen), first...)
			o := asksStatus
			if faulty {
				o = does(c.second)
			}
			got := v.Ask(p, o)
			v.Check(!v.Lock.Has(shim.VerbBolt) || drives(v.T) == before+1, "the bolt was driven again")
			return got
		}))
	}
	return append(all, cases.Case{
		ID: "LOCK-OPENING-015", Revision: 1, Title: "one opening in each of two transactions of one field",
		Requirements: []string{"PST-DEC-033", "PST-DEC-001#2"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			for range 2 {
				t.Expect("an opening", t.Tap(visit{t}.neighbour(nil), asksOpen), cases.Opened...)
			}
		},
	})
}

// operator is another operator of the scheme's, with its certificate.
func (v visit) operator(name string) (*issuer.Operator, []byte) {
	c := v.World.PostClaims()
	c.Key = v.World.Public(name)
	a, err := v.World.Certify(c)
	v.OK(err)
	o, err := issuer.NewOperator(v.World.Key(name), a)
	v.OK(err)
	return o, a.Bytes()
}

// staff is the phone of an operator's staff, with its request and the certificate.
func (v visit) staff(name string) (*holdertest.Phone, holdertest.Request) {
	o, certificate := v.operator(name)
	grant := v.Made(o.Grant(credential.GrantClaims{
		Holder: v.World.Public("staff of " + name), IssuedAt: v.World.Now, Expires: v.World.Now + 3600,
		Scope: []credential.Entry{{Target: credential.AreaTarget(v.World.Area), Actions: credential.ActionDeliver}},
	}))
	return v.Phone("staff of "+name, grant), holdertest.Request{Operation: credential.OperationDeliver, Chain: [][]byte{certificate}}
}

// memory are what a lock keeps and what it does not write.
func memory() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-MEMORY-001", Revision: 1, Title: "four authorities' certificates are kept, once they were verified",
		Requirements: []string{"PST-MEM-004", "PST-DEC-015#2", "PST-PROF-005"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			names := []string{"carrier 1", "carrier 2", "carrier 3", "carrier 4"}
			for _, name := range names {
				p, r := v.staff(name)
				v.opens("a delivery with the certificate", p, r)
			}
			for _, name := range names {
				p, _ := v.staff(name)
				v.opens("a delivery without it, for "+name, p, asksDeliver)
			}
		},
	}, oneTap(cases.Case{
		ID: "LOCK-MEMORY-002", Title: "a certificate that the lock never saw is missing", Fault: "the lock never saw the certificate of the grant's signer",
		Requirements: []string{"PST-MEM-004", "PST-DEC-016", "PST-DEC-001#16"}, Passes: cases.Opened, Allowed: []cases.Outcome{cases.Missing},
		Setup: func(t *cases.T) {
			cases.Owned(t)
			p, r := visit{t}.staff("carrier 1")
			visit{t}.opens("another carrier's delivery", p, r)
		},
	}, func(v visit, faulty bool) cases.Outcome {
		p, _ := v.staff("carrier 1")
		if faulty {
			p, _ = v.staff("carrier 2")
		}
		return v.Tap(p, asksDeliver)
	}), {
		ID: "LOCK-MEMORY-003", Revision: 1, Title: "what is asked and told writes nothing to lasting memory",
		Requirements: []string{"PST-MEM-001"}, Needs: []shim.Verb{shim.VerbProvision, shim.VerbOperations}, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			v.opens("the neighbour opens", v.neighbour(nil), asksOpen) // what follows is not new to the lock
			before := t.Lock.Operations().Flash
			same := func(what string) {
				now := t.Lock.Operations().Flash
				t.Check(now == before, "%s wrote to lasting memory: %d operations before, %d after it", what, before, now)
			}
			v.finishes("the owner's status", v.owner(), holdertest.Request{Receipt: true})
			same("the owner's status with a receipt")
			v.finishes("the owner reads the log", v.owner(), does(credential.OperationReadLog))
			same("reading the log")
			v.finishes("the neighbour's status", v.neighbour(nil), holdertest.Request{Log: true})
			same("a status with a sealed page")
			o, _ := v.tap(v.Phone("stranger", nil), asksOpen)
			t.Expect("a stranger's tap", o, cases.Denied)
			same("a stranger's tap")
			o, _ = v.tap(v.neighbour(nil), asksDeliver)
			t.Expect("a refused delivery", o, cases.Refused(credential.ReasonAction))
			same("a refused tap")
			v.finishes("a status with a policy that the lock has", v.owner(), holdertest.Request{Documents: [][]byte{t.Made(t.World.Policy(1, nil))}})
			same("a policy that the lock has already")
		},
	}, {
		ID: "LOCK-MEMORY-004", Revision: 1, Title: "a grant whose signature was verified before opens again, and again",
		Requirements: []string{"PST-MEM-006"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			for range 3 {
				v.opens("the neighbour opens", v.neighbour(nil), asksOpen)
			}
		},
	}}
}

// unwritten are taps that may write nothing, and documents that may lower
// nothing.
func unwritten() []cases.Case {
	sees := []shim.Verb{shim.VerbOperations}
	var all []cases.Case
	for i, c := range []struct {
		what  string
		phone func(v visit) *holdertest.Phone
		ask   holdertest.Request
		want  cases.Outcome
	}{
		{"a stranger's bare key", func(v visit) *holdertest.Phone { return v.Phone("stranger", nil) }, asksOpen, cases.Denied},
		{"a grant of a stranger's", func(v visit) *holdertest.Phone {
			p := v.neighbour(nil)
			p.Grant = credentialtest.OfObject(func(o *credentialtest.Object) { o.Sign(v.World.Key("stranger")) })(p.Grant)
			return p
		}, asksOpen, cases.Missing},
		{"a grant without the action", func(v visit) *holdertest.Phone { return v.neighbour(nil) }, asksDeliver, cases.Refused(credential.ReasonAction)},
		{"a grant that asks for a later policy, and wants a slot", func(v visit) *holdertest.Phone {
			return v.neighbour(func(c *credential.GrantClaims) { c.Scope[0].PolicyVersion = 7 })
		}, asksSlot, cases.Refused(credential.ReasonPolicyVersion)},
	} {
		all = append(all, oneTap(cases.Case{
			ID: fmt.Sprintf("LOCK-MEMORY-%03d", 20+i), Title: "nothing is written for " + c.what, Fault: "the visitor comes with " + c.what,
			Requirements: []string{"PST-MEM-001"}, Needs: sees, Passes: cases.Opened, Allowed: []cases.Outcome{c.want},
		}, func(v visit, faulty bool) cases.Outcome {
			if faulty {
				c.ask.Resumable = c.ask.Resumable && v.Claims("capability(resumption)")
				return v.Tap(c.phone(v), c.ask)
			}
			return v.Tap(v.owner(), asksOpen)
		}))
	}
	older := func(version uint32, alter func(v visit, c *credential.PolicyClaims)) func(v visit) []byte {
		return func(v visit) []byte {
			return v.Made(v.World.Policy(version, func(c *credential.PolicyClaims) { alter(v, c) }))
		}
	}
	for i, c := range []struct {
		what   string
		policy func(v visit) []byte
	}{
		{"a policy of a lower version", older(2, func(visit, *credential.PolicyClaims) {})},
		{"a policy of the lock's version with other content", older(3, func(_ visit, c *credential.PolicyClaims) { c.Block = credential.BlockGuests })},
		{"a policy of a lower version that resets the floor", older(1, func(v visit, c *credential.PolicyClaims) {
			c.IssuedAt, c.Reset = v.World.Now-30*86400, true
		})},
	} {
		all = append(all, oneTap(cases.Case{
			ID: fmt.Sprintf("LOCK-MEMORY-%03d", 30+i), Title: "policy version and floor do not fall by " + c.what, Fault: "the owner hands over " + c.what,
			Requirements: []string{"PST-MEM-010", "PST-OWN-029#4"}, Passes: []cases.Outcome{doneWell}, Allowed: []cases.Outcome{"document refused: superseded"},
			Setup: func(t *cases.T) {
				cases.Owned(t)
				t.Hand(t.Made(t.World.Policy(3, nil)))
			},
		}, func(v visit, faulty bool) cases.Outcome {
			if !faulty {
				return v.Tap(v.owner(), asksStatus)
			}
			o, a := v.TapFor(v.owner(), holdertest.Request{Documents: [][]byte{c.policy(v)}})
			if o != doneWell || len(a.Documents) != 1 {
				return o
			}
			return cases.Outcome("document refused: " + a.Documents[0].String())
		}))
	}
	return all
}

// likenesses are grants that are like one whose signature the lock has verified.
func likenesses() []cases.Case {
	expires := func(o *credentialtest.Object) {
		o.Claims(func(m *credentialtest.Map) {
			m.Set(4, credentialtest.Uint(uint64(1<<32-1)))
		})
	}
	var all []cases.Case
	for i, c := range []struct {
		what     string
		operator bool
		alter    func(v visit, good []byte) []byte
	}{
		{"another end, and the signature of the grant from before", false, func(_ visit, good []byte) []byte { return credentialtest.OfObject(expires)(good) }},
		{"another end, and the signature of the operator's grant from before", true, func(_ visit, good []byte) []byte { return credentialtest.OfObject(expires)(good) }},
		{"another scope, and the signature of the grant from before", false, func(v visit, good []byte) []byte {
			old, err := credentialtest.ParseObject(good)
			v.OK(err)
			return credentialtest.OfObject(func(o *credentialtest.Object) { o.Signature = old.Signature })(v.Made(v.World.Guest(func(c *credential.GrantClaims) { c.Scope[0].Actions = 63 })))
		}},
		{"a signature by the holder himself, under the owner's key id", false, func(v visit, good []byte) []byte {
			return credentialtest.OfObject(func(o *credentialtest.Object) { expires(o); o.Sign(v.World.Key("neighbour")) })(good)
		}},
		{"a signature by the holder himself, under the operator's key id", true, func(v visit, good []byte) []byte {
			return credentialtest.OfObject(func(o *credentialtest.Object) { expires(o); o.Sign(v.World.Key("postman")) })(good)
		}},
	} {
		all = append(all, oneTap(cases.Case{
			ID: fmt.Sprintf("LOCK-MEMORY-%03d", 10+i), Title: "a grant with " + c.what, Fault: "the grant has " + c.what,
			Requirements: []string{"PST-MEM-006", "PST-DEC-008", "PST-DEC-007#11"}, Passes: cases.Opened, Allowed: []cases.Outcome{cases.Missing},
			Setup: func(t *cases.T) {
				cases.Owned(t)
				v := visit{t}
				v.opens("the neighbour opens", v.neighbour(nil), asksOpen)
				v.opens("the postman delivers", v.postman(nil), v.delivers())
			},
		}, func(v visit, faulty bool) cases.Outcome {
			p, r := v.neighbour(nil), asksOpen
			if c.operator {
				p, r = v.postman(nil), asksDeliver
			}
			if faulty {
				p.Grant = c.alter(v, p.Grant)
			}
			return v.Tap(p, r)
		}))
	}
	return all
}
