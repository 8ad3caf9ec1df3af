package home_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder/home"
	"github.com/postern-lock/postern/internal/worldtest"
)

// lent are the terms of a guest of the year's whose grants are good for two days each.
func (s *street) lent() home.Terms {
	return home.Terms{Until: s.Now + 300*worldtest.Day, Lease: 48 * time.Hour}
}

// forgets plays an owner with a second phone that has the state of another day, with Anna
// and Cem, both with a lease, and learns the newest policy of the first one.
func forgets(t *testing.T, since func(s *street, lost *home.Box) []byte) (*street, *home.Box) {
	t.Helper()
	s := newStreet(t)
	lost, on := s.moveIn(t, "owner")
	for _, name := range []string{"anna", "cem"} {
		_, err := lost.Grant(s.now, name, public(name), s.lent())
		require.NoError(t, err)
	}
	s.visit(t, lost, "owner")
	b, err := home.Load(key(t, "owner"), on.saved, new(shelf).keep)
	require.NoError(t, err)
	newest := since(s, lost)
	s.visit(t, lost, "owner")
	require.NoError(t, b.Learn(newest))
	return s, b
}

// TestGrantsOfTheForgottenTimeAreWithdrawn with those that the phone remembers.
func TestGrantsOfTheForgottenTimeAreWithdrawn(t *testing.T) {
	var forgotten credential.Pass
	s, b := forgets(t, func(s *street, lost *home.Box) []byte {
		change, err := lost.Block(s.now, credential.BlockServices)
		require.NoError(t, err)
		s.now = s.now.Add(30 * time.Hour)
		renewed, err := lost.Renew(s.now)
		require.NoError(t, err)
		require.Len(t, renewed, 2)
		forgotten = renewed[1].Pass
		return change.Policy
	})
	s.requireOpens(t, s.phoneWith(t, "cem", forgotten))
	change, err := b.Withdraw(s.now, id("cem"))
	require.NoError(t, err)
	require.NotNil(t, change.Policy)
	s.visit(t, b, "owner")
	s.requireRefused(t, s.phoneWith(t, "cem", forgotten), credential.ReasonDenied)
	require.Len(t, change.Renewed, 1, "Anna, whose grant is good as far as everybody knows")
	s.requireOpens(t, s.phoneWith(t, "anna", change.Renewed[0].Pass))

	change, err = b.Withdraw(s.now, id("anna"))
	require.NoError(t, err)
	require.Equal(t, uint32(3), claims(t, change.Policy).Least, "nothing is unknown any more")
	require.NotEmpty(t, claims(t, change.Policy).Denied)
}

// TestWithdrawnInTheForgottenTimeStayOut, whatever is renewed: the policy names them
// no more.
func TestWithdrawnInTheForgottenTimeStayOut(t *testing.T) {
	for name, since := range map[string]func(s *street, lost *home.Box) []byte{
		"by a least version": func(s *street, lost *home.Box) []byte {
			change, err := lost.Heal(s.now, id("anna"))
			require.NoError(t, err)
			return change.Policy
		},
		"by grants that are over": func(s *street, lost *home.Box) []byte {
			_, err := lost.Withdraw(s.now, id("anna"))
			require.NoError(t, err)
			s.now = s.now.Add(72 * time.Hour)
			change, err := lost.Block(s.now, 0)
			require.NoError(t, err)
			require.Empty(t, claims(t, change.Policy).Denied)
			return change.Policy
		},
		"by grants that were renewed": func(s *street, lost *home.Box) []byte {
			s.now = s.now.Add(72 * time.Hour)
			_, err := lost.Renew(s.now)
			require.NoError(t, err)
			change, err := lost.Withdraw(s.now, id("anna"))
			require.NoError(t, err)
			return change.Policy
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, b := forgets(t, since)
			renewed, err := b.Renew(s.now)
			require.NoError(t, err)
			for _, r := range renewed {
				require.NotEqual(t, "anna", r.Guest.Name)
			}
			_, err = b.Grant(s.now, "Ben", public("ben"), s.month())
			require.NoError(t, err)
			change, err := b.Withdraw(s.now, id("ben"))
			require.NoError(t, err)
			for _, r := range change.Renewed {
				require.NotEqual(t, "anna", r.Guest.Name)
			}
			lapsed := []string{}
			for _, g := range change.Lapsed {
				lapsed = append(lapsed, g.Name)
			}
			require.Contains(t, lapsed, "anna", "whether she may come is the owner's to say")
			renewed, err = b.Renew(s.now)
			require.NoError(t, err)
			require.Empty(t, renewed)

			pass, err := b.Grant(s.now, "anna", public("anna"), s.lent())
			require.NoError(t, err)
			s.visit(t, b, "owner")
			s.requireOpens(t, s.phoneWith(t, "anna", pass))
			s.now = s.now.Add(30 * time.Hour)
			renewed, err = b.Renew(s.now)
			require.NoError(t, err)
			require.Len(t, renewed, 1)
		})
	}
}

// TestOwnPoliciesAreNoNews: what this phone signed itself makes it unsure of nobody.
func TestOwnPoliciesAreNoNews(t *testing.T) {
	s := newStreet(t)
	b, _ := s.moveIn(t, "owner")
	_, err := b.Grant(s.now, "Anna", public("anna"), s.month())
	require.NoError(t, err)
	first := b.Pending()
	transfer, err := b.Transfer(s.now, public("buyer"))
	require.NoError(t, err)
	require.NoError(t, b.Learn(transfer))
	back, err := b.TakeBack(s.now)
	require.NoError(t, err)
	for _, policy := range append(first, transfer, back.Policy) {
		require.NoError(t, b.Learn(policy))
	}
	change, err := b.Withdraw(s.now, id("anna"))
	require.NoError(t, err)
	require.Zero(t, claims(t, change.Policy).Least, "by name")
	require.Len(t, claims(t, change.Policy).Denied, 1)
}

// TestSuccessorLeavesOutWhoWasLetGoSince: the backup is older, and says who comes along
// before anything is signed by it.
func TestSuccessorLeavesOutWhoWasLetGoSince(t *testing.T) {
	s := newStreet(t)
	lost, on := s.moveIn(t, "owner")
	for _, name := range []string{"anna", "cem"} {
		_, err := lost.Grant(s.now, name, public(name), s.month())
		require.NoError(t, err)
	}
	_, err := lost.AddCoOwner(s.now, "Dana", public("partner"))
	require.NoError(t, err)
	after := new(shelf)
	n, err := home.Succeed(key(t, "new phone"), on.saved, after.keep)
	require.NoError(t, err)
	_, err = n.Withdraw(s.now, id("anna"))
	require.NoError(t, err)
	_, err = n.RemoveCoOwner(s.now, public("partner"))
	require.NoError(t, err)
	_, err = n.Withdraw(s.now, id("nobody"))
	require.ErrorIs(t, err, home.ErrNotYours)
	n, err = home.Load(key(t, "new phone"), after.saved, after.keep)
	require.NoError(t, err)
	s.Button = true
	change, _, err := n.MoveIn(t.Context(), s.Phone(t, "new phone", nil), s.Link(), worldtest.Setup, s.now)
	require.NoError(t, err)
	require.Empty(t, claims(t, change.Policy).CoOwners)
	require.Len(t, change.Renewed, 1)
	require.Equal(t, "cem", change.Renewed[0].Guest.Name)
}

// TestLockComesBackByAReset after somebody else took it by one: the former grants are
// over, and the lock gets the owner's settings again.
func TestLockComesBackByAReset(t *testing.T) {
	s := newStreet(t)
	b, _ := s.moveIn(t, "owner")
	old, err := b.Grant(s.now, "Anna", public("anna"), s.month())
	require.NoError(t, err)
	_, err = b.Block(s.now, credential.BlockServices)
	require.NoError(t, err)
	s.visit(t, b, "owner")
	s.Button = true
	thief, _ := s.newBox(t, "thief")
	_, _, err = thief.MoveIn(t.Context(), s.Phone(t, "thief", nil), s.Link(), worldtest.Setup, s.now)
	require.NoError(t, err)
	change, _, err := b.MoveIn(t.Context(), s.OwnerPhone(t), s.Link(), worldtest.Setup, s.now)
	require.NoError(t, err)
	s.Button = false
	require.NotNil(t, change.Policy)
	require.Empty(t, b.Pending())
	require.False(t, b.Behind())
	require.Equal(t, credential.BlockServices, claims(t, change.Policy).Block)
	require.Len(t, change.Renewed, 1)
	s.requireRefused(t, s.phoneWith(t, "anna", old), credential.ReasonDenied)
	s.requireOpens(t, s.phoneWith(t, "anna", change.Renewed[0].Pass))
}

// TestTransferOfYearsAhead: nobody vouches for its date, so nothing is signed by it.
func TestTransferOfYearsAhead(t *testing.T) {
	s := newStreet(t)
	b, _ := s.newBox(t, "buyer")
	ahead, err := s.Owner.Transfer(credential.PolicyClaims{Lock: s.LockID, Version: 7, IssuedAt: ^credential.Time(0)}, public("buyer"))
	require.NoError(t, err)
	change, err := b.Accept(s.now, ahead)
	require.NoError(t, err)
	require.Equal(t, s.Now, claims(t, change.Policy).IssuedAt)
}

// TestCoOwnerSeesTheTransferTakenBack, and acts again.
func TestCoOwnerSeesTheTransferTakenBack(t *testing.T) {
	s, owner, partner := couple(t)
	transfer, err := owner.Transfer(s.now, public("buyer"))
	require.NoError(t, err)
	require.NoError(t, partner.Learn(transfer))
	change, err := owner.TakeBack(s.now)
	require.NoError(t, err)
	require.NoError(t, partner.Learn(change.Policy))
	_, err = partner.Grant(s.now, "Ben", public("ben"), s.month())
	require.NoError(t, err)
	require.Equal(t, owner.Pending(), partner.Pending())
	require.NoError(t, partner.Learn(transfer), "an older one changes nothing")
	_, _, ok := partner.Heir()
	require.False(t, ok)
}

// TestBoxIsNotPrinted: neither a log key nor a name comes out of a Box that an app logs.
func TestBoxIsNotPrinted(t *testing.T) {
	_, b, _, _ := settled(t)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		require.Equal(t, "home.Box", fmt.Sprintf(verb, b))
		require.Equal(t, "home.Box", fmt.Sprintf(verb, *b))
	}
}

// TestSuccessorIsToldWhoLapsed: a counted right of the former key's is signed by nobody,
// and its guest is shut out.
func TestSuccessorIsToldWhoLapsed(t *testing.T) {
	s := newStreet(t)
	lost, on := s.moveIn(t, "owner")
	_, err := lost.Grant(s.now, "Anna", public("anna"), s.month())
	require.NoError(t, err)
	_, err = lost.Grant(s.now, "once", public("once"), home.Terms{Until: s.Now + worldtest.Day, Uses: credential.Uses{Count: 1, Starts: 1}})
	require.NoError(t, err)
	n, err := home.Succeed(key(t, "new phone"), on.saved, new(shelf).keep)
	require.NoError(t, err)
	require.NoError(t, n.Name(credential.Tag{9}, "somebody"))
	s.Button = true
	change, _, err := n.MoveIn(t.Context(), s.Phone(t, "new phone", nil), s.Link(), worldtest.Setup, s.now)
	require.NoError(t, err)
	require.Len(t, change.Renewed, 1)
	require.Len(t, change.Lapsed, 1)
	require.Equal(t, "once", change.Lapsed[0].Name)
	change, err = n.Block(s.now, 0)
	require.NoError(t, err)
	require.Empty(t, change.Lapsed, "it is told once")
}
