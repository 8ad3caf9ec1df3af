package holder_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
)

// wantsTime is a lock that opens with a live token and refuses without.
func wantsTime(t *testing.T, w *worldtest.World) *fake {
	f := newFake(t, w)
	f.selection.Capabilities |= wire.CapabilityLiveTime
	f.selection.Nonce = message.Nonce{1, 2, 3}
	f.answer = func(_ int, r message.Request) []byte {
		for _, d := range r.Documents {
			if u, err := credential.ParseTimeToken(d); err == nil && u.Claims.Live {
				return decide(t, r, message.Response{Outcome: credential.OutcomeOpened})
			}
		}
		return decide(t, r, message.Response{Outcome: credential.OutcomeRefused, Reason: credential.ReasonEvidence})
	}
	return f
}

// liveFrom has a phone fetch tokens of the named source, and counts how often.
func liveFrom(t *testing.T, w *worldtest.World, p *holder.Phone, source string) *int {
	fetched := new(int)
	p.Live = func(_ context.Context, nonce [16]byte) ([]byte, error) {
		*fetched++
		require.Equal(t, [16]byte{1, 2, 3}, nonce)
		return token(t, w, source, nonce), nil
	}
	return fetched
}

func TestLiveTimeIsFetchedWhereTheLockWantsIt(t *testing.T) {
	w := worldtest.New(t)
	f, p := wantsTime(t, w), w.NeighbourPhone(t)
	clock := source(t, w, "clock")
	p.Authorities = append(p.Authorities, clock)
	p.Documents = [][]byte{policy(t, w, w.LockID, 1)}
	fetched := liveFrom(t, w, p, "clock")
	r, err := p.Do(t.Context(), f.link(), holder.Ask{Operation: credential.OperationOpen, Reference: credential.Reference{7: 1}})
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome)
	require.Equal(t, 1, *fetched)
	live := token(t, w, "clock", [16]byte{1, 2, 3})
	require.Equal(t, []message.Request{
		{Operation: credential.OperationOpen, Reference: credential.Reference{7: 1}, Documents: p.Documents},
		{Operation: credential.OperationOpen, Reference: credential.Reference{7: 1}, Documents: [][]byte{live}, Chain: [][]byte{clock}},
	}, f.requests)
	require.Equal(t, []holder.DocumentResult{{Document: p.Documents[0]}, {Document: live}}, r.Documents)
}

func TestLiveTimeInAResumedTap(t *testing.T) {
	w := worldtest.New(t)
	f, p := resumable(t, w)
	live := wantsTime(t, w)
	f.selection.Capabilities |= wire.CapabilityLiveTime
	f.selection.Nonce, f.answer = live.selection.Nonce, live.answer
	fetched := liveFrom(t, w, p, "clock")
	r, err := p.Open(t.Context(), f.link(), credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome)
	require.Equal(t, 1, *fetched)
}

// TestLiveTimeIsFetchedOnce: a lock that wants another one after it is refused.
func TestLiveTimeIsFetchedOnce(t *testing.T) {
	w := worldtest.New(t)
	f, p := wantsTime(t, w), w.NeighbourPhone(t)
	f.answer = func(_ int, r message.Request) []byte {
		response := message.Response{Outcome: credential.OutcomeRefused, Reason: credential.ReasonEvidence}
		if len(r.Documents) > 0 {
			response.Documents = []credential.Reason{credential.ReasonEvidence}
		}
		return encode(t, response)
	}
	fetched := liveFrom(t, w, p, "clock")
	r, err := p.Open(t.Context(), f.link(), credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeRefused, r.Outcome)
	require.Equal(t, holder.AdviceOnline, r.Advice)
	require.Equal(t, 1, *fetched)
	require.Len(t, f.requests, 2)
	require.Equal(t, credential.ReasonEvidence, r.Documents[0].Reason)
}

func TestLiveTimeThatIsNotFetched(t *testing.T) {
	for name, change := range map[string]func(*testing.T, *fake, *holder.Phone){
		"lock without an oscillator": func(_ *testing.T, f *fake, _ *holder.Phone) { f.selection.Capabilities &^= wire.CapabilityLiveTime },
		"phone without a source":     func(_ *testing.T, _ *fake, p *holder.Phone) { p.Live = nil },
		"another reason": func(t *testing.T, f *fake, _ *holder.Phone) {
			f.answer = func(int, message.Request) []byte { return unhex(t, "A2 01 04 02 1821") } // hours
		},
		"failed for it": func(t *testing.T, f *fake, _ *holder.Phone) {
			f.answer = func(int, message.Request) []byte { return unhex(t, "A3 01 05 02 1823 03 83 00 00 00") }
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			f, p := wantsTime(t, w), w.NeighbourPhone(t)
			fetched := liveFrom(t, w, p, "clock")
			change(t, f, p)
			r, err := p.Open(t.Context(), f.link(), credential.OperationOpen)
			require.NoError(t, err)
			require.NotEqual(t, credential.OutcomeOpened, r.Outcome)
			require.Zero(t, *fetched)
			require.Len(t, f.requests, 1)
		})
	}
}

// TestLiveTimeThatIsNone leaves the refusal as it is and sends nothing.
func TestLiveTimeThatIsNone(t *testing.T) {
	w := worldtest.New(t)
	for name, c := range map[string]struct {
		token  []byte
		err    error
		listed bool
	}{
		"no network":    {nil, errors.New("no network"), false},
		"nothing":       {nil, nil, true},
		"a policy":      {policy(t, w, w.LockID, 1), nil, true},
		"stated":        {token(t, w, "clock"), nil, true},
		"another nonce": {token(t, w, "clock", [16]byte{9}), nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			f, p := wantsTime(t, w), w.NeighbourPhone(t)
			p.Live = func(context.Context, [16]byte) ([]byte, error) { return c.token, c.err }
			r, err := p.Open(t.Context(), f.link(), credential.OperationOpen)
			require.NoError(t, err)
			require.Equal(t, credential.ReasonEvidence, r.Reason)
			require.Len(t, f.requests, 1)
			require.Equal(t, c.listed, len(r.Documents) == 1)
		})
	}
}
