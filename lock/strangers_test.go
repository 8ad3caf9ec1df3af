package lock_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/issuer"
)

// TestStrangersLearnNothing taps with what no lock may explain: the answer is
// one status word, nothing is written, and only the maker's code knows why.
func TestStrangersLearnNothing(t *testing.T) {
	for name, c := range map[string]struct {
		phone func(*testing.T, *worldtest.World) *holder.Phone
		want  credential.Reason
	}{
		"bare key of a stranger": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			return w.Phone(t, "stranger", nil)
		}, credential.ReasonOwnerUnknown},
		"certificate of a foreign scheme": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			p := w.PostmanPhone(t)
			foreign, err := issuer.NewScheme(worldtest.Key("foreign scheme"))
			require.NoError(t, err)
			certificate, err := foreign.Certify(w.PostClaims())
			require.NoError(t, err)
			p.Authorities = [][]byte{certificate}
			return p
		}, credential.ReasonIssuerUnknown},
		"grant of somebody else": {func(t *testing.T, w *worldtest.World) *holder.Phone {
			p := w.NeighbourPhone(t)
			p.Key = thief{p.Key}
			return p
		}, credential.ReasonPossession},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			_, err := tap(t, w, c.phone(t, w), credential.OperationOpen)
			require.ErrorIs(t, err, credential.ReasonStatusWord)
			require.ErrorContains(t, err, "6982")
			require.Equal(t, c.want, w.LastEvent().Reason)
			require.Equal(t, formatted, w.Flash.Programmed)
			require.Zero(t, w.Bolt.Driven)
		})
	}
}

// TestForgedGrantLooksLikeAnUnknownIssuer has a stranger sign with a made-up key
// that bears the key id of an owner, of an operator that was here, or of nobody:
// the answers are the same, so nobody learns whose box it is or who came.
func TestForgedGrantLooksLikeAnUnknownIssuer(t *testing.T) {
	for _, c := range []struct {
		kid    string
		reason credential.Reason
	}{{"owner", credential.ReasonSignature}, {"post", credential.ReasonSignature}, {"nobody", credential.ReasonNone}} {
		w := worldtest.New(t)
		w.Config.Authorities = [][]byte{w.Post.Authority().Bytes()}
		written := w.Flash.Programmed
		claims := w.GuestClaims()
		claims.Expires = claims.IssuedAt + worldtest.Day/2
		u, err := credential.NewGrant(claims, worldtest.Public(t, c.kid))
		require.NoError(t, err)
		forged, err := u.WithSignature(make([]byte, 64))
		require.NoError(t, err)
		p := w.Phone(t, "neighbour", forged)
		p.Authorities = nil
		r, err := tap(t, w, p, credential.OperationOpen)
		require.ErrorIs(t, err, credential.ReasonIssuerUnknown, c.kid)
		require.Equal(t, 3, r.Cost.Pairs)
		require.Equal(t, c.reason, w.LastEvent().Reason)
		require.Equal(t, written, w.Flash.Programmed)
		require.Zero(t, w.Bolt.Driven)
	}
}

func TestGrantAlteredByItsHolderIsRefused(t *testing.T) {
	w := worldtest.New(t)
	p := w.NeighbourPhone(t)
	at := bytes.Index(p.Grant, []byte{0x04, 0x1A}) // exp
	p.Grant[at+2]++
	_, err := tap(t, w, p, credential.OperationOpen)
	require.ErrorIs(t, err, credential.ReasonIssuerUnknown)
	require.Equal(t, credential.ReasonSignature, w.LastEvent().Reason)
	require.Equal(t, formatted, w.Flash.Programmed)
	require.Zero(t, w.Bolt.Driven)
}

// TestOwnersKeyTakesAsLongAsAStrangers has a phone present a bare key without
// holding it: the lock verifies as much for an owner's key as for another.
func TestOwnersKeyTakesAsLongAsAStrangers(t *testing.T) {
	var spent []credential.Meter
	for _, name := range []string{"owner", "stranger"} {
		w := worldtest.New(t)
		p := w.Phone(t, name, nil)
		p.Key = thief{p.Key}
		_, err := tap(t, w, p, credential.OperationOpen)
		require.ErrorIs(t, err, credential.ReasonStatusWord)
		spent = append(spent, w.Lock.Operations())
	}
	require.Equal(t, spent[0], spent[1])
}

// repeating is a random source that begins anew with every power-up.
func repeating(w *worldtest.World, t testing.TB) {
	w.Config.Rand = worldtest.Rand("lock")
	w.PowerUp(t)
}

// TestRepeatingRandomSourceDoesNotReplay plays a recorded opening back to a lock
// whose random source gives the same bytes after every loss of power.
func TestRepeatingRandomSourceDoesNotReplay(t *testing.T) {
	commands := record(t, ownerOpens(t))
	w := worldtest.New(t)
	repeating(w, t)
	for _, c := range commands {
		require.Equal(t, apdu.StatusOK, status(t, w, c))
	}
	require.Equal(t, 1, w.Bolt.Driven)
	repeating(w, t)
	require.Equal(t, apdu.StatusOK, status(t, w, commands[0]))
	require.Equal(t, apdu.StatusOK, status(t, w, commands[1]))
	require.Equal(t, apdu.StatusRefused, status(t, w, commands[2]))
	require.Equal(t, 1, w.Bolt.Driven)
}

// thief has a public key and signs with another one.
type thief struct{ holder.Key }

func (thief) Sign(message []byte) ([]byte, error) {
	return worldtest.Key("thief").Sign(nil, message, noHash)
}

func TestFailingRandomSourceEndsTheTransaction(t *testing.T) {
	w := worldtest.New(t)
	w.Config.Rand = bytes.NewReader(nil)
	w.PowerUp(t)
	require.Equal(t, apdu.StatusFailure, status(t, w, unhex(t, selectHex)))
	w.Config.Rand = bytes.NewReader(bytes.Repeat([]byte{1, 2}, 16)) // enough for SELECT, not for HANDSHAKE-1
	w.PowerUp(t)
	_, err := w.OwnerPhone(t).Open(t.Context(), w.Link(), credential.OperationOpen)
	require.ErrorIs(t, err, credential.ReasonStatusWord)
	require.Equal(t, credential.ReasonState, w.Events[1].Reason)
	require.Equal(t, formatted, w.Flash.Programmed)
}

func TestStuckRandomSourceIsRefused(t *testing.T) {
	for _, b := range []byte{0x00, 0x55, 0xFF} {
		w := worldtest.New(t)
		w.Config.Rand = bytes.NewReader(bytes.Repeat([]byte{b}, 1<<10))
		w.PowerUp(t)
		require.Equal(t, apdu.StatusFailure, status(t, w, unhex(t, selectHex)))
		require.Equal(t, credential.ReasonState, w.LastEvent().Reason)
	}
}
