package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/postern-lock/postern/credential"
)

// Replace takes a duty from its holder and gives others in its place: one to a
// substitute, or the parts into which a round is split ([Duty.Part]).  The new ones are
// committed first and the old one is withdrawn then, so that whatever fails on the way
// leaves the old one standing; whoever calls again with the same duties ends what was
// begun.  A copy of the old grant opens until a list that denies it reaches the lock:
// [Publisher.Publish] comes next.
//
// Errors: ErrUnknown where the duty has no grant; those of Issue, the first one.
func (r *Rounds) Replace(ctx context.Context, old DutyID, with ...Duty) ([]Record, error) {
	replaced, err := r.recordOf(ctx, old)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(with, func(d Duty) bool { return d.ID == old }) {
		return nil, invalid("duty %s cannot take its own place", old)
	}
	records, err := r.issueAll(ctx, with)
	if err != nil {
		return nil, err
	}
	return records, r.withdraw(ctx, []Record{replaced})
}

// recordOf returns the record of a duty.
func (r *Rounds) recordOf(ctx context.Context, id DutyID) (Record, error) {
	if err := r.check(); err != nil {
		return Record{}, err
	}
	found, err := r.Store.Find(ctx, []DutyID{id})
	switch {
	case err != nil:
		return Record{}, err
	case len(found) != 1:
		return Record{}, fmt.Errorf("%w: duty %s", ErrUnknown, id)
	}
	return found[0], nil
}

// issueAll issues duties of which each must get its grant.  None is signed where one
// may not be.
func (r *Rounds) issueAll(ctx context.Context, duties []Duty) ([]Record, error) {
	at, err := now(r.Now)
	if err != nil {
		return nil, err
	}
	for _, d := range duties {
		if _, err := r.allowed(d, d.claims(at)); err != nil {
			return nil, &DutyError{d.ID, err}
		}
	}
	var records []Record
	for record, err := range r.Issue(ctx, each(duties)) {
		if err != nil {
			return nil, err
		}
		records = append(records, record)
	}
	return records, nil
}

// each returns the duties one by one.
func each(duties []Duty) iter.Seq2[Duty, error] {
	return func(yield func(Duty, error) bool) {
		for _, d := range duties {
			if !yield(d, nil) {
				return
			}
		}
	}
}

// Withdraw takes back the grants of duties, of a parcel that is diverted for example.
// [Publisher.Publish] tells the locks.  The error is ErrUnknown where one of them has no
// grant; then none is withdrawn.
func (r *Rounds) Withdraw(ctx context.Context, duties ...DutyID) error {
	records := make([]Record, 0, len(duties))
	for _, id := range duties {
		record, err := r.recordOf(ctx, id)
		if err != nil {
			return err
		}
		records = append(records, record)
	}
	return r.withdraw(ctx, records)
}

// withdraw marks records as withdrawn now.
func (r *Rounds) withdraw(ctx context.Context, records []Record) error {
	at, err := now(r.Now)
	if err != nil {
		return err
	}
	tags := make([]credential.Tag, 0, len(records))
	for _, record := range records {
		tags = append(tags, record.Tag)
	}
	for batch := range slices.Chunk(tags, MaxBatch) {
		if err := r.Store.Withdraw(ctx, at, batch); err != nil {
			return err
		}
	}
	return nil
}

// Lost takes everything from a handset that is lost or stolen, and gives its rounds to
// another key; with the zero key to nobody.  Given are the new records.  Left are
// those of the lost handset that were given to nobody: all where there is no other
// key; parcels, whose one use may be spent already and which [Rounds.Parcel] gives
// under a new id where they are not settled; and what could not be signed.
//
// What can be withdrawn is withdrawn whatever else fails, so an error can come with
// records.  Whoever calls again after a crash ends what was begun, and nothing is given
// twice.  The grants stop to open where a list that denies them has arrived:
// [Publisher.Publish] comes next.
func (r *Rounds) Lost(ctx context.Context, lost credential.KeyID, to credential.PublicKey) (given, left []Record, err error) {
	if err := r.check(); err != nil {
		return nil, nil, err
	}
	if !to.IsZero() && credential.KeyIDOf(to) == lost {
		return nil, nil, invalid("the lost handset cannot take its own place")
	}
	for {
		at, err := now(r.Now)
		if err != nil {
			return given, left, err
		}
		held, err := r.Store.Held(ctx, lost, at)
		if err != nil || len(held) == 0 {
			return given, left, err
		}
		g, l, err := r.hand(ctx, held, to)
		given, left = append(given, g...), append(left, l...)
		if err = errors.Join(err, r.withdraw(ctx, held)); err != nil {
			return given, left, err
		}
	}
}

// hand issues records that are held again, to another key, and returns those records
// that were left.
func (r *Rounds) hand(ctx context.Context, held []Record, to credential.PublicKey) (given, left []Record, err error) {
	if to.IsZero() {
		return nil, held, nil
	}
	var duties []Duty
	old := map[DutyID]Record{}
	for _, record := range held {
		d, bad := Again(record, to)
		if bad != nil || record.Reference != (credential.Reference{}) {
			left, err = append(left, record), errors.Join(err, bad)
			continue
		}
		duties, old[d.ID] = append(duties, d), record
	}
	for record, bad := range r.Issue(ctx, each(duties)) {
		if bad != nil {
			err = errors.Join(err, bad)
			continue
		}
		given = append(given, record)
		delete(old, record.Duty)
	}
	for _, d := range duties {
		if record, without := old[d.ID]; without {
			left = append(left, record)
		}
	}
	return given, left, err
}

// Part returns the part of a duty for another id and holder that lies in the areas:
// each entry of the scope for an area is narrowed to those of the areas that lie in it;
// conditions and times stay, and entries for single locks fall away.  A part can so
// reach nowhere where the whole did not.
//
// The error is ErrInvalid where an area lies in none of the scope, or where the part
// would have more than 4 entries.
func (d Duty) Part(id DutyID, holder credential.PublicKey, areas ...[]byte) (Duty, error) {
	part := d
	part.ID, part.Holder, part.Scope = id, holder, nil
	for _, area := range areas {
		if err := checkArea(area); err != nil {
			return Duty{}, err
		}
		inside := false
		for _, e := range d.Scope {
			whole, ok := e.Target.Area()
			if !ok || !bytes.HasPrefix(area, whole) {
				continue
			}
			e.Target, e.Schedule, inside = credential.AreaTarget(area), slices.Clone(e.Schedule), true
			part.Scope = append(part.Scope, e)
		}
		if !inside {
			return Duty{}, invalid("the area %q lies in none of duty %s", area, d.ID)
		}
	}
	if n := len(part.Scope); n == 0 || n > maxScope {
		return Duty{}, invalid("a part of duty %s has %d entries, want 1 to %d", d.ID, n, maxScope)
	}
	return part, nil
}
