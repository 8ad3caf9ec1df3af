package lock

import (
	"bytes"
	"fmt"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	ct "github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/credential/holder/holdertest"
	"github.com/postern-lock/postern/spec"
)

// selection are the cases of section 5.3.
func selection() []cases.Case {
	return append([]cases.Case{{
		ID: "LOCK-SELECT-001", Revision: 1, Title: "SELECT is answered in the form of section 5.3",
		Requirements: []string{"PST-APDU-008#1", "PST-APDU-008#2", "PST-APDU-008#3", "PST-APDU-008#4", "PST-DEC-001#2", "PST-PRV-002"},
		Run: func(t *cases.T) {
			a := read(t, tap{t}.selects())
			t.Check(a.version == spec.Version, "the version is %d, where %d is right", a.version, spec.Version)
			if t.Lock.Has(shim.VerbProvision) {
				t.Check(bytes.Equal(a.id, t.World.Lock[:]), "the lock id is %x, where it was given %x", a.id, t.World.Lock)
			}
		},
	}, {
		ID: "LOCK-SELECT-002", Revision: 2, Title: "each SELECT draws a nonce of its own, and all of it",
		Requirements: []string{"PST-APDU-008#4", "PST-DEC-004"},
		Run: func(t *cases.T) {
			seen := map[string]bool{}
			var first, changed []byte
			for range 4 {
				for range 4 {
					n := read(t, tap{t}.selects()).nonce
					t.Check(!seen[string(n)], "the nonce %x came twice", n)
					seen[string(n)] = true
					if first == nil {
						first, changed = n, make([]byte, len(n))
					}
					for i := range n {
						changed[i] |= n[i] ^ first[i]
					}
				}
				t.Lock.Cycle()
			}
			at := bytes.IndexByte(changed, 0)
			t.Check(at < 0, "byte %d of the nonce is the same in 16 of them", at)
		},
	}, {
		ID: "LOCK-SELECT-003", Revision: 1, Title: "the capabilities are those that the product claims, and no other",
		Requirements: []string{"PST-APDU-008#2", "PST-APDU-011", "PST-PROF-004", "PST-PROF-005", "PST-REG-004"},
		Run:          capabilities,
	}, {
		ID: "LOCK-SELECT-004", Revision: 1, Title: "SELECT in the middle of an exchange begins a new transaction",
		Requirements: []string{"PST-APDU-034#1", "PST-DEC-001#2"},
		Run: func(t *cases.T) {
			p := tap{t}
			p.selects()
			p.stays()
			p.selects()
			p.stays()
		},
	}, {
		ID: "LOCK-SELECT-005", Revision: 1, Title: "SELECT drops an open chain and is carried out",
		Requirements: []string{"PST-APDU-016#4", "PST-APDU-034#1"},
		Run: func(t *cases.T) {
			p := tap{t}
			p.selects()
			p.links(handshake1, 0, p.message1(), 20)
			p.selects()
			p.stays()
		},
	}, {
		ID: "LOCK-SELECT-006", Revision: 1, Title: "SELECT without Le holds its answer back for GET RESPONSE",
		Requirements: []string{"PST-APDU-023#1", "PST-APDU-023#2", "PST-APDU-023#3", "PST-APDU-023#4", "PST-APDU-001"},
		Run: func(t *cases.T) {
			p := tap{t}
			r := p.sends("without Le", selectBytes[:len(selectBytes)-1]...)
			t.Check(r.SW.More() > 0 && len(r.Data) == 0, "SELECT without Le is answered %s with %d bytes, where 61xx without data is right", r.Outcome(), len(r.Data))
			left := r.SW.More()
			r = p.sends("", 0x00, fetch, 0, 0, 0)
			t.Expect("GET RESPONSE", r.Outcome(), cases.OK)
			t.Check(len(r.Data) == left, "61xx announced %d bytes and GET RESPONSE gave %d", left, len(r.Data))
			read(t, r.Data)
			p.stays()
		},
	}}, selectionFaults()...)
}

// selectionFaults are SELECTs of something else, and with other parameters.
func selectionFaults() []cases.Case {
	var all []cases.Case
	for i, c := range []struct{ what, name string }{
		{"no AID", ""},
		{"the first byte of the AID", string(aid[:1])},
		{"the AID without its last byte", string(aid[:8])},
		{"the AID with one byte more", string(aid) + "\x00"},
		{"the AID with another last byte, as a later version may have it", string(aid[:8]) + "\x02"},
		{"the AID of a payment directory", "2PAY.SYS.DDF01"},
		{"the AID of NDEF tags", "\xD2\x76\x00\x00\x85\x01\x01"},
	} {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-SELECT-%03d", 10+i), Revision: 1, Title: "SELECT of " + c.what, Fault: "the command names " + c.what,
			Requirements: []string{"PST-APDU-013", "PST-APDU-023#9", "PST-APDU-034#1", "PST-DEC-001#3", "PST-ERR-003"},
			Passes:       []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{cases.NotFound},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				return tap{t}.selecting(faulty, apdu.Select([]byte(c.name)))
			},
		})
	}
	for i, c := range [][2]byte{{0x00, 0x00}, {0x00, 0x0C}, {0x02, 0x00}, {0x04, 0x01}, {0x04, 0x02}, {0x04, 0x0C}, {0x0C, 0x00}, {0xFF, 0x00}} {
		what := fmt.Sprintf("P1 %02X and P2 %02X", c[0], c[1])
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-SELECT-%03d", 20+i), Revision: 1, Title: "SELECT with " + what, Fault: "the command has " + what,
			Requirements: []string{"PST-APDU-013", "PST-APDU-023#9", "PST-APDU-034#1", "PST-DEC-001#4", "PST-ERR-003"},
			Passes:       []cases.Outcome{cases.OK}, Allowed: []cases.Outcome{cases.WrongP1P2},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				return tap{t}.selecting(faulty, apdu.Command{INS: 0xA4, P1: c[0], P2: c[1], Data: aid, Ne: 256})
			},
		})
	}
	return all
}

// besideOthers are cases of a phone that looks for other applications too, and of
// one that believes in a nonce of before.
func besideOthers() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-SELECT-030", Revision: 1, Title: "a phone that looks for other applications first finds the lock all the same",
		Requirements: []string{"PST-APDU-013", "PST-APDU-008"},
		Run: func(t *cases.T) {
			p := tap{t}
			for _, name := range []string{"2PAY.SYS.DDF01", "\xD2\x76\x00\x00\x85\x01\x01", string(aid[:5])} {
				r := p.with("another application", apdu.Select([]byte(name)))
				t.Expect("SELECT of another application", r.Outcome(), cases.NotFound)
				t.Check(len(r.Data) == 0, "the refusal comes with %d bytes of data", len(r.Data))
			}
			p.selects()
			p.stays()
		},
	}, {
		ID: "LOCK-SELECT-031", Revision: 1, Title: "a phone that goes on with the nonce of the SELECT before", Fault: "the nonce is that of the SELECT before",
		Requirements: []string{"PST-APDU-008#4"}, Needs: keys, Setup: cases.Owned, Passes: []cases.Outcome{done}, Allowed: denied,
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			p := t.Phone("owner", nil)
			before, err := p.Select(t.Context())
			t.OK(err)
			if faulty {
				p.Alter = holdertest.Alter{holdertest.Selection: ct.Replace(before.Data)}
			}
			return ends(t, t.Tap(p, status))
		},
	}}
}

// selecting selects the lock, and then again, with the fault by the command; the
// second one decides whether there is a transaction.
func (t tap) selecting(faulty bool, fault apdu.Command) cases.Outcome {
	t.selects()
	if !faulty {
		r := t.Lock.Send("again", selectBytes)
		t.stays()
		return r.Outcome()
	}
	r := t.with("again, with the fault", fault)
	if t.refusal(r) {
		t.ended()
	}
	return r.Outcome()
}

// answer is the answer to SELECT.
type answer struct {
	version      int
	capabilities int
	id, nonce    []byte
}

// read reads the answer, which has one form but for the length of the mask.
func read(t *cases.T, data []byte) answer {
	const rest = 1 + 8 + 1 + 16 // lock id and nonce with their heads
	var a answer
	mask := len(data) - 2 - 2 - 2 - rest
	t.Check(mask == 1 || mask == 2, "the answer has %d bytes of data, where 33 or 34 is right", len(data))
	t.Check(data[0] == 0x6F && int(data[1]) == len(data)-2, "the answer begins with %x, where 6F and the length of the rest is right", data[:2])
	t.Check(data[2] == 0x85 && int(data[3]) == len(data)-4, "the template holds %x, where 85 and the length of the rest is right", data[2:4])
	t.Check(data[4] == 0x84, "the CBOR begins with %x, where 84, an array of 4, is right", data[4])
	t.Check(data[5] < 24, "the version begins with %x, where an integer of one byte is right", data[5])
	a.version = int(data[5])
	a.capabilities = int(data[6])
	if mask == 2 {
		t.Check(data[6] == 0x18 && data[7] >= 24, "the mask is %x, where an integer in its shortest form is right", data[6:8])
		a.capabilities = int(data[7])
	} else {
		t.Check(data[6] < 24, "the mask begins with %x, where an integer is right", data[6])
	}
	tail := data[len(data)-rest:]
	t.Check(tail[0] == 0x48, "the lock id begins with %x, where 48, a string of 8 bytes, is right", tail[0])
	t.Check(tail[9] == 0x50, "the nonce begins with %x, where 50, a string of 16 bytes, is right", tail[9])
	a.id, a.nonce = tail[1:9], tail[10:]
	return a
}

// capabilities compares the mask with the claims, both ways.
func capabilities(t *cases.T) {
	a := read(t, tap{t}.selects())
	rows, err := spec.Registry("capabilities")
	t.OK(err)
	known := 0
	for _, row := range rows {
		claimed := t.Claims("capability(" + row.Name + ")")
		shown := a.capabilities&int(row.Value) != 0
		known |= int(row.Value)
		t.Check(shown || !claimed, "the product claims %s and SELECT does not announce it (mask %d)", row.Name, a.capabilities)
		t.Check(claimed || !shown, "SELECT announces %s (mask %d) and the product does not claim it", row.Name, a.capabilities)
	}
	t.Check(a.capabilities&^known == 0, "the mask %d has bits that are no capability", a.capabilities)
}
