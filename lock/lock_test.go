package lock_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/worldtest"
)

func TestOwnerOpens(t *testing.T) {
	w := worldtest.New(t)
	r, err := w.OwnerPhone(t).Open(t.Context(), w.Link(), credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome)
	require.Equal(t, 1, w.Bolt.Driven)
	t.Log(r.Cost, w.Lock.Operations(), w.Lock.Log())
}

func TestPostmanDelivers(t *testing.T) {
	w := worldtest.New(t)
	p := w.PostmanPhone(t)
	for range 3 {
		tr := apdu.NewTracer(w.Link())
		before := w.Lock.Operations()
		r, err := p.Open(t.Context(), tr, credential.OperationDeliver)
		require.NoError(t, err)
		require.Equal(t, credential.OutcomeOpened, r.Outcome, r.Reason)
		t.Log(r.Cost, before, w.Lock.Operations(), w.Lock.Log(), w.Flash.Programmed)
		for _, p := range tr.Pairs() {
			t.Log(len(p.Command), len(p.Response))
		}
	}
	require.Equal(t, 3, w.Bolt.Driven)
}
