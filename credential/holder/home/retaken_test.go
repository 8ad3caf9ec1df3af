package home_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder/home"
	"github.com/postern-lock/postern/internal/worldtest"
)

// TestMoveInOnceMoreIsCutOff at each command, on each way: a lock that somebody else had
// taken may be this key's again, without the settings that the phone knew there.  Agree
// tells, and Heal puts it right.
func TestMoveInOnceMoreIsCutOff(t *testing.T) {
	for _, signs := range []bool{true, false} {
		taken, blind := 0, 0
		for at := range 7 {
			for _, back := range []bool{false, true} {
				s, b, on, _ := settled(t)
				s.takeAway(t, signs)
				_, _, _ = b.MoveIn(t.Context(), s.OwnerPhone(t), &cut{s.Link(), at, back}, worldtest.Setup, s.now)
				s.PowerUp(t)
				b, err := home.Load(key(t, "owner"), on.saved, on.keep)
				require.NoError(t, err)
				s.Button = false
				if _, err := s.OwnerPhone(t).Status(t.Context(), s.Link()); err != nil {
					continue // it is the thief's still
				}
				taken++
				_, _, err = b.Agree(t.Context(), s.OwnerPhone(t), s.Link(), s.now)
				if b.Behind() {
					require.ErrorIs(t, err, home.ErrBehind)
					blind++
					_, err = b.Heal(s.now)
				}
				require.NoError(t, err)
				s.visit(t, b, "owner")
				require.Empty(t, b.Pending())
				_, err = s.Phone(t, "partner", nil).Status(t.Context(), s.Link())
				require.NoError(t, err, "the settings are back, which name her")
			}
		}
		require.Positive(t, blind)
		require.Greater(t, taken, blind)
	}
}

// takeAway has a thief take the lock by the button, with a policy or without.
func (s *street) takeAway(t *testing.T, signs bool) {
	t.Helper()
	s.Button = true
	thief, _ := s.newBox(t, "thief")
	if !signs {
		_, _, err := thief.Phone(s.Phone(t, "thief", nil)).Commission(t.Context(), s.Link(), worldtest.Setup)
		require.NoError(t, err)
		return
	}
	_, _, err := thief.MoveIn(t.Context(), s.Phone(t, "thief", nil), s.Link(), worldtest.Setup, s.now)
	require.NoError(t, err)
}

// TestFirstPolicyThatIsNotKept is not given out, and Agree signs another.
func TestFirstPolicyThatIsNotKept(t *testing.T) {
	for _, again := range []bool{false, true} {
		s := newStreet(t)
		on, failsAt := new(shelf), -1
		b, err := home.New(key(t, "owner"), s.LockID, func(saved home.Saved) error {
			if on.kept == failsAt {
				return errField
			}
			return on.keep(saved)
		})
		require.NoError(t, err)
		if again {
			_, _, err = b.MoveIn(t.Context(), s.OwnerPhone(t), s.Link(), worldtest.Setup, s.now)
			require.NoError(t, err)
			s.takeAway(t, false)
		}
		failsAt = on.kept + 2 // after what may happen, and the log key
		change, r, err := b.MoveIn(t.Context(), s.OwnerPhone(t), s.Link(), worldtest.Setup, s.now)
		require.ErrorIs(t, err, home.ErrKeep)
		require.Equal(t, credential.OutcomeDone, r.Outcome)
		require.Zero(t, change)
		failsAt = -1
		_, _, err = b.Agree(t.Context(), s.OwnerPhone(t), s.Link(), s.now)
		if again {
			require.ErrorIs(t, err, home.ErrBehind)
			_, err = b.Heal(s.now)
			require.NoError(t, err)
			s.visit(t, b, "owner")
		}
		require.NoError(t, err)
		require.Empty(t, b.Pending())
		pass, err := b.Grant(s.now, "Anna", public("anna"), s.month())
		require.NoError(t, err)
		s.requireOpens(t, s.phoneWith(t, "anna", pass))
	}
}
