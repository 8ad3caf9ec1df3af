package ledger

import (
	"context"
	"errors"
	"slices"

	"github.com/postern-lock/postern/credential"
)

// Lost takes everything from a handset that is lost or stolen, and gives its rounds to
// another key; with the zero key to nobody.  Given are the new records.  Left are
// those of the lost handset that were given to nobody: all where there is no other
// key; parcels and all else whose uses are counted, since they may be spent already: it is
// issued under a new id where they are not; and what could not be signed.
//
// What can be withdrawn is withdrawn whatever else fails, so an error can come with
// records.  Whoever calls again after a crash ends what was begun, and nothing is given
// twice.  The grants stop to open where a list that denies them has arrived:
// [Publisher.Publish] comes next.  Duties that are issued to the lost key from now on are
// the planner's to stop.
func (r *Rounds) Lost(ctx context.Context, lost credential.KeyID, to credential.PublicKey) (given, left []Record, err error) {
	if err := r.check(); err != nil {
		return nil, nil, err
	}
	if !to.IsZero() && credential.KeyIDOf(to) == lost {
		return nil, nil, invalid("the lost handset cannot take its own place")
	}
	at, err := now(r.Now)
	if err != nil {
		return nil, nil, err
	}
	for {
		held, err := r.Store.Held(ctx, lost, at)
		if err == nil && len(held) == 0 {
			held, err = r.bystanders(ctx, lost, at)
		}
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

// bystanders returns records of a holder that were withdrawn by RaiseLeast alone: what
// would be issued to it again.
func (r *Rounds) bystanders(ctx context.Context, holder credential.KeyID, at credential.Time) (held []Record, err error) {
	window := inForce{r.Store, r.Longest, at}
	for record, err := range window.records(ctx) {
		if err != nil {
			return nil, err
		}
		if record.Bystander && record.Holder == holder {
			held = append(held, record)
		}
		if len(held) == MaxNewest {
			break
		}
	}
	return held, nil
}

// hand issues records that are held again, to another key, and returns those records
// that were left.  A bystander that was issued again and withdrawn since is passed over.
func (r *Rounds) hand(ctx context.Context, held []Record, to credential.PublicKey) (given, left []Record, err error) {
	again := make([]DutyID, len(held))
	for i, record := range held {
		again[i] = following(record)
	}
	gone, err := withdrawn(ctx, r.Store, again)
	if err != nil {
		return nil, held, err
	}
	var duties []Duty
	without := map[DutyID]Record{}
	for i, record := range held {
		switch {
		case gone[again[i]] && record.Bystander:
			continue
		case gone[again[i]] || to.IsZero():
			left = append(left, record)
			continue
		}
		d, bad := Again(record, to)
		if bad != nil || d.spendable() {
			left, err = append(left, record), errors.Join(err, bad)
			continue
		}
		duties, without[d.ID] = append(duties, d), record
	}
	for record, bad := range r.Issue(ctx, Each(duties...)) {
		if bad != nil {
			err = errors.Join(err, bad)
			continue
		}
		given = append(given, record)
		delete(without, record.Duty)
	}
	for _, d := range duties {
		if record, ok := without[d.ID]; ok {
			left = append(left, record)
		}
	}
	return given, left, err
}

// withdrawn returns those of the duties that have a grant which is withdrawn.
func withdrawn(ctx context.Context, s Store, duties []DutyID) (map[DutyID]bool, error) {
	gone := map[DutyID]bool{}
	for batch := range slices.Chunk(duties, MaxBatch) {
		found, err := s.Find(ctx, batch)
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			gone[r.Duty] = r.Withdrawn != 0
		}
	}
	return gone, nil
}
