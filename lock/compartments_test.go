package lock_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/lock"
)

// doors gives the lock three compartments besides the main door.
func doors(t testing.TB) *worldtest.World {
	t.Helper()
	w := worldtest.New(t)
	w.Config.Compartments = 3
	return w
}

// doorOf asks to open a door.
func doorOf(t testing.TB, w *worldtest.World, p *holder.Phone, door uint8) holder.Result {
	t.Helper()
	w.PowerUp(t)
	w.Bolt.Door = 99
	r, err := p.Do(t.Context(), w.Link(), holder.Ask{Operation: credential.OperationOpen, Resource: door})
	require.NoError(t, err)
	return r
}

// TestDoorThatIsAskedForOpens drives its bolt, and says so in the log and to the
// maker's code.
func TestDoorThatIsAskedForOpens(t *testing.T) {
	w := doors(t)
	for n, p := range []*holder.Phone{w.OwnerPhone(t), w.NeighbourPhone(t), resuming(w.OwnerPhone(t))} {
		for door := range uint8(4) {
			require.Equal(t, credential.OutcomeOpened, doorOf(t, w, p, door).Outcome)
			require.Equal(t, door, w.Bolt.Door)
			require.Equal(t, 4*n+int(door)+1, w.Bolt.Driven)
			require.Equal(t, door, w.Openings()[w.Bolt.Driven-1].Resource)
			require.Equal(t, door, w.LastEvent().Resource)
		}
	}
}

// TestDoorsThatAGrantAllows compares a request's compartment with those of
// grants.
func TestDoorsThatAGrantAllows(t *testing.T) {
	for name, c := range map[string]struct {
		resources []uint8 // of the entries of the grant
		good      []uint8
	}{
		"any":         {[]uint8{0}, []uint8{0, 1, 2, 3}},
		"one":         {[]uint8{2}, []uint8{2}},
		"two":         {[]uint8{1, 3}, []uint8{1, 3}},
		"one of none": {[]uint8{4}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := doors(t)
			p := guest(t, w, func(g *credential.GrantClaims) {
				e := g.Scope[0]
				g.Scope = nil
				for _, r := range c.resources {
					e.Resource = r
					g.Scope = append(g.Scope, e)
				}
			})
			for door := range uint8(6) {
				driven := w.Bolt.Driven
				r := doorOf(t, w, p, door)
				if slices.Contains(c.good, door) {
					require.Equal(t, credential.OutcomeOpened, r.Outcome)
					require.Equal(t, door, w.Bolt.Door)
					continue
				}
				require.Equal(t, credential.OutcomeRefused, r.Outcome)
				require.Equal(t, credential.ReasonResource, r.Reason)
				require.Equal(t, holder.AdviceWrongBox, r.Advice)
				require.Equal(t, driven, w.Bolt.Driven)
			}
			r, err := tap(t, w, p, credential.OperationStatus)
			require.NoError(t, err)
			require.Equal(t, credential.OutcomeDone, r.Outcome, "the state has no door")
		})
	}
}

// TestDoorThatTheLockLacks asks as the owner, who may open every door that there
// is.
func TestDoorThatTheLockLacks(t *testing.T) {
	w := worldtest.New(t)
	require.Equal(t, credential.ReasonResource, doorOf(t, w, w.OwnerPhone(t), 1).Reason)
	w = doors(t)
	for _, door := range []uint8{4, 255} {
		require.Equal(t, credential.ReasonResource, doorOf(t, w, w.OwnerPhone(t), door).Reason)
	}
	require.Zero(t, w.Bolt.Driven)
	require.Empty(t, w.Openings())
}

// TestLockSaysThatItHasDoors by the capability, and a main door alone is none.
func TestLockSaysThatItHasDoors(t *testing.T) {
	for _, has := range []uint8{0, 1, 255} {
		w := worldtest.New(t)
		w.Config.Compartments = has
		w.PowerUp(t)
		r, err := apdu.Exchange(t.Context(), w.Link(), message.SelectCommand(), apdu.Options{})
		require.NoError(t, err)
		s, err := message.ParseSelection(r.Data)
		require.NoError(t, err)
		require.Equal(t, has > 0, s.Capabilities&wire.CapabilityCompartments != 0)
		if has == 255 {
			require.Equal(t, credential.OutcomeOpened, doorOf(t, w, w.OwnerPhone(t), 255).Outcome)
			require.Equal(t, uint8(255), w.Bolt.Door)
		}
	}
}

// TestCourierOfOneCompartmentDeliversThere with a counted right for it: the other
// doors do not use it up.
func TestCourierOfOneCompartmentDeliversThere(t *testing.T) {
	w := doors(t)
	p := postman(t, w, func(c *credential.GrantClaims) {
		c.Scope[0].Resource, c.Scope[0].Uses = 3, credential.Uses{Count: 1, Starts: 1}
	})
	for _, c := range []struct {
		door    uint8
		outcome credential.Outcome
		reason  credential.Reason
	}{
		{2, credential.OutcomeRefused, credential.ReasonResource},
		{3, credential.OutcomeOpened, credential.ReasonNone},
		{3, credential.OutcomeRefused, credential.ReasonUsesSpent},
	} {
		w.PowerUp(t)
		r, err := p.Do(t.Context(), w.Link(), holder.Ask{Operation: credential.OperationDeliver, Resource: c.door})
		require.NoError(t, err)
		require.Equal(t, c.outcome, r.Outcome)
		require.Equal(t, c.reason, r.Reason)
	}
}

// TestStuckDoorIsNamed in both of its entries.
func TestStuckDoorIsNamed(t *testing.T) {
	w := doors(t)
	w.Bolt.Motion = lock.Stuck
	require.Equal(t, credential.ReasonDrive, doorOf(t, w, w.OwnerPhone(t), 2).Reason)
	for _, e := range w.Openings() {
		require.Equal(t, uint8(2), e.Resource)
	}
	require.Len(t, w.Openings(), 2)
}
