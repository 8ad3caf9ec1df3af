package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/postern-lock/postern/conformance"
	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/spec"
)

// writeLine writes a value as a line of JSON.
func writeLine(w io.Writer, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		b = fmt.Appendf(nil, `{"error":%q}`, err)
	}
	fmt.Fprintf(w, "%s\n", b)
}

// printResult tells a result with the sentences of its requirements.
func printResult(w io.Writer, x report.Result) {
	fmt.Fprintf(w, "%-6s %s  %s (seed %d)\n", x.Verdict, x.Case, x.Title, x.Seed)
	if x.Message != "" {
		fmt.Fprintf(w, "  %s\n", indented(x.Message))
	}
	if x.Verdict.Surprise() {
		for _, id := range x.Requirements {
			fmt.Fprintf(w, "  %s\n", indented(sentence(id)))
		}
	}
	fmt.Fprintf(w, "  %s\n\n", indented(strings.TrimSuffix(x.Details(), "\n")))
}

// indented puts two spaces before every line but the first.
func indented(s string) string { return strings.ReplaceAll(s, "\n", "\n  ") }

// requirements reads the requirements once.
var requirements = sync.OnceValues(spec.Requirements)

// sentence is a requirement, or the row of one, with its words.
func sentence(cited string) string {
	id, row, rows := strings.Cut(cited, "#")
	all, err := requirements()
	if err != nil {
		return cited
	}
	for _, r := range all {
		if r.ID != id {
			continue
		}
		s := fmt.Sprintf("%s (section %s): %s", cited, r.Section, r.Text)
		var n int
		if _, err := fmt.Sscan(row, &n); rows && err == nil && n >= 1 && n <= len(r.Rows) {
			s += ": " + r.Rows[n-1]
		}
		return s
	}
	return cited
}

// summary is the last line of a run.
func summary(c console, o runOptions, r *report.Report) {
	if o.ndjson {
		writeLine(c.out, map[string]any{"summary": map[string]any{
			"target": r.Target, "product": r.Product, "claims": r.Claims, "seeds": r.Seeds, "counts": r.Counts(), "milliseconds": r.Took, "rig": r.Rig, "status": r.Status(),
		}})
		return
	}
	fmt.Fprintf(c.out, "%s: %d cases in %.1f s: %s\n", r.Product.Name, len(r.Results), float64(r.Took)/1000, r.Counts())
	if r.Claims.Assumed {
		fmt.Fprintln(c.out, "No profile was given: the product was held to what it announces, and its claims were not tried.")
	}
	if r.Rig != "" {
		fmt.Fprintln(c.out, r.Rig)
	}
	fmt.Fprintln(c.out, conclusion(r))
}

// conclusion is the sentence of the verdict.
func conclusion(r *report.Report) string {
	switch r.Status() {
	case conforms:
		return good(r)
	case conformsN:
		return "does not conform"
	case rig:
		return "inconclusive: this run says nothing about the product"
	}
	return "the suite's own fault: please report it"
}

// good says what a run without a failure shows, and no more: only a full one that
// the product conforms.
func good(r *report.Report) string {
	if len(r.Filters) > 0 {
		return "no fault in the cases chosen; a run of all of them says whether it conforms"
	}
	all, err := conformance.Trace()
	if err != nil {
		return err.Error()
	}
	all = slices.DeleteFunc(all, func(t conformance.Traced) bool { return t.Role != r.Product.Role })
	shown, mandatory := conformance.Coverage(all)
	if shown == mandatory {
		return "conforms"
	}
	return fmt.Sprintf("conforms, as far as there are cases: they show, each by a positive and a negative one, %d of the %d requirements that are mandatory for role %s and can be seen on the wire", shown, mandatory, r.Product.Role)
}
