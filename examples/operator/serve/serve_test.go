package serve

import (
	"bufio"
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/client"
	"github.com/postern-lock/postern/issuer/issuertest"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// office is a folder with all that an operator has.
type office struct {
	t     *testing.T
	dir   string
	roots *x509.CertPool
	desk  crypto.Signer
	args  map[string]string
}

// pemOf is a key as openssl writes it.
func pemOf(key any) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: must(x509.MarshalPKCS8PrivateKey(key))})
}

func newOffice(t *testing.T) *office {
	w := issuertest.New("office")
	o := &office{t: t, dir: t.TempDir(), roots: x509.NewCertPool(), desk: w.Key("desk")}
	now := credential.At(time.Now())
	certificate := must(w.Scheme.Certify(credential.AuthorityClaims{
		Key: issuertest.Public(w.Key("post")), IssuedAt: now - 60, Expires: now + 90*issuertest.Day,
		Services: []credential.Service{credential.ServicePost}, Rights: credential.RightIssue | credential.RightRevoke | credential.RightTime,
		LongestGrant: 48 * time.Hour,
	}))
	tlsKey := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der := must(x509.CreateCertificate(rand.Reader, template, template, tlsKey.Public(), tlsKey))
	o.roots.AddCert(must(x509.ParseCertificate(der)))
	list := must(w.Scheme.Revoke(credential.RevocationClaims{IssuedAt: now, Version: 3}))
	o.args = map[string]string{
		"store": filepath.Join(o.dir, "ledger.db"), "listen": "127.0.0.1:0", "staff-listen": "127.0.0.1:0",
		"tls-cert": o.file("tls.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		"tls-key":  o.file("tls.key", pemOf(tlsKey)), "operator-key": o.file("post.key", pemOf(w.Key("post"))),
		"operator-certificate": o.file("post.certificate", certificate), "zone": "UTC", "min-area": "8", "host": "boxes.example",
		"root":        o.file("root.pub", append([]byte("# the scheme\n\n"), text(w.Scheme.PublicKey())+" of 2027\n"...)),
		"maker":       o.file("maker.certificate", w.Maker.Authority().Bytes()),
		"scheme-list": o.file("scheme.list", list),
		"dispatchers": o.file("dispatchers", []byte(text(issuertest.Public(o.desk))+"\n")),
	}
	return o
}

func text(key credential.PublicKey) string { return string(must(key.MarshalText())) }

func (o *office) file(name string, content []byte) string {
	path := filepath.Join(o.dir, name)
	require.NoError(o.t, os.WriteFile(path, content, 0o600))
	return path
}

// line is the command line.
func (o *office) line() (all []string) {
	for name, value := range o.args {
		all = append(all, "-"+name, value)
	}
	return all
}

// locked is a buffer that several write to.
type locked struct {
	sync.Mutex
	bytes.Buffer
}

func (l *locked) Write(b []byte) (int, error) {
	l.Lock()
	defer l.Unlock()
	return l.Buffer.Write(b)
}

// started runs the command until the test ends, and returns the addresses of the
// doors.
func started(t *testing.T, line []string) map[string]string {
	t.Helper()
	doors, _, end := start(t, line)
	t.Cleanup(func() { require.NoError(t, end()) })
	return doors
}

// start runs the command, and returns the addresses of the doors and what is told of
// names, the log, and what ends it.
func start(t *testing.T, line []string) (doors map[string]string, log *locked, end func() error) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	said, out := io.Pipe()
	ended := make(chan error, 1)
	log = new(locked)
	go func() {
		err := Command(ctx, line, out, log)
		out.CloseWithError(io.EOF)
		ended <- err
	}()
	lines := bufio.NewScanner(said)
	doors = make(map[string]string)
	for len(doors) < 4 && lines.Scan() {
		door, where, _ := strings.Cut(lines.Text(), ": ")
		address, names, _ := strings.Cut(where, ", ")
		doors[door], doors[door+" names"] = "https://"+address, names
	}
	if len(doors) < 4 {
		stop()
		require.NoError(t, <-ended)
	}
	return doors, log, func() error { stop(); return <-ended }
}

func TestServiceStartsServesAndEnds(t *testing.T) {
	o := newOffice(t)
	for range 2 { // the second time on the ledger of the first
		doors, log, end := start(t, o.line())
		require.Equal(t, "as https://boxes.example", doors["owners names"])
		device, err := client.NewStaff(doors["staff"], o.desk, o.roots)
		require.NoError(t, err)
		_, err = device.Round(t.Context())
		require.ErrorContains(t, err, "not-on-duty")
		response, err := http.Get("http" + strings.TrimPrefix(doors["owners"], "https") + "/healthz")
		require.NoError(t, err)
		require.Equal(t, http.StatusBadRequest, response.StatusCode, "no plain HTTP at a door with TLS")
		require.NoError(t, response.Body.Close())
		require.NoError(t, end())
		require.Contains(t, log.String(), `"route":"GET /v1/staff/round"`)
	}
}

// TestCertificateThatEndedIsTold at the start, and not first by each duty.
func TestCertificateThatEndedIsTold(t *testing.T) {
	o, w := newOffice(t), issuertest.New("office")
	_, log, end := start(t, o.line())
	require.NoError(t, end())
	require.NotContains(t, log.String(), "not in force")
	now := credential.At(time.Now())
	o.args["operator-certificate"] = o.file("ended.certificate", must(w.Scheme.Certify(credential.AuthorityClaims{
		Key: issuertest.Public(w.Key("post")), IssuedAt: now - 2*issuertest.Day, Expires: now - issuertest.Day,
		Services: []credential.Service{credential.ServicePost}, Rights: credential.RightIssue | credential.RightRevoke | credential.RightTime,
		LongestGrant: 48 * time.Hour,
	})))
	_, log, end = start(t, o.line())
	require.NoError(t, end())
	require.Contains(t, log.String(), "not in force")
}

func TestFlagThatIsMissingIsNamed(t *testing.T) {
	for _, name := range []string{"store", "tls-cert", "tls-key", "operator-key", "operator-certificate", "zone", "min-area", "host", "root"} {
		o := newOffice(t)
		delete(o.args, name)
		require.EqualError(t, Command(t.Context(), o.line(), io.Discard, io.Discard), "-"+name+" is missing")
	}
}

func TestFilesThatCannotBeUsedAreRefused(t *testing.T) {
	w := issuertest.New("office")
	rsaKey := must(rsa.GenerateKey(rand.Reader, 2048))
	for name, c := range map[string]struct {
		flag  string
		alter func(o *office, path string)
		want  string
	}{
		"operator's key that others may read": {"operator-key", func(o *office, p string) { require.NoError(t, os.Chmod(p, 0o640)) }, "chmod 600"},
		"TLS key that others may read":        {"tls-key", func(o *office, p string) { require.NoError(t, os.Chmod(p, 0o604)) }, "chmod 600"},
		"folder in place of a key":            {"operator-key", func(o *office, p string) { require.NoError(t, os.Remove(p)); require.NoError(t, os.Mkdir(p, 0o700)) }, "is no file"},
		"key that is no PEM":                  {"operator-key", func(o *office, p string) { o.file("post.key", []byte("secret")) }, "PKCS#8"},
		"RSA key":                             {"operator-key", func(o *office, p string) { o.file("post.key", pemOf(rsaKey)) }, "Ed25519"},
		"two keys":                            {"operator-key", func(o *office, p string) { o.file("post.key", append(pemOf(w.Key("post")), pemOf(w.Key("x"))...)) }, "PKCS#8"},
		"another's key":                       {"operator-key", func(o *office, p string) { o.file("post.key", pemOf(w.Key("thief"))) }, "key"},
		"certificate of another scheme":       {"root", func(o *office, p string) { o.file("root.pub", []byte(text(issuertest.Public(w.Key("x"))))) }, "issuer-unknown"},
		"root that is no key":                 {"root", func(o *office, p string) { o.file("root.pub", []byte("root")) }, "line 1"},
		"maker that is none":                  {"maker", func(o *office, p string) { o.file("maker.certificate", []byte("maker")) }, "Makers"},
		"list of another scheme":              {"scheme-list", func(o *office, p string) { o.file("scheme.list", issuertest.New("x").RevocationList(1)) }, "Lists"},
		"zone that there is not":              {"zone", func(o *office, p string) { o.args["zone"] = "Mars/Olympus" }, "-zone"},
		"host that is an address":             {"host", func(o *office, p string) { o.args["host"] = "https://post.example" }, "a name alone"},
		"receipts for no time":                {"", func(o *office, p string) { o.args["receipt-days"] = "0" }, "-receipt-days"},
		"receipts for ever":                   {"", func(o *office, p string) { o.args["receipt-days"] = "3661" }, "-receipt-days"},
		"no receipt":                          {"", func(o *office, p string) { o.args["receipts-most"] = "0" }, "ReceiptsMost"},
		"database that is none":               {"store", func(o *office, p string) { o.file("ledger.db", bytes.Repeat([]byte("x"), 5000)) }, "sqlstore"},
		"argument behind the flags":           {"", func(o *office, p string) { o.args["host"] = "h"; o.args["zone"] = "UTC" }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			c.alter(o, o.args[c.flag])
			line := o.line()
			if c.want == "" {
				line, c.want = append(line, "more"), `"more" is no flag`
			}
			err := Command(t.Context(), line, io.Discard, io.Discard)
			require.ErrorContains(t, err, c.want)
			require.NotContains(t, err.Error(), "secret")
		})
	}
}
