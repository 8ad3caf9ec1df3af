package demo

import (
	"context"
	"crypto/x509"
	"errors"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/examples/operator/client"
)

// postman walks the round of the post, with a device of his own.
type postman struct {
	*visitor
	device *client.Staff
	office office
}

// newPostman returns the postman, who trusts the server's certificate.
func newPostman(o office, door string, server *x509.Certificate) (*postman, error) {
	key := o.street.key("postman")
	device, err := client.NewStaff(door, key, trusting(server))
	if err != nil {
		return nil, err
	}
	v, err := newVisitor(o.street, key)
	return &postman{v, device, o}, err
}

// walk is a postman's morning: fetch the round, visit every box, bring home what
// the boxes gave.
func (p *postman) walk(ctx context.Context) (Walk, error) {
	now := p.street.Clock.Now()
	walk := Walk{At: now.Unix()}
	if err := p.office.assign(ctx, p.phone.Key.PublicKey(), now); err != nil {
		return walk, err
	}
	round, err := p.device.Round(ctx)
	if err != nil {
		return walk, err
	}
	if len(round.Grants) == 0 {
		return walk, errors.New("demo: the service has no grant for the postman")
	}
	l := p.pack(round)
	home := bag{street: p.street, locks: p.phone.Locks, round: round}
	for _, b := range p.street.Boxes {
		result, visit, err := p.visit(ctx, b, l)
		if err != nil {
			return walk, err
		}
		walk.Visits = append(walk.Visits, visit)
		home.put(b, result)
	}
	return walk, home.empty(ctx, p.device)
}

// pack puts into the phone what the service gave.
func (p *postman) pack(round api.Round) load {
	l := load{
		grant: round.Grants[len(round.Grants)-1], documents: map[credential.LockID][][]byte{}, logs: map[credential.LockID]bool{},
		live: p.device.LiveTime,
	}
	for _, a := range round.Authorities {
		l.authorities = append(l.authorities, a)
	}
	for _, list := range round.Lists {
		l.lists = append(l.lists, list)
	}
	for _, policy := range round.Policies {
		l.documents[policy.Lock.Value] = append(l.documents[policy.Lock.Value], policy.Document)
	}
	for _, lock := range round.Logs {
		l.logs[lock.Value] = true
	}
	return l
}

// bag is what a postman brings home.
type bag struct {
	street *Street
	locks  holder.Memory
	round  api.Round

	deliveries []api.Delivery
	logs       []api.Log
	receipts   []api.Receipt
}

// put puts into the bag what came of a visit.
func (g *bag) put(b *Box, r holder.Result) {
	for _, d := range r.Documents {
		if d.Reason != credential.ReasonNone && d.Reason != credential.ReasonSuperseded {
			continue
		}
		for _, policy := range g.round.Policies {
			if string(policy.Document) == string(d.Document) {
				g.deliveries = append(g.deliveries, api.Delivery{Lock: policy.Lock, Tag: policy.Tag})
			}
		}
	}
	if len(r.LogPages) > 0 {
		log := api.Log{Lock: api.Of(b.ID)}
		for _, page := range r.LogPages {
			log.Pages = append(log.Pages, page)
		}
		g.logs = append(g.logs, log)
	}
	if known, ok := g.locks.Recall(b.ID); ok && r.Receipt != nil && r.Receipt.Verified {
		statement := api.Receipt{Receipt: r.Receipt.Bytes, Certificates: []api.Bytes{g.street.Maker.Authority().Bytes()}}
		for _, c := range known.Certificates {
			statement.Certificates = append(statement.Certificates, c)
		}
		g.receipts = append(g.receipts, statement)
	}
}

// empty gives the service what is in the bag.  What has a problem there, such as
// pages that nobody waits for any more, is dropped as a device does.
func (g *bag) empty(ctx context.Context, device *client.Staff) error {
	var errs []error
	if len(g.deliveries) > 0 {
		_, err := device.Deliver(ctx, g.deliveries)
		errs = append(errs, err)
	}
	if len(g.logs) > 0 {
		_, err := device.BringPages(ctx, g.logs)
		errs = append(errs, err)
	}
	if len(g.receipts) > 0 {
		_, err := device.BringReceipts(ctx, g.receipts)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
