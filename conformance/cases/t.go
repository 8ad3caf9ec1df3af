package cases

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential/holder/holdertest"
)

// T is what the functions of a case work with.  Its methods that judge end the
// case at once, as those of testing.T do; nothing of them returns.
type T struct {
	World  *world.World // the parties, whose keys are of the run's seed
	Lock   *Lock        // the lock under test, where the role is lock
	App    *App         // the app under test, where the role is app
	Issuer *Issuer      // the issuer under test, where the role is issuer

	// Left is what Setup leaves for Act.  A case may be under way at two products at
	// the same time: its functions keep nothing in variables of their own.
	Left any

	ctx       context.Context
	device    shim.Device
	claims    Claims
	id        string
	stage     string
	exchanges []report.Exchange
	notes     []string
	warning   string
	witnesses []witness
	values    holdertest.Values // of the last exchange, where the lock gave it up
}

// Claims tells of a term of section 1.1 whether the product claims it.
type Claims func(term string) bool

// stop is how a function of a case ends before its end.
type stop struct {
	verdict report.Verdict
	message string
}

// Failf ends the case: the product does not do what the requirement says.
func (t *T) Failf(format string, args ...any) {
	panic(stop{report.Fail, fmt.Sprintf(format, args...)})
}

// Check fails the case unless ok.
func (t *T) Check(ok bool, format string, args ...any) {
	if !ok {
		t.Failf(format, args...)
	}
}

// Expect fails the case unless what the product did is one of the outcomes.
func (t *T) Expect(what string, got Outcome, want ...Outcome) {
	if !among(got, want) {
		t.Failf("%s: %s", what, mismatch(got, want))
	}
}

// Warnf says that the product does not follow a recommendation.  The case goes
// on.
func (t *T) Warnf(format string, args ...any) {
	if t.warning == "" {
		t.warning = fmt.Sprintf(format, args...)
	}
}

// Notef puts a sentence into the report.
func (t *T) Notef(format string, args ...any) {
	t.notes = append(t.notes, fmt.Sprintf(format, args...))
}

// Brokenf ends the case by a fault of the suite itself: an object that cannot be
// signed, a step that a case forgot.
func (t *T) Brokenf(format string, args ...any) {
	panic(stop{report.Error, fmt.Sprintf(format, args...)})
}

// OK ends the case by a fault of the suite where err is not nil.
func (t *T) OK(err error) {
	if err != nil {
		t.Brokenf("%v", err)
	}
}

// Made returns b, and ends the case by a fault of the suite where err is not
// nil: t.Made(t.World.Round(nil)).
func (t *T) Made(b []byte, err error) []byte {
	t.OK(err)
	return b
}

// rig ends the case where the rig failed.
func (t *T) rig(err error) {
	if err == nil {
		return
	}
	verdict := report.Inconclusive
	if errors.Is(err, shim.ErrUnsupported) {
		verdict = report.Error // the case did not say what it needs
	}
	panic(stop{verdict, err.Error()})
}

// Context returns the context of the case, which ends with its budget.
func (t *T) Context() context.Context { return t.ctx }

// Claims reports whether the product claims the term, for example
// "capability(resumption)".
func (t *T) Claims(term string) bool { return t.claims(term) }

// Rand returns a stream of random bytes that depends on the seed, the case and
// the label alone.  Each call begins it anew, so that a tap and its twin draw the
// same.
func (t *T) Rand(label string) io.Reader { return t.World.Rand(t.id + " " + label) }

// Stage names the part of the case that follows, in the report.
func (t *T) Stage(name string) { t.stage = name }

// SetUp carries out what comes before what the case shows, where that is not in
// Setup: a failure in it is told as one of the set-up.
func (t *T) SetUp(f func()) {
	was := t.stage
	t.Stage(setUp + ", " + was)
	f()
	t.Stage(was)
}

// Set carries out a request by the control channel that returns nothing, such as
// shim.Button{Pressed: true}.
func (t *T) Set(r shim.Request) { ask[shim.Nothing](t, r) }

// inTime ends the case where its budget is over, or the user ended the run.
func (t *T) inTime() {
	if t.ctx.Err() != nil {
		t.rig(context.Cause(t.ctx))
	}
}

// ask carries out a request by the control channel.
func ask[R any](t *T, r shim.Request) R {
	t.inTime()
	reply, err := called[R](t.ctx, t, r)
	t.rig(err)
	return reply
}

// called carries out a request and records it.
func called[R any](ctx context.Context, t *T, r shim.Request) (R, error) {
	began := time.Now()
	reply, err := shim.Call[R](ctx, t.device, r)
	t.record(report.Exchange{Control: control(r, reply), Took: time.Since(began).Microseconds()})
	return reply, err
}

// control tells a request and its answer in a line.
func control(r shim.Request, reply any) string {
	switch r := r.(type) {
	case shim.Power:
		if r.On {
			return "the field comes"
		}
		return "the field goes"
	case shim.Meet:
		return "the lock has read the phone"
	case shim.Provision:
		return fmt.Sprintf("provision as lock %x", []byte(r.Lock))
	case shim.Install:
		return fmt.Sprintf("provision the app, %d bytes of grant, %d documents", len(r.Grant), len(r.Documents))
	case shim.Appoint:
		return fmt.Sprintf("provision the issuer, %d bytes of certificate", len(r.Certificate))
	case shim.Leave:
		return fmt.Sprintf("the phone leaves: %+v", reply)
	case shim.Tap:
		return fmt.Sprintf("tap for operation %d: %+v", r.Operation, reply)
	case shim.AskRight:
		if a, ok := reply.(shim.Asked); ok {
			return fmt.Sprintf("ask: %x, %s", []byte(a.Bytes), a.Link)
		}
	case shim.TakePass:
		if r.Link != "" {
			return fmt.Sprintf("take the link %q: %+v", r.Link, reply)
		}
		return fmt.Sprintf("take the pass %x: %+v", []byte(r.Bytes), reply)
	case shim.Issue:
		return fmt.Sprintf("issue %s %s: %s", r.Kind, r.Claims, signed(reply))
	case shim.Cut:
		if r.After == nil {
			return "cut: none"
		}
		return fmt.Sprintf("cut the power after %d operations, torn %s", *r.After, r.Torn)
	}
	if _, nothing := reply.(shim.Nothing); nothing {
		return fmt.Sprintf("%s %+v", r.Verb(), r)
	}
	return fmt.Sprintf("%s: %+v", r.Verb(), reply)
}

// signed tells what an issuer made of a wish.
func signed(reply any) string {
	i, ok := reply.(shim.Issued)
	switch {
	case !ok:
		return "no answer"
	case i.Object == nil:
		return "refused: " + i.Refused
	}
	return fmt.Sprintf("signed, %d bytes", len(i.Object))
}

// record keeps an exchange for the report.
func (t *T) record(e report.Exchange) {
	e.Stage = t.stage
	t.exchanges = append(t.exchanges, e)
}
