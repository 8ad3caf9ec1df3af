package sqlstore_test

import (
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"flag"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/sqlstore"
	"github.com/postern-lock/postern/examples/operator/sqlstore/pgtest"
	"github.com/postern-lock/postern/issuer/issuertest"
	"github.com/postern-lock/postern/issuer/ledger"
)

var size = flag.Int("rows", 1_000_000, "how many grants, boxes and policies the benchmarks begin with")

const (
	staff   = 65_000 // grants of one day
	perTour = 600    // boxes of one round
	bits    = 1024   // grants of one commit
)

// durable are the two databases as they are in service: they wait for the disk.
var durable = []struct {
	name  string
	empty func(b *testing.B) string
}{
	{"SQLite", func(b *testing.B) string { return filepath.Join(b.TempDir(), "ledger.db") }},
	{"PostgreSQL", func(b *testing.B) string {
		server, err := pgtest.Start("fsync=on", "full_page_writes=on", "autovacuum=on", "shared_buffers=256MB", "max_wal_size=2GB")
		require.NoError(b, err)
		b.Cleanup(func() { require.NoError(b, server.Stop()) })
		return server.Database(b)
	}},
}

// load is a ledger with many rows, and what is in it.
type load struct {
	*sqlstore.Store
	world  *issuertest.World
	random *rand.Rand
	at     credential.Time
	issued int
	last   []ledger.Record // of the last commit
}

// commit commits grants of the day with random numbers, as duties and tags have.
func (l *load) commit(ctx context.Context) error {
	l.at = l.world.Now - 30*day + credential.Time(l.issued/staff)*day
	records := make([]ledger.Record, bits)
	for i := range records {
		r := &records[i]
		r.Signer, r.IssuedAt, r.Expires, r.Grant = signer, l.at, l.at+day/2, make([]byte, 160)
		binary.BigEndian.PutUint64(r.Duty[:], l.random.Uint64())
		binary.BigEndian.PutUint64(r.Tag[:], l.random.Uint64())
		binary.BigEndian.PutUint64(r.Holder[:], uint64(l.issued%staff)*0x9e3779b97f4a7c15+1)
		l.issued++
	}
	kept, err := l.Commit(ctx, l.at, records)
	l.last = kept
	return err
}

// loaded returns a ledger with as many grants, boxes and policies as the flag says,
// of which one policy in a hundred waits.
func loaded(b *testing.B, dsn string) *load {
	l := &load{Store: open(b, dsn), world: issuertest.New(""), random: rand.New(rand.NewPCG(1, 2))}
	began := time.Now()
	for l.issued < *size {
		require.NoError(b, l.commit(b.Context()))
	}
	b.Logf("%d grants committed, %d at a time: %.0f a second", l.issued, bits, float64(l.issued)/time.Since(began).Seconds())
	began = time.Now()
	for n := 0; n < *size; {
		var boxes []ledger.Box
		for range min(ledger.MaxBoxes, *size-n) {
			boxes = append(boxes, ledger.Box{Lock: place(n), Area: tour(n)})
			n++
		}
		require.NoError(b, l.Place(b.Context(), boxes))
	}
	b.Logf("%d boxes placed: %.0f a second", *size, float64(*size)/time.Since(began).Seconds())
	_, err := sqlstore.DB(l.Store).ExecContext(b.Context(), `INSERT INTO policies (lock, signer, version, tag, object, waiting)
		SELECT lock, $1, 1, lock, $2, CASE WHEN substr(lock, 8, 1) < $3 AND substr(lock, 7, 1) < $4 THEN 1 ELSE 0 END FROM boxes`,
		signer[:], make([]byte, 220), []byte{0x1a}, []byte{0x1a}) // (26/256)²: 1.03 %
	require.NoError(b, err)
	if !sqlstore.IsPostgres(dsn) {
		return l
	}
	_, err = sqlstore.DB(l.Store).ExecContext(b.Context(), `ANALYZE`) // as autovacuum does within minutes
	require.NoError(b, err)
	return l
}

// place returns the id of the n-th lock, which tells nothing of where it is.
func place(n int) (id credential.LockID) {
	binary.BigEndian.PutUint64(id[:], uint64(n+1)*0x9e3779b97f4a7c15)
	return id
}

// tour returns the area code of the n-th lock: the country, the postal code, the
// round, and the place on it.
func tour(n int) []byte {
	code := append([]byte("FR"), byte(n/perTour>>16), byte(n/perTour>>8), byte(n/perTour), 0)
	return binary.BigEndian.AppendUint16(code, uint16(n%perTour))
}

// measured calls f until the benchmark is over, and reports its times in
// milliseconds: the median, what 99 of 100 are below, and the worst.
func measured(b *testing.B, f func(i int) error) {
	var all []time.Duration
	for i := 0; b.Loop(); i++ {
		began := time.Now()
		require.NoError(b, f(i))
		all = append(all, time.Since(began))
	}
	slices.Sort(all)
	for name, i := range map[string]int{"median-ms": len(all) / 2, "p99-ms": len(all) * 99 / 100, "worst-ms": len(all) - 1} {
		b.ReportMetric(float64(all[i].Microseconds())/1000, name)
	}
}

func BenchmarkMillion(b *testing.B) {
	for _, d := range durable {
		b.Run(d.name, func(b *testing.B) {
			l := loaded(b, d.empty(b))
			ctx := b.Context()
			tours := *size / perTour
			b.Run("outbox", func(b *testing.B) {
				boxes, policies := 0, 0
				measured(b, func(i int) error {
					out, err := l.Outbox(ctx, tour(l.random.IntN(tours) * perTour)[:5])
					boxes += perTour
					policies += len(out.Policies)
					return err
				})
				b.ReportMetric(100*float64(policies)/float64(boxes), "%pending")
			})
			b.Run("held", func(b *testing.B) {
				measured(b, func(i int) error {
					_, err := l.Held(ctx, l.last[i%bits].Holder, l.at)
					return err
				})
			})
			b.Run("find", func(b *testing.B) {
				duties := make([]ledger.DutyID, bits)
				for i, r := range l.last {
					duties[i] = r.Duty
				}
				measured(b, func(int) error {
					_, err := l.Find(ctx, duties)
					return err
				})
			})
			b.Run("since", func(b *testing.B) {
				measured(b, func(int) error {
					_, err := l.Since(ctx, uint64(l.random.IntN(*size)), 1000)
					return err
				})
			})
			b.Run("list", func(b *testing.B) {
				require.NoError(b, l.Withdraw(ctx, l.at, []credential.Tag{l.last[0].Tag}))
				measured(b, func(int) error {
					_, err := l.NextList(ctx, signer, l.at, longest)
					return err
				})
			})
			b.Run("commit", func(b *testing.B) {
				measured(b, func(int) error { return l.commit(ctx) })
				b.ReportMetric(float64(b.N)*bits/b.Elapsed().Seconds(), "grants/s")
			})
			b.Run("day", l.wholeDay)
		})
	}
}

// wholeDay issues a day's rounds.  The day goes in ten pieces, each followed by as
// many raw Ed25519 signatures on all processors, so that other programs on the machine
// burden both alike.
func (l *load) wholeDay(b *testing.B) {
	const pieces = 10
	key, cores := l.world.Key("post").(ed25519.PrivateKey), runtime.GOMAXPROCS(0)
	rounds := issues(l.world, l.Store)
	rounds.Batch = ledger.MaxBatch
	var raw, work time.Duration
	n := 0
	for b.Loop() {
		for range pieces {
			began := time.Now()
			for _, err := range rounds.Issue(b.Context(), tours(l.world, n, staff/pieces)) {
				require.NoError(b, err)
			}
			work += time.Since(began)
			n += staff / pieces
			began = time.Now()
			var wg sync.WaitGroup
			for range cores {
				wg.Go(func() {
					for range staff / pieces / cores {
						ed25519.Sign(key, make([]byte, 106))
					}
				})
			}
			wg.Wait()
			raw += time.Since(began)
		}
	}
	b.ReportMetric(float64(n)/work.Seconds(), "grants/s")
	b.ReportMetric(float64(n)/raw.Seconds(), "raw/s")
	b.ReportMetric(raw.Seconds()/work.Seconds(), "rate/raw")
	b.ReportMetric(work.Seconds()/float64(b.N), "s/day")
	b.ReportMetric(0, "ns/op")
}
