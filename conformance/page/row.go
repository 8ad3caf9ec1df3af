package page

import (
	"fmt"
	"html/template"
	"strings"

	"github.com/postern-lock/postern/conformance/report"
)

// row is a case with what came of it, under one seed or several.
type row struct {
	ID, Case, Area, Title, Polarity, Fault, Message, Repeat string
	Verdict                                                 report.Verdict
	Revision                                                int
	Notes                                                   []string
	Sentences                                               []sentence
	Traffic                                                 report.Traffic
	Took                                                    string
	Evidence                                                string
	Shown                                                   template.HTML // diagram and exchanges, where they are in the page at once
	Chunk                                                   int           // from 1, of where they are; 0 is nowhere
	cited                                                   []string
	seeds                                                   []uint64
	many                                                    bool // seeds in the run
	result                                                  *report.Result
}

// sentence is a requirement that a case shows.
type sentence struct {
	ID, Cited, Section string
	words              string
}

// Text is what it says, as HTML.
func (s sentence) Text() template.HTML { return marked(s.words) }

// maxNotes bounds the notes of a case, maxCited its requirements.
const (
	maxNotes = 50
	maxCited = 50
)

func newRow(x *report.Result, many bool) *row {
	n := &row{
		ID: line(x.Case, maxName), Case: line(x.Case, maxName), Area: line(x.Area(), maxName), Title: line(x.Title, maxName), Polarity: line(x.Polarity, maxName),
		Fault: line(x.Fault, maxText), Message: clean(x.Message, maxText), Repeat: line(x.Repeat, maxText),
		Verdict: x.Verdict, Revision: x.Revision, Traffic: x.Traffic, Took: duration(x.Took), Evidence: line(x.Evidence, maxName),
		cited: x.Requirements[:min(len(x.Requirements), maxCited)], seeds: []uint64{x.Seed}, many: many, result: x,
	}
	for _, s := range x.Notes[:min(len(x.Notes), maxNotes)] {
		n.Notes = append(n.Notes, clean(s, maxText))
	}
	return n
}

// Class is the class of the verdict in the style sheet.
func (x *row) Class() string { return class(x.Verdict) }

// Cited are the requirements, for the filter.
func (x *row) Cited() string {
	var all []string
	for _, s := range x.Sentences {
		all = append(all, s.ID)
	}
	return strings.Join(all, " ")
}

// HasExchanges reports whether the page has its exchanges.
func (x *row) HasExchanges() bool { return x.Shown != "" || x.Chunk > 0 }

// Cost tells what the case cost.
func (x *row) Cost() string {
	t := x.Traffic
	if t.Commands == 0 {
		return x.Took
	}
	link := ""
	if t.Took > 0 { // of an app it is not measured
		link = duration(t.Took) + " on the link, "
	}
	return fmt.Sprintf("%d round trips, %d bytes out, %d bytes back, %s%s in all", t.Commands, t.Sent, t.Received, link, x.Took)
}

// Seeds tells under which keys it came to this, where there were several.
func (x *row) Seeds() string {
	if !x.many {
		return ""
	}
	return seeds(x.seeds)
}
