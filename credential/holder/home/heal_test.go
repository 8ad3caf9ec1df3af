package home_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder/home"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/issuer"
)

var unmarshal = json.Unmarshal

// restored plays an owner whose phone was restored from a backup: what happened
// since the backup is forgotten.  The forgotten time withdrew Anna, granted to Ben
// and blocked the post, by two policies that the lock holds where it says so.
func restored(t *testing.T, arrived bool) (s *street, b *home.Box, on *shelf, newest []byte, anna, ben credential.Pass) {
	t.Helper()
	s = newStreet(t)
	b, on = s.moveIn(t, "owner")
	anna, err := b.Grant(s.now, "Anna", public("anna"), s.month())
	require.NoError(t, err)
	_, err = b.Grant(s.now, "Cem", public("cem"), s.month())
	require.NoError(t, err)
	s.visit(t, b, "owner")
	backup := on.saved
	_, err = b.Withdraw(s.now, id("anna"))
	require.NoError(t, err)
	change, err := b.Block(s.now, credential.BlockServices)
	require.NoError(t, err)
	ben, err = b.Grant(s.now, "Ben", public("ben"), s.month())
	require.NoError(t, err)
	if arrived {
		s.visit(t, b, "owner")
	}
	on.saved = backup
	b, err = home.Load(key(t, "owner"), backup, on.keep)
	require.NoError(t, err)
	return s, b, on, change.Policy, anna, ben
}

// TestBackupIsOlderThanTheLock: the first tap tells, and nothing is signed on
// what was forgotten.
func TestBackupIsOlderThanTheLock(t *testing.T) {
	s, b, _, _, anna, ben := restored(t, true)
	_, err := b.Visit(t.Context(), s.OwnerPhone(t), s.Link(), credential.OperationOpen)
	require.ErrorIs(t, err, home.ErrBehind)
	require.True(t, b.Behind())
	_, err = b.Visit(t.Context(), s.OwnerPhone(t), s.Link(), credential.OperationOpen)
	require.NoError(t, err, "it is told once")
	for _, o := range operations {
		if o.name != "heal" && o.name != "grant" && o.name != "renew" && o.signs > 0 && o.name != "remove a co-owner" {
			require.ErrorIs(t, o.do(b, s.now), home.ErrBehind, o.name)
		}
	}
	s.requireRefused(t, s.phoneWith(t, "anna", anna), credential.ReasonDenied)

	change, err := b.Heal(s.now, id("anna"))
	require.NoError(t, err)
	require.False(t, b.Behind())
	require.Len(t, change.Renewed, 1)
	require.Equal(t, "Cem", change.Renewed[0].Guest.Name)
	s.visit(t, b, "owner")
	require.Empty(t, b.Pending())
	s.requireRefused(t, s.phoneWith(t, "anna", anna), credential.ReasonDenied)
	s.requireRefused(t, s.phoneWith(t, "ben", ben), credential.ReasonDenied)
	s.requireOpens(t, s.phoneWith(t, "cem", change.Renewed[0].Pass))
}

// TestPolicyOfAnotherPhoneIsLearnt, which has the same key, from whoever carried it.
func TestPolicyOfAnotherPhoneIsLearnt(t *testing.T) {
	s, b, _, newest, anna, ben := restored(t, true)
	_, err := b.Visit(t.Context(), s.OwnerPhone(t), s.Link(), credential.OperationOpen)
	require.ErrorIs(t, err, home.ErrBehind)
	require.NoError(t, b.Learn(newest))
	require.False(t, b.Behind())
	require.Equal(t, credential.BlockServices, b.Settings().Block)
	g, err := b.Guest(id("anna"))
	require.NoError(t, err)
	require.True(t, g.Withdrawn)
	change, err := b.Block(s.now, 0)
	require.NoError(t, err)
	require.Equal(t, claims(t, newest).Version+1, claims(t, change.Policy).Version)
	require.Equal(t, claims(t, newest).Denied, claims(t, change.Policy).Denied)
	s.visit(t, b, "owner")
	s.requireRefused(t, s.phoneWith(t, "anna", anna), credential.ReasonDenied)
	s.requireOpens(t, s.phoneWith(t, "ben", ben)) // whom the log shows as unknown
	s.visit(t, b, "owner")
	lines := b.Lines()
	require.Equal(t, home.WhoUnknown, lines[len(lines)-2].Who)
	require.NoError(t, b.Learn(newest), "an older one changes nothing")
	require.Zero(t, b.Settings().Block)
}

// TestTwoPhonesSignTheSameVersion: with another policy of the version under way, or
// at the lock, the receipt tells.
func TestTwoPhonesSignTheSameVersion(t *testing.T) {
	s, b, _, newest, _, ben := restored(t, true)
	_, err := b.Admit(s.now, credential.Admission{Service: credential.ServicePost, Actions: credential.ActionDeliver})
	require.NoError(t, err)
	change, err := b.Block(s.now, credential.BlockGuests)
	require.NoError(t, err)
	require.Equal(t, claims(t, newest).Version, claims(t, change.Policy).Version, "it was given twice")
	_, err = b.Visit(t.Context(), s.OwnerPhone(t), s.Link(), credential.OperationOpen)
	require.ErrorIs(t, err, home.ErrBehind)
	_, err = b.Heal(s.now)
	require.NoError(t, err)
	s.visit(t, b, "owner")
	s.requireRefused(t, s.phoneWith(t, "ben", ben), credential.ReasonDenied)
	require.Empty(t, b.Pending())
	require.False(t, b.Behind())
}

// TestHealingNeedsNoLock: policies of the forgotten time that are still under way
// come too late.
func TestHealingNeedsNoLock(t *testing.T) {
	s, b, _, newest, anna, _ := restored(t, false)
	require.NoError(t, b.Restored())
	_, err := b.Block(s.now, 0)
	require.ErrorIs(t, err, home.ErrBehind)
	change, err := b.Heal(s.now)
	require.NoError(t, err)
	require.Len(t, change.Renewed, 2)
	s.visit(t, b, "owner")
	p := s.OwnerPhone(t)
	p.Documents = [][]byte{newest}
	r, err := p.Status(t.Context(), s.Link())
	require.NoError(t, err)
	require.Equal(t, credential.ReasonSuperseded, r.Documents[0].Reason)
	s.requireRefused(t, s.phoneWith(t, "anna", anna), credential.ReasonDenied)
}

// TestStateIsLost altogether: Agree signs above what the lock holds, and ends what
// nobody remembers.
func TestStateIsLost(t *testing.T) {
	s, _, _, newest, _, ben := restored(t, true)
	b, _ := s.newBox(t, "owner")
	change, _, err := b.Agree(t.Context(), s.OwnerPhone(t), s.Link(), s.now)
	require.NoError(t, err)
	require.Greater(t, claims(t, change.Policy).Version, claims(t, newest).Version)
	s.requireRefused(t, s.phoneWith(t, "ben", ben), credential.ReasonDenied)
	pass, err := b.Grant(s.now, "Ben", public("ben"), s.month())
	require.NoError(t, err)
	s.requireOpens(t, s.phoneWith(t, "ben", pass))
}

// TestLearnRefuses what the owner's key did not sign, and tells of what this phone
// did not.
func TestLearnRefuses(t *testing.T) {
	s, b, _, _ := settled(t)
	stranger, err := issuer.NewOwner(worldtest.Key("stranger"))
	require.NoError(t, err)
	c := credential.PolicyClaims{Lock: s.LockID, Version: 9, IssuedAt: s.Now}
	forged, err := stranger.Policy(c)
	require.NoError(t, err)
	before, err := b.Saved()
	require.NoError(t, err)
	require.ErrorIs(t, b.Learn(forged), home.ErrPolicy)
	require.ErrorIs(t, b.Learn(forged[:50]), home.ErrPolicy)
	c.Lock[0]++
	other, err := s.Owner.Policy(c)
	require.NoError(t, err)
	require.ErrorIs(t, b.Learn(other), home.ErrLock)
	requireSame(t, before, b)

	c.Lock, c.Version = s.LockID, b.Version()
	twice, err := s.Owner.Policy(c)
	require.NoError(t, err)
	require.ErrorIs(t, b.Learn(twice), home.ErrBehind)
	require.True(t, b.Behind())

	fresh, _ := s.newBox(t, "owner")
	require.ErrorIs(t, fresh.Learn(twice), home.ErrNotYours)
}

// TestVersionsAreUsedUp: none is signed that the lock would not take.
func TestVersionsAreUsedUp(t *testing.T) {
	s, b, _, _ := settled(t)
	leaps := 0
	for ; ; leaps++ {
		before := b.Version()
		_, err := b.Heal(s.now)
		if err != nil {
			require.ErrorIs(t, err, home.ErrVersion)
			break
		}
		require.Greater(t, b.Version(), before)
		require.LessOrEqual(t, b.Version(), b.Held()+65536)
	}
	require.Equal(t, 64, leaps)
	require.Equal(t, b.Held()+65536, b.Version())
	_, err := b.Block(s.now, 0)
	require.ErrorIs(t, err, home.ErrVersion)
	s.visit(t, b, "owner")
	_, err = b.Block(s.now, 0)
	require.NoError(t, err)
}

// TestVersionsNeverRepeat over everything that signs.
func TestVersionsNeverRepeat(t *testing.T) {
	s, b, _, _ := settled(t)
	last := b.Version()
	for range 3 {
		for _, o := range operations {
			if o.name == "restored" {
				continue // nothing is signed then
			}
			before := b.Pending()
			err := o.do(b, s.now)
			for _, policy := range b.Pending() {
				if len(before) == 0 || string(policy) != string(before[0]) {
					require.Greater(t, claims(t, policy).Version, last, o.name)
					last = claims(t, policy).Version
				}
			}
			if o.name == "transfer" && err == nil {
				_, err := b.TakeBack(s.now)
				require.NoError(t, err)
				require.Equal(t, last+1, b.Version())
				last = b.Version()
			}
		}
	}
}

// TestFloorOfMonthsAhead: an authority signed a time of months ahead, and nobody gets in but
// the owner, who lets the floor fall; what had ended stays over.
func TestFloorOfMonthsAhead(t *testing.T) {
	s := newStreet(t)
	b, _ := s.moveIn(t, "owner")
	anna, err := b.Grant(s.now, "Anna", public("anna"), s.month())
	require.NoError(t, err)
	ben, err := b.Grant(s.now, "Ben", public("ben"), s.month())
	require.NoError(t, err)
	_, err = b.Withdraw(s.now, id("ben"))
	require.NoError(t, err)
	wrong := s.OwnerPhone(t)
	wrong.Documents = [][]byte{s.StatedTime(t, s.Now+60*worldtest.Day)}
	r, err := wrong.Status(t.Context(), s.Link())
	require.NoError(t, err)
	require.Equal(t, s.Now+60*worldtest.Day, r.State.Floor)
	s.requireRefused(t, s.phoneWith(t, "anna", anna), credential.ReasonExpired)

	change, err := b.ResetFloor(s.now)
	require.NoError(t, err)
	require.True(t, claims(t, change.Policy).Reset)
	require.Len(t, change.Renewed, 1)
	s.visit(t, b, "owner")
	s.requireOpens(t, s.phoneWith(t, "anna", change.Renewed[0].Pass))
	s.requireRefused(t, s.phoneWith(t, "ben", ben), credential.ReasonDenied)
	change, err = b.Block(s.now, 0)
	require.NoError(t, err)
	require.False(t, claims(t, change.Policy).Reset, "once is enough")
}
