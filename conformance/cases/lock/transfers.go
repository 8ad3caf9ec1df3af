package lock

import (
	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder/holdertest"
	"github.com/postern-lock/postern/issuer"
)

// transfers are what a lock keeps and forgets when it changes hands, where the
// vectors do not reach.
func transfers() []cases.Case {
	needs := []shim.Verb{shim.VerbProvision}
	return []cases.Case{{
		ID: "LOCK-TRANSFER-001", Revision: 1, Title: "a slot of before the transfer, resumed", Fault: "the lock changed hands after the slot was made", When: "capability(resumption)",
		Requirements: []string{"PST-OWN-034#5"}, Needs: needs,
		Passes: cases.Opened, Allowed: []cases.Outcome{cases.Denied}, After: begins,
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			ownedAnew(t)
			round := t.Made(t.World.Round(nil))
			p := t.Phone("postman", round)
			r := holdertest.Request{Operation: credential.OperationDeliver, Chain: [][]byte{t.World.Post.Authority().Bytes()}, Resumable: true}
			t.Expect("the tap that makes the slot", t.Tap(p, r), cases.Opened...)
			secret, err := p.FirstSecret()
			t.OK(err)
			if faulty {
				giveAway(t)
			}
			t.Lock.Cycle()
			_, err = p.Select(t.Context())
			t.OK(err)
			a, err := p.Resume(t.Context(), secret, holdertest.Request{Operation: credential.OperationDeliver})
			t.OK(err)
			return t.Answered(a)
		},
	}, {
		ID: "LOCK-TRANSFER-002", Revision: 1, Title: "a list that the lock held before the transfer denies as ever", Fault: "an operator's list denies the grant, and the lock changed hands since",
		Requirements: []string{"PST-OWN-034#8", "PST-REV-005#1", "PST-OWN-031#2"}, Needs: needs,
		Passes: cases.Opened, Allowed: []cases.Outcome{cases.Refused(credential.ReasonDenied)}, After: begins,
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			ownedAnew(t)
			if faulty {
				deny(t)
			}
			giveAway(t)
			t.Lock.Cycle()
			r := holdertest.Request{Operation: credential.OperationDeliver, Chain: [][]byte{t.World.Post.Authority().Bytes()}}
			return t.Tap(t.Phone("postman", t.Made(t.World.Round(nil))), r)
		},
	}, {
		ID: "LOCK-TRANSFER-003", Revision: 1, Title: "the first owner's guests need no policy version", Requirements: []string{"PST-OWN-034#9"}, Needs: needs, Setup: cases.Owned,
		Run: func(t *cases.T) {
			t.Expect("a guest whose grant names no policy version",
				t.Tap(t.Phone("neighbour", t.Made(t.World.Guest(nil))), holdertest.Request{Operation: credential.OperationOpen}), cases.Opened...)
		},
	}, {
		ID: "LOCK-TRANSFER-004", Revision: 1, Title: "the numbers of the log go on over a transfer", Requirements: []string{"PST-OWN-034#3", "PST-OWN-034#4"},
		Needs: append(needs, shim.VerbState), Setup: cases.Owned,
		Run: func(t *cases.T) {
			t.Expect("a guest", t.Tap(t.Phone("neighbour", t.Made(t.World.Guest(nil))), holdertest.Request{Operation: credential.OperationOpen}), cases.Opened...)
			was := t.Lock.Kept().Sequence
			giveAway(t)
			t.Check(t.Lock.Kept().Sequence == was+1, "the newest entry has number %d, where %d is right", t.Lock.Kept().Sequence, was+1)
		},
	}, {
		ID: "LOCK-TRANSFER-006", Revision: 1, Title: "the first owner's lost time takes nothing from the next one", When: "capability(uses)",
		Requirements: []string{"PST-OWN-034#7", "PST-USE-008"}, Needs: needs, Setup: handedOn,
		Run: func(t *cases.T) { visit{t}.lostAndGiven() },
	}, oneTap(cases.Case{
		ID: "LOCK-TRANSFER-005", Title: "the version that gave the lock away counts on when the log key is agreed anew", Fault: "the new owner's grant names no policy version",
		Requirements: []string{"PST-OWN-035", "PST-OWN-034#10", "PST-OWN-031#1"}, Passes: cases.Opened, Allowed: []cases.Outcome{cases.Refused(credential.ReasonDenied)},
		Setup: func(t *cases.T) {
			handedOn(t)
			v := visit{t}
			v.gives(2)
			v.rekeys(v.Phone("heir", nil))
		},
	}, func(v visit, faulty bool) cases.Outcome {
		heir, err := issuer.NewOwner(v.World.Key("heir"))
		v.OK(err)
		var claims credential.GrantClaims
		v.Made(v.World.Guest(func(c *credential.GrantClaims) { claims = *c }))
		if !faulty {
			claims.Scope[0].PolicyVersion = 2
		}
		return v.Tap(v.Phone("neighbour", v.Made(heir.Grant(claims))), asksOpen)
	})}
}

// lostAndGiven has a record give way in a full table, and shows that this says
// nothing of a counted grant of the next owner's that ends before it.
func (v visit) lostAndGiven() {
	now := v.World.Now
	counted := func(from, until credential.Time) func(*credential.GrantClaims) {
		return func(c *credential.GrantClaims) {
			c.IssuedAt, c.Expires, c.Scope[0].Uses = from, until, credential.Uses{Count: 1, Starts: 1}
		}
	}
	v.opens("the grant that ends first", v.neighbour(counted(now-20*world.Day, now-15*world.Day)), asksOpen)
	v.Hand(v.Made(v.World.Policy(2, func(c *credential.PolicyClaims) { c.IssuedAt = now - 10*world.Day })))
	const most = 300
	full := 1
	for o := cases.Outcome(""); ; full++ {
		v.Check(full < most, "the lock keeps more than %d records", most)
		o, _ = v.tap(v.neighbour(counted(now-20*world.Day, now+credential.Time(full))), asksOpen)
		if o == cases.Refused(credential.ReasonTableFull) {
			break
		}
		v.Expect("a counted grant", o, cases.Opened...)
	}
	v.gives(3)
	heir, err := issuer.NewOwner(v.World.Key("heir"))
	v.OK(err)
	back := v.Made(heir.Policy(credential.PolicyClaims{Lock: v.World.Lock, Version: 4, IssuedAt: now - 18*world.Day, Reset: true}))
	o, a := v.tap(v.Phone("heir", nil), holdertest.Request{Documents: [][]byte{back}})
	v.Expect("the policy that resets the floor", told(o, a), "done, document none")
	var claims credential.GrantClaims
	v.Made(v.World.Guest(func(c *credential.GrantClaims) {
		counted(now-18*world.Day, now-16*world.Day)(c)
		c.Scope[0].PolicyVersion = 3
		claims = *c
	}))
	v.opens("the next owner's counted grant", v.Phone("neighbour", v.Made(heir.Grant(claims))), asksOpen)
}

// begins shows that the lock still begins an exchange.
func begins(t *cases.T) {
	p := tap{t}
	p.selects()
	p.stays()
}

// ownedAnew is Owned on a lock that has just left its factory.
func ownedAnew(t *cases.T) {
	t.Lock.Power(false)
	t.Lock.Fresh()
	cases.Owned(t)
	t.Lock.Cycle()
}

// giveAway has the owner hand over the policy that makes the buyer the owner, and
// admits the post as before.
func giveAway(t *cases.T) {
	var claims credential.PolicyClaims
	t.Made(t.World.Policy(2, func(c *credential.PolicyClaims) { claims = *c }))
	policy := t.Made(t.World.Owner.Transfer(claims, t.World.Public("buyer")))
	t.Lock.Cycle()
	o, a := t.TapFor(t.Phone("owner", nil), holdertest.Request{Operation: credential.OperationStatus, Documents: [][]byte{policy}})
	t.Check(o == cases.Refused(credential.ReasonDenied) || o == cases.Denied || o == "done", "handing the transfer over: %s", o)
	t.Check(a == nil || len(a.Documents) == 0 || a.Documents[0] == credential.ReasonNone, "the transfer is not taken: %v", a)
}

// deny has the owner hand over the post's list that denies every grant of before.
func deny(t *cases.T) {
	revoker, err := issuer.NewRevoker(t.World.Key("post"), t.World.Post.Authority())
	t.OK(err)
	list := t.Made(revoker.Revoke(credential.RevocationClaims{IssuedAt: t.World.Now + 2, Version: 1, Least: t.World.Now + 1}))
	t.Lock.Cycle()
	r := holdertest.Request{Operation: credential.OperationStatus, Documents: [][]byte{list}, Chain: [][]byte{t.World.Post.Authority().Bytes()}}
	o, a := t.TapFor(t.Phone("owner", nil), r)
	t.Expect("handing the list over", told(o, a), "done, document none")
}
