package page

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/spec"
)

// view is what the page shows.
type view struct {
	Title, Conclusion, Class string
	Rig                      string
	Broken                   []*requirement // the most that the banner names
	Facts                    []fact
	Counts                   []count
	Costs                    []report.Cost
	Areas                    []*area
	Requirements             []*requirement
	Rows                     []*row
	Chunks                   []template.HTML
	role                     shim.Role
}

// Bounds of what a report can make the page hold: some times what a true one has.
const (
	maxRows    = 10000
	maxAreas   = 500
	maxUnknown = 200 // requirements that this edition has not
	maxCosts   = 100
)

// fact is a line of what the run was.
type fact struct{ Name, Text string }

// count is a number of results with a verdict.
type count struct {
	Verdict report.Verdict
	N       int
}

// Class is the class of the verdict in the style sheet.
func (c count) Class() string { return class(c.Verdict) }

func class(v report.Verdict) string { return "v-" + strings.ToLower(string(v)) }

// area is a line of the table of areas.
type area struct {
	Name    string
	Cases   int
	counts  report.Counts
	Traffic report.Traffic
}

// N returns how many results have the verdict.
func (a *area) N(v report.Verdict) int { return a.counts[v] }

// Counts lists the verdicts, the worst first.
func (a *area) Counts() []count { return counts(a.counts) }

// requirement is a line of the table of requirements.
type requirement struct {
	spec.Requirement
	Rows  []*row // that show it
	state report.Verdict
}

// State is the worst verdict of its cases.
func (q *requirement) State() count { return count{q.state, len(q.Rows)} }

// Sentence is what it says.
func (q *requirement) Sentence() template.HTML { return marked(q.Text) }

// Surprises are its cases that people should look at.
func (q *requirement) Surprises() []*row {
	return slices.DeleteFunc(slices.Clone(q.Rows), func(x *row) bool { return !x.Verdict.Surprise() })
}

// Others are its other cases.
func (q *requirement) Others() []*row {
	return slices.DeleteFunc(slices.Clone(q.Rows), func(x *row) bool { return x.Verdict.Surprise() })
}

// newView reads the report.
func newView(r *report.Report, conclusion string) (*view, error) {
	known, err := spec.Requirements()
	if err != nil {
		return nil, err
	}
	v := &view{
		Title: line(r.Product.Name, maxName), Conclusion: clean(conclusion, maxText), Class: fmt.Sprintf("s-%d", r.Status()),
		Costs: r.Costs[:min(len(r.Costs), maxCosts)], Counts: counts(r.Counts()),
	}
	v.Costs = slices.Clone(v.Costs)
	for i := range v.Costs {
		v.Costs[i].Command = line(v.Costs[i].Command, maxName)
	}
	v.role = r.Product.Role
	v.Facts, v.Rig = facts(r), clean(r.Rig, maxText)
	if left := v.group(r); left > 0 {
		v.Facts = append(v.Facts, fact{"Left out here", fmt.Sprintf("%d results, which report.json has", left)})
	}
	v.areas(r)
	v.requirements(known)
	return v, nil
}

// rank puts the surprises first and leaves the rest in its order.
func rank(v report.Verdict) int {
	if v.Surprise() {
		return slices.Index(report.Verdicts, v)
	}
	return len(report.Verdicts)
}

// counts lists numbers by verdict, the worst first, those that are not
// zero; what the user left out is none.
func counts(c report.Counts) []count {
	var all []count
	for _, v := range report.Verdicts {
		if c[v] > 0 && v != report.Skip {
			all = append(all, count{v, c[v]})
		}
	}
	return all
}

// group makes a row of the results of a case with the same verdict and message,
// whatever the seed.  It says how many results are left out, none of them a
// surprise where there are others.
func (v *view) group(r *report.Report) (left int) {
	type key struct {
		id      string
		verdict report.Verdict
		message string
	}
	rows, times := map[key]*row{}, map[string]int{}
	all := make([]*report.Result, len(r.Results))
	for i := range r.Results {
		all[i] = &r.Results[i]
	}
	slices.SortStableFunc(all, func(a, b *report.Result) int { return rank(a.Verdict) - rank(b.Verdict) })
	for _, x := range all {
		if x.Verdict == report.Skip {
			continue // the facts say how many
		}
		k := key{x.Case, x.Verdict, x.Message}
		if have, ok := rows[k]; ok {
			have.seeds = append(have.seeds, x.Seed)
			continue
		}
		if len(v.Rows) >= maxRows {
			left++
			continue
		}
		times[x.Case]++
		n := newRow(x, len(r.Seeds) > 1)
		if times[x.Case] > 1 {
			n.ID = fmt.Sprintf("%s.%d", n.ID, times[x.Case])
		}
		rows[k] = n
		v.Rows = append(v.Rows, n)
	}
	return left
}

// areas counts by area, in the order of the cases.
func (v *view) areas(r *report.Report) {
	have := map[string]*area{}
	for i := range r.Results {
		x := &r.Results[i]
		if x.Verdict == report.Skip {
			continue
		}
		name := line(x.Area(), maxName)
		a, ok := have[name]
		if !ok && len(v.Areas) >= maxAreas {
			a, ok = v.Areas[maxAreas-1], true
		}
		if !ok {
			a = &area{Name: name, counts: report.Counts{}}
			have[name] = a
			v.Areas = append(v.Areas, a)
		}
		a.Cases++
		a.counts[x.Verdict]++
		a.Traffic.Commands += x.Traffic.Commands
		a.Traffic.Sent += x.Traffic.Sent
		a.Traffic.Received += x.Traffic.Received
		a.Traffic.Took += x.Traffic.Took
	}
}

// requirements collects those that the cases cite, in the order of the text, and
// gives the rows their sentences.
func (v *view) requirements(known []spec.Requirement) {
	byID, of := map[string]*requirement{}, len(known)
	for _, q := range known {
		byID[q.ID] = &requirement{Requirement: q}
	}
	for _, x := range v.Rows {
		seen := map[string]bool{}
		for _, cited := range x.cited {
			id, _, _ := strings.Cut(cited, "#")
			q, ok := byID[id]
			if !ok && len(known) >= of+maxUnknown {
				continue
			}
			if !ok {
				q = &requirement{Requirement: spec.Requirement{ID: line(id, maxName), Text: "This edition of the standard has no such requirement."}}
				byID[id], known = q, append(known, q.Requirement)
			}
			x.Sentences = append(x.Sentences, sentence{q.ID, line(cited, maxName), q.Section, text(q.Requirement, cited)})
			if !seen[id] {
				q.Rows = append(q.Rows, x)
				q.state = worse(q.state, x.Verdict)
			}
			seen[id] = true
		}
	}
	for _, q := range known {
		if have := byID[q.ID]; have != nil && len(have.Rows) > 0 {
			v.Requirements = append(v.Requirements, have)
			if have.state == report.Fail && len(v.Broken) < maxListed {
				v.Broken = append(v.Broken, have)
			}
		}
	}
}

// worse returns the worse of two verdicts.
func worse(a, b report.Verdict) report.Verdict {
	if a == "" || slices.Index(report.Verdicts, b) < slices.Index(report.Verdicts, a) {
		return b
	}
	return a
}

// text is the sentence of a requirement with the row that is cited.
func text(q spec.Requirement, cited string) string {
	var n int
	_, row, _ := strings.Cut(cited, "#")
	if _, err := fmt.Sscan(row, &n); err == nil && n >= 1 && n <= len(q.Rows) {
		return q.Text + ": " + q.Rows[n-1]
	}
	return q.Text
}
