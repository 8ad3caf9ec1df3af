package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/examples/operator/page"
	"github.com/postern-lock/postern/issuer"
)

// silent is a service that takes every request and answers none.
type silent struct{}

func (silent) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// TestASilentServiceKeepsNobodyOut from his own box, and does not stop the phone.
func TestASilentServiceKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	o := newTown(t, t.TempDir(), page.Phone{})
	owner, lock := movedIn(o)
	owner.config.HTTP = &http.Client{Transport: silent{}}
	owner.restart()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		require.Equal(t, "opened", owner.does("open", box(lock)).Result.Outcome)
		require.LessOrEqual(t, time.Since(begin), 5*time.Second, "somebody stands before the box")
		require.Equal(t, []string{"block"}, owner.does("block", box(lock, "services", true)).State.Boxes[0].Underway)
		require.True(t, owner.tells("fetch", box(lock)).Network)
		owner.restart()
		require.Empty(t, owner.does("state", nil).Error)
		require.LessOrEqual(t, time.Since(begin), time.Minute)
	})
}

// flooding is a service that has too many documents for the owner's phone.
type flooding struct{ answer []byte }

func (f flooding) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/documents") {
		return http.DefaultTransport.RoundTrip(r)
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(f.answer)), Request: r}, nil
}

// TestAServiceThatFloodsKeepsNobodyOut: a tap carries so many documents only, and what
// came first must not take the place of what the owner wants.
func TestAServiceThatFloodsKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	o := newTown(t, t.TempDir(), page.Phone{})
	owner, lock := movedIn(o)
	clock, err := issuer.NewTimeSource(o.street.PostKey, o.street.Post.Authority())
	require.NoError(t, err)
	var flood api.Documents
	for n := range 400 {
		token, err := clock.State(credential.At(o.street.Clock.Now())+credential.Time(n), 0)
		require.NoError(t, err)
		flood.Documents = append(flood.Documents, token)
	}
	flood.Authorities = []api.Bytes{o.street.Post.Authority().Bytes()}
	answer, err := json.Marshal(flood)
	require.NoError(t, err)
	owner.config.HTTP = &http.Client{Transport: flooding{answer}}
	owner.restart()
	require.Equal(t, "opened", owner.does("open", box(lock)).Result.Outcome)
}
