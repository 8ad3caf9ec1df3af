package home_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder/home"
	"github.com/postern-lock/postern/internal/worldtest"
)

// couple is an owner and a co-owner, each with a phone.
func couple(t *testing.T) (s *street, owner, partner *home.Box) {
	t.Helper()
	s = newStreet(t)
	owner, _ = s.moveIn(t, "owner")
	change, err := owner.AddCoOwner(s.now, "Dana", public("partner"))
	require.NoError(t, err)
	partner, _ = s.newBox(t, "partner")
	require.NoError(t, partner.Join(public("owner"), change.Policy))
	return s, owner, partner
}

// TestCoOwnerActs as the owner does, but for the policy, with guests of the own
// phone.
func TestCoOwnerActs(t *testing.T) {
	s, owner, partner := couple(t)
	require.Equal(t, owner.Pending(), partner.Pending(), "both carry it")
	pass, err := partner.Grant(s.now, "Ben", public("ben"), s.month())
	require.NoError(t, err)
	_, err = s.phoneWith(t, "ben", pass).Open(t.Context(), s.Link(), credential.OperationOpen)
	require.ErrorIs(t, err, credential.ReasonIssuerUnknown, "who is nobody's guest yet, and cannot bring the policy himself")
	owners := s.OwnerPhone(t)
	owners.Documents = owner.Pending()
	_, err = owners.Status(t.Context(), s.Link())
	require.NoError(t, err)
	s.requireOpens(t, s.phoneWith(t, "ben", pass))
	s.visit(t, partner, "partner")
	require.Empty(t, partner.Pending())
	r, err := partner.Phone(s.Phone(t, "partner", nil)).ReadLog(t.Context(), s.Link())
	require.NoError(t, err)
	require.NoError(t, partner.Took(r))
	lines := partner.Lines()
	require.Equal(t, []home.Who{home.WhoOwner, home.WhoGuest, home.WhoYou}, []home.Who{lines[0].Who, lines[1].Who, lines[2].Who})
	s.visit(t, owner, "owner")
	lines = owner.Lines()
	require.Equal(t, []home.Who{home.WhoYou, home.WhoUnknown, home.WhoCoOwner, home.WhoYou}, []home.Who{lines[0].Who, lines[1].Who, lines[2].Who, lines[3].Who})
	require.Equal(t, "Dana", lines[2].Name)

	for _, o := range operations {
		if o.signs > 0 && o.name != "grant" && o.name != "renew" && o.name != "withdraw" {
			require.ErrorIs(t, o.do(partner, s.now), home.ErrCoOwner, o.name)
		}
	}
	_, _, err = partner.Agree(t.Context(), s.Phone(t, "partner", nil), s.Link(), s.now)
	require.ErrorIs(t, err, home.ErrCoOwner)

	change, err := partner.Withdraw(s.now, id("ben"))
	require.NoError(t, err)
	require.Nil(t, change.Policy)
	require.Len(t, change.Deny, 1)
	change, err = owner.Deny(s.now, change.Deny[0].Tag, change.Deny[0].Expires)
	require.NoError(t, err)
	require.NoError(t, partner.Learn(change.Policy))
	s.visit(t, partner, "partner") // brings it
	s.requireRefused(t, s.phoneWith(t, "ben", pass), credential.ReasonDenied)
}

// TestCoOwnerIsLetGo, with the guests.
func TestCoOwnerIsLetGo(t *testing.T) {
	s, owner, partner := couple(t)
	s.visit(t, owner, "owner")
	pass, err := partner.Grant(s.now, "Ben", public("ben"), s.month())
	require.NoError(t, err)
	s.requireOpens(t, s.phoneWith(t, "ben", pass))
	change, err := owner.RemoveCoOwner(s.now, public("partner"))
	require.NoError(t, err)
	s.visit(t, owner, "owner")
	_, err = s.phoneWith(t, "ben", pass).Status(t.Context(), s.Link())
	require.Error(t, err, "nobody's guest")
	_, err = partner.Visit(t.Context(), s.Phone(t, "partner", nil), s.Link(), credential.OperationOpen)
	require.Error(t, err)
	require.NoError(t, partner.Learn(change.Policy))
	_, err = partner.Grant(s.now, "Cem", public("cem"), s.month())
	require.ErrorIs(t, err, home.ErrCoOwner)
}

// TestCoOwnerSeesTheTransfer, and grants nothing more.
func TestCoOwnerSeesTheTransfer(t *testing.T) {
	s, owner, partner := couple(t)
	transfer, err := owner.Transfer(s.now, public("buyer"))
	require.NoError(t, err)
	require.NoError(t, partner.Learn(transfer))
	_, err = partner.Grant(s.now, "Cem", public("cem"), s.month())
	require.ErrorIs(t, err, home.ErrGivenAway)
	require.Equal(t, owner.Pending(), partner.Pending())
}

func TestJoiningByAnothersPolicyIsRefused(t *testing.T) {
	s := newStreet(t)
	owner, _ := s.moveIn(t, "owner")
	change, err := owner.AddCoOwner(s.now, "Dana", public("partner"))
	require.NoError(t, err)
	other, on := s.newBox(t, "somebody")
	require.ErrorIs(t, other.Join(public("owner"), change.Policy), home.ErrPolicy)
	partner, _ := s.newBox(t, "partner")
	require.ErrorIs(t, partner.Join(public("somebody"), change.Policy), home.ErrPolicy)
	forged := append([]byte(nil), change.Policy...)
	forged[len(forged)-1] ^= 1
	require.ErrorIs(t, partner.Join(public("owner"), forged), home.ErrPolicy)
	require.ErrorIs(t, partner.Join(public("owner"), forged[1:]), home.ErrPolicy)
	elsewhere := s.Policy(t, func(c *credential.PolicyClaims) { c.Lock[0]++; c.CoOwners = []credential.PublicKey{public("partner")} })
	require.ErrorIs(t, partner.Join(worldtest.Public(t, "owner"), elsewhere), home.ErrLock)
	require.Zero(t, on.kept)
	require.NoError(t, partner.Join(public("owner"), change.Policy))
	require.ErrorIs(t, partner.Join(public("owner"), change.Policy), home.ErrPolicy)
}

// TestCoOwnerIsNamedAgain, and what was granted before is good again, but after Heal.
func TestCoOwnerIsNamedAgain(t *testing.T) {
	s, owner, partner := couple(t)
	s.visit(t, owner, "owner")
	pass, err := partner.Grant(s.now, "Ben", public("ben"), s.month())
	require.NoError(t, err)
	ben := s.phoneWith(t, "ben", pass)
	_, err = owner.RemoveCoOwner(s.now, public("partner"))
	require.NoError(t, err)
	s.visit(t, owner, "owner")
	_, err = ben.Status(t.Context(), s.Link())
	require.Error(t, err)
	_, err = owner.AddCoOwner(s.now, "Dana", public("partner"))
	require.NoError(t, err)
	s.visit(t, owner, "owner")
	s.requireOpens(t, ben)
	_, err = owner.Heal(s.now)
	require.NoError(t, err)
	s.visit(t, owner, "owner")
	s.requireRefused(t, ben, credential.ReasonDenied)
}
