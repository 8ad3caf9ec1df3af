package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/demo"
	"github.com/postern-lock/postern/examples/operator/page"
	"github.com/postern-lock/postern/examples/operator/service"
	"github.com/postern-lock/postern/examples/operator/sqlstore"
	"github.com/postern-lock/postern/issuer"
)

// options are what the command line says.
type options struct {
	address string // of the owner's page
	folder  string
	store   string       // of PostgreSQL; empty is SQLite in the folder
	say     func(string) // tells what takes its time
}

// started is everything that runs.
type started struct {
	Page    string // address of the owner's page
	street  *demo.Street
	servers map[*http.Server]net.Listener
	place   func(context.Context) error // tells the service where the boxes are
	store   *sqlstore.Store
	folder  *os.File // held for as long as it runs
}

// grace is how long requests under way may take at the end.
const grace = 5 * time.Second

var errLoopback = errors.New("the street tells its secrets to whoever asks, so it listens on this machine alone: choose 127.0.0.1 or [::1]")

// open makes everything ready, and builds the owner's phone first.
func open(ctx context.Context, o options) (*started, error) {
	if err := os.MkdirAll(o.folder, 0o700); err != nil {
		return nil, err
	}
	phone, err := page.Load(ctx, o.folder, o.say)
	if err != nil {
		return nil, err
	}
	return openWith(ctx, o, phone)
}

// openWith makes everything else ready: the street, the ledger, the service with
// its two doors, and the page.
func openWith(ctx context.Context, o options, phone page.Phone) (*started, error) {
	folder, err := hold(o.folder)
	if err != nil {
		return nil, err
	}
	s := &started{folder: folder, servers: map[*http.Server]net.Listener{}}
	if err := s.found(ctx, o, phone); err != nil {
		return nil, errors.Join(err, folder.Close())
	}
	return s, nil
}

// found opens the street in the folder, and the doors.
func (s *started) found(ctx context.Context, o options, phone page.Phone) error {
	var err error
	if s.street, err = demo.Open(o.folder); err != nil {
		return err
	}
	owners, err := loopback(o.address)
	if err != nil {
		return err
	}
	staff, err := loopback("127.0.0.1:0")
	if err != nil {
		return errors.Join(err, owners.Close())
	}
	s.Page = "http://" + owners.Addr().String() + "/"
	err = s.build(ctx, o, phone, owners, staff)
	if err == nil {
		return nil
	}
	if s.store != nil {
		err = errors.Join(err, s.store.Close())
	}
	return errors.Join(err, owners.Close(), staff.Close())
}

// loopback listens on an address of this machine, and on no other.
func loopback(address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("%s: %w", address, errLoopback)
	}
	return net.Listen("tcp", address)
}

// build puts the parts together.
func (s *started) build(ctx context.Context, o options, phone page.Phone, owners, staff net.Listener) error {
	dsn := o.store
	if dsn == "" {
		dsn = filepath.Join(o.folder, "ledger.sqlite")
	}
	street := s.street
	var err error
	if s.store, err = sqlstore.Open(ctx, dsn); err != nil {
		return err
	}
	quiet := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	hosts := names(owners)
	svc, err := s.service(hosts, quiet)
	if err != nil {
		return err
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	own, err := demo.ServerCertificate(key, net.IPv4(127, 0, 0, 1))
	if err != nil {
		return err
	}
	door := service.NewServer(svc.Staff(), service.StaffTLS(own), quiet)
	s.servers[door] = staff
	lively, err := street.Live("https://"+staff.Addr().String(), own.Leaf)
	if err != nil {
		return err
	}
	s.place = lively.Place
	pages, err := page.NewHandler(page.Config{Phone: phone, Demo: true, Trust: page.Trust{
		Roots: []credential.PublicKey{street.Scheme}, Makers: [][]byte{street.Maker.Authority().Bytes()},
	}})
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/v1/", svc.Owners())
	mux.Handle("/healthz", svc.Owners())
	mux.Handle("/demo/", lively.Routes())
	mux.Handle("/", pages)
	s.servers[service.NewServer(ours(hosts, mux), nil, quiet)] = owners
	return nil
}

// service returns the post's service.
func (s *started) service(hosts []string, log *slog.Logger) (*service.Service, error) {
	street := s.street
	revoker, err := issuer.NewRevoker(street.PostKey, street.Post.Authority())
	if err != nil {
		return nil, err
	}
	clock, err := issuer.NewTimeSource(street.PostKey, street.Post.Authority())
	if err != nil {
		return nil, err
	}
	return service.New(service.Config{
		Store: s.store, Book: s.store.Book(), Operator: street.Post, MinArea: len(demo.Round), Revoker: revoker, Time: clock, Offset: offset,
		Roots: []credential.PublicKey{street.Scheme}, Makers: [][]byte{street.Maker.Authority().Bytes()},
		ReceiptsFor: 30 * 24 * time.Hour, ReceiptsMost: 10_000,
		Hosts: hosts, Dispatchers: []credential.PublicKey{street.Dispatcher}, Now: street.Clock.Now, Log: log,
	})
}

// offset is what this machine's local time is ahead of UTC, in minutes.
func offset(at credential.Time) int16 {
	_, seconds := at.Time().Local().Zone()
	return int16(seconds / 60)
}

// names are those under which the page may be asked for.
func names(l net.Listener) []string {
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return []string{l.Addr().String(), net.JoinHostPort("localhost", port)}
}

// ours refuses what another site's page sends, and what came under a foreign name,
// and has browsers keep the answers from other sites: the street is behind no
// password.
func ours(hosts []string, next http.Handler) http.Handler {
	guarded := http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		for _, host := range hosts {
			if r.Host == host {
				guarded.ServeHTTP(w, r)
				return
			}
		}
		http.Error(w, "ask for the page under its own name", http.StatusMisdirectedRequest)
	})
}

// serve answers until the context ends; ready is called when everything works.
func (s *started) serve(ctx context.Context, ready func()) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- service.Run(ctx, grace, s.servers) }()
	err := s.place(ctx)
	if err == nil {
		ready()
	} else {
		stop()
	}
	return errors.Join(err, <-ended, s.store.Close(), s.folder.Close())
}
