package holder_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/lock"
)

// vacate makes the world's lock one that nobody owns yet.
func vacate(t *testing.T, w *worldtest.World) {
	t.Helper()
	require.NoError(t, lock.Format(w.Flash))
	w.PowerUp(t)
}

// cutAt is a link to the world's lock that is lost at a command: on its way to the
// lock, or on the way back.
func cutAt(w *worldtest.World, at int, back bool) *tampered {
	lost := func(n int, b []byte) ([]byte, error) {
		if n == at {
			return nil, errField
		}
		return b, nil
	}
	if back {
		return &tampered{next: w.Link(), response: func(n int, _, b []byte) ([]byte, error) { return lost(n, b) }}
	}
	return &tampered{next: w.Link(), command: lost}
}

// TestCommissionThatIsCutOff: whatever was lost, Rekey tells whose the lock is, and
// the keys that were kept open its pages.
func TestCommissionThatIsCutOff(t *testing.T) {
	for name, c := range map[string]struct {
		back  bool
		owned bool
	}{
		"before the lock":     {false, false},
		"on the answer's way": {true, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			vacate(t, w)
			p := w.OwnerPhone(t)
			key, r, err := p.Commission(t.Context(), cutAt(w, 3, c.back), worldtest.Setup)
			requireFault(t, r, err, credential.OutcomeUnconfirmed, credential.ReasonLink, holder.AdviceFindOut)
			keys := holder.LogKeys{}.After(key, r)
			require.Len(t, keys, 1)
			w.PowerUp(t)
			require.Equal(t, c.owned, len(w.Lock.Log()) == 1)

			if c.owned { // the key that nobody confirmed is the lock's
				sealed, err := p.FetchLog(t.Context(), w.Link())
				require.NoError(t, err)
				require.NoError(t, new(holder.History).Take(sealed, keys))
			}
			key, r, err = p.Rekey(t.Context(), w.Link())
			if !c.owned {
				require.Error(t, err, "the lock is nobody's")
				require.Equal(t, credential.OutcomeRefused, r.Outcome)
				require.Equal(t, keys, keys.After(key, r))
				key, r, err = p.Commission(t.Context(), w.Link(), worldtest.Setup)
			}
			require.NoError(t, err)
			require.Equal(t, credential.OutcomeDone, r.Outcome)
			keys = keys.After(key, r)
			require.Equal(t, key, keys[0])
			sealed, err := p.FetchLog(t.Context(), w.Link())
			require.NoError(t, err)
			var h holder.History
			require.NoError(t, h.Take(sealed, keys))
			require.Equal(t, []int{1}, numbers(&h))
			requireOpened(t, w, p, w.Link(), credential.OperationOpen)
		})
	}
}

// TestAdviceToWhomTheLockDoesNotTake: a wrong secret, and a lock that is one's own.
func TestAdviceToWhomTheLockDoesNotTake(t *testing.T) {
	w := worldtest.New(t)
	_, r, err := w.OwnerPhone(t).Commission(t.Context(), w.Link(), worldtest.Setup)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeRefused, r.Outcome)
	require.Equal(t, holder.AdviceYours, r.Advice)
	vacate(t, w)
	_, r, err = w.OwnerPhone(t).Commission(t.Context(), w.Link(), [16]byte{1})
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonStatusWord, holder.AdviceSecret)
}

// TestRekeyThatIsCutOff leaves two keys of which one opens the pages, until the
// next one is confirmed.
func TestRekeyThatIsCutOff(t *testing.T) {
	for name, back := range map[string]bool{"before the lock": false, "on the answer's way": true} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			p, keys := w.OwnerPhone(t), holder.LogKeys{w.LogKey}
			key, r, err := p.Rekey(t.Context(), cutAt(w, 3, back))
			requireFault(t, r, err, credential.OutcomeUnconfirmed, credential.ReasonLink, holder.AdviceFindOut)
			keys = keys.After(key, r)
			require.Len(t, keys, 2)
			w.PowerUp(t)
			sealed, err := p.FetchLog(t.Context(), w.Link())
			require.NoError(t, err)
			require.NoError(t, new(holder.History).Take(sealed, keys))
			err = new(holder.History).Take(sealed, keys[:1])
			require.Equal(t, back, err == nil, "whether the lock has taken it")
		})
	}
}

func TestCommissionWithAWrongSecret(t *testing.T) {
	w := worldtest.New(t)
	vacate(t, w)
	key, r, err := w.OwnerPhone(t).Commission(t.Context(), w.Link(), [16]byte{1})
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonStatusWord, holder.AdviceSecret)
	require.True(t, key.IsZero())
	require.Empty(t, w.Lock.Log())
	require.True(t, w.LastEvent().Tamper)
}

// TestSomebodyElseCommissions a lock that has an owner: with the button alone.
func TestSomebodyElseCommissions(t *testing.T) {
	w := worldtest.New(t)
	other := w.Phone(t, "somebody", nil)
	_, r, err := other.Commission(t.Context(), w.Link(), worldtest.Setup)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonStatusWord, holder.AdviceSecret)
	w.Button = true
	key, r, err := other.Commission(t.Context(), w.Link(), worldtest.Setup)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeDone, r.Outcome)
	require.Equal(t, holder.State{PolicyVersion: 1, Floor: w.Now - 20*worldtest.Day, Sequence: 2}, r.State, "numbers do not fall")
	w.Button = false

	sealed, err := other.FetchLog(t.Context(), w.Link())
	require.NoError(t, err)
	var h holder.History
	require.NoError(t, h.Take(sealed, holder.LogKeys{key}))
	require.Equal(t, []int{2}, numbers(&h), "of the former owner's log nothing")
	require.Equal(t, credential.LogReset, h.Runs[0].Entries[0].Outcome)
	r, err = w.OwnerPhone(t).Status(t.Context(), w.Link())
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonStatusWord, holder.AdviceAskIssuer)
}

// TestNewOwnerAgreesTheLogKey: after a transfer the former owner's key opens
// nothing, and there is no page until the new one has a key.
func TestNewOwnerAgreesTheLogKey(t *testing.T) {
	w := worldtest.New(t)
	w.Transfer(t, "buyer", 2)
	buyer := w.Phone(t, "buyer", nil)
	r, err := buyer.FetchLog(t.Context(), w.Link())
	require.NoError(t, err)
	require.Empty(t, r.LogPages)
	key, r, err := buyer.Rekey(t.Context(), w.Link())
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeDone, r.Outcome)
	r, err = buyer.FetchLog(t.Context(), w.Link())
	require.NoError(t, err)
	var h holder.History
	require.ErrorIs(t, new(holder.History).Take(r, holder.LogKeys{w.LogKey}), holder.ErrLogKey)
	require.NoError(t, h.Take(r, holder.LogKeys{key}))
	require.Equal(t, credential.LogTransferred, h.Runs[0].Entries[0].Outcome)
}

// TestCommissionRunsByNoSlot, since the log key comes of a full exchange.
func TestCommissionRunsByNoSlot(t *testing.T) {
	w := worldtest.New(t)
	p := keeping(t, w, w.OwnerPhone(t), credential.OperationOpen)
	link := apdu.NewTracer(w.Link())
	_, r, err := p.Rekey(t.Context(), link)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeDone, r.Outcome)
	require.Zero(t, sent(link, wire.InsResume))
	link = apdu.NewTracer(w.Link())
	requireOpened(t, w, p, link, credential.OperationOpen)
	require.Equal(t, 1, sent(link, wire.InsResume), "the slot is as it was")
}
