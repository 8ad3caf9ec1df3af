package conformance

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"strings"
	"sync"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/world"
)

// job is one case with one seed, and what came of it.
type job struct {
	c      *cases.Case
	seed   uint64
	result report.Result
}

// shareOut has every device of the plan take jobs until none is left, each with
// parties of its own, and puts the results into the report in the order of the
// cases.
func (r *run) shareOut(ctx context.Context) error {
	for s, seed := range r.report.Seeds {
		for i := range r.cases {
			if c := &r.cases[i]; s == 0 || !c.Fixed {
				r.jobs = append(r.jobs, job{c: c, seed: seed})
			}
		}
	}
	r.arrange()
	devices := append([]shim.Device{r.plan.Device}, r.plan.More...)
	faults := make([]error, len(devices))
	var workers sync.WaitGroup
	for i, d := range devices {
		workers.Go(func() { faults[i] = r.work(ctx, d) })
	}
	workers.Wait()
	for _, j := range r.jobs {
		if j.result.Case != "" { // the run may have ended before it
			r.report.Results = append(r.report.Results, j.result)
		}
	}
	return errors.Join(faults...)
}

// arrange lays the order of the jobs down, in which one seed follows another.
func (r *run) arrange() {
	for i := range r.jobs {
		r.order = append(r.order, i)
	}
	if r.report.Shuffled = r.plan.Shuffle; !r.plan.Shuffle {
		return
	}
	var key [32]byte
	rand.Read(key[:])
	draw := mathrand.New(mathrand.NewChaCha8(key))
	for from := 0; from < len(r.jobs); {
		to := from
		for to < len(r.jobs) && r.jobs[to].seed == r.jobs[from].seed {
			to++
		}
		part := r.order[from:to]
		draw.Shuffle(len(part), func(i, j int) { part[i], part[j] = part[j], part[i] })
		from = to
	}
}

// work carries out jobs with one device.
func (r *run) work(ctx context.Context, d shim.Device) error {
	var w *world.World
	for j := r.begin(); j != nil; j = r.begin() {
		if w == nil || w.Seed != j.seed {
			var err error
			if w, err = world.New(j.seed); err != nil {
				return err
			}
		}
		if j.result.Verdict == "" {
			j.result = j.c.Do(ctx, cases.Rig{Device: d, World: w, Claims: r.profile.Term, Level: r.profile.Level})
		}
		j.result.Seal()
		r.end(j)
	}
	return nil
}

// begin takes the next job, and gives it its verdict where the case is not to be
// carried out.  It returns nil where the run is over.
func (r *run) begin() *job {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over || r.next == len(r.jobs) {
		return nil
	}
	j := &r.jobs[r.order[r.next]]
	r.next++
	taken := r.plan.Filter.Takes(j.c)
	if taken {
		r.number++
		if r.plan.Begin != nil {
			r.plan.Begin(j.c, r.number, r.of)
		}
	}
	c := j.c
	j.result = report.Result{
		Case: c.ID, Revision: c.Revision, Title: c.Title, Requirements: c.Requirements, Polarity: string(c.Polarity()), Fault: c.Fault, Seed: j.seed,
	}
	why := r.profile.Excludes(c, r.requirements)
	switch x := &j.result; {
	case !taken:
		x.Verdict, x.Message = report.Skip, "by the filter"
	case why != "":
		x.Verdict, x.Message = report.NotApplicable, why
	case r.gone != "":
		x.Verdict, x.Message = report.Inconclusive, "not carried out: "+r.gone
	}
	return j
}

// end judges a result, tells of it, and keeps of it what the plan wants.
func (r *run) end(j *job) {
	r.mu.Lock()
	defer r.mu.Unlock()
	x := &j.result
	r.judge(x)
	if x.Verdict.Surprise() {
		x.Repeat = r.again(x)
	}
	r.meter.Add(x.Exchanges)
	if r.plan.End != nil {
		r.plan.End(*x)
	}
	r.over = r.over || r.plan.Until != nil && r.plan.Until(*x)
	if !r.plan.Exchanges && !x.Verdict.Surprise() {
		x.Exchanges = nil
	}
}

// again is the command that repeats a result.
func (r *run) again(x *report.Result) string {
	s := "postern run"
	if role := r.plan.Device.Hello().Role; role != shim.RoleLock {
		s += " --role " + string(role)
	}
	s += " --target " + quoted(r.plan.Target)
	if r.plan.Control != "" {
		s += " --control " + quoted(r.plan.Control)
	}
	return fmt.Sprintf("%s --case %s --seed %d", s, x.Case, x.Seed)
}

// quoted is a word for a shell.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
