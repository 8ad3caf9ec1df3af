package service

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/examples/operator/sqlstore"
	"github.com/postern-lock/postern/examples/operator/sqlstore/pgtest"
)

// A server of PostgreSQL that dies in the middle of a stream of duties.
func TestDatabaseThatDiesInMidRound(t *testing.T) {
	if !*onPostgres {
		t.Skip("see -postgres")
	}
	server, err := pgtest.Start()
	require.NoError(t, err)
	defer func() { require.NoError(t, server.Stop()) }()
	store, err := sqlstore.Open(t.Context(), server.Database(t))
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	v := newTown(t, store, store.Book())
	v.registered()
	r := v.listen(nil)
	c := r.client(t, v.Key("desk"), nil)

	const many = 3000
	var duties []api.Duty
	for n := range many {
		d := v.duty(1)
		d.ID.Value[14], d.ID.Value[15], d.Area = byte(n>>8), byte(n), fmt.Appendf(nil, "FR75%06d", n)
		duties = append(duties, d)
	}
	body, feed := io.Pipe()
	rest := make(chan struct{})
	go func() {
		_, _ = feed.Write(bodyOf(duties[:1500]...))
		<-rest
		_, _ = feed.Write(bodyOf(duties[1500:]...))
		_ = feed.Close()
	}()
	w, err := c.Post(r.staff+"/v1/duties", "application/x-ndjson", body)
	require.NoError(t, err)
	lines := bufio.NewScanner(w.Body)
	had := make(map[string]string)
	for len(had) < 100 && lines.Scan() {
		had[linesOf(t, lines.Text())[0].ID.String()] = lines.Text()
	}
	require.Len(t, had, 100)
	require.NoError(t, server.Kill())
	close(rest)
	var last string
	for lines.Scan() {
		last = lines.Text()
		if l := linesOf(t, last)[0]; l.ID != nil {
			had[l.ID.String()] = last
		}
	}
	require.NoError(t, w.Body.Close())
	require.Equal(t, problemStore.name, linesOf(t, last)[0].Problem.Name(), "the last line says why there is no summary")
	v.away(v.posting(v.version(2)), problemStore)
	v.away(request{method: "GET", path: "/healthz", device: v.Key("desk")}, problemStore)

	require.NoError(t, server.Resume())
	ok[api.PolicyPosted](v, v.posting(v.version(2)))
	again, err := c.Post(r.staff+"/v1/duties", "application/x-ndjson", bytes.NewReader(bodyOf(duties...)))
	require.NoError(t, err)
	defer again.Body.Close()
	require.Equal(t, http.StatusOK, again.StatusCode)
	lines = bufio.NewScanner(again.Body)
	given := 0
	serials := make(map[uint64]bool)
	for lines.Scan() {
		l := linesOf(t, lines.Text())[0]
		if l.Summary != nil {
			require.Equal(t, &api.Summary{Issued: many}, l.Summary)
			continue
		}
		require.False(t, serials[l.Serial])
		serials[l.Serial] = true
		if before, ok := had[l.ID.String()]; ok {
			require.Equal(t, before, lines.Text(), "what was acknowledged stands")
			given++
		}
	}
	require.Equal(t, len(had), given)
	require.Len(t, serials, many)
	require.True(t, serials[1] && serials[many], "without a gap")
}
