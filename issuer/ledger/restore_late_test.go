package ledger_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer/ledger"
)

// rival is a store on which another program works before the first withdrawal.
type rival struct {
	ledger.Store
	work func()
}

func (s *rival) Withdraw(ctx context.Context, at credential.Time, tags []credential.Tag) error {
	if work := s.work; work != nil {
		s.work = nil
		work()
	}
	return s.Store.Withdraw(ctx, at, tags)
}

// opening returns the scopes of what the desk's newest list does not deny.
func (d *desk) opening(t *testing.T) (open [][]credential.Entry) {
	t.Helper()
	_, err := d.Publish(t.Context())
	require.NoError(t, err)
	for _, r := range all(t, d.store()) {
		if !d.posted(t).Denies(r.Tag, r.IssuedAt) {
			duty, err := ledger.DutyOf(r)
			require.NoError(t, err)
			open = append(open, duty.Scope)
		}
	}
	return open
}

// TestRestoredByANewerListOfLeast lets a courier bring a newer list that names nobody, and
// denies by Least: whom it denies does not keep what was issued again meanwhile.
func TestRestoredByANewerListOfLeast(t *testing.T) {
	for name, first := range map[string]bool{"it alone": false, "an older one at first": true} {
		t.Run(name, func(t *testing.T) {
			d := newDesk()
			old := d.issue(t, d.day(26))
			d.pass(1)
			older, err := d.Publish(t.Context())
			require.NoError(t, err)
			for i := range 25 {
				require.NoError(t, d.Withdraw(t.Context(), id(i+1)))
			}
			_, _, err = d.Raise(t.Context())
			require.NoError(t, err)
			old = append(old, d.issue(t, ledger.Each(d.round(40)))...)
			newest, err := d.Publish(t.Context())
			require.NoError(t, err)
			require.Empty(t, d.posted(t).Denied)
			d.pass(60)

			b := d.backup(t, old...)
			if first {
				_, err = b.Restored(t.Context(), older.Bytes)
				require.NoError(t, err)
				require.Len(t, b.issue(t, b.Bystanders(t.Context())), 27)
				b.pass(60)
			}
			count, err := b.Restored(t.Context(), newest.Bytes)
			require.NoError(t, err)
			require.Equal(t, 1, count)
			require.Len(t, b.issue(t, b.Bystanders(t.Context())), 1)
			require.Equal(t, [][]credential.Entry{d.round(40).Scope}, b.opening(t))

			b.pass(60)
			own := b.document(t)
			_, err = b.Restored(t.Context(), own)
			require.NoError(t, err, "a list of the store's own takes nothing from those who were bystanders before it")
			require.Len(t, b.issue(t, b.Bystanders(t.Context())), 1)
			require.Equal(t, [][]credential.Entry{d.round(40).Scope}, b.opening(t))
		})
	}
}

// document returns a list that the desk publishes.
func (d *desk) document(t *testing.T) []byte {
	t.Helper()
	list, err := d.Publish(t.Context())
	require.NoError(t, err)
	return list.Bytes
}

// TestRestoredAfterACrashBetweenWithdrawals: the one that the list names is withdrawn, and
// what was issued of it again is not yet.
func TestRestoredAfterACrashBetweenWithdrawals(t *testing.T) {
	for name, later := range map[string]credential.Time{"in the second of the list": 0, "a minute later": 60} {
		t.Run(name, func(t *testing.T) {
			d := newDesk()
			old := d.issue(t, d.day(3))
			d.pass(1)
			require.NoError(t, d.Withdraw(t.Context(), id(1)))
			newest := d.document(t)
			d.pass(later)
			b := d.backup(t, old...)
			_, err := b.Restored(t.Context(), nil)
			require.NoError(t, err)
			b.issue(t, b.Bystanders(t.Context()))
			b.pass(60)
			require.NoError(t, b.store().Withdraw(t.Context(), b.now(), []credential.Tag{old[1].Tag}))
			_, err = b.Restored(t.Context(), newest)
			require.NoError(t, err)
			require.Len(t, b.issue(t, b.Bystanders(t.Context())), 2)
			require.Equal(t, [][]credential.Entry{d.round(0).Scope, d.round(2).Scope}, b.opening(t))
		})
	}
}

// TestRestoredByTwoAtOnce lets another program that has no list issue all bystanders
// again, before the one that has it withdraws.
func TestRestoredByTwoAtOnce(t *testing.T) {
	d := newDesk()
	old := d.issue(t, d.day(3))
	require.NoError(t, d.Withdraw(t.Context(), id(1)))
	newest := d.document(t)
	d.pass(60)
	b := d.backup(t, old...)
	inner := b.store()
	b.use(&rival{inner, func() {
		b.use(inner)
		_, err := b.Restored(t.Context(), nil)
		require.NoError(t, err)
		require.Len(t, b.issue(t, b.Bystanders(t.Context())), 3)
	}})
	_, err := b.Restored(t.Context(), newest)
	require.NoError(t, err)
	b.issue(t, b.Bystanders(t.Context()))
	require.Equal(t, [][]credential.Entry{d.round(0).Scope, d.round(2).Scope}, b.opening(t))
}
