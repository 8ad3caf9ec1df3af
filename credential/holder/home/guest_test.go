package home_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder/home"
	"github.com/postern-lock/postern/internal/worldtest"
)

func TestGuestComesAndIsWithdrawn(t *testing.T) {
	s := newStreet(t)
	b, _ := s.moveIn(t, "owner")
	require.Empty(t, b.Pending(), "MoveIn handed the first policy over")
	pass, err := b.Grant(s.now, "Anna", worldtest.Public(t, "anna"), s.month())
	require.NoError(t, err)
	require.Empty(t, pass.Documents, "the lock holds the policy")
	anna := s.phoneWith(t, "anna", pass)
	s.requireOpens(t, anna)

	id := credential.KeyIDOf(worldtest.Public(t, "anna"))
	change, err := b.Withdraw(s.now, id)
	require.NoError(t, err)
	require.Equal(t, [][]byte{change.Policy}, b.Pending())
	s.requireOpens(t, anna) // nobody has brought the policy
	s.visit(t, b, "owner")
	require.Empty(t, b.Pending())
	s.requireRefused(t, anna, credential.ReasonDenied)
	_, err = b.Pass(id)
	require.ErrorIs(t, err, home.ErrGuest)

	lines := b.Lines()
	require.Len(t, lines, 4)
	require.Equal(t, []string{"", "Anna", "Anna", ""}, []string{lines[0].Name, lines[1].Name, lines[2].Name, lines[3].Name})
	require.Equal(t, home.WhoYou, lines[3].Who)
}
