package service

import (
	"bufio"
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/examples/operator/book"
	"github.com/postern-lock/postern/examples/operator/client"
	"github.com/postern-lock/postern/issuer/issuertest"
	"github.com/postern-lock/postern/issuer/ledger"
)

// running is a service that listens.
type running struct {
	owners, staff string // addresses of the doors
	roots         *x509.CertPool
	stop          context.CancelFunc
	ended         chan error
}

// listen starts both doors, with bounds that are altered.
func (v *town) listen(alter func(*http.Server)) *running { return v.listenTo(connections, alter) }

// listenTo has so many connections open at each door.
func (v *town) listenTo(connections int, alter func(*http.Server)) *running {
	v.t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(v.t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true,
	}
	der := must(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))
	own := tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	owners, staff := must(net.Listen("tcp", "127.0.0.1:0")), must(net.Listen("tcp", "127.0.0.1:0"))
	v.service.hosts[owners.Addr().String()] = true
	log := v.service.config.Log
	servers := map[*http.Server]net.Listener{
		NewServer(v.service.Owners(), OwnerTLS(own), log): owners,
		NewServer(v.service.Staff(), StaffTLS(own), log):  staff,
	}
	for s := range servers {
		if alter != nil {
			alter(s)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &running{
		owners: "https://" + owners.Addr().String(), staff: "https://" + staff.Addr().String(),
		roots: x509.NewCertPool(), stop: stop, ended: make(chan error, 1),
	}
	r.roots.AddCert(must(x509.ParseCertificate(der)))
	go func() { r.ended <- run(ctx, 10*time.Second, servers, connections) }()
	v.t.Cleanup(stop)
	return r
}

// certificate is a client's, which its key signs for itself.
func certificate(t testing.TB, key crypto.Signer) tls.Certificate {
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// client is a client at the staff's door.
func (r *running) client(t testing.TB, key crypto.Signer, alter func(*tls.Config)) *http.Client {
	c := &tls.Config{RootCAs: r.roots}
	if key != nil {
		c.Certificates = []tls.Certificate{certificate(t, key)}
	}
	if alter != nil {
		alter(c)
	}
	transport := &http.Transport{TLSClientConfig: c, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func TestDeviceIsKnownByTheKeyOfItsCertificate(t *testing.T) {
	v := inMemory(t)
	r := v.listen(nil)
	for name, key := range map[string]crypto.Signer{"Ed25519": v.Key("postman"), "P-256": v.P256("postman")} {
		t.Run(name, func(t *testing.T) {
			device, err := client.NewStaff(r.staff, key, r.roots)
			require.NoError(t, err)
			_, err = device.Round(t.Context())
			p, ok := errors.AsType[*api.Problem](err)
			require.True(t, ok, err)
			require.Equal(t, problemNotOnDuty.name, p.Name())
			record := v.granted(key)
			round, err := device.Round(t.Context())
			require.NoError(t, err)
			require.Equal(t, []api.Bytes{record.Grant}, round.Grants)
			token, err := device.LiveTime(t.Context(), [16]byte{1})
			require.NoError(t, err)
			require.True(t, must(credential.ParseTimeToken(token)).Claims.Live)
		})
	}
}

func TestConnectionsThatTheStaffsDoorRefuses(t *testing.T) {
	v := inMemory(t)
	r := v.listen(nil)
	rsaKey := must(rsa.GenerateKey(rand.Reader, 2048))
	p384 := must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))
	postman := v.Key("postman")
	v.granted(postman)
	for name, c := range map[string]*http.Client{
		"without a certificate": r.client(t, nil, nil),
		"with an RSA key":       r.client(t, rsaKey, nil),
		"with a key on P-384":   r.client(t, p384, nil),
		"in TLS 1.2":            r.client(t, postman, func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }),
		"with another's certificate": r.client(t, nil, func(c *tls.Config) {
			c.Certificates = []tls.Certificate{{Certificate: certificate(t, postman).Certificate, PrivateKey: v.Key("thief")}}
		}),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.Get(r.staff + "/v1/staff/round")
			require.Error(t, err)
		})
	}
	w, err := r.client(t, postman, nil).Get(r.staff + "/v1/staff/round")
	require.NoError(t, err)
	require.NoError(t, w.Body.Close())
	require.Equal(t, http.StatusOK, w.StatusCode)
	r.stop()
	require.NoError(t, <-r.ended) // the log is written
	require.Contains(t, v.log.String(), "TLS handshake error")
	require.NotContains(t, v.log.String(), "127.0.0.1")
}

func TestClientThatLeavesInMidStreamResumes(t *testing.T) {
	for _, protocol := range []string{"h2", "http/1.1"} {
		t.Run(protocol, func(t *testing.T) {
			store, notes := media["SQLite"](t)
			v := newTown(t, store, notes)
			r := v.listen(nil)
			c := r.client(t, v.Key("desk"), nil)
			if protocol == "http/1.1" {
				c.Transport.(*http.Transport).ForceAttemptHTTP2 = false
			}
			var duties []api.Duty
			for n := range 1400 {
				duties = append(duties, v.duty(n))
			}
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			body, feed := io.Pipe()
			q := must(http.NewRequestWithContext(ctx, "POST", r.staff+"/v1/duties", body))
			q.Header.Set("Content-Type", "application/x-ndjson")
			go func() { _, _ = feed.Write(bodyOf(duties[:1300]...)) }() // and nothing more: the request does not end
			w, err := c.Do(q)
			require.NoError(t, err)
			require.Equal(t, 200, w.StatusCode)
			lines := bufio.NewScanner(w.Body)
			had := make(map[string]string)
			for len(had) < 100 && lines.Scan() {
				l := linesOf(t, lines.Text())[0]
				had[l.ID.String()] = lines.Text()
			}
			require.Len(t, had, 100)
			leave()
			require.NoError(t, w.Body.Close())

			again, err := c.Post(r.staff+"/v1/duties", "application/x-ndjson", bytes.NewReader(bodyOf(duties...)))
			require.NoError(t, err)
			text, err := io.ReadAll(again.Body)
			require.NoError(t, err)
			require.NoError(t, again.Body.Close())
			all := linesOf(t, string(text))
			require.Equal(t, &api.Summary{Issued: 1400}, all[1400].Summary)
			for _, l := range strings.Split(string(text), "\n")[:1400] {
				id := linesOf(t, l)[0].ID.String()
				if before, ok := had[id]; ok {
					require.Equal(t, before, l)
				}
			}
			records, err := v.store.Since(t.Context(), 0, 2000)
			require.NoError(t, err)
			require.Len(t, records, 1400)
			require.EqualValues(t, 1400, records[1399].Serial)
		})
	}
}

func TestSlowBodyIsGivenUp(t *testing.T) {
	v := inMemory(t)
	v.granted(v.Key("postman"))
	r := v.listen(func(s *http.Server) { s.ReadTimeout = 200 * time.Millisecond })
	c := r.client(t, v.Key("postman"), nil)
	body, feed := io.Pipe()
	defer feed.Close()
	go func() { _, _ = feed.Write([]byte("{")) }() // and then nothing
	q := must(http.NewRequestWithContext(t.Context(), "POST", r.staff+"/v1/staff/deliveries", body))
	q.Header.Set("Content-Type", "application/json")
	w, err := c.Do(q)
	if err != nil {
		return // the connection was closed, which is as good
	}
	defer w.Body.Close()
	require.Equal(t, http.StatusRequestTimeout, w.StatusCode)
}

func TestStreamThatFallsSilentIsCut(t *testing.T) {
	for _, protocol := range []string{"h2", "http/1.1"} {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			v := inMemory(t)
			v.service.pause = 2 * time.Second // in which a slow machine has to carry both lines
			r := v.listen(nil)
			c := r.client(t, v.Key("desk"), nil)
			c.Transport.(*http.Transport).ForceAttemptHTTP2 = protocol == "h2"
			body, feed := io.Pipe()
			defer feed.Close()
			go func() { _, _ = feed.Write(bodyOf(v.duty(1), v.duty(2))) }() // and then nothing
			w, err := c.Post(r.staff+"/v1/duties", "application/x-ndjson", body)
			require.NoError(t, err)
			defer w.Body.Close()
			text, err := io.ReadAll(w.Body)
			require.NoError(t, err)
			require.Contains(t, string(text), api.ProblemBase+problemTimeout.name)
			require.NotContains(t, string(text), "summary")
			if protocol == "h2" {
				lines := linesOf(t, string(text))
				require.Len(t, lines, 3)
				require.NotNil(t, lines[0].Grant)
			}
		})
	}
}

func TestFloodOfHeadersIsRefused(t *testing.T) {
	v := inMemory(t)
	r := v.listen(nil)
	for _, protocol := range []string{"h2", "http/1.1"} {
		c := r.client(t, v.Key("postman"), func(c *tls.Config) { c.NextProtos = []string{protocol} })
		q := must(http.NewRequestWithContext(t.Context(), "GET", r.staff+"/healthz", nil))
		for range 64 {
			q.Header.Add("X-Flood", strings.Repeat("x", 1000))
		}
		w, err := c.Do(q)
		if err != nil {
			continue // refused by the protocol's own limit
		}
		require.NoError(t, w.Body.Close())
		require.Equal(t, http.StatusRequestHeaderFieldsTooLarge, w.StatusCode, protocol)
	}
}

func TestIdleConnectionsMakeRoom(t *testing.T) {
	v := inMemory(t)
	r := v.listenTo(3, func(s *http.Server) {
		s.IdleTimeout = 100 * time.Millisecond
		s.ReadHeaderTimeout = 100 * time.Millisecond
	})
	address := strings.TrimPrefix(r.owners, "https://")
	for range 20 { // each holds a place and says nothing
		c, err := net.Dial("tcp", address)
		require.NoError(t, err)
		defer c.Close()
	}
	c := r.client(t, nil, nil)
	w, err := c.Get(r.owners + "/healthz")
	for tries := 0; err != nil && tries < 50; tries++ { // on a slow machine its own header may be late
		w, err = c.Get(r.owners + "/healthz")
	}
	require.NoError(t, err)
	require.NoError(t, w.Body.Close())
	require.Equal(t, http.StatusOK, w.StatusCode)
}

// slow is a store whose commits wait.
type slow struct {
	ledger.Store
	begun, free chan struct{}
}

func (s *slow) Commit(ctx context.Context, at credential.Time, r []ledger.Record) ([]ledger.Record, error) {
	close(s.begun)
	<-s.free
	return s.Store.Commit(ctx, at, r)
}

func TestShutdownLetsRequestsEnd(t *testing.T) {
	s := &slow{ledger.NewMemory(), make(chan struct{}), make(chan struct{})}
	v := newTown(t, s, book.NewMemory())
	r := v.listen(nil)
	c := r.client(t, v.Key("desk"), nil)
	type result struct {
		text string
		err  error
	}
	answered := make(chan result, 1)
	go func() {
		w, err := c.Post(r.staff+"/v1/duties", "application/x-ndjson", bytes.NewReader(bodyOf(v.duty(1), v.duty(2))))
		if err != nil {
			answered <- result{err: err}
			return
		}
		defer w.Body.Close()
		text, err := io.ReadAll(w.Body)
		answered <- result{string(text), err}
	}()
	<-s.begun
	r.stop()
	close(s.free)
	got := <-answered
	require.NoError(t, got.err)
	require.Equal(t, &api.Summary{Issued: 2}, linesOf(t, got.text)[2].Summary)
	require.NoError(t, <-r.ended)
	_, err := c.Get(r.staff + "/healthz")
	require.Error(t, err)
}

func TestDispatcherOverTLS(t *testing.T) {
	v := inMemory(t)
	r := v.listen(nil)
	desk, err := client.NewDispatcher(r.staff, v.Key("desk"), r.roots)
	require.NoError(t, err)
	require.NoError(t, desk.Place(t.Context(), []api.Box{{Lock: api.Of(credential.LockID{5}), Area: v.Area}}))
	wide := v.duty(2)
	wide.Area = []byte("FR")
	var grants, problems int
	for line, err := range desk.Issue(t.Context(), slices.Values([]api.Duty{v.duty(1), wide, v.duty(3)})) {
		require.NoError(t, err)
		if line.Problem != nil {
			problems++
			continue
		}
		grants++
	}
	require.Equal(t, []int{2, 1}, []int{grants, problems})
	for line, err := range desk.Issue(t.Context(), slices.Values([]api.Duty{v.duty(1), v.duty(3)})) {
		require.NoError(t, err)
		require.EqualValues(t, 1, line.Serial)
		break // who has enough leaves
	}
	substitute := issuertest.Public(v.Key("substitute"))
	issued, err := desk.Replace(t.Context(), v.duty(1).ID.Value, substitute)
	require.NoError(t, err)
	require.EqualValues(t, 3, issued.Serial)
	parcel := api.Parcel{
		ID: api.Of(ledger.DutyID{9}), Holder: substitute, Lock: api.Of(v.LockID), Reference: api.Of(credential.Reference{7}),
		Expires: v.Now + 600, Action: api.Action(credential.ActionDeliver), Service: api.Service(credential.ServiceParcel), Offline: true,
	}
	_, err = desk.Parcel(t.Context(), parcel)
	require.NoError(t, err)
	require.NoError(t, desk.Divert(t.Context(), parcel.ID.Value))
	lost, err := desk.Lost(t.Context(), credential.KeyIDOf(substitute), nil)
	require.NoError(t, err)
	require.Equal(t, []api.DutyID{issued.ID}, lost.Left)

	nobody, err := client.NewDispatcher(r.staff, v.Key("nobody"), r.roots)
	require.NoError(t, err)
	for _, err := range nobody.Issue(t.Context(), slices.Values([]api.Duty{v.duty(1)})) {
		require.ErrorContains(t, err, problemNotListed.name)
	}
}

func TestOwnersAppOverTLS(t *testing.T) {
	v := inMemory(t)
	r := v.listen(nil)
	app := client.NewOwner(r.owners, r.client(t, nil, nil), must(holder.NewKey(v.Key("owner"))), v.LockID, v.clock.read, rand.Reader)
	_, err := app.Pages(t.Context())
	p, ok := errors.AsType[*api.Problem](err)
	require.True(t, ok, err)
	require.Equal(t, problemNotOwner.name, p.Name())
	_, lock := v.Identity(0)
	known, err := app.Register(t.Context(), v.receipt(nil), [][]byte{lock}, nil)
	require.NoError(t, err)
	require.EqualValues(t, 1, known.Sequence)
	posted, err := app.Post(t.Context(), v.version(2))
	require.NoError(t, err)
	require.EqualValues(t, 2, posted.Version)
	require.NoError(t, app.WantLog(t.Context(), true))

	postman := v.Key("postman")
	v.granted(postman)
	device, err := client.NewStaff(r.staff, postman, r.roots)
	require.NoError(t, err)
	outcomes, err := device.BringPages(t.Context(), []api.Log{{Lock: api.Of(v.LockID), Pages: []api.Bytes{page(1), page(2)}}})
	require.NoError(t, err)
	require.Equal(t, []api.Outcome{{Kept: true}}, outcomes)
	round, err := device.Round(t.Context())
	require.NoError(t, err)
	n, err := device.Deliver(t.Context(), []api.Delivery{{Lock: round.Policies[0].Lock, Tag: round.Policies[0].Tag}})
	require.NoError(t, err)
	require.Equal(t, 1, n)
	outcomes, err = device.BringReceipts(t.Context(), []api.Receipt{{Receipt: v.receipt(nil), Certificates: v.certificates()}})
	require.NoError(t, err)
	require.True(t, outcomes[0].Kept)

	pages, err := app.Pages(t.Context())
	require.NoError(t, err)
	require.Equal(t, [][]byte{page(1), page(2)}, pages)
	require.NoError(t, app.Take(t.Context(), pages))
	pages, err = app.Pages(t.Context())
	require.NoError(t, err)
	require.Empty(t, pages)
	documents, authorities, err := app.Documents(t.Context())
	require.NoError(t, err)
	require.Len(t, documents, 1)
	require.Len(t, authorities, 1)
}
