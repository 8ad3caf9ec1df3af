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

// printResult tells a result: what was tried, what came of it, and the sentences
// of its requirements.
func printResult(w io.Writer, x report.Result) {
	fmt.Fprintf(w, "%-6s %s  %s (seed %d)\n", x.Verdict, x.Case, x.Title, x.Seed)
	parts := []string{strings.TrimSuffix(x.Finding(), "\n")}
	switch {
	case x.SetUp:
		parts = append(parts, "so it did not come to what it shows: "+strings.Join(x.Requirements, ", "))
	case x.Verdict.Surprise():
		parts = append(parts, sentences(x.Requirements)...)
	}
	for _, s := range append(parts, strings.TrimSuffix(x.Details(), "\n")) {
		if s != "" {
			fmt.Fprintf(w, "  %s\n", indented(s))
		}
	}
	fmt.Fprintln(w)
}

// indented puts two spaces before every line but the first.
func indented(s string) string { return strings.ReplaceAll(s, "\n", "\n  ") }

// requirements reads the requirements once.
var requirements = sync.OnceValues(spec.Requirements)

// sentences are the requirements with their words, each once, with the rows that
// are cited beneath it.
func sentences(cited []string) []string {
	all, err := requirements()
	if err != nil {
		return cited
	}
	var out []string
	for _, r := range all {
		for i, c := range slices.DeleteFunc(slices.Clone(cited), func(c string) bool { id, _, _ := strings.Cut(c, "#"); return id != r.ID }) {
			if i == 0 {
				out = append(out, fmt.Sprintf("%s (section %s): %s", r.ID, r.Section, r.Text))
			}
			var n int
			_, row, _ := strings.Cut(c, "#")
			if _, err := fmt.Sscan(row, &n); err == nil && n >= 1 && n <= len(r.Rows) {
				out[len(out)-1] += fmt.Sprintf("\n  row %d: %s", n, r.Rows[n-1])
			}
		}
	}
	return out
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
// the product conforms, and only by the cases that were carried out.
func good(r *report.Report) string {
	if len(r.Filters) > 0 {
		return "no fault in the cases chosen; a run of all of them says whether it conforms"
	}
	all, err := conformance.Trace()
	if err != nil {
		return err.Error()
	}
	all = slices.DeleteFunc(all, func(t conformance.Traced) bool { return t.Role != r.Product.Role })
	passed := map[string]bool{}
	for _, x := range r.Results {
		passed[x.Case] = x.Verdict == report.Pass
	}
	for i := range all {
		for _, ids := range []*[]string{&all[i].Positive, &all[i].Negative} {
			*ids = slices.DeleteFunc(*ids, func(id string) bool { return !passed[id] })
		}
	}
	shown, mandatory := conformance.Coverage(all)
	return fmt.Sprintf("conforms, as far as was tried at level %d: this run shows, each by a positive and a negative case, %d of the %d requirements that are mandatory for role %s and can be seen on the wire",
		r.Product.Level, shown, mandatory, r.Product.Role)
}
