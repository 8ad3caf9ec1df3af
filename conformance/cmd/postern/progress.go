package main

import (
	"fmt"
	"maps"
	"slices"

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
	shuffled                   bool           // an area ends with the run
	start                      map[string]any // what the line begin says

	began, line bool
	bad         int // surprises so far
	areas       []*areaLine
	alike       map[string]int // how many cases failed in their set-up with this message
}

// areaLine is an area of which not all cases have ended.
type areaLine struct {
	name    string
	running int // cases
	counts  report.Counts
	took    int64
}

// started prepares the line begin of NDJSON.
func (p *progress) started(o runOptions, d shim.Device) {
	h := d.Hello()
	p.start = map[string]any{
		"target": o.target, "product": report.Product{Role: h.Role, Name: h.Product, Version: h.Version, Level: h.Level()},
		"suite": conformance.Version, "edition": spec.Version, "seeds": o.keys, "filters": o.filter.Strings(),
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
	p.area((report.Result{Case: c.ID}).Area()).running++
	if p.terminal {
		title, bad := []rune(c.Title), ""
		if p.bad > 0 {
			bad = fmt.Sprintf("  %d to look at", p.bad)
		}
		p.console.wipe()
		fmt.Fprintf(p.out, "[%*d/%d] %s  %s%s", len(fmt.Sprint(of)), number, of, c.ID, string(title[:min(len(title), 40)]), bad)
		p.line = true
	}
}

// wipe takes the line of begin away.
func (p *progress) wipe() {
	if p.line {
		p.console.wipe()
		p.line = false
	}
}

// area returns the line of the area in which a case begins.
func (p *progress) area(name string) *areaLine {
	for i, a := range p.areas {
		if a.name == name && (p.shuffled || i == len(p.areas)-1) {
			return a
		}
	}
	p.areas = append(p.areas, &areaLine{name: name, counts: report.Counts{}})
	return p.areas[len(p.areas)-1]
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
	p.count(x)
	switch {
	case x.SetUp && !p.verbose && p.again(x.Message):
		// One of them says it all; repeated counts the rest.
	case x.Verdict == report.Inconclusive && len(x.Exchanges) == 0:
		// It did not come about after the fault of the rig, which was printed.
	case x.Verdict.Surprise() || p.verbose && x.Verdict != report.Skip:
		p.wipe()
		printResult(p.out, x)
	}
}

// again counts a message, and reports whether it came before.
func (p *progress) again(message string) bool {
	if p.alike == nil {
		p.alike = map[string]int{}
	}
	p.alike[message]++
	return p.alike[message] > 1
}

// repeated counts the failures that were not printed one by one.
func (p *progress) repeated() {
	for _, message := range slices.Sorted(maps.Keys(p.alike)) {
		if n := p.alike[message] - 1; n > 0 {
			fmt.Fprintf(p.out, "%d more cases ended so, and are not printed (-v prints them): %s\n", n, message)
		}
	}
}

// count adds a result to its area, of which the case has begun.
func (p *progress) count(x report.Result) {
	i := slices.IndexFunc(p.areas, func(a *areaLine) bool { return a.name == x.Area() && a.running > 0 })
	if i < 0 || x.Verdict == report.Skip {
		return
	}
	a := p.areas[i]
	a.running--
	a.counts[x.Verdict]++
	a.took += x.Took
	for !p.shuffled && len(p.areas) > 1 && p.areas[0].running == 0 {
		p.ended()
	}
}

// ended prints the line of the first area, where there is no terminal to show what
// runs.
func (p *progress) ended() {
	if len(p.areas) == 0 {
		return
	}
	a := p.areas[0]
	p.areas = p.areas[1:]
	if !p.terminal && !p.verbose {
		fmt.Fprintf(p.out, "%-18s %6.2f s  %s\n", a.name, float64(a.took)/1e6, a.counts)
	}
}
