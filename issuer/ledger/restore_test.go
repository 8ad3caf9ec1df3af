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
