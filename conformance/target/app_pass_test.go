package target

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
)

// guest is a reference app with the neighbour's key, and no right.
func guest(t *testing.T, w *world.World) *App {
	t.Helper()
	app := NewApp(w.Rand("app"))
	_, err := app.Do(t.Context(), shim.Install{
		Key: shim.Private{Private: world.Private(w.Key("neighbour"))}, Roots: []shim.Hex{world.COSEKey(w.Scheme.PublicKey())},
		Makers: []shim.Hex{w.Maker.Authority().Bytes()},
	})
	require.NoError(t, err)
	return app
}

// TestPassFromAskToOpen has the reference app ask for a right, take the pass that
// answers, and open the reference lock by it.
func TestPassFromAskToOpen(t *testing.T) {
	s := newScene(t, AllFeatures())
	s.commission()
	app := guest(t, s.w)
	asked, err := shim.Call[shim.Asked](t.Context(), app, shim.AskRight{})
	require.NoError(t, err)
	key, err := credential.ParseRequestLink(asked.Link)
	require.NoError(t, err)
	same, err := credential.ParseClaimsSet(asked.Bytes)
	require.NoError(t, err)
	require.Equal(t, key, same)

	tap := func() shim.Told {
		told, err := shim.Call[shim.Told](t.Context(), app, shim.Tap{
			Operation: int(credential.OperationOpen), Lock: s.w.Lock[:], Ask: func(ctx context.Context, command []byte) ([]byte, error) {
				return link{s.Lock}.Transceive(ctx, command)
			},
		})
		require.NoError(t, err)
		return told
	}
	require.Equal(t, int(credential.OutcomeRefused), tap().Outcome, "it has no right yet")

	grant, err := s.w.Guest(func(c *credential.GrantClaims) { c.Holder = key })
	require.NoError(t, err)
	policy, err := s.w.Policy(1, nil)
	require.NoError(t, err)
	pass, err := credential.Pass{Chain: [][]byte{grant}, Documents: [][]byte{policy}}.Encode()
	require.NoError(t, err)
	taken, err := shim.Call[shim.Taken](t.Context(), app, shim.TakePass{Bytes: pass})
	require.NoError(t, err)
	require.Equal(t, shim.Taken{Taken: true}, taken)
	told := tap()
	require.Equal(t, int(credential.OutcomeOpened), told.Outcome)
	require.Equal(t, []int{0}, told.Documents)
	require.Empty(t, tap().Documents, "the lock holds the policy now")
}

// TestPassesThatTheRigGetsWrong are no word about the app.
func TestPassesThatTheRigGetsWrong(t *testing.T) {
	w, err := world.New(0)
	require.NoError(t, err)
	for _, r := range []shim.Request{shim.AskRight{}, shim.TakePass{Bytes: shim.Hex{1}}} {
		_, err := NewApp(w.Rand("app")).Do(t.Context(), r)
		require.ErrorContains(t, err, "not provisioned")
	}
	for _, r := range []shim.TakePass{{}, {Bytes: shim.Hex{1}, Link: "postern:pass/oQ"}} {
		_, err := guest(t, w).Do(t.Context(), r)
		require.ErrorContains(t, err, "as bytes or as a link")
	}
}

func TestPassesThatTheAppRefuses(t *testing.T) {
	w, err := world.New(0)
	require.NoError(t, err)
	grant, err := w.Guest(func(c *credential.GrantClaims) { c.Holder = w.Public("somebody else") })
	require.NoError(t, err)
	other, err := credential.Pass{Chain: [][]byte{grant}}.Link()
	require.NoError(t, err)
	for name, c := range map[string]struct {
		pass shim.TakePass
		want credential.Reason
	}{
		"no pass":              {shim.TakePass{Bytes: shim.Hex{1}}, credential.ReasonMalformed},
		"a pass with no end":   {shim.TakePass{Bytes: make(shim.Hex, 2049)}, credential.ReasonLimit},
		"no link":              {shim.TakePass{Link: "postern:pass/oQ="}, credential.ReasonMalformed},
		"somebody else's pass": {shim.TakePass{Link: other}, credential.ReasonPossession},
	} {
		t.Run(name, func(t *testing.T) {
			taken, err := shim.Call[shim.Taken](t.Context(), guest(t, w), c.pass)
			require.NoError(t, err)
			require.Equal(t, shim.Taken{Reason: int(c.want)}, taken)
		})
	}
}
