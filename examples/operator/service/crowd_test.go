package service

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/examples/operator/api"
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

// TestWhoeverCrowdsOneDoorDoesNotShutTheOther: the owners' is open to the internet.
func TestWhoeverCrowdsOneDoorDoesNotShutTheOther(t *testing.T) {
	v := inMemory(t)
	v.granted(v.Key("postman"))
	come, leave := make(chan struct{}), make(chan struct{})
	for range atOnce {
		r := httptest.NewRequest("PUT", "https://"+host+v.path("/owner"), late{come, leave})
		r.Header.Set("Content-Type", "application/json")
		go v.service.Owners().ServeHTTP(httptest.NewRecorder(), r)
		<-come
	}
	defer close(leave)
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
