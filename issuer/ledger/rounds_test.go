package ledger_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
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
		"just too wide":          {func(d *ledger.Duty) { d.Scope[0].Target = credential.AreaTarget([]byte("FR7500000")) }, ledger.ErrInvalid},
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
			list := []ledger.Duty{d.round(1), d.round(2), d.round(3)}
			c.alter(&list[1])
			var last ledger.Progress
			d.Progress = func(p ledger.Progress) { last = p }
			records, refused, err := collect(d.Issue(t.Context(), ledger.Each(list...)))
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
	d.issue(t, ledger.Each(d.round(1)))
	same := d.round(1)
	same.ID = id(77)
	records, refused, err := collect(d.Issue(t.Context(), ledger.Each(d.round(2), same, d.round(3))))
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
		duty := d.round(0)
		alter(d, &duty)
		records, refused, err := collect(d.Issue(t.Context(), ledger.Each(duty)))
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
	early, late := d.round(0), d.round(1)
	early.NotBefore, late.NotBefore = d.World.Now+hour, d.World.Now+hour
	first := d.issue(t, ledger.Each(early))
	d.pass(2 * hour)
	again := d.issue(t, ledger.Each(early, late))
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
	records := d.issue(t, ledger.Each(d.round(1), d.round(2), d.round(1)))
	require.Len(t, records, 3)
	require.Len(t, all(t, d.store()), 2)
}

func TestIssueNeedsItsParts(t *testing.T) {
	for name, alter := range map[string]func(*ledger.Rounds){
		"nothing":     func(r *ledger.Rounds) { *r = ledger.Rounds{} },
		"no operator": func(r *ledger.Rounds) { r.Operator = nil },
		"no store":    func(r *ledger.Rounds) { r.Store = nil },
		"no clock":    func(r *ledger.Rounds) { r.Now = nil },
		"any area":    func(r *ledger.Rounds) { r.MinArea = 0 },
		"no area":     func(r *ledger.Rounds) { r.MinArea = 17 },
		"a longest that is shorter than the certificate's": func(r *ledger.Rounds) { r.Longest -= time.Second },
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
			if !yield(d.round(i), nil) {
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
