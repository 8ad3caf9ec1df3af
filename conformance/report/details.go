package report

import (
	"fmt"
	"strings"

	"github.com/postern-lock/postern/apdu"
)

// Finding tells what was tried and what came of it.
func (x Result) Finding() string {
	s := ""
	if x.Fault != "" {
		s = fmt.Sprintf("the fault: %s\n", x.Fault)
	}
	if x.Message != "" {
		s += x.Message + "\n"
	}
	for _, n := range x.Notes {
		s += fmt.Sprintf("note: %s\n", n)
	}
	return s
}

// Details tells what went over the link, and how to repeat the case.
func (x Result) Details() string {
	var b strings.Builder
	stage := ""
	for _, e := range x.Exchanges {
		if e.Stage != stage {
			stage = e.Stage
			fmt.Fprintf(&b, "%s:\n", stage)
		}
		for l := range strings.Lines(e.String()) {
			b.WriteString("  " + l)
		}
	}
	if x.Repeat != "" {
		fmt.Fprintf(&b, "again: %s\n", x.Repeat)
	}
	return b.String()
}

// String tells the exchange in one or two lines, in hexadecimal and decoded.
func (e Exchange) String() string {
	what := ""
	if e.What != "" {
		what = "  (" + e.What + ")"
	}
	if e.Control != "" {
		return fmt.Sprintf("* %s%s\n", e.Control, what)
	}
	name := "no command"
	if c, err := apdu.ParseCommand(e.Command); err == nil {
		name = c.Name()
	}
	s := fmt.Sprintf("> %x  %s%s\n", []byte(e.Command), name, what)
	if e.Silent {
		return s + "< nothing\n"
	}
	status := "no response"
	if r, err := apdu.ParseResponse(e.Response); err == nil {
		status = r.SW.String()
	}
	return s + fmt.Sprintf("< %x  %s\n", []byte(e.Response), status)
}
