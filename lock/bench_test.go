package lock_test

import (
	"context"
	"maps"
	"runtime"
	"runtime/debug"
	"slices"
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
	most  uint64 // of one command
}

func (w *weighed) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	response, err := w.next.Transceive(ctx, command)
	runtime.ReadMemStats(&after)
	w.bytes += after.TotalAlloc - before.TotalAlloc
	w.most = max(w.most, after.TotalAlloc-before.TotalAlloc)
	return response, err
}

// load is a tap of which the heap is weighed.
type load struct {
	phone func(*worldtest.World) *holder.Phone
	ask   holder.Ask
	// before, where it is not nil, changes the phone before its n-th tap.
	before func(w *worldtest.World, p *holder.Phone, n int)
	// over is how much more than the bound the tap may take where nothing is
	// freed before its end; no command of it may.
	over uint64
}

// loads returns taps of every kind.
func loads(t testing.TB) map[string]load {
	open, deliver := holder.Ask{Operation: credential.OperationOpen}, holder.Ask{Operation: credential.OperationDeliver}
	owner := func(w *worldtest.World) *holder.Phone { return w.OwnerPhone(t) }
	neighbour := func(w *worldtest.World) *holder.Phone { return w.NeighbourPhone(t) }
	receipt := deliver
	receipt.Receipt, receipt.Reference = true, credential.Reference{1}
	return map[string]load{
		"owner":                 {phone: owner, ask: open},
		"neighbour":             {phone: neighbour, ask: open},
		"neighbour, with slots": {phone: func(w *worldtest.World) *holder.Phone { return crowded(t, w) }, ask: open},
		"neighbour, counted":    {phone: func(w *worldtest.World) *holder.Phone { return counted(t, w, 255, 1) }, ask: open},
		"postman, first visit":  {phone: func(w *worldtest.World) *holder.Phone { return w.PostmanPhone(t) }, ask: deliver},
		"driver, first visit":   {phone: func(w *worldtest.World) *holder.Phone { return driver(t, w) }, ask: deliver, over: 4 << 10},
		"chain of three": {phone: func(w *worldtest.World) *holder.Phone {
			child := passed(t, w, delegable(t, w, 2), "child", func(c *credential.GrantClaims) { c.Scope[0].Delegation = 1 })
			return passed(t, w, child, "friend", unchanged)
		}, ask: open, over: 8 << 10},
		"delivery with a receipt": {phone: func(w *worldtest.World) *holder.Phone { return w.PostmanPhone(t) }, ask: receipt},
		"sealed page":             {phone: neighbour, ask: holder.Ask{LogPages: 1}, over: 2 << 10},
		"page in clear":           {phone: owner, ask: holder.Ask{Operation: credential.OperationReadLog}},
		"policy":                  {phone: neighbour, before: handOver(t), over: 5 << 10},
		"policy, and it opens":    {phone: neighbour, ask: open, before: handOver(t), over: 5 << 10},
		"stated time and a list": {phone: neighbour, ask: open, over: 4 << 10, before: func(w *worldtest.World, p *holder.Phone, n int) {
			p.Documents = [][]byte{w.RevocationList(t, uint32(n+1), credential.Tag{1}, credential.Tag{2}), w.StatedTime(t, w.Now+credential.Time(n))}
		}},
	}
}

// handOver gives the phone a long policy of a version that rises.
func handOver(t testing.TB) func(*worldtest.World, *holder.Phone, int) {
	return func(w *worldtest.World, p *holder.Phone, n int) {
		p.Documents = [][]byte{w.Policy(t, func(c *credential.PolicyClaims) {
			c.Version = uint32(n + 2)
			for s := range credential.Service(6) {
				c.Services = append(c.Services, credential.Admission{
					Service: s + 2, Actions: credential.ActionDeliver, Evidence: credential.EvidenceLive, Hours: credential.Schedule{{Days: 31, From: 360, Until: 1200}},
				})
			}
			for n := range wire.LimitDenied {
				c.Denied = append(c.Denied, credential.Tag{byte(n + 1), 1, 1, 1, 1, 1, 1, 1})
			}
			for _, name := range []string{"a", "b", "c"} {
				c.CoOwners = append(c.CoOwners, worldtest.Public(t, name))
			}
		})}
	}
}

// TestHeapOfATransaction holds the lock to its bound even if nothing that it
// allocates were freed before the end of the tap: with a new memory, and with a
// full one at every place of it.  Long chains, pages and documents stay within it
// where what a command has left is freed before the next one.
func TestHeapOfATransaction(t *testing.T) {
	all, taps := loads(t), 150
	if testing.Short() {
		taps = 20
	}
	// A collection in the middle empties the pools of other packages, whose filling
	// anew would be put down to the command that happens to come next.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	for _, name := range slices.Sorted(maps.Keys(all)) {
		runtime.GC()
		c := all[name]
		w := worldtest.New(t)
		p := c.phone(w)
		w.Config.Observe = nil // the test's own list of events would count
		first, most, single := uint64(0), uint64(0), uint64(0)
		for i := range taps {
			if c.before != nil {
				c.before(w, p, i)
			}
			w.PowerUp(t)
			link := &weighed{next: w.Link()}
			r, err := p.Do(t.Context(), link, c.ask)
			require.NoError(t, err)
			require.Contains(t, []credential.Outcome{credential.OutcomeOpened, credential.OutcomeDone}, r.Outcome, r.Reason)
			for _, d := range r.Documents {
				require.Equal(t, credential.ReasonNone, d.Reason)
			}
			most, single = max(most, link.bytes), max(single, link.most)
			if i == 0 {
				first = link.bytes
			}
		}
		t.Logf("%s: %d bytes at first, at most %d, in one command at most %d", name, first, most, single)
		assert.LessOrEqual(t, most, wire.LimitHeapBytes+c.over, name)
		assert.LessOrEqual(t, single, uint64(wire.LimitHeapBytes), name)
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
