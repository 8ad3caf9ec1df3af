// Package serve is the command "operator serve": the service as an operator runs
// it, with keys and certificates in files, its ledger in SQLite or PostgreSQL, and
// TLS at both doors.
//
// A key in a hardware module takes the place of keyFile by a few lines: see
// README.md.
package serve

import (
	"context"
	"crypto"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/service"
	"github.com/postern-lock/postern/examples/operator/sqlstore"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/issuer/ledger"
)

// grace is how long requests that are under way may take when the service ends.
const grace = 20 * time.Second

// options are the flags.
type options struct {
	store                  string
	owners, staff          string
	certificate, key       string
	operatorKey, authority string
	zone                   string
	minArea                int
	longest                time.Duration
	receiptDays            int
	receiptsMost           int
	hosts, roots           names
	makers, lists          names
	dispatchers            names
}

func (o *options) flags() *flag.FlagSet {
	f := flag.NewFlagSet("operator serve", flag.ContinueOnError)
	f.StringVar(&o.store, "store", "", "`database`: the name of a SQLite file, or postgres://user@host/name")
	f.StringVar(&o.owners, "listen", ":443", "`address` of the owners' door")
	f.StringVar(&o.staff, "staff-listen", ":8443", "`address` of the door for devices of the staff and dispatchers")
	f.StringVar(&o.certificate, "tls-cert", "", "`file` with the service's TLS certificates, PEM")
	f.StringVar(&o.key, "tls-key", "", "`file` with the key of the TLS certificate, PEM, mode 600")
	f.StringVar(&o.operatorKey, "operator-key", "", "`file` with the operator's key, PKCS#8 in PEM, mode 600")
	f.StringVar(&o.authority, "operator-certificate", "", "`file` with the operator's certificate: rights issue, revoke and time")
	f.StringVar(&o.zone, "zone", "", "`name` of the region's time zone, such as Europe/Paris")
	f.IntVar(&o.minArea, "min-area", 0, "`bytes` of the shortest code of a round; no grant is for a wider area")
	f.DurationVar(&o.longest, "longest", 0, "longest grant of the operator's certificate before this one, such as 84h, until all of its grants are over, where it allowed longer ones")
	f.IntVar(&o.receiptDays, "receipt-days", 90, "`days` for which receipts are kept for the audit")
	f.IntVar(&o.receiptsMost, "receipts-most", 10_000_000, "`number` of receipts that are kept at most, of about 1 KB each")
	f.Var(&o.hosts, "host", "`name` under which owners reach the service, with the port where it is not 443; can come again")
	f.Var(&o.roots, "root", "`file` with public keys of schemes, one a line; can come again")
	f.Var(&o.makers, "maker", "`file` with a manufacturer's certificate; can come again")
	f.Var(&o.lists, "scheme-list", "`file` with a scheme's newest revocation list, which couriers take to all locks; can come again")
	f.Var(&o.dispatchers, "dispatchers", "`file` with public keys of those who issue, one a line; can come again")
	return f
}

// check names the first flag that is missing, or cannot be meant.
func (o *options) check() error {
	for _, host := range o.hosts {
		if strings.ContainsAny(host, "/ ") {
			return fmt.Errorf("-host %s: a name alone, such as post.example or localhost:8442", host)
		}
	}
	for _, need := range []struct {
		flag    string
		missing bool
	}{
		{"store", o.store == ""}, {"tls-cert", o.certificate == ""}, {"tls-key", o.key == ""},
		{"operator-key", o.operatorKey == ""}, {"operator-certificate", o.authority == ""},
		{"zone", o.zone == ""}, {"min-area", o.minArea == 0}, {"host", len(o.hosts) == 0}, {"root", len(o.roots) == 0},
	} {
		if need.missing {
			return fmt.Errorf("-%s is missing", need.flag)
		}
	}
	if o.receiptDays < 1 || o.receiptDays > 3660 {
		return fmt.Errorf("-receipt-days: %d, want 1 to 3660", o.receiptDays)
	}
	return nil
}

// Command runs the service by command-line arguments until the context ends.  It
// tells on out when it listens, and logs to log, as JSON.
func Command(ctx context.Context, args []string, out, log io.Writer) (err error) {
	var o options
	f := o.flags()
	f.SetOutput(out)
	if err := f.Parse(args); err != nil {
		return err
	}
	if f.NArg() > 0 {
		return fmt.Errorf("%q is no flag", f.Arg(0))
	}
	if err := o.check(); err != nil {
		return err
	}
	store, err := sqlstore.Open(ctx, o.store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	l := slog.New(slog.NewJSONHandler(log, nil))
	s, err := o.service(ctx, store, l)
	if err != nil {
		return err
	}
	servers, err := o.servers(ctx, s, l)
	if err != nil {
		return err
	}
	o.tell(out, servers)
	ctx, stop := context.WithCancel(ctx)
	tick := time.NewTicker(time.Hour)
	var pruning sync.WaitGroup
	pruning.Go(func() { s.Prune(ctx, tick.C) })
	defer func() { stop(); pruning.Wait(); tick.Stop() }() // before the store is closed
	return service.Run(ctx, grace, servers)
}

// tell tells where the doors listen, the owners' first, and by which names owners reach
// theirs.
func (o *options) tell(out io.Writer, servers map[*http.Server]net.Listener) {
	var owners, staff net.Addr
	for server, listener := range servers {
		if server.TLSConfig.ClientAuth == tls.NoClientCert {
			owners = listener.Addr()
		} else {
			staff = listener.Addr()
		}
	}
	fmt.Fprintf(out, "owners: %s, as https://%s\nstaff: %s\n", owners, strings.Join(o.hosts, " and https://"), staff)
}

// service makes the service from files.
func (o *options) service(ctx context.Context, store *sqlstore.Store, l *slog.Logger) (*service.Service, error) {
	zone, err := time.LoadLocation(o.zone)
	if err != nil {
		return nil, fmt.Errorf("-zone: %w", err)
	}
	c := service.Config{
		Store: store, Book: store.Book(), MinArea: o.minArea, Longest: o.longest, Hosts: o.hosts, Now: time.Now, Log: l,
		ReceiptsFor: time.Duration(o.receiptDays) * 24 * time.Hour, ReceiptsMost: o.receiptsMost,
		Offset: func(at credential.Time) int16 {
			_, seconds := at.Time().In(zone).Zone()
			return int16(seconds / 60)
		},
	}
	if c.Roots, err = keysIn(o.roots); err != nil {
		return nil, fmt.Errorf("-root: %w", err)
	}
	if c.Dispatchers, err = keysIn(o.dispatchers); err != nil {
		return nil, fmt.Errorf("-dispatchers: %w", err)
	}
	if c.Makers, err = readAll(o.makers); err != nil {
		return nil, fmt.Errorf("-maker: %w", err)
	}
	if c.Lists, err = readAll(o.lists); err != nil {
		return nil, fmt.Errorf("-scheme-list: %w", err)
	}
	key, err := keyFile(o.operatorKey)
	if err != nil {
		return nil, fmt.Errorf("-operator-key: %w", err)
	}
	if err := o.sign(&c, key); err != nil {
		return nil, err
	}
	s, err := service.New(c)
	if err != nil {
		return nil, err
	}
	return s, post(ctx, store, c.Lists)
}

// sign gives the service its key.
func (o *options) sign(c *service.Config, key crypto.Signer) error {
	authority, err := authorityIn(o.authority, c.Roots)
	if err != nil {
		return fmt.Errorf("-operator-certificate: %w", err)
	}
	if c.Operator, err = issuer.NewOperator(key, authority); err != nil {
		return fmt.Errorf("-operator-certificate: %w", err)
	}
	if c.Revoker, err = issuer.NewRevoker(key, authority); err != nil {
		return fmt.Errorf("-operator-certificate: %w", err)
	}
	if c.Time, err = issuer.NewTimeSource(key, authority); err != nil {
		return fmt.Errorf("-operator-certificate: %w", err)
	}
	// It starts all the same: what was granted can still be withdrawn.
	if err := authority.Covers(credential.At(c.Now())); err != nil {
		c.Log.Warn("the operator's certificate is not in force: nothing can be issued", "cause", err.Error())
	}
	return nil
}

// post leaves the schemes' lists, which the service has verified, for the couriers.
// One that is older than what they carry already stays where it is.
func post(ctx context.Context, store ledger.Store, lists [][]byte) error {
	for _, b := range lists {
		u, err := credential.ParseRevocationList(b)
		if err != nil {
			return err
		}
		err = store.Post(ctx, ledger.Document{Signer: u.Signer(), Version: u.Claims.Version, Tag: u.Tag(), Bytes: b})
		if err != nil && !errors.Is(err, ledger.ErrSuperseded) {
			return err
		}
	}
	return nil
}

// own reads the service's TLS certificate and its key.
func (o *options) own() (tls.Certificate, error) {
	key, err := privateFile(o.key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("-tls-key: %w", err)
	}
	defer clear(key)
	certificate, err := os.ReadFile(o.certificate)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("-tls-cert: %w", err)
	}
	own, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return own, fmt.Errorf("-tls-cert, -tls-key: %w", err)
	}
	return own, nil
}

// servers opens both doors.
func (o *options) servers(ctx context.Context, s *service.Service, l *slog.Logger) (map[*http.Server]net.Listener, error) {
	own, err := o.own()
	if err != nil {
		return nil, err
	}
	var listening net.ListenConfig
	owners, err := listening.Listen(ctx, "tcp", o.owners)
	if err != nil {
		return nil, err
	}
	staff, err := listening.Listen(ctx, "tcp", o.staff)
	if err != nil {
		return nil, errors.Join(err, owners.Close())
	}
	return map[*http.Server]net.Listener{
		service.NewServer(s.Owners(), service.OwnerTLS(own), l): owners,
		service.NewServer(s.Staff(), service.StaffTLS(own), l):  staff,
	}, nil
}
