package hsm_test

import (
	"crypto"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/miekg/pkcs11"
	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/examples/hsm"
	"github.com/postern-lock/postern/examples/hsm/hsmtest"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/issuer/issuertest"
)

// mechanisms are what the raw signatures of a kind are made with.
var mechanisms = map[hsm.Kind]uint{hsm.Ed25519: 0x1057, hsm.P256: pkcs11.CKM_ECDSA}

// each runs f n times, shared among workers, and returns how often a second.
func each(b *testing.B, n, workers int, f func(worker int) error) float64 {
	b.Helper()
	begin := time.Now()
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for range (n + w) / workers {
				if err := f(w); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return float64(n) / time.Since(begin).Seconds()
}

// raw is the token without this package: C_SignInit and C_Sign in sessions of its
// own, one for each worker.
func raw(b *testing.B, s *hsmtest.SoftHSM, label string, key *hsm.Key, sessions int, message []byte) func(worker int) error {
	b.Helper()
	var handles []pkcs11.SessionHandle
	for range sessions {
		h, err := s.Library.OpenSession(s.Slot(b, label), pkcs11.CKF_SERIAL_SESSION)
		require.NoError(b, err)
		handles = append(handles, h)
	}
	require.NoError(b, s.Library.FindObjectsInit(handles[0], []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_PRIVATE_KEY), pkcs11.NewAttribute(pkcs11.CKA_ID, key.ID()),
	}))
	found, _, err := s.Library.FindObjects(handles[0], 1)
	require.NoError(b, err)
	require.Len(b, found, 1)
	require.NoError(b, s.Library.FindObjectsFinal(handles[0]))
	return func(worker int) error {
		if err := s.Library.SignInit(handles[worker], []*pkcs11.Mechanism{pkcs11.NewMechanism(mechanisms[key.Kind()], nil)}, found[0]); err != nil {
			return err
		}
		_, err := s.Library.Sign(handles[worker], message)
		return err
	}
}

// BenchmarkSign counts signatures a second by Key.Sign on some sessions, and raw
// ones on as many in the same run.
func BenchmarkSign(b *testing.B) {
	for _, kind := range []hsm.Kind{hsm.Ed25519, hsm.P256} {
		for _, sessions := range []int{1, 2, 4} {
			b.Run(fmt.Sprintf("%v/sessions=%d", kind, sessions), func(b *testing.B) {
				s := hsmtest.Start(b)
				key := benchKey(b, s, kind, sessions)
				message, opts := make([]byte, 160), crypto.SignerOpts(crypto.Hash(0))
				if kind == hsm.P256 {
					message, opts = make([]byte, 32), crypto.SHA256
				}
				rawly := raw(b, s, "bench", key, sessions, message)
				byKey := func(int) error {
					_, err := key.Sign(nil, message, opts)
					return err
				}
				// In turns, and the best of each: what else the machine does then falls out.
				const turn = 200
				var best, bestRaw float64
				for b.Loop() {
					bestRaw = max(bestRaw, each(b, turn, sessions, rawly))
					best = max(best, each(b, turn, sessions, byKey))
				}
				b.ReportMetric(best, "signatures/s")
				b.ReportMetric(bestRaw, "raw/s")
				b.ReportMetric(best/bestRaw, "×raw")
			})
		}
	}
}

// benchKey makes a token with so many sessions and a key in it.
func benchKey(b *testing.B, s *hsmtest.SoftHSM, kind hsm.Kind, sessions int) *hsm.Key {
	b.Helper()
	c := s.Token(b, "bench")
	c.Sessions = sessions
	token, err := hsm.Open(s.Library, c)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, token.Close()) })
	key, err := token.Generate(hsm.Name{Label: "key"}, kind)
	require.NoError(b, err)
	return key
}

// BenchmarkDay signs a day's 65,000 grants on two sessions, and as many raw
// signatures.  Package issuer verifies what a foreign key signed before it hands it
// on, so two goroutines more than there are sessions keep the token at work.
func BenchmarkDay(b *testing.B) {
	const grants, sessions = 65000, 2
	w := issuertest.New("day")
	s := hsmtest.Start(b)
	key := benchKey(b, s, hsm.Ed25519, sessions)
	claims := w.PostClaims()
	claims.Key = issuertest.Public(key)
	operator, err := issuer.NewOperator(key, w.Certified(claims))
	require.NoError(b, err)
	postman := w.Key("postman")
	rawly := raw(b, s, "bench", key, sessions, make([]byte, 100))
	grant := func(int) error {
		_, err := operator.Grant(w.RoundClaims(postman))
		return err
	}
	for b.Loop() {
		const turn = 1000 // in turns, so that both see the same load of the machine
		var took, rawTook float64
		for range grants / turn {
			rawTook += turn / each(b, turn, sessions, rawly)
			took += turn / each(b, turn, sessions+2, grant)
		}
		b.ReportMetric(grants/took, "grants/s")
		b.ReportMetric(grants/rawTook, "raw/s")
		b.ReportMetric(rawTook/took, "×raw")
		b.ReportMetric(took, "s/day")
	}
}
