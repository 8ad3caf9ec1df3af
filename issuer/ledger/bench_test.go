package ledger_test

import (
	"context"
	"crypto/ed25519"
	"runtime"
	"runtime/metrics"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer/ledger"
)

// counting is a store that counts grants and forgets them, as far as Issue can see.
// Its Checked stands before it, as before every store.
type counting struct {
	ledger.Store
	serial atomic.Uint64
}

func (*counting) Find(context.Context, []ledger.DutyID) ([]ledger.Record, error) { return nil, nil }

func (c *counting) Commit(_ context.Context, _ credential.Time, records []ledger.Record) ([]ledger.Record, error) {
	kept := make([]ledger.Record, len(records))
	copy(kept, records)
	last := c.serial.Add(uint64(len(records)))
	for i := range kept {
		kept[i].Serial = last - uint64(len(records)-1-i)
	}
	return kept, nil
}

// wholeDay is how many rounds a national post has on a day.
const wholeDay = 65_000

// BenchmarkIssueDay issues 65,000 duties.  The store counts and forgets, so what the
// heap holds is Issue's own.
//
// Rate compares with raw Ed25519 signatures on all processors.  The day goes in twenty
// pieces, each a call of its own that is over before as many raw signatures follow.
// The ratio is the median of those of all pieces, since other programs on the machine
// disturb now the one and now the other.  Memory is the peak of the heap, garbage
// included, over one call for the whole day.
func BenchmarkIssueDay(b *testing.B) {
	d := newDesk()
	d.Rounds.Store = ledger.Checked(&counting{})
	issue := func(b *testing.B, n int) {
		for _, err := range d.Issue(b.Context(), d.day(n)) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("rate", func(b *testing.B) {
		const pieces = 20
		message, key, cores := make([]byte, 106), d.Key("post").(ed25519.PrivateKey), runtime.GOMAXPROCS(0)
		var raw, work time.Duration
		var ratios []float64
		for b.Loop() {
			for range pieces {
				start := time.Now()
				issue(b, wholeDay/pieces)
				w := time.Since(start)
				r := signRaw(key, message, cores, wholeDay/pieces)
				work, raw, ratios = work+w, raw+r, append(ratios, r.Seconds()/w.Seconds())
			}
		}
		slices.Sort(ratios)
		n := float64(wholeDay * b.N)
		b.ReportMetric(n/work.Seconds(), "grants/s")
		b.ReportMetric(n/raw.Seconds(), "raw/s")
		b.ReportMetric(ratios[len(ratios)/2], "rate/raw")
		b.ReportMetric(0, "ns/op")
	})
	b.Run("memory", func(b *testing.B) {
		var most uint64
		for b.Loop() {
			runtime.GC()
			peak := watchHeap()
			issue(b, wholeDay)
			most = max(most, peak())
		}
		b.ReportMetric(float64(most)/(1<<20), "peak-MiB")
		b.ReportMetric(0, "ns/op")
	})
}

// signRaw signs n times on all processors and returns how long it takes.
func signRaw(key ed25519.PrivateKey, message []byte, cores, n int) time.Duration {
	start := time.Now()
	var wg sync.WaitGroup
	for range cores {
		wg.Go(func() {
			for range n / cores {
				ed25519.Sign(key, message)
			}
		})
	}
	wg.Wait()
	return time.Since(start)
}

// watchHeap reads every 5 ms what the heap holds, garbage included.  The function that
// it returns ends that and tells the peak.
func watchHeap() (peak func() uint64) {
	var most uint64
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			metrics.Read(sample)
			most = max(most, sample[0].Value.Uint64())
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	}()
	return func() uint64 {
		close(done)
		<-ended
		return most
	}
}
