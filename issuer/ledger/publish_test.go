package ledger_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/issuer/issuertest"
	"github.com/postern-lock/postern/issuer/ledger"
)

// posted returns the list in the outbox.
func (d *desk) posted(t testing.TB) credential.RevocationClaims {
	t.Helper()
	load, err := d.store().Outbox(t.Context(), d.Area)
	require.NoError(t, err)
	require.Len(t, load.Lists, 1)
	u, err := credential.ParseRevocationList(load.Lists[0].Bytes)
	require.NoError(t, err)
	return u.Claims
}

// TestPublishHeals lets a publisher die at each step, and the next one do the work.
func TestPublishHeals(t *testing.T) {
	gone := errors.New("gone")
	for name, breakIt := range map[string]func(*desk, *hooked){
		"when the version is reserved": func(_ *desk, s *hooked) { s.list = func() error { return gone } },
		"when the key is asked":        func(d *desk, _ *hooked) { d.keep(t, func() error { return gone }) },
		"before the list is posted":    func(_ *desk, s *hooked) { s.post = func() error { return gone } },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk()
			r := d.issue(t, d.day(1))[0]
			require.NoError(t, d.Withdraw(t.Context(), r.Duty))
			s := &hooked{Store: d.store()}
			d.use(s)
			breakIt(d, s)
			_, err := d.Publish(t.Context())
			require.ErrorIs(t, err, gone)
			load, err := d.store().Outbox(t.Context(), d.Area)
			require.NoError(t, err)
			require.Empty(t, load.Lists)

			*s = hooked{Store: s.Store}
			d.keep(t, func() error { return nil })
			document, err := d.Publish(t.Context())
			require.NoError(t, err)
			list := d.posted(t)
			require.Equal(t, document.Version, list.Version)
			require.Greater(t, list.Version, uint32(1), "the lost version is passed over")
			require.True(t, list.Denies(r.Tag, r.IssuedAt))
		})
	}
}

// TestPublishAfterAFaster holds that a publisher whose list comes late leaves the newer
// one, which denies more.
func TestPublishAfterAFaster(t *testing.T) {
	d := newDesk()
	records := d.issue(t, d.day(2))
	require.NoError(t, d.Withdraw(t.Context(), id(0)))
	s := &hooked{Store: d.store()}
	faster := *d.Publisher
	slower := *d.Publisher
	slower.Store = s
	s.post = func() error {
		require.NoError(t, d.Withdraw(t.Context(), id(1)))
		_, err := faster.Publish(t.Context())
		return err
	}
	_, err := slower.Publish(t.Context())
	require.NoError(t, err)
	for _, r := range records {
		require.True(t, d.posted(t).Denies(r.Tag, r.IssuedAt))
	}
}

func TestPublishByManyAtOnce(t *testing.T) {
	d := newDesk()
	records := d.issue(t, d.day(20))
	errs := make([]error, len(records))
	var wg sync.WaitGroup
	for i := range records {
		wg.Go(func() {
			if errs[i] = d.Withdraw(t.Context(), id(i)); errs[i] == nil {
				_, errs[i] = d.Publish(t.Context())
			}
		})
	}
	wg.Wait()
	require.NoError(t, errors.Join(errs...))
	list := d.posted(t)
	for _, r := range records {
		require.True(t, list.Denies(r.Tag, r.IssuedAt))
	}
}

func TestPublishWithAKeyThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk()
		d.hang(t, 0)
		start := time.Now()
		_, err := d.Publish(t.Context())
		require.ErrorIs(t, err, ledger.ErrSilent)
		require.Equal(t, 30*time.Second, time.Since(start))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = d.Publish(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func TestPublishNeedsItsParts(t *testing.T) {
	for name, alter := range map[string]func(*ledger.Publisher){
		"no revoker": func(p *ledger.Publisher) { p.Revoker = nil },
		"no store":   func(p *ledger.Publisher) { p.Store = nil },
		"no clock":   func(p *ledger.Publisher) { p.Now = nil },
		"no longest, and a certificate that grants nothing": func(p *ledger.Publisher) {
			w := issuertest.New("")
			claims := w.PostClaims()
			claims.Rights, claims.Services, claims.LongestGrant = credential.RightRevoke, nil, 0
			p.Revoker, _ = issuer.NewRevoker(w.Key("post"), w.Certified(claims))
			p.Longest = 0
		},
		"no longest": func(p *ledger.Publisher) { p.Longest = 0 },
		"a longest that is shorter than the certificate's": func(p *ledger.Publisher) { p.Longest -= time.Second },
	} {
		d := newDesk()
		alter(d.Publisher)
		_, err := d.Publish(t.Context())
		require.ErrorIs(t, err, ledger.ErrInvalid, name)
		_, _, err = d.Raise(t.Context())
		require.ErrorIs(t, err, ledger.ErrInvalid, name)
		_, _, err = collect(d.Issue(t.Context(), d.Bystanders(t.Context())))
		require.ErrorIs(t, err, ledger.ErrInvalid, name)
	}
	d := newDesk()
	d.issue(t, d.day(1))
	d.clock.Store(0)
	_, err := d.Publish(t.Context())
	require.ErrorIs(t, err, ledger.ErrClock)
}

func TestRaiseInTheSecondOfIssue(t *testing.T) {
	d := newDesk()
	d.issue(t, d.day(30))
	for i := range 25 {
		require.NoError(t, d.Withdraw(t.Context(), id(i)))
	}
	_, _, err := d.Raise(t.Context())
	require.ErrorIs(t, err, ledger.ErrFull)
	require.ErrorContains(t, err, "raise again in 1 seconds")
	d.pass(1)
	_, count, err := d.Raise(t.Context())
	require.NoError(t, err)
	require.Equal(t, 5, count)
	require.Len(t, d.issue(t, d.Bystanders(t.Context())), 5)
	_, err = d.Publish(t.Context())
	require.NoError(t, err)
}

// TestReadingFails holds that whoever reads what is in force tells when the store goes
// away, and changes nothing.
func TestReadingFails(t *testing.T) {
	d := newDesk()
	d.raise(t)
	gone := errors.New("gone")
	for after := range 3 {
		n := 0
		inner := d.store()
		d.use(&failing{Store: inner, fail: func() error {
			if n++; n > after {
				return gone
			}
			return nil
		}})
		_, _, err := collect(d.Issue(t.Context(), d.Bystanders(t.Context())))
		require.ErrorIs(t, err, gone)
		n = 0
		before := all(t, inner)
		_, _, err = d.Lost(t.Context(), credential.KeyID{1}, d.public("spare"))
		require.ErrorIs(t, err, gone)
		require.Equal(t, before, all(t, inner))
		d.use(inner)
	}
}

// failing is a store that fails to be read.
type failing struct {
	ledger.Store
	fail func() error
}

func (f *failing) Since(ctx context.Context, serial uint64, limit int) ([]ledger.Record, error) {
	if err := f.fail(); err != nil {
		return nil, err
	}
	return f.Store.Since(ctx, serial, limit)
}

// reading counts the records that a store gives to whoever reads on.
type reading struct {
	ledger.Store
	records int
}

func (r *reading) Since(ctx context.Context, serial uint64, limit int) ([]ledger.Record, error) {
	records, err := r.Store.Since(ctx, serial, limit)
	r.records += len(records)
	return records, err
}

// TestBystandersReadNoFurtherThanTheyMust puts years of grants into the ledger and reads
// those of the last days alone.
func TestBystandersReadNoFurtherThanTheyMust(t *testing.T) {
	d := newDesk()
	s := &reading{Store: d.store()}
	const old = 20_000
	record := func(n int, at credential.Time) ledger.Record {
		r := ledger.Record{
			Duty: id(100_000 + n), Signer: credential.KeyIDOf(d.Post.PublicKey()), Holder: credential.KeyID{1},
			IssuedAt: at, Expires: at + 12*hour, Grant: []byte("forgotten"),
		}
		copy(r.Tag[:], r.Duty[:4])
		r.Tag[7] = 0xff
		return r
	}
	for n := 0; n < old; n += 1000 {
		var batch []ledger.Record
		for i := range 1000 {
			// Times of issue rise, but for some seconds.
			batch = append(batch, record(n+i, d.now()-credential.Time(10*(old-n-i))-100*hour+credential.Time(i%7*10)))
		}
		_, err := s.Commit(t.Context(), d.now(), batch)
		require.NoError(t, err)
	}
	d.issue(t, d.day(30))
	for i := range 25 {
		require.NoError(t, d.Withdraw(t.Context(), id(i)))
	}
	d.pass(1)
	d.use(s)
	_, count, err := d.Raise(t.Context())
	require.NoError(t, err)
	require.Equal(t, 5, count)
	duties := 0
	for _, err := range d.Bystanders(t.Context()) {
		require.NoError(t, err)
		duties++
	}
	require.Equal(t, 5, duties)
	require.Less(t, s.records, 200)

	d.Publisher.Longest, s.records = 100*365*24*time.Hour, 0
	duties = 0
	for _, err := range d.Bystanders(t.Context()) {
		require.NoError(t, err)
		duties++
	}
	require.Equal(t, 5, duties, "the same by reading all")
	require.Equal(t, old+30+2, s.records, "two of them to see that nothing is over for certain")
}
