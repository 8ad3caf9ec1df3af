package conformance

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/target"
)

// worked counts what a device is asked.
type worked struct {
	shim.Device
	n *atomic.Int64
}

func (w worked) Do(ctx context.Context, r shim.Request) (any, error) {
	w.n.Add(1)
	return w.Device.Do(ctx, r)
}

// some returns every n-th case for locks.
func some(n int) Filter {
	var f Filter
	for i, c := range Cases(shim.RoleLock) {
		if i%n == 0 {
			f.Cases = append(f.Cases, c.ID)
		}
	}
	return f
}

// TestSharedOut has two locks share cases that one lock carries out alone: the
// report is the same, but for what differs each time.
func TestSharedOut(t *testing.T) {
	plan := Plan{Profile: full(), Seeds: []uint64{4, 5}, Filter: some(40)}
	var alone, second atomic.Int64
	plan.Device = worked{reference(t, target.AllFeatures()), &alone}
	one, err := Run(t.Context(), plan)
	require.NoError(t, err)

	begun, ended := 0, 0
	plan.More = []shim.Device{worked{reference(t, target.AllFeatures()), &second}}
	plan.Begin = func(*cases.Case, int, int) { begun++ }
	plan.End = func(report.Result) { ended++ }
	two, err := Run(t.Context(), plan)
	require.NoError(t, err)
	require.Positive(t, second.Load(), "the second lock does nothing")
	require.Equal(t, begunBy(one), begun)
	require.Len(t, two.Results, ended)
	require.Len(t, two.Results, len(one.Results))
	for i, x := range one.Results {
		y := two.Results[i]
		require.Equal(t, []any{x.Case, x.Seed, x.Verdict, x.Message}, []any{y.Case, y.Seed, y.Verdict, y.Message})
	}
}

// begunBy counts the cases that the filter took.
func begunBy(r *report.Report) int { return len(r.Results) - r.Counts()[report.Skip] }

// gone is a lock whose rig fails.
type gone struct{ shim.Device }

func (g gone) Do(context.Context, shim.Request) (any, error) {
	return nil, &shim.Fault{Kind: shim.Failed, Detail: "the port is gone"}
}

// TestSharedRigEndsTheRun: what fails at one lock's rig ends the run of both.
func TestSharedRigEndsTheRun(t *testing.T) {
	plan := Plan{
		Device: reference(t, target.AllFeatures()), More: []shim.Device{gone{reference(t, target.AllFeatures())}},
		Profile: full(), Filter: some(20),
	}
	r, err := Run(t.Context(), plan)
	require.NoError(t, err)
	require.Contains(t, r.Rig, "the port is gone")
	require.Equal(t, 3, r.Status())
	last := ""
	for _, x := range r.Results {
		if x.Verdict != report.Skip && x.Verdict != report.NotApplicable {
			last = string(x.Verdict)
		}
	}
	require.Equal(t, "INCONC", last, "the last cases of all were carried out")
}

// TestSharedByStrangers: the devices of one run are alike, and can be made so.
func TestSharedByStrangers(t *testing.T) {
	_, err := Run(t.Context(), Plan{Device: reference(t, target.AllFeatures()), More: []shim.Device{reference(t, target.Features{})}, Profile: full()})
	require.ErrorContains(t, err, "differ in what they say of themselves")
	bare := unprovided{reference(t, target.AllFeatures())}
	_, err = Run(t.Context(), Plan{Device: bare, More: []shim.Device{bare}, Profile: full()})
	require.ErrorContains(t, err, "only where they can be provisioned alike")
}

// unprovided is a lock with the link alone.
type unprovided struct{ shim.Device }

func (u unprovided) Hello() shim.Hello {
	h := u.Device.Hello()
	h.Verbs = []shim.Verb{shim.VerbPower, shim.VerbTransceive}
	return h
}
