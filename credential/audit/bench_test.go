package audit_test

import (
	"crypto/ed25519"
	"iter"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential/audit"
	"github.com/postern-lock/postern/credential/audit/audittest"
)

// perBox is how many receipts or entries one box of the figures told.
const perBox = 1000

// BenchmarkReceipts audits receipts of a thousand of each box, and tells their rate
// beside the raw rate of ed25519.Verify on all cores in the same run, and what
// memory it took beside that of the items.  Run it with -benchtime 1x.
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
			raw := rawRate(b)
			rate := figures(b, all, uint64(size.n), func(s audit.Summary) uint64 { return s.Receipts[audit.Verified] })
			raw = (raw + rawRate(b)) / 2
			b.ReportMetric(raw, "raw/s")
			b.ReportMetric(rate/raw, "of-raw")
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

// figures runs audits, checks that so many rows are what they must be, and returns
// and reports how many there were a second.
func figures(b *testing.B, all []audit.Item, want uint64, count func(audit.Summary) uint64) (rate float64) {
	var heap peak
	for b.Loop() {
		heap.begin()
		var s audit.Summary
		var n uint64
		for row, err := range auditor(b, config(world())).Run(watched(all, &heap)) {
			if err != nil {
				b.Fatal(err)
			}
			if s.Add(row); n%(want/50) == 0 {
				heap.look()
			}
			n++
		}
		require.Equal(b, want, count(s))
		require.Zero(b, s.Wrong())
	}
	rate = float64(want) * float64(b.N) / b.Elapsed().Seconds()
	b.ReportMetric(rate, "rows/s")
	b.ReportMetric(float64(heap.most)/(1<<20), "MiB-peak")
	b.ReportMetric(float64(heap.most)/float64(want), "B/row")
	return rate
}

// watched streams items, and looks at the heap now and then.
func watched(all []audit.Item, heap *peak) iter.Seq2[audit.Item, error] {
	return func(yield func(audit.Item, error) bool) {
		for i, item := range all {
			if i%(len(all)/50) == 0 {
				heap.look()
			}
			if !yield(item, nil) {
				return
			}
		}
	}
}

// peak is the most that the heap held beyond what it held at the beginning, what is
// to be collected included.
type peak struct{ before, most uint64 }

func (p *peak) begin() {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	p.before = m.HeapAlloc
}

func (p *peak) look() {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	p.most = max(p.most, m.HeapAlloc-min(p.before, m.HeapAlloc))
}

// rawRate returns how many signatures ed25519.Verify verifies a second on all
// cores, over 150 bytes.
func rawRate(b *testing.B) float64 {
	public, private, err := ed25519.GenerateKey(nil)
	require.NoError(b, err)
	message := make([]byte, 150)
	signature := ed25519.Sign(private, message)
	const each = 10_000
	cores := runtime.GOMAXPROCS(0)
	begin := time.Now()
	var wg sync.WaitGroup
	for range cores {
		wg.Go(func() {
			for range each {
				if !ed25519.Verify(public, message, signature) {
					panic("refused")
				}
			}
		})
	}
	wg.Wait()
	return float64(each*cores) / time.Since(begin).Seconds()
}
