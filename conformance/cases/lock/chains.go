package lock

import (
	"fmt"
	"slices"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/conformance/cases"
)

// most is the greatest length of joined data.
const most = 1024

// chains are the cases of section 5.4.
func chains() []cases.Case {
	return slices.Concat([]cases.Case{{
		ID: "LOCK-CHAIN-001", Revision: 1, Title: "a HANDSHAKE-1 in two links is one command",
		Requirements: []string{"PST-APDU-001", "PST-APDU-016#1", "PST-APDU-016#2", "PST-APDU-016#8", "PST-APDU-033#6"},
		Run:          func(t *cases.T) { chained(t, 20) },
	}, {
		ID: "LOCK-CHAIN-002", Revision: 1, Title: "a HANDSHAKE-1 in links of one byte is one command",
		Requirements: []string{"PST-APDU-016#1", "PST-APDU-016#2"},
		Run:          func(t *cases.T) { chained(t, 1) },
	}, {
		ID: "LOCK-CHAIN-003", Revision: 1, Title: "Le of a link before the last does not count",
		Requirements: []string{"PST-APDU-016#1", "PST-APDU-016#8"},
		Run: func(t *cases.T) {
			p := tap{t}
			p.selects()
			m := p.message1()
			r := p.with("a link with Le", apdu.Command{CLA: class | link, INS: handshake1, Data: m[:20], Ne: 256})
			t.Expect("a link with Le", r.Outcome(), cases.OK)
			t.Check(len(r.Data) == 0, "a link before the last is answered with %d bytes of data", len(r.Data))
			r = p.command("the last link", handshake1, 0, 0, m[20:])
			t.Expect("the last link", r.Outcome(), cases.OK)
			p.message2(r.Data)
		},
	}, {
		ID: "LOCK-CHAIN-008", Revision: 1, Title: "Le of the last link says how much of the answer comes",
		Requirements: []string{"PST-APDU-016#8", "PST-APDU-023#1", "PST-APDU-023#2"},
		Run: func(t *cases.T) {
			p := tap{t}
			for _, le := range []int{0, 1, 16} {
				p.selects()
				rest := p.links(handshake1, 0, p.message1(), 20)
				r := p.with("the last link", apdu.Command{CLA: class, INS: handshake1, Data: rest, Ne: le})
				t.Check(len(r.Data) == le && r.SW.More() > 0, "the last link with Le %d is answered with %d bytes of data and %s, where %d and 61xx are right", le, len(r.Data), r.Outcome(), le)
			}
		},
	}, {
		ID: "LOCK-CHAIN-009", Revision: 1, Title: "1024 bytes of joined data in links of 255 bytes are taken",
		Requirements: []string{"PST-APDU-016#1", "PST-APDU-016#7"},
		Run: func(t *cases.T) {
			p := tap{t}
			p.selects()
			rest := p.links(handshake1, 0, p.bytes(most), 255)
			t.Expect("the last link; what it says is no message_1", p.command("", handshake1, 0, 0, rest).Outcome(), cases.Denied)
		},
	}}, chainBounds(), brokenChains(), inOnePiece())
}

// chainBounds are chains that are too long, and links that are too short.
func chainBounds() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-CHAIN-004", Revision: 1, Title: "1024 bytes of joined data are too many with one byte more, in the last link",
		Requirements: []string{"PST-APDU-016#6", "PST-APDU-016#7", "PST-APDU-033#5", "PST-APDU-034#2", "PST-DEC-001#6"},
		Fault:        "the data have 1025 bytes, joined",
		Passes:       []cases.Outcome{cases.Denied}, Allowed: []cases.Outcome{cases.WrongLength},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			p := tap{t}
			p.selects()
			n := most
			if faulty {
				n++
			}
			rest := p.links(handshake1, 0, p.bytes(n), 250)
			r := p.command("the last link; what it says is no message_1", handshake1, 0, 0, rest)
			p.ended()
			return r.Outcome()
		},
	}, {
		ID: "LOCK-CHAIN-005", Revision: 1, Title: "too many bytes are named as soon as they come, in a link before the last",
		Requirements: []string{"PST-APDU-016#6", "PST-APDU-033#5", "PST-APDU-034#2"},
		Fault:        "the data have 1025 bytes, joined, before the last link",
		Passes:       []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{cases.WrongLength},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			p := tap{t}
			p.selects()
			p.links(handshake1, 0, p.bytes(1001), 250)
			n := 24
			if faulty {
				n++
			}
			r := p.with("a further link", apdu.Command{CLA: class | link, INS: handshake1, Data: p.bytes(n)})
			if faulty {
				p.ended()
			}
			return r.Outcome()
		},
	}, {
		ID: "LOCK-CHAIN-006", Revision: 1, Title: "a first link without data",
		Requirements: []string{"PST-APDU-016#5", "PST-APDU-033#5", "PST-APDU-034#2"}, Fault: "the link has no data",
		Passes: []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{cases.WrongLength},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			p := tap{t}
			p.selects()
			if faulty {
				r := p.sends("a link without data", class|link, handshake1, 0, 0)
				p.ended()
				return r.Outcome()
			}
			r := p.sends("a link", class|link, handshake1, 0, 0, 1, 0)
			return r.Outcome()
		},
	}, {
		ID: "LOCK-CHAIN-007", Revision: 1, Title: "a last link without data",
		Requirements: []string{"PST-APDU-016#5", "PST-APDU-033#5", "PST-APDU-034#2"}, Fault: "the last link has no data",
		Passes: []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{cases.WrongLength},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			return tap{t}.continued(faulty, apdu.Command{CLA: class, INS: handshake1, Ne: 256})
		},
	}}
}

// inOnePiece are commands whose data are long without a chain.
func inOnePiece() []cases.Case {
	var all []cases.Case
	for i, c := range []struct {
		name string
		ins  byte
	}{{"HANDSHAKE-1", handshake1}, {"HANDSHAKE-2", handshake2}} {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-CHAIN-%03d", 20+i), Revision: 1, Title: "1025 bytes of data in one " + c.name + ", where 1024 are read",
			Requirements: []string{"PST-APDU-016#6", "PST-APDU-033#5", "PST-APDU-034#2"}, When: "capability(extended-length)",
			Fault:  "the data have 1025 bytes, in one piece",
			Passes: denied, Allowed: []cases.Outcome{cases.WrongLength},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				p := tap{t}
				p.selects()
				if c.ins == handshake2 {
					p.stays()
				}
				n := most
				if faulty {
					n++
				}
				r := p.with("what it says is no message", apdu.Command{CLA: class, INS: c.ins, Data: p.bytes(n), Ne: 256})
				p.ended()
				return r.Outcome()
			},
		})
	}
	return all
}

// brokenChains are chains that something else breaks into.
func brokenChains() []cases.Case {
	var all []cases.Case
	for i, c := range []struct {
		what string
		c    apdu.Command
	}{
		{"another instruction", apdu.Command{CLA: class, INS: handshake2, Data: []byte{1}, Ne: 256}},
		{"another P1", apdu.Command{CLA: class, INS: handshake1, P1: 1, Data: []byte{1}, Ne: 256}},
		{"another P2", apdu.Command{CLA: class, INS: handshake1, P2: 1, Data: []byte{1}, Ne: 256}},
		{"class 00", apdu.Command{CLA: 0x00, INS: handshake1, Data: []byte{1}, Ne: 256}},
		{"GET RESPONSE", apdu.Command{CLA: 0x00, INS: fetch, Ne: 256}},
		{"an instruction that is none", apdu.Command{CLA: class, INS: 0xFE, Data: []byte{1}, Ne: 256}},
		{"a further link of another instruction", apdu.Command{CLA: class | link, INS: request, Data: []byte{1}}},
	} {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-CHAIN-%03d", 10+i), Revision: 1, Title: "an open chain is met by " + c.what,
			Fault:        "the command after the first link has " + c.what,
			Requirements: []string{"PST-APDU-016#2", "PST-APDU-016#3", "PST-APDU-033#3", "PST-APDU-034#2", "PST-DEC-001#6"},
			Passes:       []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{cases.ChainExpected},
			Act: func(t *cases.T, faulty bool) cases.Outcome { return tap{t}.continued(faulty, c.c) },
		})
	}
	return all
}

// lostLink is a chain of which the lock hears the end alone.
func lostLink() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-CHAIN-030", Revision: 1, Title: "a chain whose first link got lost", Fault: "the first link does not come",
		Requirements: []string{"PST-APDU-001"}, Passes: []cases.Outcome{cases.OK}, Allowed: denied,
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			p := tap{t}
			p.selects()
			if faulty {
				r := p.command("the last link alone", handshake1, 0, 0, p.message1()[20:])
				t.Check(len(r.Data) == 0, "the refusal comes with %d bytes of data", len(r.Data))
				p.ended()
				return r.Outcome()
			}
			rest := p.links(handshake1, 0, p.message1(), 20)
			return p.command("the last link", handshake1, 0, 0, rest).Outcome()
		},
	}}
}

// chained sends a HANDSHAKE-1 in links of n bytes.
func chained(t *cases.T, n int) {
	p := tap{t}
	p.selects()
	rest := p.links(handshake1, 0, p.message1(), n)
	r := p.command("the last link", handshake1, 0, 0, rest)
	t.Expect("the last link", r.Outcome(), cases.OK)
	p.message2(r.Data)
}

// continued opens a chain and ends it, with the fault by the command.
func (t tap) continued(faulty bool, fault apdu.Command) cases.Outcome {
	t.selects()
	rest := t.links(handshake1, 0, t.message1(), 20)
	if faulty {
		r := t.with("the chain goes on otherwise", fault)
		t.ended()
		return r.Outcome()
	}
	return t.command("the last link", handshake1, 0, 0, rest).Outcome()
}
