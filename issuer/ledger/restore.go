package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/postern-lock/postern/credential"
)

// Restored sets a store right that was brought back from a backup, and so has forgotten
// what was issued and withdrawn since.  Newest is the newest list of the key that anybody
// has, a courier or the last publication; nil where there never was one.  It must be by
// the key: anybody could use up all versions by a forged one.  From then on
//
//   - versions go on behind it;
//   - what it denies is withdrawn, by whatever it denies it;
//   - everything else that was issued before now is withdrawn as bystanders, also what
//     the store does not know: count of those that it knows stood.
//
// [Publisher.Bystanders] issues these again and Publish makes it known.  Whoever was
// withdrawn after the newest list is among the bystanders, and is withdrawn once more before.
// Serials are given again: whoever reads by Since begins after the last one of the
// backup.
//
// Errors: ErrInvalid for a list that is not the key's; ErrClock where it is from the
// future; those of the store.
func (p *Publisher) Restored(ctx context.Context, newest []byte) (count int, err error) {
	if err := p.check(); err != nil {
		return 0, err
	}
	at, err := now(p.Now)
	if err != nil {
		return 0, err
	}
	if newest != nil {
		if err := p.remember(ctx, newest, at); err != nil {
			return 0, err
		}
	}
	return p.Store.RaiseLeast(ctx, p.signer(), at, at)
}

// remember takes in what a list of the key says.
func (p *Publisher) remember(ctx context.Context, newest []byte, at credential.Time) error {
	u, err := credential.ParseRevocationList(newest)
	if err != nil {
		return fmt.Errorf("%w: list: %w", ErrInvalid, err)
	}
	own := credential.Verifier{Roots: []credential.PublicKey{p.Revoker.PublicKey()}}
	list, err := own.SchemeList(u)
	if err != nil {
		return fmt.Errorf("%w: the key did not sign the list: %w", ErrInvalid, err)
	}
	c := list.Claims()
	if uint64(c.IssuedAt) > uint64(at)+uint64(ClockTolerance) {
		return fmt.Errorf("%w: it is %s, and the list is from %s", ErrClock, at, c.IssuedAt)
	}
	d := Document{Signer: p.signer(), Version: c.Version, Tag: u.Tag(), Bytes: newest}
	if err := p.Store.Post(ctx, d); err != nil && !errors.Is(err, ErrSuperseded) {
		return err
	}
	window := inForce{p.Store, p.Longest, at}
	for r, err := range window.records(ctx) {
		if err != nil {
			return err
		}
		if r.Signer == p.signer() && !r.Bystander && list.Denies(r.Tag, r.IssuedAt) {
			if err := p.Store.Withdraw(ctx, at, []credential.Tag{r.Tag}); err != nil {
				return err
			}
		}
	}
	return nil
}
