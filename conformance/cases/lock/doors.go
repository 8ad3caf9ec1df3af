package lock

import (
	"fmt"
	"slices"
	"strings"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	ct "github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/credential/holder/holdertest"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/spec"
)

// doors are requests that name a compartment.
func doors() []cases.Case {
	absent := func(number int, when spec.Profile, o credential.Operation, fault string, good, bad uint8) cases.Case {
		passes := cases.Opened
		if o == credential.OperationStatus {
			passes = []cases.Outcome{done}
		}
		return cases.Case{
			ID: caseID("STEP", number), Revision: 1, Title: fault, Fault: fault, When: when,
			Requirements: []string{"PST-DEC-007#16", "PST-DEC-010", "PST-ERR-006"}, Needs: keys, Setup: cases.Owned,
			Passes: passes, Allowed: []cases.Outcome{cases.Refused(credential.ReasonResource)},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				r := holdertest.Request{Operation: o, Resource: good}
				if faulty {
					r.Resource = bad
				}
				return t.Tap(neighbour(t, 0), r)
			},
		}
	}
	return []cases.Case{
		absent(40, "not capability(compartments)", credential.OperationOpen, "the request names a compartment of a lock that has the main door alone", 0, 1),
		absent(41, "capability(compartments)", credential.OperationOpen, "the request names a compartment behind the last", 1, 255),
		absent(43, "not capability(compartments)", credential.OperationStatus, "status names a compartment of a lock that has the main door alone", 0, 1),
		absent(44, "capability(compartments)", credential.OperationStatus, "status names a compartment behind the last", 1, 255), {
			ID: "LOCK-STEP-042", Revision: 1, Title: "the door is driven that the request names, and no other", When: "capability(compartments)",
			Requirements: []string{"PST-DEC-007#20", "PST-DEC-025#3", "PST-DEC-033"}, Needs: []shim.Verb{shim.VerbProvision, shim.VerbBolt}, Setup: cases.Owned,
			Run: func(t *cases.T) {
				for _, number := range []uint8{1, 0, 1} {
					before := t.Lock.Bolt()
					t.Expect(fmt.Sprintf("opening door %d", number), t.Tap(neighbour(t, 0), holdertest.Request{Operation: credential.OperationOpen, Resource: number}), cases.Opened...)
					for _, m := range t.Lock.Bolt() {
						was := 0
						if i := slices.IndexFunc(before, func(b shim.Move) bool { return b.Resource == m.Resource }); i >= 0 {
							was = before[i].Count
						}
						want := 0
						if m.Resource == int(number) {
							want = 1
						}
						t.Check(m.Count-was == want, "door %d was driven %d times, where %d is right: door %d was asked for", m.Resource, m.Count-was, want, number)
					}
					t.Lock.Cycle()
				}
			},
		}}
}

// uncharged are openings for which the lock lacks the energy, and something else.
func uncharged() []cases.Case {
	pending := cases.Said(credential.OutcomePending, credential.ReasonNone)
	return []cases.Case{{
		ID: "LOCK-STEP-050", Revision: 1, Title: "a spent use is named before the lack of energy", Fault: "the one use of the grant is spent", When: "capability(uses)",
		Requirements: []string{"PST-DEC-007#19", "PST-USE-007#4"}, Needs: []shim.Verb{shim.VerbProvision, shim.VerbDrive},
		Setup: func(t *cases.T) {
			cases.Owned(t)
			t.Set(shim.Drive{Motion: shim.Moves, Percent: 100})
			t.Lock.Cycle()
			t.Expect("the use", t.Tap(onceOnly(t, 0), opens), cases.Opened...)
			t.Set(shim.Drive{Motion: shim.Moves, Percent: 40, Wait: 250})
		},
		Passes: []cases.Outcome{pending}, Allowed: []cases.Outcome{cases.Refused(credential.ReasonUsesSpent)},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			if faulty {
				return t.Tap(onceOnly(t, 0), opens)
			}
			return t.Tap(onceOnly(t, 1), opens)
		},
	}}
}

// onceOnly is the neighbour's phone with one of several grants for one opening.
func onceOnly(t *cases.T, which int) *holdertest.Phone {
	return guest(t, 0, func(c *credential.GrantClaims) {
		c.Expires -= credential.Time(which)
		c.Scope[0].Uses = credential.Uses{Count: 1, Starts: 1}
	})
}

// unconfigured are guests who ask to configure, whose grants are not good otherwise
// either: configure has no action, and the other checks come first.
func unconfigured() []cases.Case {
	var all []cases.Case
	for i, f := range []struct {
		what   string
		reason credential.Reason
		alter  func(t *cases.T, c *credential.GrantClaims)
	}{
		{"is for another lock", credential.ReasonTarget, func(_ *cases.T, c *credential.GrantClaims) {
			c.Scope[0].Target = credential.LockTarget(credential.LockID{9})
		}},
		{"asks for a policy version to come", credential.ReasonPolicyVersion, func(_ *cases.T, c *credential.GrantClaims) { c.Scope[0].PolicyVersion = 9 }},
		{"has ended", credential.ReasonExpired, func(t *cases.T, c *credential.GrantClaims) {
			c.IssuedAt, c.Expires = t.World.Now-40*world.Day, t.World.Now-30*world.Day
		}},
	} {
		all = append(all, cases.Case{
			ID: caseID("STEP", 60+i), Revision: 1, Title: "configure by a guest whose grant " + f.what, Fault: "the grant " + f.what,
			Requirements: []string{"PST-DEC-018#16", "PST-COM-009#3", "PST-DEC-007#17"}, Needs: keys, Setup: cases.Owned,
			Passes: []cases.Outcome{cases.Refused(credential.ReasonAction)}, Allowed: []cases.Outcome{cases.Refused(f.reason)},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				p := guest(t, 0, func(c *credential.GrantClaims) {
					if faulty {
						f.alter(t, c)
					}
				})
				return t.Tap(p, holdertest.Request{Operation: credential.OperationConfigure})
			},
		})
	}
	return append(all, cases.Case{
		ID: "LOCK-STEP-065", Revision: 1, Title: "documents of who becomes the owner are passed over", Needs: keys,
		Requirements: []string{"PST-COM-016"},
		Run: func(t *cases.T) {
			source, err := issuer.NewTimeSource(t.World.Key("post"), t.World.Post.Authority())
			t.OK(err)
			p := t.Phone("owner", nil)
			t.Expect("HANDSHAKE-1", t.Shake(p), cases.OK)
			t.OK(p.Complete())
			a, err := p.Handshake2(t.Context(), holdertest.Request{
				Operation: credential.OperationConfigure, Proof: t.Made(p.SetupProof(t.World.Setup[:])),
				Chain: [][]byte{post(t)}, Documents: [][]byte{t.Made(source.State(t.World.Now, 60))},
			})
			t.OK(err)
			t.Expect("commissioning with a time token", t.Answered(a), done)
			t.Check(len(a.Documents) == 0, "the answer says %v of the documents, where it says nothing of them", a.Documents)
			t.Check(a.State.Floor < t.World.Now, "the floor is %d, that of the token, which was to be passed over", a.State.Floor)
		},
	})
}

// moments are grants that end between the floor and what else the lock knows of the
// time.
func moments() []cases.Case {
	ended := cases.Outcome("refused: expired, document none")
	opened := []cases.Outcome{"opened, document none", "unconfirmed, document none"}
	return []cases.Case{{
		ID: "LOCK-STEP-070", Revision: 1, Title: "a live time that does not raise the floor ends a grant", Fault: "the live time is after the end of the grant", When: "capability(live-time)",
		Requirements: []string{"PST-DEC-037#2"}, Needs: keys, Setup: ownedUntilNow, Passes: opened, Allowed: []cases.Outcome{ended},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			if faulty {
				return liveTap{ends: 60, at: 120}.taps(t)
			}
			return liveTap{ends: 60, at: 30}.taps(t)
		},
	}, {
		ID: "LOCK-STEP-071", Revision: 1, Title: "a stated time that does not raise the floor ends no grant", Needs: keys, Setup: ownedUntilNow,
		Requirements: []string{"PST-DEC-037#2", "PST-DEC-037#3"},
		Run: func(t *cases.T) {
			t.Expect("after the end", liveTap{stated: true, least: credential.EvidenceStated, ends: 60, at: 120}.taps(t), opened...)
			t.Lock.Cycle()
			got := liveTap{stated: true, least: credential.EvidenceStated, begins: 60, at: 120}.taps(t)
			t.Check(strings.HasPrefix(string(got), "refused: not-yet-valid"), "after the beginning, by a stated time: %s, where refused: not-yet-valid is right", got)
		},
	}, {
		ID: "LOCK-STEP-072", Revision: 1, Title: "a channel ends with a request that does not open", Fault: "a request before this one does not open", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-CHAN-004", "PST-DEC-001#21"}, Passes: cases.Opened, Allowed: []cases.Outcome{cases.OutOfOrder},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			p := neighbour(t, 0)
			t.Expect("status", t.Tap(p, status), done)
			if faulty {
				a, err := p.SendSealed(t.Context(), request, make([]byte, 11), status)
				t.OK(err)
				t.Expect("what does not open", t.Answered(a), cases.Denied)
			}
			return t.Ask(p, opens)
		},
	}}
}

// documentSigners are documents whose signer has a certificate that the lock holds
// and that does not do, and another one.
func documentSigners() []cases.Case {
	// The lock holds a certificate of the post's key that lacks the rights for documents.
	holdsOther := func(t *cases.T) {
		cases.Owned(t)
		holds(t, certified(t, func(c *credential.AuthorityClaims) { c.Rights = credential.RightIssue }))
	}
	list := func(t *cases.T) []byte {
		r, err := issuer.NewRevoker(t.World.Key("post"), t.World.Post.Authority())
		t.OK(err)
		return t.Made(r.Revoke(credential.RevocationClaims{
			IssuedAt: t.World.Now, Version: 1, Denied: []credential.Denial{{Tag: credential.Tag{1}, Expires: t.World.Now + world.Day}},
		}))
	}
	token := func(t *cases.T) []byte {
		s, err := issuer.NewTimeSource(t.World.Key("post"), t.World.Post.Authority())
		t.OK(err)
		return t.Made(s.State(t.World.Now+60, 60))
	}
	var all []cases.Case
	for i, d := range []struct {
		kind string
		made func(t *cases.T) []byte
	}{{"revocation list", list}, {"time token", token}} {
		all = append(all, cases.Case{
			ID: caseID("STEP", 80+2*i), Revision: 1, Title: "the signer of a " + d.kind + " is sought by a certificate with the right", Needs: keys, Setup: holdsOther,
			Fault: "the only certificate of the " + d.kind + "'s signer lacks the right", Requirements: []string{"PST-DOC-009#1", "PST-DOC-009#3", "PST-DOC-006#4"},
			Passes: taken, Allowed: []cases.Outcome{judged(credential.ReasonIssuerUnknown)},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				if faulty {
					return handed(t, d.made(t))
				}
				return handed(t, d.made(t), ct.Array(), post(t))
			},
		}, cases.Case{
			ID: caseID("STEP", 81+2*i), Revision: 1, Title: "a " + d.kind + " under a certificate of the chain that its scheme took back", Needs: keys, Setup: tookBack,
			Fault: "a list of the scheme denies the certificate", Requirements: []string{"PST-DOC-009#2", "PST-DOC-006#4"},
			Passes: taken, Allowed: []cases.Outcome{judged(credential.ReasonDenied)},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				if faulty {
					return handed(t, d.made(t), post(t))
				}
				return handed(t, d.made(t), certified(t, func(c *credential.AuthorityClaims) { c.Expires += world.Day }))
			},
		})
	}
	return all
}

// tookBack is Owned, and the lock has a list by which the scheme takes the post's
// certificate back.
func tookBack(t *cases.T) {
	cases.Owned(t)
	t.Hand(t.Made(t.World.Scheme.Revoke(credential.RevocationClaims{
		IssuedAt: t.World.Now, Version: 1, Denied: []credential.Denial{{Tag: t.World.Post.Authority().Tag(), Expires: t.World.PostClaims().Expires}},
	})))
}

// caseID is the id of a case for locks.
func caseID(area string, number int) string { return fmt.Sprintf("LOCK-%s-%03d", area, number) }
