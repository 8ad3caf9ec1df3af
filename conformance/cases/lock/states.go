package lock

import (
	"fmt"
	"slices"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
)

// states are the cases of the table of section 7.2 and of section 7.4 that need
// no keys.
func states() []cases.Case {
	return slices.Concat([]cases.Case{{
		ID: "LOCK-STATE-001", Revision: 1, Title: "a good message_1 is answered with message_2, by key id and by value",
		Requirements: []string{"PST-DEC-001#8", "PST-DEC-005"},
		Run: func(t *cases.T) {
			p := tap{t}
			p.selects()
			short := p.begins()
			t.Expect("HANDSHAKE-1 with P1 00", short.Outcome(), cases.OK)
			p.message2(short.Data)
			p.selects()
			long := p.command("with the certificate by value", handshake1, 1, 0, p.message1())
			t.Expect("HANDSHAKE-1 with P1 01", long.Outcome(), cases.OK, "6100")
			if long.SW.IsOK() {
				p.message2(long.Data)
			}
			t.Check(len(long.Data) > len(short.Data), "message_2 by value has %d bytes, by key id %d", len(long.Data), len(short.Data))
		},
	}, {
		ID: "LOCK-STATE-002", Revision: 1, Title: "every transaction has an ephemeral key of its own",
		Requirements: []string{"PST-DEC-004"},
		Run: func(t *cases.T) {
			seen := map[string]bool{}
			for range 8 {
				p := tap{t}
				p.selects()
				r := p.begins()
				t.Expect("HANDSHAKE-1", r.Outcome(), cases.OK)
				p.message2(r.Data)
				gy := string(r.Data[2:34])
				t.Check(!seen[gy], "G_Y %x came twice, answer %x", gy, digest(r.Data))
				seen[gy] = true
				t.Lock.Cycle()
			}
		},
	}, {
		ID: "LOCK-STATE-003", Revision: 1, Title: "a suite that the lock does not have is answered with an EDHOC error",
		Requirements: []string{"PST-DEC-001#9", "PST-DEC-005#4"},
		Run: func(t *cases.T) {
			p := tap{t}
			p.selects()
			r := p.command("suite 9", handshake1, 0, 0, p.message1With(0, 9, 0x37))
			t.Expect("HANDSHAKE-1 with suite 9", r.Outcome(), cases.OK)
			t.Check(len(r.Data) >= 2 && r.Data[0] == 2, "the answer is %x, where an error message with code 2 is right", r.Data)
			p.ended()
		},
	}}, forgotten(), early(), messages())
}

// forgotten are transactions that there are none of any more, or not yet.
func forgotten() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-STATE-004", Revision: 1, Title: "the field ends between SELECT and HANDSHAKE-1", Fault: "the field went away after SELECT",
		Requirements: []string{"PST-APDU-034#5", "PST-DEC-001#1", "PST-DEC-001#7"},
		Passes:       []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{cases.OutOfOrder},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			p := tap{t}
			p.selects()
			if faulty {
				t.Lock.Cycle()
			}
			return p.begins().Outcome()
		},
	}, {
		ID: "LOCK-STATE-005", Revision: 1, Title: "the link is deselected between SELECT and HANDSHAKE-1", Fault: "DESELECT came after SELECT",
		Requirements: []string{"PST-APDU-034#5", "PST-DEC-001#1", "PST-DEC-001#7"}, Needs: []shim.Verb{shim.VerbDeselect},
		Passes: []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{cases.OutOfOrder},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			p := tap{t}
			p.selects()
			if faulty {
				t.Set(shim.Deselect{})
			}
			return p.begins().Outcome()
		},
	}, {
		ID: "LOCK-STATE-006", Revision: 1, Title: "HANDSHAKE-1 before SELECT", Fault: "there was no SELECT",
		Requirements: []string{"PST-APDU-033#8", "PST-DEC-001#7"},
		Passes:       []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{cases.OutOfOrder},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			p := tap{t}
			if !faulty {
				p.selects()
			}
			return p.begins().Outcome()
		},
	}}
}

// early are commands that the state of the transaction does not allow.
func early() []cases.Case {
	var all []cases.Case
	for i, c := range []struct {
		ins    byte
		begun  int // 0 idle, 1 selected, 2 after message_2
		when   string
		row    int
		before string
	}{
		{handshake2, 0, "HANDSHAKE-2", 7, "before SELECT"}, {request, 0, "REQUEST", 7, "before SELECT"}, {resume, 0, "RESUME", 14, "before SELECT"},
		{handshake2, 1, "HANDSHAKE-2", 11, "after SELECT"}, {request, 1, "REQUEST", 11, "after SELECT"},
		{handshake1, 2, "HANDSHAKE-1", 18, "after message_2"}, {request, 2, "REQUEST", 18, "after message_2"}, {resume, 2, "RESUME", 14, "after message_2"},
	} {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-STATE-%03d", 10+i), Revision: 1, Title: c.when + " " + c.before, Fault: "what comes " + c.before + " is " + c.when,
			Requirements: []string{fmt.Sprintf("PST-DEC-001#%d", c.row), "PST-APDU-033#8", "PST-APDU-034#2"},
			Passes:       []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{cases.OutOfOrder},
			Act: func(t *cases.T, faulty bool) cases.Outcome { return tap{t}.early(faulty, c.ins, c.begun) },
		})
	}
	return all
}

// early brings the lock into a state and sends what the state does not allow; its
// twin does the next good thing.
func (t tap) early(faulty bool, ins byte, begun int) cases.Outcome {
	if begun > 0 {
		t.selects()
	}
	if begun > 1 {
		t.stays()
	}
	if faulty {
		r := t.command("out of order", ins, 0, 0, t.message1())
		t.ended()
		return r.Outcome()
	}
	if begun != 1 {
		return t.Lock.Send("", selectBytes).Outcome()
	}
	return t.begins().Outcome()
}

// messages are faults of message_1, and of what follows message_2, that a phone
// without a key can have.
func messages() []cases.Case {
	var all []cases.Case
	for i, c := range []struct {
		what string
		row  string
		make func(t tap) []byte
	}{
		{"METHOD 1", "#2", func(t tap) []byte { return t.message1With(1, 0, 0x37) }},
		{"METHOD 3", "#2", func(t tap) []byte { return t.message1With(3, 0, 0x37) }},
		{"METHOD a byte string", "#1", func(t tap) []byte { return t.message1With(0x40, 0, 0x37) }},
		{"SUITES_I an array of one", "#3", func(t tap) []byte { return splice(t.message1(), 1, 0x81, 0x00) }},
		{"SUITES_I an empty array", "#3", func(t tap) []byte { return splice(t.message1(), 1, 0x80) }},
		{"SUITES_I with a suite twice", "#3", func(t tap) []byte { return splice(t.message1(), 1, 0x82, 0x00, 0x00) }},
		{"SUITES_I in two bytes", "#1", func(t tap) []byte { return splice(t.message1(), 1, 0x18, 0x00) }},
		{"G_X of 31 bytes", "#5", func(t tap) []byte { m := t.message1(); return append(change(m[:35:35], 3, 31), 0x37) }},
		{"G_X of 33 bytes", "#5", func(t tap) []byte { m := t.message1(); return append(change(m[:36:36], 3, 33), 1, 0x37) }},
		{"G_X all zero, a point of small order", "#6", func(t tap) []byte { return append(append(t.message1()[:4:4], make([]byte, 32)...), 0x37) }},
		{"no C_I", "#1", func(t tap) []byte { return t.message1()[:36] }},
		{"C_I a byte string", "#5", func(t tap) []byte { return append(t.message1()[:36:36], 0x41, 0x01) }},
		{"C_I 24, of two bytes", "#1", func(t tap) []byte { return append(t.message1()[:36:36], 0x18, 0x18) }},
		{"a byte too many", "#1", func(t tap) []byte { return append(t.message1(), 0x00) }},
		{"EAD_1", "#1", func(t tap) []byte { return append(t.message1(), 0x01, 0x41, 0x00) }},
		{"half its length", "#1", func(t tap) []byte { return t.message1()[:18] }},
	} {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-STATE-%03d", 20+i), Revision: 1, Title: "message_1 with " + c.what, Fault: "message_1 has " + c.what,
			Requirements: []string{"PST-DEC-005" + c.row, "PST-DEC-001#10", "PST-APDU-034#2"},
			Passes:       []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{cases.Denied},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				p := tap{t}
				p.selects()
				if !faulty {
					return p.begins().Outcome()
				}
				r := p.command("with the fault", handshake1, 0, 0, c.make(p))
				p.ended()
				return r.Outcome()
			},
		})
	}
	return append(all, cases.Case{
		ID: "LOCK-STATE-040", Revision: 1, Title: "HANDSHAKE-2 with bytes that are no message_3", Fault: "the data mean nothing",
		Requirements: []string{"PST-DEC-001#8", "PST-DEC-001#15", "PST-DEC-007#1", "PST-DEC-008", "PST-APDU-034#2"},
		Passes:       []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{cases.Denied},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			p := tap{t}
			p.selects()
			r := p.begins()
			if faulty {
				r = p.command("", handshake2, 0, 0, p.bytes(200))
				p.ended()
			}
			return r.Outcome()
		},
	}, cases.Case{
		ID: "LOCK-STATE-041", Revision: 1, Title: "RESUME of a slot that does not exist", Fault: "the phone never had the slot",
		Requirements: []string{"PST-DEC-001#12", "PST-APDU-034#2"}, When: "capability(resumption)",
		Passes: []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{cases.Denied},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			p := tap{t}
			p.selects()
			if faulty {
				r := p.command("", resume, 0, 0, p.bytes(40))
				p.ended()
				return r.Outcome()
			}
			return p.begins().Outcome()
		},
	})
}

// splice replaces the byte at a place by others.
func splice(b []byte, at int, with ...byte) []byte {
	return append(append(append([]byte(nil), b[:at]...), with...), b[at+1:]...)
}
