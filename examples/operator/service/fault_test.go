package service

import (
	"bytes"
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/examples/operator/book"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/issuer/issuertest"
	"github.com/postern-lock/postern/issuer/ledger"
)

// faulty is a store whose medium fails when it is told to.
type faulty struct {
	ledger.Store
	err error
}

var errAway = errors.New("connection refused by 192.0.2.7")

func (f *faulty) Commit(ctx context.Context, at credential.Time, r []ledger.Record) ([]ledger.Record, error) {
	if f.err != nil {
		return nil, f.err
	}
	return f.Store.Commit(ctx, at, r)
}

func (f *faulty) Held(ctx context.Context, k credential.KeyID, at credential.Time) ([]ledger.Record, error) {
	if f.err != nil {
		return nil, f.err
	}
	return f.Store.Held(ctx, k, at)
}

func (f *faulty) Post(ctx context.Context, d ledger.Document) error {
	if f.err != nil {
		return f.err
	}
	return f.Store.Post(ctx, d)
}

func (f *faulty) Bring(ctx context.Context, lock credential.LockID, pages [][]byte) error {
	if f.err != nil {
		return f.err
	}
	return f.Store.Bring(ctx, lock, pages)
}

func (f *faulty) Since(ctx context.Context, serial uint64, limit int) ([]ledger.Record, error) {
	if f.err != nil {
		return nil, f.err
	}
	return f.Store.Since(ctx, serial, limit)
}

// away refuses a request for a fault that passes, and looks at what the client is
// told.
func (v *town) away(q request, want problem) {
	v.t.Helper()
	w := v.send(q)
	require.Equal(v.t, want.status, w.Code, w.Body.String())
	require.Contains(v.t, w.Body.String(), want.name)
	require.Equal(v.t, "5", w.Header().Get("Retry-After"))
	require.NotContains(v.t, w.Body.String(), "192.0.2.7")
}

func TestNothingIsAcknowledgedWhileTheDatabaseIsAway(t *testing.T) {
	f := &faulty{Store: ledger.NewMemory()}
	v := newTown(t, f, book.NewMemory())
	postman := v.Key("postman")
	v.granted(postman)
	v.wanted()
	for err, want := range map[error]problem{errAway: problemStore, ledger.ErrFull: problemFull, context.DeadlineExceeded: problemStore} {
		f.err = err
		v.away(v.posting(v.version(3)), want)
		v.away(request{method: "GET", path: "/v1/staff/round", device: postman}, want)
		v.away(v.streaming(bodyOf(v.duty(1), v.duty(2))), want)
		v.away(request{method: "GET", path: "/healthz", device: postman}, want)
	}
	f.err = nil
	all, err := v.store.Since(t.Context(), 0, 10)
	require.NoError(t, err)
	require.Len(t, all, 1)
	// The same requests are carried out when it is back.
	ok[api.PolicyPosted](v, v.posting(v.version(3)))
	require.Len(t, v.lines(bodyOf(v.duty(1), v.duty(2))), 3)
	require.Contains(t, v.log.String(), "connection refused")
}

// TestAClientThatLeavesIsNoFaultOfTheStore, though the store's call ends by it.
func TestAClientThatLeavesIsNoFaultOfTheStore(t *testing.T) {
	f := &faulty{Store: ledger.NewMemory()}
	v := newTown(t, f, book.NewMemory())
	f.err = fmt.Errorf("read: %w", context.Canceled)
	r, _ := v.prepare(request{method: "GET", path: "/healthz"})
	ctx, leave := context.WithCancel(r.Context())
	leave()
	v.service.Owners().ServeHTTP(httptest.NewRecorder(), r.WithContext(ctx))
	require.Contains(t, v.service.counters.text(), `postern_requests_total{route="GET /healthz",result="gone"} 1`)
	require.NotContains(t, v.log.String(), "level=ERROR")
	v.away(request{method: "GET", path: "/healthz"}, problemStore) // nobody has left here
	require.Contains(t, v.log.String(), "level=ERROR")
}

// TestAClientThatHasLeftRingsNoAlarm, whatever the medium makes of its context.
func TestAClientThatHasLeftRingsNoAlarm(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		v.registered()
		for _, q := range []request{{method: "GET", path: "/healthz"}, {method: "GET", path: v.path("/pages"), owner: v.Key("owner")}, v.posting(v.version(2))} {
			r, _ := v.prepare(q)
			ctx, leave := context.WithCancel(r.Context())
			leave()
			v.service.Owners().ServeHTTP(httptest.NewRecorder(), r.WithContext(ctx))
		}
		require.NotContains(t, v.log.String(), "level=ERROR")
	})
}

// halting is a store that fails in the middle of a batch.
type halting struct {
	*faulty
	left int // calls of Bring that succeed
}

func (h *halting) Bring(ctx context.Context, lock credential.LockID, pages [][]byte) error {
	if h.left--; h.left < 0 {
		return errAway
	}
	return h.faulty.Bring(ctx, lock, pages)
}

func TestBatchThatFailsInTheMiddleIsSentAgain(t *testing.T) {
	h := &halting{&faulty{Store: ledger.NewMemory()}, 1}
	v := newTown(t, h, book.NewMemory())
	v.wanted()
	postman := v.Key("postman")
	v.granted(postman)
	logs := api.Logs{Logs: []api.Log{
		{Lock: api.Of(v.LockID), Pages: []api.Bytes{page(1)}},
		{Lock: api.Of(v.LockID), Pages: []api.Bytes{page(2)}},
	}}
	q := request{method: "POST", path: "/v1/staff/pages", device: postman, body: logs}
	v.away(q, problemStore)
	h.left = 9
	require.Equal(t, []api.Outcome{{Kept: true}, {Kept: true}}, ok[api.Outcomes](v, q).Outcomes)
	require.Equal(t, []api.Bytes{page(1), page(2)}, v.fetched())
}

func TestPagesThatNeverCameInDoNotCount(t *testing.T) {
	h := &halting{&faulty{Store: ledger.NewMemory()}, 0}
	v := newTown(t, h, book.NewMemory())
	v.wanted()
	postman := v.Key("postman")
	v.granted(postman)
	for n := range byte(courierPages) {
		v.away(v.bringing(postman, page(n)), problemStore)
		v.clock.pass(1e9)
	}
	h.left = 9
	require.True(t, v.outcome(v.bringing(postman, page(200))).Kept)
	require.Equal(t, []api.Bytes{page(200)}, v.fetched())
}

// deaf is a key in a hardware module that can be taken away.
type deaf struct {
	crypto.Signer
	gone bool
}

func (d *deaf) Sign(r io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if d.gone {
		return nil, errors.New("slot 3: device removed")
	}
	return d.Signer.Sign(r, digest, opts)
}

func TestNothingIsHandedOutWhileTheHardwareModuleIsAway(t *testing.T) {
	hsm := &deaf{}
	v := inMemory(t, func(c *Config) {
		hsm.Signer = issuertest.Seed("town").Key("post")
		key, authority := Guarded(hsm), c.Operator.Authority()
		c.Operator = must(issuer.NewOperator(key, authority))
		c.Revoker = must(issuer.NewRevoker(key, authority))
		c.Time = must(issuer.NewTimeSource(key, authority))
	})
	v.registered()
	first := v.lines(bodyOf(v.duty(1)))[0]
	hsm.gone = true
	device := v.Key("postman 1")
	v.away(request{method: "POST", path: "/v1/staff/time", device: device, body: api.Nonce{Nonce: make(api.Bytes, 16)}}, problemSigner)
	v.away(request{method: "GET", path: v.path("/documents"), owner: v.Key("owner")}, problemSigner)
	v.away(v.streaming(bodyOf(v.duty(2))), problemSigner)
	replace := request{method: "POST", path: "/v1/duties/" + v.duty(1).ID.String() + "/replace", device: v.Key("desk"),
		body: api.Replacement{Holder: issuertest.Public(v.Key("substitute"))}}
	v.away(replace, problemSigner)
	// What needs no signature goes on: the round of a device, and a known duty.
	require.Equal(t, []api.Bytes{first.Grant}, ok[api.Round](v, request{method: "GET", path: "/v1/staff/round", device: device}).Grants)
	require.Equal(t, first, v.lines(bodyOf(v.duty(1)))[0])
	hsm.gone = false
	ok[api.Issued](v, replace)
	require.Equal(t, first.Tag.Value, v.list().Denied[0].Tag)
}

func TestServiceWhoseCertificateHasEndedSignsNothing(t *testing.T) {
	v := inMemory(t)
	v.registered()
	v.clock.pass(81 * 24 * 3600 * 1e9)
	v.away(request{method: "GET", path: v.path("/documents"), owner: v.Key("owner")}, problemSigner)
	require.Contains(t, v.log.String(), "authority-expired")
	lines := v.lines(bodyOf(v.duty(1)))
	require.Equal(t, &api.Summary{Refused: 1}, lines[1].Summary)
}

func TestClockThatJumpsBackIssuesNothing(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		v.lines(bodyOf(v.duty(1)))
		v.clock.pass(-1e9 * 3600)
		v.away(v.streaming(bodyOf(v.duty(2))), problemClock)
		v.clock.pass(1e9 * 3600)
		require.EqualValues(t, 2, v.lines(bodyOf(v.duty(2)))[0].Serial)
	})
}

func TestClockBehindAnotherIssuersIssuesNothing(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		ahead := newTown(t, v.store, v.book)
		ahead.clock.pass(1e9 * 3600)
		ahead.lines(bodyOf(v.duty(1)))
		v.away(v.streaming(bodyOf(v.duty(2))), problemClock)
	})
}

func TestTooManyRequestsAtOnceAreTurnedAway(t *testing.T) {
	v := inMemory(t)
	v.granted(v.Key("postman"))
	for range atOnce {
		v.service.staffBusy <- struct{}{}
	}
	v.away(request{method: "GET", path: "/v1/staff/round", device: v.Key("postman")}, problemBusy)
	for range atOnce {
		<-v.service.staffBusy
	}
	for range streamsAtAll {
		v.service.streams <- struct{}{}
	}
	v.away(v.streaming(bodyOf(v.duty(1))), problemBusy)
}

func TestLogAndMetricsTellNoKeyAndNoBox(t *testing.T) {
	v := inMemory(t)
	v.wanted()
	postman := v.Key("postman 1")
	v.lines(bodyOf(v.duty(1)))
	v.outcome(v.bringing(postman, page(1)))
	v.refused(v.posting(v.receipt(nil)), problemObject)
	v.refused(request{method: "GET", path: "/v1/staff/round", device: v.Key("other")}, problemNotOnDuty)
	w := v.send(request{method: "GET", path: "/metrics", device: v.Key("desk")})
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, w.Body.String(), `postern_requests_total{route="POST /v1/boxes/{lock}/policies",result="object"} 1`)
	told := v.log.String() + w.Body.String()
	for _, secret := range []string{
		v.LockID.String(), issuertest.Public(postman).String(), credential.KeyIDOf(issuertest.Public(postman)).String(),
		credential.KeyIDOf(issuertest.Public(v.Key("owner"))).String(), v.duty(1).ID.String(), "192.0.2.1",
	} {
		require.False(t, bytes.Contains([]byte(told), []byte(secret)), secret)
	}
}

func TestConfigurationThatLacksSomethingIsRefused(t *testing.T) {
	good := inMemory(t).service.config
	for name, alter := range map[string]func(*Config){
		"Store":                func(c *Config) { c.Store = nil },
		"Book":                 func(c *Config) { c.Book = nil },
		"Operator":             func(c *Config) { c.Operator = nil },
		"MinArea":              func(c *Config) { c.MinArea = 0 },
		"MinArea: 17":          func(c *Config) { c.MinArea = 17 },
		"Revoker":              func(c *Config) { c.Revoker = nil },
		"Time":                 func(c *Config) { c.Time = nil },
		"Offset":               func(c *Config) { c.Offset = nil },
		"Roots":                func(c *Config) { c.Roots = nil },
		"Hosts":                func(c *Config) { c.Hosts = nil },
		"ReceiptsFor":          func(c *Config) { c.ReceiptsFor = 0 },
		"ReceiptsFor: 100000h": func(c *Config) { c.ReceiptsFor = 100_000 * time.Hour },
		"ReceiptsMost":         func(c *Config) { c.ReceiptsMost = 0 },
		"Now":                  func(c *Config) { c.Now = nil },
		"Log":                  func(c *Config) { c.Log = nil },
		"Makers":               func(c *Config) { c.Makers = [][]byte{{1}} },
	} {
		c := good
		alter(&c)
		_, err := New(c)
		require.ErrorContains(t, err, name)
	}
}

// broken is a store with a fault of the program.
type broken struct{ ledger.Store }

func (broken) Held(context.Context, credential.KeyID, credential.Time) ([]ledger.Record, error) {
	panic("with a secret")
}

func TestFaultOfTheProgramIsAnswered(t *testing.T) {
	v := newTown(t, broken{ledger.NewMemory()}, book.NewMemory())
	for range atOnce + 1 { // no place at work is lost by it
		v.clock.pass(1e9)
		v.refused(request{method: "GET", path: "/v1/staff/round", device: v.Key("postman")}, problemInternal)
	}
	require.Contains(t, v.log.String(), "service.broken.Held")
	require.NotContains(t, v.log.String(), "with a secret")
}

func TestManyKeysDoNotFillTheMemory(t *testing.T) {
	v := inMemory(t)
	limits := newThrottle(1, 2, 2)
	limits.most = 50
	c := &call{now: v.Now}
	for n := range 157 {
		key := issuertest.Public(v.Key(fmt.Sprint(n)))
		require.NoError(t, limits.allow(key, c))
	}
	require.LessOrEqual(t, len(limits.now)+len(limits.then), 2*limits.most)
}

func TestServersOwnWordsLoseAddresses(t *testing.T) {
	v := inMemory(t)
	w := addressless{v.service.config.Log}
	for line, want := range map[string]string{
		"http: TLS handshake error from 192.0.2.1:4711: remote error: tls: bad certificate\n": `what="TLS handshake error"`,
		"http: panic serving [2001:db8::1]:4711: something\ngoroutine 1":                      "what=panic",
		"http2: server connection error from 192.0.2.1:4711: x":                               `what="server connection error"`,
	} {
		v.log.Reset()
		n, err := w.Write([]byte(line))
		require.NoError(t, err)
		require.Len(t, line, n)
		require.Contains(t, v.log.String(), want)
		require.NotContains(t, v.log.String(), "192.0.2")
		require.NotContains(t, v.log.String(), "2001")
	}
}
