package ledger

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/postern-lock/postern/credential"
)

// Bystanders returns the rounds that [Publisher.Raise] took away and that nobody meant,
// under new ids and for the same holders, to be issued again: pass them to
// [Rounds.Issue].  Whoever asks again gets the same ids, so that nothing is issued
// twice; those that were issued again and withdrawn since are left out.  So are
// parcels, whose one use may be spent ([Rounds.Parcel]).
func (p *Publisher) Bystanders(ctx context.Context) iter.Seq2[Duty, error] {
	return func(yield func(Duty, error) bool) {
		err := p.check()
		var at credential.Time
		if err == nil {
			at, err = now(p.Now)
		}
		if err != nil {
			yield(Duty{}, err)
			return
		}
		duties := make([]Duty, 0, MaxBatch)
		for r, err := range p.inForce(ctx, at) {
			var d Duty
			switch {
			case err != nil:
			case !r.Bystander || r.Reference != (credential.Reference{}):
				continue
			default:
				d, err = Again(r, credential.PublicKey{})
			}
			if err != nil {
				yield(Duty{}, err)
				return
			}
			if duties = append(duties, d); len(duties) == MaxBatch {
				if !p.standing(ctx, duties, yield) {
					return
				}
				duties = duties[:0]
			}
		}
		p.standing(ctx, duties, yield)
	}
}

// standing yields those of the duties that have no grant which is withdrawn.  It
// reports whether more are wanted.
func (p *Publisher) standing(ctx context.Context, duties []Duty, yield func(Duty, error) bool) bool {
	ids := make([]DutyID, len(duties))
	for i, d := range duties {
		ids[i] = d.ID
	}
	found, err := p.Store.Find(ctx, ids)
	if err != nil {
		yield(Duty{}, fmt.Errorf("ledger: finding what was issued again: %w", err))
		return false
	}
	for _, d := range duties {
		if slices.ContainsFunc(found, func(r Record) bool { return r.Duty == d.ID && r.Withdrawn != 0 }) {
			continue
		}
		if !yield(d, nil) {
			return false
		}
	}
	return true
}

// inForce returns the records of the revoker's key that are not over, whether they
// stand or not.
func (p *Publisher) inForce(ctx context.Context, at credential.Time) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		serial, err := p.start(ctx, at)
		for err == nil {
			var records []Record
			if records, err = p.Store.Since(ctx, serial, MaxNewest); err != nil || len(records) == 0 {
				break
			}
			for _, r := range records {
				serial = r.Serial
				if r.Signer == p.signer() && at < r.Expires && !yield(r, nil) {
					return
				}
			}
		}
		if err != nil {
			yield(Record{}, fmt.Errorf("ledger: reading what is in force: %w", err))
		}
	}
}

// start returns a serial up to which all grants are over, by some 60 single reads.  It
// relies on what Commit promises: times of issue rise with the serials, but for
// ClockTolerance.
func (p *Publisher) start(ctx context.Context, at credential.Time) (uint64, error) {
	longest := int64(p.Longest / time.Second)
	if longest <= 0 {
		return 0, nil
	}
	var fault error
	over := func(serial uint64) bool { // the record behind the serial, and all before it
		records, err := p.Store.Since(ctx, serial, 1)
		if err != nil {
			fault = err
		}
		return len(records) == 1 && int64(records[0].IssuedAt)+longest+int64(ClockTolerance) < int64(at)
	}
	low, high := uint64(0), uint64(1)
	for fault == nil && high < 1<<62 && over(high) {
		low, high = high, 2*high
	}
	for fault == nil && low < high {
		if mid := low + (high-low)/2; over(mid) {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low, fault
}
