package home_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder/home"
	"github.com/postern-lock/postern/internal/worldtest"
)

// TestRestoredPhoneIsBehindUntilItHeals: neither a policy that somebody brings nor the
// lock tells what else was signed in the forgotten time and is still under way.
func TestRestoredPhoneIsBehindUntilItHeals(t *testing.T) {
	s := newStreet(t)
	b, on := s.moveIn(t, "owner")
	anna, err := b.Grant(s.now, "Anna", public("anna"), s.lent())
	require.NoError(t, err)
	_, err = b.Grant(s.now, "Cem", public("cem"), s.lent())
	require.NoError(t, err)
	s.visit(t, b, "owner")
	backup := on.saved
	older, err := b.Block(s.now, credential.BlockServices)
	require.NoError(t, err)
	s.visit(t, b, "owner")
	withdrawal, err := b.Withdraw(s.now, id("anna")) // with a courier
	require.NoError(t, err)

	b, err = home.Load(key(t, "owner"), backup, on.keep)
	require.NoError(t, err)
	require.NoError(t, b.Restored())
	behind := func() {
		t.Helper()
		require.True(t, b.Behind())
		_, err := b.Block(s.now, 0)
		require.ErrorIs(t, err, home.ErrBehind)
		_, err = b.Renew(s.now.Add(30 * time.Hour))
		require.ErrorIs(t, err, home.ErrBehind, "who was withdrawn is not known")
	}
	behind()
	require.NoError(t, b.Learn(older.Policy), "Anna hands over the one that does not name her")
	behind()
	require.Equal(t, credential.BlockServices, b.Settings().Block, "it helps")
	s.visit(t, b, "owner")
	behind()
	_, err = b.Visit(t.Context(), s.OwnerPhone(t), s.Link(), credential.OperationStatus)
	require.NoError(t, err)
	behind() // the lock holds what the phone knows, and the withdrawal is not there yet
	b, err = home.Load(key(t, "owner"), on.saved, on.keep)
	require.NoError(t, err)
	behind()

	change, err := b.Heal(s.now, id("anna"))
	require.NoError(t, err)
	require.False(t, b.Behind())
	require.Greater(t, claims(t, change.Policy).Version, claims(t, withdrawal.Policy).Version)
	require.Equal(t, credential.BlockServices, claims(t, change.Policy).Block)
	require.Len(t, change.Renewed, 1)
	s.visit(t, b, "owner")
	s.requireRefused(t, s.phoneWith(t, "anna", anna), credential.ReasonDenied)
	s.requireOpens(t, s.phoneWith(t, "cem", change.Renewed[0].Pass))
}

// TestRestoredPhoneLearnsTheNewest, and is behind still: nobody vouches that it is.
func TestRestoredPhoneLearnsTheNewest(t *testing.T) {
	s, b, _, newest, anna, _ := restored(t, true)
	require.NoError(t, b.Restored())
	require.NoError(t, b.Learn(newest))
	require.True(t, b.Behind())
	g, err := b.Guest(id("anna"))
	require.NoError(t, err)
	require.True(t, g.Withdrawn)
	change, err := b.Heal(s.now)
	require.NoError(t, err)
	require.Len(t, change.Renewed, 1)
	require.Equal(t, "Cem", change.Renewed[0].Guest.Name, "and not Anna, whom the policy named")
	require.Equal(t, credential.BlockServices, claims(t, change.Policy).Block)
	s.visit(t, b, "owner")
	s.requireRefused(t, s.phoneWith(t, "anna", anna), credential.ReasonDenied)
}

// TestRestoredPhoneLearnsOfATransferUnderWay: healing is above it, as above all else.
func TestRestoredPhoneLearnsOfATransferUnderWay(t *testing.T) {
	s, lost, on, _ := settled(t)
	b, err := home.Load(key(t, "owner"), on.saved, new(shelf).keep)
	require.NoError(t, err)
	transfer, err := lost.Transfer(s.now, public("buyer"))
	require.NoError(t, err)
	require.NoError(t, b.Restored())
	require.NoError(t, b.Learn(transfer))
	_, err = b.TakeBack(s.now)
	require.ErrorIs(t, err, home.ErrBehind)
	_, err = b.Heal(s.now)
	require.NoError(t, err)
	s.visit(t, b, "owner")
	p := s.OwnerPhone(t)
	p.Documents = [][]byte{transfer}
	r, err := p.Status(t.Context(), s.Link())
	require.NoError(t, err)
	require.Equal(t, credential.ReasonSuperseded, r.Documents[0].Reason)
	_, _, ok := b.Heir()
	require.False(t, ok)
}

// TestWithdrawalBehindIsRefused, also of a guest of whom nothing is good as far as the
// phone knows: the forgotten time may have renewed it.
func TestWithdrawalBehindIsRefused(t *testing.T) {
	s, b, _, _ := settled(t)
	require.NoError(t, b.Restored())
	_, err := b.Withdraw(s.now.AddDate(0, 2, 0), id("anna"))
	require.ErrorIs(t, err, home.ErrBehind)
	g, err := b.Guest(id("anna"))
	require.NoError(t, err)
	require.False(t, g.Withdrawn)
}

// TestRestoredPhoneMovesIn after somebody else did, and asks its user about every guest.
func TestRestoredPhoneMovesIn(t *testing.T) {
	s, b, _, _, anna, _ := restored(t, false)
	require.NoError(t, b.Restored())
	s.Button = true
	thief, _ := s.newBox(t, "thief")
	_, _, err := thief.MoveIn(t.Context(), s.Phone(t, "thief", nil), s.Link(), worldtest.Setup, s.now)
	require.NoError(t, err)
	change, _, err := b.MoveIn(t.Context(), s.OwnerPhone(t), s.Link(), worldtest.Setup, s.now)
	require.NoError(t, err)
	require.Empty(t, change.Renewed)
	require.Len(t, change.Lapsed, 2)
	require.False(t, b.Behind())
	renewed, err := b.Renew(s.now.Add(time.Hour))
	require.NoError(t, err)
	require.Empty(t, renewed)
	change, err = b.ResetFloor(s.now) // which ends every grant of before once more
	require.NoError(t, err)
	require.Empty(t, change.Renewed)
	s.requireRefused(t, s.phoneWith(t, "anna", anna), credential.ReasonDenied)
}

// TestRestoredCoOwner grants anew at his word, since he can heal nothing.
func TestRestoredCoOwner(t *testing.T) {
	s, _, partner := couple(t)
	_, err := partner.Grant(s.now, "Ben", public("ben"), s.lent())
	require.NoError(t, err)
	require.NoError(t, partner.Restored())
	require.False(t, partner.Behind())
	_, err = partner.Pass(id("ben"))
	require.ErrorIs(t, err, home.ErrGuest)
	renewed, err := partner.Renew(s.now.Add(30 * time.Hour))
	require.NoError(t, err)
	require.Empty(t, renewed)
	_, err = partner.Grant(s.now, "Ben", public("ben"), s.lent())
	require.NoError(t, err)
}
