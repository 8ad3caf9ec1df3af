package service

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/issuer/issuertest"
	"github.com/postern-lock/postern/issuer/ledger"
)

// BenchmarkStream streams 10,000 duties over TLS into a ledger on SQLite, and
// compares with the bare signatures on one core.
func BenchmarkStream(b *testing.B) {
	const many = 10_000
	key := must(holder.NewKey(issuertest.Seed("town").Key("post")))
	message := make([]byte, 160)
	var took, bare time.Duration
	for b.Loop() {
		b.StopTimer()
		store, notes := opened(b, filepath.Join(b.TempDir(), "ledger.db"))
		v := newTown(b, store, notes)
		r := v.listen(nil)
		c := r.client(b, v.Key("desk"), nil)
		first := v.duty(1)
		duties := make([]api.Duty, many)
		for n := range duties {
			duties[n] = first
			duties[n].ID.Value[14], duties[n].ID.Value[15], duties[n].Area = byte(n>>8), byte(n), fmt.Appendf(nil, "FR%08d", n)
		}
		body := bodyOf(duties...)
		began := time.Now()
		for range many {
			must(key.Sign(message))
		}
		bare += time.Since(began)
		began = time.Now()
		b.StartTimer()
		w, err := c.Post(r.staff+"/v1/duties", "application/x-ndjson", bytes.NewReader(body))
		require.NoError(b, err)
		n := 0
		for lines := bufio.NewScanner(w.Body); lines.Scan(); {
			n++
		}
		took += time.Since(began)
		require.NoError(b, w.Body.Close())
		require.Equal(b, many+1, n)
		b.StopTimer()
		r.stop()
		require.NoError(b, <-r.ended)
		b.StartTimer()
	}
	b.ReportMetric(float64(b.N)*many/took.Seconds(), "grants/s")
	b.ReportMetric(bare.Seconds()/took.Seconds(), "of-bare-signatures")
}

// BenchmarkRound fetches the round of a device with 600 boxes, of which each has a
// policy waiting.
func BenchmarkRound(b *testing.B) {
	store, notes := opened(b, filepath.Join(b.TempDir(), "ledger.db"))
	v := newTown(b, store, notes)
	for n := range 600 {
		lock := credential.LockID{1, 6: byte(n >> 8), 7: byte(n)}
		require.NoError(b, store.Place(b.Context(), []ledger.Box{{Lock: lock, Area: v.Area}}))
		policy := v.Policy(func(c *credential.PolicyClaims) { c.Lock = lock })
		u := must(credential.ParsePolicy(policy))
		require.NoError(b, store.Post(b.Context(), ledger.Document{Lock: lock, Signer: u.Signer(), Version: 1, Tag: u.Tag(), Bytes: policy}))
	}
	postman := v.Key("postman")
	v.granted(postman)
	door := v.service.Staff()
	for b.Loop() {
		v.clock.pass(time.Second)
		r, _ := v.prepare(request{method: "GET", path: "/v1/staff/round", device: postman})
		r.TLS.PeerCertificates = certificatesOf(postman)
		w := httptest.NewRecorder()
		door.ServeHTTP(w, r)
		require.Equal(b, 200, w.Code)
	}
}
