package apdu

import (
	"fmt"
	"io"
	"strings"

	"github.com/postern-lock/postern/internal/wire"
)

// hexBytes is the number of bytes on a line of hexadecimal digits.
const hexBytes = 32

// Name returns what people call the command: the name of its instruction in
// spec/registry/instructions.csv in capitals, such as "HANDSHAKE-1" or
// "GET RESPONSE", with ", more follows" where the chaining bit is set; or its
// CLA and INS where the standard has no such command.
func (c Command) Name() string {
	var name string
	switch {
	case !knownInstruction(c.CLA, c.INS):
		return fmt.Sprintf("CLA %02X INS %02X", c.CLA, c.INS)
	case c.INS == insGetResponse:
		name = "GET RESPONSE"
	default:
		name = strings.ToUpper(wire.InsName(int64(c.INS)))
	}
	if isLink(c) {
		name += ", more follows"
	}
	return name
}

// Print writes the pairs since the last Reset for people to read: direction,
// number of bytes, name of the command, the bytes in hexadecimal, the status
// word with its meaning, what Annotate says, and the sums.
func (t *Tracer) Print(w io.Writer) error {
	for i, p := range t.pairs {
		var notes []string
		if t.Annotate != nil {
			notes = t.Annotate(p)
		}
		if _, err := io.WriteString(w, formatPair(i+1, p, notes)); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%d pairs, %d bytes\n", t.cost.Pairs, t.cost.Bytes)
	return err
}

// formatPair returns one pair as lines.
func formatPair(number int, p Pair, notes []string) string {
	var s strings.Builder
	name := "not a command"
	if c, err := ParseCommand(p.Command); err == nil {
		name = c.Name()
	}
	fmt.Fprintf(&s, "%3d -> %4d bytes  %s\n", number, len(p.Command), name)
	writeHex(&s, p.Command)
	switch r, err := ParseResponse(p.Response); {
	case p.Err != nil:
		fmt.Fprintf(&s, "    <- no answer   %v\n", p.Err)
	case err != nil:
		fmt.Fprintf(&s, "    <- %4d bytes  not a response\n", len(p.Response))
	default:
		fmt.Fprintf(&s, "    <- %4d bytes  %v\n", len(p.Response), r.SW)
	}
	writeHex(&s, p.Response)
	for _, note := range notes {
		fmt.Fprintf(&s, "       # %s\n", note)
	}
	return s.String()
}

// writeHex writes b in lines of hexBytes bytes.
func writeHex(s *strings.Builder, b []byte) {
	for len(b) > 0 {
		n := min(len(b), hexBytes)
		fmt.Fprintf(s, "       %X\n", b[:n])
		b = b[n:]
	}
}
