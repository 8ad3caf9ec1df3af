package holder_test

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/worldtest"
)

// TestPhoneServesManyTaps, good ones and lost ones, with no trace of one in the
// next.
func TestPhoneServesManyTaps(t *testing.T) {
	w := worldtest.New(t)
	p := w.PostmanPhone(t)
	p.Wait = noWait
	first := requireOpened(t, w, p, w.Link(), credential.OperationDeliver)
	require.Equal(t, 4, first.Cost.Pairs)
	for range 50 {
		_, err := p.Open(t.Context(), cut{}.cutter(w, 3, nil), credential.OperationDeliver)
		require.ErrorIs(t, err, errField)
		w.Lock.Reset()
		r, err := p.Open(t.Context(), w.Link(), credential.OperationOpen)
		require.NoError(t, err)
		require.Equal(t, credential.OutcomeRefused, r.Outcome)
		r = requireOpened(t, w, p, w.Link(), credential.OperationDeliver)
		require.Equal(t, 3, r.Cost.Pairs)
	}
}

// TestGrantIsTakenAsItIsAtEachTap: a grant that was renewed, spoilt or taken away
// between two taps is noticed, also where its bytes were changed in place.
func TestGrantIsTakenAsItIsAtEachTap(t *testing.T) {
	w := worldtest.New(t)
	p := w.PostmanPhone(t)
	requireOpened(t, w, p, w.Link(), credential.OperationDeliver)

	old := bytes.Clone(p.Grant)
	p.Grant[len(p.Grant)/2] ^= 0x40
	r, err := p.Open(t.Context(), w.Link(), credential.OperationDeliver)
	require.Error(t, err)
	require.NotEqual(t, credential.OutcomeOpened, r.Outcome)

	c := w.RoundClaims()
	c.Scope[0].Actions = credential.ActionCollect
	p.Grant, err = w.Post.Grant(c)
	require.NoError(t, err)
	r, err = p.Open(t.Context(), w.Link(), credential.OperationDeliver)
	require.NoError(t, err)
	require.Equal(t, credential.ReasonAction, r.Reason)

	p.Grant = nil
	r, err = p.Open(t.Context(), w.Link(), credential.OperationDeliver)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonStatusWord, holder.AdviceAskIssuer)
	require.Equal(t, credential.ReasonOwnerUnknown, w.LastEvent().Reason)

	p.Grant = old
	requireOpened(t, w, p, w.Link(), credential.OperationDeliver)
	p.Key = w.NeighbourPhone(t).Key
	r, err = p.Open(t.Context(), w.Link(), credential.OperationDeliver)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonPossession, holder.AdviceRenew)
}

// TestPhonesAtTheSameTime has phones that share what they know, each at a lock
// of its own.
func TestPhonesAtTheSameTime(t *testing.T) {
	const phones, taps = 8, 6
	known := holder.NewMemory()
	shared := worldtest.New(t).OwnerPhone(t)
	var wait sync.WaitGroup
	faults := make([]error, phones)
	for i := range phones {
		w := worldtest.New(t)
		p := *shared // roots, makers and key are the same memory
		p.Locks, p.Rand = known, worldtest.Rand(fmt.Sprint("phone ", i))
		link := apdu.NewTracer(w.Link())
		wait.Go(func() {
			for range taps {
				r, err := p.Open(t.Context(), link, credential.OperationOpen)
				if err == nil && r.Outcome != credential.OutcomeOpened {
					err = r.Reason
				}
				if err != nil {
					faults[i] = err
					return
				}
			}
		})
	}
	wait.Wait()
	for _, err := range faults {
		require.NoError(t, err)
	}
	k, ok := known.Recall(credential.LockID{0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x80})
	require.True(t, ok)
	require.Len(t, k.Certificates, 1)
}

// TestMemoryAtTheSameTime is for the race detector.
func TestMemoryAtTheSameTime(t *testing.T) {
	m := holder.NewMemory()
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			id := credential.LockID{byte(i % 2)}
			for range 100 {
				k, _ := m.Recall(id)
				k.Certificates = append(k.Certificates, []byte{byte(i)})
				if len(k.Certificates) > 3 {
					k.Certificates = nil
				}
				if m.Remember(id, k) != nil {
					return
				}
			}
		})
	}
	wait.Wait()
}
