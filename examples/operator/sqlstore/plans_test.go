package sqlstore_test

import (
	"encoding/binary"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/book"
	"github.com/postern-lock/postern/examples/operator/sqlstore"
	"github.com/postern-lock/postern/issuer/ledger"
)

// crowd fills a ledger with so many grants and boxes that a database which may
// choose takes an index: 1024 grants of each of the last days.  Every box has a
// policy, of which one in a hundred waits.
func crowd(t *testing.T, s *sqlstore.Store, days int) {
	for d := range days {
		from, at := 1024*d, now-credential.Time(days-1-d)*day
		records := batch(from, 1024)
		var boxes []ledger.Box
		for i := range records {
			records[i].IssuedAt, records[i].Expires = at, at+day/2
			binary.BigEndian.PutUint32(records[i].Holder[:], uint32(from+i)/8+1)
			boxes = append(boxes, ledger.Box{Lock: lock(from + i), Area: area(from + i)})
		}
		_, err := s.Commit(t.Context(), at, records)
		require.NoError(t, err)
		require.NoError(t, s.Place(t.Context(), boxes))
	}
	for _, query := range []string{
		`INSERT INTO policies (lock, signer, version, tag, object, waiting) SELECT b.lock, b.lock, 1, b.lock, g.object, CASE WHEN g.serial % 100 = 0 THEN 1 ELSE 0 END
			FROM boxes b JOIN grants g ON g.tag = b.lock`,
		`INSERT INTO claims (lock, courier, tag) SELECT lock, lock, lock FROM boxes`,
		`ANALYZE`,
	} {
		_, err := sqlstore.DB(s).ExecContext(t.Context(), query)
		require.NoError(t, err)
	}
}

// lock returns the id of the n-th lock.
func lock(n int) (id credential.LockID) {
	binary.BigEndian.PutUint32(id[:], uint32(n+1))
	return id
}

// area returns the area code of the n-th lock, which shares it with 599 others.
func area(n int) []byte {
	return binary.BigEndian.AppendUint32([]byte("FR"), uint32(n/600))
}

// reads are statements that go through a table, and may: they want all of it, or it
// has one row for each signer.
var reads = regexp.MustCompile(`FROM revocations ORDER BY signer$`)

func TestNoStatementGoesThroughATable(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		s := open(t, dsn)
		crowd(t, s, 12)
		seen := make(map[string][]any)
		sqlstore.Watch(s, dsn, func(query string, args []any) { seen[query] = args })
		everyCall(t, s)
		// What the calls did is not looked at, but how.
		db := sqlstore.DB(s)
		explain := `EXPLAIN (FORMAT TEXT) `
		if isSQLite(db) {
			explain = `EXPLAIN QUERY PLAN `
		}
		explained, lists := 0, 0
		for query, args := range seen {
			if strings.HasPrefix(query, "EXPLAIN") || reads.MatchString(query) {
				continue
			}
			rows, err := db.QueryContext(t.Context(), explain+query, args...)
			require.NoError(t, err)
			plan := ""
			for rows.Next() {
				line := planned(t, isSQLite(db), rows.Scan)
				require.NotRegexp(t, `Seq Scan on (grants|boxes|policies|claims)|^SCAN [a-z]`, line, query)
				plan += line + "\n"
			}
			if isSQLite(db) && strings.Contains(query, "CROSS JOIN policies") {
				require.Contains(t, plan, "policies_waiting", "boxes without a waiting policy are passed over in the index")
			}
			if strings.Contains(query, "bystander = 0 AND") {
				require.Contains(t, plan, "grants_withdrawn", "a list reads what was withdrawn, and nothing else")
				lists++
			}
			require.NoError(t, rows.Close())
			explained++
		}
		require.GreaterOrEqual(t, explained, 25)
		require.Equal(t, 1, lists)
	})
}

// planned scans one line of a plan.
func planned(t *testing.T, lite bool, scan func(...any) error) (line string) {
	var a, b, c int
	into := []any{&line}
	if lite {
		into = []any{&a, &b, &c, &line}
	}
	require.NoError(t, scan(into...))
	return line
}

// everyCall makes every call of a store, with what takes the longest way.
func everyCall(t *testing.T, s *sqlstore.Store) {
	ctx := t.Context()
	r := record(1_000_000)
	kept, err := s.Commit(ctx, now, []ledger.Record{r, record(1_000_001), record(5)})
	require.NoError(t, err)
	for _, err := range []error{
		func() error { _, err := s.Find(ctx, []ledger.DutyID{r.Duty}); return err }(),
		func() error { _, err := s.Since(ctx, kept[0].Serial-10, 5); return err }(),
		func() error { _, err := s.Held(ctx, kept[2].Holder, now); return err }(),
		s.Withdraw(ctx, now, []credential.Tag{r.Tag}),
		func() error { _, err := s.NextList(ctx, signer, now, longest); return err }(),
		func() error { _, err := s.RaiseLeast(ctx, credential.KeyID{3}, now, now); return err }(),
		func() error { _, err := s.Outbox(ctx, area(0)); return err }(),
		func() error { _, err := s.OutboxOf(ctx, []credential.LockID{lock(3), lock(99)}); return err }(),
		s.Delivered(ctx, []ledger.Delivery{{Lock: lock(99), Tag: credential.Tag(lock(99))}}),
		s.WantLog(ctx, lock(3), true),
		s.Bring(ctx, lock(3), [][]byte{make([]byte, ledger.SealedBytes)}),
		func() error { _, err := s.Pages(ctx, lock(3)); return err }(),
		s.Taken(ctx, lock(3), [][]byte{make([]byte, ledger.SealedBytes)}),
		s.Place(ctx, []ledger.Box{{Lock: lock(3), Area: area(3)}}),
		s.Post(ctx, policy(t, lock(4), 2)),
		s.Post(ctx, list(t, 1)),
		s.Book().Claim(ctx, []book.Claim{{Lock: lock(3), Tag: credential.Tag{1}, Courier: credential.KeyID{1}}}, 2),
		func() error { _, err := s.Book().Claims(ctx, []credential.LockID{lock(3)}); return err }(),
		s.Book().Settle(ctx, []credential.LockID{lock(3)}),
	} {
		require.NoError(t, err)
	}
}
