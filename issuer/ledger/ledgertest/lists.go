package ledgertest

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer/ledger"
)

func withdrawOnce(t tester, s ledger.Store) {
	kept := commit(t, s, now, records(0, 3)...)
	require.NoError(t, s.Withdraw(t.Context(), now+5, tagsOf(kept[1:2])))
	require.NoError(t, s.Withdraw(t.Context(), now+9, append(tagsOf(kept[:2]), kept[0].Tag)))
	kept[1].Withdrawn, kept[0].Withdrawn = now+5, now+9
	require.Equal(t, kept, all(t, s))
	require.Equal(t, kept[:1], commit(t, s, now, record(0)), "a duty that is withdrawn keeps its record")
	require.ErrorIs(t, s.Withdraw(t.Context(), 0, tagsOf(kept)), ledger.ErrInvalid, "no time")
}

func withdrawUnknown(t tester, s ledger.Store) {
	kept := commit(t, s, now, records(0, 2)...)
	err := s.Withdraw(t.Context(), now, []credential.Tag{kept[0].Tag, {1}, kept[1].Tag})
	require.ErrorIs(t, err, ledger.ErrUnknown)
	require.Equal(t, kept, all(t, s))
	require.Empty(t, list(t, s, now).Denied)
}

func listVersions(t tester, s ledger.Store) {
	var last uint32
	for range 3 {
		c := list(t, s, now)
		require.Greater(t, c.Version, last)
		require.Equal(t, credential.RevocationClaims{IssuedAt: now, Version: c.Version}, c)
		last = c.Version
	}
	other, err := s.NextList(t.Context(), credential.KeyID{1}, now, longest)
	require.NoError(t, err)
	require.NotZero(t, other.Version)

	// A list that comes from elsewhere counts too.
	d := revocation(t, "post", 40, now)
	require.NoError(t, s.Post(t.Context(), d))
	next, err := s.NextList(t.Context(), d.Signer, now, longest)
	require.NoError(t, err)
	require.Greater(t, next.Version, uint32(40))
}

func listDenies(t tester, s ledger.Store) {
	batch := records(0, 6)
	batch[0].Tag, batch[3].Tag = batch[3].Tag, batch[0].Tag
	batch[1].Tag[0] = 0xff
	batch[2].Expires = now + hour
	batch[3].Expires = now + hour + 1
	batch[4].Signer[7]++
	kept := commit(t, s, now, batch...)
	require.NoError(t, s.Withdraw(t.Context(), now+1, tagsOf(kept[:5])))
	want := []credential.Denial{
		{Tag: kept[3].Tag, Expires: kept[3].Expires}, {Tag: kept[2].Tag, Expires: kept[2].Expires},
		{Tag: kept[0].Tag, Expires: kept[0].Expires}, {Tag: kept[1].Tag, Expires: kept[1].Expires},
	}
	for _, at := range []credential.Time{now + hour, now + 13*hour} {
		c := list(t, s, at)
		require.Equal(t, at, c.IssuedAt)
		require.Equal(t, want, c.Denied, "what is over as well")
	}
}

func listFull(t tester, s ledger.Store) {
	kept := commit(t, s, now, records(0, 25)...)
	require.NoError(t, s.Withdraw(t.Context(), now, tagsOf(kept[:24])))
	require.Len(t, list(t, s, now).Denied, 24)
	require.NoError(t, s.Withdraw(t.Context(), now, tagsOf(kept[24:])))
	_, err := s.NextList(t.Context(), post, now, longest)
	require.ErrorIs(t, err, ledger.ErrFull)
	require.Len(t, list(t, s, now+12*hour).Denied, 24, "when they are over")
}

// listOver fills a list with what is over, and then with more and more that is not.
func listOver(t tester, s ledger.Store) {
	over := records(0, 30, func(r *ledger.Record) { r.Expires = now + 10 + credential.Time(r.Tag[7]/3) })
	kept := commit(t, s, now, append(over, records(30, 24)...)...)
	require.NoError(t, s.Withdraw(t.Context(), now, tagsOf(kept[:24])))
	require.Len(t, list(t, s, now).Denied, 24)
	require.NoError(t, s.Withdraw(t.Context(), now, tagsOf(kept[24:30])))
	for n := range 25 {
		require.NoError(t, s.Withdraw(t.Context(), now, tagsOf(kept[30:30+n])))
		last := slices.Clone(kept[:30])
		slices.SortStableFunc(last, func(a, b ledger.Record) int { return int(b.Expires) - int(a.Expires) })
		want := tagsOf(append(last[:24-n], kept[30:30+n]...))
		slices.SortFunc(want, func(a, b credential.Tag) int { return bytes.Compare(a[:], b[:]) })
		var got []credential.Tag
		for _, d := range list(t, s, now+hour).Denied {
			got = append(got, d.Tag)
		}
		require.Equal(t, want, got, "%d are not over", n)
	}
}

// listLeast holds that lists deny what is older than the longest grant, and nothing else.
func listLeast(t tester, s ledger.Store) {
	require.Zero(t, list(t, s, now+40*hour).Least, "nothing was issued")
	commit(t, s, now-hour, record(0, func(r *ledger.Record) { r.IssuedAt -= hour }))
	require.Equal(t, now-13*hour, list(t, s, now+40*hour).Least, "a clock that is ahead denies nothing that stands")
	kept := commit(t, s, now, record(1))
	require.Equal(t, now-12*hour-60, list(t, s, now-60).Least)
	longer, err := s.NextList(t.Context(), post, now, 2*longest)
	require.NoError(t, err)
	require.Equal(t, now-12*hour-60, longer.Least, "it never falls")
	other, err := s.NextList(t.Context(), credential.KeyID{1}, now, longest+time.Second/2)
	require.NoError(t, err)
	require.Equal(t, now-12*hour, other.Least)
	_, err = s.NextList(t.Context(), post, now, time.Second-1)
	require.ErrorIs(t, err, ledger.ErrInvalid)

	require.NoError(t, s.Withdraw(t.Context(), now, tagsOf(kept)))
	commit(t, s, now+12*hour, record(2, func(r *ledger.Record) { r.IssuedAt, r.Expires = now+12*hour, now+13*hour }))
	require.Len(t, list(t, s, now+12*hour).Denied, 1, "named until least is past it")
	commit(t, s, now+12*hour+1, record(3, func(r *ledger.Record) { r.IssuedAt, r.Expires = now+12*hour+1, now+13*hour }))
	c := list(t, s, now+12*hour+1)
	require.Empty(t, c.Denied)
	require.True(t, c.Denies(kept[0].Tag, kept[0].IssuedAt))
	_, err = s.Commit(t.Context(), now+12*hour, records(4, 1, func(r *ledger.Record) { r.IssuedAt = now }))
	require.ErrorIs(t, err, ledger.ErrClock)
}

// listHistory plays months of issuing: a newer list denies all that an older one does,
// as long as there is room, and no list denies what stands.
func listHistory(t tester, s ledger.Store) {
	random := rand.New(rand.NewPCG(6, 18))
	at, number := now, 0
	var last credential.RevocationClaims
	for range 150 {
		at += credential.Time(random.IntN(3 * int(hour)))
		issued := records(number, 1+random.IntN(4), func(r *ledger.Record) {
			r.IssuedAt = at
			r.Expires = at + 1 + credential.Time(random.IntN(12*int(hour)))
		})
		number += len(issued)
		commit(t, s, at, issued...)
		kept := all(t, s)
		recent := kept[max(0, len(kept)-30):]
		require.NoError(t, s.Withdraw(t.Context(), at, []credential.Tag{recent[random.IntN(len(recent))].Tag}))
		at += credential.Time(random.IntN(int(hour)))
		c := list(t, s, at)
		require.GreaterOrEqual(t, c.Least, last.Least)
		named := 0
		for _, r := range all(t, s) {
			switch {
			case r.Withdrawn != 0 && r.IssuedAt >= c.Least:
				named++
			case r.Withdrawn == 0 && at < r.Expires:
				require.False(t, c.Denies(r.Tag, r.IssuedAt), "it stands")
			}
		}
		for _, r := range kept {
			if last.Denies(r.Tag, r.IssuedAt) && named <= 24 {
				require.True(t, c.Denies(r.Tag, r.IssuedAt), "what the list before denied, over at %s, is denied at %s", r.Expires, at)
			}
		}
		last = c
	}
	require.NotZero(t, last.Least)
}

func listArguments(t tester, s ledger.Store) {
	commit(t, s, now, record(0))
	list(t, s, now-ledger.ClockTolerance)
	_, err := s.NextList(t.Context(), post, now-ledger.ClockTolerance-1, longest)
	require.ErrorIs(t, err, ledger.ErrClock)
	_, err = s.NextList(t.Context(), post, 0, longest)
	require.ErrorIs(t, err, ledger.ErrInvalid)
	_, err = s.NextList(t.Context(), credential.KeyID{}, now, longest)
	require.ErrorIs(t, err, ledger.ErrInvalid)
	_, err = s.RaiseLeast(t.Context(), credential.KeyID{}, now, now)
	require.ErrorIs(t, err, ledger.ErrInvalid)
	_, err = s.RaiseLeast(t.Context(), post, 0, 0)
	require.ErrorIs(t, err, ledger.ErrInvalid)
	_, err = s.RaiseLeast(t.Context(), post, 1, now-ledger.ClockTolerance-1)
	require.ErrorIs(t, err, ledger.ErrClock)
	_, err = s.RaiseLeast(t.Context(), post, 1, now-ledger.ClockTolerance)
	require.NoError(t, err)
}

func leastBystanders(t tester, s ledger.Store) {
	batch := records(0, 6)
	batch[0].IssuedAt = now - 1
	batch[1].IssuedAt = now - 2
	batch[2].IssuedAt, batch[2].Expires = now-2, now+1
	batch[3].IssuedAt, batch[3].Signer[7] = now-2, 7
	batch[4].IssuedAt = now - 2
	kept := commit(t, s, now, batch...)
	require.NoError(t, s.Withdraw(t.Context(), now, tagsOf(kept[4:])))
	n, err := s.RaiseLeast(t.Context(), post, now, now+1)
	require.NoError(t, err)
	require.Equal(t, 2, n, "the first two: the next is over, another's, withdrawn, and not older")
	for i := range 2 {
		kept[i].Withdrawn, kept[i].Bystander = now+1, true
	}
	kept[4].Withdrawn, kept[5].Withdrawn = now, now
	require.Equal(t, kept, all(t, s))
	c := list(t, s, now+1)
	require.Equal(t, credential.RevocationClaims{
		IssuedAt: now + 1, Version: c.Version, Least: now,
		Denied: []credential.Denial{{Tag: kept[5].Tag, Expires: kept[5].Expires}},
	}, c, "what is older than the least is not named")
	other, err := s.NextList(t.Context(), kept[3].Signer, now+1, longest)
	require.NoError(t, err)
	require.Equal(t, now-12*hour, other.Least, "not raised")
	held, err := s.Held(t.Context(), postman, now+1)
	require.NoError(t, err)
	require.Equal(t, kept[3:4], held)
}

func leastFalls(t tester, s ledger.Store) {
	kept := commit(t, s, now, record(0))
	_, err := s.RaiseLeast(t.Context(), post, now+1, now)
	require.ErrorIs(t, err, ledger.ErrInvalid)
	require.Equal(t, kept, all(t, s))
	for _, least := range []credential.Time{now, now - 5, now, 0} {
		n, err := s.RaiseLeast(t.Context(), post, least, now)
		require.NoError(t, err)
		require.Zero(t, n)
		require.Equal(t, now, list(t, s, now).Least)
	}
	// An issuer with a clock a little behind signs a list that locks can read.
	require.Equal(t, now, list(t, s, now-9).IssuedAt)
}

func leastNamed(t tester, s ledger.Store) {
	kept := commit(t, s, now, record(0))
	n, err := s.RaiseLeast(t.Context(), post, now+1, now+1)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.NoError(t, s.Withdraw(t.Context(), now+2, tagsOf(kept)))
	kept[0].Withdrawn = now + 1
	require.Equal(t, kept, all(t, s))
	require.Empty(t, list(t, s, now+2).Denied)
}

func concurrentVersions(t tester, s ledger.Store) {
	const issuers, each = 8, 5
	versions := make([][]uint32, issuers)
	together(t, issuers, func(i int) error {
		for range each {
			c, err := s.NextList(t.Context(), post, now, longest)
			if err != nil {
				return err
			}
			versions[i] = append(versions[i], c.Version)
		}
		return nil
	})
	for _, own := range versions {
		require.True(t, slices.IsSorted(own), "versions rise: %v", own)
	}
	given := slices.Sorted(slices.Values(slices.Concat(versions...)))
	require.Len(t, slices.Compact(given), issuers*each, "%v", given)
}

// concurrentLists withdraws and makes lists at once.  Who withdraws finds the grant
// in the list that he makes next, and later lists deny what earlier ones did.
func concurrentLists(t tester, s ledger.Store) {
	const issuers, each = 4, 5
	kept := commit(t, s, now, records(0, issuers*each)...)
	lists := make([][]credential.RevocationClaims, issuers)
	missing := make([]int, issuers)
	together(t, issuers, func(i int) error {
		for _, r := range kept[i*each : (i+1)*each] {
			if err := s.Withdraw(t.Context(), now, []credential.Tag{r.Tag}); err != nil {
				return err
			}
			c, err := s.NextList(t.Context(), post, now, longest)
			if err != nil {
				return err
			}
			if !c.Denies(r.Tag, r.IssuedAt) {
				missing[i]++
			}
			lists[i] = append(lists[i], c)
		}
		return nil
	})
	require.Equal(t, make([]int, issuers), missing)
	ordered := slices.Concat(lists...)
	slices.SortFunc(ordered, func(a, b credential.RevocationClaims) int { return int(a.Version) - int(b.Version) })
	for i, c := range ordered[1:] {
		for _, d := range ordered[i].Denied {
			require.True(t, c.Denies(d.Tag, now), "version %d denies what version %d does", c.Version, ordered[i].Version)
		}
		require.True(t, slices.IsSortedFunc(c.Denied, func(a, b credential.Denial) int { return bytes.Compare(a.Tag[:], b.Tag[:]) }))
	}
}
