package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer/ledger"
)

var errDead = errors.New("the program died")

// mortal is a store of a program that dies after so many changes: before the next one, or
// when it is made and nobody hears of it any more.
type mortal struct {
	ledger.Store
	mu      sync.Mutex
	changes int
	unheard bool
}

// change makes one.
func (m *mortal) change(call func() error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.changes--; m.changes >= 0 {
		return call()
	}
	if m.unheard && m.changes == -1 {
		return errors.Join(call(), errDead)
	}
	return errDead
}

func (m *mortal) Commit(ctx context.Context, at credential.Time, records []ledger.Record) (kept []ledger.Record, err error) {
	err = m.change(func() error { kept, err = m.Store.Commit(ctx, at, records); return err })
	return kept, err
}

func (m *mortal) Withdraw(ctx context.Context, at credential.Time, tags []credential.Tag) error {
	return m.change(func() error { return m.Store.Withdraw(ctx, at, tags) })
}

func (m *mortal) NextList(ctx context.Context, signer credential.KeyID, at credential.Time, longest time.Duration) (c credential.RevocationClaims, err error) {
	err = m.change(func() error { c, err = m.Store.NextList(ctx, signer, at, longest); return err })
	return c, err
}

func (m *mortal) RaiseLeast(ctx context.Context, signer credential.KeyID, least, at credential.Time) (n int, err error) {
	err = m.change(func() error { n, err = m.Store.RaiseLeast(ctx, signer, least, at); return err })
	return n, err
}

func (m *mortal) Post(ctx context.Context, d ledger.Document) error {
	return m.change(func() error { return m.Store.Post(ctx, d) })
}

// work is something that a program does and can die of, from a ledger with a day of 30
// rounds: 24 are withdrawn and denied by a list, one more is withdrawn, and five stand.
type work struct {
	do func(*desk) error
	// safe holds what is true wherever the program died.
	safe func(*testing.T, *desk)
	// done holds what is true when it was done again.
	done func(*testing.T, *desk)
}

// stands reports whether a duty has a grant that stands.
func (d *desk) stands(t *testing.T, duty ledger.DutyID) bool {
	t.Helper()
	found, err := d.store().Find(t.Context(), []ledger.DutyID{duty})
	require.NoError(t, err)
	return len(found) == 1 && found[0].Withdrawn == 0
}

// standing are the rounds that stand when a work begins.
var standing = []int{0, 26, 27, 28, 29}

// again returns the id under which a round is issued again.
func (d *desk) again(t *testing.T, n int) ledger.DutyID {
	t.Helper()
	duty, err := ledger.Again(d.find(t, id(n)), credential.PublicKey{})
	require.NoError(t, err)
	return duty.ID
}

var works = map[string]work{
	"replace": {
		do: func(d *desk) error {
			_, err := d.Replace(context.Background(), id(0), d.round(100), d.round(101), d.round(102))
			return err
		},
		safe: func(t *testing.T, d *desk) {
			for n := 100; n < 103; n++ {
				require.True(t, d.stands(t, id(0)) || d.stands(t, id(n)), "the old one stands until all new ones do")
			}
		},
		done: func(t *testing.T, d *desk) {
			require.False(t, d.stands(t, id(0)))
			require.Len(t, all(t, d.store()), 30+3)
		},
	},
	"lost": {
		do: func(d *desk) error {
			_, _, err := d.Lost(context.Background(), credential.KeyIDOf(d.postman), d.public("spare"))
			return err
		},
		safe: func(t *testing.T, d *desk) {
			for _, n := range standing {
				require.True(t, d.stands(t, id(n)) || d.stands(t, d.again(t, n)), "the round is somebody's")
			}
		},
		done: func(t *testing.T, d *desk) {
			for _, n := range standing {
				require.False(t, d.stands(t, id(n)))
				require.Equal(t, credential.KeyIDOf(d.public("spare")), d.find(t, d.again(t, n)).Holder)
			}
			require.Len(t, all(t, d.store()), 30+len(standing))
		},
	},
	"raise": {
		do: func(d *desk) error {
			if _, _, err := d.Raise(context.Background()); err != nil {
				return err
			}
			for _, err := range d.Issue(context.Background(), d.Bystanders(context.Background())) {
				if err != nil {
					return err
				}
			}
			_, err := d.Publish(context.Background())
			return err
		},
		safe: func(*testing.T, *desk) {},
		done: func(t *testing.T, d *desk) {
			for _, n := range standing {
				require.False(t, d.stands(t, id(n)))
				require.True(t, d.stands(t, d.again(t, n)))
				again := d.find(t, d.again(t, n))
				require.False(t, d.posted(t).Denies(again.Tag, again.IssuedAt))
			}
			require.Len(t, all(t, d.store()), 30+len(standing))
		},
	},
}

// TestEveryCrash lets a program die at each of the changes that it makes, lets others
// publish, and starts it again.
func TestEveryCrash(t *testing.T) {
	for name, w := range works {
		for _, unheard := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, unheard %t", name, unheard), func(t *testing.T) {
				changes := 0
				for w.dies(t, changes, unheard) {
					changes++
				}
				require.GreaterOrEqual(t, changes, 3)
			})
		}
	}
}

// dies lets the work die after so many changes, unless it is done before.
func (w work) dies(t *testing.T, changes int, unheard bool) bool {
	d := newDesk()
	d.Batch, d.Workers = 2, 1
	old := d.issue(t, d.day(30))
	d.pass(1)
	for i := range 25 {
		require.NoError(t, d.Withdraw(t.Context(), id(i+1)))
		if i == 23 {
			_, err := d.Publish(t.Context())
			require.NoError(t, err)
		}
	}
	denied := d.posted(t)
	inner := d.store()
	d.use(&mortal{Store: inner, changes: changes, unheard: unheard})
	err := w.do(d)
	d.use(inner)
	died := err != nil
	if died {
		require.ErrorIs(t, err, errDead)
		w.safe(t, d)
		d.pass(1)
		if _, err := d.Publish(t.Context()); err != nil {
			require.ErrorIs(t, err, ledger.ErrFull)
		}
		require.NoError(t, w.do(d))
	}
	w.safe(t, d)
	w.done(t, d)
	for _, r := range old {
		require.True(t, !denied.Denies(r.Tag, r.IssuedAt) || d.posted(t).Denies(r.Tag, r.IssuedAt), "a newer list denies what an older one did")
	}
	return died
}
