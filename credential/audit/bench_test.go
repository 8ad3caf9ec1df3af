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
			meter := figures(b, all, uint64(size.n), func(s audit.Summary) uint64 { return s.Receipts[audit.Verified] })
			raw := float64(meter.verified) / meter.verifying.Seconds()
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
// how many there were a second.
func figures(b *testing.B, all []audit.Item, want uint64, count func(audit.Summary) uint64) *meter {
	m := &meter{b: b}
	for b.Loop() {
		m.before = m.used()
		var s audit.Summary
		for row, err := range auditor(b, config(world())).Run(m.watch(all)) {
			if err != nil {
				b.Fatal(err)
			}
			s.Add(row)
		}
		require.Equal(b, want, count(s))
		require.Zero(b, s.Wrong())
	}
	b.ReportMetric(float64(want)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(m.most)/(1<<20), "MiB-peak")
	b.ReportMetric(float64(m.most)/float64(want), "B/row")
	return m
}

// meter looks now and then, while the clock stands, at the most that is in use on
// the heap beyond what was at the beginning, and at what ed25519.Verify does on all
// cores: the machine may be another one a minute later.
type meter struct {
	b            *testing.B
	before, most uint64
	verified     int
	verifying    time.Duration
}

// watch streams items, and looks at the heap 20 times, the last time when all have
// been read, and 200 times at the machine.
func (m *meter) watch(all []audit.Item) iter.Seq2[audit.Item, error] {
	return func(yield func(audit.Item, error) bool) {
		for i, item := range all {
			if !yield(item, nil) {
				return
			}
			if (i+1)%(len(all)/20) == 0 {
				used := m.used()
				m.most = max(m.most, used-min(m.before, used))
			}
			if (i+1)%(len(all)/200) == 0 {
				m.verify()
			}
		}
	}
}

// used returns what is in use on the heap.
func (m *meter) used() uint64 {
	m.b.StopTimer()
	defer m.b.StartTimer()
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// verify verifies signatures over 150 bytes on all cores.
func (m *meter) verify() {
	m.b.StopTimer()
	defer m.b.StartTimer()
	public, private, err := ed25519.GenerateKey(nil)
	require.NoError(m.b, err)
	message := make([]byte, 150)
	signature := ed25519.Sign(private, message)
	const each = 200
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
	m.verified += each * cores
	m.verifying += time.Since(begin)
}
