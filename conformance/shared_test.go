package conformance

import (
	"context"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/target"
)

// watched is a device that tells of every request before it carries it out.
type watched struct {
	shim.Device
	before func(shim.Request)
}

func (w watched) Do(ctx context.Context, r shim.Request) (any, error) {
	w.before(r)
	return w.Device.Do(ctx, r)
}

// TestCasesShareNothing has each case that sets its lock up in a way of its own
// under way at two locks at the same time: what the set-up left for one of them
// must not get to the other.
func TestCasesShareNothing(t *testing.T) {
	owned := reflect.ValueOf(cases.Owned).Pointer()
	for _, c := range Cases(shim.RoleLock) {
		if c.Act == nil || c.Setup == nil || c.When != "" && !c.When.Applies(full().Term) || reflect.ValueOf(c.Setup).Pointer() == owned {
			continue
		}
		begun, under := false, false
		second := watched{reference(t, target.AllFeatures()), func(shim.Request) {
			require.True(t, under, "%s: it goes to the lock of another run", c.ID)
		}}
		first := watched{reference(t, target.AllFeatures()), func(r shim.Request) {
			if _, looks := r.(shim.Bolt); looks && !begun { // its set-up is over
				begun, under = true, true
				require.Equal(t, report.Pass, verdict(t, second, c).Verdict, c.ID)
				under = false
			}
		}}
		got := verdict(t, first, c)
		require.Equal(t, report.Pass, got.Verdict, "%s: %s", c.ID, got.Message)
		require.True(t, begun, c.ID)
	}
}
