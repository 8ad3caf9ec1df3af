package cases

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/target"
	"github.com/postern-lock/postern/conformance/world"
)

// TestWatchdog leaves a case that does not end.
func TestWatchdog(t *testing.T) {
	was := watchdog
	t.Cleanup(func() { watchdog = was })
	watchdog = 10 * time.Millisecond
	w, err := world.New(1)
	require.NoError(t, err)
	end := make(chan bool)
	defer close(end)
	c := Case{ID: "LOCK-TOY-001", Role: shim.RoleLock, Budget: 200 * time.Millisecond, Run: func(*T) { <-end }}
	x := c.Do(t.Context(), Rig{Device: target.NewLock(target.AllFeatures(), w.Rand("")), World: w})
	require.Equal(t, report.Error, x.Verdict)
	require.Equal(t, Stuck, x.Message)
}

// TestBudget ends a case that goes on asking.
func TestBudget(t *testing.T) {
	w, err := world.New(1)
	require.NoError(t, err)
	c := Case{ID: "LOCK-TOY-001", Role: shim.RoleLock, Budget: 20 * time.Millisecond, Run: func(t *T) {
		for {
			t.Lock.Cycle()
		}
	}}
	x := c.Do(t.Context(), Rig{Device: target.NewLock(target.AllFeatures(), w.Rand("")), World: w})
	require.Equal(t, report.Inconclusive, x.Verdict)
	require.Equal(t, "the case took longer than its budget of 20ms", x.Message)
}
