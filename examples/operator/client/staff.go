package client

import (
	"context"
	"crypto"
	"crypto/x509"
	"fmt"

	"github.com/postern-lock/postern/examples/operator/api"
)

// Staff is a device of the staff.
type Staff struct{ connection }

// NewStaff returns the device with the key, to which the operator grants.  Base is
// the address of the staff's door, such as https://boxes.example:8443.  Roots are who
// vouches for the service's certificate; nil stands for those of the system.
func NewStaff(base string, key crypto.Signer, roots *x509.CertPool) (*Staff, error) {
	h, err := certified(key, roots)
	if err != nil {
		return nil, err
	}
	return &Staff{connection{base: base, http: h}}, nil
}

// Round fetches the grants in force, and what to take along.
func (s *Staff) Round(ctx context.Context) (api.Round, error) {
	var r api.Round
	err := s.ask(ctx, "GET", "/v1/staff/round", nil, &r)
	return r, err
}

// Deliver says which policies the device delivered, at most 1024, and returns how
// many of them it will not be asked to carry again.  A receipt says more: it shows
// to everybody that the lock holds a policy.  So bring both.
func (s *Staff) Deliver(ctx context.Context, d []api.Delivery) (int, error) {
	var done api.Noted
	err := s.ask(ctx, "POST", "/v1/staff/deliveries", api.Deliveries{Deliveries: d}, &done)
	return done.Noted, err
}

// BringPages brings sealed pages of at most 64 locks, and returns what became of
// each lock's.  A device drops what was kept, and what has a problem.
func (s *Staff) BringPages(ctx context.Context, logs []api.Log) ([]api.Outcome, error) {
	return s.bring(ctx, "/v1/staff/pages", api.Logs{Logs: logs}, len(logs))
}

// BringReceipts brings at most 64 receipts, and returns what became of each.
func (s *Staff) BringReceipts(ctx context.Context, receipts []api.Receipt) ([]api.Outcome, error) {
	return s.bring(ctx, "/v1/staff/receipts", api.Receipts{Receipts: receipts}, len(receipts))
}

func (s *Staff) bring(ctx context.Context, path string, body any, n int) ([]api.Outcome, error) {
	var o api.Outcomes
	if err := s.ask(ctx, "POST", path, body, &o); err != nil {
		return nil, err
	}
	if len(o.Outcomes) != n {
		return nil, fmt.Errorf("%w: it tells of %d parts, and %d were sent", ErrAnswer, len(o.Outcomes), n)
	}
	return o.Outcomes, nil
}

// LiveTime has the time signed over the nonce of a lock.  It is for Phone.Live of
// package holder; the certificates of who signed are those of the round.
func (s *Staff) LiveTime(ctx context.Context, nonce [16]byte) ([]byte, error) {
	var t api.Token
	err := s.ask(ctx, "POST", "/v1/staff/time", api.Nonce{Nonce: nonce[:]}, &t)
	return t.Token, err
}
