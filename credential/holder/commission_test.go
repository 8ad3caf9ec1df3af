package holder_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
)

// setup is the secret that is printed inside the box.
var setup = [16]byte{0xC0, 0xFF, 0xEE, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}

// commissioned returns the log key that a fake has agreed.
func (f *fake) commissioned() [32]byte {
	key, err := f.exporter.LogKey(f.hash[:])
	require.NoError(f.t, err)
	return *key
}

func TestCommission(t *testing.T) {
	w := worldtest.New(t)
	f, p := newFake(t, w), w.OwnerPhone(t)
	p.Documents = [][]byte{policy(t, w, w.LockID, 1)}
	p.Slots = holder.NewSlots()
	f.selection.Capabilities |= wire.CapabilityResumption
	f.answer = func(_ int, r message.Request) []byte {
		want, err := f.exporter.SetupProof(f.hash[:], setup[:])
		require.NoError(t, err)
		require.Equal(t, message.Request{Operation: credential.OperationConfigure, Proof: want}, r)
		return encode(t, message.Response{State: message.State{PolicyVersion: 41, Sequence: 1}})
	}
	key, r, err := p.Commission(t.Context(), f.link(), setup)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeDone, r.Outcome)
	require.Equal(t, uint32(41), r.State.PolicyVersion)
	require.Equal(t, f.commissioned(), key.Bytes())
	require.Equal(t, message.IDCred{Header: wire.HeaderKccs, Value: credential.AppendClaimsSet(nil, p.Key.PublicKey())}.Encode(), f.phone)
}

func TestRekeyProvesNothing(t *testing.T) {
	w := worldtest.New(t)
	f := newFake(t, w)
	f.answer = func(_ int, r message.Request) []byte {
		require.Equal(t, message.Request{Operation: credential.OperationConfigure}, r)
		return encode(t, message.Response{})
	}
	key, r, err := w.OwnerPhone(t).Rekey(t.Context(), f.link())
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeDone, r.Outcome)
	require.Equal(t, f.commissioned(), key.Bytes())
}

// TestConfigureIsNeverResumed: the log key comes of a full exchange.
func TestConfigureIsNeverResumed(t *testing.T) {
	w := worldtest.New(t)
	f, p := newFake(t, w), w.OwnerPhone(t)
	f.selection.Capabilities |= wire.CapabilityResumption
	p.Slots = holder.NewSlots()
	f.answer = func(_ int, r message.Request) []byte {
		if r.Operation == credential.OperationConfigure {
			return encode(t, message.Response{})
		}
		return encode(t, message.Response{Outcome: credential.OutcomeOpened, Slot: 9})
	}
	_, err := p.Open(t.Context(), f.link(), credential.OperationOpen)
	require.NoError(t, err)
	link := f.link()
	key, _, err := p.Rekey(t.Context(), link)
	require.NoError(t, err)
	require.False(t, key.IsZero())
	require.Zero(t, sent(link, wire.InsResume))
}

func TestCommissionThatIsRefused(t *testing.T) {
	w := worldtest.New(t)
	f := newFake(t, w)
	f.answer = func(int, message.Request) []byte {
		return encode(t, message.Response{Outcome: credential.OutcomeRefused, Reason: credential.ReasonAction})
	}
	key, r, err := w.OwnerPhone(t).Commission(t.Context(), f.link(), setup)
	require.NoError(t, err)
	require.Equal(t, credential.ReasonAction, r.Reason)
	require.True(t, key.IsZero())

	f.status = map[byte]apdu.Status{wire.InsHandshake2: apdu.StatusRefused}
	key, r, err = w.OwnerPhone(t).Commission(t.Context(), f.link(), setup)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonStatusWord, holder.AdviceSecret)
	require.True(t, key.IsZero(), "an honest lock that answers so has taken nothing")
}

// TestAnswerToCommissionIsLost: lock and phone may have the key, or may not.
func TestAnswerToCommissionIsLost(t *testing.T) {
	w := worldtest.New(t)
	f := newFake(t, w)
	link := &tampered{next: f.link(), response: func(n int, _, response []byte) ([]byte, error) {
		if n == 3 {
			return nil, errField
		}
		return response, nil
	}}
	key, r, err := w.OwnerPhone(t).Commission(t.Context(), link, setup)
	requireFault(t, r, err, credential.OutcomeUnconfirmed, credential.ReasonLink, holder.AdviceFindOut)
	require.Equal(t, f.commissioned(), key.Bytes())

	old := holder.NewLogKey([32]byte{1})
	keys := holder.LogKeys{old}.After(key, r)
	require.Equal(t, holder.LogKeys{key, old}, keys)
}

func TestLinkLostBeforeCommission(t *testing.T) {
	w := worldtest.New(t)
	f := newFake(t, w)
	link := &tampered{next: f.link(), command: func(n int, c []byte) ([]byte, error) {
		if n >= 3 {
			return nil, errField
		}
		return c, nil
	}}
	key, r, err := w.OwnerPhone(t).Commission(t.Context(), link, setup)
	require.Error(t, err)
	require.Equal(t, f.n, 0)
	require.Equal(t, r.Outcome == credential.OutcomeUnconfirmed, !key.IsZero())
}

func TestGuestsDoNotCommission(t *testing.T) {
	w := worldtest.New(t)
	link := apdu.NewTracer(w.Link())
	key, r, err := w.NeighbourPhone(t).Commission(t.Context(), link, setup)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonNone, holder.AdviceUpdate)
	require.ErrorIs(t, err, holder.ErrPhone)
	require.True(t, key.IsZero())
	require.Zero(t, link.Cost())
}

func TestKeysToKeep(t *testing.T) {
	a, b, c := holder.NewLogKey([32]byte{1}), holder.NewLogKey([32]byte{2}), holder.NewLogKey([32]byte{3})
	result := func(o credential.Outcome) holder.Result { return holder.Result{Outcome: o} }
	for _, x := range []struct {
		name    string
		keys    holder.LogKeys
		key     holder.LogKey
		outcome credential.Outcome
		want    holder.LogKeys
	}{
		{"the first", nil, a, credential.OutcomeDone, holder.LogKeys{a}},
		{"the first, perhaps", nil, a, credential.OutcomeUnconfirmed, holder.LogKeys{a}},
		{"a new one", holder.LogKeys{a, b}, c, credential.OutcomeDone, holder.LogKeys{c, a, b}},
		{"a fifth", holder.LogKeys{b, c, holder.NewLogKey([32]byte{4}), holder.NewLogKey([32]byte{5})}, a, credential.OutcomeDone,
			holder.LogKeys{a, b, c, holder.NewLogKey([32]byte{4})}},
		{"a new one, perhaps", holder.LogKeys{a, b}, c, credential.OutcomeUnconfirmed, holder.LogKeys{c, a, b}},
		{"one that is there", holder.LogKeys{a, b}, b, credential.OutcomeUnconfirmed, holder.LogKeys{b, a}},
		{"refused", holder.LogKeys{a}, c, credential.OutcomeRefused, holder.LogKeys{a}},
		{"failed", holder.LogKeys{a}, c, credential.OutcomeFailed, holder.LogKeys{a}},
		{"none", holder.LogKeys{a}, holder.LogKey{}, credential.OutcomeDone, holder.LogKeys{a}},
	} {
		t.Run(x.name, func(t *testing.T) {
			before := append(holder.LogKeys(nil), x.keys...)
			require.Equal(t, x.want, x.keys.After(x.key, result(x.outcome)))
			require.Equal(t, before, x.keys, "what the app has stays as it is")
		})
	}
}

func TestLogKeysOpenWhatOneOfThemSealed(t *testing.T) {
	keys := holder.LogKeys{holder.NewLogKey([32]byte{1}), holder.NewLogKey([32]byte{2})}
	for _, first := range []byte{1, 2} {
		sealed, err := (&edhoc.LogKey{first}).Seal([]byte{7}, [16]byte{})
		require.NoError(t, err)
		page, err := keys.Open(sealed)
		require.NoError(t, err)
		require.Equal(t, append([]byte{7}, make([]byte, 767)...), page)
	}
	for _, k := range []holder.LogKeys{nil, keys[:1]} {
		sealed, err := (&edhoc.LogKey{2}).Seal(nil, [16]byte{})
		require.NoError(t, err)
		_, err = k.Open(sealed)
		require.ErrorIs(t, err, holder.ErrLogKey)
	}
}

func TestLogKeyIsNotPrinted(t *testing.T) {
	secret := bytes.Repeat([]byte{0xA7, 0x5C, 0x19, 0xE3}, 8)
	k := holder.NewLogKey([32]byte(secret))
	requireWithout(t, printed(k, &k, holder.LogKeys{k}, struct{ K holder.LogKey }{k}), secret)
	text, err := json.Marshal(holder.LogKeys{k})
	require.NoError(t, err)
	requireWithout(t, string(text), secret)
	require.Equal(t, secret, sliceOf(k.Bytes()))
}

func sliceOf(b [32]byte) []byte { return b[:] }
