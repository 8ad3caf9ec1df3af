package sqlstore_test

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/sqlstore"
	"github.com/postern-lock/postern/examples/operator/sqlstore/pgtest"
	"github.com/postern-lock/postern/issuer/issuertest"
	"github.com/postern-lock/postern/issuer/ledger"
)

// tours returns the rounds of a day, from the number on.
func tours(w *issuertest.World, from, n int) iter.Seq2[ledger.Duty, error] {
	holder := issuertest.Public(w.Key("postman"))
	return func(yield func(ledger.Duty, error) bool) {
		for i := from; i < from+n; i++ {
			d := ledger.Duty{Holder: holder, Expires: w.Now + day/2, Scope: []credential.Entry{{
				Target: credential.AreaTarget(fmt.Appendf(nil, "FR%08d", i)), Actions: credential.ActionDeliver | credential.ActionCollect,
			}}}
			binary.BigEndian.PutUint64(d.ID[:], uint64(i+1)*0x9e3779b97f4a7c15)
			if !yield(d, nil) {
				return
			}
		}
	}
}

// issues returns what issues rounds from a store.
func issues(w *issuertest.World, s ledger.Store) *ledger.Rounds {
	return &ledger.Rounds{Operator: w.Post, Store: s, Now: func() credential.Time { return w.Now }, MinArea: 10}
}

// outages is how often the server is killed.
const outages = 3

// worker commits duties until it is told to stop; what failed, it asks again.  It
// returns the versions of the lists that it reserved.
func worker(ctx context.Context, s *sqlstore.Store, first int, done *atomic.Bool, committed, failed *atomic.Int64) (lists []uint32, err error) {
	for n := first; !done.Load(); n += 4 {
		records := batch(n, 4)
		for {
			kept, err := s.Commit(ctx, now, records)
			if err == nil {
				for i, r := range kept {
					if r.Tag != records[i].Tag {
						return nil, fmt.Errorf("duty %s has another's grant", r.Duty)
					}
				}
				break
			}
			failed.Add(1)
		}
		committed.Add(4)
		list, err := s.NextList(ctx, credential.KeyID{7}, now, longest)
		if err != nil {
			failed.Add(1)
			continue
		}
		lists = append(lists, list.Version)
	}
	return lists, nil
}

func TestServerIsKilledInMidRound(t *testing.T) {
	postgres(t) // or skips
	server, err := pgtest.Start()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop()) })
	s := open(t, server.Database(t))

	var done atomic.Bool
	var committed, failed atomic.Int64
	lists, errs := make([][]uint32, 3), make([]error, 3)
	var wg sync.WaitGroup
	for i := range lists {
		wg.Go(func() { lists[i], errs[i] = worker(t.Context(), s, i*1_000_000, &done, &committed, &failed) })
	}
	await := func(n *atomic.Int64, more int64) {
		for until := n.Load() + more; n.Load() < until; {
			_, err := s.Find(t.Context(), []ledger.DutyID{{1}}) // asks as a reader meanwhile
			if err != nil {
				require.ErrorContains(t, err, "sqlstore: find grants: ")
			}
		}
	}
	for range outages {
		await(&committed, 100)
		require.NoError(t, server.Kill())
		_, err := s.Commit(t.Context(), now, []ledger.Record{record(99)})
		require.ErrorContains(t, err, "sqlstore: commit grants: ")
		require.NotErrorIs(t, err, ledger.ErrFull)
		await(&failed, 10)
		require.NoError(t, server.Resume())
	}
	await(&committed, 100)
	done.Store(true)
	wg.Wait()

	versions, newest := make(map[uint32]bool), uint32(0)
	for i := range lists {
		require.NoError(t, errs[i])
		for _, v := range lists[i] {
			require.False(t, versions[v], "version %d was given twice", v)
			versions[v], newest = true, max(newest, v)
		}
	}
	list, err := s.NextList(t.Context(), credential.KeyID{7}, now, longest)
	require.NoError(t, err)
	require.Greater(t, list.Version, newest, "a version that was acknowledged is lost")
	requireGrants(t, s, int(committed.Load()))
	t.Logf("%d outages; %d grants and %d lists were acknowledged and are there; %d calls failed and were repeated",
		outages, committed.Load(), len(versions), failed.Load())
}

func TestRoundGoesOnWhereTheServerDied(t *testing.T) {
	postgres(t) // or skips
	server, err := pgtest.Start()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop()) })
	s := open(t, server.Database(t))
	const n = 3000
	w := issuertest.New("")
	rounds := issues(w, s)
	rounds.Batch = 64

	given := make(map[ledger.DutyID]ledger.Record)
	var end error
	for r, err := range rounds.Issue(t.Context(), tours(w, 0, n)) {
		if end = err; err == nil {
			given[r.Duty] = r
		}
		if len(given) == 640 {
			require.NoError(t, server.Kill())
		}
	}
	require.ErrorContains(t, end, "sqlstore: ")
	require.Less(t, len(given), n)
	require.NoError(t, server.Resume())

	handed := 0
	for r, err := range rounds.Issue(t.Context(), tours(w, 0, n)) {
		require.NoError(t, err)
		if before, ok := given[r.Duty]; ok {
			require.Equal(t, before, r, "another grant was handed out for a duty")
		}
		handed++
	}
	require.Equal(t, n, handed)
	requireGrants(t, s, n)
}

func TestDeadlockIsNoError(t *testing.T) {
	dsn := postgres(t)
	ctx := t.Context()
	var boxes []ledger.Box
	for n := 1; n <= 3; n++ {
		boxes = append(boxes, ledger.Box{Lock: lock(n), Area: []byte{1}})
	}
	// The store is the one that the server ends: the others look for deadlocks later.
	s, others := open(t, dsn+"&deadlock_timeout=1s&application_name=store"), open(t, dsn+"&deadlock_timeout=1min&application_name=others")
	require.NoError(t, s.Place(ctx, boxes))
	begin := func() *sql.Tx {
		tx, err := sqlstore.DB(others).BeginTx(ctx, nil)
		require.NoError(t, err)
		return tx
	}
	move := func(tx *sql.Tx, n int) error {
		id := lock(n)
		_, err := tx.ExecContext(ctx, `UPDATE boxes SET area = $1 WHERE lock = $2`, []byte{2}, id[:])
		return err
	}
	await := func(who string) {
		for waits := false; !waits; {
			require.NoError(t, sqlstore.DB(others).QueryRowContext(ctx,
				`SELECT count(*) > 0 FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND application_name = $1`, who).Scan(&waits))
		}
	}
	first, second := begin(), begin()
	require.NoError(t, move(first, 2))
	require.NoError(t, move(second, 3))
	placed, moved := make(chan error, 1), make(chan error, 1)
	go func() { placed <- s.Place(ctx, boxes) }()
	await("store") // holds the first box, and waits for the second
	go func() { moved <- move(second, 1) }()
	await("others")
	// A server looks once, a while after a wait began: so the store's last wait closes
	// the circle, however slow the test is.
	require.NoError(t, first.Commit())
	require.NoError(t, <-moved, "the server ended the store's transaction")
	require.NoError(t, second.Commit())
	require.NoError(t, <-placed)
}
