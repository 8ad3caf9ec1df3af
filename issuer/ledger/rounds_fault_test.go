package ledger_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer/ledger"
)

func TestIssueByAClockThatJumpsBack(t *testing.T) {
	d := newDesk()
	d.issue(t, d.day(2))
	d.clock.Add(^uint32(ledger.ClockTolerance)) // one second more than is allowed
	records, _, err := collect(d.Issue(t.Context(), d.day(3)))
	require.ErrorIs(t, err, ledger.ErrClock)
	require.Empty(t, records)
	require.Len(t, all(t, d.store()), 2)
	d.pass(1)
	require.Len(t, d.issue(t, d.day(3)), 3)
	d.clock.Store(0)
	_, _, err = collect(d.Issue(t.Context(), d.day(4)))
	require.ErrorIs(t, err, ledger.ErrClock, "a clock that tells no time")
}

func TestIssueWhenTheStoreGoesAway(t *testing.T) {
	d := newDesk()
	gone := errors.New("connection refused")
	s := &hooked{Store: d.store()}
	for name, breakIt := range map[string]func(){
		"before": func() { s.find = func(context.Context) error { return gone } },
		"in the middle": func() {
			s.commit = func(context.Context, []ledger.Record) error { return gone }
		},
		"after the commit": func() {
			inner := d.store()
			s.commit = func(ctx context.Context, records []ledger.Record) error {
				if _, err := inner.Commit(ctx, d.now(), records); err != nil {
					return err
				}
				return gone
			}
		},
	} {
		*s = hooked{Store: s.Store}
		breakIt()
		rounds := *d.Rounds
		rounds.Store = s
		records, _, err := collect(rounds.Issue(t.Context(), d.day(3)))
		require.ErrorIs(t, err, gone, name)
		require.Empty(t, records, name)
	}
	require.Len(t, d.issue(t, d.day(3)), 3)
	require.Len(t, all(t, d.store()), 3)
}

func TestIssueWithAKeyThatFails(t *testing.T) {
	d := newDesk()
	d.Batch = 2
	dead, n := errors.New("device removed"), 0
	d.Workers = 1
	d.keep(t, func() error {
		if n++; n > 5 {
			return dead
		}
		return nil
	})
	records, refused, err := collect(d.Issue(t.Context(), d.day(10)))
	require.ErrorIs(t, err, dead)
	require.Empty(t, refused)
	require.Len(t, records, 4, "two batches")
}

func TestIssueBreaksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk()
		d.Batch, d.Workers = 2, 3
		read := 0
		list := func(yield func(ledger.Duty, error) bool) {
			for i := 0; ; i++ {
				if read++; !yield(d.round(i), nil) {
					return
				}
			}
		}
		for _, err := range d.Issue(t.Context(), list) {
			require.NoError(t, err)
			break
		}
		require.LessOrEqual(t, read, 2*(3+2), "no more is read than is under way")

		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		records, _, err := collect(d.Issue(ctx, func(yield func(ledger.Duty, error) bool) {
			for d, err := range list {
				if n++; n == 50 {
					cancel()
				}
				if !yield(d, err) {
					return
				}
			}
		}))
		require.ErrorIs(t, err, context.Canceled)
		require.Less(t, len(records), 50)
	}) // and no goroutine is left
}

// TestIssueLeavesNothingUnderWay holds that no call of the store goes on when a caller
// has broken off, so that he can close it.
func TestIssueLeavesNothingUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk()
		d.Batch, d.Workers = 2, 4
		var calls, under atomic.Int32
		s := &hooked{Store: d.store(), commit: func(ctx context.Context, _ []ledger.Record) error {
			if calls.Add(1) == 1 {
				return nil
			}
			under.Add(1)
			defer under.Add(-1)
			<-ctx.Done()
			time.Sleep(time.Second / 2) // it takes the connection down
			return ctx.Err()
		}}
		d.use(s)
		for _, err := range d.Issue(t.Context(), d.day(100)) {
			require.NoError(t, err)
			synctest.Wait()
			require.NotZero(t, under.Load())
			break
		}
		require.Zero(t, under.Load())
	})
}

func TestIssueSignsNoMoreWhenItIsCancelled(t *testing.T) {
	d := newDesk()
	d.Batch, d.Workers = 500, 1
	ctx, cancel := context.WithCancel(t.Context())
	signed := 0
	d.keep(t, func() error {
		if signed++; signed == 10 {
			cancel()
		}
		return nil
	})
	_, _, err := collect(d.Issue(ctx, d.day(500)))
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 10, signed)
}

// TestIssueOfWhatAnotherWithdrew has another issuer commit the same grant and withdraw it
// between this one's look and its commit.
func TestIssueOfWhatAnotherWithdrew(t *testing.T) {
	d := newDesk()
	inner := d.store()
	d.use(&hooked{Store: inner, commit: func(ctx context.Context, records []ledger.Record) error {
		if _, err := inner.Commit(ctx, d.now(), records); err != nil {
			return err
		}
		return inner.Withdraw(ctx, d.now(), []credential.Tag{records[0].Tag})
	}})
	records, refused, err := collect(d.Issue(t.Context(), d.day(2)))
	require.NoError(t, err)
	require.Len(t, records, 1)
	require.Len(t, refused, 1)
	require.Equal(t, id(0), refused[0].Duty)
	require.ErrorIs(t, refused[0], ledger.ErrSuperseded)
}

// TestIssueOfWhatAnotherHasForAnotherParcel has another issuer commit the same grant for
// another parcel between this one's look and its commit: the parcel is not in the grant,
// so only the ledger tells them apart.
func TestIssueOfWhatAnotherHasForAnotherParcel(t *testing.T) {
	d := newDesk()
	inner := d.store()
	d.use(&hooked{Store: inner, commit: func(ctx context.Context, records []ledger.Record) error {
		other := records[0]
		other.Reference[0]++
		_, err := inner.Commit(ctx, d.now(), []ledger.Record{other})
		return err
	}})
	_, err := d.Parcel(t.Context(), d.parcel(1))
	require.ErrorIs(t, err, ledger.ErrConflict)
}

// working returns how many workers of Issue are under way in the whole program: a
// count of goroutines has those that just ended in it, for a moment.
func working() int {
	stacks := make([]byte, 1<<20)
	return strings.Count(string(stacks[:runtime.Stack(stacks, true)]), "ledger.(*worker).work(")
}

// TestIssueWithAKeyThatHangs holds that Issue ends, that it says who is silent, that
// nothing is lost, and that no more goroutines hang than there are workers.
func TestIssueWithAKeyThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk()
		d.Batch, d.Workers, d.Rounds.Patience = 4, 2, time.Minute
		answer := d.hang(t, 10)
		start := time.Now()
		records, refused, err := collect(d.Issue(t.Context(), d.day(100)))
		require.ErrorIs(t, err, ledger.ErrSilent)
		require.ErrorContains(t, err, "of the key for 1m0s")
		require.GreaterOrEqual(t, time.Since(start), time.Minute)
		require.LessOrEqual(t, time.Since(start), 2*time.Minute)
		require.Empty(t, refused)
		require.LessOrEqual(t, len(records), 10)
		synctest.Wait()
		require.LessOrEqual(t, working(), 2)
		require.NotZero(t, working())

		answer() // the module does at last; nobody waits for it
		synctest.Wait()
		require.Zero(t, working())
		require.Len(t, all(t, d.store()), len(records), "what came too late is not committed")
		again := d.issue(t, d.day(100))
		require.Len(t, again, 100)
		require.Len(t, all(t, d.store()), 100)
	})
}

func TestIssueWithAStoreThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk()
		s := &hooked{Store: d.store(), commit: func(ctx context.Context, _ []ledger.Record) error {
			<-ctx.Done()
			return ctx.Err()
		}}
		d.use(s)
		_, _, err := collect(d.Issue(t.Context(), d.day(3)))
		require.ErrorIs(t, err, ledger.ErrSilent)
		require.ErrorContains(t, err, "of the store for 30s")
	})
}

// TestIssueWithASlowKey holds that a key that signs seldom is not taken for a silent
// one, though a batch takes longer than Patience.
func TestIssueWithASlowKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk()
		d.Rounds.Patience, d.Workers = 10*time.Second, 1
		d.keep(t, func() error { time.Sleep(6 * time.Second); return nil })
		require.Len(t, d.issue(t, d.day(12)), 12)
	})
}

// TestIssueWaitsForTheCallerForever holds that a slow reader of records is not a silent
// store.
func TestIssueWaitsForTheCallerForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk()
		d.Batch = 1
		n := 0
		for _, err := range d.Issue(t.Context(), d.day(20)) {
			require.NoError(t, err)
			time.Sleep(time.Hour)
			n++
		}
		require.Equal(t, 20, n)
	})
}
