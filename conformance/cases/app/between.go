package app

import (
	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/lock/locktest"
)

// forgotten is the case on a lock that takes neither RESUME nor what follows it, where
// it cannot have done anything.
func forgotten() cases.Case {
	return cases.Case{
		ID: "APP-RESUME-040", Revision: 1, Title: "a status word answers RESUME, and another the full exchange, in a tap for status", Fault: "a status word answers RESUME, and another the full exchange",
		Requirements: []string{"PST-PHN-020#6", "PST-PHN-020#7"},
		Passes:       []cases.Outcome{cases.Said(credential.OutcomeDone, credential.ReasonNone)}, Allowed: []cases.Outcome{cases.Fault(credential.ReasonStatusWord)},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			slotted(8)(t)
			o := t.App.Tap(shim.Tap{Operation: int(credential.OperationStatus)}, func(d *cases.Door) {
				d.Answer = func(c apdu.Command, r *apdu.Response) {
					if faulty && (c.INS == resume || c.INS == handshake2) {
						r.Data, r.SW = nil, apdu.StatusRefused
					}
				}
			})
			if faulty {
				t.App.Sends(fellBack)
			}
			return o
		},
	}
}

// halves is the case on a further request of which the lock did not get all.
func halves() cases.Case {
	return cases.Case{
		ID: "APP-LINK-022", Revision: 1, Title: "the link is lost within the chain of a further request", Fault: "the link is lost within the chain of a further request",
		Requirements: []string{"PST-PHN-020#8", "PST-PHN-022#9"}, Passes: opened, Allowed: []cases.Outcome{cases.Fault(credential.ReasonLink)},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			laden(t)
			o := deliver(t, func(d *cases.Door) {
				missesPost(t, d)
				if faulty {
					loses(request, false)(t, d)
				}
			})
			if faulty {
				t.App.Sends(whole)
			}
			return o
		},
	}
}

// laden makes the app the postman's, with a policy that makes every request that
// holds it a chain.
func laden(t *cases.T) {
	policy := t.Made(t.World.Policy(2, func(c *credential.PolicyClaims) {
		for n := range 16 {
			c.Denied = append(c.Denied, credential.Tag{byte(n + 1)})
		}
	}))
	t.App.Install(func(i *shim.Install) {
		i.Key.Private, i.Grant = private(t.World.Key("postman")), t.Made(t.World.Round(nil))
		i.Authorities, i.Documents = []shim.Hex{t.World.Post.Authority().Bytes()}, []shim.Hex{policy}
	})
}

// missesPost has the lock miss the post's certificate once, and open then.
func missesPost(t *cases.T, d *cases.Door) {
	takes(credential.ReasonNone)(d)
	next := d.Respond
	d.Respond = func(r locktest.Request) locktest.Response {
		if len(d.Requests()) == 1 {
			return locktest.Response{Missing: []credential.KeyID{credential.KeyIDOf(t.World.Public("post"))}}
		}
		return next(r)
	}
}
