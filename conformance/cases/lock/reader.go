package lock

import (
	"fmt"
	"slices"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/credential/holder/holdertest"
)

// reader are the cases of chapter 21, for locks that read phones themselves.
func reader() []cases.Case {
	return slices.Concat(turns(), longTurns(), wrongTurns(), badCards())
}

// hasMet is what came of one meeting of a lock and a phone.
type meeting struct {
	outcome  cases.Outcome
	answer   *holdertest.Answer
	commands int // that the lock sent
}

// meets has the lock read the phone, which asks for what is requested, one after
// the other; fit alters the card.
func (v visit) meets(p *holdertest.Phone, fit func(*holdertest.Card), requests ...holdertest.Request) meeting {
	m := meeting{outcome: cases.Silence}
	p.Turned = true
	card := &holdertest.Card{Script: func(link apdu.Transceiver) {
		p.Link = link
		for i, r := range requests {
			if i == 0 {
				m.outcome, m.answer = v.TapFor(p, r)
				continue
			}
			m.outcome = v.Ask(p, r)
		}
	}}
	if fit != nil {
		fit(card)
	}
	m.commands = v.Meet(card)
	return m
}

// reads are the verbs of a case of binding R.
var reads = []shim.Verb{shim.VerbProvision, shim.VerbMeet}

// turns are meetings as they should be.
func turns() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-READER-001", Revision: 1, Title: "a phone opens a lock that reads it, and the lock sends four commands",
		Requirements: []string{"PST-RDR-001#1", "PST-RDR-001#2", "PST-RDR-013", "PST-PROF-005"}, Needs: reads, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			p := v.neighbour(nil)
			p.Certificate = v.certificate()
			m := v.meets(p, nil, asksOpen)
			t.Expect("an opening by binding R", m.outcome, cases.Opened...)
			t.Check(m.commands >= 4, "the lock sent %d commands, where SELECT and three TURN are due", m.commands)
		},
	}, {
		ID: "LOCK-READER-002", Revision: 1, Title: "an owner, a guest and an operator's staff come by binding R, then by binding L",
		Requirements: []string{"PST-RDR-001#2", "PST-RDR-013"}, Needs: reads, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			for _, c := range []struct {
				phone func() *holdertest.Phone
				ask   holdertest.Request
			}{
				{v.owner, asksOpen}, {func() *holdertest.Phone { return v.neighbour(nil) }, asksOpen},
				{func() *holdertest.Phone { return v.postman(nil) }, v.delivers()},
			} {
				t.Lock.Cycle()
				t.Expect("a tap by binding R", v.meets(c.phone(), nil, c.ask).outcome, cases.Opened...)
				v.opens("the same by binding L", c.phone(), c.ask)
			}
		},
	}, {
		ID: "LOCK-READER-003", Revision: 1, Title: "several requests in one meeting, and the certificate of the signer that was missing",
		Requirements: []string{"PST-RDR-001#2"}, Needs: reads, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			m := v.meets(v.postman(nil), nil, asksDeliver)
			t.Expect("a delivery without the certificate", m.outcome, cases.Missing)
			t.Lock.Cycle()
			m = v.meets(v.postman(nil), nil, asksDeliver, v.delivers(), asksStatus)
			t.Expect("a status after the delivery with it", m.outcome, doneWell)
		},
	}, {
		ID: "LOCK-READER-004", Revision: 1, Title: "a slot that was made by binding R resumes by binding R, and by binding L",
		Requirements: []string{"PST-RDR-001#2", "PST-RDR-013", "PST-RES-008"}, Needs: reads, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			p := v.neighbour(nil)
			m := v.meets(p, nil, asksSlot)
			t.Expect("an opening by binding R", m.outcome, cases.Opened...)
			secret, err := p.FirstSecret()
			t.OK(err)
			s := &slot{phone: p, secret: secret}
			t.Lock.Cycle()
			t.Expect("a resumed opening by binding R", v.resumesTurned(s), cases.Opened...)
			s.next(v)
			*p = *v.neighbour(nil)
			v.along(s)
		},
	}, {
		ID: "LOCK-READER-005", Revision: 1, Title: "a phone that has nothing to say ends the meeting",
		Requirements: []string{"PST-RDR-001#1"}, Needs: reads, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			m := v.meets(v.neighbour(nil), nil)
			t.Check(m.commands == 2, "the lock sent %d commands to a phone that has none, where SELECT and TURN are right", m.commands)
			t.Lock.Cycle()
			t.Expect("an opening afterwards", v.meets(v.neighbour(nil), nil, asksOpen).outcome, cases.Opened...)
		},
	}}
}

// longTurns are meetings that go on, as they should be.
func longTurns() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-READER-006", Revision: 1, Title: "a lock goes on for as many requests as a channel carries",
		Requirements: []string{"PST-RDR-001#3"}, Needs: reads, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			all := make([]holdertest.Request, 64)
			t.Expect("the 64th request of a meeting", v.meets(v.neighbour(nil), nil, all...).outcome, doneWell)
		},
	}, {
		ID: "LOCK-READER-007", Revision: 1, Title: "a phone begins again in the middle of a meeting",
		Requirements: []string{"PST-RDR-001#2", "PST-APDU-034#1"}, Needs: reads, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v := visit{t}
			m := v.meets(v.neighbour(nil), func(card *holdertest.Card) {
				opens := card.Script
				card.Script = func(link apdu.Transceiver) {
					first := v.neighbour(nil)
					first.Link, first.Turned = link, true
					t.Expect("a first handshake", t.Shake(first), cases.OK)
					opens(link)
				}
			}, asksOpen)
			t.Expect("an opening after another SELECT", m.outcome, cases.Opened...)
		},
	}}
}

// certificate is the lock's certificate of suite 0.
func (v visit) certificate() []byte {
	f, err := v.World.Factory(3)
	v.OK(err)
	return f.Identities[0].Certificate
}

// resumesTurned sends RESUME by binding R.
func (v visit) resumesTurned(s *slot) cases.Outcome {
	o := cases.Silence
	s.phone.Turned = true
	v.Meet(&holdertest.Card{Script: func(link apdu.Transceiver) {
		s.phone.Link = link
		_, err := s.phone.Select(v.Context())
		v.OK(err)
		a, err := s.phone.Resume(v.Context(), s.secret, asksOpen)
		v.OK(err)
		o = v.Answered(a)
	}})
	return o
}

// wrongTurns are meetings with one fault in what the phone says.
func wrongTurns() []cases.Case {
	var all []cases.Case
	flip := credentialtest.Flip(0)
	for i, c := range []struct {
		what  string
		cites []string
		alter func(v visit, p *holdertest.Phone)
		want  cases.Outcome
	}{
		{"a SELECT hash over the AID of binding L", []string{"PST-RDR-013"}, func(_ visit, p *holdertest.Phone) {
			p.Alter = holdertest.Alter{} // Turned is taken back before the hash is made
		}, cases.Denied},
		{"a SELECT hash over another answer", []string{"PST-RDR-013"}, func(_ visit, p *holdertest.Phone) {
			p.Alter = holdertest.Alter{holdertest.SelectHash: flip}
		}, cases.Denied},
		{"a message_1 with METHOD 3", []string{"PST-RDR-001#2", "PST-DEC-005#2"}, func(_ visit, p *holdertest.Phone) {
			p.Alter = holdertest.Alter{holdertest.Message1: credentialtest.SetItem(0, credentialtest.Int(3))}
		}, cases.Denied},
		{"a signature that does not verify", []string{"PST-RDR-001#2", "PST-DEC-007#6"}, func(_ visit, p *holdertest.Phone) {
			p.Alter = holdertest.Alter{holdertest.Signature3: flip}
		}, cases.Denied},
		{"a request that does not open", []string{"PST-RDR-001#2", "PST-DEC-007#8"}, func(_ visit, p *holdertest.Phone) {
			p.Alter = holdertest.Alter{holdertest.Sealed: flip}
		}, cases.Denied},
		{"a request of another operation than the grant allows", []string{"PST-RDR-001#2", "PST-DEC-007#17"}, func(_ visit, p *holdertest.Phone) {
			p.Alter = holdertest.Alter{holdertest.Plaintext: credentialtest.OfMap(func(m *credentialtest.Map) { m.Set(1, credentialtest.Int(2)) })}
		}, cases.Refused(credential.ReasonAction)},
		{"a HANDSHAKE-1 with P1 02", []string{"PST-RDR-001#2", "PST-APDU-033#7"}, func(_ visit, p *holdertest.Phone) {
			p.Command = func(c *apdu.Command) {
				if c.INS == handshake1 {
					c.P1 = 2
				}
			}
		}, cases.WrongP1P2},
		{"a HANDSHAKE-2 in the place of HANDSHAKE-1", []string{"PST-RDR-001#2", "PST-APDU-033#8"}, func(_ visit, p *holdertest.Phone) {
			p.Command = func(c *apdu.Command) {
				if c.INS == handshake1 {
					c.INS, c.P1 = handshake2, 0
				}
			}
		}, cases.OutOfOrder},
		{"an instruction that is none", []string{"PST-RDR-001#2", "PST-APDU-033#4"}, func(_ visit, p *holdertest.Phone) {
			p.Command = func(c *apdu.Command) {
				if c.INS == handshake1 {
					c.INS = 0xFE
				}
			}
		}, cases.InsUnknown},
		{"a SELECT of the AID of binding R", []string{"PST-RDR-001#2", "PST-APDU-013"}, inPlace(apdu.Command{INS: 0xA4, P1: 4, Data: []byte("\xF0POSTERN\x81")}), cases.NotFound},
		{"a SELECT with P1 00", []string{"PST-RDR-001#2", "PST-APDU-013"}, inPlace(apdu.Command{INS: 0xA4, Data: aid}), cases.WrongP1P2},
		{"TURN, which is the lock's own", []string{"PST-RDR-001#2", "PST-APDU-033#4"}, inPlace(apdu.Command{CLA: class, INS: turn}), cases.InsUnknown},
	} {
		all = append(all, oneTap(cases.Case{
			ID: fmt.Sprintf("LOCK-READER-%03d", 10+i), Title: "by binding R a phone comes with " + c.what, Fault: "the phone comes with " + c.what,
			Requirements: append([]string{"PST-RDR-001"}, c.cites...), Needs: []shim.Verb{shim.VerbMeet}, Passes: cases.Opened, Allowed: []cases.Outcome{c.want},
		}, func(v visit, faulty bool) cases.Outcome {
			p := v.neighbour(nil)
			if faulty {
				c.alter(v, p)
			}
			if !faulty || len(p.Alter) > 0 || p.Command != nil {
				return v.meets(p, nil, asksOpen).outcome
			}
			return v.unturned(p)
		}))
	}
	return all
}

// inPlace puts a command in the place of HANDSHAKE-1.
func inPlace(c apdu.Command) func(visit, *holdertest.Phone) {
	return func(_ visit, p *holdertest.Phone) {
		p.Command = func(was *apdu.Command) {
			if was.INS == handshake1 {
				*was = c
			}
		}
	}
}

// unturned is a tap by binding R of a phone that takes it for one of binding L.
func (v visit) unturned(p *holdertest.Phone) (o cases.Outcome) {
	o = cases.Silence
	v.Meet(&holdertest.Card{Script: func(link apdu.Transceiver) {
		p.Link = link
		o = v.Tap(p, asksOpen)
	}})
	return o
}

// badCards are meetings that the card ends or breaks.
func badCards() []cases.Case {
	const gone cases.Outcome = "the lock went away"
	nth := func(n int, alter func(*apdu.Response)) func(*holdertest.Card) {
		return func(card *holdertest.Card) {
			seen := 0
			card.Answer = func(c apdu.Command, r *apdu.Response) {
				if c.INS == turn {
					seen++
				}
				if n == 0 && c.INS != turn || n > 0 && c.INS == turn && seen == n {
					alter(r)
				}
			}
		}
	}
	word := func(s apdu.Status) func(*apdu.Response) {
		return func(r *apdu.Response) { *r = apdu.Response{SW: s} }
	}
	var all []cases.Case
	for i, c := range []struct {
		what  string
		fit   func(*holdertest.Card)
		sends int // commands of the lock until it ends, SELECT counted
	}{
		{"SELECT with 6A82", nth(0, word(apdu.StatusNotFound)), 1},
		{"SELECT with 6982", nth(0, word(apdu.StatusRefused)), 1},
		{"the first TURN with 6985", nth(1, word(apdu.StatusOutOfOrder)), 2},
		{"the second TURN with 6F00", nth(2, word(apdu.StatusFailure)), 3},
		{"the second TURN with 6D00, the lock having proved itself", nth(2, word(apdu.StatusInsUnknown)), 3},
		{"the first TURN with one byte", nth(1, func(r *apdu.Response) { r.Data = r.Data[:1] }), 2},
		{"the second TURN with one byte", nth(2, func(r *apdu.Response) { r.Data = r.Data[:1] }), 3},
		{"the first TURN with no data", nth(1, func(r *apdu.Response) { r.Data = nil }), 2},
	} {
		all = append(all, oneTap(cases.Case{
			ID: fmt.Sprintf("LOCK-READER-%03d", 30+i), Title: "a card answers " + c.what, Fault: "the card answers " + c.what,
			Requirements: []string{"PST-RDR-001#3"}, Needs: []shim.Verb{shim.VerbMeet}, Passes: cases.Opened, Allowed: []cases.Outcome{gone},
		}, func(v visit, faulty bool) cases.Outcome {
			p := v.neighbour(nil)
			p.Certificate = v.certificate()
			if !faulty {
				return v.meets(p, nil, asksOpen).outcome
			}
			m := v.meets(p, c.fit, asksOpen)
			v.Check(m.commands == c.sends, "the lock sent %d commands, where it is to end after %d", m.commands, c.sends)
			if m.outcome == cases.Silence {
				return gone
			}
			return m.outcome
		}))
	}
	return append(all, cases.Case{
		ID: "LOCK-READER-040", Revision: 1, Title: "a phone that never comes to an end is left after 72 answers",
		Requirements: []string{"PST-RDR-001#3"}, Needs: reads, Setup: cases.Owned,
		Run: func(t *cases.T) {
			v, begun := visit{t}, 0
			m := v.meets(v.neighbour(nil), func(card *holdertest.Card) {
				card.Script = func(link apdu.Transceiver) {
					for ; begun < 200; begun++ {
						p := v.neighbour(nil)
						p.Link, p.Turned = link, true
						if s, err := p.Select(t.Context()); err != nil || s.Lost != nil {
							return
						}
					}
				}
			})
			t.Check(begun < 200, "the lock does not come to an end")
			t.Check(m.commands >= 73 && m.commands <= 74, "the lock sent %d commands, where SELECT and 72 TURN are right, and one more where it hands the last answer over", m.commands)
		},
	})
}
