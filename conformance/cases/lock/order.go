package lock

import (
	"fmt"
	"slices"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/conformance/cases"
)

// order are the cases of section 5.6.
func order() []cases.Case {
	all := []cases.Case{{
		ID: "LOCK-ORDER-001", Revision: 1, Title: "a command with extended length fields is taken by a lock that announces them",
		Requirements: []string{"PST-APDU-033#1", "PST-APDU-011#2"}, When: "capability(extended-length)",
		Run: func(t *cases.T) {
			p := tap{t}
			p.selects()
			r := t.Lock.Send("in the extended form", p.extended())
			t.Expect("HANDSHAKE-1 in the extended form", r.Outcome(), cases.OK)
			p.message2(r.Data)
		},
	}, {
		ID: "LOCK-ORDER-002", Revision: 1, Title: "a command with extended length fields, to a lock that does not announce them",
		Requirements: []string{"PST-APDU-033#1", "PST-APDU-011#2", "PST-APDU-034#2"}, When: "not capability(extended-length)",
		Fault:  "the length fields are extended",
		Passes: []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{cases.WrongLength},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			return tap{t}.first(faulty, tap{t}.extended(), true)
		},
	}}
	for i, c := range []struct {
		what  string
		bytes func(good []byte) []byte
	}{
		{"one byte", func(good []byte) []byte { return good[:1] }},
		{"three bytes of a header", func(good []byte) []byte { return good[:3] }},
		{"a length field that says one byte more than come", func(good []byte) []byte { return change(good, 4, good[4]+2) }},
		{"a byte behind Le", func(good []byte) []byte { return append(good, 0) }},
		{"half of the data", func(good []byte) []byte { return good[:20] }},
		{"an extended length of zero", func(good []byte) []byte { return append(good[:4:4], 0, 0, 0, 0, 0) }},
	} {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-ORDER-%03d", 10+i), Revision: 1, Title: "bytes that are no command: " + c.what, Fault: "the command is " + c.what,
			Requirements: []string{"PST-APDU-033#1", "PST-APDU-034#2", "PST-DEC-001#6"},
			Passes:       []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{cases.WrongLength},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				return tap{t}.first(faulty, c.bytes(tap{t}.good()), true)
			},
		})
	}
	for i, cla := range []byte{0x01, 0x10, 0x40, 0x84, 0x8C, 0xA0, 0xC0, 0xFF, 0x81, 0x91} {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-ORDER-%03d", 20+i), Revision: 1, Title: fmt.Sprintf("class %02X leaves the transaction as it is", cla),
			Fault:        fmt.Sprintf("the class is %02X", cla),
			Requirements: []string{"PST-APDU-033#2", "PST-APDU-034#4", "PST-DEC-001#5"},
			Passes:       []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{cases.ClaUnknown},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				return tap{t}.first(faulty, change(tap{t}.good(), 0, cla), false)
			},
		})
	}
	for i, c := range []struct{ cla, ins byte }{
		{class, 0x00}, {class, 0x0F}, {class, 0x11}, {class, turn}, {class, 0xA4}, {0x00, handshake1}, {0x00, 0xB0}, {0x00, 0xCA},
		{class | link, 0xA4}, {class | link, fetch},
	} {
		what := fmt.Sprintf("INS %02X in class %02X", c.ins, c.cla)
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-ORDER-%03d", 30+i), Revision: 1, Title: what + " leaves the transaction as it is", Fault: "the command has " + what,
			Requirements: []string{"PST-APDU-033#4", "PST-APDU-034#3", "PST-DEC-001#5"},
			Passes:       []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{cases.InsUnknown},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				return tap{t}.first(faulty, change(change(tap{t}.good(), 0, c.cla), 1, c.ins), false)
			},
		})
	}
	for i, c := range []struct{ p1, p2 byte }{{2, 0}, {0x80, 0}, {0, 1}, {1, 1}} {
		what := fmt.Sprintf("P1 %02X and P2 %02X", c.p1, c.p2)
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-ORDER-%03d", 40+i), Revision: 1, Title: "HANDSHAKE-1 with " + what, Fault: "the command has " + what,
			Requirements: []string{"PST-APDU-033#7", "PST-APDU-034#2", "PST-DEC-001#6"},
			Passes:       []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{cases.WrongP1P2},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				return tap{t}.first(faulty, change(change(tap{t}.good(), 2, c.p1), 3, c.p2), true)
			},
		})
	}
	return slices.Concat(all, twofold(), lateParameters())
}

// twofold are the cases whose command has two faults: the one that is checked
// first is named.  Their twin has the second fault alone.
func twofold() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-ORDER-050", Revision: 1, Title: "wrong lengths are named before an unknown class",
		Requirements: []string{"PST-APDU-033#1", "PST-APDU-033#2"}, Fault: "the command of an unknown class is cut off",
		Passes: []cases.Outcome{cases.ClaUnknown}, Allowed: []cases.Outcome{cases.WrongLength},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			b := []byte{0xFF, handshake1, 0, 0, 2, 1, 2}
			return tap{t}.cutOff(faulty, b)
		},
	}, {
		ID: "LOCK-ORDER-051", Revision: 1, Title: "an unknown class is named before an open chain",
		Requirements: []string{"PST-APDU-033#2", "PST-APDU-033#3", "PST-APDU-034#4"}, Fault: "the command that does not go on with the chain has class FF",
		Passes: []cases.Outcome{cases.ChainExpected}, Allowed: []cases.Outcome{cases.ClaUnknown},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			p := tap{t}
			p.selects()
			rest := p.links(handshake1, 0, p.message1(), 20)
			cla := byte(class)
			if faulty {
				cla = 0xFF
			}
			r := p.sends("in the middle of the chain", cla, request, 0, 0, 1, 1)
			if faulty {
				t.Expect("the chain must stay open: its last link", p.command("", handshake1, 0, 0, rest).Outcome(), cases.OK)
			}
			return r.Outcome()
		},
	}, {
		ID: "LOCK-ORDER-052", Revision: 1, Title: "an unknown instruction is named before wrong parameters",
		Requirements: []string{"PST-APDU-033#4", "PST-APDU-033#7"}, Fault: "the command with P2 FF has an unknown instruction as well",
		Passes: []cases.Outcome{cases.WrongP1P2}, Allowed: []cases.Outcome{cases.InsUnknown},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			p := tap{t}
			p.selects()
			ins := byte(handshake1)
			if faulty {
				ins = 0xFE
			}
			return p.command("", ins, 0, 0xFF, p.message1()).Outcome()
		},
	}, {
		ID: "LOCK-ORDER-053", Revision: 1, Title: "wrong parameters are named before the wrong state",
		Requirements: []string{"PST-APDU-033#7", "PST-APDU-033#8"}, Fault: "the command that comes before SELECT has P1 02",
		Passes: []cases.Outcome{cases.OutOfOrder}, Allowed: []cases.Outcome{cases.WrongP1P2},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			p1 := byte(0)
			if faulty {
				p1 = 2
			}
			p := tap{t}
			return p.command("before SELECT", handshake1, p1, 0, p.message1()).Outcome()
		},
	}}
}

// lateParameters are wrong parameters that are named only when all of a command has
// come, and contents that are not looked at before the state.
func lateParameters() []cases.Case {
	return append([]cases.Case{{
		ID: "LOCK-ORDER-054", Revision: 1, Title: "wrong parameters of a chain are named at its last link",
		Requirements: []string{"PST-APDU-033#6", "PST-APDU-033#7"}, Fault: "all links have P1 02",
		Passes: []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{cases.WrongP1P2},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			p1 := byte(0)
			if faulty {
				p1 = 2
			}
			p := tap{t}
			p.selects()
			rest := p.links(handshake1, p1, p.message1(), 20)
			return p.command("the last link", handshake1, p1, 0, rest).Outcome()
		},
	}, {
		ID: "LOCK-ORDER-055", Revision: 1, Title: "a wrong P2 of a chain is named at its last link",
		Requirements: []string{"PST-APDU-033#6", "PST-APDU-033#7"}, Fault: "all links have P2 01",
		Passes: []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{cases.WrongP1P2},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			p2 := byte(0)
			if faulty {
				p2 = 1
			}
			p := tap{t}
			p.selects()
			m := p.message1()
			r := p.with("a link before the last", apdu.Command{CLA: class | link, INS: handshake1, P2: p2, Data: m[:20]})
			t.Expect("a link before the last", r.Outcome(), cases.OK)
			return p.command("the last link", handshake1, 0, p2, m[20:]).Outcome()
		},
	}}, empty()...)
}

// empty are commands without data where the state of the transaction does not
// allow them either: their content is not looked at.
func empty() []cases.Case {
	var all []cases.Case
	for i, c := range []struct {
		what string
		ins  byte
	}{{"HANDSHAKE-1", handshake1}, {"HANDSHAKE-2", handshake2}} {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-ORDER-%03d", 60+i), Revision: 1, Title: "the wrong state is named before the content of " + c.what,
			Requirements: []string{"PST-APDU-033#8", "PST-APDU-033#9"}, Fault: "the " + c.what + " without data comes before its time",
			Passes: denied, Allowed: []cases.Outcome{cases.OutOfOrder},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				p := tap{t}
				if !faulty || c.ins == handshake2 {
					p.selects()
				}
				if !faulty && c.ins == handshake2 {
					p.stays()
				}
				r := p.command("without data", c.ins, 0, 0, nil)
				p.ended()
				return r.Outcome()
			},
		})
	}
	return all
}

// good is a HANDSHAKE-1.
func (t tap) good() []byte {
	b, err := apdu.Command{CLA: class, INS: handshake1, Data: t.message1(), Ne: 256}.AppendTo(nil, false)
	t.OK(err)
	return b
}

// extended is the same with extended length fields.
func (t tap) extended() []byte {
	b, err := apdu.Command{CLA: class, INS: handshake1, Data: t.message1(), Ne: 256}.AppendTo(nil, true)
	t.OK(err)
	return b
}

// change returns a copy with another byte at a place.
func change(b []byte, at int, to byte) []byte {
	c := append([]byte(nil), b...)
	c[at] = to
	return c
}

// first selects and sends a HANDSHAKE-1, with the fault the other bytes, which
// end the transaction or leave it.
func (t tap) first(faulty bool, fault []byte, ends bool) cases.Outcome {
	t.selects()
	if !faulty {
		return t.begins().Outcome()
	}
	r := t.Lock.Send("with the fault", fault)
	t.Check(len(r.Data) == 0, "a refusal comes with %d bytes of data", len(r.Data))
	if ends {
		t.ended()
	} else {
		t.stays()
	}
	return r.Outcome()
}

// cutOff sends a command, with the fault without its last byte.
func (t tap) cutOff(faulty bool, b []byte) cases.Outcome {
	t.selects()
	if faulty {
		b = b[:len(b)-1]
	}
	return t.Lock.Send("", b).Outcome()
}
