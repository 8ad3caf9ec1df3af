package serve

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRehearsalGrantsARound(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "office")
	require.NoError(t, Rehearse(dir, time.Now()))
	require.ErrorIs(t, Rehearse(dir, time.Now()), fs.ErrExist)
	in := func(name string) string { return filepath.Join(dir, name) }
	doors := started(t, []string{
		"-store", in("ledger.db"), "-listen", "127.0.0.1:0", "-staff-listen", "127.0.0.1:0", "-host", "localhost", "-zone", "UTC", "-min-area", "8",
		"-tls-cert", in("tls.pem"), "-tls-key", in("tls.key"), "-operator-key", in("post.key"), "-operator-certificate", in("post.certificate"),
		"-root", in("root.pub"), "-maker", in("maker.certificate"), "-dispatchers", in("dispatchers"),
	})
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(must(os.ReadFile(in("tls.pem")))))
	send := func(who, method, path, kind, body string) (int, string) {
		own := must(tls.LoadX509KeyPair(in(who+".pem"), in(who+".key")))
		c := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{own}}}}
		defer c.CloseIdleConnections()
		var content []byte
		if body != "" {
			content = must(os.ReadFile(in(body)))
		}
		r := must(http.NewRequestWithContext(t.Context(), method, doors["staff"]+path, bytes.NewReader(content)))
		r.Header.Set("Content-Type", kind)
		w, err := c.Do(r)
		require.NoError(t, err)
		defer w.Body.Close()
		return w.StatusCode, string(must(io.ReadAll(w.Body)))
	}
	status, text := send("desk", "POST", "/v1/boxes", "application/json", "boxes.json")
	require.Equal(t, http.StatusNoContent, status, text)
	status, text = send("desk", "POST", "/v1/duties", "application/x-ndjson", "duties.ndjson")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, text, `{"summary":{"issued":1,"refused":0}}`)
	status, text = send("postman", "GET", "/v1/staff/round", "", "")
	require.Equal(t, http.StatusOK, status, text)
	status, _ = send("postman", "POST", "/v1/duties", "application/x-ndjson", "duties.ndjson")
	require.Equal(t, http.StatusForbidden, status)
}
