package page

import (
	"fmt"
	"strings"

	"github.com/postern-lock/postern/conformance/inspect"
	"github.com/postern-lock/postern/conformance/report"
)

// The most exchanges of a case that the page shows: the last, for there it went
// wrong.  Where nothing did, there are fewer.
const (
	maxExchanges = 60
	maxPassed    = 24
)

// maxParts bounds the lines of one decoding.
const maxParts = 400

// stage is a part of a case with its exchanges.
type stage struct {
	Name  string
	Steps []*step
	Last  bool
}

// step is an exchange, decoded.
type step struct {
	Control  string
	Name     string // of the command
	What     string // what it is for
	Sent     int    // bytes
	Received int
	Status   string
	Bad      bool // silence, or no status word, or an error
	Took     string
	Last     bool
	Boxes    []box
	at       int64 // microseconds from the first
}

// box is one decoding.
type box struct {
	Title  string
	Lines  []part
	Faults []string
}

// part is a line of a decoding.
type part struct {
	At    int
	Hex   string
	Depth int
	Means string
}

// stages decodes the exchanges of a case, and says how many are left out.
func stages(all []report.Exchange, most int) (shown []*stage, left int) {
	var talk inspect.Talk
	var at int64
	left = max(0, len(all)-most)
	for i, e := range all {
		began := at
		if at += e.Took; i < left {
			continue
		}
		s := newStep(e, &talk)
		s.at = began
		name := line(e.Stage, maxName)
		if len(shown) == 0 || shown[len(shown)-1].Name != name {
			shown = append(shown, &stage{Name: name})
		}
		last := shown[len(shown)-1]
		last.Steps = append(last.Steps, s)
	}
	if len(shown) > 0 {
		last := shown[len(shown)-1]
		last.Last = true
		for i := len(last.Steps) - 1; i >= 0; i-- {
			if s := last.Steps[i]; len(s.Boxes) > 0 || i == 0 {
				s.Last = true
				break
			}
		}
	}
	return shown, left
}

// Decode decodes an exchange that stands behind those that the talk has heard: the
// command, the answer where one came, and the plaintexts.  Of a request by the
// control channel it is what an issuer signed.
func Decode(e report.Exchange, talk *inspect.Talk) []inspect.Finding {
	var all []inspect.Finding
	switch {
	case e.Control == "":
		all = append(all, bounded(e.Command, talk.Command))
		if answered(e) {
			all = append(all, bounded(e.Response, talk.Response))
		}
	case strings.HasPrefix(e.Control, "the field") || strings.HasPrefix(e.Control, "provision"):
		talk.Cut()
	}
	for _, p := range e.Plain {
		all = append(all, bounded(p.Bytes, func(b []byte) inspect.Finding { return inspect.Plain(line(p.What, maxName), b) }))
	}
	return all
}

// maxDecoded are more bytes than anything of the standard has.
const maxDecoded = 4096

// bounded decodes what is not too long for it.
func bounded(b []byte, decode func([]byte) inspect.Finding) inspect.Finding {
	if len(b) > maxDecoded {
		return inspect.Finding{
			Kind: "longer than anything of the standard", Parts: []inspect.Part{{Bytes: b, Means: "not decoded"}},
			Faults: []string{fmt.Sprintf("%d bytes, more than %d", len(b), maxDecoded)},
		}
	}
	return decode(b)
}

func answered(e report.Exchange) bool { return !e.Silent && len(e.Response) > 0 }

// newStep decodes one exchange.
func newStep(e report.Exchange, talk *inspect.Talk) *step {
	all := Decode(e, talk)
	s := &step{What: line(e.What, maxName), Control: line(e.Control, maxText)}
	for _, f := range all {
		s.add(f.Kind, f)
	}
	if e.Control != "" {
		return s
	}
	if e.Took > 0 { // of an app's commands it is not measured
		s.Took = ", " + duration(e.Took)
	}
	s.Name, s.Sent, s.Received = strings.TrimPrefix(all[0].Kind, "command "), len(e.Command), len(e.Response)
	s.Status, s.Bad = "no answer", true
	if answered(e) {
		s.Status = strings.TrimPrefix(all[1].Kind, "response ")
		s.Bad = !strings.HasPrefix(s.Status, "9000") && !strings.HasPrefix(s.Status, "61")
	}
	return s
}

// add puts a decoding and those that belong to it below the others.
func (s *step) add(title string, f inspect.Finding) {
	b := box{Title: line(fmt.Sprintf("%s, %d bytes", title, size(f)), maxName)}
	for _, p := range f.Parts[:min(len(f.Parts), maxParts)] {
		b.Lines = append(b.Lines, part{p.At, spaced(p.Bytes), min(p.Depth, 8), line(p.Means, maxName)})
	}
	if left := len(f.Parts) - maxParts; left > 0 {
		b.Faults = append(b.Faults, fmt.Sprintf("%d more parts are not shown", left))
	}
	for _, fault := range f.Faults[:min(len(f.Faults), maxNotes)] {
		b.Faults = append(b.Faults, line(fault, maxText))
	}
	s.Boxes = append(s.Boxes, b)
	for _, j := range f.Joined {
		s.add(j.Kind, j)
	}
}

// size is how many bytes a finding has.
func size(f inspect.Finding) int {
	if len(f.Parts) == 0 {
		return 0
	}
	last := f.Parts[len(f.Parts)-1]
	return last.At + len(last.Bytes)
}

// maxHex are the bytes of a part that are written out.
const maxHex = 2048

// spaced writes bytes with a space between each two.
func spaced(b []byte) string {
	s := fmt.Sprintf("% x", b[:min(len(b), maxHex)])
	if len(b) > maxHex {
		s += " …"
	}
	return s
}
