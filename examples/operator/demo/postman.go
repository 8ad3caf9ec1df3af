package demo

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
)

// office sends the postman out: the dispatcher of the post, by his own device.
type office struct {
	client
	street *Street
}

// place tells the service where the boxes are.
func (o office) place(ctx context.Context) error {
	type box struct {
		Lock string `json:"lock"`
		Area Bytes  `json:"area"`
	}
	var all []box
	for _, b := range o.street.Boxes {
		all = append(all, box{b.ID.String(), Bytes(b.Area)})
	}
	return o.ask(ctx, "POST", "/v1/boxes", map[string]any{"boxes": all}, nil)
}

// assign has the service issue the grant of the day to the postman, who fetches it
// himself.  The same day's duty gives the same grant.
func (o office) assign(ctx context.Context, postman credential.PublicKey, now time.Time) error {
	day := now.Truncate(24 * time.Hour)
	id := sha256.Sum256([]byte(Round + " " + postman.String() + " " + day.Format(time.DateOnly)))
	line, err := json.Marshal(map[string]any{
		"id": hex.EncodeToString(id[:16]), "holder": postman, "area": Bytes(Round), "service": "post", "actions": []string{"deliver", "collect"},
		"notBefore": day.Unix(), "expires": day.Add(26 * time.Hour).Unix(),
	})
	if err != nil {
		return err
	}
	return o.send(ctx, "POST", "/v1/duties", "application/x-ndjson", append(line, '\n'), nil)
}

// postman walks the round of the post.
type postman struct {
	client
	*visitor
	office office
}

// walk is a postman's morning: fetch the round, visit every box, bring home what
// the boxes gave.
func (p *postman) walk(ctx context.Context) (Walk, error) {
	walk := Walk{At: p.street.Clock.Now().Unix()}
	if err := p.office.assign(ctx, p.phone.Key.PublicKey(), p.street.Clock.Now()); err != nil {
		return walk, err
	}
	var r round
	if err := p.ask(ctx, "GET", "/v1/staff/round", nil, &r); err != nil {
		return walk, err
	}
	l, err := p.pack(r)
	if err != nil {
		return walk, err
	}
	home := bag{street: p.street, locks: p.phone.Locks, round: r}
	for _, b := range p.street.Boxes {
		result, visit, err := p.visit(ctx, b, l)
		if err != nil {
			return walk, err
		}
		walk.Visits = append(walk.Visits, visit)
		home.put(b, result)
	}
	return walk, home.empty(ctx, p.client)
}

// pack puts into the phone what the service gave.
func (p *postman) pack(r round) (load, error) {
	if len(r.Grants) == 0 {
		return load{}, errors.New("demo: the service has no grant for the postman")
	}
	l := load{grant: r.Grants[len(r.Grants)-1], documents: map[credential.LockID][][]byte{}, logs: map[credential.LockID]bool{}, live: p.live}
	for _, a := range r.Authorities {
		l.authorities = append(l.authorities, a)
	}
	for _, list := range r.Lists {
		l.lists = append(l.lists, list)
	}
	for _, d := range r.Policies {
		id, err := credential.ParseLockID(d.Lock)
		if err != nil {
			return l, err
		}
		l.documents[id] = append(l.documents[id], d.Document)
	}
	for _, name := range r.Logs {
		id, err := credential.ParseLockID(name)
		if err != nil {
			return l, err
		}
		l.logs[id] = true
	}
	return l, nil
}

// live has the service sign the time over a lock's nonce.
func (p *postman) live(ctx context.Context, nonce [16]byte) ([]byte, error) {
	var token struct{ Token Bytes }
	err := p.ask(ctx, "POST", "/v1/staff/time", map[string]string{"nonce": base64.RawURLEncoding.EncodeToString(nonce[:])}, &token)
	return token.Token, err
}

// bag is what a postman brings home.
type bag struct {
	street *Street
	locks  holder.Memory
	round  round

	deliveries []delivery
	logs       []pages
	receipts   []receipt
}

// put puts into the bag what came of a visit.
func (g *bag) put(b *Box, r holder.Result) {
	for _, d := range r.Documents {
		if d.Reason != credential.ReasonNone && d.Reason != credential.ReasonSuperseded {
			continue
		}
		for _, policy := range g.round.Policies {
			if string(policy.Document) == string(d.Document) {
				g.deliveries = append(g.deliveries, delivery{policy.Lock, policy.Tag})
			}
		}
	}
	if len(r.LogPages) > 0 {
		log := pages{Lock: b.ID.String()}
		for _, page := range r.LogPages {
			log.Pages = append(log.Pages, page)
		}
		g.logs = append(g.logs, log)
	}
	if known, ok := g.locks.Recall(b.ID); ok && r.Receipt != nil && r.Receipt.Verified {
		statement := receipt{Receipt: r.Receipt.Bytes, Certificates: []Bytes{g.street.Maker.Authority().Bytes()}}
		for _, c := range known.Certificates {
			statement.Certificates = append(statement.Certificates, c)
		}
		g.receipts = append(g.receipts, statement)
	}
}

// empty gives the service what is in the bag.
func (g *bag) empty(ctx context.Context, c client) error {
	var errs []error
	if len(g.deliveries) > 0 {
		errs = append(errs, c.ask(ctx, "POST", "/v1/staff/deliveries", map[string]any{"deliveries": g.deliveries}, nil))
	}
	if len(g.logs) > 0 {
		errs = append(errs, c.ask(ctx, "POST", "/v1/staff/pages", map[string]any{"logs": g.logs}, nil))
	}
	if len(g.receipts) > 0 {
		errs = append(errs, c.ask(ctx, "POST", "/v1/staff/receipts", map[string]any{"receipts": g.receipts}, nil))
	}
	return errors.Join(errs...)
}
