package home_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder/home"
)

// TestCoOwnerMeetsTheLockBeforeTheNews that the transfer was taken back: the version
// that the lock tells is above the transfer's, and does not say that it arrived.
func TestCoOwnerMeetsTheLockBeforeTheNews(t *testing.T) {
	s, owner, partner := couple(t)
	transfer, err := owner.Transfer(s.now, public("buyer"))
	require.NoError(t, err)
	require.NoError(t, partner.Learn(transfer))
	change, err := owner.TakeBack(s.now)
	require.NoError(t, err)
	s.visit(t, owner, "owner")
	s.visit(t, partner, "partner")
	require.NoError(t, partner.Learn(change.Policy))
	_, _, ok := partner.Heir()
	require.False(t, ok)
	pass, err := partner.Grant(s.now, "Ben", public("ben"), s.month())
	require.NoError(t, err)
	s.requireOpens(t, s.phoneWith(t, "ben", pass))
}

// takenBack has the owner's other phone take back what this one gave away; neither has
// met the lock since.
func takenBack(t *testing.T) (s *street, one, two *home.Box, back home.Change) {
	s, one, on, _ := settled(t)
	two = twin(t, on)
	transfer, err := one.Transfer(s.now, public("buyer"))
	require.NoError(t, err)
	require.NoError(t, two.Learn(transfer))
	back, err = two.TakeBack(s.now)
	require.NoError(t, err)
	return s, one, two, back
}

// TestPhoneMeetsTheLockBeforeTheNews: the owner's other phone took the transfer back.
func TestPhoneMeetsTheLockBeforeTheNews(t *testing.T) {
	s, one, two, change := takenBack(t)
	s.visit(t, two, "owner")
	s.visit(t, one, "owner")
	require.NoError(t, one.Learn(change.Policy))
	_, err := one.Block(s.now, credential.BlockGuests)
	require.NoError(t, err)
	s.visit(t, one, "owner")
	require.Empty(t, one.Pending())
}

// TestNewsThatNobodyBrings: the lock lets the key in, and the policy that took the transfer
// back is not to be had.
func TestNewsThatNobodyBrings(t *testing.T) {
	s, one, two, _ := takenBack(t)
	s.visit(t, two, "owner")
	s.visit(t, one, "owner")
	_, err := one.TakeBack(s.now)
	require.ErrorIs(t, err, home.ErrGivenAway)
	require.NoError(t, one.Restored())
	change, err := one.Heal(s.now)
	require.NoError(t, err)
	require.Len(t, change.Renewed, 2)
	s.visit(t, one, "owner")
	require.Empty(t, one.Pending())
	s.requireOpens(t, s.phoneWith(t, "anna", change.Renewed[0].Pass))
}

// TestOldTransferIsNoNews to a phone that was restored to before it: a buyer whom the
// lock was taken back from shuts nobody out of his own app by it.
func TestOldTransferIsNoNews(t *testing.T) {
	s, lost, on, _ := settled(t)
	backup := on.saved
	transfer, err := lost.Transfer(s.now, public("buyer"))
	require.NoError(t, err)
	_, err = lost.TakeBack(s.now)
	require.NoError(t, err)
	s.visit(t, lost, "owner")
	b, err := home.Load(key(t, "owner"), backup, new(shelf).keep)
	require.NoError(t, err)
	_, err = b.Visit(t.Context(), s.OwnerPhone(t), s.Link(), credential.OperationOpen)
	require.ErrorIs(t, err, home.ErrBehind)
	require.NoError(t, b.Learn(transfer))
	_, _, ok := b.Heir()
	require.False(t, ok)
	require.True(t, b.Behind())
	_, err = b.Heal(s.now)
	require.NoError(t, err)
}

// TestTransferThatArrivedStays, whatever else the former key signed.
func TestTransferThatArrivedStays(t *testing.T) {
	s, one, _, change := takenBack(t)
	r, err := one.Visit(t.Context(), s.OwnerPhone(t), s.Link(), credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, credential.ReasonDenied, r.Reason)
	require.NoError(t, one.Learn(change.Policy))
	_, arrived, ok := one.Heir()
	require.True(t, ok && arrived)
	_, err = one.Block(s.now, 0)
	require.ErrorIs(t, err, home.ErrGivenAway)
}

// TestRestoredWithATransferUnderWay: what the backup gave away may have been taken back
// since, so that the next version is given already.
func TestRestoredWithATransferUnderWay(t *testing.T) {
	s, lost, on, _ := settled(t)
	transfer, err := lost.Transfer(s.now, public("buyer"))
	require.NoError(t, err)
	backup := on.saved
	back, err := lost.TakeBack(s.now)
	require.NoError(t, err)
	b, err := home.Load(key(t, "owner"), backup, new(shelf).keep)
	require.NoError(t, err)
	require.NoError(t, b.Restored())
	_, err = b.TakeBack(s.now)
	require.ErrorIs(t, err, home.ErrBehind)
	change, err := b.Heal(s.now)
	require.NoError(t, err)
	require.Greater(t, claims(t, change.Policy).Version, claims(t, back.Policy).Version)
	_, _, ok := b.Heir()
	require.False(t, ok)
	s.visit(t, b, "owner")
	for _, late := range [][]byte{transfer, back.Policy} {
		p := s.OwnerPhone(t)
		p.Documents = [][]byte{late}
		r, err := p.Status(t.Context(), s.Link())
		require.NoError(t, err)
		require.Equal(t, credential.ReasonSuperseded, r.Documents[0].Reason)
	}
}
