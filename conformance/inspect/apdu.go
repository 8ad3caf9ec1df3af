package inspect

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/postern-lock/postern/apdu"
)

// Sizes of what is sealed or drawn at random.
const (
	tagBytes    = 8 // of a sealed message
	shareBytes  = 32
	resumeBytes = 8 // of the nonce and of the id of RESUME
)

// The instructions whose data have a form of their own.
const (
	insHandshake1 = 0x10
	insHandshake2 = 0x12
	insRequest    = 0x14
	insResume     = 0x16
	insSelect     = 0xA4
	insFetch      = 0xC0
)

// Command decodes a command APDU by itself.
func Command(b []byte) (Finding, error) { return new(Talk).Command(b), nil }

// Response decodes a response APDU by itself: of what it answers nothing is known.
func Response(b []byte) (Finding, error) { return new(Talk).Response(b), nil }

// frame takes a command apart, without its data.
func (f *Finding) frame(b []byte, c apdu.Command, data func()) {
	f.add(b[:1], 0, "CLA: %s", map[byte]string{0x00: "of ISO/IEC 7816-4", 0x80: "of the standard", 0x90: "of the standard, a link of a chain to which more follow"}[c.CLA])
	f.add(b[1:2], 0, "INS: %s", c.Name())
	f.add(b[2:3], 0, "P1%s", parameter(c))
	f.add(b[3:4], 0, "P2")
	body, wide := b[4:], 1
	if apdu.IsExtended(b) {
		wide = 3
		f.Text += "with extended length fields: only for a lock that announces them\n"
	}
	if len(c.Data) > 0 {
		f.add(body[:wide], 0, "Lc: %d bytes of data", len(c.Data))
		data()
		body = body[wide+len(c.Data):]
	}
	if len(body) > 0 {
		f.add(body, 0, "Le: an answer of up to %d bytes", c.Ne)
	}
}

// parameter says what P1 means.
func parameter(c apdu.Command) string {
	switch {
	case c.INS == insSelect && c.P1 == 0x04:
		return ": by name"
	case c.INS == insHandshake1:
		if name := rowName("certificate-forms", uint64(c.P1)); name != "" {
			return ": the lock names its certificate by " + name
		}
	}
	return ""
}

// order notes what of the frame a lock refuses.
func (f *Finding) order(c apdu.Command) {
	known := map[byte]string{0x00: "\xA4\xC0", 0x80: "\x10\x12\x14\x16\x18\xC0", 0x90: "\x10\x12\x14\x16"}
	list, class := known[c.CLA]
	switch {
	case !class:
		f.Faults = append(f.Faults, "the class is none of the standard; a lock answers 6E00")
	case !strings.Contains(list, string([]byte{c.INS})):
		f.Faults = append(f.Faults, "the class has no such instruction; a lock answers 6D00")
	case c.INS == insSelect && (c.P1 != 0x04 || c.P2 != 0):
		f.Faults = append(f.Faults, "SELECT has P1 04 and P2 00; a lock answers 6A86")
	case c.INS == insSelect && len(c.Data) == 0:
		f.Faults = append(f.Faults, "SELECT names no AID; a lock answers 6A82")
	case c.INS == insSelect && !isAID(c.Data):
		f.Faults = append(f.Faults, fmt.Sprintf("%x is not the AID of the standard; a lock answers 6A82", c.Data))
	}
}

// isAID reports whether b is the AID of binding L or R.
func isAID(b []byte) bool {
	return bytes.Equal(b, []byte("\xF0POSTERN\x01")) || bytes.Equal(b, []byte("\xF0POSTERN\x02"))
}

// data takes the joined data of a command apart.
func (f *Finding) data(ins byte, b []byte) {
	switch {
	case ins == insSelect && isAID(b):
		f.add(b, 1, "AID of the standard")
	case ins == insHandshake1:
		f.cbor(b, 1, shapes["message_1"])
	case ins == insHandshake2:
		p := new(printer)
		n := p.item(b, 0, 0, called("CIPHERTEXT_3"))
		if n == 0 || b[0]>>5 != 2 || n > len(b) {
			f.add(b, 1, "data")
			f.Faults = append(f.Faults, "HANDSHAKE-2 does not begin with the byte string message_3 (section 6.8)")
			return
		}
		f.add(b[:n], 1, "message_3: byte string of %d bytes, encrypted", n-headOf(b))
		f.sealed(b[n:], "request")
	case ins == insRequest:
		f.sealed(b, "request")
	case ins == insResume && len(b) > 2*resumeBytes:
		f.add(b[:resumeBytes], 1, "nonce of the phone")
		f.add(b[resumeBytes:2*resumeBytes], 1, "resumption id")
		f.sealed(b[2*resumeBytes:], "request")
	case len(b) > 0:
		f.add(b, 1, "data")
	}
}

// headOf is the length of the head of the item at the beginning of b, which is
// good.
func headOf(b []byte) int { return new(printer).head(b, 0).size }

// sealed adds ciphertext and tag.
func (f *Finding) sealed(b []byte, what string) {
	if len(b) < tagBytes {
		if len(b) > 0 {
			f.add(b, 1, "sealed %s", what)
		}
		f.Faults = append(f.Faults, fmt.Sprintf("%d bytes are too few for a sealed %s, which ends with a tag of %d (section 6.7.3)", len(b), what, tagBytes))
		return
	}
	n := len(b) - tagBytes
	if n > 0 {
		f.add(b[:n], 1, "sealed %s: encrypted, %d bytes", what, n)
	}
	f.add(b[n:], 1, "its tag")
}

// selection takes the answer to SELECT apart: 6F len 85 len and CBOR.
func (f *Finding) selection(b []byte) {
	if len(b) < 4 || b[0] != 0x6F || b[2] != 0x85 {
		f.add(b, 1, "data")
		f.Faults = append(f.Faults, "the answer to SELECT begins with 6F, a length, 85 and a length (section 5.3)")
		return
	}
	f.add(b[:2], 1, "6F: answer to SELECT, file control information of %d bytes", b[1])
	f.add(b[2:4], 1, "85: proprietary element of %d bytes", b[3])
	if int(b[1]) != len(b)-2 || int(b[3]) != len(b)-4 {
		f.Faults = append(f.Faults, "the lengths behind 6F and 85 are not those of what follows (section 5.3)")
	}
	f.cbor(b[4:], 1, shapes["answer to SELECT"])
}

// answer takes the joined data of a response apart, to a command that may be
// known.
func (f *Finding) answer(ins byte, b []byte) {
	switch ins {
	case insSelect:
		f.selection(b)
	case insHandshake1:
		f.message2(b)
	case insHandshake2, insRequest, insResume:
		f.sealed(b, "response")
	default:
		if len(b) > 4 && b[0] == 0x6F && b[2] == 0x85 {
			f.selection(b)
		} else if c := CBOR(b); len(c.Faults) == 0 {
			f.cbor(b, 1, nil)
		} else {
			f.add(b, 1, "data: encrypted, or a part of an answer")
		}
	}
}

// message2 takes an answer to HANDSHAKE-1 apart.
func (f *Finding) message2(b []byte) {
	if b[0]>>5 != 2 {
		f.cbor(b, 1, shapes["error message"])
		return
	}
	h := headOf(b)
	if h == 0 || len(b) != h+int(new(printer).head(b, 0).arg) || len(b) <= h+shareBytes {
		f.cbor(b, 1, nil)
		f.Faults = append(f.Faults, "message_2 is one byte string of more than 32 bytes (section 6.5)")
		return
	}
	f.add(b[:h], 1, "message_2: byte string of %d bytes", len(b)-h)
	f.add(b[h:h+shareBytes], 2, "G_Y")
	f.add(b[h+shareBytes:], 2, "CIPHERTEXT_2: encrypted, %d bytes", len(b)-h-shareBytes)
}
