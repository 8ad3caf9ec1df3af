package main

import (
	"fmt"

	"github.com/postern-lock/postern/conformance"
	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/spec"
)

// progress prints results as they come: as lines of JSON, on a line of a terminal
// that is written over, or as a line for each area.
type progress struct {
	console
	ndjson, verbose, exchanges bool
	start                      map[string]any // what the line begin says

	began, line bool
	bad         int // surprises so far
	area        string
	counts      report.Counts
	took        int64
}

// started prepares the line begin of NDJSON.
func (p *progress) started(o runOptions, d shim.Device) {
	h := d.Hello()
	p.start = map[string]any{
		"target": o.target, "product": report.Product{Role: h.Role, Name: h.Product, Version: h.Version, Level: h.Level()},
		"suite": conformance.Version, "edition": spec.Version, "seeds": o.all(), "filters": o.filter.Strings(),
	}
}

// begin shows on a terminal which case runs.
func (p *progress) begin(c *cases.Case, number, of int) {
	if p.ndjson {
		if !p.began {
			p.start["cases"] = of
			writeLine(p.out, map[string]any{"begin": p.start})
		}
		p.began = true
		return
	}
	if p.terminal {
		title, bad := []rune(c.Title), ""
		if p.bad > 0 {
			bad = fmt.Sprintf("  %d to look at", p.bad)
		}
		fmt.Fprintf(p.out, "\r\x1b[K[%*d/%d] %s  %s%s", len(fmt.Sprint(of)), number, of, c.ID, string(title[:min(len(title), 40)]), bad)
		p.line = true
	}
}

// wipe takes the line of begin away.
func (p *progress) wipe() {
	if p.line {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.line = false
	}
}

// end prints a result, where it is a surprise or everything is wanted.
func (p *progress) end(x report.Result) {
	if x.Verdict.Surprise() {
		p.bad++
	}
	if p.ndjson {
		if !p.exchanges && !x.Verdict.Surprise() {
			x.Exchanges = nil
		}
		writeLine(p.out, map[string]any{"result": x})
		return
	}
	if x.Area() != p.area {
		p.ended()
		p.area, p.counts, p.took = x.Area(), report.Counts{}, 0
	}
	p.counts[x.Verdict]++
	p.took += x.Took
	switch {
	case x.Verdict == report.Inconclusive && len(x.Exchanges) == 0:
		// It did not come about after the fault of the rig, which was printed.
	case x.Verdict.Surprise() || p.verbose && x.Verdict != report.Skip:
		p.wipe()
		printResult(p.out, x)
	}
}

// ended prints the line of an area, where there is no terminal to show what runs.
func (p *progress) ended() {
	delete(p.counts, report.Skip)
	if !p.terminal && !p.ndjson && !p.verbose && len(p.counts) > 0 {
		fmt.Fprintf(p.out, "%-18s %6.2f s  %s\n", p.area, float64(p.took)/1e6, p.counts)
	}
	p.counts = nil
}
