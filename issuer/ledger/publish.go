package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
)

// Publisher tells the locks what was withdrawn: it signs the lists that couriers carry.
// A list denies what was signed with its own key, so there is one publisher for each
// key whose grants may be in force, also after a change of keys.  Several of one key can
// work on one store.
type Publisher struct {
	Revoker *issuer.Revoker
	Store   Store
	Now     func() credential.Time // the issuer's clock
	// Longest is the longest time from issue to end of any grant of the revoker's key that
	// may be in force: the greatest LongestGrant of the key's certificates that issued
	// such grants, so after a change to a shorter one still that of the one before.  It is
	// a second at the least, and not less than the revoker's own certificate allows.  Lists deny
	// what is older than Longest, and Raise and Bystanders read no further back: where it
	// is too short, grants that stand are denied.
	Longest time.Duration
	// Patience is for how long the key may give no signature; zero stands for 30
	// seconds.  A silent key holds one goroutine for each call until it answers.
	Patience time.Duration
}

// check refuses a publisher that lacks something.
func (p *Publisher) check() error {
	if p.Revoker == nil || p.Store == nil || p.Now == nil {
		return invalid("a publisher needs a revoker, a store and a clock")
	}
	if own := p.Revoker.Authority().LongestGrant(); p.Longest < time.Second || p.Longest < own {
		return invalid("the publisher's Longest is %s, and the revoker's certificate allows grants of %s; set the longest that any certificate of the key allowed", p.Longest, own)
	}
	return nil
}

// signer returns the id of the revoker's key.
func (p *Publisher) signer() credential.KeyID { return credential.KeyIDOf(p.Revoker.PublicKey()) }

// Publish signs the list of all that is withdrawn, and posts it to the outbox, from
// where couriers take it to every lock.  The version is reserved before the key is
// asked; a version whose list is never posted is passed over, and the next Publish
// heals it.  Where another publisher was faster, its list stands, which denies
// the same and more.
//
// What was withdrawn stays denied after its end, which a lock may not know of: by name
// while there is room, and by Least for good as soon as any grant is committed more than
// Longest after it was issued.  A gap between the two is left only where more
// than 24 were withdrawn that are younger than Longest.
//
// It returns the document that it signed.  Errors: ErrFull where more than 24 grants that
// are not over are to be denied ([Publisher.Raise]); ErrClock; ErrSilent; those of the key, of the revoker's
// certificate and of the store.
func (p *Publisher) Publish(ctx context.Context) (Document, error) {
	if err := p.check(); err != nil {
		return Document{}, err
	}
	at, err := now(p.Now)
	if err != nil {
		return Document{}, err
	}
	claims, err := p.Store.NextList(ctx, p.signer(), at, p.Longest)
	if err != nil {
		return Document{}, err
	}
	d, err := p.sign(ctx, claims)
	if err != nil {
		return Document{}, fmt.Errorf("ledger: signing version %d of the list: %w", claims.Version, err)
	}
	if err := p.Store.Post(ctx, d); err != nil && !errors.Is(err, ErrSuperseded) {
		return Document{}, err
	}
	return d, nil
}

// sign asks the key for a list, and does not wait longer than Patience.
func (p *Publisher) sign(ctx context.Context, claims credential.RevocationClaims) (Document, error) {
	type signed struct {
		list []byte
		err  error
	}
	done := make(chan signed, 1)
	go func() {
		list, err := p.Revoker.Revoke(claims)
		done <- signed{list, err}
	}()
	timer := time.NewTimer(patience(p.Patience))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return Document{}, ctx.Err()
	case <-timer.C:
		return Document{}, fmt.Errorf("%w: of the key for %s; publish again when it is back", ErrSilent, patience(p.Patience))
	case s := <-done:
		if s.err != nil {
			return Document{}, s.err
		}
		u, err := credential.ParseRevocationList(s.list)
		if err != nil {
			return Document{}, err
		}
		return Document{Signer: u.Signer(), Version: claims.Version, Tag: u.Tag(), Bytes: s.list}, nil
	}
}
