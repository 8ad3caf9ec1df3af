package lock_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
)

// weighed is a link that adds up what the lock's side allocates.
type weighed struct {
	next  apdu.Transceiver
	bytes uint64
}

func (w *weighed) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	response, err := w.next.Transceive(ctx, command)
	runtime.ReadMemStats(&after)
	w.bytes += after.TotalAlloc - before.TotalAlloc
	return response, err
}

// TestHeapOfATransaction holds the lock to its bound even if nothing that it
// allocates were freed before the end of the tap: with a new memory, and with a
// full one at every place in a bank, the change of banks included.
func TestHeapOfATransaction(t *testing.T) {
	for name, c := range map[string]struct {
		phone     func(*worldtest.World) *holder.Phone
		operation credential.Operation
	}{
		"owner":                 {func(w *worldtest.World) *holder.Phone { return w.OwnerPhone(t) }, credential.OperationOpen},
		"neighbour":             {func(w *worldtest.World) *holder.Phone { return w.NeighbourPhone(t) }, credential.OperationOpen},
		"neighbour, with slots": {func(w *worldtest.World) *holder.Phone { return crowded(t, w) }, credential.OperationOpen},
		"postman, first visit":  {func(w *worldtest.World) *holder.Phone { return w.PostmanPhone(t) }, credential.OperationDeliver},
	} {
		w, p := worldtest.New(t), (*holder.Phone)(nil)
		p = c.phone(w)
		w.Config.Observe = nil // the test's own list of events would count
		first, most := uint64(0), uint64(0)
		for i := range 150 {
			w.PowerUp(t)
			link := &weighed{next: w.Link()}
			r, err := p.Open(t.Context(), link, c.operation)
			require.NoError(t, err)
			require.Equal(t, credential.OutcomeOpened, r.Outcome)
			most = max(most, link.bytes)
			if i == 0 {
				first = link.bytes
			}
		}
		t.Logf("%s: %d bytes at first, at most %d", name, first, most)
		assert.LessOrEqual(t, most, uint64(wire.LimitHeapBytes), name)
	}
}

// crowded returns a phone that resumes, at a lock whose slots are all taken.
func crowded(t testing.TB, w *worldtest.World) *holder.Phone {
	t.Helper()
	for i := range wire.LimitSlots {
		c := w.GuestClaims()
		c.Expires += credential.Time(i + 1)
		c.Scope = append(c.Scope, c.Scope[0])
		g, err := w.Owner.Grant(c)
		require.NoError(t, err)
		_, err = tap(t, w, resuming(w.Phone(t, "neighbour", g)), credential.OperationOpen)
		require.NoError(t, err)
	}
	return resuming(w.NeighbourPhone(t))
}

// BenchmarkTransaction is a full opening with a grant, lock key and issuer known,
// both sides in process, and what of it the lock allocates.
func BenchmarkTransaction(b *testing.B) {
	w := worldtest.New(b)
	p := w.NeighbourPhone(b)
	link := &weighed{next: w.Link()}
	_, err := p.Open(b.Context(), link, credential.OperationOpen)
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		if r, err := p.Open(b.Context(), w.Link(), credential.OperationOpen); err != nil || r.Outcome != credential.OutcomeOpened {
			b.Fatal(r, err)
		}
	}
	b.ReportMetric(float64(link.bytes), "lock-heap-B/tap")
}

// BenchmarkStart is what a lock does at every power-up: read its flash.
func BenchmarkStart(b *testing.B) {
	w := worldtest.New(b)
	b.ReportAllocs()
	for b.Loop() {
		w.PowerUp(b)
	}
}
