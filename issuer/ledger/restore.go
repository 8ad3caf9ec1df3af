package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"

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
// Where a newer list turns up later, Restored is called with that one as well.
// Serials are given again: whoever reads by Since begins after the last one of the
// backup.
//
// Whoever calls again after a crash ends what was begun; count tells of those alone that
// still stood then.
//
// Errors: ErrInvalid for a list that is not the key's; ErrClock where it is from the
// future, or the clock is behind the ledger's; those of the store.
func (p *Publisher) Restored(ctx context.Context, newest []byte) (count int, err error) {
	if err := p.check(); err != nil {
		return 0, err
	}
	at, err := now(p.Now)
	if err != nil {
		return 0, err
	}
	if newest == nil {
		return p.Store.RaiseLeast(ctx, p.signer(), at, at)
	}
	list, err := p.own(newest, at)
	if err != nil {
		return 0, err
	}
	// The version goes up last: no list that locks take in the place of the newest one
	// is made before all that it denies is known.
	if err := p.remember(ctx, list, at); err != nil {
		return 0, err
	}
	count, err = p.Store.RaiseLeast(ctx, p.signer(), at, at)
	if err != nil {
		return 0, err
	}
	d := Document{Signer: p.signer(), Version: list.Claims().Version, Tag: list.Tag(), Bytes: newest}
	err = p.Store.Post(ctx, d)
	// The store has, or signed since, another list with the version or a greater one:
	// then versions go on behind both.
	if errors.Is(err, ErrSuperseded) || errors.Is(err, ErrConflict) {
		err = nil
	}
	return count, err
}

// own verifies a list of the key.
func (p *Publisher) own(newest []byte, at credential.Time) (*credential.RevocationList, error) {
	u, err := credential.ParseRevocationList(newest)
	if err != nil {
		return nil, fmt.Errorf("%w: list: %w", ErrInvalid, err)
	}
	own := credential.Verifier{Roots: []credential.PublicKey{p.Revoker.PublicKey()}}
	list, err := own.SchemeList(u)
	if err != nil {
		return nil, fmt.Errorf("%w: the key did not sign the list: %w", ErrInvalid, err)
	}
	if issued := list.Claims().IssuedAt; uint64(issued) > uint64(at)+uint64(ClockTolerance) {
		return nil, fmt.Errorf("%w: it is %s, and the list is from %s", ErrClock, at, issued)
	}
	return list, nil
}

// remember withdraws what a list of the key denies.
func (p *Publisher) remember(ctx context.Context, list *credential.RevocationList, at credential.Time) error {
	named := map[credential.Tag]bool{}
	for _, d := range list.Claims().Denied {
		named[d.Tag] = true
	}
	var tags []credential.Tag
	window := inForce{p.Store, p.Longest, at}
	for r, err := range window.records(ctx) {
		switch {
		case err != nil:
			return err
		case r.Signer != p.signer():
		case !r.Bystander && list.Denies(r.Tag, r.IssuedAt):
			tags = append(tags, r.Tag)
		case r.Bystander && named[r.Tag]:
			// By an older list nobody meant it, and its holder may have been given another.
			again, err := p.again(ctx, r)
			if err != nil {
				return err
			}
			tags = append(append(tags, r.Tag), again...)
		}
	}
	for batch := range slices.Chunk(tags, MaxBatch) {
		if err := p.Store.Withdraw(ctx, at, batch); err != nil {
			return err
		}
	}
	return nil
}

// again returns the tags of what was issued of a bystander again for the same holder.
func (p *Publisher) again(ctx context.Context, r Record) (tags []credential.Tag, err error) {
	for {
		found, err := p.Store.Find(ctx, []DutyID{following(r)})
		if err != nil || len(found) == 0 || found[0].Holder != r.Holder {
			return tags, err
		}
		r = found[0]
		tags = append(tags, r.Tag)
	}
}
