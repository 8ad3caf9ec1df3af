package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
)

// Publisher tells the locks what was withdrawn: it signs the lists that couriers carry.
// Several of them can work on one store.
type Publisher struct {
	Revoker *issuer.Revoker
	Store   Store
	Now     func() credential.Time // the issuer's clock
	// Longest is the longest time from issue to end of any grant that was signed with the
	// revoker's key.  It bounds how far back Raise and Bystanders read; zero lets
	// them read the whole ledger.
	Longest time.Duration
	// Patience is for how long the key may give no signature; zero stands for 30
	// seconds.
	Patience time.Duration
}

// check refuses a publisher that lacks something.
func (p *Publisher) check() error {
	if p.Revoker == nil || p.Store == nil || p.Now == nil {
		return invalid("a publisher needs a revoker, a store and a clock")
	}
	return nil
}

// signer returns the id of the revoker's key.
func (p *Publisher) signer() credential.KeyID { return credential.KeyIDOf(p.Revoker.PublicKey()) }

// Publish signs the list of all that is withdrawn now, and posts it to the outbox, from
// where couriers take it to every lock.  The version is reserved before the key is
// asked; a version whose list is never posted is passed over, and the next Publish
// heals it.  Where another publisher was faster, its list stands, which denies
// the same and more.
//
// It returns the document that it signed.  Errors: ErrFull where more than 24 grants are to
// be denied ([Publisher.Raise]); ErrClock; ErrSilent; those of the key, of the revoker's
// certificate and of the store.
func (p *Publisher) Publish(ctx context.Context) (Document, error) {
	if err := p.check(); err != nil {
		return Document{}, err
	}
	at, err := now(p.Now)
	if err != nil {
		return Document{}, err
	}
	claims, err := p.Store.NextList(ctx, p.signer(), at)
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

// keep is how many of the newest withdrawn grants stay named when Least is raised, so
// that as many more can be withdrawn before it has to be raised again.
const keep = maxDenied / 2

// Raise makes room where more grants are withdrawn than a list can name: it raises Least
// (section 18.8) so far that the 12 newest stay named.  All that the key signed
// before is denied then, also what nobody meant: count of those bystanders stood.  They
// are issued again from [Publisher.Bystanders], and then Publish makes it known; a call
// in between would let them stand at the doors.  Where there is room, nothing is
// raised, and least is zero.
//
// The fewer grants a key signs at one time, the fewer bystanders there are: a day's
// grants that are signed within one minute fall together.
//
// The error is ErrFull where those withdrawn were issued in this very second.
func (p *Publisher) Raise(ctx context.Context) (least credential.Time, count int, err error) {
	if err := p.check(); err != nil {
		return 0, 0, err
	}
	at, err := now(p.Now)
	if err != nil {
		return 0, 0, err
	}
	if _, err := p.Store.NextList(ctx, p.signer(), at); !errors.Is(err, ErrFull) {
		return 0, 0, err
	}
	var issued []credential.Time // of what was withdrawn by name, and is not over
	for r, err := range p.inForce(ctx, at) {
		if err != nil {
			return 0, 0, err
		}
		if r.Withdrawn != 0 && !r.Bystander {
			issued = append(issued, r.IssuedAt)
		}
	}
	slices.Sort(issued)
	if len(issued) <= maxDenied {
		return 0, 0, nil // some came to their end just now, or Longest is not true
	}
	least = issued[len(issued)-keep-1] + 1
	if least > at {
		return 0, 0, fmt.Errorf("%w: %d grants of this second are withdrawn; raise again in %d seconds", ErrFull, len(issued), least-at)
	}
	count, err = p.Store.RaiseLeast(ctx, p.signer(), least, at)
	return least, count, err
}
