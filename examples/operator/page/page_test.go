package page

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/issuer/issuertest"
	"github.com/postern-lock/postern/spec"
)

// served returns the page of a small world.
func served(t *testing.T) http.Handler {
	t.Helper()
	small, err := compress([]byte("\x00asm"))
	require.NoError(t, err)
	w := issuertest.New("page")
	h, err := NewHandler(Config{Phone: Phone{Wasm: small, Exec: []byte("// go")}, Trust: Trust{Roots: w.Roots(), Makers: w.Makers()}, Demo: true})
	require.NoError(t, err)
	return h
}

// get asks for a path.
func get(h http.Handler, method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestFilesHaveTheirTypes(t *testing.T) {
	h := served(t)
	for path, kind := range map[string]string{
		"/": "text/html", "/index.html": "text/html", "/style.css": "text/css", "/app.js": "text/javascript", "/icon.svg": "image/svg+xml",
		"/wasm_exec.js": "text/javascript", "/phone.wasm": "application/wasm", "/config.json": "application/json",
	} {
		w := get(h, "GET", path)
		require.Equal(t, http.StatusOK, w.Code, path)
		require.Contains(t, w.Header().Get("Content-Type"), kind, path)
		require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
		require.Contains(t, w.Header().Get("Content-Security-Policy"), "default-src 'none'")
		require.NotContains(t, w.Header().Get("Content-Security-Policy"), "unsafe-inline")
		require.Contains(t, w.Header().Get("Content-Security-Policy"), "require-trusted-types-for 'script'")
	}
}

func TestFilesAreCompressedAndCached(t *testing.T) {
	h := served(t)
	plain := get(h, "GET", "/app.js")
	require.Empty(t, plain.Header().Get("Content-Encoding"))
	small := get(h, "GET", "/app.js", "Accept-Encoding", "gzip, br")
	require.Equal(t, "gzip", small.Header().Get("Content-Encoding"))
	r, err := gzip.NewReader(small.Body)
	require.NoError(t, err)
	content, err := io.ReadAll(r)
	require.NoError(t, err)
	require.Equal(t, plain.Body.String(), string(content))
	require.Equal(t, http.StatusNotModified, get(h, "GET", "/app.js", "If-None-Match", plain.Header().Get("ETag")).Code)
	require.Empty(t, get(h, "HEAD", "/app.js").Body.String())
}

func TestOnlyThePageIsServed(t *testing.T) {
	h := served(t)
	for _, path := range []string{"/site/app.js", "/../go.mod", "/page.go", "/%2e%2e/handler.go", "/app.js/"} {
		require.Equal(t, http.StatusNotFound, get(h, "GET", path).Code, path)
	}
	require.Equal(t, http.StatusMethodNotAllowed, get(h, "POST", "/").Code)
}

// TestNothingComesFromElsewhere holds the page's files to their own server, and to
// scripts and styles in files of their own.
func TestNothingComesFromElsewhere(t *testing.T) {
	foreign := regexp.MustCompile(`(?:src|href|url|import|from)\W{0,3}(?:https?:)?//`)
	inline := regexp.MustCompile(`(?i)<script(?:\s+[^>]*)?>[^<]|<style|\son\w+\s*=|style=|innerHTML|outerHTML|document\.write|\beval\(`)
	for name, text := range siteFiles(t) {
		require.NotRegexp(t, foreign, text, name)
		require.NotRegexp(t, inline, text, name)
	}
}

// siteFiles returns the texts of the page's files.
func siteFiles(t *testing.T) map[string]string {
	t.Helper()
	names, err := filepath.Glob("site/*")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	texts := map[string]string{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		texts[filepath.Base(name)] = string(text)
	}
	return texts
}

// tableOf returns what stands in the table of texts that begins so.
func tableOf(t *testing.T, texts, begin string) string {
	t.Helper()
	_, table, found := strings.Cut(texts, begin)
	require.True(t, found, begin)
	table, _, found = strings.Cut(table, "}")
	require.True(t, found, begin)
	return table
}

// TestEveryNameOfTheStandardHasWords of those that locks and operators write down.
func TestEveryNameOfTheStandardHasWords(t *testing.T) {
	texts := strings.ReplaceAll(siteFiles(t)["words.js"], "{operation}", "")
	for _, c := range []struct{ registry, begin, but string }{
		{"outcomes", "outcomes: {\n", "pending"}, // which is no end of a tap
		{"log-outcomes", "outcomes: { started", "started"},
		{"operations", "operations: {", ""},
		{"notice-kinds", "notices: {", ""},
		{"notice-instructions", "instructions: {", ""},
		{"services", "services: { post: \"The post\"", "post"},
	} {
		table := tableOf(t, strings.ReplaceAll(texts, "{reason}", ""), c.begin)
		rows, err := spec.Registry(c.registry)
		require.NoError(t, err)
		require.NotEmpty(t, rows)
		for _, row := range rows {
			if row.Name != c.but && !(c.registry == "services" && row.Name == "none") {
				require.Regexp(t, `\b`+row.Name+`"?: "`, table, c.registry)
			}
		}
	}
}

// TestEveryFaultHasWords holds the table of texts to the names that the handset
// tells.
func TestEveryFaultHasWords(t *testing.T) {
	texts := siteFiles(t)["words.js"]
	_, table, found := strings.Cut(texts, "input: {")
	require.True(t, found)
	sources, err := filepath.Glob("handset/*.go")
	require.NoError(t, err)
	named := regexp.MustCompile(`inputError\("(\w+)"\)|home\.Err\w+: "(\w+)"`)
	count := 0
	for _, source := range sources {
		code, err := os.ReadFile(source)
		require.NoError(t, err)
		for _, m := range named.FindAllStringSubmatch(string(code), -1) {
			require.Regexp(t, `\b`+m[1]+m[2]+`: "`, table, source)
			count++
		}
	}
	require.Greater(t, count, 10)

	table = tableOf(t, texts, "problems: {")
	known, err := os.ReadFile("../service/problems.md")
	require.NoError(t, err)
	worded := regexp.MustCompile(`"?([\w-]+)"?: "`).FindAllStringSubmatch(table, -1)
	require.Greater(t, len(worded), 10)
	for _, m := range worded {
		require.Contains(t, string(known), "\n## "+m[1]+"\n", "the service tells no such problem")
	}

	_, table, found = strings.Cut(texts, "advices: [")
	require.True(t, found)
	table, _, _ = strings.Cut(table, "],")
	require.Equal(t, int(holder.AdviceYours)+1, len(regexp.MustCompile(`"[^"]*"`).FindAllString(table, -1)), "one text for each advice")
	require.Contains(t, (holder.AdviceYours + 1).String(), "advice-", "AdviceYours is the last")
}
