package service

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/stretchr/testify/require"
)

// contract is openapi.yaml, read once.
var contract = sync.OnceValues(func() (routers.Router, error) {
	doc, err := openapi3.NewLoader().LoadFromFile("openapi.yaml")
	if err != nil {
		return nil, err
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, err
	}
	return gorillamux.NewRouter(doc)
})

// filter is how bodies are compared with openapi.yaml.  Who may call is the
// service's to say, and tested there.
var filter = &openapi3filter.Options{
	IncludeResponseStatus: true,
	AuthenticationFunc:    openapi3filter.NoopAuthenticationFunc,
}

// holdToContract compares an exchange with openapi.yaml: every answer is one that
// it describes, and every request that was taken is one that it allows.
func holdToContract(t testing.TB, r *http.Request, body []byte, w *httptest.ResponseRecorder) {
	t.Helper()
	router, err := contract()
	require.NoError(t, err)
	route, params, err := router.FindRoute(r)
	if err != nil {
		require.Contains(t, []int{http.StatusNotFound, http.StatusMethodNotAllowed}, w.Code, "%s %s is not in openapi.yaml: %s", r.Method, r.URL.Path, w.Body)
		return
	}
	r = r.Clone(t.Context())
	r.Body = http.NoBody
	if len(body) > 0 {
		r.Body = readCloser{bytes.NewReader(body)}
	}
	input := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: filter}
	if w.Code < 300 && !strings.Contains(r.Header.Get("Content-Type"), "ndjson") {
		require.NoError(t, openapi3filter.ValidateRequest(t.Context(), input), "the service took what openapi.yaml does not allow")
	}
	if strings.Contains(w.Header().Get("Content-Type"), "ndjson") {
		return // line by line in duties_test.go
	}
	answer := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: w.Code, Header: w.Header(), Options: filter,
		Body: readCloser{bytes.NewReader(w.Body.Bytes())},
	}
	require.NoError(t, openapi3filter.ValidateResponse(t.Context(), answer), "%s", w.Body)
}

type readCloser struct{ *bytes.Reader }

func (readCloser) Close() error { return nil }

func init() {
	openapi3filter.RegisterBodyDecoder("application/problem+json", openapi3filter.JSONBodyDecoder)
}

func TestEveryRouteIsInTheContractAndTheOtherWayRound(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromFile("openapi.yaml")
	require.NoError(t, err)
	require.NoError(t, doc.Validate(t.Context()))
	described := make(map[string]bool)
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			described[method+" "+path] = true
		}
	}
	served := make(map[string]bool)
	for _, r := range append(append([]route(nil), ownerRoutes...), staffRoutes...) {
		served[r.method+" "+r.pattern] = true
	}
	require.Equal(t, described, served)
}

func TestEveryProblemIsDescribed(t *testing.T) {
	text, err := os.ReadFile("problems.md")
	require.NoError(t, err)
	var described []string
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "## "); ok {
			described = append(described, name)
		}
	}
	var known []string
	for _, p := range problems {
		known = append(known, p.name)
	}
	require.Equal(t, known, described)
}
