package lock

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder/holdertest"
)

// fetching are the cases of section 5.5.
func fetching() []cases.Case {
	return slices.Concat([]cases.Case{{
		ID: "LOCK-FETCH-001", Revision: 2, Title: "an answer longer than Le is fetched piece by piece, by either class",
		Requirements: []string{"PST-APDU-001", "PST-APDU-023#1", "PST-APDU-023#2", "PST-APDU-023#3", "PST-APDU-023#4"},
		Run: func(t *cases.T) {
			p := tap{t}
			r := p.held(16)
			joined := append([]byte(nil), r.Data...)
			for class := byte(0); r.SW.More() > 0; class ^= 0x80 {
				t.Check(len(r.Data) == 16, "a piece has %d bytes, where Le allows 16 and more are left", len(r.Data))
				left := r.SW.More()
				r = p.sends("", class, fetch, 0, 0, 16)
				t.Check(r.SW.More() == 0 || r.SW.More() == left-16, "61xx says %d, where %d of %d were fetched", r.SW.More(), 16, left)
				t.Check(len(r.Data) <= 16, "GET RESPONSE with Le 16 gives %d bytes", len(r.Data))
				joined = append(joined, r.Data...)
				t.Check(len(joined) <= 1024, "the answer has more than 1024 bytes")
			}
			t.Expect("the last piece", r.Outcome(), cases.OK)
			p.message2(joined)
		},
	}, {
		ID: "LOCK-FETCH-002", Revision: 1, Title: "GET RESPONSE with a greater Le gives what is left",
		Requirements: []string{"PST-APDU-023#3", "PST-APDU-023#4"},
		Run: func(t *cases.T) {
			p := tap{t}
			r := p.held(1)
			more := p.sends("", 0x00, fetch, 0, 0, 0)
			t.Expect("GET RESPONSE", more.Outcome(), cases.OK)
			p.message2(append(bytes.Clone(r.Data), more.Data...))
		},
	}, {
		ID: "LOCK-FETCH-003", Revision: 1, Title: "an unknown class spares the data left to fetch",
		Requirements: []string{"PST-APDU-034#4", "PST-DEC-001#5"},
		Run: func(t *cases.T) {
			p := tap{t}
			r := p.held(16)
			t.Expect("class FF", p.sends("a phone feels for the card", 0xFF, 0x70, 0, 0).Outcome(), cases.ClaUnknown)
			more := p.sends("", 0x00, fetch, 0, 0, 0)
			t.Expect("GET RESPONSE", more.Outcome(), cases.OK)
			p.message2(append(bytes.Clone(r.Data), more.Data...))
		},
	}, {
		ID: "LOCK-FETCH-004", Revision: 1, Title: "256 bytes left and more are announced by 6100, fewer by their number", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-APDU-023#2", "PST-APDU-023#3", "PST-APDU-023#4", "PST-APDU-023#8"},
		Run: func(t *cases.T) {
			p := t.Phone("owner", nil)
			t.Expect("status", t.Tap(p, status), done)
			p.Command = func(c *apdu.Command) { c.Ne = 1 }
			a, err := p.Request(t.Context(), holdertest.Request{Operation: credential.OperationReadLog})
			t.OK(err)
			t.Expect("a page of the log", t.Answered(a), done) // holds the count of every 61xx against what came
			left := len(a.Data)
			for i, pair := range a.Pairs[:len(a.Pairs)-1] {
				r, err := apdu.ParseResponse(pair.Response)
				t.Check(err == nil, "answer %d is no response", i+1)
				left -= len(r.Data)
				t.Check(r.SW.More() == min(left, 256), "answer %d ends with %s, where %d bytes are left", i+1, r.SW, left)
			}
			t.Check(len(a.Data) > 512, "a page of the log has %d bytes: too few to see this", len(a.Data))
		},
	}, {
		ID: "LOCK-FETCH-005", Revision: 1, Title: "extended length fields of zeros ask for as much as there is", When: "capability(extended-length)",
		Requirements: []string{"PST-APDU-023#1", "PST-APDU-033#1", "PST-APDU-011#2"},
		Run: func(t *cases.T) {
			p := tap{t}
			p.selects()
			b := p.extended()
			r := t.Lock.Send("with an extended Le of 0000", append(b[:len(b)-2:len(b)-2], 0, 0))
			t.Check(len(r.Data) > 0, "HANDSHAKE-1 with an extended Le of 0000 is answered without data, with %s", r.Outcome())
			r = p.held(16)
			more := p.sends("with an extended Le of 0000", 0x00, fetch, 0, 0, 0, 0, 0)
			t.Expect("GET RESPONSE", more.Outcome(), cases.OK)
			p.message2(append(bytes.Clone(r.Data), more.Data...))
		},
	}}, nothingLeft(), badFetches(), discarding())
}

// nothingLeft are GET RESPONSEs when there is nothing to fetch any more.
func nothingLeft() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-FETCH-010", Revision: 1, Title: "GET RESPONSE with nothing left", Fault: "all has been fetched before",
		Requirements: []string{"PST-APDU-023#7", "PST-APDU-034#2", "PST-DEC-001#6"},
		Passes:       []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{cases.OutOfOrder},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			p := tap{t}
			p.held(16)
			if faulty {
				t.Expect("GET RESPONSE", p.sends("the whole rest", 0x00, fetch, 0, 0, 0).Outcome(), cases.OK)
			}
			return p.sends("", 0x00, fetch, 0, 0, 0).Outcome()
		},
	}, {
		ID: "LOCK-FETCH-011", Revision: 1, Title: "GET RESPONSE before anything was held back", Fault: "SELECT has given its whole answer",
		Requirements: []string{"PST-APDU-023#7", "PST-APDU-034#2", "PST-DEC-001#6"},
		Passes:       []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{cases.OutOfOrder},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			p := tap{t}
			if faulty {
				p.selects()
			} else {
				p.sends("without Le", selectBytes[:len(selectBytes)-1]...)
			}
			r := p.sends("", 0x00, fetch, 0, 0, 0)
			if faulty {
				p.ended()
			}
			return r.Outcome()
		},
	}, {
		ID: "LOCK-FETCH-015", Revision: 1, Title: "SELECT discards the data left", Fault: "SELECT came before GET RESPONSE",
		Requirements: []string{"PST-APDU-023#5", "PST-APDU-034#1"},
		Passes:       []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{cases.OutOfOrder},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			p := tap{t}
			p.held(16)
			if faulty {
				p.selects()
			}
			return p.sends("", 0x00, fetch, 0, 0, 0).Outcome()
		},
	}, {
		ID: "LOCK-FETCH-016", Revision: 1, Title: "an unknown instruction discards the data left", Fault: "a command with INS FE came before GET RESPONSE",
		Requirements: []string{"PST-APDU-023#5", "PST-APDU-034#3"},
		Passes:       []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{cases.OutOfOrder},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			p := tap{t}
			p.held(16)
			if faulty {
				t.Expect("INS FE", p.sends("", class, 0xFE, 0, 0).Outcome(), cases.InsUnknown)
			}
			return p.sends("", 0x00, fetch, 0, 0, 0).Outcome()
		},
	}}
}

// discarding are commands that discard the data left, though they come to nothing.
func discarding() []cases.Case {
	var all []cases.Case
	for i, c := range []struct {
		what string
		c    apdu.Command
		sw   cases.Outcome
	}{
		{"HANDSHAKE-1", apdu.Command{CLA: class, INS: handshake1, Data: []byte{1}, Ne: 256}, cases.OutOfOrder},
		{"REQUEST", apdu.Command{CLA: class, INS: request, Data: []byte{1}, Ne: 256}, cases.OutOfOrder},
		{"HANDSHAKE-2 with data that mean nothing", apdu.Command{CLA: class, INS: handshake2, Data: []byte{1}, Ne: 256}, cases.Denied},
		{"HANDSHAKE-2 with P1 01", apdu.Command{CLA: class, INS: handshake2, P1: 1, Data: []byte{1}, Ne: 256}, cases.WrongP1P2},
		{"a SELECT of something else", apdu.Select([]byte("2PAY.SYS.DDF01")), cases.NotFound},
		{"an empty link of a chain", apdu.Command{CLA: class | link, INS: handshake2}, cases.WrongLength},
	} {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-FETCH-%03d", 20+i), Revision: 1, Title: "the data left are discarded by " + c.what, Fault: c.what + " came before GET RESPONSE",
			Requirements: []string{"PST-APDU-023#5", "PST-APDU-023#7", "PST-APDU-023#9", "PST-APDU-034#2"},
			Passes:       []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{cases.OutOfOrder},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				p := tap{t}
				p.held(16)
				if faulty {
					r := p.with("the data left must go", c.c)
					t.Expect(c.what, r.Outcome(), c.sw)
					t.Check(len(r.Data) == 0, "a refusal comes with %d bytes of data", len(r.Data))
				}
				return p.sends("", 0x00, fetch, 0, 0, 0).Outcome()
			},
		})
	}
	return all
}

// badFetches are GET RESPONSEs of another form, which lose the data.
func badFetches() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-FETCH-012", Revision: 1, Title: "GET RESPONSE with data", Fault: "GET RESPONSE has a byte of data",
		Requirements: []string{"PST-APDU-023#6", "PST-APDU-034#2"},
		Passes:       []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{cases.WrongLength},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			return tap{t}.fetched(faulty, apdu.Command{INS: fetch, Data: []byte{1}, Ne: 256})
		},
	}, {
		ID: "LOCK-FETCH-013", Revision: 1, Title: "GET RESPONSE without Le", Fault: "GET RESPONSE has no Le",
		Requirements: []string{"PST-APDU-023#6", "PST-APDU-034#2"},
		Passes:       []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{cases.WrongLength},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			return tap{t}.fetched(faulty, apdu.Command{INS: fetch})
		},
	}, {
		ID: "LOCK-FETCH-014", Revision: 1, Title: "GET RESPONSE with P1 01", Fault: "GET RESPONSE has P1 01",
		Requirements: []string{"PST-APDU-033#7", "PST-APDU-034#2"},
		Passes:       []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{cases.WrongP1P2},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			return tap{t}.fetched(faulty, apdu.Command{INS: fetch, P1: 1, Ne: 256})
		},
	}, {
		ID: "LOCK-FETCH-017", Revision: 1, Title: "GET RESPONSE with P2 01", Fault: "GET RESPONSE has P2 01",
		Requirements: []string{"PST-APDU-033#7", "PST-APDU-034#2"},
		Passes:       []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{cases.WrongP1P2},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			return tap{t}.fetched(faulty, apdu.Command{INS: fetch, P2: 1, Ne: 256})
		},
	}, {
		ID: "LOCK-FETCH-026", Revision: 1, Title: "the data left are discarded by bytes that are no command", Fault: "three bytes of a header came before GET RESPONSE",
		Requirements: []string{"PST-APDU-034#2", "PST-APDU-023#7"},
		Passes:       []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{cases.OutOfOrder},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			p := tap{t}
			p.held(16)
			if faulty {
				t.Expect("three bytes", p.sends("no command", class, handshake1, 0).Outcome(), cases.WrongLength)
			}
			return p.sends("", 0x00, fetch, 0, 0, 0).Outcome()
		},
	}}
}

// held selects and begins an exchange with so small a Le that the lock holds the
// rest of its answer back.
func (t tap) held(le int) cases.Response {
	t.selects()
	r := t.with("with a small Le", apdu.Command{CLA: class, INS: handshake1, Data: t.message1(), Ne: le})
	t.Check(r.SW.More() > 0, "HANDSHAKE-1 with Le %d is answered %s, where 61xx is right", le, r.Outcome())
	t.Check(len(r.Data) == le, "HANDSHAKE-1 with Le %d is answered with %d bytes of data", le, len(r.Data))
	return r
}

// fetched has data held back and fetches them, with the fault by the command.
func (t tap) fetched(faulty bool, fault apdu.Command) cases.Outcome {
	t.held(16)
	if !faulty {
		return t.sends("", 0x00, fetch, 0, 0, 0).Outcome()
	}
	r := t.with("with the fault", fault)
	t.Check(len(r.Data) == 0, "a refusal comes with %d bytes of data", len(r.Data))
	t.Expect("the data must be gone: GET RESPONSE", t.sends("are the data gone?", 0x00, fetch, 0, 0, 0).Outcome(), cases.OutOfOrder)
	return r.Outcome()
}
