package lock_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/worldtest"
)

// fade spoils each page of the flash in turn and starts the lock with it.
func fade(t *testing.T, w *worldtest.World, look func()) {
	t.Helper()
	good := w.Flash
	for page := range good.Pages() {
		bad := good.Clone()
		b := bad.Page(page)
		b[len(b)/2] ^= 1
		w.Flash, w.Config.Flash = bad, bad
		w.PowerUp(t)
		look()
	}
	w.Flash, w.Config.Flash = good, good
	w.PowerUp(t)
}

// refusesBare requires that the lock does not open for the bare key.
func refusesBare(t *testing.T, w *worldtest.World, who string) {
	t.Helper()
	r, err := w.Phone(t, who, nil).Open(t.Context(), w.Link(), credential.OperationOpen)
	require.False(t, err == nil && r.Outcome == credential.OutcomeOpened, who)
}

// TestFadedPageBringsNoFormerOwnerBack gives the lock away; whichever page fades
// then, the former owner stays shut out, with a reset of the floor and without.
func TestFadedPageBringsNoFormerOwnerBack(t *testing.T) {
	for name, alter := range map[string]func(*credential.PolicyClaims){
		"transfer":                       asItIs,
		"transfer that resets the floor": func(c *credential.PolicyClaims) { c.Reset = true },
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			w.Hand(t, given(t, w, 3, alter))
			for range 3 {
				tap(t, w, w.Phone(t, "new owner", nil), credential.OperationOpen)
			}
			fade(t, w, func() { refusesBare(t, w, "owner") })
			r, err := w.Phone(t, "new owner", nil).Open(t.Context(), w.Link(), credential.OperationOpen)
			require.NoError(t, err)
			require.Equal(t, credential.OutcomeOpened, r.Outcome)
		})
	}
}

// TestFadedPageBringsNoCoOwnerBack removes a co-owner; whichever page fades then,
// he stays removed.
func TestFadedPageBringsNoCoOwnerBack(t *testing.T) {
	w := worldtest.New(t)
	w.Hand(t, w.Policy(t, func(c *credential.PolicyClaims) {
		c.Version, c.CoOwners = 2, []credential.PublicKey{worldtest.Public(t, "co-owner")}
	}))
	w.Hand(t, w.Policy(t, func(c *credential.PolicyClaims) { c.Version = 3 }))
	for range 3 {
		tap(t, w, w.OwnerPhone(t), credential.OperationOpen)
	}
	fade(t, w, func() { refusesBare(t, w, "co-owner") })
}
