package service

import (
	"context"
	"crypto/tls"
	"errors"
	"log"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"golang.org/x/net/netutil"
)

// Bounds of a connection.
const (
	headerTimeout = 5 * time.Second  // for the header to come
	bodyTimeout   = 20 * time.Second // for a request to come whole
	writeTimeout  = 60 * time.Second // for an answer, but for streams
	idleTimeout   = 30 * time.Second // between requests
	headerBytes   = 8 << 10
	streams       = 32   // of one HTTP/2 connection
	connections   = 2048 // of one listener at once; others wait
)

// NewServer returns a server for a door with its bounds set.  The configuration of
// TLS is OwnerTLS or StaffTLS; nil for a server behind a proxy on the same machine, which no
// device of the staff can reach, since its key is in the certificate.
func NewServer(door http.Handler, t *tls.Config, l *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           door,
		TLSConfig:         t,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       bodyTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    headerBytes,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: streams},
		ErrorLog:          log.New(addressless{l}, "", 0),
	}
}

// OwnerTLS is the configuration of the owners' door, in TLS 1.3.
func OwnerTLS(certificate tls.Certificate) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS13, NextProtos: []string{"h2", "http/1.1"}}
}

// StaffTLS is the configuration of the staff's door, in TLS 1.3.  A client has to
// prove that it holds the key of a certificate; who signed that, for whom and until when does
// not matter.
func StaffTLS(certificate tls.Certificate) *tls.Config {
	t := OwnerTLS(certificate)
	t.ClientAuth = tls.RequireAnyClientCert
	t.VerifyConnection = func(s tls.ConnectionState) error {
		_, err := clientKey(&s)
		return err
	}
	return t
}

// Run serves on the listeners, with a bounded number of connections each, until the context ends, and then lets requests that
// are under way come to their end, for at most the grace.  The error is nil where
// all did.
func Run(ctx context.Context, grace time.Duration, servers map[*http.Server]net.Listener) error {
	return run(ctx, grace, servers, connections)
}

func run(ctx context.Context, grace time.Duration, servers map[*http.Server]net.Listener, connections int) error {
	done := make(chan error, len(servers))
	for server, listener := range servers {
		go func() {
			if server.TLSConfig != nil {
				done <- server.ServeTLS(netutil.LimitListener(listener, connections), "", "")
				return
			}
			done <- server.Serve(netutil.LimitListener(listener, connections))
		}()
	}
	var failed error
	select {
	case <-ctx.Done():
	case failed = <-done:
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	for server := range servers {
		if err := server.Shutdown(last); err != nil {
			failed = errors.Join(failed, err, server.Close())
		}
	}
	return failed
}

// addressless writes what the HTTP server has to say to the log, without what
// follows: addresses, and bytes that a client chose.
type addressless struct{ log *slog.Logger }

func (a addressless) Write(line []byte) (int, error) {
	what := string(line)
	for _, prefix := range []string{"http: ", "http2: "} {
		what = strings.TrimPrefix(what, prefix)
	}
	for _, behind := range []string{" from ", " serving ", ":", "\n"} {
		what, _, _ = strings.Cut(what, behind)
	}
	a.log.Warn("connection", "what", what)
	return len(line), nil
}
