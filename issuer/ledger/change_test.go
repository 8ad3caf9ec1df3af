package ledger_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/issuer/issuertest"
	"github.com/postern-lock/postern/issuer/ledger"
)

// find returns the record of a duty.
func (d *desk) find(t testing.TB, id ledger.DutyID) ledger.Record {
	t.Helper()
	found, err := d.store().Find(t.Context(), []ledger.DutyID{id})
	require.NoError(t, err)
	require.Len(t, found, 1)
	return found[0]
}

// public returns the public half of the key with the name.
func (d *desk) public(name string) credential.PublicKey { return issuertest.Public(d.Key(name)) }

func TestReplaceByASubstitute(t *testing.T) {
	d := newDesk()
	old := d.issue(t, d.day(2))[0]
	d.pass(60)
	substitute := d.round(0)
	substitute.ID, substitute.Holder = id(100), d.public("substitute")
	records, err := d.Replace(t.Context(), old.Duty, substitute)
	require.NoError(t, err)
	require.Len(t, records, 1)
	require.Equal(t, credential.KeyIDOf(substitute.Holder), records[0].Holder)
	require.Equal(t, d.now(), d.find(t, old.Duty).Withdrawn)
	require.Zero(t, d.find(t, id(1)).Withdrawn)

	d.pass(60)
	again, err := d.Replace(t.Context(), old.Duty, substitute)
	require.NoError(t, err)
	require.Equal(t, records, again, "the same once more")
	require.Len(t, all(t, d.store()), 3)
}

func TestReplaceUnderTheIDThatFollows(t *testing.T) {
	d := newDesk()
	old := d.issue(t, d.day(1))[0]
	d.pass(1)
	substitute, err := ledger.Again(old, d.public("substitute"))
	require.NoError(t, err)
	for range 2 {
		records, err := d.Replace(t.Context(), old.Duty, substitute)
		require.NoError(t, err)
		require.Zero(t, d.find(t, records[0].Duty).Withdrawn)
		require.NotZero(t, d.find(t, old.Duty).Withdrawn)
	}
	require.NoError(t, d.Withdraw(t.Context(), old.Duty))
	require.NotZero(t, d.find(t, substitute.ID).Withdrawn)
}

// TestReplaceLeavesTheOldOneStanding holds that nothing is half done, whatever fails,
// and that the next try does it.
func TestReplaceLeavesTheOldOneStanding(t *testing.T) {
	gone := errors.New("gone")
	for name, c := range map[string]struct {
		breakIt func(*desk, *hooked, []ledger.Duty)
		want    error
	}{
		"a bad duty among good ones": {func(_ *desk, _ *hooked, with []ledger.Duty) { with[1].Scope = nil }, credential.ReasonLimit},
		"the same id":                {func(_ *desk, _ *hooked, with []ledger.Duty) { with[1].ID = id(0) }, ledger.ErrInvalid},
		"the same grant": {func(d *desk, _ *hooked, with []ledger.Duty) {
			d.pass(^credential.Time(60) + 1)
			with[1] = d.round(0)
			with[1].ID = id(50)
		}, ledger.ErrConflict},
		"a key that fails": {func(d *desk, _ *hooked, _ []ledger.Duty) { d.keep(t, func() error { return gone }) }, gone},
		"a store that goes": {func(_ *desk, s *hooked, _ []ledger.Duty) {
			s.commit = func(context.Context, []ledger.Record) error { return gone }
		}, gone},
		"a clock that is behind": {func(d *desk, _ *hooked, _ []ledger.Duty) { d.pass(^credential.Time(hour) + 1) }, ledger.ErrClock},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk()
			s := &hooked{Store: d.store()}
			d.use(s)
			d.issue(t, d.day(1))
			d.pass(60)
			with := []ledger.Duty{d.round(10), d.round(11)}
			c.breakIt(d, s, with)
			_, err := d.Replace(t.Context(), id(0), with...)
			require.ErrorIs(t, err, c.want)
			require.Zero(t, d.find(t, id(0)).Withdrawn)
			if name == "a bad duty among good ones" {
				require.Len(t, all(t, d.store()), 1, "none is signed where one may not be")
			}

			d.clock.Store(uint32(d.World.Now) + 120)
			*s = hooked{Store: s.Store}
			d.keep(t, func() error { return nil })
			records, err := d.Replace(t.Context(), id(0), d.round(10), d.round(11))
			require.NoError(t, err)
			require.Len(t, records, 2)
			require.NotZero(t, d.find(t, id(0)).Withdrawn)
		})
	}
	d := newDesk()
	_, err := d.Replace(t.Context(), id(0), d.round(1))
	require.ErrorIs(t, err, ledger.ErrUnknown)
	require.Empty(t, all(t, d.store()))
}

func TestSplitARound(t *testing.T) {
	d := newDesk()
	whole := d.round(0)
	whole.Scope = append(whole.Scope, credential.Entry{
		Target: credential.AreaTarget([]byte("FR75000001")), Actions: credential.ActionReturn,
		Schedule: credential.Schedule{{Days: credential.Weekdays, From: 360, Until: 720}},
	}, credential.Entry{Target: credential.LockTarget(credential.LockID{1}), Actions: credential.ActionDeliver})
	old := d.issue(t, ledger.Each(whole))[0]
	d.pass(1)

	kept, err := ledger.DutyOf(old)
	require.NoError(t, err)
	require.Equal(t, whole, kept)
	north, err := kept.Part(id(1), d.postman, []byte("FR75000000A"), []byte("FR75000000B"))
	require.NoError(t, err)
	south, err := kept.Part(id(2), d.public("substitute"), []byte("FR75000000C"), []byte("FR75000001"))
	require.NoError(t, err)
	require.Equal(t, []credential.Entry{
		{Target: credential.AreaTarget([]byte("FR75000000C")), Actions: whole.Scope[0].Actions},
		{Target: credential.AreaTarget([]byte("FR75000001")), Actions: credential.ActionReturn, Schedule: whole.Scope[1].Schedule},
	}, south.Scope)
	records, err := d.Replace(t.Context(), old.Duty, north, south)
	require.NoError(t, err)
	require.Len(t, records, 2)
	require.NotZero(t, d.find(t, old.Duty).Withdrawn)

	for name, areas := range map[string][][]byte{
		"no area": {}, "an empty one": {{}}, "a wider one": {[]byte("FR7500000")}, "another one": {[]byte("FR75000002")},
		"one of several is elsewhere": {[]byte("FR75000000A"), []byte("FR75000002")}, "too long": {make([]byte, 17)},
		"too many": {[]byte("FR75000000A"), []byte("FR75000000B"), []byte("FR75000000C"), []byte("FR75000000D"), []byte("FR75000000E")},
	} {
		_, err := kept.Part(id(3), d.postman, areas...)
		require.ErrorIs(t, err, ledger.ErrInvalid, name)
	}
}

func TestWithdrawDuties(t *testing.T) {
	d := newDesk()
	d.issue(t, d.day(3))
	require.ErrorIs(t, d.Withdraw(t.Context(), id(0), id(9)), ledger.ErrUnknown)
	require.Zero(t, d.find(t, id(0)).Withdrawn, "all or none")
	require.NoError(t, d.Withdraw(t.Context(), id(0), id(2)))
	require.NotZero(t, d.find(t, id(0)).Withdrawn)
	require.Zero(t, d.find(t, id(1)).Withdrawn)
}

// parcel is one at the world's lock.
func (d *desk) parcel(n int) ledger.Parcel {
	return ledger.Parcel{
		ID: id(90_000 + n), Holder: d.postman, Lock: d.LockID, Reference: credential.Reference{0xee, byte(n)},
		Expires: d.now() + 600 - credential.Time(n), Action: credential.ActionDeliver,
	}
}

func TestLostHandset(t *testing.T) {
	d := newDesk()
	d.issue(t, d.day(2000))
	parcel, err := d.Parcel(t.Context(), d.parcel(1))
	require.NoError(t, err)
	over := d.round(5000)
	over.Expires = d.now() + 10
	d.issue(t, ledger.Each(over))
	other := d.round(6000)
	other.Holder = d.public("other")
	d.issue(t, ledger.Each(other))
	d.pass(60)

	lost := credential.KeyIDOf(d.postman)
	given, left, err := d.Lost(t.Context(), lost, d.public("spare"))
	require.NoError(t, err)
	require.Len(t, given, 2000)
	require.Len(t, left, 1, "a parcel's one use may be spent")
	require.Equal(t, parcel.Duty, left[0].Duty)
	held, err := d.store().Held(t.Context(), lost, d.now())
	require.NoError(t, err)
	require.Empty(t, held)
	require.Zero(t, d.find(t, over.ID).Withdrawn)
	require.Zero(t, d.find(t, other.ID).Withdrawn)
	for _, r := range given {
		require.Equal(t, credential.KeyIDOf(d.public("spare")), r.Holder)
	}

	// The spare handset is lost as well, and there is no other.
	d.pass(60)
	given, left, err = d.Lost(t.Context(), credential.KeyIDOf(d.public("spare")), credential.PublicKey{})
	require.NoError(t, err)
	require.Empty(t, given)
	require.Len(t, left, 2000)

	_, _, err = d.Lost(t.Context(), lost, d.postman)
	require.ErrorIs(t, err, ledger.ErrInvalid, "to itself")
}

// TestLostHandsetAndAKeyThatIsSilent holds that what is lost is withdrawn though nothing
// can be signed.
func TestLostHandsetAndAKeyThatIsSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk()
		d.issue(t, d.day(10))
		d.pass(60)
		d.hang(t, 0)
		given, left, err := d.Lost(t.Context(), credential.KeyIDOf(d.postman), d.public("spare"))
		require.ErrorIs(t, err, ledger.ErrSilent)
		require.Empty(t, given)
		require.Len(t, left, 10)
		for _, r := range all(t, d.store()) {
			require.NotZero(t, r.Withdrawn)
		}
	})
}

// TestLostHandsetAfterACrash holds that what was begun is ended, and nothing is given
// twice.
func TestLostHandsetAfterACrash(t *testing.T) {
	d := newDesk()
	d.issue(t, d.day(10))
	d.pass(60)
	ctx, cancel := context.WithCancel(t.Context())
	s := &hooked{Store: d.store()}
	s.commit = func(ctx context.Context, records []ledger.Record) error {
		if len(records) < 6 {
			_, err := s.Store.Commit(ctx, d.now(), records)
			cancel() // the program dies between the commit and the withdrawal
			return errors.Join(err, ctx.Err())
		}
		return nil
	}
	d.use(s)
	d.Batch, d.Workers = 5, 1
	_, _, err := d.Lost(ctx, credential.KeyIDOf(d.postman), d.public("spare"))
	require.ErrorIs(t, err, context.Canceled)
	require.Len(t, all(t, d.store()), 15)

	d.use(s.Store)
	d.pass(60)
	given, left, err := d.Lost(t.Context(), credential.KeyIDOf(d.postman), d.public("spare"))
	require.NoError(t, err)
	require.Len(t, given, 10)
	require.Empty(t, left)
	require.Len(t, all(t, d.store()), 20)
}

func TestDutyOfASpoiltRecord(t *testing.T) {
	d := newDesk()
	r := d.issue(t, d.day(1))[0]
	r.Tag[0]++
	_, err := ledger.DutyOf(r)
	require.ErrorContains(t, err, "the record says")
	_, err = ledger.Again(r, credential.PublicKey{})
	require.Error(t, err)
	r.Grant = r.Grant[1:]
	_, err = ledger.DutyOf(r)
	require.ErrorIs(t, err, credential.ReasonMalformed)
}

// raise withdraws duties from 1 on until Least has to rise, and leaves that of 0 a
// bystander.
func (d *desk) raise(t *testing.T) {
	t.Helper()
	d.issue(t, d.day(26))
	d.pass(1)
	for i := range 25 {
		require.NoError(t, d.Withdraw(t.Context(), id(i+1)))
	}
	_, count, err := d.Raise(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, count)
	d.pass(1)
}

// TestBystandersAreFollowed holds that a duty that was issued again is reached by its
// first id, so that nobody keeps what is taken from him.
func TestBystandersAreFollowed(t *testing.T) {
	for name, take := range map[string]func(*desk) error{
		"withdraw": func(d *desk) error { return d.Withdraw(t.Context(), id(0)) },
		"replace": func(d *desk) error {
			substitute := d.round(50)
			substitute.Holder = d.public("substitute")
			_, err := d.Replace(t.Context(), id(0), substitute)
			return err
		},
		"lost": func(d *desk) error {
			_, _, err := d.Lost(t.Context(), credential.KeyIDOf(d.postman), d.public("spare"))
			return err
		},
	} {
		for again, issue := range map[string]bool{"issued again before": true, "not issued again": false} {
			t.Run(name+", "+again, func(t *testing.T) {
				d := newDesk()
				d.raise(t)
				if issue {
					require.Len(t, d.issue(t, d.Bystanders(t.Context())), 1)
					d.pass(1)
				}
				require.NoError(t, take(d))
				require.Empty(t, d.issue(t, d.Bystanders(t.Context())))
				held, err := d.store().Held(t.Context(), credential.KeyIDOf(d.postman), d.now())
				require.NoError(t, err)
				require.Empty(t, held)
			})
		}
	}
}

// TestLostHandsetOfABystander holds that the round goes to the spare handset once,
// whether it was issued again before or not.
func TestLostHandsetOfABystander(t *testing.T) {
	for _, issue := range []bool{true, false} {
		d := newDesk()
		d.raise(t)
		if issue {
			d.issue(t, d.Bystanders(t.Context()))
			d.pass(1)
		}
		given, left, err := d.Lost(t.Context(), credential.KeyIDOf(d.public("another")), d.public("spare"))
		require.NoError(t, err)
		require.Empty(t, given, "another's")
		require.Empty(t, left)
		given, left, err = d.Lost(t.Context(), credential.KeyIDOf(d.postman), d.public("spare"))
		require.NoError(t, err)
		require.Len(t, given, 1)
		require.Empty(t, left)
		given, left, err = d.Lost(t.Context(), credential.KeyIDOf(d.public("spare")), credential.PublicKey{})
		require.NoError(t, err)
		require.Empty(t, given)
		require.Len(t, left, 1)
	}
}

// TestLostTwiceAndACrash holds that a round that was handed on and lost again is told,
// not passed over.
func TestLostTwiceAndACrash(t *testing.T) {
	d := newDesk()
	first := d.issue(t, d.day(1))[0]
	d.pass(1)
	second, err := ledger.Again(first, d.public("spare"))
	require.NoError(t, err)
	d.issue(t, ledger.Each(second)) // and the program died before the first was withdrawn
	_, left, err := d.Lost(t.Context(), credential.KeyIDOf(d.public("spare")), credential.PublicKey{})
	require.NoError(t, err)
	require.Len(t, left, 1)
	given, left, err := d.Lost(t.Context(), credential.KeyIDOf(d.postman), d.public("third"))
	require.NoError(t, err)
	require.Empty(t, given)
	require.Equal(t, first.Duty, left[0].Duty)
	require.NotZero(t, d.find(t, first.Duty).Withdrawn)
}

// late is a store on which something happens before a withdrawal.
type late struct {
	ledger.Store
	before func()
}

func (l *late) Withdraw(ctx context.Context, at credential.Time, tags []credential.Tag) error {
	if before := l.before; before != nil {
		l.before = nil
		before()
	}
	return l.Store.Withdraw(ctx, at, tags)
}

// TestWithdrawMeetsABystanderThatIsIssued has the publisher issue a bystander again while
// its duty is taken away.
func TestWithdrawMeetsABystanderThatIsIssued(t *testing.T) {
	for name, take := range map[string]func(*desk) error{
		"withdraw": func(d *desk) error { return d.Withdraw(t.Context(), id(0)) },
		"replace": func(d *desk) error {
			substitute := d.round(50)
			substitute.Holder = d.public("substitute")
			_, err := d.Replace(t.Context(), id(0), substitute)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk()
			d.raise(t)
			inner := d.store()
			d.Rounds.Store = &late{inner, func() {
				other := *d.Rounds
				other.Store = inner
				_, _, err := collect(other.Issue(t.Context(), d.Bystanders(t.Context())))
				require.NoError(t, err)
			}}
			require.NoError(t, take(d))
			held, err := inner.Held(t.Context(), credential.KeyIDOf(d.postman), d.now())
			require.NoError(t, err)
			require.Empty(t, held)
		})
	}
}

// TestShorterCertificate lets the post go on under a certificate with a shorter longest
// grant: what was issued under the one before is found, and stands, until it is over.
func TestShorterCertificate(t *testing.T) {
	for name, longest := range map[string]time.Duration{"the longest of both": 84 * time.Hour, "not known": 0} {
		t.Run(name, func(t *testing.T) {
			d := newDesk()
			d.raise(t)
			stands := d.issue(t, ledger.Each(d.round(40)))[0]
			d.pass(6 * hour)
			shorter := d.Certified(credential.AuthorityClaims{
				Key: d.Post.PublicKey(), IssuedAt: d.now(), Expires: d.now() + 100*hour,
				Services: []credential.Service{credential.ServicePost},
				Rights:   credential.RightIssue | credential.RightRevoke, LongestGrant: time.Hour,
			})
			var err error
			d.Operator, err = issuer.NewOperator(d.Key("post"), shorter)
			require.NoError(t, err)
			d.Revoker, err = issuer.NewRevoker(d.Key("post"), shorter)
			require.NoError(t, err)
			d.Rounds.Longest = longest
			brief := d.round(41)
			brief.Expires = d.now() + hour
			d.issue(t, ledger.Each(brief))
			_, err = d.Publish(t.Context())
			require.NoError(t, err)
			require.False(t, d.posted(t).Denies(stands.Tag, stands.IssuedAt))

			_, left, err := d.Lost(t.Context(), credential.KeyIDOf(d.postman), credential.PublicKey{})
			require.NoError(t, err)
			var duties []ledger.DutyID
			for _, r := range left {
				duties = append(duties, r.Duty)
			}
			require.ElementsMatch(t, []ledger.DutyID{id(0), id(40), id(41)}, duties, "the bystander too")
			require.Empty(t, d.issue(t, d.Bystanders(t.Context())))
		})
	}
}
