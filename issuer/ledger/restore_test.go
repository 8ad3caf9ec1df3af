package ledger_test

import (
	"crypto"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer/ledger"
)

// backup returns a desk with the same keys and clock whose store has these records alone.
func (d *desk) backup(t *testing.T, records ...ledger.Record) *desk {
	t.Helper()
	b := deskOn(d.World)
	b.clock.Store(d.clock.Load())
	for i := range records {
		records[i].Serial = 0
	}
	_, err := b.store().Commit(t.Context(), b.now(), records)
	require.NoError(t, err)
	return b
}

// TestRestoredFromABackup holds that nobody comes back who was withdrawn since the
// backup, and that no version is given twice.
func TestRestoredFromABackup(t *testing.T) {
	d := newDesk()
	old := d.issue(t, d.day(30))
	d.pass(60)
	forgotten := d.issue(t, ledger.Each(d.round(40)))[0]
	require.NoError(t, d.Withdraw(t.Context(), id(0)))
	newest, err := d.Publish(t.Context())
	require.NoError(t, err)
	d.pass(60)

	b := d.backup(t, old...)
	next, err := b.store().NextList(t.Context(), newest.Signer, b.now(), b.Publisher.Longest)
	require.NoError(t, err)
	require.Equal(t, newest.Version, next.Version, "as it is, a store gives it twice")
	count, err := b.Restored(t.Context(), newest.Bytes)
	require.NoError(t, err)
	require.Equal(t, 29, count)
	first, err := ledger.Again(old[0], credential.PublicKey{})
	require.NoError(t, err)
	again := b.issue(t, b.Bystanders(t.Context()))
	require.Len(t, again, 29)
	list, err := b.Publish(t.Context())
	require.NoError(t, err)
	require.Greater(t, list.Version, newest.Version)
	claims := b.posted(t)
	for _, r := range append(old, forgotten) {
		require.True(t, claims.Denies(r.Tag, r.IssuedAt))
	}
	for _, r := range again {
		require.False(t, claims.Denies(r.Tag, r.IssuedAt))
		require.NotEqual(t, first.ID, r.Duty)
	}
	count, err = b.Restored(t.Context(), newest.Bytes)
	require.NoError(t, err, "once more")
	require.Zero(t, count)
}

// TestRestoredAndACrash lets the program die after each change, and others publish before
// anybody calls Restored again: a list that locks take in the place of the newest one
// denies all that it does.
func TestRestoredAndACrash(t *testing.T) {
	d := newDesk()
	old := d.issue(t, d.day(3))
	d.pass(60)
	forgotten := d.issue(t, ledger.Each(d.round(40)))[0]
	require.NoError(t, d.Withdraw(t.Context(), id(0), id(1), forgotten.Duty))
	newest, err := d.Publish(t.Context())
	require.NoError(t, err)
	denied := d.posted(t)
	d.pass(60)

	for changes := 0; ; changes++ {
		b := d.backup(t, old...)
		inner := b.store()
		b.use(&mortal{Store: inner, changes: changes})
		_, err := b.Restored(t.Context(), newest.Bytes)
		if err == nil {
			require.Equal(t, 3, changes, "the withdrawals, Least and the list")
			return
		}
		require.ErrorIs(t, err, errDead)
		b.use(inner)
		list, err := b.Publish(t.Context())
		require.NoError(t, err)
		for _, r := range append(old, forgotten) {
			if list.Version > newest.Version && denied.Denies(r.Tag, r.IssuedAt) {
				require.True(t, b.posted(t).Denies(r.Tag, r.IssuedAt), "after %d changes", changes)
			}
		}
		_, err = b.Restored(t.Context(), newest.Bytes)
		require.NoError(t, err, "whoever calls again ends what was begun")
		list, err = b.Publish(t.Context())
		require.NoError(t, err)
		require.Greater(t, list.Version, newest.Version)
		for _, r := range append(old, forgotten) {
			require.True(t, b.posted(t).Denies(r.Tag, r.IssuedAt))
		}
	}
}

// TestRestoredTooLate holds that it is not too late where others went on from the backup
// and gave the newest list's version to another list.
func TestRestoredTooLate(t *testing.T) {
	d := newDesk()
	old := d.issue(t, d.day(3))
	require.NoError(t, d.Withdraw(t.Context(), id(0)))
	newest, err := d.Publish(t.Context())
	require.NoError(t, err)
	d.pass(60)
	b := d.backup(t, old...)
	other, err := b.Publish(t.Context())
	require.NoError(t, err)
	require.Equal(t, newest.Version, other.Version)
	count, err := b.Restored(t.Context(), newest.Bytes)
	require.NoError(t, err)
	require.Equal(t, 2, count)
	list, err := b.Publish(t.Context())
	require.NoError(t, err)
	require.Greater(t, list.Version, newest.Version)
	require.True(t, b.posted(t).Denies(old[0].Tag, old[0].IssuedAt))
	require.Len(t, b.issue(t, b.Bystanders(t.Context())), 2)
}

// TestRestoredByANewerListLater lets a courier bring a newer list than the one by which
// the store was set right: whom it names does not keep what was issued again meanwhile.
func TestRestoredByANewerListLater(t *testing.T) {
	for name, found := range map[string]bool{"no list at first": false, "an older one at first": true} {
		t.Run(name, func(t *testing.T) {
			d := newDesk()
			old := d.issue(t, d.day(3))
			require.NoError(t, d.Withdraw(t.Context(), id(0)))
			first, err := d.Publish(t.Context())
			require.NoError(t, err)
			if !found {
				first.Bytes = nil
			}
			require.NoError(t, d.Withdraw(t.Context(), id(1)))
			second, err := d.Publish(t.Context())
			require.NoError(t, err)

			b := d.backup(t, old...)
			for range 2 {
				b.pass(60)
				_, err = b.Restored(t.Context(), first.Bytes)
				require.NoError(t, err)
				b.issue(t, b.Bystanders(t.Context()))
			}
			b.pass(60)
			count, err := b.Restored(t.Context(), second.Bytes)
			require.NoError(t, err)
			require.Equal(t, 1, count)
			again := b.issue(t, b.Bystanders(t.Context()))
			require.Len(t, again, 1)
			duty, err := ledger.DutyOf(again[0])
			require.NoError(t, err)
			require.Equal(t, d.round(2).Scope, duty.Scope, "the one that neither list names")
			_, err = b.Publish(t.Context())
			require.NoError(t, err)
			for _, r := range all(t, b.store()) {
				require.Equal(t, r.Serial != again[0].Serial, b.posted(t).Denies(r.Tag, r.IssuedAt), "record %d", r.Serial)
			}
		})
	}
}

// TestRestoredAfterLeastRose holds that those stay out whom the newest list does not name.
func TestRestoredAfterLeastRose(t *testing.T) {
	d := newDesk()
	old := d.issue(t, d.day(26))
	d.pass(1)
	for i := range 25 {
		require.NoError(t, d.Withdraw(t.Context(), id(i+1)))
	}
	_, _, err := d.Raise(t.Context())
	require.NoError(t, err)
	newest, err := d.Publish(t.Context())
	require.NoError(t, err)
	require.Empty(t, d.posted(t).Denied)
	d.pass(60)
	b := d.backup(t, old...)
	count, err := b.Restored(t.Context(), newest.Bytes)
	require.NoError(t, err)
	require.Zero(t, count)
	require.Empty(t, b.issue(t, b.Bystanders(t.Context())))
}

// TestRestoredByAClockThatIsBehind holds that nothing is set right by the clock of a new
// machine that nobody has set: what was issued after its time would stand.
func TestRestoredByAClockThatIsBehind(t *testing.T) {
	d := newDesk()
	old := d.issue(t, d.day(3))
	b := d.backup(t, old...)
	b.pass(^credential.Time(hour) + 1)
	_, err := b.Restored(t.Context(), nil)
	require.ErrorIs(t, err, ledger.ErrClock)
	require.Len(t, all(t, b.store()), len(old))
	for _, r := range all(t, b.store()) {
		require.Zero(t, r.Withdrawn)
	}
}

// TestRestoredByAForgedList: the greatest version of all would end all lists of the key.
func TestRestoredByAForgedList(t *testing.T) {
	d := newDesk()
	u, err := credential.NewRevocationList(credential.RevocationClaims{IssuedAt: d.now(), Version: 1<<32 - 1}, d.postman)
	require.NoError(t, err)
	signature, err := d.Key("postman").Sign(nil, u.ToBeSigned(), crypto.Hash(0))
	require.NoError(t, err)
	forged, err := u.WithSignature(signature)
	require.NoError(t, err)
	_, err = d.Restored(t.Context(), forged)
	require.ErrorIs(t, err, ledger.ErrInvalid)
	_, err = d.Restored(t.Context(), forged[1:])
	require.ErrorIs(t, err, ledger.ErrInvalid)
	late, err := d.Revoker.Revoke(credential.RevocationClaims{IssuedAt: d.now() + ledger.ClockTolerance + 1, Version: 7})
	require.NoError(t, err)
	_, err = d.Restored(t.Context(), late)
	require.ErrorIs(t, err, ledger.ErrClock)
	_, err = d.Restored(t.Context(), nil)
	require.NoError(t, err, "there never was a list")
	list, err := d.Publish(t.Context())
	require.NoError(t, err)
	require.Equal(t, uint32(1), list.Version)
}
