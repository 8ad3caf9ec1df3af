package app

import (
	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/lock/locktest"
)

// refused is a refusal of a pass for which the standard names no reason.
var refused = cases.Refused(credential.ReasonNone)

// anyReason takes the reason from a refusal.
func anyReason(o cases.Outcome) cases.Outcome {
	if o != cases.Taken {
		return refused
	}
	return o
}

// passesOfOthers are passes whose last grant is for a key that the app does not have.
func passesOfOthers() []cases.Case {
	var all []cases.Case
	for i, c := range []struct {
		what string
		make func(t *cases.T, key credential.PublicKey, p *pass)
	}{
		{"its last grant is for another key", func(t *cases.T, _ credential.PublicKey, p *pass) { p.chain = chainOf(t, 2, t.World.Public("stranger")) }},
		{"its only grant is for another key", func(t *cases.T, _ credential.PublicKey, p *pass) { p.chain = chainOf(t, 1, t.World.Public("stranger")) }},
		{"its last grant is for another key on P-256", func(t *cases.T, _ credential.PublicKey, p *pass) {
			p.chain = chainOf(t, 2, t.World.Public2("stranger"))
		}},
		{"its first grant is for the app's key, and the last one for another", func(t *cases.T, key credential.PublicKey, p *pass) {
			first, second := root(t, key, 1, nil), chainOf(t, 2, t.World.Public("stranger"))[1]
			second = hung(t, second, first, "stranger")
			p.chain = [][]byte{first, signedBy(t, second, t.World.Key("stranger"), credential.KeyIDOf(key))}
		}},
	} {
		all = append(all, cases.Case{
			ID: id("PASS", 80+i), Revision: 1, Title: "a pass is not used: " + c.what, Fault: c.what, Requirements: []string{"PST-PASS-006"},
			Passes: []cases.Outcome{cases.Taken}, Allowed: []cases.Outcome{refused},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				key := asked(t)
				p := usual(t, key)
				if faulty {
					c.make(t, key, p)
				}
				return anyReason(offer(t, faulty, p, func() cases.Outcome { return t.App.Take(p.bytes()) }))
			},
		})
	}
	return append(all, cases.Case{
		ID: id("PASS", 85), Revision: 1, Title: "a pass that was taken stays where the next one is refused", Fault: "the next pass has a byte behind it", Requirements: []string{"PST-PASS-005", "PST-PASS-006"},
		Passes: []cases.Outcome{cases.Taken}, Allowed: []cases.Outcome{cases.Refused(credential.ReasonMalformed)},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			key := asked(t)
			first, next := usual(t, key), &pass{chain: chainOf(t, 1, key), documents: [][]byte{policy(t, 3)}}
			t.Expect("the first pass", t.App.Take(first.bytes()), cases.Taken)
			b := next.bytes()
			if faulty {
				b = append(b, 0)
			}
			o := t.App.Take(b)
			switch {
			case o != cases.Taken:
				opensBy(t, credential.OperationOpen, first)
				t.Check(!sent(t, next.documents, func(r locktest.Request) [][]byte { return r.Documents }), "the policy of a pass that was refused is handed over")
			case !faulty:
				opensBy(t, credential.OperationOpen, next)
			}
			return o
		},
	})
}
