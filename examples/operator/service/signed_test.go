package service

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/examples/operator/signature"
)

func TestRequestWithoutAGoodSignatureIsRefused(t *testing.T) {
	v := inMemory(t)
	v.registered()
	get := request{method: "GET", path: v.path("/pages"), owner: v.Key("owner")}
	for name, alter := range map[string]func(*http.Request){
		"unsigned":               func(r *http.Request) { r.Header.Del(signature.HeaderSignature) },
		"without what is signed": func(r *http.Request) { r.Header.Del(signature.HeaderInput) },
		"without a digest":       func(r *http.Request) { r.Header.Del(signature.HeaderDigest) },
		"with two signatures": func(r *http.Request) {
			r.Header.Add(signature.HeaderSignature, r.Header.Get(signature.HeaderSignature))
		},
		"of another method": func(r *http.Request) { r.Method = "DELETE" },
		"of another path":   func(r *http.Request) { r.URL.Path = v.path("/documents") },
		"of another body": func(r *http.Request) {
			r.Header.Set(signature.HeaderDigest, "sha-256=:"+"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:")
		},
		"by a label of its own": func(r *http.Request) {
			r.Header.Set(signature.HeaderInput, "x"+r.Header.Get(signature.HeaderInput))
		},
		"with a parameter more": func(r *http.Request) {
			r.Header.Set(signature.HeaderInput, r.Header.Get(signature.HeaderInput)+`;alg="none"`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := v.prepare(get)
			alter(r)
			if r.Method == "DELETE" {
				r.Header.Set("Content-Type", "application/json")
			}
			w := httptest.NewRecorder()
			v.service.Owners().ServeHTTP(w, r)
			require.Equal(t, http.StatusUnauthorized, w.Code, w.Body.String())
			require.NotEmpty(t, w.Header().Get("WWW-Authenticate"))
			require.Contains(t, w.Body.String(), "unsigned")
		})
	}
}

func TestSignedRequestIsTakenOnce(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		v.registered()
		q := request{method: "PUT", path: v.path("/log-wanted"), owner: v.Key("owner"), body: api.LogWanted{Wanted: true}, nonce: signature.Nonce{1}}
		v.done(q)
		v.refused(q, problemReplayed)
		q.nonce = signature.Nonce{2}
		v.done(q)
	})
}

func TestRequestSignedTooLongAgoIsRefused(t *testing.T) {
	v := inMemory(t)
	v.registered()
	for _, late := range []time.Duration{-121 * time.Second, 121 * time.Second} {
		v.clock.pass(late)
		r, _ := v.prepare(request{method: "GET", path: v.path("/pages"), owner: v.Key("owner")})
		v.clock.pass(-late)
		w := httptest.NewRecorder()
		v.service.Owners().ServeHTTP(w, r)
		require.Equal(t, http.StatusUnauthorized, w.Code, late)
	}
}

func TestReplayAfterTheNonceWasForgottenIsTooLate(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		v.registered()
		q := request{method: "PUT", path: v.path("/log-wanted"), owner: v.Key("owner"), body: api.LogWanted{Wanted: true}, nonce: signature.Nonce{1}}
		taken, _ := v.prepare(q)
		v.done(q)
		// Others' requests make the book forget what is over.
		v.clock.pass(10 * time.Minute)
		v.done(request{method: "PUT", path: v.path("/log-wanted"), owner: v.Key("owner"), body: api.LogWanted{Wanted: false}})
		w := httptest.NewRecorder()
		v.service.Owners().ServeHTTP(w, taken)
		require.Equal(t, http.StatusUnauthorized, w.Code)
	})
}

func TestRequestSignedForAnotherServiceIsRefused(t *testing.T) {
	v := inMemory(t)
	v.registered()
	r, _ := v.prepare(request{method: "GET", path: v.path("/pages"), owner: v.Key("owner")})
	r.Host = "other.example"
	w := httptest.NewRecorder()
	v.service.Owners().ServeHTTP(w, r)
	require.Equal(t, http.StatusMisdirectedRequest, w.Code)
}

func TestOwnerOnP256(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		key := v.P256("owner")
		receipt := signedBy(v.Key("lock"), claimsFor(v, key))
		ok[api.Ownership](v, v.registering(key, receipt, nil))
		ok[api.Pages](v, request{method: "GET", path: v.path("/pages"), owner: key})
	})
}

func TestKeyThatIsNotTheOneRegisteredCannotRegisterIt(t *testing.T) {
	v := inMemory(t)
	q := v.registering(v.Key("owner"), v.receipt(nil), nil)
	q.owner = v.Key("other")
	v.refused(q, problemUnsigned)
}

func TestOneKeyCannotAskTooOften(t *testing.T) {
	v := inMemory(t)
	v.registered()
	get := request{method: "GET", path: v.path("/documents"), owner: v.Key("owner")}
	for range ownerBurst - 1 {
		ok[api.Documents](v, get)
	}
	v.refused(get, problemTooMany)
	v.clock.pass(time.Minute)
	ok[api.Documents](v, get)
}
