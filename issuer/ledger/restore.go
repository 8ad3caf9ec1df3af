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
// Where a newer list turns up later, Restored is called with that one as well.  Each call
// makes all that was issued since the one before bystanders, so that Bystanders and
// Publish follow again.  Nothing else may write meanwhile: what another program issues
// again at the end of the call could stand though the list denies what it was issued of.
//
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
	// Another program may have issued some of it again meanwhile.
	if err := p.remember(ctx, list, at); err != nil {
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

// remember withdraws what a list of the key denies, and what was issued of it again.
func (p *Publisher) remember(ctx context.Context, list *credential.RevocationList, at credential.Time) error {
	named := map[credential.Tag]bool{}
	for _, d := range list.Claims().Denied {
		named[d.Tag] = true
	}
	var denied, first []Record
	window := inForce{p.Store, p.Longest, at}
	for r, err := range window.records(ctx) {
		if err != nil {
			return err
		}
		if r.Signer != p.signer() || !list.Denies(r.Tag, r.IssuedAt) {
			continue
		}
		// Where the store withdrew it only after the list, it did not know of the list, and
		// the holder may have been given another.  By Least the store's own lists deny
		// bystanders as well, but these come after it withdrew them.
		late := list.Claims().IssuedAt < r.Withdrawn
		if named[r.Tag] || late {
			first = append(first, r)
		}
		if !r.Bystander || named[r.Tag] || late {
			denied = append(denied, r)
		}
	}
	again, err := p.again(ctx, first)
	if err != nil {
		return err
	}
	var tags []credential.Tag
	for _, r := range append(denied, again...) {
		if r.Withdrawn == 0 || r.Bystander {
			tags = append(tags, r.Tag)
		}
	}
	for batch := range slices.Chunk(tags, MaxBatch) {
		if err := p.Store.Withdraw(ctx, at, batch); err != nil {
			return err
		}
	}
	return nil
}

// again returns what was issued of records again for the same holders.
func (p *Publisher) again(ctx context.Context, of []Record) (all []Record, err error) {
	for len(of) > 0 {
		var next []Record
		for batch := range slices.Chunk(of, MaxBatch) {
			holders := map[DutyID]credential.KeyID{}
			var ids []DutyID
			for _, r := range batch {
				id := following(r)
				holders[id], ids = r.Holder, append(ids, id)
			}
			found, err := p.Store.Find(ctx, ids)
			if err != nil {
				return nil, err
			}
			for _, r := range found {
				if r.Holder == holders[r.Duty] {
					next = append(next, r)
				}
			}
		}
		all, of = append(all, next...), next
	}
	return all, nil
}
