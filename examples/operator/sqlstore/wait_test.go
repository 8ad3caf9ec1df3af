package sqlstore_test

import (
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/examples/operator/sqlstore"
	"github.com/postern-lock/postern/issuer/ledger"
)

// begin begins a transaction beside the store's own.
func begin(t *testing.T, s *sqlstore.Store) *sql.Tx {
	tx, err := sqlstore.DB(s).BeginTx(t.Context(), nil)
	require.NoError(t, err)
	return tx
}

// await waits until a transaction of the application waits for another one, or its call
// is done.
func await(t *testing.T, s *sqlstore.Store, application string, done chan error) {
	for waits := false; !waits && len(done) == 0; {
		require.NoError(t, sqlstore.DB(s).QueryRowContext(t.Context(),
			`SELECT count(*) > 0 FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND application_name = $1`, application).Scan(&waits))
	}
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
	move := func(tx *sql.Tx, n int) error {
		id := lock(n)
		_, err := tx.ExecContext(ctx, `UPDATE boxes SET area = $1 WHERE lock = $2`, []byte{2}, id[:])
		return err
	}
	first, second := begin(t, others), begin(t, others)
	require.NoError(t, move(first, 2))
	require.NoError(t, move(second, 3))
	placed, moved := make(chan error, 1), make(chan error, 1)
	go func() { placed <- s.Place(ctx, boxes) }()
	await(t, others, "store", placed) // holds the first box, and waits for the second
	go func() { moved <- move(second, 1) }()
	await(t, others, "others", moved)
	// A server looks once, a while after a wait began: so the store's last wait closes
	// the circle, however slow the test is.
	require.NoError(t, first.Commit())
	require.NoError(t, <-moved, "the server ended the store's transaction")
	require.NoError(t, second.Commit())
	require.NoError(t, <-placed)
}

// TestLeastRisesAfterTheCommitUnderWay has an issuer commit a grant while Least rises: the
// grant is counted among the bystanders, and does not stand where every lock denies it.
func TestLeastRisesAfterTheCommitUnderWay(t *testing.T) {
	dsn := postgres(t)
	ctx := t.Context()
	s, issuer := open(t, dsn+"&application_name=store"), open(t, dsn)
	tx := begin(t, issuer)
	_, err := tx.ExecContext(ctx, `UPDATE ledger SET serial = 1, newest = $1`, int64(now))
	require.NoError(t, err)
	_, err = tx.ExecContext(ctx, `INSERT INTO grants (serial, duty, tag, signer, holder, issued_at, expires, reference, withdrawn, object)
		VALUES (1, $1, $2, $3, $4, $5, $6, $7, 0, $8)`, oldGrant(1)...)
	require.NoError(t, err)
	stood, raised := 0, make(chan error, 1)
	go func() {
		n, err := s.RaiseLeast(ctx, signer, now+1, now+1)
		stood = n
		raised <- err
	}()
	await(t, issuer, "store", raised)
	require.NoError(t, tx.Commit())
	require.NoError(t, <-raised)
	require.Equal(t, 1, stood)
	all, err := s.Since(ctx, 0, 10)
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.True(t, all[0].Bystander)
}
