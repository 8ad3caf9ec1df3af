package mutants

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/postern-lock/postern/conformance"
	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/target"
)

// Plan is what is to be killed, and by whom.
type Plan struct {
	Child string // that Build built
	Table []Mutant
	Cases []cases.Case // of any roles
	// Claims are those of the locks "" and "box"; one that is held to what it
	// announces has none, nor have apps and issuers.
	Claims map[string]*conformance.Profile
	// Own leaves out the cases that do not cite a mutant's requirement.
	Own bool
	// End, where it is not nil, is told of each mutant, one at a time.
	End func(Result)
}

// Result is what became of one mutant.
type Result struct {
	Mutant
	Cited int    // cases that cite its requirement and are for its product
	Case  string // that killed it: one that cites its requirement
	Other string // where it is alive, a case that failed all the same
}

// Killed reports whether a case that cites the requirement found the mutant.
func (r *Result) Killed() bool { return r.Case != "" }

// Run has the cases look for each mutant, on all cores, and returns the results
// in the order of the table, empty ones where a child did not serve.  A case kills
// a mutant where it fails.  First come those that cite the mutant's requirement, up
// to the first that kills it; the others come where it is alive, to tell that the
// fault can be seen.
//
// The error says that the table means nothing: a case that found a mutant finds
// the same in the reference, or a child does not serve.
func Run(ctx context.Context, p Plan) ([]Result, error) {
	results := make([]Result, len(p.Table))
	faults := make([]error, len(p.Table), len(p.Table)+1)
	var told sync.Mutex
	var hunts []func()
	for i := range p.Table {
		hunts = append(hunts, func() {
			r, err := p.hunt(ctx, p.Table[i])
			if faults[i] = err; err != nil {
				return
			}
			if results[i] = r; p.End != nil {
				told.Lock()
				defer told.Unlock()
				p.End(r)
			}
		})
	}
	atOnce(hunts)
	return results, errors.Join(append(faults, p.Clean(ctx, finders(results)))...)
}

// finders are the ids of the cases that found a mutant.
func finders(results []Result) map[string]bool {
	found := map[string]bool{}
	for _, r := range results {
		found[r.Case], found[r.Other] = true, true
	}
	return found
}

// Clean has the cases with the ids, all where there are none, look at each reference
// with no mutant on.  The error names the case that fails.
func (p *Plan) Clean(ctx context.Context, ids map[string]bool) error {
	chosen := p.Cases
	if ids != nil {
		chosen = slices.DeleteFunc(slices.Clone(chosen), func(c cases.Case) bool { return !ids[c.ID] })
	}
	faults := make([]error, len(products))
	var looks []func()
	for i, of := range products {
		looks = append(looks, func() { faults[i] = p.reference(ctx, of, chosen) })
	}
	atOnce(looks)
	return errors.Join(faults...)
}

// atOnce does the jobs, as many at the same time as there are cores.
func atOnce(jobs []func()) {
	next := make(chan func())
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for job := range next {
				job()
			}
		})
	}
	for _, job := range jobs {
		next <- job
	}
	close(next)
	workers.Wait()
}

// reference says which of the cases a product fails with no mutant on.
func (p *Plan) reference(ctx context.Context, of product, chosen []cases.Case) error {
	mine := slices.DeleteFunc(slices.Clone(chosen), func(c cases.Case) bool { return c.Role != of.role })
	failed, _, err := p.first(ctx, of, "", mine)
	if err == nil && failed != "" {
		err = fmt.Errorf("mutants: the reference %s %q, with no mutant on, fails the case %s", of.role, of.name, failed)
	}
	return err
}

// hunt has the cases look for one mutant.
func (p *Plan) hunt(ctx context.Context, m Mutant) (Result, error) {
	r := Result{Mutant: m}
	citing, others := m.hunters(p.Cases)
	var err error
	if r.Case, r.Cited, err = p.first(ctx, m.product(), m.ID, citing); err == nil && r.Case == "" && !p.Own {
		r.Other, _, err = p.first(ctx, m.product(), m.ID, others)
	}
	return r, err
}

// patience is how long a child may take for one answer: far more than it needs,
// since all cores are busy.
const patience = time.Minute

// first carries out the cases in their order up to the first that fails, and
// returns its id, empty where none does, and how many were for the product.  A
// case in which a mutant does not come as far as what the case shows has not found
// it.
func (p *Plan) first(ctx context.Context, of product, id string, all []cases.Case) (failed string, tried int, err error) {
	if len(all) == 0 {
		return "", 0, nil
	}
	d, err := target.Exec(ctx, shim.Options{Role: of.role, Patience: patience}, p.Child, string(of.role), of.name, id)
	if err != nil {
		return "", 0, fmt.Errorf("mutant %q: %w", id, err)
	}
	r, err := conformance.Run(ctx, conformance.Plan{Device: d, Target: "mutant", Profile: p.claims(of), Cases: all, Until: func(x report.Result) bool {
		if (x.Verdict == report.Fail || x.Verdict == report.Warn) && (id == "" || !x.SetUp) {
			failed = x.Case
		}
		if x.Verdict != report.NotApplicable {
			tried++
		}
		return failed != "" || x.Verdict == report.Inconclusive || x.Verdict == report.Error
	}})
	if err == nil && failed == "" {
		for _, x := range r.Results {
			if x.Verdict == report.Inconclusive || x.Verdict == report.Error {
				err = fmt.Errorf("%s in case %s: %s", x.Verdict, x.Case, x.Message)
			}
		}
	}
	if closed := d.Close(); err == nil && failed == "" { // a mutant that was found may have had to be ended
		err = closed
	}
	if err != nil {
		return "", 0, fmt.Errorf("mutant %q: %w", id, err)
	}
	return failed, tried, nil
}

// claims returns what a product claims: nil where the run is to find out.
func (p *Plan) claims(of product) *conformance.Profile {
	if of.role != shim.RoleLock {
		return nil
	}
	return p.Claims[of.name]
}
