package cases

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/world"
)

// patience is the budget of a case that states none: a product may take the better
// part of a second for each of the 800 exchanges of the longest.
const patience = 10 * time.Minute

// Rig is what a case is carried out with.
type Rig struct {
	Device shim.Device
	World  *world.World
	Claims Claims
	Level  shim.Level // that the product claims
}

// Do carries out the case.  It returns at the latest when the budget and
// the device's patience are over; where the case does not end even then, which is
// a fault of the suite, the result has the verdict Error and the rig is of no
// use any more.
func (c *Case) Do(ctx context.Context, rig Rig) report.Result {
	r := report.Result{
		Case: c.ID, Revision: c.Revision, Title: c.Title, Requirements: c.Requirements, Polarity: string(c.Polarity()), Fault: c.Fault, Seed: rig.World.Seed,
	}
	if r.Verdict, r.Message = c.lacks(rig); r.Verdict != "" {
		return r
	}
	budget := c.Budget
	if budget == 0 {
		budget = patience
	}
	ctx, cancel := context.WithTimeoutCause(ctx, budget, fmt.Errorf("the case took longer than its budget of %v", budget))
	defer cancel()
	t := &T{World: rig.World, ctx: ctx, device: rig.Device, claims: rig.Claims, id: c.ID}
	switch c.Role {
	case shim.RoleLock:
		t.Lock = &Lock{t}
	case shim.RoleApp:
		t.App = &App{t: t}
	case shim.RoleIssuer:
		t.Issuer = &Issuer{t: t}
	}
	began := time.Now()
	end := make(chan stop, 1)
	go func() {
		s := c.guarded(t)
		t.explain(s)
		end <- s
	}()
	select {
	case s := <-end:
		r.Verdict, r.Message = s.verdict, s.message
		r.Notes, r.Exchanges = t.notes, t.exchanges
		r.SetUp = s.verdict == report.Fail && strings.HasPrefix(t.stage, setUp)
		switch {
		case r.SetUp:
			r.Message = "in the set-up: " + s.message
		case s.verdict == report.Fail && t.stage == goodTwin:
			r.Message = "without the fault: " + s.message
		}
	case <-time.After(budget + watchdog):
		r.Verdict, r.Message = report.Error, Stuck
	}
	r.Took = time.Since(began).Microseconds()
	return r
}

// setUp begins the names of the stages that come before what a case shows.
const setUp = "set-up"

// goodTwin is the stage of the tap without the fault that goes before the one with it.
const goodTwin = "twin, without the fault"

// Stuck is the message of a case that does not end.
const Stuck = "the case does not end, though its budget is over"

// watchdog is what a case may still take when its budget is over.
var watchdog = 30 * time.Second

// lacks returns a verdict where the case cannot be carried out for want of a
// verb.
func (c *Case) lacks(rig Rig) (report.Verdict, string) {
	for _, v := range c.Needs {
		switch {
		case rig.Device.Hello().Has(v):
		case v == shim.VerbMeet && rig.Level == shim.L2:
			return report.Fail, "the product is offered at level 2 and claims what the case is for, and its shim lacks the verb meet, without which nobody can see this"
		case v.Level() > shim.L0 && rig.Level >= v.Level(): // deselect and meet are of every level and of some shims
			return report.Fail, fmt.Sprintf("the product claims level %d, and its shim lacks the verb %s, without which nobody can see this", rig.Level, v)
		default:
			return report.NotApplicable, fmt.Sprintf("needs the verb %s, of level %d", v, v.Level())
		}
	}
	return "", ""
}

// guarded carries out the case and catches how it ended.
func (c *Case) guarded(t *T) (s stop) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case stop:
			s = p
		default:
			s = stop{report.Error, fmt.Sprintf("the case panics: %v\n%s", p, debug.Stack())}
		}
	}()
	switch {
	case c.After != nil:
		c.apart(t)
	case c.Polarity() == Negative:
		c.twins(t)
	default:
		t.Stage(setUp)
		c.fresh(t)
		t.Stage("run")
		c.Run(t)
	}
	if t.warning != "" {
		return stop{report.Warn, t.warning}
	}
	return stop{report.Pass, ""}
}

// fresh brings the product into the state in which the case begins, in a fresh
// field.
func (c *Case) fresh(t *T) {
	t.witnesses = nil
	if t.Lock == nil {
		if t.App != nil {
			t.App.Install(nil)
		}
		if c.Setup != nil {
			c.Setup(t)
		}
		return
	}
	t.Lock.Power(false)
	if t.Lock.Has(shim.VerbProvision) {
		t.Lock.Fresh()
	} else {
		t.Lock.Power(true)
	}
	if c.Setup != nil {
		c.Setup(t)
		t.Lock.Cycle()
	}
}

// field gives a lock a fresh field.
func (t *T) field() {
	if t.Lock != nil {
		t.Lock.Cycle()
	}
}

// twins carries out a negative case by the twin rule.
func (c *Case) twins(t *T) {
	t.Stage(setUp + " of the twin")
	c.fresh(t)
	t.Stage(goodTwin)
	c.good(t)

	t.Stage(setUp)
	c.fresh(t)
	t.Stage("observed before")
	before := t.observe()
	t.field()
	memory := t.memory()
	t.Stage("with the fault")
	got := c.Act(t, true)
	now := t.memory()
	c.refused(t, got)
	if now != memory && !slices.Contains(c.Changes, SeesMemory) {
		t.Failf("the refused tap wrote to lasting memory: %s operations before, %s after it", memory, now)
	}
	t.Stage("observed after")
	t.compare(before, t.observe(), c.Changes)

	t.field()
	t.Stage("afterwards, without the fault")
	if got := c.Act(t, false); !among(got, c.Passes) {
		t.Failf("after the refused tap a good one does not pass any more: %s", mismatch(got, c.Passes))
	}
}

// apart carries out a negative case whose twins each begin with a fresh lock.
func (c *Case) apart(t *T) {
	t.Stage(goodTwin)
	c.good(t)
	t.Stage("with the fault")
	c.refused(t, c.Act(t, true))
	t.Stage("afterwards, without the fault")
	t.field()
	c.After(t)
}

// good has the twin pass.
func (c *Case) good(t *T) {
	if got := c.Act(t, false); !among(got, c.Passes) {
		t.Failf("%s", mismatch(got, c.Passes))
	}
}

// refused fails the case unless the fault came to what is allowed.
func (c *Case) refused(t *T, got Outcome) {
	switch {
	case got == Silence:
		t.Failf("with the fault the product does not answer; a time-out is no refusal, %s is right", either(c.Allowed))
	case !among(got, c.Allowed):
		t.Failf("with the fault: %s", mismatch(got, c.Allowed))
	}
}

func among(got Outcome, want []Outcome) bool { return slices.Contains(want, got) }

// mismatch tells people what came in the place of what is right, and of an outcome
// that lacks the reason alone that this is what it lacks.
func mismatch(got Outcome, want []Outcome) string {
	words := got.words()
	if slices.ContainsFunc(want, func(o Outcome) bool { return strings.HasPrefix(string(o), string(got)+": ") }) {
		words += " without a reason"
	}
	return words + ", where " + either(want) + " is right"
}

// either joins outcomes for people.
func either(want []Outcome) string {
	s := make([]string, len(want))
	for i, o := range want {
		s[i] = o.words()
	}
	return strings.Join(s, " or ")
}
