package inspect

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/postern-lock/postern/apdu"
)

// Command decodes a command APDU.
func Command(b []byte) (Finding, error) {
	c, err := apdu.ParseCommand(b)
	if err != nil {
		return Finding{Kind: "no command of ISO/IEC 7816-4", Faults: []string{err.Error() + "; a lock answers 6700 (section 5.6, step 1)"}}, nil
	}
	f := Finding{Kind: fmt.Sprintf("command %s", c.Name())}
	f.Text = fmt.Sprintf("CLA %02X INS %02X P1 %02X P2 %02X, %d bytes of data, Le for %d\n", c.CLA, c.INS, c.P1, c.P2, len(c.Data), c.Ne)
	if apdu.IsExtended(b) {
		f.Text += "with extended length fields: only for a lock that announces them\n"
	}
	known := map[byte]string{0x00: "\xA4\xC0", 0x80: "\x10\x12\x14\x16\x18\xC0", 0x90: "\x10\x12\x14\x16"}
	list, class := known[c.CLA]
	switch {
	case !class:
		f.Faults = append(f.Faults, "the class is none of the standard; a lock answers 6E00")
	case !strings.Contains(list, string([]byte{c.INS})):
		f.Faults = append(f.Faults, "the class has no such instruction; a lock answers 6D00")
	case c.INS == 0xA4:
		f.selects(c)
	case c.CLA == 0x80 && len(c.Data) > 0:
		text, faults := CBOR(c.Data)
		if len(faults) == 0 {
			f.Text += text
		} else {
			f.Text += fmt.Sprintf("data %x\n", c.Data) // sealed, or the last link of a chain
		}
	}
	return f, nil
}

// selects looks at a SELECT.
func (f *Finding) selects(c apdu.Command) {
	switch {
	case c.P1 != 0x04 || c.P2 != 0:
		f.Faults = append(f.Faults, "SELECT has P1 04 and P2 00; a lock answers 6A86")
	case !bytes.Equal(c.Data, []byte("\xF0POSTERN\x01")) && !bytes.Equal(c.Data, []byte("\xF0POSTERN\x02")):
		f.Faults = append(f.Faults, fmt.Sprintf("%x is not the AID of the standard; a lock answers 6A82", c.Data))
	}
}

// Response decodes a response APDU.
func Response(b []byte) (Finding, error) {
	r, err := apdu.ParseResponse(b)
	if err != nil {
		return Finding{Kind: "no response of ISO/IEC 7816-4", Faults: []string{err.Error()}}, nil
	}
	f := Finding{Kind: "response " + r.SW.String(), Text: fmt.Sprintf("%d bytes of data\n", len(r.Data))}
	if r.SW.IsError() && len(r.Data) > 0 {
		f.Faults = append(f.Faults, "an error status comes with data (PST-APDU-023, row 9)")
	}
	data := r.Data
	if len(data) > 4 && data[0] == 0x6F && data[2] == 0x85 {
		f.Text += "answer to SELECT: [version, capabilities, lock id, nonce]\n"
		if int(data[1]) != len(data)-2 || int(data[3]) != len(data)-4 {
			f.Faults = append(f.Faults, "the lengths behind 6F and 85 are not those of what follows (section 5.3)")
		}
		data = data[4:]
	}
	if len(data) > 0 {
		text, faults := CBOR(data)
		if len(faults) == 0 {
			f.Text += text
		} else {
			f.Text += fmt.Sprintf("data %x\n", data) // sealed, or a part
		}
	}
	return f, nil
}

// Any decodes what the bytes most likely are: an object, a response with an
// answer to SELECT, a command, CBOR, or a response.
func Any(b []byte) (Finding, error) {
	if len(b) == 0 {
		return Finding{}, fmt.Errorf("inspect: there are no bytes")
	}
	if f, err := Object(b); err == nil {
		return f, nil
	}
	if b[0] == 0x6F {
		return Response(b)
	}
	if b[0] == 0x00 || b[0] == 0x80 || b[0] == 0x90 {
		if _, err := apdu.ParseCommand(b); err == nil {
			return Command(b)
		}
	}
	text, faults := CBOR(b)
	if len(faults) == 0 {
		return Finding{Kind: "CBOR", Text: text}, nil
	}
	if r, err := apdu.ParseResponse(b); err == nil && (len(b) == 2 || !r.SW.IsError()) {
		return Response(b)
	}
	return Finding{Kind: "CBOR with faults, or nothing of the standard", Text: text, Faults: faults}, nil
}

// Transcript decodes lines of hexadecimal digits, where a line that begins with >
// is a command and one that begins with < a response; what stands behind the
// digits is passed over, and so are other lines.
func Transcript(text string) []Finding {
	var all []Finding
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if len(line) < 2 || line[0] != '>' && line[0] != '<' {
			continue
		}
		words := strings.Fields(line[1:])
		if len(words) == 0 {
			continue
		}
		b, err := hex.DecodeString(words[0])
		if err != nil {
			continue
		}
		decode := Command
		if line[0] == '<' {
			decode = Response
		}
		if f, err := decode(b); err == nil {
			all = append(all, f)
		}
	}
	return all
}
