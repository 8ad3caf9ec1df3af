package ledger

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/postern-lock/postern/credential"
)

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
	if _, err := p.Store.NextList(ctx, p.signer(), at, p.Longest); !errors.Is(err, ErrFull) {
		return 0, 0, err
	}
	var issued []credential.Time // of what is withdrawn; the newest are those that a list would name
	window := inForce{p.Store, p.Longest, at}
	for r, err := range window.records(ctx) {
		if err != nil {
			return 0, 0, err
		}
		if r.Signer == p.signer() && r.Withdrawn != 0 {
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

// Bystanders returns the rounds that [Publisher.Raise] took away and that nobody meant,
// under new ids and for the same holders, to be issued again: pass them to
// [Rounds.Issue].  Whoever asks again gets the same ids, so that nothing is issued
// twice; those that were issued again and withdrawn since are left out.  So are
// parcels ([Rounds.Parcel]) and all else whose uses are counted: they may be spent.
//
// A duty that is taken away between its reading here and its commit is issued all the
// same: whoever takes one away while bystanders are issued does it once more afterwards,
// and both are found.
func (p *Publisher) Bystanders(ctx context.Context) iter.Seq2[Duty, error] {
	return func(yield func(Duty, error) bool) {
		for batch, err := range p.bystanders(ctx) {
			ids := make([]DutyID, len(batch))
			for i, d := range batch {
				ids[i] = d.ID
			}
			var gone map[DutyID]bool
			if err == nil {
				gone, err = withdrawn(ctx, p.Store, ids)
			}
			if err != nil {
				yield(Duty{}, err)
				return
			}
			for _, d := range batch {
				if !gone[d.ID] && !yield(d, nil) {
					return
				}
			}
		}
	}
}

// bystanders returns the duties of all bystanders in batches.
func (p *Publisher) bystanders(ctx context.Context) iter.Seq2[[]Duty, error] {
	return func(yield func([]Duty, error) bool) {
		err := p.check()
		window := inForce{p.Store, p.Longest, 0}
		if err == nil {
			window.at, err = now(p.Now)
		}
		if err != nil {
			yield(nil, err)
			return
		}
		var batch []Duty
		for r, err := range window.records(ctx) {
			if err == nil && (r.Signer != p.signer() || !r.Bystander) {
				continue
			}
			var d Duty
			if err == nil {
				d, err = Again(r, credential.PublicKey{})
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if d.spendable() {
				continue
			}
			if batch = append(batch, d); len(batch) == MaxBatch {
				if !yield(batch, nil) {
					return
				}
				batch = nil
			}
		}
		yield(batch, nil)
	}
}
