package inspect

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/postern-lock/postern/apdu"
)

// maxJoined bounds what is joined of a chain or of an answer, in bytes: more than
// any that the standard allows.
const maxJoined = 4096

// Talk decodes commands and responses in the order in which they went over a link:
// it knows what a response answers, and joins chains and answers in pieces.  Its
// zero value has heard nothing.
type Talk struct {
	ins    byte   // of the command that is answered
	chain  []byte // of links
	answer []byte // of pieces
}

// Cut says that the field went: nothing goes on.
func (t *Talk) Cut() { *t = Talk{} }

// Command decodes the next command.
func (t *Talk) Command(b []byte) Finding {
	c, err := apdu.ParseCommand(b)
	if err != nil {
		t.Cut()
		f := Finding{Kind: "no command of ISO/IEC 7816-4", Faults: []string{err.Error() + "; a lock answers 6700 (section 5.6, step 1)"}}
		if len(b) > 0 {
			f.add(b, 0, "no form of section 5.2")
		}
		return f
	}
	f := Finding{Kind: "command " + c.Name()}
	f.frame(b, c, func() {
		switch {
		case c.CLA == 0x90:
			f.add(c.Data, 1, "link of a chain, from byte %d of its data on", len(t.chain))
		case len(t.chain) > 0:
			f.add(c.Data, 1, "last link of a chain, from byte %d of its data on", len(t.chain))
		default:
			f.data(c.INS, c.Data)
		}
	})
	f.order(c)
	t.follow(&f, c)
	return f
}

// follow keeps what the next command or answer goes on from.
func (t *Talk) follow(f *Finding, c apdu.Command) {
	if c.CLA == 0x90 {
		if c.INS != t.ins {
			t.chain = nil
		}
		t.chain = join(t.chain, c.Data)
	} else {
		if len(t.chain) > 0 && c.INS == t.ins {
			whole := join(t.chain, c.Data)
			j := Finding{Kind: fmt.Sprintf("the %d bytes of the chain, joined", len(whole))}
			j.data(c.INS, whole)
			f.Joined = append(f.Joined, j)
		}
		t.chain = nil
	}
	if c.INS != insFetch {
		t.ins, t.answer = c.INS, nil
	}
}

// Response decodes the answer to the last command.
func (t *Talk) Response(b []byte) Finding {
	r, err := apdu.ParseResponse(b)
	if err != nil {
		f := Finding{Kind: "no response of ISO/IEC 7816-4", Faults: []string{err.Error()}}
		if len(b) > 0 {
			f.add(b, 0, "no status word")
		}
		return f
	}
	f := Finding{Kind: "response " + r.SW.String()}
	more := r.SW>>8 == 0x61
	switch {
	case len(r.Data) == 0:
	case r.SW.IsError():
		f.add(r.Data, 1, "data")
		f.Faults = append(f.Faults, "an error status comes with data (PST-APDU-023, row 9)")
	case more || len(t.answer) > 0:
		f.add(r.Data, 1, "piece of an answer, from byte %d of its data on", len(t.answer))
	default:
		f.answer(t.ins, r.Data)
	}
	f.add(b[len(r.Data):], 0, "status word: %s", r.SW)
	pieces := len(t.answer)
	if t.answer = join(t.answer, r.Data); !more {
		if pieces > 0 && !r.SW.IsError() {
			j := Finding{Kind: fmt.Sprintf("the %d bytes of the answer, joined", len(t.answer))}
			j.answer(t.ins, t.answer)
			f.Joined = append(f.Joined, j)
		}
		t.answer = nil
	}
	return f
}

// join returns a with b behind it, within the bound.
func join(a, b []byte) []byte {
	if len(a)+len(b) > maxJoined {
		return a
	}
	return append(append([]byte(nil), a...), b...)
}

// Any decodes what the bytes most likely are: an object, a pass or the request for
// one, a response with an answer to SELECT, a command, CBOR, or a response.
func Any(b []byte) (Finding, error) {
	if len(b) == 0 {
		return Finding{}, fmt.Errorf("inspect: there are no bytes")
	}
	if f, err := Object(b); err == nil {
		return f, nil
	}
	if isPass(b) {
		return Pass(b), nil
	}
	if isPassRequest(b) {
		return PassRequest(b), nil
	}
	if b[0] == 0x6F {
		return Response(b)
	}
	if b[0] == 0x00 || b[0] == 0x80 || b[0] == 0x90 {
		if _, err := apdu.ParseCommand(b); err == nil {
			return Command(b)
		}
	}
	f := CBOR(b)
	if len(f.Faults) == 0 {
		return f, nil
	}
	if r, err := apdu.ParseResponse(b); err == nil && (len(b) == 2 || !r.SW.IsError()) {
		return Response(b)
	}
	f.Kind = "CBOR with faults, or nothing of the standard"
	return f, nil
}

// Transcript decodes lines of hexadecimal digits, where a line that begins with >
// is a command and one that begins with < a response; what stands behind the
// digits is passed over, and so are other lines, but for those with "the field",
// which end what was begun.
func Transcript(text string) []Finding {
	var all []Finding
	var t Talk
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "* the field") {
			t.Cut()
		}
		if len(line) < 2 || line[0] != '>' && line[0] != '<' {
			continue
		}
		words := strings.Fields(line[1:])
		if len(words) == 0 {
			continue
		}
		b, err := hex.DecodeString(words[0])
		switch {
		case err != nil:
		case line[0] == '>':
			all = append(all, t.Command(b))
		default:
			all = append(all, t.Response(b))
		}
	}
	return all
}
