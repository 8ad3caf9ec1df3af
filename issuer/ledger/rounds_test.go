package ledger_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer/issuertest"
	"github.com/postern-lock/postern/issuer/ledger"
)

func TestIssueSignsEveryDuty(t *testing.T) {
	d := newDesk()
	d.Batch = 7
	var last ledger.Progress
	d.Progress = func(p ledger.Progress) {
		require.GreaterOrEqual(t, p.Issued, last.Issued)
		last = p
	}
	records := d.issue(t, d.day(100))
	require.Len(t, records, 100)
	require.Equal(t, ledger.Progress{Issued: 100}, last)
	v := credential.Verifier{Roots: d.Roots()}
	for _, r := range records {
		u, err := credential.ParseGrant(r.Grant)
		require.NoError(t, err)
		g, err := v.OperatorGrant(u, d.Post.Authority())
		require.NoError(t, err)
		require.Equal(t, g.Tag(), r.Tag)
		require.Equal(t, g.Signer(), r.Signer)
		require.Equal(t, credential.KeyIDOf(g.Holder()), r.Holder)
		require.Equal(t, []credential.Time{d.now(), d.World.Now + 12*hour}, []credential.Time{r.IssuedAt, r.Expires})
		require.Equal(t, g.Expires(), r.Expires)
		back, err := ledger.DutyOf(r)
		require.NoError(t, err)
		require.Equal(t, r.Duty, back.ID)
	}
	slices.SortFunc(records, func(a, b ledger.Record) int { return int(a.Serial) - int(b.Serial) })
	require.Equal(t, records, all(t, d.store()), "what is handed out is committed")
}

func TestIssueAgainHandsOutTheSame(t *testing.T) {
	d := newDesk()
	d.Workers = 1
	first := d.issue(t, d.day(10))
	d.pass(hour)
	var last ledger.Progress
	d.Progress = func(p ledger.Progress) { last = p }
	again := d.issue(t, d.day(12))
	require.Equal(t, first, again[:10])
	require.Equal(t, ledger.Progress{Issued: 2, Known: 10}, last)
}

func TestIssueAfterACrash(t *testing.T) {
	d := newDesk()
	d.Batch, d.Workers = 5, 2
	handed := map[ledger.DutyID]credential.Tag{}
	for crash := 0; len(handed) < 60; crash++ {
		require.Less(t, crash, 100)
		n := 0
		for r, err := range d.Issue(t.Context(), d.day(60)) {
			require.NoError(t, err)
			if had, ok := handed[r.Duty]; ok {
				require.Equal(t, had, r.Tag)
			}
			handed[r.Duty] = r.Tag
			if n++; n > 7*crash {
				break // the program dies here
			}
		}
		d.pass(1)
	}
	records := all(t, d.store())
	require.Len(t, records, 60)
	for _, r := range records {
		require.Equal(t, handed[r.Duty], r.Tag)
	}
}

func TestIssueByTwoAtOnce(t *testing.T) {
	d := newDesk()
	d.Batch, d.Workers = 3, 4
	tags := make([]map[ledger.DutyID]credential.Tag, 3)
	errs := make([]error, len(tags))
	var wg sync.WaitGroup
	for i := range tags {
		tags[i] = map[ledger.DutyID]credential.Tag{}
		rounds := *d.Rounds
		rounds.Now = func() credential.Time { return d.now() + credential.Time(i) } // other content, another tag
		wg.Go(func() {
			for r, err := range rounds.Issue(t.Context(), d.day(50)) {
				errs[i] = errors.Join(errs[i], err)
				tags[i][r.Duty] = r.Tag
			}
		})
	}
	wg.Wait()
	require.NoError(t, errors.Join(errs...))
	require.Len(t, tags[0], 50)
	require.Equal(t, tags[0], tags[1])
	require.Equal(t, tags[0], tags[2])
	require.Len(t, all(t, d.store()), 50)
}

// TestIssueTellsOfEachDuty holds that a bad duty among good ones is told with its
// id and its reason, and that the others get their grants.
func TestIssueTellsOfEachDuty(t *testing.T) {
	for name, c := range map[string]struct {
		alter func(*ledger.Duty)
		want  error
	}{
		"no id":                  {func(d *ledger.Duty) { d.ID = ledger.DutyID{} }, ledger.ErrInvalid},
		"no holder":              {func(d *ledger.Duty) { d.Holder = credential.PublicKey{} }, credential.ReasonAlgorithm},
		"no scope":               {func(d *ledger.Duty) { d.Scope = nil }, credential.ReasonLimit},
		"an empty scope":         {func(d *ledger.Duty) { d.Scope = []credential.Entry{} }, credential.ReasonLimit},
		"an empty entry":         {func(d *ledger.Duty) { d.Scope = []credential.Entry{{}} }, credential.ReasonMalformed},
		"no target":              {func(d *ledger.Duty) { d.Scope[0].Target = credential.Target{} }, credential.ReasonTarget},
		"an empty area":          {func(d *ledger.Duty) { d.Scope[0].Target = credential.AreaTarget(nil) }, ledger.ErrInvalid},
		"a city":                 {func(d *ledger.Duty) { d.Scope[0].Target = credential.AreaTarget([]byte("FR75011")) }, ledger.ErrInvalid},
		"an area too long":       {func(d *ledger.Duty) { d.Scope[0].Target = credential.AreaTarget(make([]byte, 17)) }, credential.ReasonLimit},
		"an empty schedule":      {func(d *ledger.Duty) { d.Scope[0].Schedule = credential.Schedule{} }, credential.ReasonLimit},
		"too many entries":       {func(d *ledger.Duty) { d.Scope = slices.Repeat(d.Scope, 5) }, credential.ReasonLimit},
		"no end":                 {func(d *ledger.Duty) { d.Expires = 0 }, credential.ReasonMalformed},
		"an end in the past":     {func(d *ledger.Duty) { d.Expires -= 20 * hour }, credential.ReasonMalformed},
		"too long":               {func(d *ledger.Duty) { d.Expires += 90 * hour }, credential.ReasonGrantTooLong},
		"a service of another's": {func(d *ledger.Duty) { d.Scope[0].Service = credential.ServiceWater }, credential.ReasonService},
		"the grant of another": {func(d *ledger.Duty) {
			d.Scope = slices.Clone(d.Scope)
			d.Scope[0].Target = credential.AreaTarget([]byte("FR75000001"))
		}, ledger.ErrConflict},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk()
			d.Workers = 1
			list := []ledger.Duty{d.round(1, "postman"), d.round(2, "postman"), d.round(3, "postman")}
			c.alter(&list[1])
			var last ledger.Progress
			d.Progress = func(p ledger.Progress) { last = p }
			records, refused, err := collect(d.Issue(t.Context(), duties(list...)))
			require.NoError(t, err)
			require.Len(t, records, 2)
			require.Len(t, refused, 1)
			require.Equal(t, list[1].ID, refused[0].Duty)
			require.ErrorIs(t, refused[0], c.want)
			require.ErrorContains(t, refused[0], list[1].ID.String())
			require.Equal(t, ledger.Progress{Issued: 2, Refused: 1}, last)
			require.Len(t, all(t, d.store()), 2)
		})
	}
}

func TestIssueFindsTheDutyThatTheStoreRefuses(t *testing.T) {
	d := newDesk()
	d.issue(t, duties(d.round(1, "postman")))
	same := d.round(1, "postman")
	same.ID = id(77)
	records, refused, err := collect(d.Issue(t.Context(), duties(d.round(2, "postman"), same, d.round(3, "postman"))))
	require.NoError(t, err)
	require.Len(t, records, 2)
	require.Len(t, refused, 1)
	require.Equal(t, id(77), refused[0].Duty)
	require.ErrorIs(t, refused[0], ledger.ErrConflict)
}

func TestIssueComparesKnownDuties(t *testing.T) {
	for name, alter := range map[string]func(*desk, *ledger.Duty){
		"holder":    func(w *desk, d *ledger.Duty) { d.Holder = issuertest.Public(w.Key("other")) },
		"end":       func(_ *desk, d *ledger.Duty) { d.Expires++ },
		"beginning": func(w *desk, d *ledger.Duty) { d.NotBefore = w.World.Now + hour },
		"area":      func(_ *desk, d *ledger.Duty) { d.Scope[0].Target = credential.AreaTarget([]byte("FR75000099")) },
		"actions":   func(_ *desk, d *ledger.Duty) { d.Scope[0].Actions = credential.ActionOpen },
		"reference": func(_ *desk, d *ledger.Duty) { d.Reference[0]++ },
	} {
		d := newDesk()
		d.issue(t, d.day(1))
		d.pass(5)
		duty := d.round(0, "postman")
		alter(d, &duty)
		records, refused, err := collect(d.Issue(t.Context(), duties(duty)))
		require.NoError(t, err)
		require.Empty(t, records, name)
		require.Len(t, refused, 1, name)
		require.ErrorIs(t, refused[0], ledger.ErrConflict, name)
	}
}

// TestIssueAfterTheBeginning holds that a duty whose beginning has come since is the
// same duty still.
func TestIssueAfterTheBeginning(t *testing.T) {
	d := newDesk()
	early, late := d.round(0, "postman"), d.round(1, "postman")
	early.NotBefore, late.NotBefore = d.World.Now+hour, d.World.Now+hour
	first := d.issue(t, duties(early))
	d.pass(2 * hour)
	again := d.issue(t, duties(early, late))
	require.Equal(t, first[0], again[0])
	back, err := ledger.DutyOf(again[1])
	require.NoError(t, err)
	require.Zero(t, back.NotBefore)
}

func TestIssueHandsOutNothingWithdrawn(t *testing.T) {
	d := newDesk()
	d.issue(t, d.day(3))
	require.NoError(t, d.Withdraw(t.Context(), id(1)))
	records, refused, err := collect(d.Issue(t.Context(), d.day(3)))
	require.NoError(t, err)
	require.Len(t, records, 2)
	require.Len(t, refused, 1)
	require.Equal(t, id(1), refused[0].Duty)
	require.ErrorIs(t, refused[0], ledger.ErrSuperseded)
}

func TestIssueOneDutyTwice(t *testing.T) {
	d := newDesk()
	records := d.issue(t, duties(d.round(1, "postman"), d.round(2, "postman"), d.round(1, "postman")))
	require.Len(t, records, 3)
	require.Len(t, all(t, d.store()), 2)
}

func TestIssueNeedsItsParts(t *testing.T) {
	for name, alter := range map[string]func(*ledger.Rounds){
		"nothing":      func(r *ledger.Rounds) { *r = ledger.Rounds{} },
		"no operator":  func(r *ledger.Rounds) { r.Operator = nil },
		"no store":     func(r *ledger.Rounds) { r.Store = nil },
		"no clock":     func(r *ledger.Rounds) { r.Now = nil },
		"any area":     func(r *ledger.Rounds) { r.MinArea = 0 },
		"no area":      func(r *ledger.Rounds) { r.MinArea = 17 },
		"a huge batch": func(r *ledger.Rounds) { r.Batch = ledger.MaxBatch + 1 },
	} {
		d := newDesk()
		alter(d.Rounds)
		records, _, err := collect(d.Issue(t.Context(), d.day(1)))
		require.ErrorIs(t, err, ledger.ErrInvalid, name)
		require.Empty(t, records, name)
	}
}

func TestIssueEndsWithTheErrorOfItsDuties(t *testing.T) {
	d := newDesk()
	d.Batch = 2
	gone := errors.New("the list of duties is gone")
	list := func(yield func(ledger.Duty, error) bool) {
		for i := range 5 {
			if !yield(d.round(i, "postman"), nil) {
				return
			}
		}
		if yield(ledger.Duty{}, gone) {
			t.Error("asked for more")
		}
	}
	records, refused, err := collect(d.Issue(t.Context(), list))
	require.ErrorIs(t, err, gone)
	require.Empty(t, refused)
	require.Len(t, records, 5, "what was read before is handed out")
}

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
				if read++; !yield(d.round(i, "postman"), nil) {
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

// TestIssueWithAKeyThatHangs holds that Issue ends, that it says who is silent, that
// nothing is lost, and that no more goroutines hang than there are workers.
func TestIssueWithAKeyThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk()
		d.Batch, d.Workers, d.Rounds.Patience = 4, 2, time.Minute
		hang := make(chan struct{})
		var mu sync.Mutex
		n := 0
		d.keep(t, func() error {
			mu.Lock()
			n++
			stuck := n > 10
			mu.Unlock()
			if stuck {
				<-hang
			}
			return nil
		})
		before, start := runtime.NumGoroutine(), time.Now()
		records, refused, err := collect(d.Issue(t.Context(), d.day(100)))
		require.ErrorIs(t, err, ledger.ErrSilent)
		require.ErrorContains(t, err, "of the key for 1m0s")
		require.Equal(t, time.Minute, time.Since(start))
		require.Empty(t, refused)
		require.LessOrEqual(t, len(records), 10)
		require.LessOrEqual(t, runtime.NumGoroutine(), before+2)

		close(hang) // the module answers at last; nobody waits for it
		synctest.Wait()
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
