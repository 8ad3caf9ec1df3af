package certificate

import (
	"slices"
	"strings"

	"github.com/postern-lock/postern/conformance"
	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/conformance/shim"
)

// key names a result.
type key struct {
	id   string
	seed uint64
}

// judge recomputes every verdict's right to be there, and returns the ids of the
// cases that passed and of those that warned.
func (x *run) judge() (passed, warned map[string]bool, err error) {
	left, err := x.results()
	if err != nil {
		return nil, nil, err
	}
	passed, warned = map[string]bool{}, map[string]bool{}
	for i := range x.cases {
		c := &x.cases[i]
		why := x.profile.Excludes(c, x.requirements)
		for s, seed := range x.report.Seeds {
			if s > 0 && c.Fixed {
				break
			}
			r, ok := left[key{c.ID, seed}]
			if !ok {
				return nil, nil, refuse(ruleCases, "run again, without filters and to the end", "case %s with seed %d is missing", c.ID, seed)
			}
			delete(left, key{c.ID, seed})
			if err := x.fits(c, r, why); err != nil {
				return nil, nil, err
			}
			switch r.Verdict {
			case report.Pass:
				passed[c.ID] = true
			case report.Warn:
				warned[c.ID] = true
			}
		}
	}
	for k := range left {
		return nil, nil, refuse(ruleCases, "take the file as run --report wrote it", "a result of case %s with seed %d, which this build of the suite does not carry out", k.id, k.seed)
	}
	return passed, warned, nil
}

// results finds a result by case and seed.
func (x *run) results() (map[key]*report.Result, error) {
	all := make(map[key]*report.Result, len(x.report.Results))
	for i := range x.report.Results {
		r := &x.report.Results[i]
		if _, twice := all[key{r.Case, r.Seed}]; twice {
			return nil, refuse(ruleCases, "take the file as run --report wrote it", "case %s with seed %d stands there twice", r.Case, r.Seed)
		}
		all[key{r.Case, r.Seed}] = r
	}
	return all, nil
}

// fits holds a result to its case.  Why says that the profile excludes the case.
func (x *run) fits(c *cases.Case, r *report.Result, why string) error {
	const asWritten = "take the file as run --report wrote it"
	if r.Revision != c.Revision || r.Polarity != string(c.Polarity()) || r.Fault != c.Fault || r.Title != c.Title || !slices.Equal(r.Requirements, c.Requirements) {
		return refuse(ruleCases, asWritten, "the result of %s says other things of the case than this build of the suite", c.ID)
	}
	switch {
	case why != "" && r.Verdict != report.NotApplicable:
		return refuse(ruleCases, asWritten, "case %s is %s, and does not apply to the product: it is %s", c.ID, r.Verdict, why)
	case r.Verdict == report.NotApplicable && why == "" && !x.outOfReach(c):
		return refuse(ruleCases, "run again with the profile of the proforma", "case %s was left out, and applies to the product", c.ID)
	case r.Verdict == report.Warn && x.mandatory(c):
		return refuse(ruleVerdict, asWritten, "case %s warns, and all that it shows is mandatory", c.ID)
	case !slices.Contains([]report.Verdict{report.Pass, report.Warn, report.NotApplicable}, r.Verdict):
		return refuse(ruleVerdict, "correct the cause (postern explain "+c.ID+") and run again", "case %s with seed %d is %s: %s", c.ID, r.Seed, r.Verdict, r.Message)
	}
	return nil
}

// mandatory reports whether all that the case shows is mandatory.
func (x *run) mandatory(c *cases.Case) bool {
	return !slices.ContainsFunc(c.Requirements, func(cited string) bool {
		id, _, _ := strings.Cut(cited, "#")
		return !strings.HasPrefix(x.requirements[id].Keyword, "MUST")
	})
}

// outOfReach reports whether a case needs what the run did not have to have: a verb
// above the product's level, or one that only some shims can have.
func (x *run) outOfReach(c *cases.Case) bool {
	return slices.ContainsFunc(c.Needs, func(v shim.Verb) bool { return v.Level() == shim.L0 || v.Level() > x.profile.Level })
}

// covered refuses a run in which nothing tried a mandatory requirement that can be
// seen on the wire: by a positive and by a negative case, where this build has them
// for the product.
func (x *run) covered(traced []conformance.Traced, passed map[string]bool) error {
	byID := make(map[string]*cases.Case, len(x.cases))
	for i := range x.cases {
		byID[x.cases[i].ID] = &x.cases[i]
	}
	for _, t := range traced {
		r := t.Requirement
		if t.Role != x.profile.Role || r.Testability != "wire" || !strings.HasPrefix(r.Keyword, "MUST") || !r.Profile.Applies(x.profile.Term) {
			continue
		}
		done := false
		for _, list := range [][]string{t.Positive, t.Negative} {
			list = slices.DeleteFunc(slices.Clone(list), func(id string) bool { return x.profile.Excludes(byID[id], x.requirements) != "" })
			hit := slices.ContainsFunc(list, func(id string) bool { return passed[id] })
			above := !slices.ContainsFunc(list, func(id string) bool { return !x.above(byID[id]) })
			if !hit && !above {
				return refuse(ruleCases, "give the shim the verbs that "+list[0]+" needs (postern explain "+list[0]+") and run again",
					"no %s case of %s was carried out", byID[list[0]].Polarity(), r.ID)
			}
			done = done || hit
		}
		if !done {
			return refuse(ruleCases, "use a build of the suite that has one", "no case shows %s, which is mandatory", r.ID)
		}
	}
	return nil
}

// above reports whether a case is above the level of the product.
func (x *run) above(c *cases.Case) bool {
	return slices.ContainsFunc(c.Needs, func(v shim.Verb) bool { return v.Level() > x.profile.Level })
}
