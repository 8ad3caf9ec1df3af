package ledger

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/postern-lock/postern/credential"
)

// Replace takes a duty from its holder and gives others in its place: one to a
// substitute, or the parts into which a round is split ([Duty.Part]).  The new ones are
// committed first and the old one is withdrawn then, with whatever was issued of it
// [Again], so that whatever fails on the way leaves the old one standing; whoever calls
// again with the same duties ends what was begun.  A copy of the old grant opens until
// a list that denies it reaches the lock: [Publisher.Publish] comes next.
//
// Errors: ErrUnknown where the duty has no grant; those of Issue, the first one.
func (r *Rounds) Replace(ctx context.Context, old DutyID, with ...Duty) ([]Record, error) {
	if _, err := r.recordsOf(ctx, []DutyID{old}); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(with, func(d Duty) bool { return d.ID == old }) {
		return nil, invalid("duty %s cannot take its own place", old)
	}
	records, err := r.issueAll(ctx, with)
	if err != nil {
		return nil, err
	}
	return records, r.take(ctx, []DutyID{old}, with)
}

// take withdraws the grants of duties and of what was issued of them again, but for some
// duties.  It looks once more behind itself: another program can issue a bystander again
// meanwhile.
func (r *Rounds) take(ctx context.Context, ids []DutyID, but []Duty) error {
	for {
		records, err := r.recordsOf(ctx, ids)
		if err != nil {
			return err
		}
		records = slices.DeleteFunc(records, func(r Record) bool {
			return r.Withdrawn != 0 && !r.Bystander || slices.ContainsFunc(but, func(d Duty) bool { return d.ID == r.Duty })
		})
		if len(records) == 0 {
			return nil
		}
		if err := r.withdraw(ctx, records); err != nil {
			return err
		}
	}
}

// recordsOf returns the records of duties of which each has one, and of what was issued
// of them again.
func (r *Rounds) recordsOf(ctx context.Context, ids []DutyID) (all []Record, err error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	for first := true; len(ids) > 0; first = false {
		found, err := r.Store.Find(ctx, ids)
		switch {
		case err != nil:
			return nil, err
		case first && len(found) < len(ids):
			return nil, fmt.Errorf("%w: a grant for each of %d duties, %d have one", ErrUnknown, len(ids), len(found))
		}
		all, ids = append(all, found...), nil
		for _, record := range found {
			ids = append(ids, following(record))
		}
	}
	return all, nil
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
	for record, err := range r.Issue(ctx, Each(duties...)) {
		if err != nil {
			return nil, err
		}
		records = append(records, record)
	}
	return records, nil
}

// Withdraw takes back the grants of at most MaxBatch duties, of a parcel that is diverted
// for example, and of what was issued of them [Again].  [Publisher.Publish] tells the
// locks.  The error is ErrUnknown where one of them has no grant; then none is
// withdrawn.
func (r *Rounds) Withdraw(ctx context.Context, duties ...DutyID) error {
	return r.take(ctx, duties, nil)
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

// Part returns the part of a duty for another id and holder that lies in the areas:
// each entry of the scope for an area is narrowed to those of the areas that lie in it;
// conditions and times stay, and entries for single locks fall away.  A part can so
// reach nowhere where the whole did not.
//
// The error is ErrInvalid where an area lies in none of the scope, where the part
// would have more than 4 entries, and for a duty whose uses are counted: parts that
// overlap would multiply them.
func (d Duty) Part(id DutyID, holder credential.PublicKey, areas ...[]byte) (Duty, error) {
	if d.spendable() {
		return Duty{}, invalid("duty %s has counted uses, or is for a parcel, and has no parts", d.ID)
	}
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
