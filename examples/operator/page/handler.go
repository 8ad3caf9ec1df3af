package page

import (
	"crypto/sha256"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/postern-lock/postern/credential"
)

//go:embed site
var site embed.FS

// policy is what the page may do: run its own files, and ask its own server.  No text
// becomes HTML or a script, by whatever mistake of the page.
const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// types are the types of files by the ends of their names.
var types = map[string]string{
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".svg": "image/svg+xml", ".json": "application/json", ".wasm": "application/wasm",
}

// Trust is what an app ships with.
type Trust struct {
	Roots  []credential.PublicKey `json:"roots"`  // of the schemes
	Makers [][]byte               `json:"makers"` // certificates of manufacturers
}

// Config says what the page is told.
type Config struct {
	Phone Phone
	Trust Trust
	Demo  bool // there is a street, at /demo/
}

// file is what is sent for a name.
type file struct {
	kind, tag  string
	plain      []byte // nil: the browser has to take the compressed one, as all do
	compressed []byte
}

// NewHandler returns the handler of the page, for all paths that are the page's.
func NewHandler(c Config) (http.Handler, error) {
	h := handler{}
	names, err := fs.Glob(site, "site/*")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		content, err := site.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if err := h.add(path.Base(name), content); err != nil {
			return nil, err
		}
	}
	if err := h.add("wasm_exec.js", c.Phone.Exec); err != nil {
		return nil, err
	}
	h["/phone.wasm"] = file{kind: types[".wasm"], compressed: c.Phone.Wasm, tag: tag(c.Phone.Wasm)}
	told, err := c.json()
	if err != nil {
		return nil, err
	}
	if err := h.add("config.json", told); err != nil {
		return nil, err
	}
	h["/"] = h["/index.html"]
	return h, nil
}

// json is what the page is told, with bytes as base64.
func (c Config) json() ([]byte, error) {
	sum := sha256.New()
	for _, root := range c.Trust.Roots {
		fmt.Fprintln(sum, root)
	}
	return json.Marshal(struct {
		World string `json:"world"` // tells one world from another on the same address
		Demo  bool   `json:"demo"`
		Trust
	}{fmt.Sprintf("%x", sum.Sum(nil)[:8]), c.Demo, c.Trust})
}

// handler holds the files by their paths.
type handler map[string]file

// add adds a file.
func (h handler) add(name string, content []byte) error {
	kind, ok := types[path.Ext(name)]
	if !ok {
		return fmt.Errorf("page: %s is of a kind that has no type here", name)
	}
	small, err := compress(content)
	h["/"+name] = file{kind: kind, plain: content, compressed: small, tag: tag(content)}
	return err
}

// tag names a content for caches.
func tag(content []byte) string {
	sum := sha256.Sum256(content)
	return fmt.Sprintf(`"%x"`, sum[:12])
}

// ServeHTTP sends a file.
func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for name, value := range map[string]string{
		"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-cache", "Vary": "Accept-Encoding",
	} {
		w.Header().Set(name, value)
	}
	f, ok := h[r.URL.Path]
	switch {
	case !ok:
		http.Error(w, "no such page", http.StatusNotFound)
		return
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "the page is only to be read", http.StatusMethodNotAllowed)
		return
	}
	w.Header().Set("Content-Type", f.kind)
	w.Header().Set("ETag", f.tag)
	content := f.plain
	if f.plain == nil || strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		content = f.compressed
	}
	if r.Header.Get("If-None-Match") == f.tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(content)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(content) // a reader who has left needs no word
	}
}
