package holdertest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	. "github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/credential/holder/holdertest"
	"github.com/postern-lock/postern/internal/worldtest"
)

// TestDocumentsAreJudged hands good and forged ones over, whole and in chains of
// commands.
func TestDocumentsAreJudged(t *testing.T) {
	eachSuite(t, func(t *testing.T, s *scene) {
		policy := s.World.World.Policy(func(c *credential.PolicyClaims) { c.Version = 2 })
		forged := OfObject(func(o *Object) { o.Signature[0] ^= 1 })(s.World.World.Policy(func(c *credential.PolicyClaims) { c.Version = 3 }))
		handshake(t, s.guest)
		a, err := s.guest.Handshake2(t.Context(), holdertest.Request{
			Documents: [][]byte{policy, forged, s.World.World.StatedTime(s.Now)}, Chain: [][]byte{s.Post.Authority().Bytes()}, Receipt: true,
		})
		require.NoError(t, err)
		require.Empty(t, a.Faults)
		require.Equal(t, credential.OutcomeDone, a.Outcome)
		require.Equal(t, []credential.Reason{credential.ReasonNone, credential.ReasonSignature, credential.ReasonNone}, a.Documents)
		require.EqualValues(t, 2, a.State.PolicyVersion)
		require.Greater(t, len(a.Pairs), 1, "the command was chained")
	})
}

// TestForeignGrantIsNotOpenedTo whoever has it without its key, or longer than it
// lasts.
func TestForeignGrantIsNotOpenedTo(t *testing.T) {
	s := newScene(t, 0)
	_, a := tap(t, s.guest, open)
	require.Equal(t, credential.OutcomeOpened, a.Outcome)
	stolen := s.phone(s.Key("thief"))
	stolen.Grant = s.guest.Grant
	step, a := tap(t, stolen, open)
	require.Equal(t, byte(0x12), step)
	require.Equal(t, apdu.StatusRefused, a.SW)
	require.Equal(t, credential.ReasonPossession, s.reason())
	late := OfObject(func(o *Object) {
		o.Claims(func(m *Map) { m.Set(4, Uint(uint64(s.Now-worldtest.Day))) })
		o.Sign(s.Key("owner"))
	})(s.guest.Grant)
	s.guest.Grant = late
	_, a = tap(t, s.guest, open)
	require.NotEqual(t, credential.OutcomeOpened, a.Outcome)
	require.Equal(t, 1, s.Bolt.Driven)
}
