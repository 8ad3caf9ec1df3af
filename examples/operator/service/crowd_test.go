package service

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/examples/operator/book"
	"github.com/postern-lock/postern/issuer/issuertest"
	"github.com/postern-lock/postern/issuer/ledger"
)

// waiting is a body that never comes; reading it tells the test.
type waiting struct{ t testing.TB }

func (b waiting) Read([]byte) (int, error) {
	b.t.Error("the body of a stranger was waited for")
	return 0, http.ErrBodyReadAfterClose
}

func (waiting) Close() error { return nil }

// TestTheBodyOfAStrangerIsNotWaitedFor at the staff's door, where everybody gets in
// who can make a key, and who could fill all places by bodies that never come.
func TestTheBodyOfAStrangerIsNotWaitedFor(t *testing.T) {
	v := inMemory(t)
	for path, want := range map[string]problem{
		"/v1/staff/pages": problemNotOnDuty, "/v1/staff/time": problemNotOnDuty, "/v1/boxes": problemNotListed, "/v1/duties": problemNotListed,
	} {
		r, _ := v.prepare(request{method: "POST", path: path, body: api.Boxes{}})
		r.Body, r.ContentLength = waiting{t}, -1
		r.TLS.PeerCertificates = certificatesOf(v.Key("stranger"))
		w := httptest.NewRecorder()
		v.service.Staff().ServeHTTP(w, r)
		require.Equal(t, want.status, w.Code, path)
		require.Contains(t, w.Body.String(), want.name)
	}
}

// TestTheBodyOfNoOwnerIsNotWaitedFor: whoever makes a key can sign a header.
func TestTheBodyOfNoOwnerIsNotWaitedFor(t *testing.T) {
	v := inMemory(t)
	v.registered()
	r, _ := v.prepare(request{method: "POST", path: v.path("/policies"), owner: v.Key("stranger"), body: api.LogWanted{}})
	r.Body, r.ContentLength = waiting{t}, -1
	w := httptest.NewRecorder()
	v.service.Owners().ServeHTTP(w, r)
	require.Equal(t, http.StatusForbidden, w.Code)
	require.Contains(t, w.Body.String(), problemNotOwner.name)
}

// TestABodyWhereThereIsNoneIsNotWaitedFor: anybody may ask for health, and could hold
// all places of a door by bodies that never come.
func TestABodyWhereThereIsNoneIsNotWaitedFor(t *testing.T) {
	v := inMemory(t)
	v.registered()
	v.granted(v.Key("postman"))
	for _, q := range []request{
		{method: "GET", path: "/healthz"},
		{method: "GET", path: "/healthz", device: v.Key("stranger")},
		{method: "GET", path: v.path("/pages"), owner: v.Key("owner")},
		{method: "GET", path: "/v1/staff/round", device: v.Key("postman")},
		{method: "DELETE", path: "/v1/parcels/" + v.duty(1).ID.String(), device: v.Key("desk")},
	} {
		for _, length := range []int64{-1, 1} {
			r, _ := v.prepare(q)
			r.Body, r.ContentLength = waiting{t}, length
			door := v.service.Owners()
			if q.device != nil {
				door, r.TLS.PeerCertificates = v.service.Staff(), certificatesOf(q.device)
			}
			w := httptest.NewRecorder()
			door.ServeHTTP(w, r)
			require.Equal(t, http.StatusRequestEntityTooLarge, w.Code, q.path)
			require.Contains(t, w.Body.String(), "send Content-Length: 0")
		}
	}
}

// TestStrangersCannotShutTheDoor to the owners who are known, nor the staff's.
func TestStrangersCannotShutTheDoor(t *testing.T) {
	v := inMemory(t)
	v.registered()
	v.granted(v.Key("postman"))
	come, leave := make(chan struct{}), make(chan struct{})
	for n := range unproved {
		r, _ := v.prepare(request{method: "PUT", path: v.path("/owner"), owner: v.Key(fmt.Sprint("stranger", n)), body: api.LogWanted{}})
		r.Body, r.ContentLength = io.NopCloser(late{come, leave}), -1
		go v.service.Owners().ServeHTTP(httptest.NewRecorder(), r)
		<-come
	}
	defer close(leave)
	v.away(request{method: "PUT", path: v.path("/owner"), owner: v.Key("newcomer"), body: api.Registration{Key: issuertest.Public(v.Key("newcomer")), Certificates: v.certificates()}}, problemBusy)
	ok[api.Ownership](v, v.registering(v.Key("owner"), v.receipt(nil), nil))
	ok[api.Pages](v, request{method: "GET", path: v.path("/pages"), owner: v.Key("owner")})
	ok[api.Round](v, request{method: "GET", path: "/v1/staff/round", device: v.Key("postman")})
}

// TestWhoeverCrowdsOneDoorDoesNotShutTheOther: the owners' is open to the internet.
func TestWhoeverCrowdsOneDoorDoesNotShutTheOther(t *testing.T) {
	v := inMemory(t)
	v.granted(v.Key("postman"))
	for range atOnce {
		v.service.ownersBusy <- struct{}{}
	}
	v.away(request{method: "GET", path: v.path("/pages"), owner: v.Key("owner")}, problemBusy)
	ok[api.Round](v, request{method: "GET", path: "/v1/staff/round", device: v.Key("postman")})
}

// late is a body that comes when the test ends.
type late struct{ come, leave chan struct{} }

func (b late) Read([]byte) (int, error) {
	select {
	case b.come <- struct{}{}:
	case <-b.leave:
	}
	<-b.leave
	return 0, http.ErrBodyReadAfterClose
}

// TestOneKeyCannotHoldAllPlaces by answers that it does not read.
func TestOneKeyCannotHoldAllPlaces(t *testing.T) {
	v := inMemory(t)
	v.registered()
	get := request{method: "GET", path: v.path("/pages"), owner: v.Key("owner")}
	come, leave := make(chan struct{}), make(chan struct{})
	var gone sync.WaitGroup
	for range ownerWidth {
		r, _ := v.prepare(get)
		gone.Go(func() { v.service.Owners().ServeHTTP(deafly{httptest.NewRecorder(), come, leave}, r) })
		<-come
	}
	v.refused(get, problemTooMany)
	close(leave)
	gone.Wait()
	ok[api.Pages](v, get)
}

// deafly is a client that reads its answer when the test lets it.
type deafly struct {
	*httptest.ResponseRecorder
	come, leave chan struct{}
}

func (d deafly) Write(b []byte) (int, error) {
	select {
	case d.come <- struct{}{}:
	case <-d.leave:
	}
	<-d.leave
	return d.ResponseRecorder.Write(b)
}

// asked is a store that counts how often it is asked whether it answers.
type asked struct {
	ledger.Store
	times int
}

func (a *asked) Since(ctx context.Context, serial uint64, limit int) ([]ledger.Record, error) {
	a.times++
	return a.Store.Since(ctx, serial, limit)
}

// TestWhoeverAsksForHealthDoesNotWearTheStoreOut, since anybody may, and often.
func TestWhoeverAsksForHealthDoesNotWearTheStoreOut(t *testing.T) {
	a := &asked{Store: ledger.NewMemory()}
	v := newTown(t, a, book.NewMemory())
	a.times = 0
	for range 50 {
		require.Equal(t, http.StatusOK, v.send(request{method: "GET", path: "/healthz"}).Code)
	}
	require.Equal(t, 1, a.times)
	v.clock.pass(time.Second)
	require.Equal(t, http.StatusOK, v.send(request{method: "GET", path: "/healthz"}).Code)
	require.Equal(t, 2, a.times)
}
