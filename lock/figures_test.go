package lock_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/lock"
)

// busy returns a lock of which much was asked: 8 holders resume, 32 grants are
// counted, 16 are denied, and the log is full.
func busy(t testing.TB) *worldtest.World {
	t.Helper()
	w := worldtest.New(t)
	var denied []credential.Tag
	for n := range wire.LimitDenied {
		denied = append(denied, credential.Tag{byte(n + 1), 2, 3, 4, 5, 6, 7, 8})
	}
	w.Hand(t, w.Policy(t, func(c *credential.PolicyClaims) { c.Version, c.Denied = 2, denied }))
	_, err := tap(t, w, w.PostmanPhone(t), credential.OperationDeliver)
	require.NoError(t, err)
	for n := range wire.LimitUseRecords {
		p := guest(t, w, func(c *credential.GrantClaims) {
			c.Expires += credential.Time(n)
			c.Scope[0].Uses = credential.Uses{Count: 5, Starts: 3}
		})
		if n >= wire.LimitUseRecords-wire.LimitSlots {
			resuming(p)
		}
		requireOpens(t, w, p)
	}
	flood(t, w, w.OwnerPhone(t), wire.LimitLogEntries)
	return w
}

// TestWhatABusyLockKeeps holds the values of its cells to 8 KiB.
func TestWhatABusyLockKeeps(t *testing.T) {
	w := busy(t)
	w.PowerUp(t)
	bytes, cells := w.Lock.Kept()
	// Owner, policy, one certificate, log, verified grants, slots and their
	// secrets, use records.
	require.Equal(t, 1+1+1+wire.LimitLogEntries+8+2*wire.LimitSlots+wire.LimitUseRecords, cells)
	t.Logf("%d bytes in %d cells", bytes, cells)
	require.LessOrEqual(t, bytes, 8<<10)
}

// TestStartReadsEveryPageOnce, whatever is in them, and writes nothing.
func TestStartReadsEveryPageOnce(t *testing.T) {
	for name, w := range map[string]*worldtest.World{"new": worldtest.New(t), "busy": busy(t)} {
		pages := &reads{Flash: w.Flash, of: make([]int, w.Flash.Pages())}
		w.Config.Flash = pages
		written, erased := w.Flash.Programmed, w.Flash.Erases
		w.PowerUp(t)
		require.Equal(t, slices.Repeat([]int{1}, w.Flash.Pages()), pages.of, name)
		require.Equal(t, written, w.Flash.Programmed, name)
		require.Equal(t, erased, w.Flash.Erases, name)
	}
}

// reads counts the reads of every page.
type reads struct {
	lock.Flash
	of []int
}

func (r *reads) Read(page int, p []byte) error {
	r.of[page]++
	return r.Flash.Read(page, p)
}

// TestBusyLockStillDoesEverything taps with everybody once more.
func TestBusyLockStillDoesEverything(t *testing.T) {
	w := busy(t)
	for n := range 20 {
		requireOpens(t, w, w.OwnerPhone(t))
		requireOpens(t, w, w.NeighbourPhone(t))
		r := w.Hand(t, w.Policy(t, func(c *credential.PolicyClaims) { c.Version = uint32(n + 3) }))
		require.Equal(t, credential.ReasonNone, r.Documents[0].Reason, fmt.Sprint(n))
	}
	w.Transfer(t, "new owner", 90)
	requireOpens(t, w, w.Phone(t, "new owner", nil))
}
