package shim

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// Kind is what a shim did wrong.
type Kind string

// The faults of a shim, as README.md lists them.
const (
	Silent        Kind = "silent"
	Died          Kind = "died"
	Nonsense      Kind = "nonsense"
	Long          Kind = "long"
	WrongID       Kind = "wrong-id"
	Unasked       Kind = "unasked"
	BadHello      Kind = "protocol"
	BrokenPromise Kind = "broken-promise"
	Failed        Kind = "error"
)

// Fault is a fault of the rig: of the shim, the reader or what lies between.
// The product is blamed for nothing.
type Fault struct {
	Kind   Kind
	Number int    // of the shim's line, from 1; 0 where there is none
	Line   string // the line, shortened; with Silent and Died what was asked
	Detail string
}

// Error names the fault with its line.
func (f *Fault) Error() string {
	detail := f.Detail
	if strings.ContainsFunc(detail, unicode.IsControl) { // a shim's own sentence stays one line
		detail = printable([]byte(detail))
	}
	s := fmt.Sprintf("the rig: %s: %s", f.Kind, detail)
	switch {
	case f.Number > 0:
		s += fmt.Sprintf("; line %d of the shim: %s", f.Number, f.Line)
	case f.Line != "":
		s += "; asked: " + f.Line
	}
	return s
}

// ErrUnsupported says that a shim does not have a verb.  Nothing was done.
var ErrUnsupported = errors.New("shim: verb not supported")

// clip shortens a line for people.
func clip(line []byte) string {
	const most = 300
	if len(line) <= most {
		return printable(line)
	}
	return printable(line[:most]) + fmt.Sprintf(" … (%d bytes)", len(line))
}

// printable keeps control characters out of a terminal.
func printable(line []byte) string {
	s := fmt.Sprintf("%q", line)
	if q := "\"" + string(line) + "\""; s == q {
		return string(line)
	}
	// Quotes are the most of a line of JSON: leave them alone.
	out := make([]byte, 0, len(line))
	for _, b := range line {
		if b < 0x20 || b >= 0x7F {
			out = fmt.Appendf(out, `\x%02x`, b)
		} else {
			out = append(out, b)
		}
	}
	return string(out)
}
