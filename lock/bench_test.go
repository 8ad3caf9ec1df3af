package lock_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/lock"
)

// replayer opens a lock again and again with the same recorded commands: each
// time the lock starts anew on the same flash with the same random bytes.
type replayer struct {
	world    *worldtest.World
	commands [][]byte
}

func newReplayer(t testing.TB, opens func(*worldtest.World, apdu.Transceiver)) *replayer {
	return &replayer{worldtest.New(t), record(t, opens)}
}

func neighbourOpens(t testing.TB) func(*worldtest.World, apdu.Transceiver) {
	return func(w *worldtest.World, link apdu.Transceiver) {
		r, err := w.NeighbourPhone(t).Open(t.Context(), link, credential.OperationOpen)
		require.NoError(t, err)
		require.Equal(t, credential.OutcomeOpened, r.Outcome)
	}
}

// start powers the lock up as it was when it was new.
func (r *replayer) start(t testing.TB) *lock.Lock {
	t.Helper()
	config := r.world.Config
	config.Flash, config.Rand, config.Observe = r.world.Flash.Clone(), worldtest.Rand("lock"), nil
	l, err := lock.New(config)
	require.NoError(t, err)
	return l
}

// tap sends the commands.
func (r *replayer) tap(l *lock.Lock) {
	for _, c := range r.commands {
		l.Process(c)
	}
}

// heap returns the bytes that one transaction allocates, garbage included.
func (r *replayer) heap(t testing.TB) uint64 {
	t.Helper()
	l := r.start(t)
	logged := sequence(l)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r.tap(l)
	runtime.ReadMemStats(&after)
	require.Equal(t, logged+1, sequence(l), "the recorded commands did not open the lock")
	return after.TotalAlloc - before.TotalAlloc
}

// sequence returns the number of the newest log entry.
func sequence(l *lock.Lock) uint32 {
	log := l.Log()
	if len(log) == 0 {
		return 0
	}
	return log[len(log)-1].Sequence
}

// TestHeapOfATransaction holds the lock to its bound even if nothing that it
// allocates were freed before the end of the tap: with a new memory, and with a
// full one at every place in a bank, the change of banks included.
func TestHeapOfATransaction(t *testing.T) {
	for name, opens := range map[string]func(*worldtest.World, apdu.Transceiver){
		"owner": ownerOpens(t), "neighbour": neighbourOpens(t), "postman, first visit": postmanDelivers(t),
	} {
		r := newReplayer(t, opens)
		fresh := r.heap(t)
		most := fresh
		p := r.world.OwnerPhone(t)
		for range 150 {
			_, err := tap(t, r.world, p, credential.OperationOpen)
			require.NoError(t, err)
			most = max(most, r.heap(t))
		}
		t.Logf("%s: %d bytes with a new memory, at most %d", name, fresh, most)
		assert.LessOrEqual(t, most, uint64(wire.LimitHeapBytes), name)
	}
}

// BenchmarkTransaction is the lock's side of one full opening, in process.
func BenchmarkTransaction(b *testing.B) {
	r := newReplayer(b, neighbourOpens(b))
	heap := r.heap(b)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		l := r.start(b)
		b.StartTimer()
		r.tap(l)
	}
	b.ReportMetric(float64(heap), "heap-B/tap")
}

// BenchmarkStart is what a lock does at every power-up: read its flash.
func BenchmarkStart(b *testing.B) {
	r := newReplayer(b, neighbourOpens(b))
	b.ReportAllocs()
	for b.Loop() {
		r.start(b)
	}
}
