package lock_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/lock"
)

// counted returns the neighbour's phone with a grant that counts.
func counted(t testing.TB, w *worldtest.World, count, starts uint8) *holder.Phone {
	t.Helper()
	return guest(t, w, func(c *credential.GrantClaims) { c.Scope[0].Uses = credential.Uses{Count: count, Starts: starts} })
}

// cutOff taps to open and loses the field once the bolt has been driven, before
// the lock can write that the use is over.
func cutOff(t testing.TB, w *worldtest.World, p *holder.Phone) {
	t.Helper()
	bolt, before := w.Config.Actuator, w.Bolt.Driven
	w.Config.Actuator = witness{w.Bolt, func() { w.Flash.CutPower(0, bytesDone(0)) }}
	w.PowerUp(t)
	r, err := p.Open(t.Context(), darkness{w.Link(), w.Flash}, credential.OperationOpen)
	require.Error(t, err)
	require.Equal(t, credential.OutcomeUnconfirmed, r.Outcome)
	require.True(t, w.Flash.Restore())
	require.Equal(t, before+1, w.Bolt.Driven)
	w.Config.Actuator = bolt
}

func TestCountedGrantOpensSoOften(t *testing.T) {
	for _, count := range []uint8{1, 2, 5} {
		for starts := uint8(1); starts <= 3; starts++ {
			w := worldtest.New(t)
			p := counted(t, w, count, starts)
			for range count {
				requireOpens(t, w, p)
			}
			for range 2 {
				requireShut(t, w, p, credential.ReasonUsesSpent)
			}
			r, err := tap(t, w, p, credential.OperationStatus)
			require.NoError(t, err)
			require.Equal(t, credential.OutcomeDone, r.Outcome, "the state uses nothing up")
			require.Len(t, w.Openings(), int(count))
		}
	}
}

// TestUseThatWasCutOffStartsAgain loses the field after the bolt moved: the same
// use can be started again, so often as the grant says and no more.
func TestUseThatWasCutOffStartsAgain(t *testing.T) {
	for starts := uint8(1); starts <= 3; starts++ {
		for count := uint8(1); count <= 2; count++ {
			w := worldtest.New(t)
			p := counted(t, w, count, starts)
			for range count * starts {
				cutOff(t, w, p)
			}
			requireShut(t, w, p, credential.ReasonUsesSpent)
			require.Equal(t, int(count)*int(starts), w.Bolt.Driven)
			require.Len(t, w.Openings(), w.Bolt.Driven, "each of them stands in the log")
		}
	}
}

// TestUseIsConfirmedOnce cuts the field off until the last start of a use.
func TestUseIsConfirmedOnce(t *testing.T) {
	for cuts := range 3 {
		w := worldtest.New(t)
		p := counted(t, w, 2, 3)
		for range cuts {
			cutOff(t, w, p)
		}
		requireOpens(t, w, p)
		requireOpens(t, w, p)
		requireShut(t, w, p, credential.ReasonUsesSpent)
	}
}

func TestWhatConfirmsAUse(t *testing.T) {
	for _, c := range []struct {
		motion  lock.Motion
		outcome credential.Outcome
		again   int // openings that the use is good for after that
	}{
		{lock.Moved, credential.OutcomeOpened, 0},
		{lock.Unseen, credential.OutcomeUnconfirmed, 0},
		{lock.Stuck, credential.OutcomeFailed, 1},
	} {
		w := worldtest.New(t)
		p := counted(t, w, 1, 2)
		w.Bolt.Motion = c.motion
		r, err := tap(t, w, p, credential.OperationOpen)
		require.NoError(t, err)
		require.Equal(t, c.outcome, r.Outcome)
		w.Bolt.Motion = lock.Moved
		for range c.again {
			requireOpens(t, w, p)
		}
		requireShut(t, w, p, credential.ReasonUsesSpent)
	}
}

// TestBoltThatSticksUsesUpStarts has the bolt stick at every start.
func TestBoltThatSticksUsesUpStarts(t *testing.T) {
	w := worldtest.New(t)
	p := counted(t, w, 1, 3)
	w.Bolt.Motion = lock.Stuck
	for range 3 {
		r, err := tap(t, w, p, credential.OperationOpen)
		require.NoError(t, err)
		require.Equal(t, credential.ReasonDrive, r.Reason)
	}
	requireShut(t, w, p, credential.ReasonUsesSpent)
}

// TestConfirmationThatCannotBeWritten keeps the outcome, and lets the use start
// once more.
func TestConfirmationThatCannotBeWritten(t *testing.T) {
	w := worldtest.New(t)
	p := counted(t, w, 1, 2)
	bolt := w.Config.Actuator
	w.Config.Actuator = witness{w.Bolt, func() { w.Flash.Fail = func() error { return errors.New("worn out") } }}
	requireOpens(t, w, p)
	w.Flash.Fail, w.Config.Actuator = nil, bolt
	requireOpens(t, w, p)
	requireShut(t, w, p, credential.ReasonUsesSpent)
}

// TestPendingUsesNothingUp lets the lock gather energy in between.
func TestPendingUsesNothingUp(t *testing.T) {
	w := worldtest.New(t)
	p := counted(t, w, 1, 1)
	w.Bolt.Charges = []int{10, 60}
	p.Wait = noWait
	requireOpens(t, w, p)
	w.Bolt.Charges = []int{10}
	requireShut(t, w, p, credential.ReasonUsesSpent)
	require.Len(t, w.Bolt.Charges, 1, "it is refused before anybody waits")
}

// TestResumedTapsCount counts the same by a slot.
func TestResumedTapsCount(t *testing.T) {
	w := worldtest.New(t)
	p := resuming(counted(t, w, 3, 1))
	requireOpens(t, w, p)
	for range 2 {
		require.Equal(t, 2, requireOpens(t, w, p).Cost.Pairs)
	}
	require.Equal(t, 2, requireShut(t, w, p, credential.ReasonUsesSpent).Cost.Pairs)
}

// TestEveryCountedEntryHasItsOwnAccount counts two doors of one grant apart.
func TestEveryCountedEntryHasItsOwnAccount(t *testing.T) {
	w := worldtest.New(t)
	p := guest(t, w, func(c *credential.GrantClaims) {
		c.Scope[0].Uses = credential.Uses{Count: 1, Starts: 1}
		c.Scope = append(c.Scope, c.Scope[0])
		c.Scope[1].Actions = credential.ActionCollect
	})
	requireOpens(t, w, p)
	r, err := tap(t, w, p, credential.OperationCollect)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome)
	requireShut(t, w, p, credential.ReasonUsesSpent)
}

// TestEveryCountedLinkCounts lets a neighbour with three uses give one to each of
// her children.
func TestEveryCountedLinkCounts(t *testing.T) {
	w := worldtest.New(t)
	neighbour := guest(t, w, func(c *credential.GrantClaims) {
		c.Scope[0].Delegation, c.Scope[0].Uses = 1, credential.Uses{Count: 3, Starts: 2}
	})
	once := func(c *credential.GrantClaims) { c.Scope[0].Uses = credential.Uses{Count: 1, Starts: 2} }
	older, younger := passed(t, w, neighbour, "older", once), passed(t, w, neighbour, "younger", once)
	requireOpens(t, w, older)
	requireShut(t, w, older, credential.ReasonUsesSpent)
	requireOpens(t, w, neighbour)
	cutOff(t, w, younger)
	requireOpens(t, w, younger)
	requireShut(t, w, younger, credential.ReasonUsesSpent)
	requireShut(t, w, neighbour, credential.ReasonUsesSpent)
	requireShut(t, w, passed(t, w, neighbour, "third", once), credential.ReasonUsesSpent)
}

// TestChainThatIsSpentBelowLeavesTheRootAlone refuses a link without a start of
// its parent's.
func TestChainThatIsSpentBelowLeavesTheRootAlone(t *testing.T) {
	w := worldtest.New(t)
	neighbour := guest(t, w, func(c *credential.GrantClaims) {
		c.Scope[0].Delegation, c.Scope[0].Uses = 1, credential.Uses{Count: 2, Starts: 1}
	})
	child := passed(t, w, neighbour, "child", func(c *credential.GrantClaims) { c.Scope[0].Uses = credential.Uses{Count: 1, Starts: 1} })
	requireOpens(t, w, child)
	for range 5 {
		requireShut(t, w, child, credential.ReasonUsesSpent)
	}
	requireOpens(t, w, neighbour)
	requireShut(t, w, neighbour, credential.ReasonUsesSpent)
}

// crowd fills the lock's table: the n-th guest's grant ends when ends says.
func crowd(t testing.TB, w *worldtest.World, ends func(n int) credential.Time) (all []*holder.Phone) {
	t.Helper()
	for n := range wire.LimitUseRecords {
		p := guest(t, w, func(c *credential.GrantClaims) {
			c.Expires, c.Scope[0].Uses = ends(n)+credential.Time(n), credential.Uses{Count: 1, Starts: 1}
		})
		requireOpens(t, w, p)
		all = append(all, p)
	}
	return all
}

// later has the lock learn that it is so late.
func later(t testing.TB, w *worldtest.World, at credential.Time) {
	t.Helper()
	r := w.Hand(t, w.StatedTime(t, at))
	require.Equal(t, credential.ReasonNone, r.Documents[0].Reason)
	require.Equal(t, at, w.Lock.Floor())
}

// reset has the owner set the floor back.
func reset(t testing.TB, w *worldtest.World, version uint32, to credential.Time) {
	t.Helper()
	w.Hand(t, w.Policy(t, func(c *credential.PolicyClaims) { c.Version, c.IssuedAt, c.Reset = version, to, true }))
	require.Equal(t, to, w.Lock.Floor())
}

func TestFullTableSaysSo(t *testing.T) {
	const day = worldtest.Day
	w := worldtest.New(t)
	early := func(n int) credential.Time { // the tenth alone ends soon
		if n == 9 {
			return w.Now + day
		}
		return w.Now + 20*day
	}
	all := crowd(t, w, early)
	p := counted(t, w, 1, 1)
	requireShut(t, w, p, credential.ReasonTableFull)
	requireShut(t, w, all[9], credential.ReasonUsesSpent)
	requireOpens(t, w, w.NeighbourPhone(t))
	requireOpens(t, w, w.OwnerPhone(t))

	later(t, w, w.Now+day-1)
	requireShut(t, w, p, credential.ReasonTableFull)
	later(t, w, w.Now+day+601)
	requireOpens(t, w, p)
	requireShut(t, w, p, credential.ReasonUsesSpent)
	requireShut(t, w, all[9], credential.ReasonExpired)
	requireShut(t, w, all[8], credential.ReasonUsesSpent)
}

// TestRecordThatGaveWayBringsNoUseBack sets the floor back when the record of a
// grant is gone.
func TestRecordThatGaveWayBringsNoUseBack(t *testing.T) {
	const day = worldtest.Day
	w := worldtest.New(t)
	all := crowd(t, w, func(n int) credential.Time {
		if n < 2 {
			return w.Now + 2*day
		}
		return w.Now + 20*day
	})
	later(t, w, w.Now+3*day)
	requireOpens(t, w, counted(t, w, 1, 1))
	reset(t, w, 2, w.Now)
	requireShut(t, w, all[0], credential.ReasonUsesSpent)
	unused := guest(t, w, func(c *credential.GrantClaims) {
		c.Expires, c.Scope[0].Uses = w.Now+day, credential.Uses{Count: 1, Starts: 1}
	})
	requireShut(t, w, unused, credential.ReasonUsesSpent)
	requireShut(t, w, all[1], credential.ReasonUsesSpent)
	requireShut(t, w, counted(t, w, 2, 1), credential.ReasonTableFull)
}

// TestTwoRecordsThatGiveWayAtOnce has a chain of two counted links take the
// places of two grants that ended, the later one first.
func TestTwoRecordsThatGiveWayAtOnce(t *testing.T) {
	const day = worldtest.Day
	w := worldtest.New(t)
	all := crowd(t, w, func(n int) credential.Time {
		switch n {
		case 0:
			return w.Now + 2*day
		case 1:
			return w.Now + day
		}
		return w.Now + 20*day
	})
	later(t, w, w.Now+3*day)
	neighbour := guest(t, w, func(c *credential.GrantClaims) {
		c.Scope[0].Delegation, c.Scope[0].Uses = 1, credential.Uses{Count: 3, Starts: 1}
	})
	requireOpens(t, w, passed(t, w, neighbour, "child", func(c *credential.GrantClaims) {
		c.Expires, c.Scope[0].Uses = w.Now+10*day, credential.Uses{Count: 1, Starts: 1}
	}))
	reset(t, w, 2, w.Now)
	requireShut(t, w, all[0], credential.ReasonUsesSpent)
	requireShut(t, w, all[1], credential.ReasonUsesSpent)
}

// TestEmptyPlaceIsTakenFirst keeps the record of a grant that ended as long as
// there is room, so that no other grant has to suffer for it after a reset.
func TestEmptyPlaceIsTakenFirst(t *testing.T) {
	const day = worldtest.Day
	w := worldtest.New(t)
	brief := func(ends credential.Time) *holder.Phone {
		return guest(t, w, func(c *credential.GrantClaims) {
			c.Expires, c.Scope[0].Uses = ends, credential.Uses{Count: 1, Starts: 1}
		})
	}
	first, unused := brief(w.Now+2*day), brief(w.Now+day)
	requireOpens(t, w, first)
	later(t, w, w.Now+3*day)
	requireOpens(t, w, counted(t, w, 1, 1))
	reset(t, w, 2, w.Now)
	requireShut(t, w, first, credential.ReasonUsesSpent)
	requireOpens(t, w, unused)
}

// TestRecordOfALinkEndsWithItsParent lets a link say that it lasts longer: its
// right does not, and so its record gives way.
func TestRecordOfALinkEndsWithItsParent(t *testing.T) {
	const day = worldtest.Day
	w := worldtest.New(t)
	brief := guest(t, w, func(c *credential.GrantClaims) { c.Expires, c.Scope[0].Delegation = w.Now+day, 1 })
	child := hung(t, w, brief, "neighbour", "child", func(c *credential.GrantClaims) {
		c.Expires, c.Scope[0].Uses = w.Now+30*day, credential.Uses{Count: 1, Starts: 1}
	})
	requireOpens(t, w, child)
	for n := range wire.LimitUseRecords - 1 {
		requireOpens(t, w, guest(t, w, func(c *credential.GrantClaims) {
			c.Expires, c.Scope[0].Uses = w.Now+20*day+credential.Time(n), credential.Uses{Count: 1, Starts: 1}
		}))
	}
	p := counted(t, w, 1, 1)
	requireShut(t, w, p, credential.ReasonTableFull)
	later(t, w, w.Now+day)
	requireOpens(t, w, p)
}

// TestTransferEndsTheAccountOfOwnersGrants keeps that of operators' grants.
func TestTransferEndsTheAccountOfOwnersGrants(t *testing.T) {
	w := worldtest.New(t)
	once := func(c *credential.GrantClaims) { c.Scope[0].Uses = credential.Uses{Count: 1, Starts: 1} }
	neighbour, post := guest(t, w, once), postman(t, w, once)
	requireOpens(t, w, neighbour)
	_, err := tap(t, w, post, credential.OperationDeliver)
	require.NoError(t, err)

	w.Transfer(t, "new owner", 2)
	_, err = tap(t, w, neighbour, credential.OperationOpen)
	require.Error(t, err)
	r, err := tap(t, w, post, credential.OperationDeliver)
	require.NoError(t, err)
	require.Equal(t, credential.ReasonUsesSpent, r.Reason)
}
