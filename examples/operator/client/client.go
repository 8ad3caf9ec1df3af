// Package client asks an operator's service: [Staff] for devices of the staff,
// [Owner] for owners' apps, also in a browser, and [Dispatcher] for whoever has
// grants issued.
package client

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"strings"
	"time"

	"github.com/postern-lock/postern/examples/operator/api"
)

// maxAnswer is how many bytes of an answer are read at most: a round of 4096 boxes.
const maxAnswer = 16 << 20

// ErrAnswer says that an answer is none of an operator's service.
var ErrAnswer = errors.New("client: the answer is none of an operator's service")

// certified returns an HTTP client that connects with a certificate of the key,
// and takes a server whose certificate one of the roots vouches for; nil stands for those of the system.
func certified(key crypto.Signer, roots *x509.CertPool) (*http.Client, error) {
	certificate, err := certificateOf(key)
	if err != nil {
		return nil, err
	}
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS13, RootCAs: roots, Certificates: []tls.Certificate{certificate}},
		ForceAttemptHTTP2:     true,
		ResponseHeaderTimeout: time.Minute,
	}}, nil
}

// certificateOf returns a certificate that a key signs for itself.  It says nothing
// but the key: the service looks at nothing else.
func certificateOf(key crypto.Signer) (tls.Certificate, error) {
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("client: certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// connection is how requests are sent.
type connection struct {
	base string
	http *http.Client
	sign func(*http.Request, []byte) error // nil where the connection itself tells who asks
}

// url returns the address of a path.
func (c *connection) url(path string) string { return strings.TrimSuffix(c.base, "/") + path }

// ask sends one request and reads the answer, where one is wanted.  An error that
// the service told is a *api.Problem.
func (c *connection) ask(ctx context.Context, method, path string, body, answer any) error {
	var raw []byte
	if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			return fmt.Errorf("client: %w", err)
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, c.url(path), bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("client: %w", err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.sign != nil {
		if err := c.sign(r, raw); err != nil {
			return fmt.Errorf("client: sign: %w", err)
		}
	}
	w, err := c.http.Do(r)
	if err != nil {
		return fmt.Errorf("client: %w", err)
	}
	defer w.Body.Close()
	if w.StatusCode >= http.StatusBadRequest {
		return problemIn(w)
	}
	if answer == nil {
		return nil
	}
	read, err := io.ReadAll(io.LimitReader(w.Body, maxAnswer+1))
	switch {
	case err != nil:
		return fmt.Errorf("client: %w", err)
	case len(read) > maxAnswer:
		return fmt.Errorf("%w: it has more than %d bytes", ErrAnswer, maxAnswer)
	}
	if err := json.Unmarshal(read, answer); err != nil {
		return fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	return nil
}

// problemIn reads the problem of an answer.
func problemIn(w *http.Response) error {
	var p api.Problem
	err := json.NewDecoder(io.LimitReader(w.Body, 64<<10)).Decode(&p)
	if err != nil || p.Type == "" {
		return fmt.Errorf("%w: status %d", ErrAnswer, w.StatusCode)
	}
	return &p
}
