package main

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/examples/operator/page"
	"github.com/postern-lock/postern/examples/operator/sqlstore/pgtest"
)

// TestTheStoryOnPostgres runs the demonstration with -store.
func TestTheStoryOnPostgres(t *testing.T) {
	t.Parallel()
	server, err := pgtest.Start()
	if errors.Is(err, pgtest.ErrMissing) {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop()) })
	address := server.Database(t)
	folder := t.TempDir()
	o := newTownOn(t, folder, address, page.Phone{})
	owner, lock := movedIn(o)
	owner.does("block", box(lock, "services", true))
	require.Equal(t, "blocked", o.postman().Reason)
	owner.does("block", box(lock))
	require.Equal(t, "opened", o.postman().Outcome)
	require.Positive(t, owner.does("fetch", box(lock)).Read)
	require.NoFileExists(t, folder+"/ledger.sqlite")
}
