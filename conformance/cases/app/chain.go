package app

import (
	"bytes"
	"fmt"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/lock/locktest"
)

// helper makes the app that of somebody to whom the postman passed his round on,
// by way of a deputy.  It returns the grants above its own.
func helper(t *cases.T) [][]byte {
	root := t.Made(t.World.Round(func(c *credential.GrantClaims) { c.Scope[0].Delegation = 2 }))
	pass := func(name, to string, links uint8, chain ...[]byte) []byte {
		key, err := holder.NewKey(t.World.Key(name))
		t.OK(err)
		return t.Made(holder.Delegate(key, chain, credential.GrantClaims{
			Holder: t.World.Public(to), IssuedAt: t.World.Now + 10, Expires: t.World.Now + world.Day/4,
			Scope: []credential.Entry{{Target: credential.AreaTarget(t.World.Area), Actions: credential.ActionDeliver, Delegation: links}},
		}))
	}
	deputy := pass("postman", "deputy", 1, root)
	parents := [][]byte{root, deputy}
	t.App.Install(func(i *shim.Install) {
		i.Key.Private = private(t.World.Key("helper"))
		i.Grant = pass("deputy", "helper", 0, parents...)
		i.Parents = []shim.Hex{root, deputy}
		i.Authorities = []shim.Hex{stranger(t, 0), t.World.Post.Authority().Bytes()}
	})
	return parents
}

// chains are the cases on the chain of a delegated grant.
func chains() []cases.Case {
	misses := func(t *cases.T, names ...string) locktest.Response {
		var r locktest.Response
		for _, name := range names {
			r.Missing = append(r.Missing, credential.KeyIDOf(t.World.Public(name)))
		}
		return r
	}
	unknown := cases.Fault(credential.ReasonIssuerUnknown)
	bad := func(number int, what string, missing ...string) row {
		return row{
			number, what, []string{"PST-PHN-020#3", "PST-PHN-022#5", "PST-PHN-029", "PST-PHN-030"},
			func(t *cases.T, d *cases.Door) { d.Says(misses(t, missing...)) }, unknown, nil,
		}
	}
	all := negatives("CHAIN", deliver,
		bad(10, "the lock misses the parents that it was sent, again and again", "postman"),
		bad(11, "the lock misses the certificate of a link's holder who signed nothing", "helper"),
		bad(12, "the lock misses the certificate of another operator", "operator 0"),
		bad(13, "the lock misses the certificate and the parents, again and again", "post", "deputy"),
	)
	for i := range all {
		act := all[i].Act
		all[i].Setup = func(t *cases.T) { helper(t) }
		all[i].Act = func(t *cases.T, faulty bool) cases.Outcome {
			o := act(t, faulty)
			for _, r := range t.App.Door.Requests() {
				for _, c := range r.Chain {
					t.Check(!bytes.Equal(c, stranger(t, 0)), "the chain holds the certificate of an operator who did not sign the grant")
				}
			}
			return o
		}
	}
	return append(all, cases.Case{
		ID: id("CHAIN", 1), Revision: 1, Title: "a holder with a delegated grant sends its parents, and the certificate that the lock misses",
		Requirements: []string{"PST-PHN-029", "PST-PHN-030", "PST-PHN-012#3", "PST-PHN-004#13"},
		Run: func(t *cases.T) {
			parents := helper(t)
			t.Expect("the tap", deliver(t, func(d *cases.Door) { then(d, misses(t, "post")) }), opened...)
			t.App.Sends(further)
			requests := t.App.Door.Requests()
			if len(requests[0].Chain) != len(parents) {
				t.Warnf("the chain of the first request has %d objects, where the %d parents are recommended", len(requests[0].Chain), len(parents))
			}
			want := append(parents, t.World.Post.Authority().Bytes())
			for _, o := range want {
				t.Check(holds(requests[1].Chain, o), "the chain of the second request lacks %x", o)
			}
			t.Check(len(requests[1].Chain) == len(want), "the chain of the second request has %d objects, where %d are right", len(requests[1].Chain), len(want))
		},
	}, cases.Case{
		ID: id("CHAIN", 2), Revision: 1, Title: "a lock that misses a parent is sent all of them, once",
		Requirements: []string{"PST-PHN-029", "PST-PHN-022#5"},
		Run: func(t *cases.T) {
			parents := helper(t)
			o := deliver(t, func(d *cases.Door) { then(d, misses(t, "postman")) })
			// Whoever sent the parents with the first request has nothing more to send.
			t.Expect("the tap", o, opened[0], unknown)
			requests := t.App.Door.Requests()
			for _, r := range requests[len(requests)-1:] {
				for _, p := range parents {
					t.Check(holds(r.Chain, p), "the last request lacks the parent %x", p)
				}
			}
		},
	})
}

// holds reports whether a chain has the object.
func holds(chain [][]byte, object []byte) bool {
	for _, b := range chain {
		if bytes.Equal(b, object) {
			return true
		}
	}
	return false
}

// paged has the lock open, and give out a page for each request that asks for one.
func paged(d *cases.Door) {
	d.Respond = func(r locktest.Request) locktest.Response {
		switch {
		case r.Log:
			return locktest.Response{Outcome: credential.OutcomeDone, Log: bytes.Repeat([]byte{r.Page + 1}, 792)}
		case r.Operation == credential.OperationOpen:
			return locktest.Response{Outcome: credential.OutcomeOpened}
		}
		return locktest.Response{Outcome: credential.OutcomeDone}
	}
}

// takesPages opens, asks for four pages of the log, and tells how many came as the
// lock gave them.
func takesPages(t *cases.T, set func(*cases.Door)) cases.Outcome {
	o := t.App.Tap(shim.Tap{Operation: int(credential.OperationOpen), Pages: 4}, func(d *cases.Door) {
		paged(d)
		if set != nil {
			set(d)
		}
	})
	for i, p := range t.App.Told.Pages {
		t.Check(bytes.Equal(p, bytes.Repeat([]byte{byte(i + 1)}, 792)), "page %d is not as the lock gave it", i)
	}
	return cases.Outcome(fmt.Sprintf("%s, %d pages", o, len(t.App.Told.Pages)))
}

// pages are the cases on pages of the log that a phone takes along.
func pages() []cases.Case {
	// at puts an answer into the place of that to the request for page 2.
	at := func(d *cases.Door, says locktest.Response) {
		before := d.Respond
		d.Respond = func(r locktest.Request) locktest.Response {
			if r.Log && r.Page == 2 {
				return says
			}
			return before(r)
		}
	}
	third := func(d *cases.Door) bool {
		r := d.Requests()
		return len(r) > 0 && r[len(r)-1].Log && r[len(r)-1].Page == 2
	}
	const two, none = cases.Outcome("opened, 2 pages"), cases.Outcome("refused: action, 0 pages")
	all := negatives("PAGE", takesPages,
		row{10, "the lock refuses the third page", []string{"PST-PHN-004#20"}, func(_ *cases.T, d *cases.Door) {
			at(d, locktest.Response{Outcome: credential.OutcomeRefused, Reason: credential.ReasonAction})
		}, two, nil},
		row{11, "the answer with the third page does not open", []string{"PST-PHN-004#20", "PST-PHN-021"}, func(_ *cases.T, d *cases.Door) {
			d.Alter[locktest.Sealed] = func(b []byte) []byte {
				if third(d) {
					return credentialtest.Flip(9)(b)
				}
				return b
			}
		}, two, nil},
		row{12, "the answer with the third page is no response", []string{"PST-PHN-004#20"}, func(_ *cases.T, d *cases.Door) {
			d.Alter[locktest.Plaintext] = func(b []byte) []byte {
				if third(d) {
					return []byte{0xA0}
				}
				return b
			}
		}, two, nil},
		row{13, "a status word answers the request for the third page", []string{"PST-PHN-004#20"}, func(_ *cases.T, d *cases.Door) {
			d.Answer = func(_ apdu.Command, r *apdu.Response) {
				if third(d) {
					r.Data, r.SW = nil, apdu.StatusFailure
				}
			}
		}, two, nil},
		row{14, "the answer with the third page is lost", []string{"PST-PHN-004#20", "PST-PHN-022#8"}, func(_ *cases.T, d *cases.Door) {
			d.Lose = func(int, []byte) bool { return third(d) }
		}, two, nil},
		row{15, "the lock gives no third page", []string{"PST-PHN-004#20"}, func(_ *cases.T, d *cases.Door) {
			at(d, locktest.Response{Outcome: credential.OutcomeDone})
		}, two, nil},
		row{16, "the lock refuses to open", []string{"PST-PHN-004#17", "PST-PHN-022#9"}, func(_ *cases.T, d *cases.Door) {
			d.Says(locktest.Response{Outcome: credential.OutcomeRefused, Reason: credential.ReasonAction})
		}, none, []string{whole}},
	)
	for i := range all {
		all[i].Passes = []cases.Outcome{"opened, 4 pages"}
	}
	return append(all, taken()...)
}

// taken are those of which all goes well.
func taken() []cases.Case {
	return []cases.Case{{
		ID: id("PAGE", 1), Revision: 1, Title: "behind an opening the phone takes the pages of the log along that it was asked for, and no more", Requirements: []string{"PST-PHN-004#17", "PST-REQ-001"},
		Run: func(t *cases.T) {
			t.Expect("the tap", takesPages(t, nil), "opened, 4 pages")
			t.App.Sends(whole + " REQUEST REQUEST REQUEST REQUEST")
			for i, r := range t.App.Door.Requests()[1:] {
				t.Check(r.Operation == credential.OperationStatus && r.Log && int(r.Page) == i, "request %d is for %v, page %d", i+2, r.Operation, r.Page)
			}
		},
	}, {
		ID: id("PAGE", 2), Revision: 1, Title: "documents that do not fit beside the opening go ahead of it, and the opening follows", Requirements: []string{"PST-PHN-004#16", "PST-PHN-012#4", "PST-OWN-028"},
		Run: func(t *cases.T) {
			large := func(version uint32) []byte {
				return t.Made(t.World.Policy(version, func(c *credential.PolicyClaims) {
					for i := range 16 {
						c.Denied = append(c.Denied, credential.Tag{byte(i + 1)})
					}
					for i := range 4 {
						c.CoOwners = append(c.CoOwners, t.World.Public(fmt.Sprint("partner ", i)))
					}
				}))
			}
			two, three := large(2), large(3)
			t.App.Install(func(i *shim.Install) { i.Documents = []shim.Hex{two, three} })
			t.Expect("the tap", t.App.Open(handsOver), opened...)
			requests := t.App.Door.Requests()
			var handed [][]byte
			for i, r := range requests {
				handed = append(handed, r.Documents...)
				if last := i == len(requests)-1; last != (r.Operation == credential.OperationOpen) || !last && r.Operation != credential.OperationStatus {
					t.Failf("request %d of %d is for %v", i+1, len(requests), r.Operation)
				}
			}
			t.Check(holds(handed, two) && holds(handed, three), "%d documents are handed over, where both policies are right", len(handed))
		},
	}}
}

// handsOver has the lock take every document, and open.
func handsOver(d *cases.Door) {
	d.Respond = func(r locktest.Request) (out locktest.Response) {
		if out.Outcome = credential.OutcomeDone; r.Operation == credential.OperationOpen {
			out.Outcome = credential.OutcomeOpened
		}
		for range r.Documents {
			out.Documents = append(out.Documents, credential.ReasonNone)
		}
		return out
	}
}
