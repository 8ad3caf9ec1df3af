package home_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder/home"
)

// requireLapsed has nothing be renewed for Ben in the co-owner's phone at any time, until
// the co-owner grants anew.
func requireLapsed(t *testing.T, s *street, owner, partner *home.Box, old credential.Pass) {
	t.Helper()
	for _, days := range []int{0, 1, 3, 30} {
		renewed, err := partner.Renew(s.now.AddDate(0, 0, days))
		require.NoError(t, err)
		require.Empty(t, renewed)
	}
	_, err := partner.Pass(id("ben"))
	require.ErrorIs(t, err, home.ErrGuest)
	s.visit(t, owner, "owner")
	s.requireRefused(t, s.phoneWith(t, "ben", old), credential.ReasonDenied)
	pass, err := partner.Grant(s.now, "Ben", public("ben"), s.lent())
	require.NoError(t, err)
	s.requireOpens(t, s.phoneWith(t, "ben", pass))
	renewed, err := partner.Renew(s.now.Add(30 * time.Hour))
	require.NoError(t, err)
	require.Len(t, renewed, 1, "the co-owner's word is good for the lease")
}

// TestCoOwnersGuestLapsesWithTheLeastVersion: the owner denied the guest, and then ended
// everything of before, which names nobody.
func TestCoOwnersGuestLapsesWithTheLeastVersion(t *testing.T) {
	for _, terms := range []string{"a month", "a lease"} {
		for _, learns := range []string{"both", "the last", "the last, after it saw the lock"} {
			t.Run(terms+", "+learns, func(t *testing.T) {
				s, owner, partner := couple(t)
				s.visit(t, owner, "owner")
				may := s.month()
				if terms == "a lease" {
					may = s.lent()
				}
				pass, err := partner.Grant(s.now, "Ben", public("ben"), may)
				require.NoError(t, err)
				s.requireOpens(t, s.phoneWith(t, "ben", pass))
				s.visit(t, owner, "owner")
				lines := owner.Lines()
				denial, err := owner.Deny(s.now, lines[len(lines)-2].Entry.Who, 0)
				require.NoError(t, err)
				if learns == "both" {
					require.NoError(t, partner.Learn(denial.Policy))
				}
				raise, err := owner.Heal(s.now)
				require.NoError(t, err)
				require.Empty(t, claims(t, raise.Policy).Denied)
				if learns == "the last, after it saw the lock" {
					s.visit(t, owner, "owner")
					s.visit(t, partner, "partner")
					renewed, err := partner.Renew(s.now.Add(30 * time.Hour))
					require.NoError(t, err)
					for _, r := range renewed {
						s.requireRefused(t, s.phoneWith(t, "ben", r.Pass), credential.ReasonDenied)
					}
				}
				require.NoError(t, partner.Learn(raise.Policy))
				requireLapsed(t, s, owner, partner, pass)
			})
		}
	}
}

// TestCoOwnersGuestLapsesWithADenialThatIsOver: the policy that the co-owner's phone
// learns names the grant no more.
func TestCoOwnersGuestLapsesWithADenialThatIsOver(t *testing.T) {
	s, owner, partner := couple(t)
	pass, err := partner.Grant(s.now, "Ben", public("ben"), s.lent())
	require.NoError(t, err)
	tag := newest(t, partner, "ben")
	_, err = owner.Deny(s.now, tag.Tag, tag.Expires)
	require.NoError(t, err)
	s.now = s.now.Add(72 * time.Hour)
	change, err := owner.Block(s.now, 0)
	require.NoError(t, err)
	require.Empty(t, claims(t, change.Policy).Denied)
	require.NoError(t, partner.Learn(change.Policy))
	renewed, err := partner.Renew(s.now)
	require.NoError(t, err)
	require.Empty(t, renewed)
	s.visit(t, owner, "owner")
	s.requireRefused(t, s.phoneWith(t, "ben", pass), credential.ReasonExpired)
}

// TestDenialOfAnOlderGrantEndsTheRenewals: the co-owner's phone had renewed before it
// learnt that the owner does not want the guest.
func TestDenialOfAnOlderGrantEndsTheRenewals(t *testing.T) {
	s, owner, partner := couple(t)
	_, err := partner.Grant(s.now, "Ben", public("ben"), s.lent())
	require.NoError(t, err)
	first := newest(t, partner, "ben")
	renewed, err := partner.Renew(s.now.Add(30 * time.Hour))
	require.NoError(t, err)
	require.Len(t, renewed, 1)
	change, err := owner.Deny(s.now, first.Tag, first.Expires)
	require.NoError(t, err)
	require.NoError(t, partner.Learn(change.Policy))
	g, err := partner.Guest(id("ben"))
	require.NoError(t, err)
	require.True(t, g.Withdrawn)
	renewed, err = partner.Renew(s.now.Add(60 * time.Hour))
	require.NoError(t, err)
	require.Empty(t, renewed)

	// At the co-owner's word Ben is back, and a policy that names the first one still
	// takes nothing away.
	_, err = partner.Grant(s.now, "Ben", public("ben"), s.lent())
	require.NoError(t, err)
	change, err = owner.Block(s.now, credential.BlockServices)
	require.NoError(t, err)
	require.NotEmpty(t, claims(t, change.Policy).Denied)
	require.NoError(t, partner.Learn(change.Policy))
	_, err = partner.Pass(id("ben"))
	require.NoError(t, err)
}

// TestDenialThatTheCoOwnerAskedFor takes nothing of what the co-owner granted since.
func TestDenialThatTheCoOwnerAskedFor(t *testing.T) {
	s, owner, partner := couple(t)
	_, err := partner.Grant(s.now, "Ben", public("ben"), s.month())
	require.NoError(t, err)
	asked, err := partner.Withdraw(s.now, id("ben"))
	require.NoError(t, err)
	again, err := partner.Grant(s.now, "Ben", public("ben"), s.lent())
	require.NoError(t, err)
	change, err := owner.Deny(s.now, asked.Deny[0].Tag, asked.Deny[0].Expires)
	require.NoError(t, err)
	require.NoError(t, partner.Learn(change.Policy))
	s.visit(t, owner, "owner")
	s.requireOpens(t, s.phoneWith(t, "ben", again))
	renewed, err := partner.Renew(s.now.Add(30 * time.Hour))
	require.NoError(t, err)
	require.Len(t, renewed, 1)
}

// newest returns the newest grant of a guest.
func newest(t *testing.T, b *home.Box, name string) home.Issued {
	t.Helper()
	g, err := b.Guest(id(name))
	require.NoError(t, err)
	return g.Issued[len(g.Issued)-1]
}
