package home_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/credential/holder/home"
	"github.com/postern-lock/postern/internal/worldtest"
)

// claims returns what the newest policy of a Box says.
func claims(t *testing.T, policy []byte) credential.PolicyClaims {
	t.Helper()
	u, err := credential.ParsePolicy(policy)
	require.NoError(t, err)
	return u.Claims
}

// TestMoreAreWithdrawnThanAPolicyNames: all grants of before end, and those of the
// guests who stay are signed anew.
func TestMoreAreWithdrawnThanAPolicyNames(t *testing.T) {
	s := newStreet(t)
	b, _ := s.moveIn(t, "owner")
	grant := func(name string, terms home.Terms) *holder.Phone {
		pass, err := b.Grant(s.now, name, public(name), terms)
		require.NoError(t, err)
		return s.phoneWith(t, name, pass)
	}
	stays := grant("stays", s.month())
	once := grant("once", home.Terms{Until: s.Now + worldtest.Day, Uses: credential.Uses{Count: 1, Starts: 3}})
	var gone []*holder.Phone
	for n := range 17 {
		gone = append(gone, grant(fmt.Sprintf("guest %d", n), s.month()))
	}
	for n := range 16 {
		change, err := b.Withdraw(s.now, id(fmt.Sprintf("guest %d", n)))
		require.NoError(t, err)
		require.Empty(t, change.Renewed)
		require.Len(t, claims(t, change.Policy).Denied, n+1)
	}
	change, err := b.Withdraw(s.now, id("guest 16"))
	require.NoError(t, err)
	c := claims(t, change.Policy)
	require.Empty(t, c.Denied)
	require.Equal(t, c.Version, c.Least)
	require.Len(t, change.Renewed, 1)
	require.Equal(t, "stays", change.Renewed[0].Guest.Name)
	require.Len(t, change.Lapsed, 1, "nobody knows how often it was used")
	require.Equal(t, "once", change.Lapsed[0].Name)

	s.visit(t, b, "owner")
	for _, p := range append(gone, stays, once) {
		s.requireRefused(t, p, credential.ReasonDenied)
	}
	s.requireOpens(t, s.phoneWith(t, "stays", change.Renewed[0].Pass))
	renewed, err := b.Renew(s.now)
	require.NoError(t, err)
	require.Empty(t, renewed, "nothing is due twice")
	_, err = b.Pass(id("once"))
	require.ErrorIs(t, err, home.ErrGuest)
	again, err := b.Grant(s.now, "once", public("once"), home.Terms{Until: s.Now + worldtest.Day, Uses: credential.Uses{Count: 1, Starts: 3}})
	require.NoError(t, err)
	s.requireOpens(t, s.phoneWith(t, "once", again))
}

// TestWhatIsOverIsDeniedNoMore, since the policy itself tells the lock how late it
// is.
func TestWhatIsOverIsDeniedNoMore(t *testing.T) {
	s := newStreet(t)
	b, _ := s.moveIn(t, "owner")
	pass, err := b.Grant(s.now, "Anna", public("anna"), home.Terms{Until: s.Now + worldtest.Day})
	require.NoError(t, err)
	_, err = b.Withdraw(s.now, id("anna"))
	require.NoError(t, err)
	change, err := b.Block(s.now.Add(48*time.Hour), 0)
	require.NoError(t, err)
	require.Empty(t, claims(t, change.Policy).Denied)
	s.visit(t, b, "owner")
	s.requireRefused(t, s.phoneWith(t, "anna", pass), credential.ReasonExpired)

	change, err = b.Block(s.now, 0) // the phone's clock fell back: nothing is undone
	require.NoError(t, err)
	require.Equal(t, s.Now+2*worldtest.Day, claims(t, change.Policy).IssuedAt)
}

// TestWithdrawalNeedsAPolicyOnlyWhereSomethingIsGood still.
func TestWithdrawalNeedsAPolicyOnlyWhereSomethingIsGood(t *testing.T) {
	s := newStreet(t)
	b, _ := s.moveIn(t, "owner")
	_, err := b.Grant(s.now, "Anna", public("anna"), home.Terms{Until: s.Now + worldtest.Day})
	require.NoError(t, err)
	change, err := b.Withdraw(s.now.Add(48*time.Hour), id("anna"))
	require.NoError(t, err)
	require.Nil(t, change.Policy)
	g, err := b.Guest(id("anna"))
	require.NoError(t, err)
	require.True(t, g.Withdrawn)
	require.NoError(t, b.Forget(s.now, id("anna")))
	require.Empty(t, b.Guests())
}

// TestEveryGrantOfAGuestIsWithdrawn, the ones that were renewed meanwhile included,
// and what was passed on.
func TestEveryGrantOfAGuestIsWithdrawn(t *testing.T) {
	s := newStreet(t)
	b, _ := s.moveIn(t, "owner")
	terms := home.Terms{Until: s.Now + 30*worldtest.Day, Lease: 36 * time.Hour, Delegation: 1}
	first, err := b.Grant(s.now, "Anna", public("anna"), terms)
	require.NoError(t, err)
	renewed, err := b.Renew(s.now.Add(time.Hour))
	require.NoError(t, err)
	require.Empty(t, renewed, "more than half of the lease is left")
	renewed, err = b.Renew(s.now.Add(24 * time.Hour))
	require.NoError(t, err)
	require.Len(t, renewed, 1)
	second := renewed[0].Pass
	links, err := second.Links()
	require.NoError(t, err)
	require.Equal(t, s.Now+worldtest.Day*5/2, links[0].Claims.Expires)

	sons, err := holder.Delegate(key(t, "anna"), second.Chain, credential.GrantClaims{
		Holder: public("son"), IssuedAt: s.Now + worldtest.Day, Expires: s.Now + 2*worldtest.Day,
		Scope: []credential.Entry{{Target: credential.LockTarget(s.LockID), Actions: credential.ActionOpen}},
	})
	require.NoError(t, err)
	phones := []*holder.Phone{
		s.phoneWith(t, "anna", first), s.phoneWith(t, "anna", second),
		s.phoneWith(t, "son", credential.Pass{Chain: append(second.Chain, sons)}),
	}
	for _, p := range phones {
		s.requireOpens(t, p)
	}
	_, err = b.Withdraw(s.now, id("anna"))
	require.NoError(t, err)
	s.visit(t, b, "owner")
	for _, p := range phones {
		s.requireRefused(t, p, credential.ReasonDenied)
	}
	lines := b.Lines()
	names := []string{}
	for _, l := range lines[1 : len(lines)-1] {
		names = append(names, l.Name+" "+l.Who.String())
	}
	require.Equal(t, []string{"Anna guest", "Anna guest", " somebody unknown"}, names)
	require.NoError(t, b.Name(lines[3].Entry.Who, "Anna's son"))
	require.Equal(t, "Anna's son", b.Lines()[3].Name)
	require.Equal(t, home.WhoKnown, b.Lines()[3].Who)
	require.NoError(t, b.Name(lines[3].Entry.Who, ""))
	require.Empty(t, b.Lines()[3].Name)
}

// TestGuestWhoLeavesThePolicyBehind: an older grant lives until anybody brings the
// policy, and a newer one not before.
func TestGuestWhoLeavesThePolicyBehind(t *testing.T) {
	s := newStreet(t)
	b, _ := s.moveIn(t, "owner")
	old, err := b.Grant(s.now, "Ben", public("ben"), s.month())
	require.NoError(t, err)
	_, err = b.Withdraw(s.now, id("ben"))
	require.NoError(t, err)
	ben := s.phoneWith(t, "ben", old)
	s.requireOpens(t, ben)

	pass, err := b.Grant(s.now, "Anna", public("anna"), s.month())
	require.NoError(t, err)
	require.Equal(t, b.Pending(), pass.Documents)
	without := pass
	without.Documents = nil
	s.requireRefused(t, s.phoneWith(t, "anna", without), credential.ReasonPolicyVersion)
	s.requireOpens(t, ben)
	s.requireOpens(t, s.phoneWith(t, "anna", pass))
	s.requireRefused(t, ben, credential.ReasonDenied)
	s.requireOpens(t, s.phoneWith(t, "anna", without))
	s.visit(t, b, "owner")
	require.Empty(t, b.Pending())
}

// TestTermsAreKept by the lock.
func TestTermsAreKept(t *testing.T) {
	s := newStreet(t)
	b, _ := s.moveIn(t, "owner")
	for name, c := range map[string]struct {
		terms  home.Terms
		reason credential.Reason
	}{
		"later":           {home.Terms{From: s.Now + worldtest.Day, Until: s.Now + 2*worldtest.Day}, credential.ReasonNotYetValid},
		"something else":  {home.Terms{Until: s.Now + worldtest.Day, Actions: credential.ActionReadLog}, credential.ReasonAction},
		"the compartment": {home.Terms{Until: s.Now + worldtest.Day, Resource: 2}, credential.ReasonResource},
		"known time":      {home.Terms{Until: s.Now + worldtest.Day, Evidence: credential.EvidenceLive}, credential.ReasonEvidence},
	} {
		t.Run(name, func(t *testing.T) {
			pass, err := b.Grant(s.now, name, public(name), c.terms)
			require.NoError(t, err)
			s.requireRefused(t, s.phoneWith(t, name, pass), c.reason)
		})
	}
	pass, err := b.Grant(s.now, "once", public("once"), home.Terms{Until: s.Now + worldtest.Day, Uses: credential.Uses{Count: 1, Starts: 1}})
	require.NoError(t, err)
	s.requireOpens(t, s.phoneWith(t, "once", pass))
	s.requireRefused(t, s.phoneWith(t, "once", pass), credential.ReasonUsesSpent)
	for until, outcome := range map[uint16]credential.Outcome{540: credential.OutcomeRefused, 541: credential.OutcomeOpened} { // it is nine there
		pass, err := b.Grant(s.now, "hours", public("hours"), home.Terms{
			Until: s.Now + worldtest.Day, Schedule: credential.Schedule{{Days: credential.Weekdays, From: 480, Until: until}}, Evidence: credential.EvidenceStated,
		})
		require.NoError(t, err)
		p := s.phoneWith(t, "hours", pass)
		p.Documents = append(p.Documents, s.StatedTime(t, s.Now))
		r, err := p.Open(t.Context(), s.Link(), credential.OperationOpen)
		require.NoError(t, err)
		require.Equal(t, outcome, r.Outcome, r.Reason)
	}
}

// TestBlockNoticeAndStaff at the lock.
func TestBlockNoticeAndStaff(t *testing.T) {
	s := newStreet(t)
	b, _ := s.moveIn(t, "owner")
	pass, err := b.Grant(s.now, "Anna", public("anna"), s.month())
	require.NoError(t, err)
	anna, postman := s.phoneWith(t, "anna", pass), s.PostmanPhone(t)
	deliver := func() holder.Result {
		r, err := postman.Open(t.Context(), s.Link(), credential.OperationDeliver)
		require.NoError(t, err)
		return r
	}
	require.Equal(t, credential.ReasonNotAdmitted, deliver().Reason)
	_, err = b.Admit(s.now, credential.Admission{Service: credential.ServicePost, Actions: credential.ActionDeliver})
	require.NoError(t, err)
	_, err = b.Admit(s.now, credential.Admission{Service: credential.ServiceNone + 1, Actions: credential.ActionDeliver | credential.ActionCollect})
	require.NoError(t, err)
	require.Len(t, b.Settings().Services, 1, "one service has one admission")
	s.visit(t, b, "owner")
	require.Equal(t, credential.OutcomeOpened, deliver().Outcome)

	away := credential.Notice{Kind: credential.NoticeAway, Instruction: credential.InstructionHoldParcels, Roles: credential.NoticeOperators}
	_, err = b.Notice(s.now, away)
	require.NoError(t, err)
	_, err = b.Block(s.now, credential.BlockGuests)
	require.NoError(t, err)
	require.Len(t, b.Pending(), 1, "one policy says both")
	s.visit(t, b, "owner")
	require.Equal(t, credential.InstructionHoldParcels, deliver().Notice.Instruction)
	s.requireRefused(t, anna, credential.ReasonBlocked)
	_, err = b.Block(s.now, 0)
	require.NoError(t, err)
	_, err = b.Notice(s.now, credential.Notice{})
	require.NoError(t, err)
	_, err = b.Admit(s.now, credential.Admission{Service: credential.ServicePost})
	require.NoError(t, err)
	s.visit(t, b, "owner")
	s.requireOpens(t, anna)
	require.Equal(t, credential.ReasonNotAdmitted, deliver().Reason)
	require.Zero(t, b.Settings().Notice)
}

// TestPolicyIsFullBeforeItsTagsAre: with many settings fewer grants have room in a
// policy, and all of before end.
func TestPolicyIsFullBeforeItsTagsAre(t *testing.T) {
	s := newStreet(t)
	b, _ := s.moveIn(t, "owner")
	hours := credential.Schedule{
		{Days: credential.Weekdays, From: 480, Until: 720}, {Days: credential.Weekdays, From: 840, Until: 1080}, {Days: credential.Saturday, From: 480, Until: 720},
	}
	_, err := b.Set(s.now, func(c *home.Settings) {
		for n := range credential.Service(8) {
			c.Services = append(c.Services, credential.Admission{Service: 8 - n, Actions: credential.ActionDeliver, Hours: hours, Evidence: credential.EvidenceStated})
		}
		c.CoOwners = []credential.PublicKey{public("a"), public("b"), public("c"), public("d")}
		c.Anchors = []credential.PublicKey{public("e"), public("f")}
		c.Notice = credential.Notice{Kind: credential.NoticeAway, From: s.Now, Until: s.Now + worldtest.Day, Roles: credential.NoticeGuests}
	})
	require.NoError(t, err)
	_, err = b.Grant(s.now, "stays", public("stays"), s.month())
	require.NoError(t, err)
	named := 0
	for n := range 16 {
		change, err := b.Deny(s.now, credential.Tag{byte(n), 1}, 0)
		require.NoError(t, err)
		c := claims(t, change.Policy)
		if c.Least != 0 {
			require.Empty(t, c.Denied)
			require.Len(t, change.Renewed, 1)
			named = n
			break
		}
	}
	require.Positive(t, named, "%d bytes", len(b.Pending()[0]))
	s.visit(t, b, "owner")
	require.Empty(t, b.Pending(), "the lock takes it")

	_, err = b.Set(s.now, func(c *home.Settings) { c.Anchors = append(c.Anchors, public("g")) })
	require.ErrorIs(t, err, credential.ReasonLimit, "what ending grants does not mend")
	require.Len(t, b.Settings().Anchors, 2)
}

// TestOldGrantsAreForgotten in the end, and those that are good never.
func TestOldGrantsAreForgotten(t *testing.T) {
	s := newStreet(t)
	b, on := s.moveIn(t, "owner")
	_, err := b.Grant(s.now, "Anna", public("anna"), home.Terms{Until: s.Now + 400*worldtest.Day, Lease: 24 * time.Hour})
	require.NoError(t, err)
	before := len(on.saved.State)
	for n := range 520 {
		renewed, err := b.Renew(s.now.Add(time.Duration(n+1) * 13 * time.Hour))
		require.NoError(t, err)
		require.Len(t, renewed, 1)
		if n == 499 {
			require.InEpsilon(t, 60, float64(len(on.saved.State)-before)/500, 0.1, "as Saved states")
		}
	}
	g, err := b.Guest(id("anna"))
	require.NoError(t, err)
	require.Len(t, g.Issued, 512)
	change, err := b.Withdraw(s.now.Add(521*13*time.Hour), id("anna"))
	require.NoError(t, err)
	require.Len(t, claims(t, change.Policy).Denied, 1)
}

// TestGuestComesBack after a withdrawal, by a new grant and never by an old one.
func TestGuestComesBack(t *testing.T) {
	s := newStreet(t)
	b, _ := s.moveIn(t, "owner")
	old, err := b.Grant(s.now, "Anna", public("anna"), s.month())
	require.NoError(t, err)
	_, err = b.Withdraw(s.now, id("anna"))
	require.NoError(t, err)
	again, err := b.Grant(s.now, "Anna", public("anna"), s.month())
	require.NoError(t, err)
	require.Len(t, b.Guests(), 1)
	s.requireOpens(t, s.phoneWith(t, "anna", again))
	s.requireRefused(t, s.phoneWith(t, "anna", old), credential.ReasonDenied)
}

// TestDenialLastsAsLongAsAnybodySays: a later end that becomes known counts.
func TestDenialLastsAsLongAsAnybodySays(t *testing.T) {
	s := newStreet(t)
	b, _ := s.moveIn(t, "owner")
	for _, expires := range []credential.Time{s.Now + worldtest.Day, 0, s.Now + worldtest.Day} {
		_, err := b.Deny(s.now, credential.Tag{1}, expires)
		require.NoError(t, err)
	}
	change, err := b.Block(s.now.Add(72*time.Hour), 0)
	require.NoError(t, err)
	require.Equal(t, []credential.Tag{{1}}, claims(t, change.Policy).Denied)
}

// TestNobodyIsForgottenWhoMayComeStill: by a grant that nobody could name any more.
func TestNobodyIsForgottenWhoMayComeStill(t *testing.T) {
	s, _, partner := couple(t)
	_, err := partner.Grant(s.now, "Ben", public("ben"), s.month())
	require.NoError(t, err)
	require.NoError(t, partner.Restored())
	require.ErrorIs(t, partner.Forget(s.now, id("ben")), home.ErrGuest, "it lapsed on this phone, and not at the lock")
	change, err := partner.Withdraw(s.now, id("ben"))
	require.NoError(t, err)
	require.Len(t, change.Deny, 1)
	require.NoError(t, partner.Forget(s.now, id("ben")))

	_, err = partner.Grant(s.now, "Cem", public("cem"), s.month())
	require.NoError(t, err)
	_, err = partner.Grant(s.now, "Cem", public("cem"), home.Terms{Until: s.Now + worldtest.Day})
	require.NoError(t, err)
	require.ErrorIs(t, partner.Forget(s.now.AddDate(0, 0, 2), id("cem")), home.ErrGuest, "the longer one is good still")
	require.NoError(t, partner.Forget(s.now.AddDate(0, 2, 0), id("cem")))
}
