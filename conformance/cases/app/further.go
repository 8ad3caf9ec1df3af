package app

import (
	"bytes"
	"crypto"
	"fmt"
	"slices"
	"time"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/lock/locktest"
)

// then says the first answer to the first request, and opened to all others.
func then(d *cases.Door, first locktest.Response) {
	d.Respond = func(locktest.Request) locktest.Response {
		if len(d.Requests()) == 1 {
			return first
		}
		return locktest.Response{Outcome: credential.OutcomeOpened}
	}
}

// waits are the cases on a lock that gathers energy.
func waits() []cases.Case {
	busy := cases.Fault(credential.ReasonBusy)
	return append(negatives("WAIT", open, row{
		10, "the lock gathers energy for ever", []string{"PST-PHN-020#2", "PST-PHN-031", "PST-PHN-004#14", "PST-PHN-022#6", "PST-CHAN-003", "PST-ENC-001", "PST-REG-004"},
		func(_ *cases.T, d *cases.Door) {
			d.Says(locktest.Response{Outcome: credential.OutcomePending, Charge: 1})
		}, busy, nil,
	}), cases.Case{
		ID: "APP-WAIT-001", Revision: 1, Title: "while the lock gathers energy the phone waits and asks the same again",
		Requirements: []string{"PST-PHN-031", "PST-PHN-004#14", "PST-PHN-022#6", "PST-PHN-012#5", "PST-CHAN-003"},
		Run: func(t *cases.T) {
			const wait = 40 * time.Millisecond
			o := t.App.Tap(shim.Tap{Operation: 1, Resource: 2, Reference: shim.Hex("parcel 7"), Receipt: true}, func(d *cases.Door) {
				d.Respond = func(locktest.Request) locktest.Response {
					if len(d.Requests()) < 4 {
						return locktest.Response{Outcome: credential.OutcomePending, Charge: 20 * len(d.Requests()), Wait: wait}
					}
					return locktest.Response{Outcome: credential.OutcomeOpened}
				}
			})
			t.Expect("the tap", o, opened...)
			t.App.Sends(further + " REQUEST REQUEST")
			all := t.App.Door.Requests()
			for i, r := range all[1:] {
				t.Check(r.Operation == all[0].Operation && r.Resource == 2 && r.Reference == all[0].Reference && r.Receipt && r.Resumable == all[0].Resumable && r.Log == all[0].Log,
					"request %d differs from the first: %+v", i+2, r)
				if at := t.App.Door.At; at[len(at)-3+i].Sub(at[len(at)-4+i]) < wait {
					t.Warnf("the phone asks again before the %v that the lock named", wait)
				}
			}
		},
	})
}

// postman makes the app that of the post's staff, with so many certificates of
// others beside the post's.
func postman(t *cases.T, others int) {
	t.App.Install(func(i *shim.Install) {
		i.Key.Private = private(t.World.Key("postman"))
		i.Grant = t.Made(t.World.Round(nil))
		for n := range others {
			i.Authorities = append(i.Authorities, stranger(t, n))
		}
		i.Authorities = append(i.Authorities, t.World.Post.Authority().Bytes())
	})
}

// stranger is the certificate of another operator.
func stranger(t *cases.T, n int) []byte {
	c := t.World.PostClaims()
	c.Key = t.World.Public(fmt.Sprintf("operator %d", n))
	return t.Made(t.World.Scheme.Certify(c))
}

// deliver is the tap of the postman.
func deliver(t *cases.T, set func(*cases.Door)) cases.Outcome {
	return t.App.Tap(shim.Tap{Operation: int(credential.OperationDeliver)}, set)
}

// supplies are the cases on the form missing.
func supplies() []cases.Case {
	post := func(t *cases.T) credential.KeyID { return credential.KeyIDOf(t.World.Public("post")) }
	unknown := cases.Fault(credential.ReasonIssuerUnknown)
	all := negatives("SUPPLY", deliver, row{
		10, "the lock misses the certificate that it was just sent", []string{"PST-PHN-020#3", "PST-PHN-022#5", "PST-PHN-004#13", "PST-PHN-029"},
		func(t *cases.T, d *cases.Door) { d.Says(locktest.Response{Missing: []credential.KeyID{post(t)}}) }, unknown, []string{further},
	}, row{
		11, "the lock misses the certificate of somebody whom the phone does not know", []string{"PST-PHN-020#3", "PST-PHN-022#5"},
		func(_ *cases.T, d *cases.Door) {
			d.Says(locktest.Response{Missing: []credential.KeyID{{1, 2, 3, 4, 5, 6, 7, 8}}})
		}, unknown, nil,
	}, row{
		12, "the lock misses the certificate of somebody else, which the phone has", []string{"PST-PHN-020#3", "PST-PHN-030"},
		func(t *cases.T, d *cases.Door) {
			d.Says(locktest.Response{Missing: []credential.KeyID{credential.KeyIDOf(t.World.Public("operator 0"))}})
		}, unknown, nil,
	})
	for i := range all {
		all[i].Setup = func(t *cases.T) { postman(t, 1) }
		act := all[i].Act
		all[i].Act = func(t *cases.T, faulty bool) cases.Outcome {
			o := act(t, faulty)
			private := stranger(t, 0)
			for _, r := range t.App.Door.Requests() {
				for _, c := range r.Chain {
					t.Check(!bytes.Equal(c, private), "the chain holds the certificate of an operator who did not sign the grant")
				}
			}
			return o
		}
	}
	return append(all, cases.Case{
		ID: "APP-SUPPLY-001", Revision: 1, Title: "the phone sends the certificate that the lock misses, and no other",
		Requirements: []string{"PST-PHN-029", "PST-PHN-030", "PST-PHN-004#13", "PST-PHN-022#5", "PST-PHN-012#2"}, Setup: func(t *cases.T) { postman(t, 2) },
		Run: func(t *cases.T) {
			o := deliver(t, func(d *cases.Door) { then(d, locktest.Response{Missing: []credential.KeyID{post(t)}}) })
			t.Expect("the tap", o, opened...)
			t.App.Sends(further)
			all := t.App.Door.Requests()
			if len(all[0].Chain) > 0 {
				t.Warnf("the chain of the first request holds a certificate that nobody asked for")
			}
			t.Check(len(all[1].Chain) == 1 && bytes.Equal(all[1].Chain[0], t.World.Post.Authority().Bytes()), "the chain is %x, where the post's certificate is right", all[1].Chain)
			t.Check(all[1].Operation == credential.OperationDeliver, "the second request is for %v", all[1].Operation)
		},
	})
}

// live is the post's token over a nonce.
func live(t *cases.T, nonce []byte) []byte {
	s, err := issuer.NewTimeSource(t.World.Key("post"), t.World.Post.Authority())
	t.OK(err)
	return t.Made(s.Live(t.World.Now+60, 60, [16]byte(nonce)))
}

// network gives the door a network.
func network(t *cases.T, d *cases.Door) {
	d.Live = func(nonce []byte) ([]byte, error) { return live(t, nonce), nil }
}

// lives are the cases on tokens of live time in the middle of a tap.
func lives() []cases.Case {
	evidence := locktest.Response{Outcome: credential.OutcomeRefused, Reason: credential.ReasonEvidence}
	online := func(t *cases.T, set func(*cases.Door)) cases.Outcome {
		return t.App.Open(func(d *cases.Door) {
			network(t, d)
			then(d, evidence)
			if set != nil {
				set(d)
			}
		})
	}
	refused := cases.Refused(credential.ReasonEvidence)
	all := negatives("LIVE", online, row{
		10, "the lock wants a live time again", []string{"PST-PHN-022#7", "PST-PHN-004#15"}, func(_ *cases.T, d *cases.Door) { d.Says(evidence) }, refused, []string{further},
	}, row{
		11, "there is no network", []string{"PST-PHN-004#15"}, func(_ *cases.T, d *cases.Door) { d.Live = nil }, refused, []string{whole},
	}, row{
		12, "the lock does not announce live time", []string{"PST-APDU-006", "PST-PHN-004#15"}, func(_ *cases.T, d *cases.Door) { d.Capabilities &^= locktest.CapabilityLiveTime }, refused, []string{whole},
	})
	noToken := all[2].Act
	all[2].Act = func(t *cases.T, faulty bool) cases.Outcome {
		o := noToken(t, faulty)
		t.Check(!faulty || len(t.App.Door.Nonces) == 0, "the phone gets a token for a lock that does not announce live time")
		return o
	}
	all = append(all, cases.Case{
		ID: "APP-LIVE-013", Revision: 1, Title: "a token of an earlier tap is no token of this one", Fault: "there is a network in the first tap alone, whose link is lost when the token is there",
		Requirements: []string{"PST-PHN-035"}, Passes: opened, Allowed: []cases.Outcome{refused},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			t.App.Install(nil)
			online(t, loses2(request))
			t.Check(len(t.App.Door.Nonces) == 1, "the phone asks for %d tokens", len(t.App.Door.Nonces))
			o := online(t, func(d *cases.Door) {
				if faulty {
					d.Live = nil
				}
			})
			for _, r := range t.App.Door.Requests() {
				t.Check(!faulty || len(r.Documents) == 0, "the phone hands over a token that is for another transaction")
			}
			return o
		},
	})
	return append(all, cases.Case{
		ID: "APP-LIVE-001", Revision: 1, Title: "a live token for the nonce of this transaction, in this transaction alone",
		Requirements: []string{"PST-PHN-035", "PST-PHN-004#15", "PST-PHN-022#7", "PST-APDU-006"},
		Run: func(t *cases.T) {
			for range 2 {
				t.Expect("the tap", online(t, nil), opened...)
				t.App.Sends(further)
				d := t.App.Door
				selection := d.Values()[locktest.Selection]
				nonce := selection[len(selection)-16:]
				t.Check(len(d.Nonces) == 1 && bytes.Equal(d.Nonces[0], nonce), "a token was asked for %x, where the nonce is %x", d.Nonces, nonce)
				all := d.Requests()
				token := live(t, nonce)
				t.Check(!slices.ContainsFunc(all[0].Documents, func(b []byte) bool { return true }), "the first request has documents")
				t.Check(len(all[1].Documents) == 1 && bytes.Equal(all[1].Documents[0], token), "the second request does not hold the token, unaltered, alone")
			}
		},
	})
}

// carrying gives the app a policy to hand over.
func carrying(t *cases.T) {
	t.App.Install(func(i *shim.Install) { i.Documents = []shim.Hex{t.Made(t.World.Policy(2, nil))} })
}

// handed reports whether the tap handed the policy over, unaltered.
func handed(t *cases.T) bool {
	policy := t.Made(t.World.Policy(2, nil))
	return slices.ContainsFunc(t.App.Door.Requests(), func(r locktest.Request) bool {
		return slices.ContainsFunc(r.Documents, func(b []byte) bool { return bytes.Equal(b, policy) })
	})
}

// takes has the lock open, and say the same of every document.
func takes(reason credential.Reason) func(*cases.Door) {
	return func(d *cases.Door) {
		d.Respond = func(r locktest.Request) (out locktest.Response) {
			out.Outcome = credential.OutcomeOpened
			for range r.Documents {
				out.Documents = append(out.Documents, reason)
			}
			return out
		}
	}
}

// held reports what becomes of the policy in a further tap, at the chosen lock.
func held(t *cases.T, says credential.Reason) cases.Outcome {
	t.Expect("the second tap", t.App.Tap(shim.Tap{Operation: 1, Lock: t.World.Lock[:]}, takes(says)), opened...)
	if handed(t) {
		return "handed over again"
	}
	return "held"
}

// documents are the cases on what the phone hands over.
func documents() []cases.Case {
	var all []cases.Case
	for i, reason := range []credential.Reason{credential.ReasonSignature, credential.ReasonMalformed, credential.ReasonIssuerUnknown, 250} {
		what := fmt.Sprintf("the lock does not take the policy: %v", reason)
		all = append(all, cases.Case{
			ID: id("DOC", 10+i), Revision: 1, Title: what, Fault: what, Requirements: []string{"PST-PHN-036", "PST-OWN-028"}, Setup: carrying,
			Passes: []cases.Outcome{"held"}, Allowed: []cases.Outcome{"handed over again"},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				carrying(t)
				says := credential.ReasonNone
				if faulty {
					says = reason
				}
				t.Expect("the first tap", t.App.Open(takes(says)), opened...)
				t.Check(handed(t), "the first tap hands no policy over")
				t.Check(len(t.App.Told.Documents) == 1 && t.App.Told.Documents[0] == int(says), "the app tells %v of its documents, where the lock said %d", t.App.Told.Documents, int(says))
				return held(t, says)
			},
		})
	}
	return append(append(all, errands()...), cases.Case{
		ID: "APP-DOC-001", Revision: 1, Title: "a policy is handed over with the opening, unaltered", Requirements: []string{"PST-OWN-028", "PST-PHN-036", "PST-PHN-012#4"}, Setup: carrying,
		Run: func(t *cases.T) {
			t.Expect("the tap", t.App.Open(takes(credential.ReasonSuperseded)), opened...)
			t.Check(handed(t), "no request holds the policy as it was given")
			all := t.App.Door.Requests()
			t.Check(all[len(all)-1].Operation == credential.OperationOpen, "the last request is for %v", all[len(all)-1].Operation)
			for _, r := range all[:len(all)-1] {
				t.Check(r.Operation == credential.OperationStatus, "a request for %v goes before the one that hands the policy over", r.Operation)
			}
		},
	}, cases.Case{
		ID: "APP-DOC-002", Revision: 1, Title: "a transfer goes before the new owner's policy, a scheme's list before a token", Requirements: []string{"PST-PHN-032", "PST-OWN-028", "PST-PHN-004#16"},
		Run: func(t *cases.T) { ordered(t, false) },
	})
}

// errands are the cases on documents that are late, for another lock, or in the
// wrong order.
func errands() []cases.Case {
	return []cases.Case{{
		ID: "APP-DOC-020", Revision: 1, Title: "the answer about the policy is lost", Fault: "the answer about the policy is lost", Requirements: []string{"PST-PHN-036", "PST-OWN-028"},
		Passes: []cases.Outcome{"held"}, Allowed: []cases.Outcome{"handed over again"},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			carrying(t)
			t.App.Open(func(d *cases.Door) {
				takes(credential.ReasonNone)(d)
				if faulty {
					loses(handshake2, true)(t, d)
					d.Status(request, 0x6F00)
				}
			})
			return held(t, credential.ReasonNone)
		},
	}, {
		ID: "APP-DOC-021", Revision: 1, Title: "a policy for another lock stays in the phone", Fault: "the policy is for another lock", Requirements: []string{"PST-OWN-028"},
		Passes: []cases.Outcome{"handed over"}, Allowed: []cases.Outcome{"kept back"},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			policy := t.Made(t.World.Policy(2, func(c *credential.PolicyClaims) {
				if faulty {
					c.Lock[3] ^= 1
				}
			}))
			t.App.Install(func(i *shim.Install) { i.Documents = []shim.Hex{policy} })
			t.Expect("the tap", t.App.Open(takes(credential.ReasonNone)), opened...)
			for _, r := range t.App.Door.Requests() {
				if len(r.Documents) > 0 {
					return "handed over"
				}
			}
			return "kept back"
		},
	}, {
		ID: "APP-DOC-022", Revision: 1, Title: "documents that were given in the wrong order", Fault: "the documents are given in the wrong order", Requirements: []string{"PST-PHN-032"},
		Passes: []cases.Outcome{"as given"}, Allowed: []cases.Outcome{"in another order"},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			ordered(t, faulty)
			if faulty {
				return "in another order"
			}
			return "as given"
		},
	}}
}

// ordered installs documents, backwards perhaps, and looks in which order they come.
func ordered(t *cases.T, backwards bool) {
	newOwner, err := issuer.NewOwner(t.World.Key("new owner"))
	t.OK(err)
	transfer := t.Made(t.World.Owner.Transfer(credential.PolicyClaims{Lock: t.World.Lock, Version: 2, IssuedAt: t.World.Now}, t.World.Public("new owner")))
	policy := t.Made(newOwner.Policy(credential.PolicyClaims{Lock: t.World.Lock, Version: 3, IssuedAt: t.World.Now}))
	list := t.Made(t.World.Scheme.Revoke(credential.RevocationClaims{IssuedAt: t.World.Now, Version: 1}))
	source, err := issuer.NewTimeSource(t.World.Key("post"), t.World.Post.Authority())
	t.OK(err)
	token := t.Made(source.State(t.World.Now, 60))
	t.App.Install(func(i *shim.Install) {
		i.Documents = []shim.Hex{transfer, policy, list, token}
		if backwards {
			slices.Reverse(i.Documents)
		}
		i.Authorities = []shim.Hex{t.World.Post.Authority().Bytes()}
	})
	t.Expect("the tap", t.App.Open(takes(credential.ReasonNone)), opened...)
	var all [][]byte
	for _, r := range t.App.Door.Requests() {
		all = append(all, r.Documents...)
	}
	place := func(d []byte) int { return slices.IndexFunc(all, func(b []byte) bool { return bytes.Equal(b, d) }) }
	for name, d := range map[string][]byte{"transfer": transfer, "policy": policy, "list": list, "token": token} {
		t.Check(place(d) >= 0, "the %s is not handed over", name)
	}
	t.Check(place(transfer) < place(policy), "the new owner's policy goes before the transfer")
	t.Check(place(list) < place(token), "the token goes before the scheme's list")
}

// receipts are the cases on receipts.
func receipts() []cases.Case {
	good := func(t *cases.T) credential.ReceiptClaims {
		return credential.ReceiptClaims{Lock: t.World.Lock, Floor: t.World.Now, PolicyVersion: 1, Head: credential.LogHead{1}}
	}
	// asks taps for a receipt and says whether the app passes it on.
	asks := func(t *cases.T, receipt []byte) cases.Outcome {
		o := t.App.Tap(shim.Tap{Operation: 1, Receipt: true}, func(d *cases.Door) {
			d.Says(locktest.Response{Outcome: credential.OutcomeOpened, Receipt: receipt})
		})
		t.Expect("the tap", o, opened...)
		t.Check(t.App.Door.Requests()[0].Receipt, "the request does not ask for a receipt")
		switch {
		case len(t.App.Told.Receipt) == 0:
			return "no receipt"
		case bytes.Equal(t.App.Told.Receipt, receipt):
			return "the receipt"
		}
		return "another receipt"
	}
	signed := func(t *cases.T, key crypto.Signer, alter func(*credential.ReceiptClaims)) []byte {
		c := good(t)
		if alter != nil {
			alter(&c)
		}
		return t.Made(locktest.Receipt(key, c))
	}
	object := func(alter func(*credentialtest.Object)) func(t *cases.T) []byte {
		return func(t *cases.T) []byte {
			return resigned(t, signed(t, t.World.Key("lock"), nil), t.World.Key("lock"), alter)
		}
	}
	var all []cases.Case
	for i, c := range []struct {
		what string
		make func(t *cases.T) []byte
	}{
		{"is signed by another key", func(t *cases.T) []byte { return signed(t, t.World.Key("impostor"), nil) }},
		{"is another's, with the lock's key id", func(t *cases.T) []byte {
			return resigned(t, signed(t, t.World.Key("lock"), nil), t.World.Key("impostor"), func(*credentialtest.Object) {})
		}},
		{"is of another lock", func(t *cases.T) []byte {
			return signed(t, t.World.Key("lock"), func(c *credential.ReceiptClaims) { c.Lock[0] ^= 1 })
		}},
		{"has a signature with another bit", func(t *cases.T) []byte { return credentialtest.Flip(-1)(signed(t, t.World.Key("lock"), nil)) }},
		{"is signed by the lock's key of the other suite", func(t *cases.T) []byte { return signed(t, t.World.Key2("lock"), nil) }},
		{"has the typ of a time token", object(func(o *credentialtest.Object) {
			o.Header(func(m *credentialtest.Map) { m.Set(16, credentialtest.Uint(65006)) })
		})},
		{"has an alg that is not the lock's", object(func(o *credentialtest.Object) {
			o.Header(func(m *credentialtest.Map) { m.Set(1, credentialtest.Int(-9)) })
		})},
		{"has a further claim", object(func(o *credentialtest.Object) {
			o.Claims(func(m *credentialtest.Map) { m.Set(7, credentialtest.Bytes([]byte{1})) })
		})},
		{"is an array of one element", func(*cases.T) []byte { return credentialtest.Array(credentialtest.Uint(1)) }},
		{"is the lock's certificate", func(t *cases.T) []byte { return certify(t, nil) }},
	} {
		all = append(all, cases.Case{
			ID: id("RECEIPT", 10+i), Revision: 1, Title: "the receipt " + c.what, Fault: "the receipt " + c.what, Requirements: []string{"PST-LOG-017"},
			Passes: []cases.Outcome{"the receipt"}, Allowed: []cases.Outcome{"no receipt"},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				if faulty {
					return asks(t, c.make(t))
				}
				return asks(t, signed(t, t.World.Key("lock"), nil))
			},
		})
	}
	return append(all, cases.Case{
		ID: "APP-RECEIPT-001", Revision: 1, Title: "a good receipt is passed on, by a full exchange and by the key of the remembered certificate", Requirements: []string{"PST-LOG-017", "PST-PHN-020#1"},
		Run: func(t *cases.T) {
			for range 2 {
				t.Expect("what the app has", asks(t, signed(t, t.World.Key("lock"), nil)), "the receipt")
			}
		},
	})
}
