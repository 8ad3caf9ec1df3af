package conformance

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/cases/app"
	"github.com/postern-lock/postern/conformance/cases/issuer"
	"github.com/postern-lock/postern/conformance/cases/lock"
	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/spec"
)

// Version is the version of the suite.  A build sets it.
var Version = "development"

// Plan is a run to be made.
type Plan struct {
	Device  shim.Device
	More    []shim.Device // others of the same product: the cases are shared out among all
	Target  string        // name of the device for the report, and for repeating
	Control string        // that of the control shim beside a link; empty for none
	Profile *Profile      // nil assumes one by Assume
	Seeds   []uint64      // of the test keys; empty is seed 1
	Shuffle bool          // carry the cases of each seed out in an order drawn at random, which no product can have learnt
	Filter  Filter
	Cases   []cases.Case // nil takes all of the device's role
	// Exchanges keeps in the report what went over the link also where that is no
	// surprise.  Without it the report has of such a case what it cost and the digest
	// of its exchanges.
	Exchanges bool
	// Begin and End, where they are not nil, are told of each case, one at a time,
	// End always with its exchanges.
	Begin func(c *cases.Case, number, of int)
	End   func(report.Result)
	// Until, where it is not nil, is told of each case too, and ends the run where
	// it returns true.
	Until func(report.Result) bool
}

// Cases returns all cases of a role.
func Cases(r shim.Role) []cases.Case {
	switch r {
	case shim.RoleLock:
		return lock.All()
	case shim.RoleApp:
		return app.All()
	case shim.RoleIssuer:
		return issuer.All()
	}
	return nil
}

// ErrNothing says that a filter takes no case.  What wraps it says why.
var ErrNothing = errors.New("conformance: the filter takes no case")

// Run carries out the plan.  The report comes also where a fault of the rig ended
// the run: the cases that did not come about are inconclusive then.  The error
// says that the run could not begin: a plan that is none, or a *shim.Fault.
func Run(ctx context.Context, p Plan) (*report.Report, error) {
	r, err := newRun(ctx, p)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	r.report.Started = began.UTC().Truncate(time.Second)
	if err := r.shareOut(ctx); err != nil {
		return nil, err
	}
	r.report.Took = time.Since(began).Milliseconds()
	r.report.Costs = r.meter.Costs()
	return r.report, nil
}

// run is a run under way.
type run struct {
	plan         Plan
	profile      *Profile
	cases        []cases.Case
	requirements map[string]spec.Requirement
	report       *report.Report
	of           int

	mu     sync.Mutex // over all below, and over what the plan's functions do
	jobs   []job
	order  []int // of jobs
	next   int   // of order
	number int
	meter  report.Meter
	gone   string // why the rest cannot be carried out
	over   bool   // by the plan's Until
}

// newRun checks the plan.
func newRun(ctx context.Context, p Plan) (*run, error) {
	if err := p.Filter.Check(); err != nil {
		return nil, err
	}
	if len(p.Seeds) == 0 {
		p.Seeds = []uint64{1}
	}
	h := p.Device.Hello()
	if len(p.More) > 0 && !h.Has(shim.VerbProvision) && h.Role == shim.RoleLock {
		return nil, errors.New("conformance: several locks are one product only where they can be provisioned alike")
	}
	for _, d := range p.More {
		if !reflect.DeepEqual(d.Hello(), h) {
			return nil, errors.New("conformance: the devices of one run differ in what they say of themselves")
		}
	}
	if p.Cases == nil {
		p.Cases = Cases(h.Role)
	}
	r := &run{plan: p, profile: p.Profile, cases: p.Cases, requirements: map[string]spec.Requirement{}}
	all, err := spec.Requirements()
	if err != nil {
		return nil, err
	}
	for _, q := range all {
		r.requirements[q.ID] = q
	}
	taken, again := 0, 0 // with the first seed, and with each further one
	for i := range r.cases {
		if p.Filter.Takes(&r.cases[i]) {
			taken++
			if !r.cases[i].Fixed {
				again++
			}
		}
	}
	if taken == 0 && len(r.cases) > 0 {
		return nil, p.Filter.Nothing(r.cases)
	}
	r.of = taken + again*(len(p.Seeds)-1)
	if r.profile == nil {
		w, err := world.New(p.Seeds[0])
		if err != nil {
			return nil, err
		}
		if r.profile, err = Assume(ctx, p.Device, w); err != nil {
			return nil, err
		}
	} else if r.profile.Role != h.Role {
		return nil, fmt.Errorf("conformance: the profile is for role %s, the device plays %s", r.profile.Role, h.Role)
	}
	r.report = &report.Report{
		Suite:    report.Suite{Version: Version, Edition: spec.Version, Cases: Digest(r.cases)},
		Revision: ThisBuild().Revision, Target: p.Target, Seeds: p.Seeds, Filters: p.Filter.Strings(), Results: []report.Result{},
		Product: report.Product{Role: h.Role, Name: h.Product, Version: h.Version, Level: h.Level(), Verbs: h.Verbs},
		Claims:  report.Claims{Profiles: r.profile.Profiles, Options: r.profile.Options, Assumed: p.Profile == nil, Profile: r.profile.Digest()},
	}
	return r, nil
}

// Digest names a set of cases: SHA-256 over their ids and revisions, 16 digits.
func Digest(all []cases.Case) string {
	h := sha256.New()
	for i := range all {
		fmt.Fprintf(h, "%s %d\n", all[i].ID, all[i].Revision)
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8])
}

// judge draws what follows from a result for the rest of the run: after a fault
// of the rig nothing that the device says means anything.
func (r *run) judge(x *report.Result) {
	switch x.Verdict {
	case report.Inconclusive:
		if r.gone == "" {
			r.gone, r.report.Rig = x.Message, x.Message
		}
	case report.Error:
		if x.Message == cases.Stuck {
			r.gone = "a case before it did not end"
		}
	case report.Fail:
		if !r.mandatory(x.Requirements) {
			x.Verdict = report.Warn
		}
	}
}

// mandatory reports whether one of the requirements is, by its key word.
func (r *run) mandatory(cited []string) bool {
	for _, id := range cited {
		id, _, _ = strings.Cut(id, "#")
		if strings.HasPrefix(r.requirements[id].Keyword, "MUST") {
			return true
		}
	}
	return false
}
