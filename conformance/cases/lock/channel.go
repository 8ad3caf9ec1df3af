package lock

import (
	"fmt"
	"slices"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/credential"
	ct "github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/credential/holder/holdertest"
)

// channel are the cases of section 6.7, and of steps 7 and 8 of section 7.5.
func channel() []cases.Case {
	return slices.Concat(firstSealed(), laterSealed(), countedRequests(), afterDecisions(), inTheChannel(), counters(), hidden(), alikeRefusals())
}

// firstSealed are faults of the sealed request in HANDSHAKE-2.
func firstSealed() []cases.Case {
	const step = "PST-DEC-007#8"
	sealed := holdertest.Sealed
	completed := func(what string, alter func(c *holdertest.Channel), rows ...string) spoilt {
		return spoilt{what, append(rows, step), func(_ *cases.T, p *holdertest.Phone) {
			p.Alter = holdertest.Alter{holdertest.Plaintext: func(b []byte) []byte { alter(p.Channel); return b }}
		}}
	}
	faults := []spoilt{
		altered("the sealed request has its first bit changed", sealed, ct.Flip(0), step, "PST-CHAN-004"),
		altered("the sealed request has its last bit changed, in the tag", sealed, ct.Flip(-1), step, "PST-CHAN-004"),
		altered("the sealed request lacks its last byte", sealed, ct.Cut(1), step, "PST-CHAN-004"),
		altered("the sealed request has a byte more", sealed, ct.Extend(0), step, "PST-CHAN-004"),
		altered("the request is not sealed", sealed, ct.Replace([]byte{0xA1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0}), step, "PST-CHAN-004", "PST-PRV-002"),
		completed("the request is sealed with the counter 1", func(c *holdertest.Channel) { c.Out.Counter = 1 }, "PST-CHAN-004"),
		completed("the request is sealed with the counter 2^32", func(c *holdertest.Channel) { c.Out.Counter = 1 << 32 }, "PST-CHAN-004"),
		completed("the request is sealed with the response key", func(c *holdertest.Channel) { c.Out.Key = c.In.Key }, "PST-CHAN-001"),
		completed("the request is sealed with the response IV", func(c *holdertest.Channel) { c.Out.IV = c.In.IV }, "PST-CHAN-001"),
		altered("the channel is derived for another SELECT hash", holdertest.SelectHash, ct.Flip(0), step, "PST-CHAN-001"),
		altered("the phone believes in another version than SELECT told", holdertest.Selection, believed(1), step, "PST-CHAN-001"),
		altered("the phone believes in fewer capabilities than SELECT told", holdertest.Selection, believed(2), step, "PST-CHAN-001"),
		altered("the phone believes in another nonce than SELECT told", holdertest.Selection, ct.Flip(-1), step, "PST-CHAN-001"),
		altered("the channel is derived for another TH_4", holdertest.TH4, ct.Flip(0), step, "PST-CHAN-001"),
		altered("the channel is derived for another PLAINTEXT_3", holdertest.Plain3Hashed, ct.Flip(-1), step, "PST-CHAN-001"),
		altered("the channel is derived from another PRK_out", holdertest.PRKOut, ct.Flip(0), step, "PST-CHAN-001"),
	}
	return slices.Concat(refusedTaps("CHAN", 10, 0, faults), refusedTaps("CHAN", 40, 2, faults[5:13]))
}

// believed changes a byte of the answer to SELECT that names the version, 1, or
// the capabilities, 2.
func believed(what int) func([]byte) []byte {
	return func(b []byte) []byte {
		if what == 1 {
			return ct.Flip(5)(b)
		}
		if b[6] == 0x18 {
			return ct.Flip(7)(b)
		}
		return ct.Flip(6)(b)
	}
}

// laterSealed are faults of a REQUEST in an open channel.
func laterSealed() []cases.Case {
	var all []cases.Case
	for i, f := range []struct {
		what string
		send func(t *cases.T, p *holdertest.Phone, first []byte) *holdertest.Answer
	}{
		{"the first sealed request comes again", func(t *cases.T, p *holdertest.Phone, first []byte) *holdertest.Answer {
			return resent(t, p, first)
		}},
		{"the second sealed request comes again", func(t *cases.T, p *holdertest.Phone, _ []byte) *holdertest.Answer {
			t.Expect("the second request", t.Ask(p, status), done)
			return resent(t, p, p.Values()[holdertest.Sealed])
		}},
		{"a sealed request is left out", func(t *cases.T, p *holdertest.Phone, _ []byte) *holdertest.Answer {
			p.Channel.Out.Counter++
			return asked(t, p)
		}},
		{"the counter of requests is that of responses in the other direction", func(t *cases.T, p *holdertest.Phone, _ []byte) *holdertest.Answer {
			p.Channel.Out.Key, p.Channel.Out.IV = p.Channel.In.Key, p.Channel.In.IV
			return asked(t, p)
		}},
		{"a bit of the second sealed request is changed", func(t *cases.T, p *holdertest.Phone, _ []byte) *holdertest.Answer {
			p.Alter = holdertest.Alter{holdertest.Sealed: ct.Flip(1)}
			return asked(t, p)
		}},
		{"the second sealed request is shorter than its tag", func(t *cases.T, p *holdertest.Phone, _ []byte) *holdertest.Answer {
			return resent(t, p, make([]byte, 7))
		}},
		{"the second sealed request is a tag alone", func(t *cases.T, p *holdertest.Phone, _ []byte) *holdertest.Answer {
			return resent(t, p, make([]byte, 8))
		}},
		{"the second request is no map", func(t *cases.T, p *holdertest.Phone, _ []byte) *holdertest.Answer {
			p.Alter = holdertest.Alter{holdertest.Plaintext: ct.Replace(ct.Array())}
			return asked(t, p)
		}},
	} {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-CHAN-%03d", 60+i), Revision: 1, Title: "in an open channel " + f.what, Fault: f.what, Needs: keys, Setup: cases.Owned,
			Requirements: []string{"PST-CHAN-004", "PST-DEC-007#8", "PST-DEC-008", "PST-DEC-001#21", "PST-DEC-010"}, Passes: []cases.Outcome{done}, Allowed: denied,
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				p := t.Phone("owner", nil)
				t.Expect("the first request", t.Tap(p, status), done)
				if !faulty {
					return t.Ask(p, status)
				}
				return ends(t, t.Answered(f.send(t, p, p.Values()[holdertest.Sealed])))
			},
		})
	}
	return all
}

// resent sends a sealed request as it is.
func resent(t *cases.T, p *holdertest.Phone, sealed []byte) *holdertest.Answer {
	a, err := p.SendSealed(t.Context(), request, sealed, status)
	t.OK(err)
	return a
}

// asked sends a further request, and judges nothing.
func asked(t *cases.T, p *holdertest.Phone) *holdertest.Answer {
	a, err := p.Request(t.Context(), status)
	t.OK(err)
	return a
}

// countedRequests are as many as a channel carries.
func countedRequests() []cases.Case {
	const most = 64
	return []cases.Case{{
		ID: "LOCK-CHAN-001", Revision: 1, Title: "64 requests in a channel", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-DEC-007#7", "PST-LIM-001", "PST-CHAN-003", "PST-DEC-001#17", "PST-DEC-001#20", "PST-DEC-010"},
		Run: func(t *cases.T) {
			p := t.Phone("owner", nil)
			t.Expect("request 1", t.Tap(p, status), done)
			for i := range most - 1 {
				t.Expect(fmt.Sprintf("request %d", i+2), t.Ask(p, status), done)
			}
		},
	}, {
		ID: "LOCK-CHAN-002", Revision: 1, Title: "65 requests in a channel", Fault: "64 requests came before", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-DEC-007#7", "PST-DEC-008", "PST-DEC-001#21"}, Passes: []cases.Outcome{done}, Allowed: denied,
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			p := t.Phone("owner", nil)
			o := t.Tap(p, status)
			n := 1
			if faulty {
				n = most
			}
			for range n {
				t.Expect("a request before the last", o, done)
				o = t.Ask(p, status)
			}
			return ends(t, o)
		},
	}}
}

// afterDecisions go on after a decision of each outcome.
func afterDecisions() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-CHAN-003", Revision: 1, Title: "the channel stays open after done, refused and opened", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-DEC-010", "PST-DEC-001#20", "PST-CHAN-003", "PST-REQ-004#4", "PST-REQ-004#5", "PST-REQ-009", "PST-ERR-006", "PST-ERR-003"},
		Run: func(t *cases.T) {
			p := neighbour(t, 0)
			t.Expect("status", t.Tap(p, status), done)
			t.Expect("deliver, which the grant does not allow", t.Ask(p, delivers), cases.Refused(credential.ReasonAction))
			t.Expect("open", t.Ask(p, opens), cases.Opened...)
			t.Expect("deliver again", t.Ask(p, delivers), cases.Refused(credential.ReasonAction))
			t.Expect("status again", t.Ask(p, status), done)
		},
	}, {
		ID: "LOCK-CHAN-004", Revision: 1, Title: "the sequence number of the log is told to the owner alone", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-REQ-009", "PST-REQ-004#5"},
		Run: func(t *cases.T) {
			t.Expect("the guest opens", t.Tap(neighbour(t, 0), opens), cases.Opened...)
			o, a := t.TapFor(t.Phone("owner", nil), status)
			t.Expect("the owner's tap", o, done)
			t.Check(a.State.Sequence > 1, "after an opening the owner is told the sequence number %d", a.State.Sequence)
			before := a.State.Sequence
			o, a = t.TapFor(neighbour(t, 0), status)
			t.Expect("the guest's tap", o, done)
			t.Check(a.State.Sequence == 0, "the guest is told the sequence number %d", a.State.Sequence)
			t.Expect("the guest opens again", t.Tap(neighbour(t, 0), opens), cases.Opened...)
			o, a = t.TapFor(t.Phone("owner", nil), status)
			t.Expect("the owner's tap", o, done)
			t.Check(a.State.Sequence > before, "after a further opening the sequence number is %d, before it %d", a.State.Sequence, before)
		},
	}}
}

// inTheChannel are commands that an open channel does not allow.
func inTheChannel() []cases.Case {
	var all []cases.Case
	for i, c := range []struct {
		what  string
		ins   byte
		chain bool // in wait-chain, else judged
		row   string
	}{
		{"HANDSHAKE-1", handshake1, false, "23"}, {"HANDSHAKE-2", handshake2, false, "23"}, {"RESUME", resume, false, "14"},
		{"HANDSHAKE-1", handshake1, true, "23"}, {"HANDSHAKE-2", handshake2, true, "23"}, {"RESUME", resume, true, "14"},
	} {
		where, passes, first := "after a decision", []cases.Outcome{done}, cases.Outcome(done)
		if c.chain {
			where, passes, first = "while a certificate is missing", cases.Opened, cases.Missing
		}
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-CHAN-%03d", 80+i), Revision: 1, Title: c.what + " " + where, Fault: "what comes " + where + " is " + c.what, Needs: keys, Setup: cases.Owned,
			Requirements: []string{"PST-DEC-001#" + c.row, "PST-APDU-033#8", "PST-APDU-034#2"}, Passes: passes, Allowed: []cases.Outcome{cases.OutOfOrder},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				p, r, next := t.Phone("owner", nil), status, status
				if c.chain {
					p, r, next = postman(t, nil), delivers, bringing(delivers, post(t))
				}
				t.Expect("the first request", t.Tap(p, r), first)
				if !faulty {
					return t.Ask(p, next)
				}
				o := tap{t}.command("out of order", c.ins, 0, 0, tap{t}.message1()).Outcome()
				tap{t}.ended()
				return o
			},
		})
	}
	return all
}

// unread is an answer that does not open.
const unread cases.Outcome = "the answer does not open"

// counters are what the phone counts otherwise than the lock.
func counters() []cases.Case {
	var all []cases.Case
	for i, f := range []struct {
		what  string
		shift func(c *holdertest.Channel)
	}{
		{"the phone opens the second answer with the counter of the first", func(c *holdertest.Channel) { c.In.Counter = 0 }},
		{"the phone opens the second answer with the counter of the third", func(c *holdertest.Channel) { c.In.Counter = 2 }},
		{"the phone opens the second answer with the request key", func(c *holdertest.Channel) { c.In.Key = c.Out.Key }},
		{"the phone opens the second answer with the request IV", func(c *holdertest.Channel) { c.In.IV = c.Out.IV }},
	} {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-CHAN-%03d", 90+i), Revision: 1, Title: f.what, Fault: f.what, Needs: keys, Setup: cases.Owned,
			Requirements: []string{"PST-CHAN-003", "PST-CHAN-001"}, Passes: []cases.Outcome{done}, Allowed: []cases.Outcome{unread},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				p := t.Phone("owner", nil)
				t.Expect("the first request", t.Tap(p, status), done)
				if faulty {
					f.shift(p.Channel)
				}
				a := asked(t, p)
				if a.SW.IsOK() && a.Plain == nil && faulty {
					return unread
				}
				return t.Answered(a)
			},
		})
	}
	return all
}

// hidden shows who is told the sequence number, and that no second opening is made.
func hidden() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-CHAN-100", Revision: 1, Title: "a guest asks for the state", Fault: "who asks is a guest, not the owner", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-REQ-009", "PST-REQ-004#5"}, Passes: []cases.Outcome{"told"}, Allowed: []cases.Outcome{"not told"},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			p := t.Phone("owner", nil)
			if faulty {
				p = neighbour(t, 0)
			}
			o, a := t.TapFor(p, status)
			t.Expect("the tap", o, done)
			if a.State.Sequence > 0 {
				return "told"
			}
			return "not told"
		},
	}, {
		ID: "LOCK-CHAN-101", Revision: 1, Title: "a second opening in one transaction", Fault: "the bolt was driven before in the transaction", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-DEC-001#22", "PST-DEC-033", "PST-DEC-007#19"}, Passes: cases.Opened, Allowed: []cases.Outcome{cases.OutOfOrder},
		Changes: []string{cases.SeesBolt, cases.SeesFloor, cases.SeesLog, cases.SeesMemory, ownerSees},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			p := neighbour(t, 0)
			first := status
			if faulty {
				first = opens
			}
			o := t.Tap(p, first)
			t.Check(o == done || o == cases.Opened[0] || o == cases.Opened[1], "the first request: %s", o)
			o = t.Ask(p, opens)
			if faulty {
				tap{t}.ended()
			}
			return o
		},
	}}
}

// alikeRefusals compares the answers to every fault.
func alikeRefusals() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-CHAN-110", Revision: 1, Title: "whichever of steps 1 to 9 fails, the answer is the same to the byte", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-ERR-001", "PST-ERR-003", "PST-DEC-008", "PST-DEC-035"},
		Run: func(t *cases.T) {
			t.Expect("the guest's tap", t.Tap(neighbour(t, 0), opens), cases.Opened...)
			for _, f := range slices.Concat(message3s()[:9], credentials()[:3], possession()[:3], encodings()[:3], fields()[:3]) {
				p := neighbour(t, 0)
				f.spoil(t, p)
				t.Expect("SELECT and HANDSHAKE-1", t.Shake(p), cases.OK)
				a, err := p.Handshake2(t.Context(), opens)
				t.OK(err)
				last := a.Pairs[len(a.Pairs)-1].Response
				t.Check(string(last) == "\x69\x82", "%s: the answer is %x, where 6982 is right", f.what, last)
			}
		},
	}}
}
