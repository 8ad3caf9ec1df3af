package page

import (
	"fmt"
	"slices"
	"strings"

	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/spec"
)

// facts tells what ran on what.
func facts(r *report.Report) []fact {
	suite := fmt.Sprintf("%s; cases %s", r.Suite.Version, r.Suite.Cases)
	edition := fmt.Sprint(r.Suite.Edition)
	if r.Suite.Edition != spec.Version {
		edition += fmt.Sprintf(", while the sentences on this page are of edition %d", spec.Version)
	}
	all := []fact{
		{"Product", fmt.Sprintf("%s, version %s", r.Product.Name, r.Product.Version)},
		{"Role and level", fmt.Sprintf("%s, L%d", r.Product.Role, r.Product.Level)},
		{"Profile", profile(r.Claims)},
		{"Suite", suite},
		{"Edition of the standard", edition},
		{"Target", r.Target},
		{"Seeds", seeds(r.Seeds)},
		{"Run", fmt.Sprintf("%s, %s", r.Started.UTC().Format("2006-01-02 15:04:05 UTC"), duration(r.Took*1000))},
	}
	if len(r.Filters) > 0 {
		all = append(all, fact{"Filters", fmt.Sprintf("%s. They left out %d cases, and such a run certifies nothing.", strings.Join(r.Filters, "; "), r.Counts()[report.Skip])})
	}
	if !slices.ContainsFunc(r.Results, func(x report.Result) bool { return len(x.Exchanges) > 0 && !x.Verdict.Surprise() }) {
		all = append(all, fact{"Exchanges", "of the surprises; run --exchanges all keeps those of every case"})
	}
	for i := range all {
		all[i].Text = line(all[i].Text, maxName*2)
	}
	return all
}

// profile tells the claims in words.
func profile(c report.Claims) string {
	var names []string
	rows, err := spec.Registry("profiles")
	if err != nil {
		return err.Error()
	}
	for _, row := range rows {
		if c.Profiles&uint64(row.Value) != 0 {
			names = append(names, row.Name)
		}
	}
	s := strings.Join(append(names, c.Options...), ", ")
	if s == "" {
		s = "none"
	}
	if c.Assumed {
		s += ". Nobody claimed it: it is what the product announces, and no claim was tried"
	}
	return s
}

// seeds tells the seeds, in short where there are many.
func seeds(all []uint64) string {
	if n := len(all); n > 3 && all[n-1]-all[0] == uint64(n-1) {
		return fmt.Sprintf("%d to %d", all[0], all[n-1])
	}
	return strings.Trim(strings.Join(strings.Fields(fmt.Sprint(all)), ", "), "[]")
}

// duration tells microseconds.
func duration(us int64) string {
	switch {
	case us >= 1e6:
		return fmt.Sprintf("%.1f s", float64(us)/1e6)
	case us >= 1e3:
		return fmt.Sprintf("%.1f ms", float64(us)/1e3)
	}
	return fmt.Sprintf("%d µs", us)
}
