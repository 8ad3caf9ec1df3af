package sqlstore_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/sqlstore"
	"github.com/postern-lock/postern/issuer/ledger"
)

// full makes a ledger that has something in every table.
func full(t *testing.T, s *sqlstore.Store) {
	ctx := t.Context()
	_, err := s.Commit(ctx, now, batch(0, 300))
	require.NoError(t, err)
	require.NoError(t, s.Withdraw(ctx, now, []credential.Tag{record(7).Tag}))
	_, err = s.NextList(ctx, signer, now, longest)
	require.NoError(t, err)
	_, err = s.RaiseLeast(ctx, credential.KeyID{3}, now, now)
	require.NoError(t, err)
	var boxes []ledger.Box
	for n := range 700 {
		boxes = append(boxes, ledger.Box{Lock: lock(n), Area: area(n)})
	}
	require.NoError(t, s.Place(ctx, boxes))
	require.NoError(t, s.Post(ctx, policy(t, lock(4), 2)))
	require.NoError(t, s.Post(ctx, policy(t, lock(5), 2)))
	require.NoError(t, s.Delivered(ctx, []ledger.Delivery{{Lock: lock(5), Tag: policy(t, lock(5), 2).Tag}}))
	require.NoError(t, s.Post(ctx, list(t, 3)))
	require.NoError(t, s.WantLog(ctx, lock(3), true))
	require.NoError(t, s.Bring(ctx, lock(3), [][]byte{make([]byte, ledger.SealedBytes)}))
}

// rows are what full leaves in each table.
var rows = []sqlstore.Copied{{"ledger", 1}, {"grants", 300}, {"lists", 3}, {"boxes", 700}, {"policies", 2}, {"revocations", 1}, {"pages", 1}}

func TestCopyTakesEverythingAlong(t *testing.T) {
	for _, from := range databases {
		for _, to := range databases {
			t.Run(from.name+" to "+to.name, func(t *testing.T) {
				source, target := open(t, from.empty(t)), open(t, to.empty(t))
				full(t, source)
				copied, err := sqlstore.Copy(t.Context(), target, source)
				require.NoError(t, err)
				require.Subset(t, copied, rows)
				requireSame(t, target, source)
				// It goes on where the other one was.
				kept, err := target.Commit(t.Context(), now, batch(300, 1))
				require.NoError(t, err)
				require.EqualValues(t, 301, kept[0].Serial)
				claims, err := target.NextList(t.Context(), signer, now, longest)
				require.NoError(t, err)
				require.EqualValues(t, 2, claims.Version)
			})
		}
	}
}

// requireSame holds two ledgers to tell the same.
func requireSame(t *testing.T, a, b *sqlstore.Store) {
	t.Helper()
	both := func(ask func(s *sqlstore.Store) (any, error)) {
		t.Helper()
		want, err := ask(b)
		require.NoError(t, err)
		got, err := ask(a)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	both(func(s *sqlstore.Store) (any, error) { return s.Since(t.Context(), 0, ledger.MaxNewest) })
	both(func(s *sqlstore.Store) (any, error) { return s.Outbox(t.Context(), []byte("FR")) })
	both(func(s *sqlstore.Store) (any, error) { return s.Pages(t.Context(), lock(3)) })
}

func TestCopyKnowsEveryColumn(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		want := columns(t, open(t, dsn))
		delete(want, "postern_migrations")
		got := make(map[string][]string)
		for name, list := range sqlstore.Tables() {
			got[name] = strings.Split(list, ", ")
			slices.Sort(got[name])
		}
		require.Equal(t, want, got)
	})
}

func TestCopyOverwritesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		source, target := open(t, another(t, dsn)), open(t, dsn)
		full(t, source)
		require.NoError(t, target.Place(t.Context(), []ledger.Box{{Lock: lock(9), Area: []byte{1}}}))
		_, err := sqlstore.Copy(t.Context(), target, source)
		require.ErrorIs(t, err, sqlstore.ErrNotEmpty)
		requireGrants(t, target, 0)
		_, err = target.Commit(t.Context(), now, batch(0, 1))
		require.NoError(t, err)
		_, err = sqlstore.Copy(t.Context(), target, source)
		require.ErrorIs(t, err, sqlstore.ErrNotEmpty)
		_, err = sqlstore.Copy(t.Context(), source, source)
		require.ErrorIs(t, err, sqlstore.ErrNotEmpty)
		requireGrants(t, target, 1)
	})
}

func TestPruneForgetsWhatIsOverFromTheFirstOn(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		s := open(t, dsn)
		ctx := t.Context()
		// Three days, on each 1,500 grants; of the second day, one is good for longer.
		for d := range 3 {
			at := now + credential.Time(d)*day
			all := batch(d*1500, 1500)
			for i := range all {
				all[i].IssuedAt, all[i].Expires = at, at+day/2
			}
			if d == 1 {
				all[1499].Expires = at + 30*day
			}
			_, err := s.Commit(ctx, at, all[:1000])
			require.NoError(t, err)
			_, err = s.Commit(ctx, at, all[1000:])
			require.NoError(t, err)
		}
		last := now + 2*day

		n, err := s.Prune(ctx, last+1)
		require.ErrorIs(t, err, ledger.ErrInvalid)
		require.Zero(t, n)
		n, err = s.Prune(ctx, now+day/2-1)
		require.NoError(t, err)
		require.Zero(t, n, "nothing was over")
		n, err = s.Prune(ctx, last)
		require.NoError(t, err)
		require.Equal(t, 2999, n)
		n, err = s.Prune(ctx, last)
		require.NoError(t, err)
		require.Zero(t, n)

		some, err := s.Since(ctx, 0, ledger.MaxNewest)
		require.NoError(t, err)
		require.Len(t, some, 1501)
		for i, r := range some {
			require.EqualValues(t, 3000+i, r.Serial)
		}
		again := batch(0, 1)
		again[0].IssuedAt, again[0].Expires = last, last+day
		kept, err := s.Commit(ctx, last, again)
		require.NoError(t, err)
		require.EqualValues(t, 4501, kept[0].Serial, "a forgotten duty is a new one, and no serial comes again")
	})
}

func TestPruneOfAllKeepsTheCounter(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		s := open(t, dsn)
		all := batch(0, 2)
		all[1].IssuedAt, all[1].Expires = now+2*day, now+2*day+1
		for _, r := range all {
			_, err := s.Commit(t.Context(), r.IssuedAt, []ledger.Record{r})
			require.NoError(t, err)
		}
		n, err := s.Prune(t.Context(), now+2*day)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		r := batch(5, 1)[0]
		r.IssuedAt, r.Expires = now+3*day, now+4*day
		kept, err := s.Commit(t.Context(), r.IssuedAt, []ledger.Record{r})
		require.NoError(t, err)
		require.EqualValues(t, 3, kept[0].Serial)
		n, err = s.Prune(t.Context(), now+3*day)
		require.NoError(t, err)
		require.Equal(t, 1, n)
	})
}

// TestCopyMayBeIdleForLong holds that no server ends a copy while the other database is
// busy with millions of rows, as it ends an issuer that hangs.
func TestCopyMayBeIdleForLong(t *testing.T) {
	source, target := open(t, postgres(t)), open(t, postgres(t))
	full(t, source)
	const forever = `current_setting('idle_in_transaction_session_timeout') = '0'`
	for _, on := range []struct {
		store *sqlstore.Store
		query string
	}{
		{source, `ALTER TABLE book RENAME TO shelf`},
		{source, `CREATE VIEW book AS SELECT * FROM shelf WHERE 1 / (CASE WHEN ` + forever + ` THEN 1 ELSE 0 END) = 1`},
		{target, `ALTER TABLE book ADD CHECK (` + forever + `) NOT VALID`},
	} {
		_, err := sqlstore.DB(on.store).ExecContext(t.Context(), on.query)
		require.NoError(t, err)
	}
	_, err := sqlstore.Copy(t.Context(), target, source)
	require.NoError(t, err)
	requireSame(t, target, source)
	for _, s := range []*sqlstore.Store{source, target} {
		var limit string
		require.NoError(t, sqlstore.DB(s).QueryRowContext(t.Context(), `SHOW idle_in_transaction_session_timeout`).Scan(&limit))
		require.Equal(t, "30s", limit, "an issuer may not")
	}
}
