package sqlstore_test

import (
	"context"
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
