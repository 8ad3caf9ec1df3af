package service

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/issuer/issuertest"
)

func TestBodiesThatBreakTheFormAreRefused(t *testing.T) {
	v := inMemory(t)
	v.registered()
	good := `{"wanted":true}`
	for name, body := range map[string]string{
		"nothing":                ``,
		"no JSON":                `wanted`,
		"cut":                    `{"wanted":tr`,
		"cut object":             `{"wanted":true`,
		"array":                  `[true]`,
		"null":                   `null`,
		"null member":            `{"wanted":null}`,
		"unknown member":         `{"wanted":true,"more":1}`,
		"member in capitals":     `{"Wanted":true}`,
		"member twice":           `{"wanted":true,"wanted":false}`,
		"member missing":         `{}`,
		"other type":             `{"wanted":"true"}`,
		"something behind":       good + `{}`,
		"bracket behind":         good + `]`,
		"comment":                good + `// yes`,
		"bytes that are no text": "{\"wanted\xff\":true}",
		"byte order mark":        "\ufeff" + good,
		"deep":                   strings.Repeat("[", 4000),
	} {
		t.Run(name, func(t *testing.T) {
			v := v.in(t)
			v.clock.pass(1e9)
			v.refused(request{method: "PUT", path: v.path("/log-wanted"), owner: v.Key("owner"), body: []byte(body)}, problemMalformed)
		})
	}
	v.done(request{method: "PUT", path: v.path("/log-wanted"), owner: v.Key("owner"), body: []byte(" " + good + "\n")})
}

func TestValuesThatBreakTheFormAreRefused(t *testing.T) {
	v := inMemory(t)
	key := must(issuertest.Public(v.Key("owner")).MarshalText())
	for name, body := range map[string]string{
		"padded bytes":             `{"key":"KEY","receipt":"AA==","certificates":[]}`,
		"standard base64":          `{"key":"KEY","receipt":"+/","certificates":[]}`,
		"bits behind the bytes":    `{"key":"KEY","receipt":"AB","certificates":[]}`,
		"line break in bytes":      `{"key":"KEY","receipt":"AA\n","certificates":[]}`,
		"no certificates":          `{"key":"KEY","receipt":"` + api0(v) + `","certificates":[]}`,
		"too many certificates":    `{"key":"KEY","receipt":"` + api0(v) + `","certificates":["AA","AA","AA","AA","AA"]}`,
		"key in capitals":          `{"key":"` + strings.ToUpper(string(key)) + `","receipt":"","certificates":[]}`,
		"key that is too short":    `{"key":"ed25519:00","receipt":"","certificates":[]}`,
		"null among certificates":  `{"key":"KEY","receipt":"AA","certificates":[null]}`,
		"number in place of bytes": `{"key":"KEY","receipt":7,"certificates":[]}`,
	} {
		t.Run(name, func(t *testing.T) {
			v := v.in(t)
			v.clock.pass(1e9)
			body := strings.ReplaceAll(body, "KEY", string(key))
			v.refused(request{method: "PUT", path: v.path("/owner"), owner: v.Key("owner"), body: []byte(body)}, problemMalformed)
		})
	}
}

// api0 is a good receipt as text.
func api0(v *town) string { return string(must(v.receipt(nil).MarshalText())) }

func TestIdsInPathsHaveOneForm(t *testing.T) {
	v := inMemory(t)
	v.registered()
	id := v.LockID.String()
	for _, bad := range []string{id[:15], id + "0", strings.ToUpper("abcdef" + id[6:]), "0x" + id[:14], "................", strings.Repeat("z", 16)} {
		v.refused(request{method: "GET", path: "/v1/boxes/" + bad + "/pages", owner: v.Key("owner")}, problemNotFound)
	}
}

func TestPathsThatCanBeReadInTwoWaysAreNotFound(t *testing.T) {
	v := inMemory(t)
	id := v.LockID.String()
	for _, path := range []string{
		"/", "/v1", "/v1/", "/v2/boxes", "//v1/boxes/" + id + "/pages", "/v1/boxes/" + id + "/pages/", "/v1/boxes//pages",
		"/v1/boxes/" + id + "/./pages", "/v1/boxes/x/../" + id + "/pages", "/v1/boxes/" + id + "%2fpages", "/v1/boxes/%31" + id[1:] + "/pages",
		"/v1/boxes/" + id + "/pages?x=1", "/v1/boxes/" + id + "/pages?", "/V1/boxes/" + id + "/pages", "/v1/boxes/" + id + "/pages%00", "/healthz/..",
	} {
		for _, staff := range []bool{false, true} {
			r := httptest.NewRequest("GET", "https://"+host+path, nil)
			door := v.service.Owners()
			if staff {
				door = v.service.Staff()
			}
			w := httptest.NewRecorder()
			door.ServeHTTP(w, r)
			require.Equal(t, http.StatusNotFound, w.Code, path)
			require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
		}
	}
}

func TestDoorsHaveTheirOwnRoutesOnly(t *testing.T) {
	v := inMemory(t)
	w := httptest.NewRecorder()
	v.service.Owners().ServeHTTP(w, httptest.NewRequest("GET", "https://"+host+"/v1/staff/round", nil))
	require.Equal(t, http.StatusNotFound, w.Code)
	w = httptest.NewRecorder()
	v.service.Staff().ServeHTTP(w, httptest.NewRequest("GET", "https://"+host+v.path("/pages"), nil))
	require.Equal(t, http.StatusNotFound, w.Code)
}

func TestMethodsThatAPathDoesNotHave(t *testing.T) {
	v := inMemory(t)
	for _, method := range []string{"HEAD", "PATCH", "OPTIONS", "TRACE", "CONNECT", "POST", "PUT", "BREW"} {
		r := httptest.NewRequest("GET", "https://"+host+v.path("/pages"), nil)
		r.Method = method
		w := httptest.NewRecorder()
		v.service.Owners().ServeHTTP(w, r)
		if method == "CONNECT" { // the standard library's patterns know it apart
			require.Contains(t, []int{http.StatusMethodNotAllowed, http.StatusNotFound}, w.Code)
			continue
		}
		require.Equal(t, http.StatusMethodNotAllowed, w.Code, method)
		require.Equal(t, "DELETE, GET", w.Header().Get("Allow"))
	}
	require.NotContains(t, v.log.String(), "BREW")
}

func TestOtherMediaTypesAreRefused(t *testing.T) {
	v := inMemory(t)
	v.registered()
	put := request{method: "PUT", path: v.path("/log-wanted"), owner: v.Key("owner"), body: api.LogWanted{Wanted: true}}
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "application/json; a=b; c=d", "application/jsonx", "application/json;;"} {
		put.header = map[string]string{"Content-Type": kind}
		v.refused(put, problemMediaType)
	}
	put.header = map[string]string{"Content-Encoding": "gzip"}
	v.refused(put, problemMediaType)
	put.header = map[string]string{"Content-Type": "Application/JSON; charset=utf-8"}
	v.done(put)
	json := v.streaming(bodyOf(v.duty(1)))
	json.header = nil
	v.refused(json, problemMediaType)
}

func TestBodiesThatAreTooLargeAreRefused(t *testing.T) {
	v := inMemory(t)
	v.registered()
	v.granted(v.Key("postman"))
	large := bytes.Repeat([]byte(" "), smallBody+1)
	v.refused(request{method: "PUT", path: v.path("/log-wanted"), owner: v.Key("owner"), body: large}, problemTooLarge)
	v.refused(request{method: "GET", path: v.path("/pages"), owner: v.Key("owner"), body: []byte("x")}, problemTooLarge)
	v.refused(request{method: "POST", path: "/v1/staff/pages", device: v.Key("postman"), body: bytes.Repeat(large, 64)}, problemTooLarge)
	many := api.Deliveries{Deliveries: make([]api.Delivery, 1025)}
	v.refused(request{method: "POST", path: "/v1/staff/deliveries", device: v.Key("postman"), body: many}, problemMalformed)
	v.refused(request{method: "POST", path: "/v1/staff/pages", device: v.Key("postman"), body: api.Logs{Logs: []api.Log{}}}, problemMalformed)
}
