package service

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/examples/operator/book"
	"github.com/postern-lock/postern/examples/operator/signature"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/issuer/issuertest"
	"github.com/postern-lock/postern/issuer/ledger"
)

// host is the name under which owners reach the service of the tests.
const host = "boxes.example"

// town is a service with everybody around it.
type town struct {
	*issuertest.World
	t       testing.TB
	store   ledger.Store
	book    book.Book
	service *Service
	log     *bytes.Buffer
	clock   *clock
}

// clock is one that tests can set.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// pass lets time pass; what is negative makes the clock jump back.
func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// in returns the town for a part of the test.
func (v *town) in(t testing.TB) *town {
	c := *v
	c.t = t
	return &c
}

// onAll runs a test on every medium.
func onAll(t *testing.T, test func(*testing.T, *town)) {
	for name, open := range media {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, notes := open(t)
			test(t, newTown(t, store, notes))
		})
	}
}

// inMemory returns a town for what is the same on every medium.
func inMemory(t testing.TB, alter ...func(*Config)) *town {
	return newTown(t, ledger.NewMemory(), book.NewMemory(), alter...)
}

func newTown(t testing.TB, store ledger.Store, notes book.Book, alter ...func(*Config)) *town {
	w := issuertest.New("town")
	authority := w.Certified(credential.AuthorityClaims{
		Key: issuertest.Public(w.Key("post")), IssuedAt: w.Now - 10*issuertest.Day, Expires: w.Now + 80*issuertest.Day,
		Services: []credential.Service{credential.ServicePost, credential.ServiceParcel},
		Rights:   credential.RightIssue | credential.RightRevoke | credential.RightTime, LongestGrant: 48 * time.Hour,
	})
	v := &town{World: w, t: t, store: store, book: notes, log: new(bytes.Buffer), clock: &clock{now: w.Now.Time()}}
	c := Config{
		Store: store, Book: notes,
		Operator: must(issuer.NewOperator(w.Key("post"), authority)), MinArea: 8,
		Revoker: must(issuer.NewRevoker(w.Key("post"), authority)),
		Time:    must(issuer.NewTimeSource(w.Key("post"), authority)),
		Offset:  func(credential.Time) int16 { return 60 },
		Roots:   w.Roots(), Makers: w.Makers(),
		ReceiptsFor: 30 * 24 * time.Hour, ReceiptsMost: 1000,
		Hosts: []string{host}, Dispatchers: []credential.PublicKey{issuertest.Public(w.Key("desk"))},
		Now: v.clock.read,
		Log: slog.New(slog.NewTextHandler(v.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, f := range alter {
		f(&c)
	}
	service, err := New(c)
	require.NoError(t, err)
	v.service = service
	require.NoError(t, store.Place(t.Context(), []ledger.Box{{Lock: w.LockID, Area: w.Area}}))
	return v
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// request is one request of a test.
type request struct {
	method, path string
	body         any // marshalled, but for []byte
	header       map[string]string
	owner        crypto.Signer // who signs the request; nil for nobody
	device       crypto.Signer // whose certificate the connection has; nil for the owners' door
	nonce        signature.Nonce
}

// send carries out a request at the door that it is for, and holds both sides to
// openapi.yaml.
func (v *town) send(q request) *httptest.ResponseRecorder {
	v.t.Helper()
	r, body := v.prepare(q)
	door := v.service.Owners()
	if q.device != nil {
		door = v.service.Staff()
		r.TLS.PeerCertificates = certificatesOf(q.device)
	}
	w := httptest.NewRecorder()
	door.ServeHTTP(w, r)
	holdToContract(v.t, r, body, w)
	return w
}

// prepare makes the HTTP request.
func (v *town) prepare(q request) (*http.Request, []byte) {
	v.t.Helper()
	body, raw := q.body.([]byte)
	if !raw && q.body != nil {
		body = must(json.Marshal(q.body))
	}
	r := httptest.NewRequestWithContext(v.t.Context(), q.method, "https://"+host+q.path, bytes.NewReader(body))
	r.TLS = &tls.ConnectionState{}
	if q.body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if q.owner != nil {
		nonce := q.nonce
		if nonce == (signature.Nonce{}) {
			must(rand.Read(nonce[:]))
		}
		require.NoError(v.t, signature.Sign(r, body, must(holder.NewKey(q.owner)), credential.At(v.clock.read()), nonce))
	}
	for name, value := range q.header {
		r.Header.Set(name, value)
	}
	return r, body
}

// ok sends a request that has to succeed, and reads the answer.
func ok[T any](v *town, q request) T {
	v.t.Helper()
	w := v.send(q)
	require.Equal(v.t, http.StatusOK, w.Code, w.Body.String())
	var answer T
	require.NoError(v.t, json.Unmarshal(w.Body.Bytes(), &answer))
	return answer
}

// done sends a request that has to succeed without an answer.
func (v *town) done(q request) {
	v.t.Helper()
	w := v.send(q)
	require.Equal(v.t, http.StatusNoContent, w.Code, w.Body.String())
}

// refused sends a request that has to fail for the problem.
func (v *town) refused(q request, want problem) *api.Problem {
	v.t.Helper()
	w := v.send(q)
	require.Equal(v.t, "application/problem+json", w.Header().Get("Content-Type"), w.Body.String())
	var p api.Problem
	require.NoError(v.t, json.Unmarshal(w.Body.Bytes(), &p))
	require.Equal(v.t, want.name, p.Name(), p.Detail)
	require.Equal(v.t, want.status, w.Code)
	return &p
}

// path returns a path below the world's lock.
func (v *town) path(rest string) string { return "/v1/boxes/" + v.LockID.String() + rest }

// receipt returns a receipt of the lock, of the commissioning of the owner as the
// first entry, altered.
func (v *town) receipt(alter func(*credential.ReceiptClaims)) api.Bytes {
	key, _ := v.Identity(0)
	c := credential.ReceiptClaims{
		Lock: v.LockID, Floor: v.Now, Head: credential.LogHead{1},
		Entry: &credential.LogEntry{
			Sequence: 1, Time: v.Now, Operation: credential.OperationConfigure, Outcome: credential.LogCommissioned,
			Role: credential.RoleOwner, Who: whoOf(v.Key("owner")),
		},
	}
	if alter != nil {
		alter(&c)
	}
	return signedBy(key, c)
}

// whoOf names a bare key in a log entry.
func whoOf(key crypto.Signer) credential.Tag {
	return credential.Tag(credential.KeyIDOf(issuertest.Public(key)))
}

// signedBy signs a receipt with a key.
func signedBy(key crypto.Signer, c credential.ReceiptClaims) api.Bytes {
	u := must(credential.NewReceipt(c, issuertest.Public(key)))
	return must(u.WithSignature(must(must(holder.NewKey(key)).Sign(u.ToBeSigned()))))
}

// certificates are what goes along with a receipt of the lock.
func (v *town) certificates() []api.Bytes {
	_, certificate := v.Identity(0)
	return []api.Bytes{certificate}
}

// registering is the request by which a key becomes the owner's.
func (v *town) registering(key crypto.Signer, receipt, policy api.Bytes) request {
	return request{method: "PUT", path: v.path("/owner"), owner: key, body: api.Registration{
		Key: issuertest.Public(key), Receipt: receipt, Certificates: v.certificates(), Policy: policy,
	}}
}

// registered makes the world's owner known to the service.
func (v *town) registered() {
	v.t.Helper()
	ok[api.Ownership](v, v.registering(v.Key("owner"), v.receipt(nil), nil))
}

// granted commits a round for a device.
func (v *town) granted(device crypto.Signer) ledger.Record {
	v.t.Helper()
	grant := v.Round(device)
	u := must(credential.ParseGrant(grant))
	var duty ledger.DutyID
	must(rand.Read(duty[:]))
	records, err := v.store.Commit(context.Background(), u.Claims.IssuedAt, []ledger.Record{{
		Duty: duty, Tag: u.Tag(), Signer: u.Signer(), Holder: credential.KeyIDOf(u.Claims.Holder),
		IssuedAt: u.Claims.IssuedAt, Expires: u.Claims.Expires, Grant: grant,
	}})
	require.NoError(v.t, err)
	return records[0]
}

// page is a sealed page, of which nobody but the owner can tell what it is.
func page(n byte) api.Bytes { return bytes.Repeat([]byte{n}, ledger.SealedBytes) }

// certificatesOf is what a connection with a certificate of the key shows.
func certificatesOf(key crypto.Signer) []*x509.Certificate {
	return []*x509.Certificate{{PublicKey: key.Public()}}
}
