package certificate

import (
	"reflect"
	"strings"
	"time"

	"github.com/postern-lock/postern/conformance"
	"github.com/postern-lock/postern/conformance/shim"
)

// Terms are what a statement says that its evidence does not.
type Terms struct {
	Suite            conformance.Build
	AllowDevelopment bool // a build of the suite that nobody else can get counts too
	Issued           time.Time
	Issuer           Issuer
}

// Judge draws the statement from the evidence: one run at level 1, and for a
// certificate of level 2 a second one, of the twin with hooks.  The error is a
// *Refusal where there can be no certificate.
func Judge(evidence []Evidence, t Terms) (*Statement, error) {
	traced, err := conformance.Trace()
	if err != nil {
		return nil, err
	}
	return judge(evidence, t, traced)
}

// judge is Judge by a matrix of requirements and cases.
func judge(evidence []Evidence, t Terms, traced []conformance.Traced) (*Statement, error) {
	if !t.Suite.Released() && !t.AllowDevelopment {
		return nil, refuse(ruleSuite, "use a released build of postern; for trials --allow-development", "this build of the suite is no release: version %q, revision %q", t.Suite.Version, t.Suite.Revision)
	}
	if len(evidence) == 0 || len(evidence) > 2 {
		return nil, refuse(ruleLevel, "give one run, or two for level 2", "%d runs", len(evidence))
	}
	var runs []*run
	passed, warned := map[string]bool{}, map[string]bool{}
	for i, e := range evidence {
		x, err := e.read(t.Suite)
		if err != nil {
			return nil, err
		}
		if want := shim.Level(i + 1); x.profile.Level != want {
			return nil, refuse(ruleLevel, "run and profile of level 1 are of the build that is sold, whose shim lists no verb of level 2; those of its twin with hooks go beside them, as --hooks-report and --hooks-profile", "run %d is of level %d, where %d is right", i+1, x.profile.Level, want)
		}
		pass, warn, err := x.judge()
		if err != nil {
			return nil, err
		}
		if err := x.covered(traced, pass); err != nil {
			return nil, err
		}
		if t.Issued.Before(x.report.Started) {
			return nil, refuse(ruleForm, "set the clock", "issued at %s, before the run of %s", t.Issued, x.report.Started)
		}
		merge(passed, pass)
		merge(warned, warn)
		runs = append(runs, x)
	}
	if err := twins(runs); err != nil {
		return nil, err
	}
	return draw(runs, passed, warned, t)
}

// merge adds a set to another.
func merge(to, from map[string]bool) {
	for id := range from {
		to[id] = true
	}
}

// twins refuses two builds that claim different things.
func twins(runs []*run) error {
	if len(runs) < 2 {
		return nil
	}
	a, b := claimsOf(runs[0].profile), claimsOf(runs[1].profile)
	if runs[0].image == runs[1].image {
		return refuse("PST-CERT-001", "run the build that is sold at level 1 and its twin with hooks at level 2", "both runs are of one build")
	}
	if !reflect.DeepEqual(a, b) {
		return refuse(ruleLevel, "let the two proformas differ in build and level alone", "the two builds claim different things")
	}
	return nil
}

// claimsOf is what a profile says beside its build and level.
func claimsOf(p *conformance.Profile) []any {
	return []any{p.Product, p.Maker, p.Edition, p.Role, p.Profiles, p.ExtendedLength, p.Options, p.Limits, p.Timings, p.Answers}
}

// draw makes the statement.
func draw(runs []*run, passed, warned map[string]bool, t Terms) (*Statement, error) {
	first, last := runs[0], runs[len(runs)-1]
	p := first.profile
	s := &Statement{
		Type: StatementType, PredicateType: PredicateType,
		Predicate: Predicate{
			Product: Product{p.Product, p.Maker, first.report.Product.Version},
			Claims: Claims{
				Role: p.Role, Profiles: p.Profiles, ExtendedLength: p.ExtendedLength, Options: append([]string{}, p.Options...), Level: last.profile.Level, Edition: p.Edition,
			},
			Suite: Suite{
				Version: t.Suite.Version, Revision: t.Suite.Revision, Cases: first.report.Suite.Cases, Development: !t.Suite.Released(),
			},
			Issued: t.Issued.UTC().Truncate(time.Second), Issuer: t.Issuer,
		},
	}
	for _, x := range runs {
		name := p.Product
		if x.profile.Level == shim.L2 {
			name += ", twin with hooks"
		}
		s.Subject = append(s.Subject, Subject{name, Digests{x.image}})
		s.Predicate.Runs = append(s.Predicate.Runs, x.summary)
	}
	var err error
	s.Predicate.Requirements, err = last.became(passed, warned)
	return s, err
}

// became says what became of each requirement that binds the product, and refuses
// where its maker owes an answer.
func (x *run) became(passed, warned map[string]bool) (Requirements, error) {
	q := Requirements{map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}}
	tried, faulted := map[string]bool{}, map[string]bool{}
	for i := range x.cases {
		c := &x.cases[i]
		for _, cited := range c.Requirements {
			id, _, _ := strings.Cut(cited, "#")
			tried[id] = tried[id] || passed[c.ID]
			faulted[id] = faulted[id] || warned[c.ID] && !strings.HasPrefix(x.requirements[id].Keyword, "MUST")
		}
	}
	all, err := x.profile.Binding()
	if err != nil {
		return q, err
	}
	for _, r := range all {
		answered := strings.TrimSpace(x.profile.Answers[r.ID]) != ""
		switch {
		case faulted[r.ID]:
			q.Warned[r.ID] = r.Revision
		case tried[r.ID]:
			q.Tried[r.ID] = r.Revision
		case answered:
			q.Answered[r.ID] = r.Revision
		case conformance.Asked(r):
			return q, refuse(ruleAnswers, "say in the proforma how the product keeps it, and run again with that", "no case tries %s at this level, and the proforma has no answer for it: %s", r.ID, r.Text)
		default:
			q.Open[r.ID] = r.Revision
		}
	}
	return q, nil
}
