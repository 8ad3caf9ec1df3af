package home_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder/home"
	"github.com/postern-lock/postern/internal/worldtest"
)

// TestTakeBackThatIsNotTheNewest has a phone learn that its transfer was taken back, from a
// policy that is older than the one that the lock holds: what that one withdrew stays
// withdrawn.
func TestTakeBackThatIsNotTheNewest(t *testing.T) {
	s, one, two, back := takenBack(t)
	guest := one.Guests()[0]
	pass, err := one.Pass(guest.ID())
	require.NoError(t, err)
	pass.Documents = nil // she carries no transfer there
	anna := s.phoneWith(t, "anna", pass)
	s.requireOpens(t, anna)
	_, err = two.Withdraw(s.now, guest.ID())
	require.NoError(t, err)
	s.visit(t, two, "owner")

	_, _ = one.Visit(t.Context(), s.OwnerPhone(t), s.Link(), credential.OperationOpen) // and learns that the lock is ahead
	require.NoError(t, one.Learn(back.Policy))
	_, _, given := one.Heir()
	require.False(t, given)
	require.True(t, one.Behind())
	_, err = one.Block(s.now, 0)
	require.ErrorIs(t, err, home.ErrBehind)
	r, err := anna.Open(t.Context(), s.Link(), credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeRefused, r.Outcome)
}

// TestTransferThatAnotherPolicyOutdid has the lock hold another policy of the transfer's
// version, as its receipt says: it was not given away.
func TestTransferThatAnotherPolicyOutdid(t *testing.T) {
	s, one, on, _ := settled(t)
	two := twin(t, on)
	_, err := one.Block(s.now, 0)
	require.NoError(t, err)
	s.visit(t, one, "owner")
	_, err = two.Transfer(s.now, public("buyer"))
	require.NoError(t, err)
	_, err = two.Visit(t.Context(), s.OwnerPhone(t), s.Link(), credential.OperationStatus)
	require.ErrorIs(t, err, home.ErrBehind)
	_, _, given := two.Heir()
	require.False(t, given)
	_, err = two.Heal(s.now)
	require.NoError(t, err)
	s.visit(t, two, "owner")
	require.Equal(t, two.Version(), two.Held())
}

// TestForgetAfterTheEndOfAll holds that whoever has no right to give any more can forget
// whom they gave one to.
func TestForgetAfterTheEndOfAll(t *testing.T) {
	s, owner, partner := couple(t)
	_, err := partner.Grant(s.now, "Ben", public("ben"), s.month())
	require.NoError(t, err)
	require.NoError(t, partner.Restored())
	id := partner.Guests()[0].ID()
	require.ErrorIs(t, partner.Forget(s.now, id), home.ErrGuest)
	change, err := owner.RemoveCoOwner(s.now, public("partner"))
	require.NoError(t, err)
	require.NoError(t, partner.Learn(change.Policy))
	require.NoError(t, partner.Forget(s.now, id))
	require.Empty(t, partner.Guests())
}

// TestSuccessorRevivesNobodyWhoHadLapsed holds that a new key brings nobody back of whom
// the former one was not sure any more.
func TestSuccessorRevivesNobodyWhoHadLapsed(t *testing.T) {
	s, one, on, _ := settled(t)
	two := twin(t, on)
	guest := one.Guests()[0]
	_, err := two.Withdraw(s.now, guest.ID())
	require.NoError(t, err)
	healed, err := two.Heal(s.now)
	require.NoError(t, err)
	require.NoError(t, one.Learn(healed.Policy))
	_, err = one.ResetFloor(s.now)
	require.NoError(t, err)
	_, err = one.Pass(guest.ID())
	require.ErrorIs(t, err, home.ErrGuest, "lapsed")

	three, err := home.Succeed(key(t, "new"), on.saved, new(shelf).keep)
	require.NoError(t, err)
	s.Button = true
	change, _, err := three.MoveIn(t.Context(), s.Phone(t, "new", nil), s.Link(), worldtest.Setup, s.now)
	require.NoError(t, err)
	for _, r := range change.Renewed {
		require.NotEqual(t, guest.Name, r.Guest.Name)
	}
	_, err = three.Grant(s.now, guest.Name, guest.Key, s.month())
	require.NoError(t, err, "at the owner's word")
}
