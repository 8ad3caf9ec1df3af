package lock

import (
	"fmt"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder/holdertest"
)

// whole are the cases of what is committed wholly or not at all: the power goes at
// each operation of the memory in turn.
func whole() []cases.Case {
	needs := []shim.Verb{shim.VerbProvision, shim.VerbCut, shim.VerbOperations, shim.VerbState, shim.VerbBolt}
	return []cases.Case{{
		ID: "LOCK-WHOLE-001", Revision: 1, Title: "a use is taken once, at whatever operation of the memory the power goes", When: "capability(uses)",
		Requirements: []string{"PST-USE-007#3", "PST-USE-007#4", "PST-USE-007#5", "PST-USE-007#6", "PST-USE-007#7", "PST-MEM-002"}, Needs: needs,
		Run: func(t *cases.T) { atEachCut(t, cutUse(2)) },
	}, {
		ID: "LOCK-WHOLE-004", Revision: 1, Title: "a use that may start once opens once, at whatever operation of the memory the power goes", When: "capability(uses)",
		Requirements: []string{"PST-USE-007#4", "PST-USE-007#6", "PST-MEM-002"}, Needs: needs,
		Run: func(t *cases.T) { atEachCut(t, cutUse(1)) },
	}, {
		ID: "LOCK-WHOLE-002", Revision: 1, Title: "a policy is taken whole or not, at whatever operation of the memory the power goes",
		Requirements: []string{"PST-DOC-001#3", "PST-OWN-010", "PST-MEM-002"}, Needs: needs,
		Run: func(t *cases.T) { atEachCut(t, cutPolicy) },
	}, {
		ID: "LOCK-WHOLE-003", Revision: 1, Title: "a lock changes hands whole or not, at whatever operation of the memory the power goes",
		Requirements: []string{"PST-OWN-034#1", "PST-OWN-034#2", "PST-OWN-010#4", "PST-MEM-002"}, Needs: needs,
		Run: func(t *cases.T) { atEachCut(t, cutTransfer) },
	}}
}

// most operations of a memory that one tap may take, in these cases.
const mostOperations = 400

// atEachCut repeats a tap on fresh locks, each time with the power going one
// operation of the memory later, until it lasts.
func atEachCut(t *cases.T, try func(t *cases.T, cut func()) (after func())) {
	for n := 0; ; n++ {
		t.Check(n < mostOperations, "one tap takes more than %d operations of the memory", mostOperations)
		t.Stage(fmt.Sprintf("the power goes at operation %d of the memory, torn half", n+1))
		t.Lock.Power(false)
		t.Lock.Fresh()
		t.SetUp(func() { cases.Owned(t) })
		t.Lock.Cycle()
		begun := uint64(0)
		after := try(t, func() {
			begun = t.Lock.Operations().Flash
			t.Lock.CutAt(n, shim.TornHalf)
		})
		operations := int(t.Lock.Operations().Flash - begun)
		t.Lock.Cycle()
		lasted := !t.Lock.Operations().Cut
		t.Set(shim.Cut{})
		after()
		if lasted {
			t.Check(n > 0, "the tap does nothing to the memory")
			t.Check(n == operations, "the power went at %d of the operations that the tap takes, which are %d where nothing is cut", n, operations)
			return
		}
	}
}

// cutUse opens by a grant for one use that may start so often.
func cutUse(starts int) func(*cases.T, func()) func() {
	return func(t *cases.T, cut func()) func() {
		grant := t.Made(t.World.Guest(func(g *credential.GrantClaims) { g.Scope[0].Uses = credential.Uses{Count: 1, Starts: uint8(starts)} }))
		opens := func() cases.Outcome {
			return t.Tap(t.Phone("neighbour", grant), holdertest.Request{Operation: credential.OperationOpen})
		}
		cut()
		first := opens()
		return func() { started(t, first, starts, opens) }
	}
}

// started judges what the lock makes of a use when the power may have gone, and
// has it opened again.
func started(t *cases.T, first cases.Outcome, starts int, opens func() cases.Outcome) {
	driven := drives(t)
	t.Check(driven <= 1, "the bolt was driven %d times in one tap", driven)
	spent := cases.Refused(credential.ReasonUsesSpent)
	second := opens()
	switch {
	case first != cases.Silence:
		t.Expect("the first tap", first, cases.Opened...)
		t.Expect("the use was confirmed; a further tap", second, spent)
	case driven == 0 && starts > 1:
		t.Expect("the bolt was never driven; the next tap", second, cases.Opened...)
	default:
		t.Expect("the power went; the next tap", second, append([]cases.Outcome{spent}, cases.Opened...)...)
	}
	t.Lock.Cycle()
	t.Expect("a third tap", opens(), spent)
	t.Check(drives(t) <= starts, "the bolt was driven %d times in all for one use that may start %d times", drives(t), starts)
}

// drives is how often the main door's bolt was driven.
func drives(t *cases.T) int {
	if m := t.Lock.Bolt(); len(m) > 0 {
		return m[0].Count
	}
	return 0
}

// cutPolicy hands over a policy that blocks guests and raises the floor.
func cutPolicy(t *cases.T, cut func()) func() {
	at := t.World.Now - world.Day
	policy := t.Made(t.World.Policy(2, func(c *credential.PolicyClaims) { c.Block, c.IssuedAt = credential.BlockGuests, at }))
	was := t.Lock.Kept()
	cut()
	told, a := t.TapFor(t.Phone("owner", nil), holdertest.Request{Operation: credential.OperationStatus, Documents: [][]byte{policy}})
	return func() {
		k := t.Lock.Kept()
		got := t.Tap(t.Phone("neighbour", t.Made(t.World.Guest(nil))), holdertest.Request{Operation: credential.OperationOpen})
		switch {
		case k.Policy == 1:
			t.Check(told != "done" || a.Documents[0] != credential.ReasonNone, "the lock said that it took the policy, and has it no more")
			t.Check(k.Floor == was.Floor, "the policy was not taken, and the floor moved from %d to %d", was.Floor, k.Floor)
			t.Expect("the policy was not taken: a guest", got, cases.Opened...)
		case k.Policy == 2:
			t.Check(k.Floor == uint64(at), "the policy was taken, and the floor is %d, where %d is right", k.Floor, at)
			t.Expect("the policy was taken: a guest", got, cases.Refused(credential.ReasonBlocked))
		default:
			t.Failf("the policy version is %d, where 1 or 2 is right", k.Policy)
		}
	}
}

// cutTransfer hands over the policy that gives the lock away.
func cutTransfer(t *cases.T, cut func()) func() {
	policy := t.Made(t.World.Owner.Transfer(credential.PolicyClaims{Lock: t.World.Lock, Version: 2, IssuedAt: t.World.Now - world.Day}, t.World.Public("buyer")))
	was := t.Lock.Kept()
	cut()
	told := t.Tap(t.Phone("owner", nil), holdertest.Request{Operation: credential.OperationStatus, Documents: [][]byte{policy}})
	return func() {
		k := t.Lock.Kept()
		former := t.Tap(t.Phone("owner", nil), holdertest.Request{Operation: credential.OperationOpen})
		t.Lock.Cycle()
		next := t.Tap(t.Phone("buyer", nil), holdertest.Request{Operation: credential.OperationOpen})
		t.Check(!k.Vacant, "the lock has no owner any more")
		if k.Policy == 1 {
			t.Check(told == cases.Silence, "the lock was not given away, and did not lose its power: %s", told)
			t.Expect("the lock was not given away: its owner", former, cases.Opened...)
			t.Expect("the lock was not given away: the other", next, cases.Denied)
			return
		}
		t.Check(k.Policy == 2 && k.Sequence == was.Sequence+1, "the policy version is %d and the newest entry has number %d, where 2 and %d are right", k.Policy, k.Sequence, was.Sequence+1)
		t.Expect("the lock was given away: the former owner", former, cases.Denied)
		t.Expect("the lock was given away: the new owner", next, cases.Opened...)
	}
}

// untouched are documents that change nothing, and so write nothing.
func untouched() []cases.Case {
	var all []cases.Case
	for i, c := range []struct {
		what  string
		row   int // of PST-DOC-006
		says  credential.Reason
		alter func(t *cases.T) []byte
	}{
		{"the policy that the lock holds", 2, credential.ReasonSuperseded, func(t *cases.T) []byte { return t.Made(t.World.Policy(1, nil)) }},
		{"a policy for another lock", 4, credential.ReasonTarget, func(t *cases.T) []byte {
			return t.Made(t.World.Policy(2, func(c *credential.PolicyClaims) { c.Lock[0] ^= 1 }))
		}},
		{"a policy too far ahead", 4, credential.ReasonLimit, func(t *cases.T) []byte { return t.Made(t.World.Policy(1+65536+1, nil)) }},
		{"a grant", 4, credential.ReasonObjectType, func(t *cases.T) []byte { return t.Made(t.World.Guest(nil)) }},
	} {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-WHOLE-%03d", 10+i), Revision: 1, Title: "a document that changes nothing writes nothing: " + c.what,
			Fault: "the document is " + c.what, Requirements: []string{"PST-DOC-001#6", "PST-DOC-001#5", fmt.Sprintf("PST-DOC-006#%d", c.row)}, Needs: []shim.Verb{shim.VerbProvision},
			Setup: cases.Owned, Passes: []cases.Outcome{"done"}, Allowed: []cases.Outcome{cases.Outcome("done, document " + c.says.String())},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				r := holdertest.Request{Operation: credential.OperationStatus}
				if faulty {
					r.Documents = [][]byte{c.alter(t)}
				}
				o, a := t.TapFor(t.Phone("owner", nil), r)
				return told(o, a)
			},
		})
	}
	return append(all, cases.Case{
		ID: "LOCK-WHOLE-020", Revision: 1, Title: "a good policy in the hand of somebody whose grant is forged", Fault: "the grant's signature does not verify",
		Requirements: []string{"PST-DOC-001#1", "PST-DEC-008"}, Needs: []shim.Verb{shim.VerbProvision}, Setup: cases.Owned,
		Passes:  []cases.Outcome{"opened, document none", "unconfirmed, document none", "opened, document superseded", "unconfirmed, document superseded"},
		Allowed: []cases.Outcome{cases.Missing},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			grant := t.Made(t.World.Guest(nil))
			if faulty {
				grant[len(grant)-1] ^= 1
			}
			policy := t.Made(t.World.Policy(2, func(c *credential.PolicyClaims) { c.IssuedAt = t.World.Now }))
			o, a := t.TapFor(t.Phone("neighbour", grant), holdertest.Request{Operation: credential.OperationOpen, Documents: [][]byte{policy}})
			if o == cases.Missing { // another key than the owner's may have signed it, for all that the lock knows
				return o
			}
			return told(o, a)
		},
	})
}
