package lock

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/credential"
	ct "github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/credential/holder/holdertest"
)

// commissioning are the cases of chapter 20.
func commissioning() []cases.Case {
	return slices.Concat(vacancy(), ownership(), badProofs(), badCommissions(), notVacant(), logKeys(), resets(), badResets())
}

// proves puts the proof of the world's setup secret into the request.
func (v visit) proves(p *holdertest.Phone) func(*holdertest.Request) {
	return func(r *holdertest.Request) { r.Proof = v.Made(p.SetupProof(v.World.Setup[:])) }
}

// vacancy is what a lock without an owner does.
func vacancy() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-COMMISSION-001", Revision: 1, Title: "a vacant lock takes the owner whose phone proves the setup secret",
		Requirements: []string{"PST-COM-001", "PST-COM-016", "PST-COM-016#1", "PST-COM-016#2", "PST-COM-016#3", "PST-COM-016#4"}, Needs: withKeys,
		Run: func(t *cases.T) {
			v := visit{t}
			t.Commission()
			v.opens("the owner opens", v.owner(), asksOpen)
		},
	}, {
		ID: "LOCK-COMMISSION-002", Revision: 1, Title: "the transaction that commissioned is the owner's from then on",
		Requirements: []string{"PST-COM-016#3"}, Needs: withKeys,
		Run: func(t *cases.T) {
			v := visit{t}
			p := v.owner()
			_, o := v.configure(p, v.proves(p))
			t.Expect("commissioning", o, doneWell)
			t.Expect("an opening in the same transaction", t.Ask(p, asksOpen), cases.Opened...)
		},
	}, {
		ID: "LOCK-COMMISSION-003", Revision: 1, Title: "a vacant lock tells an operator's staff its state",
		Requirements: []string{"PST-COM-001"}, Needs: withKeys,
		Run: func(t *cases.T) {
			v := visit{t}
			r := v.delivers()
			r.Operation = credential.OperationStatus
			a := v.finishes("a postman's status", v.postman(nil), r)
			t.Check(a.State.PolicyVersion == 0, "the policy version of a vacant lock is %d", a.State.PolicyVersion)
			t.Commission()
		},
	}, vacant(cases.Case{
		ID: "LOCK-COMMISSION-004", Title: "a vacant lock admits no service", Fault: "the operation is a delivery, and there is no owner who admits the post",
		Requirements: []string{"PST-COM-001"}, Allowed: []cases.Outcome{cases.Refused(credential.ReasonNotAdmitted)}, Changes: []string{cases.SeesFloor, cases.SeesMemory},
	}, func(v visit, faulty bool) cases.Outcome {
		r := v.delivers()
		if !faulty {
			r.Operation = credential.OperationStatus
		}
		return v.Tap(v.postman(nil), r)
	}), vacant(cases.Case{
		ID: "LOCK-COMMISSION-005", Title: "at a vacant lock no grant of a future owner's is good", Fault: "the owner who signed the grant is none yet",
		Requirements: []string{"PST-COM-001", "PST-DEC-016"}, Allowed: []cases.Outcome{cases.Missing}, Changes: []string{cases.SeesFloor, cases.SeesMemory},
	}, func(v visit, faulty bool) cases.Outcome {
		if faulty {
			return v.Tap(v.neighbour(nil), asksStatus)
		}
		r := v.delivers()
		r.Operation = credential.OperationStatus
		return v.Tap(v.postman(nil), r)
	})}
}

// vacant is a negative case of one tap at a lock without an owner.
func vacant(c cases.Case, act func(v visit, faulty bool) cases.Outcome) cases.Case {
	c.Revision, c.Needs = 1, append(withKeys[:1:1], c.Needs...)
	c.Passes = []cases.Outcome{doneWell}
	c.Act = func(t *cases.T, faulty bool) cases.Outcome { return act(visit{t}, faulty) }
	return c
}

// becomes is a negative case whose twin commissions a vacant lock.
func becomes(number int, what string, requirements []string, alter func(v visit, p *holdertest.Phone, r *holdertest.Request)) cases.Case {
	return vacant(cases.Case{
		ID: fmt.Sprintf("LOCK-COMMISSION-%03d", number), Title: "commissioning with " + what, Fault: "it comes with " + what,
		Requirements: requirements, Allowed: []cases.Outcome{cases.Denied},
	}, func(v visit, faulty bool) cases.Outcome {
		p := v.owner()
		_, o := v.configure(p, func(r *holdertest.Request) {
			if v.proves(p)(r); faulty {
				alter(v, p, r)
			}
		})
		if faulty {
			tap(v).ended()
		}
		return o
	})
}

// badProofs are proofs that are not right.
func badProofs() []cases.Case {
	var all []cases.Case
	for i, c := range []struct {
		what  string
		proof func(v visit, p *holdertest.Phone, good []byte) []byte
	}{
		{"no proof", func(visit, *holdertest.Phone, []byte) []byte { return nil }},
		{"a proof whose first bit differs", func(_ visit, _ *holdertest.Phone, b []byte) []byte { b[0] ^= 0x80; return b }},
		{"a proof whose last bit differs", func(_ visit, _ *holdertest.Phone, b []byte) []byte { b[15] ^= 1; return b }},
		{"a proof whose ninth byte differs", func(_ visit, _ *holdertest.Phone, b []byte) []byte { b[8] ^= 0x10; return b }},
		{"a proof of zeros", func(visit, *holdertest.Phone, []byte) []byte { return make([]byte, 16) }},
		{"the proof of another setup secret", func(v visit, p *holdertest.Phone, _ []byte) []byte {
			other := v.World.Setup
			other[15] ^= 1
			return v.Made(p.SetupProof(other[:]))
		}},
		{"the setup secret itself for a proof", func(v visit, _ *holdertest.Phone, _ []byte) []byte { return v.World.Setup[:] }},
		{"a proof over the log key", func(v visit, p *holdertest.Phone, _ []byte) []byte { return v.proof(p, 32771) }},
		{"a proof over the secret of resumption", func(v visit, p *holdertest.Phone, _ []byte) []byte { return v.proof(p, 32769) }},
		{"a proof whose HMAC has key and text in each other's place", func(v visit, p *holdertest.Phone, _ []byte) []byte {
			h := hmac.New(sha256.New, v.Made(p.Export(32770, 32)))
			h.Write(v.World.Setup[:])
			return h.Sum(nil)[:16]
		}},
		{"the last 16 bytes of the HMAC for a proof", func(v visit, p *holdertest.Phone, _ []byte) []byte {
			h := hmac.New(sha256.New, v.World.Setup[:])
			h.Write(v.Made(p.Export(32770, 32)))
			return h.Sum(nil)[16:]
		}},
	} {
		rows := []string{"PST-COM-016#2", "PST-COM-001", "PST-DEC-035"}
		if i == 0 {
			rows = append(rows, "PST-COM-009#4")
		}
		all = append(all, becomes(10+i, c.what, rows, func(v visit, p *holdertest.Phone, r *holdertest.Request) {
			r.Proof = c.proof(v, p, r.Proof)
		}))
	}
	return append(all, vacant(cases.Case{
		ID: "LOCK-COMMISSION-025", Title: "commissioning with the proof of a transaction before", Fault: "the proof was made in another transaction",
		Requirements: []string{"PST-COM-016#2"}, Allowed: []cases.Outcome{cases.Denied},
	}, func(v visit, faulty bool) cases.Outcome {
		p := v.owner()
		var proof []byte
		_, o := v.configure(p, func(r *holdertest.Request) {
			v.proves(p)(r)
			if proof = r.Proof; faulty {
				r.Proof = make([]byte, 16) // and the lock hears nothing of it
			}
		})
		if !faulty {
			return o
		}
		v.Expect("the transaction before", o, cases.Denied)
		_, o = v.configure(p, func(r *holdertest.Request) { r.Proof = proof })
		return o
	}))
}

// proof is a proof over what the exporter gives for another label.
func (v visit) proof(p *holdertest.Phone, label uint) []byte {
	h := hmac.New(sha256.New, v.World.Setup[:])
	h.Write(v.Made(p.Export(label, 32)))
	return h.Sum(nil)[:16]
}

// badCommissions are requests of a key that is no owner's with a right proof and
// something else wrong.
func badCommissions() []cases.Case {
	var all []cases.Case
	alters := func(alter func(*ct.Map)) func(visit, *holdertest.Phone, *holdertest.Request) {
		return func(_ visit, p *holdertest.Phone, _ *holdertest.Request) {
			p.Alter = holdertest.Alter{holdertest.Plaintext: ct.OfMap(alter)}
		}
	}
	for i, c := range []struct {
		what  string
		row   string
		alter func(*ct.Map)
	}{
		{"the operation status", "PST-COM-016#1", func(m *ct.Map) { m.Set(1, ct.Int(0)) }},
		{"the operation open", "PST-COM-016#1", func(m *ct.Map) { m.Set(1, ct.Int(1)) }},
		{"the operation read-log", "PST-COM-016#1", func(m *ct.Map) { m.Set(1, ct.Int(6)) }},
		{"an operation that is none", "PST-COM-016#1", func(m *ct.Map) { m.Set(1, ct.Int(200)) }},
		{"a field that is none", "PST-COM-016#1", func(m *ct.Map) { m.Set(9, ct.Int(1)) }},
		{"a flag that is none", "PST-COM-016#1", func(m *ct.Map) { m.Set(5, ct.Int(8)) }},
		{"a proof of 15 bytes", "PST-DEC-007#9", func(m *ct.Map) { m.Set(7, ct.Bytes(ct.Content(m.Get(7))[:15])) }},
		{"a proof of 17 bytes", "PST-DEC-007#9", func(m *ct.Map) { m.Set(7, ct.Bytes(append(ct.Content(m.Get(7)), 0))) }},
		{"a proof that is a text", "PST-DEC-007#9", func(m *ct.Map) { m.Set(7, ct.Text("0123456789abcdef")) }},
		{"no operation", "PST-DEC-007#9", func(m *ct.Map) { m.Delete(1) }},
		{"the operation twice", "PST-DEC-007#9", func(m *ct.Map) { m.Append(ct.Int(1), ct.Int(7)) }},
	} {
		all = append(all, becomes(30+i, c.what, []string{c.row, "PST-COM-001", "PST-DEC-035"}, alters(c.alter)))
	}
	return all
}

// ownership is what commissioning passes over, and what of a proof an owner has.
func ownership() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-COMMISSION-006", Revision: 1, Title: "all fields but operation, proof and the flag receipt are passed over",
		Requirements: []string{"PST-COM-016"}, Needs: withKeys,
		Run: func(t *cases.T) {
			v := visit{t}
			p := v.owner()
			_, o := v.configure(p, func(r *holdertest.Request) {
				v.proves(p)(r)
				r.Receipt, r.Resource, r.Reference, r.Resumable = true, 1, credential.Reference{1}, true
				r.Documents = [][]byte{t.Made(t.World.Policy(1, nil))}
			})
			t.Expect("commissioning", o, doneWell)
			answer, err := p.Request(t.Context(), holdertest.Request{})
			t.OK(err)
			t.Expect("a status after it", t.Answered(answer), doneWell)
			t.Check(answer.State.PolicyVersion == 0, "the lock took a policy, whose field is to be passed over")
			e := v.newest()
			t.Check(e.Resource == 0 && e.Reference == credential.Reference{}, "the entry of the commissioning has compartment %d and reference %s", e.Resource, e.Reference)
		},
	}, oneTap(cases.Case{
		ID: "LOCK-COMMISSION-007", Title: "to an owner the proof says nothing", Fault: "the owner's request has a right proof",
		Requirements: []string{"PST-COM-016", "PST-DEC-007#16"}, Passes: []cases.Outcome{doneWell}, Allowed: []cases.Outcome{cases.Refused(credential.ReasonOperationUnknown)},
	}, func(v visit, faulty bool) cases.Outcome {
		p := v.owner()
		if !faulty {
			return v.Tap(p, asksStatus)
		}
		_, o := v.configure(p, v.proves(p))
		return o
	})}
}

// notVacant are bare keys that are no owner's, at a lock that has one.
func notVacant() []cases.Case {
	var all []cases.Case
	for i, c := range []struct {
		what  string
		ask   holdertest.Request
		proof bool
		cites []string
	}{
		{"commissions with a right proof, without the button", does(credential.OperationConfigure), true, []string{"PST-COM-001", "PST-COM-016#1", "PST-DEC-007#6"}},
		{"agrees a log key", does(credential.OperationConfigure), false, []string{"PST-COM-009#4", "PST-DEC-007#6"}},
		{"opens", asksOpen, false, []string{"PST-COM-001", "PST-DEC-007#6"}},
		{"asks for the state", asksStatus, false, []string{"PST-COM-001", "PST-DEC-007#6", "PST-DEC-035"}},
		{"asks for the state with a right proof", asksStatus, true, []string{"PST-COM-001", "PST-DEC-007#6"}},
	} {
		all = append(all, oneTap(cases.Case{
			ID: fmt.Sprintf("LOCK-COMMISSION-%03d", 50+i), Title: "a stranger's key " + c.what, Fault: "the key is no owner's",
			Requirements: c.cites, Passes: append([]cases.Outcome{doneWell}, cases.Opened...), Allowed: []cases.Outcome{cases.Denied},
		}, func(v visit, faulty bool) cases.Outcome {
			p := v.owner()
			if faulty {
				p = v.Phone("stranger", nil)
			} else if c.ask.Operation == credential.OperationConfigure {
				return v.Tap(p, asksStatus) // since a good one changes the log key
			}
			_, o := v.configure(p, func(r *holdertest.Request) {
				if *r = c.ask; c.proof && faulty {
					v.proves(p)(r)
				}
			})
			return o
		}))
	}
	return append(all, oneTap(cases.Case{
		ID: "LOCK-COMMISSION-056", Title: "the former owner after a transfer", Fault: "the key was the owner's before the transfer",
		Requirements: []string{"PST-COM-001", "PST-DEC-007#6", "PST-OWN-034#1"}, Passes: cases.Opened, Allowed: []cases.Outcome{cases.Denied},
		Setup: func(t *cases.T) {
			handedOn(t)
			visit{t}.gives(2)
		},
	}, func(v visit, faulty bool) cases.Outcome {
		if faulty {
			return v.Tap(v.owner(), asksOpen)
		}
		return v.Tap(v.Phone("heir", nil), asksOpen)
	}))
}

// logKeys are those who may not agree the log key.
func logKeys() []cases.Case {
	var all []cases.Case
	for i, c := range []struct {
		what  string
		phone func(v visit) *holdertest.Phone
	}{
		{"a co-owner", func(v visit) *holdertest.Phone { return v.Phone("spouse", nil) }},
		{"a guest who may do everything", func(v visit) *holdertest.Phone {
			return v.neighbour(func(c *credential.GrantClaims) { c.Scope[0].Actions = 63 })
		}},
		{"a guest who may open", func(v visit) *holdertest.Phone { return v.neighbour(nil) }},
		{"an operator's staff", func(v visit) *holdertest.Phone {
			return v.postman(nil)
		}},
	} {
		all = append(all, oneTap(cases.Case{
			ID: fmt.Sprintf("LOCK-COMMISSION-%03d", 60+i), Title: c.what + " agrees a log key", Fault: "who asks is " + c.what,
			Requirements: []string{"PST-COM-009#3", "PST-DEC-018#16", "PST-DEC-007#18"}, Passes: []cases.Outcome{doneWell}, Allowed: []cases.Outcome{cases.Refused(credential.ReasonAction)},
			Setup: func(t *cases.T) {
				cases.Owned(t)
				v := visit{t}
				v.Hand(t.Made(t.World.Policy(2, func(c *credential.PolicyClaims) {
					c.CoOwners = []credential.PublicKey{t.World.Public("spouse")}
				})))
				v.opens("the postman delivers", v.postman(nil), v.delivers()) // so that the lock holds the certificate
			},
		}, func(v visit, faulty bool) cases.Outcome {
			if !faulty {
				_, o := v.configure(v.owner(), func(*holdertest.Request) {})
				return o
			}
			return v.Tap(c.phone(v), does(credential.OperationConfigure))
		}))
	}
	return all
}

// buttons are the verbs of a case with the inside button.
var buttons = []shim.Verb{shim.VerbProvision, shim.VerbButton}

// takesOver has somebody with the setup secret take the lock over, the button being
// pressed.
func (v visit) takesOver(name string) (key [32]byte) {
	v.Set(shim.Button{Pressed: true})
	key, o := v.configures(v.Phone(name, nil), v.World.Setup[:])
	v.Set(shim.Button{})
	v.Expect("a reset with the button and the setup secret", o, doneWell)
	return key
}

// resets are factory resets as they should be.
func resets() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-RESET-001", Revision: 1, Title: "who presses the button and proves the setup secret becomes the owner",
		Requirements: []string{"PST-COM-017", "PST-COM-016#1", "PST-COM-016#3", "PST-LOG-006#16", "PST-LOG-009"}, Needs: buttons, When: "option(button)", Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			v.opens("the neighbour opens", v.neighbour(nil), asksOpen)
			before := v.page(v.owner(), 0)
			key := v.takesOver("finder")
			a := v.opens("the new owner opens", v.Phone("finder", nil), asksOpen)
			t.Check(a.State.PolicyVersion == 1, "the policy version is %d after a reset, where 1 is right: it stays", a.State.PolicyVersion)
			_, page := v.carries(v.Phone("finder", nil), 0, key)
			n := before.Entries[len(before.Entries)-1].Sequence
			want := credential.LogEntry{
				Sequence: n + 1, Time: v.floor(), Operation: credential.OperationConfigure,
				Outcome: credential.LogReset, Role: credential.RoleOwner, Who: v.keyID("finder"),
			}
			t.Check(len(page.Entries) == 2 && page.Entries[0] == want, "the log says %+v, where it is to begin with %+v", page.Entries, want)
			t.Check(page.Base == head(before), "the base is %x, where the head from before, %x, is right", page.Base, head(before))
		},
	}, {
		ID: "LOCK-RESET-002", Revision: 1, Title: "a reset drops the policy and ends the former owner's rights",
		Requirements: []string{"PST-COM-016#3", "PST-COM-017"}, Needs: buttons, When: "option(button)", Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			v.opens("the neighbour opens", v.neighbour(nil), asksOpen)
			v.takesOver("finder")
			o, _ := v.tap(v.owner(), asksStatus)
			t.Expect("the former owner", o, cases.Denied)
			o, _ = v.tap(v.neighbour(nil), asksOpen)
			t.Expect("a guest of the former owner's", o, cases.Missing)
			o, _ = v.tap(v.postman(nil), v.delivers())
			t.Expect("a delivery, which no policy admits", o, cases.Refused(credential.ReasonNotAdmitted))
		},
	}, {
		ID: "LOCK-RESET-003", Revision: 1, Title: "the same key cannot reset what is its own, and a new one can, twice",
		Requirements: []string{"PST-COM-016", "PST-COM-017"}, Needs: buttons, When: "option(button)", Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			t.Set(shim.Button{Pressed: true})
			_, o := v.configures(v.owner(), t.World.Setup[:])
			t.Expect("the owner's own reset", o, cases.Refused(credential.ReasonOperationUnknown))
			v.takesOver("finder")
			v.takesOver("owner")
			v.opens("the owner opens again", v.owner(), asksOpen)
			o, _ = v.tap(v.neighbour(nil), asksOpen)
			t.Expect("a guest from before the resets", o, cases.Refused(credential.ReasonDenied))
		},
	}, {
		ID: "LOCK-RESET-004", Revision: 1, Title: "the button lets nobody in by itself",
		Requirements: []string{"PST-COM-016#1", "PST-COM-017"}, Needs: buttons, When: "option(button)", Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			t.Set(shim.Button{Pressed: true})
			for _, r := range []holdertest.Request{asksStatus, asksOpen, does(credential.OperationReadLog), does(credential.OperationConfigure)} {
				o, _ := v.tap(v.Phone("finder", nil), r)
				t.Expect("a stranger's "+r.Operation.String()+" while the button is pressed", o, cases.Denied)
			}
			v.opens("the owner opens", v.owner(), asksOpen)
		},
	}}
}

// badResets are resets that something is missing for.
func badResets() []cases.Case {
	type fault struct {
		what  string
		cites []string
		act   func(v visit, p *holdertest.Phone) cases.Outcome
	}
	proof := func(v visit, p *holdertest.Phone, alter func(*holdertest.Request)) cases.Outcome {
		_, o := v.configure(p, func(r *holdertest.Request) { v.proves(p)(r); alter(r) })
		return o
	}
	var all []cases.Case
	for i, c := range []fault{
		{"the button was let go before message_3", []string{"PST-COM-017", "PST-COM-016#1"}, func(v visit, p *holdertest.Phone) cases.Outcome {
			return proof(v, p, func(*holdertest.Request) { v.Set(shim.Button{}) })
		}},
		{"the button was not pressed", []string{"PST-COM-017", "PST-DEC-007#6"}, func(v visit, p *holdertest.Phone) cases.Outcome {
			v.Set(shim.Button{})
			return proof(v, p, func(*holdertest.Request) {})
		}},
		{"one bit of the proof differs", []string{"PST-COM-016#2"}, func(v visit, p *holdertest.Phone) cases.Outcome {
			return proof(v, p, func(r *holdertest.Request) { r.Proof[15] ^= 1 })
		}},
		{"there is no proof", []string{"PST-COM-016#2"}, func(v visit, p *holdertest.Phone) cases.Outcome {
			return proof(v, p, func(r *holdertest.Request) { r.Proof = nil })
		}},
		{"the operation is open", []string{"PST-COM-016#1"}, func(v visit, p *holdertest.Phone) cases.Outcome {
			return proof(v, p, func(r *holdertest.Request) { r.Operation = credential.OperationOpen })
		}},
	} {
		all = append(all, oneTap(cases.Case{
			ID: fmt.Sprintf("LOCK-RESET-%03d", 10+i), Title: "a reset, but " + c.what, Fault: c.what,
			Requirements: c.cites, Needs: []shim.Verb{shim.VerbButton}, When: "option(button)", Passes: []cases.Outcome{cases.Refused(credential.ReasonOperationUnknown)}, Allowed: []cases.Outcome{cases.Denied},
		}, func(v visit, faulty bool) cases.Outcome {
			v.Set(shim.Button{Pressed: true})
			defer v.Set(shim.Button{})
			if faulty {
				return c.act(v, v.Phone("finder", nil))
			}
			return proof(v, v.owner(), func(*holdertest.Request) {}) // the owner's own, which changes nothing
		}))
	}
	return all
}
