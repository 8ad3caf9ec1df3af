package demo

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"slices"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/examples/operator/client"
	"github.com/postern-lock/postern/issuer/ledger"
)

// office is the dispatcher of the post, at a device of his own.
type office struct {
	street *Street
	desk   *client.Dispatcher
}

// newOffice returns the dispatcher, who trusts the server's certificate.
func newOffice(s *Street, door string, server *x509.Certificate) (office, error) {
	desk, err := client.NewDispatcher(door, s.key("dispatcher"), trusting(server))
	return office{s, desk}, err
}

// trusting returns the roots that vouch for the certificate alone.
func trusting(server *x509.Certificate) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(server)
	return pool
}

// place tells the service where the boxes are.
func (o office) place(ctx context.Context) error {
	var all []api.Box
	for _, b := range o.street.Boxes {
		all = append(all, api.Box{Lock: api.Of(b.ID), Area: api.Bytes(b.Area)})
	}
	return o.desk.Place(ctx, all)
}

// assign has the service issue the grant of the day to the postman, who fetches it
// himself.  The same day's duty gives the same grant.
func (o office) assign(ctx context.Context, postman credential.PublicKey, now time.Time) error {
	day := now.Truncate(24 * time.Hour)
	id := sha256.Sum256([]byte(Round + " " + postman.String() + " " + day.Format(time.DateOnly)))
	duty := api.Duty{
		ID: api.Of(ledger.DutyID(id[:16])), Holder: postman, Area: api.Bytes(Round), Service: api.Service(credential.ServicePost),
		Actions:   api.Actions(credential.ActionDeliver | credential.ActionCollect),
		NotBefore: credential.At(day), Expires: credential.At(day.Add(26 * time.Hour)),
	}
	var errs []error
	for line, err := range o.desk.Issue(ctx, slices.Values([]api.Duty{duty})) {
		errs = append(errs, err)
		if line.Problem != nil {
			errs = append(errs, line.Problem)
		}
	}
	return errors.Join(errs...)
}
