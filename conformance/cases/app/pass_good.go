package app

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/lock/locktest"
)

// requests are the cases of section 27.1.
func requests() []cases.Case {
	return []cases.Case{{
		ID: id("PASS", 1), Revision: 1, Title: "the request is a claims set with a public key, in both forms, and a grant for that key opens", Requirements: []string{"PST-PASS-001"},
		Run: func(t *cases.T) {
			for range 2 {
				p := &pass{chain: chainOf(t, 1, t.App.Request())}
				t.Expect("the pass for its key", t.App.Take(p.bytes()), cases.Taken)
				opensBy(t, credential.OperationOpen, p)
			}
		},
	}, {
		ID: id("PASS", 2), Revision: 1, Title: "the request of an app with a key on P-256", Requirements: []string{"PST-PASS-001", "PST-PASS-006"}, Setup: suite2,
		Run: func(t *cases.T) {
			p := &pass{chain: chainOf(t, 2, t.App.Request())}
			t.Expect("the pass for its key", t.App.TakeLink(cases.PassLink(p.bytes())), cases.Taken)
			opensBy(t, credential.OperationOpen, p)
		},
	}, {
		ID: id("PASS", 3), Revision: 1, Title: "a pass for the request of another installation", Fault: "the request was made before the app was installed anew, with another key",
		Requirements: []string{"PST-PASS-001", "PST-PASS-006"}, Passes: []cases.Outcome{cases.Taken}, Allowed: []cases.Outcome{refused},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			t.App.Install(func(i *shim.Install) {
				if faulty {
					i.Key.Private = private(t.World.Key("helper"))
					i.Grant = t.Made(t.World.Guest(func(c *credential.GrantClaims) { c.Holder = t.World.Public("helper") }))
				}
			})
			key := asked(t)
			if faulty {
				t.App.Install(nil)
			}
			p := usual(t, key)
			return anyReason(offer(t, faulty, p, func() cases.Outcome { return t.App.Take(p.bytes()) }))
		},
	}}
}

// taking are good passes.
func taking() []cases.Case {
	good := func(number int, what string, shows []string, make func(t *cases.T, key credential.PublicKey) *pass) cases.Case {
		return cases.Case{
			ID: id("PASS", number), Revision: 1, Title: "a good pass is taken, as bytes and as a link: " + what, Requirements: append(shows, "PST-PASS-005", "PST-PASS-006", "PST-PASS-009"),
			Run: func(t *cases.T) {
				for _, link := range []bool{false, true} {
					t.App.Install(nil)
					p := make(t, asked(t))
					o := t.App.Take
					if link {
						o = func(b []byte) cases.Outcome { return t.App.TakeLink(cases.PassLink(b)) }
					}
					t.Expect(what, o(p.bytes()), cases.Taken)
					opensBy(t, operationOf(p), p)
				}
			},
		}
	}
	return []cases.Case{
		good(4, "one grant", nil, func(t *cases.T, key credential.PublicKey) *pass { return &pass{chain: chainOf(t, 1, key)} }),
		good(5, "a chain of two with a certificate and a policy", nil, usual),
		good(6, "a chain of three", nil, func(t *cases.T, key credential.PublicKey) *pass { return &pass{chain: chainOf(t, 3, key)} }),
		good(7, "an operator's grant with his certificate", []string{"PST-PASS-007"}, func(t *cases.T, key credential.PublicKey) *pass {
			return &pass{
				chain:       [][]byte{t.Made(t.World.Round(func(c *credential.GrantClaims) { c.Holder = key }))},
				authorities: [][]byte{stranger(t, 0), t.World.Post.Authority().Bytes()},
			}
		}),
		good(8, "a document of each kind, with the certificate of a signer", nil, func(t *cases.T, key credential.PublicKey) *pass {
			source, err := issuer.NewTimeSource(t.World.Key("post"), t.World.Post.Authority())
			t.OK(err)
			return &pass{
				chain: chainOf(t, 1, key), authorities: [][]byte{t.World.Post.Authority().Bytes()},
				documents: [][]byte{
					policy(t, 2), t.Made(t.World.Scheme.Revoke(credential.RevocationClaims{IssuedAt: t.World.Now, Version: 1})), t.Made(source.State(t.World.Now, 60)),
				},
			}
		}),
		good(9, "2048 bytes", nil, func(t *cases.T, key credential.PublicKey) *pass { return sized(t, key, 2048) }),
		{
			ID: id("PASS", 10), Revision: 1, Title: "a pass that is given again, with a renewed grant, takes the place of the one before", Requirements: []string{"PST-PASS-005", "PST-PASS-006"},
			Run: func(t *cases.T) {
				key := asked(t)
				for i, days := range []credential.Time{1, 3, 2, 0} { // later, and earlier: a right can be cut short
					p := &pass{chain: [][]byte{root(t, key, 0, func(c *credential.GrantClaims) { c.Expires += days * world.Day })}}
					t.Expect(fmt.Sprintf("pass %d", i+1), t.App.Take(p.bytes()), cases.Taken)
					opensBy(t, credential.OperationOpen, p)
				}
			},
		}, {
			ID: id("PASS", 12), Revision: 1, Title: "the documents of a pass go along with those that the app had before", Requirements: []string{"PST-OWN-028"}, Run: besides,
		}, {
			ID: id("PASS", 13), Revision: 1, Title: "no slot of the grant before is used for the right of a pass", Requirements: []string{"PST-RES-012"}, Setup: slotted(8),
			Run: func(t *cases.T) {
				p := &pass{chain: chainOf(t, 1, asked(t))}
				t.Expect("the pass", t.App.Take(p.bytes()), cases.Taken)
				opensBy(t, credential.OperationOpen, p)
			},
		},
	}
}

// besides has the app carry a list and take a pass with a policy.  The lock gives each
// a reason of its own, and the app tells them in the order in which it came to them,
// which need not be the one in which it hands them over.
func besides(t *cases.T) {
	list := t.Made(t.World.Scheme.Revoke(credential.RevocationClaims{IssuedAt: t.World.Now, Version: 1}))
	t.App.Install(func(i *shim.Install) { i.Documents = []shim.Hex{list} })
	p := &pass{chain: chainOf(t, 1, asked(t)), documents: [][]byte{policy(t, 2)}}
	t.Expect("the pass", t.App.Take(p.bytes()), cases.Taken)
	t.Expect("the tap after it", t.App.Open(func(d *cases.Door) {
		d.Respond = func(r locktest.Request) (out locktest.Response) {
			out.Outcome = credential.OutcomeOpened
			for _, document := range r.Documents {
				reason := credential.ReasonNone
				if bytes.Equal(document, list) {
					reason = credential.ReasonSuperseded
				}
				out.Documents = append(out.Documents, reason)
			}
			return out
		}
	}), opened...)
	documents := func(r locktest.Request) [][]byte { return r.Documents }
	t.Check(sent(t, [][]byte{list}, documents), "the list that the app had before the pass is not handed over")
	t.Check(sent(t, p.documents, documents), "the policy of the pass is not handed over")
	want := []int{int(credential.ReasonSuperseded), int(credential.ReasonNone)}
	t.Check(slices.Equal(t.App.Told.Documents, want), "the app tells %v of its documents, where %v is right: the list of before, then the policy of the pass", t.App.Told.Documents, want)
}

// operationOf is what the grant of a pass is for: an operator's is for a delivery.
func operationOf(p *pass) credential.Operation {
	if g, err := credential.ParseGrant(p.chain[0]); err == nil && g.Claims.Scope[0].Actions&credential.ActionDeliver != 0 {
		return credential.OperationDeliver
	}
	return credential.OperationOpen
}

// sized is a good pass of so many bytes, about 2048: a chain of three, two certificates
// and four policies, whose tags and a grant's area code make up the length.
func sized(t *cases.T, to credential.PublicKey, length int) *pass {
	// with has so many tags in its policies, and an area code of so many bytes.
	with := func(tags, area int) *pass {
		first := root(t, t.World.Public("deputy"), 2, func(c *credential.GrantClaims) {
			c.Scope = append(c.Scope, credential.Entry{Target: credential.AreaTarget(bytes.Repeat([]byte{'A'}, area)), Actions: credential.ActionOpen})
		})
		second := below(t, "deputy", [][]byte{first}, t.World.Public("helper"), 1)
		p := &pass{
			chain:       [][]byte{first, second, below(t, "helper", [][]byte{first, second}, to, 0)},
			authorities: [][]byte{t.World.Post.Authority().Bytes(), t.World.Maker.Authority().Bytes()},
		}
		for i := range 4 {
			n := min(tags, 16)
			tags -= n
			p.documents = append(p.documents, t.Made(t.World.Policy(uint32(2+i), func(c *credential.PolicyClaims) {
				c.CoOwners = []credential.PublicKey{t.World.Public("partner")}
				for k := range n {
					c.Denied = append(c.Denied, credential.Tag{byte(k + 1)})
				}
			})))
		}
		return p
	}
	// A tag takes 8 bytes, or up to 10 where a head grows with it; an area code of 4 to
	// 16 bytes makes up for the rest.
	const tag, least, most = 8, 4, 16
	for tags := max(0, (length-len(with(0, least).bytes()))/tag-3); tags <= 64; tags++ {
		short := length - len(with(tags, least).bytes())
		if short >= 0 && short <= most-least {
			return with(tags, least+short)
		}
	}
	t.Brokenf("no pass has %d bytes", length)
	return nil
}
