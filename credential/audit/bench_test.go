package audit_test

import (
	"crypto/ed25519"
	"iter"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential/audit"
	"github.com/postern-lock/postern/credential/audit/audittest"
)

// perBox is how many receipts or entries one box of the figures told.
const perBox = 1000

// BenchmarkReceipts audits receipts of a thousand of each box, and tells their rate
// beside the raw rate of ed25519.Verify on all cores, before and after it in the same
// run, and what memory it took beside that of the items.  Run it with -benchtime 1x.
func BenchmarkReceipts(b *testing.B) {
	for _, size := range sizes {
		b.Run(size.name, func(b *testing.B) {
			all := made(size.n/perBox, func(box *audittest.Box) []audit.Item {
				var receipts []audit.Item
				for range perBox {
					box.Write(nil)
					receipts = append(receipts, box.Receipt())
				}
				return receipts
			})
			before := verifyRaw(b)
			figures(b, all, uint64(size.n), func(s audit.Summary) uint64 { return s.Receipts[audit.Verified] })
			raw := (before + verifyRaw(b)) / 2
			b.ReportMetric(raw, "raw/s")
			b.ReportMetric(float64(size.n)*float64(b.N)/b.Elapsed().Seconds()/raw, "of-raw")
		})
	}
}

// BenchmarkEntries audits whole logs in pages of 16, and a receipt for each, and
// tells the rate of entries.
func BenchmarkEntries(b *testing.B) {
	for _, size := range sizes {
		b.Run(size.name, func(b *testing.B) {
			all := made(size.n/perBox, func(box *audittest.Box) []audit.Item {
				for range perBox {
					box.Write(nil)
				}
				return append(box.Pages(), box.Receipt())
			})
			figures(b, all, uint64(size.n), func(s audit.Summary) uint64 { return s.Entries[audit.Verified] })
		})
	}
}

var sizes = []struct {
	name string
	n    int
}{{"20k", 20_000}, {"1M", 1_000_000}}

// made has boxes tell what they tell, on all cores.
func made(boxes int, tell func(*audittest.Box) []audit.Item) []audit.Item {
	w := world()
	told := make([][]audit.Item, boxes)
	var wg sync.WaitGroup
	room := make(chan struct{}, runtime.GOMAXPROCS(0))
	for n := range boxes {
		room <- struct{}{}
		wg.Go(func() {
			told[n] = tell(audittest.New(w, n))
			<-room
		})
	}
	wg.Wait()
	var all []audit.Item
	for i := 0; len(all) == 0 || i < len(told[0]); i++ { // the boxes by turns
		for n := range boxes {
			all = append(all, told[n][i])
		}
	}
	return all
}

// figures runs audits, checks that so many rows are what they must be, and reports
// how many there were a second.  One more audit, which is not timed, tells the memory.
func figures(b *testing.B, all []audit.Item, want uint64, count func(audit.Summary) uint64) {
	run := func(items iter.Seq2[audit.Item, error]) {
		var s audit.Summary
		for row, err := range auditor(b, config(world())).Run(items) {
			if err != nil {
				b.Fatal(err)
			}
			s.Add(row)
		}
		require.Equal(b, want, count(s))
		require.Zero(b, s.Wrong())
	}
	for b.Loop() {
		run(watched(all, func() {}))
	}
	b.ReportMetric(float64(want)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")

	before, most := used(), uint64(0)
	run(watched(all, func() { most = max(most, used()) }))
	most -= min(most, before)
	b.ReportMetric(float64(most)/(1<<20), "MiB-peak")
	b.ReportMetric(float64(most)/float64(want), "B/row")
}

// watched streams items, and looks 20 times meanwhile, the last time when all have
// been read.
func watched(all []audit.Item, look func()) iter.Seq2[audit.Item, error] {
	return func(yield func(audit.Item, error) bool) {
		for i, item := range all {
			if !yield(item, nil) {
				return
			}
			if (i+1)%(len(all)/20) == 0 {
				look()
			}
		}
	}
}

// used returns what is in use on the heap.
func used() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// verifyRaw returns how many signatures over 150 bytes are verified a second on all
// cores, by a second of it.
func verifyRaw(b *testing.B) float64 {
	public, private, err := ed25519.GenerateKey(nil)
	require.NoError(b, err)
	message := make([]byte, 150)
	signature := ed25519.Sign(private, message)
	begin, verified := time.Now(), new(atomic.Int64)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for time.Since(begin) < time.Second {
				if !ed25519.Verify(public, message, signature) {
					panic("refused")
				}
				verified.Add(1)
			}
		})
	}
	wg.Wait()
	return float64(verified.Load()) / time.Since(begin).Seconds()
}
