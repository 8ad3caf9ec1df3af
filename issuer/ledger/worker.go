package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/postern-lock/postern/credential"
)

// worker issues one batch of duties.
type worker struct {
	*Rounds
	*shared
	at     credential.Time
	signer credential.KeyID
	duties []Duty
}

// work finds what is known, signs the rest and commits it.
func (w *worker) work(ctx context.Context) landed {
	known, err := w.known(ctx)
	if err != nil {
		return landed{err: err}
	}
	results := make([]result, len(w.duties))
	fresh := make([]Record, 0, len(w.duties))
	places := make([]int, 0, len(w.duties)) // of fresh, in results
	tags := make(map[credential.Tag]DutyID, len(w.duties))
	for i, d := range w.duties {
		r, isKnown := known[d.ID]
		switch {
		case isKnown:
			results[i] = w.settle(d, r)
			continue
		case ctx.Err() != nil:
			return landed{err: fmt.Errorf("ledger: %w", ctx.Err())}
		}
		r, err := w.sign(d, tags)
		if _, one := errors.AsType[*DutyError](err); err != nil && !one {
			return landed{err: err}
		}
		if err != nil {
			results[i].err = err
			continue
		}
		fresh, places = append(fresh, r), append(places, i)
	}
	issued, err := w.commit(ctx, fresh, places, results)
	if err != nil {
		return landed{err: err}
	}
	return landed{results: results, issued: issued}
}

// known returns the records of those duties that have one.
func (w *worker) known(ctx context.Context) (map[DutyID]Record, error) {
	ids := make([]DutyID, len(w.duties))
	for i, d := range w.duties {
		ids[i] = d.ID
	}
	found, err := w.Store.Find(ctx, ids)
	w.steps.Add(1)
	if err != nil {
		return nil, fmt.Errorf("ledger: finding what is issued: %w", err)
	}
	known := make(map[DutyID]Record, len(found))
	for _, r := range found {
		known[r.Duty] = r
	}
	return known, nil
}

// settle gives a duty the record that the store has of it.
func (w *worker) settle(d Duty, r Record) result {
	if err := d.check(w.MinArea); err != nil {
		return result{err: &DutyError{d.ID, err}}
	}
	if err := d.fits(r); err != nil {
		return result{err: &DutyError{d.ID, err}}
	}
	return result{record: r}
}

// sign makes the record of a duty.  What is wrong with the duty is told before the
// key is asked; what is wrong then ends the run.
func (w *worker) sign(d Duty, tags map[credential.Tag]DutyID) (Record, error) {
	claims := d.claims(w.at)
	tag, err := w.allowed(d, claims)
	if err != nil {
		return Record{}, &DutyError{d.ID, err}
	}
	if other, taken := tags[tag]; taken {
		return Record{}, &DutyError{d.ID, fmt.Errorf("%w: it asks for the grant of duty %s", ErrConflict, other)}
	}
	tags[tag] = d.ID
	w.signing.Add(1)
	grant, err := w.Operator.Grant(claims)
	w.signing.Add(-1)
	w.steps.Add(1)
	if err != nil {
		return Record{}, fmt.Errorf("ledger: signing for duty %s: %w", d.ID, err)
	}
	return Record{
		Duty: d.ID, Tag: tag, Signer: w.signer, Holder: credential.KeyIDOf(d.Holder),
		IssuedAt: claims.IssuedAt, Expires: claims.Expires, Reference: d.Reference, Grant: grant,
	}, nil
}

// allowed returns the tag of a grant that locks will take, or why none may be given.
func (r *Rounds) allowed(d Duty, claims credential.GrantClaims) (credential.Tag, error) {
	if err := d.check(r.MinArea); err != nil {
		return credential.Tag{}, err
	}
	if err := r.Operator.Authority().Allows(claims); err != nil {
		return credential.Tag{}, err
	}
	return tagOf(claims, r.Operator.PublicKey())
}

// commit keeps the fresh records and puts what the store has of them into their
// places.  It returns how many are new.
func (w *worker) commit(ctx context.Context, fresh []Record, places []int, results []result) (issued int, err error) {
	kept, err := w.Store.Commit(ctx, w.at, fresh)
	w.steps.Add(1)
	switch {
	case errors.Is(err, ErrConflict) && len(fresh) > 1:
		return w.commitEach(ctx, fresh, places, results)
	case errors.Is(err, ErrConflict):
		results[places[0]].err = &DutyError{fresh[0].Duty, err}
		return 0, nil
	case err != nil:
		return 0, fmt.Errorf("ledger: committing %d grants: %w", len(fresh), err)
	case len(kept) != len(fresh):
		return 0, fmt.Errorf("ledger: committing %d grants: the store returned %d", len(fresh), len(kept))
	}
	for i, r := range kept {
		if r.Tag == fresh[i].Tag && r.Reference == fresh[i].Reference && r.Withdrawn == 0 {
			results[places[i]].record = r
			issued++
			continue
		}
		results[places[i]] = w.settle(w.duties[places[i]], r) // somebody was faster
	}
	return issued, nil
}

// commitEach commits one record after the other, to find the one that the store
// refuses.
func (w *worker) commitEach(ctx context.Context, fresh []Record, places []int, results []result) (issued int, err error) {
	for i := range fresh {
		n, err := w.commit(ctx, fresh[i:i+1], places[i:i+1], results)
		if err != nil {
			return 0, err
		}
		issued += n
	}
	return issued, nil
}
