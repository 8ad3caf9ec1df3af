package lock

import (
	"fmt"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder/holdertest"
)

// beside is the owner's slot, which the fault does not touch.
func beside(v visit) *slot { return v.keeps(v.owner(), asksOpen) }

// endedSlots are slots that something has ended.
func endedSlots() []cases.Case {
	slotOf := func(name string) func(visit) *slot {
		return func(v visit) *slot { return v.keeps(v.Phone(name, nil), asksOpen) }
	}
	var all []cases.Case
	for i, c := range []struct {
		what   string
		rows   []string
		before func(v visit) // what the slot needs
		slot   func(v visit) *slot
		after  func(v visit) // what ends it
	}{
		{"after a full exchange that opened without the flag", []string{"PST-RES-014#2"}, nil, nil, func(v visit) { v.opens("a full exchange", v.neighbour(nil), asksOpen) }},
		{"of a grant that a policy denies", []string{"PST-RES-014#3", "PST-OWN-010#3"}, nil, nil, func(v visit) {
			v.Hand(v.Made(v.World.Policy(2, func(c *credential.PolicyClaims) {
				c.Denied = []credential.Tag{v.tagged(v.Made(v.World.Guest(nil)))}
			})))
			v.Hand(v.Made(v.World.Policy(3, nil))) // which does not bring it back
		}},
		{"of a co-owner who is none any more", []string{"PST-RES-014#3", "PST-OWN-010#3"}, func(v visit) {
			v.Hand(v.Made(v.World.Policy(2, func(c *credential.PolicyClaims) { c.CoOwners = []credential.PublicKey{v.World.Public("spouse")} })))
		}, slotOf("spouse"), func(v visit) { v.Hand(v.Made(v.World.Policy(3, nil))) }},
		{"of a co-owner who was none for a while", []string{"PST-RES-014#3", "PST-OWN-010#3"}, func(v visit) {
			v.Hand(v.Made(v.World.Policy(2, func(c *credential.PolicyClaims) { c.CoOwners = []credential.PublicKey{v.World.Public("spouse")} })))
		}, slotOf("spouse"), func(v visit) {
			v.Hand(v.Made(v.World.Policy(3, nil)))
			v.Hand(v.Made(v.World.Policy(4, func(c *credential.PolicyClaims) { c.CoOwners = []credential.PublicKey{v.World.Public("spouse")} })))
		}},
		{"of a postman whose operator's certificate has ended", []string{"PST-RES-008#4"}, nil, func(v visit) *slot { return v.keeps(v.postman(nil), v.delivers()) }, func(v visit) {
			v.Hand(v.Made(v.World.Policy(2, func(c *credential.PolicyClaims) { c.IssuedAt = v.World.Now + 81*world.Day })))
		}},
	} {
		all = append(all, resuming(cases.Case{
			ID: fmt.Sprintf("LOCK-RESUME-%03d", 80+i), Title: "a slot " + c.what, Fault: "the slot is one " + c.what,
			Requirements: append(c.rows, "PST-RES-008#2"), Allowed: []cases.Outcome{cases.Denied},
		}, func(v visit) []*slot {
			if c.before != nil {
				c.before(v)
			}
			keep := c.slot
			if keep == nil {
				keep = func(v visit) *slot { return neighbours(v)[0] }
			}
			bad := keep(v)
			c.after(v)
			return []*slot{beside(v), bad}
		}, choice))
	}
	return append(all, resuming(cases.Case{
		ID: "LOCK-RESUME-090", Title: "a transfer ends every slot", Fault: "the slot is one from before the transfer", Setup: handedOn,
		Requirements: []string{"PST-RES-014#4"}, Allowed: []cases.Outcome{cases.Denied},
	}, func(v visit) []*slot {
		bad := v.keeps(v.postman(nil), v.delivers()) // whose certificate the lock keeps
		v.gives(2)
		return []*slot{v.keeps(v.Phone("heir", nil), asksOpen), bad}
	}, choice), resuming(cases.Case{
		ID: "LOCK-RESUME-091", Title: "a factory reset ends every slot", Fault: "the slot is one from before the reset", When: "option(button)", Setup: handedOn,
		Requirements: []string{"PST-RES-014#4"}, Needs: []shim.Verb{shim.VerbButton}, Allowed: []cases.Outcome{cases.Denied},
	}, func(v visit) []*slot {
		bad := v.keeps(v.postman(nil), v.delivers())
		v.takesOver("finder")
		return []*slot{v.keeps(v.Phone("finder", nil), asksOpen), bad}
	}, choice))
}

// slotRules are the rules by which slots are made and dropped.
func slotRules() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-RESUME-100", Revision: 1, Title: "eight holders have a slot at the same time",
		Requirements: []string{"PST-RES-001", "PST-PROF-005"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			var slots []*slot
			for i := range 8 {
				slots = append(slots, v.keeps(v.guest(fmt.Sprintf("guest %d", i)), asksOpen))
			}
			for _, s := range slots {
				v.along(s)
			}
		},
	}, {
		ID: "LOCK-RESUME-101", Revision: 1, Title: "where there is no room the slot gives way that was used longest ago",
		Requirements: []string{"PST-RES-023#3", "PST-RES-001"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) { visit{t}.crowds() },
	}, resuming(cases.Case{
		ID: "LOCK-RESUME-102", Title: "a new slot of a credential takes the place of the old one", Fault: "the phone uses the slot from before",
		Requirements: []string{"PST-RES-023#2"}, Allowed: []cases.Outcome{cases.Denied},
	}, func(v visit) []*slot {
		old := neighbours(v)[0]
		return []*slot{neighbours(v)[0], old}
	}, choice), resuming(cases.Case{
		ID: "LOCK-RESUME-103", Title: "a status with the flag keeps no slot", Fault: "the exchange that asked for the slot opened nothing",
		Requirements: []string{"PST-RES-023#1"}, Allowed: []cases.Outcome{cases.Denied},
	}, func(v visit) []*slot {
		p := v.neighbour(nil)
		v.finishes("a status that asks for a slot", p, holdertest.Request{Resumable: true})
		secret, err := p.FirstSecret()
		v.OK(err)
		return []*slot{beside(v), {phone: p, secret: secret}}
	}, choice), resuming(cases.Case{
		ID: "LOCK-RESUME-104", Title: "an opening without the flag keeps no slot", Fault: "the exchange did not ask for a slot",
		Requirements: []string{"PST-RES-023#1", "PST-RES-014#2"}, Allowed: []cases.Outcome{cases.Denied},
	}, func(v visit) []*slot {
		p := v.neighbour(nil)
		v.opens("an opening", p, asksOpen)
		secret, err := p.FirstSecret()
		v.OK(err)
		return []*slot{beside(v), {phone: p, secret: secret}}
	}, choice), resuming(cases.Case{
		ID: "LOCK-RESUME-105", Title: "of nine slots the second is still there, and opens for nobody else", Fault: "the secret is not that of the slot",
		Requirements: []string{"PST-RES-001"}, Allowed: []cases.Outcome{cases.Denied},
	}, func(v visit) []*slot {
		second := (*slot)(nil)
		for i := range 9 {
			if s := v.keeps(v.guest(fmt.Sprintf("guest %d", i)), asksOpen); i == 1 {
				second = s
			}
		}
		stranger := *second
		stranger.secret[0] ^= 1
		return []*slot{second, &stranger}
	}, choice)}
}

// slotsKept are slots that are there, whoever else has one and whatever the bolt did.
func slotsKept() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-RESUME-108", Revision: 1, Title: "two grants of one holder have a slot each",
		Requirements: []string{"PST-RES-023#1", "PST-RES-023#2"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			first := neighbours(v)[0]
			second := v.keeps(v.neighbour(func(c *credential.GrantClaims) { c.Expires++ }), asksOpen)
			v.along(first)
			v.along(second)
			v.along(first)
		},
	}, {
		ID: "LOCK-RESUME-107", Revision: 1, Title: "an opening whose bolt sticks keeps the slot that it asked for, and tells it",
		Requirements: []string{"PST-RES-023#1", "PST-RES-023#4"}, Needs: []shim.Verb{shim.VerbProvision, shim.VerbDrive}, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			t.Set(shim.Drive{Motion: shim.Sticks, Percent: 100})
			p := v.neighbour(nil)
			o, a := v.tap(p, asksSlot)
			t.Expect("an opening whose bolt sticks", o, stuck)
			t.Check(a.Slot == 32, "the answer tells a slot for %d openings, where 32 is right", a.Slot)
			t.Set(shim.Drive{Motion: shim.Moves, Percent: 100})
			secret, err := p.FirstSecret()
			t.OK(err)
			v.along(&slot{phone: p, secret: secret})
		},
	}}
}

// crowds makes slots until the first one has given way, and looks which does so
// next.
func (v visit) crowds() {
	const most = 40
	var slots []*slot
	alive := func(i int) bool {
		o, _ := v.resumes(slots[i], asksStatus)
		v.Expect("a resumed status", o, doneWell, cases.Denied)
		return o == doneWell
	}
	more := func() { slots = append(slots, v.keeps(v.guest(fmt.Sprintf("guest %d", len(slots))), asksOpen)) }
	for more(); alive(0); more() {
		for i := 1; len(slots) > 8 && i < len(slots); i++ {
			v.Check(alive(i), "slot %d of %d is gone, where the first is the one that was used longest ago", i+1, len(slots))
		}
		if len(slots) == most {
			v.Notef("the lock keeps more than %d slots; which one gives way was not seen", most)
			return
		}
	}
	v.Check(len(slots) > 8, "the first slot gave way to the slot %d, where a lock keeps 8 at the least", len(slots))
	for i := 1; i < len(slots); i++ {
		v.Check(alive(i), "slot %d of %d is gone, where only the first may have given way", i+1, len(slots))
	}
	v.along(slots[1]) // now the third is the one that was used longest ago
	more()
	v.Check(!alive(2), "slot 3 is still there, which was used longest ago")
	v.Check(alive(1), "slot 2 is gone, which was opened from a moment ago")
}

// slotChains are slots of delegated grants.
func slotChains() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-RESUME-110", Revision: 1, Title: "a chain of two links keeps a slot, and needs no parent when it resumes",
		Requirements: []string{"PST-RES-023#1", "PST-RES-008#4"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			parent := t.Made(t.World.Guest(func(c *credential.GrantClaims) { c.Scope[0].Delegation = 1 }))
			s := v.keeps(v.Phone("son", v.delegates("neighbour", parent, "son", nil)), holdertest.Request{Operation: credential.OperationOpen, Chain: [][]byte{parent}})
			v.along(s)
			v.along(s)
		},
	}, {
		ID: "LOCK-RESUME-111", Revision: 1, Title: "a chain of more than 512 bytes keeps no slot, and opens all the same",
		Requirements: []string{"PST-RES-023#1"}, Needs: withKeys, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			root := t.Made(t.World.Guest(func(c *credential.GrantClaims) { c.Scope[0].Delegation = 2 }))
			middle := v.delegates("neighbour", root, "son", func(c *credential.GrantClaims) { c.Scope[0].Delegation = 1 })
			leaf := v.delegates("son", middle, "friend", nil)
			t.Check(len(root)+len(middle)+len(leaf) > 512, "the suite's chain is too short")
			a := v.opens("an opening by a chain of three", v.Phone("friend", leaf), holdertest.Request{
				Operation: credential.OperationOpen, Resumable: true, Chain: [][]byte{root, middle},
			})
			t.Check(a.Slot == 0, "the lock keeps a slot for a chain of %d bytes, where at most 512 are right", len(root)+len(middle)+len(leaf))
		},
	}, resuming(cases.Case{
		ID: "LOCK-RESUME-112", Title: "a slot whose chain a policy denies at its root", Fault: "the policy denies the grant at the root of the slot's chain",
		Requirements: []string{"PST-RES-008#6"}, Allowed: []cases.Outcome{cases.Refused(credential.ReasonDenied)},
	}, func(v visit) []*slot {
		parent := v.Made(v.World.Guest(func(c *credential.GrantClaims) { c.Scope[0].Delegation = 1 }))
		leaf := v.keeps(v.Phone("son", v.delegates("neighbour", parent, "son", nil)), holdertest.Request{Operation: credential.OperationOpen, Chain: [][]byte{parent}})
		v.Hand(v.Made(v.World.Policy(2, func(c *credential.PolicyClaims) { c.Denied = []credential.Tag{v.tagged(parent)} })))
		return []*slot{beside(v), leaf}
	}, choice)}
}
