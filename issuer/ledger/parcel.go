package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/postern-lock/postern/credential"
)

// MaxParcel is for how many seconds a grant for a parcel lasts at the longest.
const MaxParcel credential.Time = 3600

// ErrNotSettled says that a receipt does not show that a grant's parcel was brought.
var ErrNotSettled = errors.New("ledger: the receipt does not settle the parcel")

// Parcel is a grant for one parcel at one lock, made when the courier stands in front
// of it: for one use, for minutes.
type Parcel struct {
	ID        DutyID
	Holder    credential.PublicKey
	Lock      credential.LockID
	Reference credential.Reference // of the parcel: drawn at random, so that it tells nobody anything
	// Expires is at most MaxParcel seconds from now.  Of two parcels that one holder
	// brings to one lock in the same second it must differ: their grants say the same
	// else, and would be one.
	Expires credential.Time
	// Action is what is done with the parcel, deliver, collect or return.
	Action credential.Actions
	// Service may stay zero where the operator holds one alone.
	Service credential.Service
	// Starts is how often the one use may be started until it is confirmed: 1 to 3;
	// zero stands for 1, by which a use that was started is gone, opened or not.
	Starts uint8
	// Offline lets the lock go by what it knows of the time.  Without it the courier's
	// phone hands a live time token over, for which it needs a network at the door;
	// with it the grant can be used, once, until a later time reaches the lock
	// (section 16.7).
	Offline bool
}

// Duty returns the duty of the parcel.
func (p Parcel) Duty() (Duty, error) {
	switch {
	case p.Lock == credential.LockID{}:
		return Duty{}, invalid("the parcel has no lock")
	case p.Reference == credential.Reference{}:
		return Duty{}, invalid("the parcel has no reference")
	case p.Action != credential.ActionDeliver && p.Action != credential.ActionCollect && p.Action != credential.ActionReturn:
		return Duty{}, invalid("a parcel is delivered, collected or returned, not %s", p.Action)
	}
	e := credential.Entry{
		Target: credential.LockTarget(p.Lock), Actions: p.Action, Service: p.Service,
		Uses: credential.Uses{Count: 1, Starts: max(p.Starts, 1)}, Evidence: credential.EvidenceLive,
	}
	if p.Offline {
		e.Evidence = credential.EvidenceFloor
	}
	return Duty{ID: p.ID, Holder: p.Holder, Expires: p.Expires, Scope: []credential.Entry{e}, Reference: p.Reference}, nil
}

// Parcel issues the grant for one parcel.  It is withdrawn by [Rounds.Withdraw] when the
// parcel is diverted, and settled by a receipt.
//
// Errors: ErrInvalid for a parcel that lacks something or lasts too long; those of
// Issue.
func (r *Rounds) Parcel(ctx context.Context, p Parcel) (Record, error) {
	if err := r.check(); err != nil {
		return Record{}, err
	}
	d, err := p.Duty()
	if err != nil {
		return Record{}, &DutyError{p.ID, err}
	}
	at, err := now(r.Now)
	switch {
	case err != nil:
		return Record{}, err
	case p.Expires > at && p.Expires-at > MaxParcel:
		return Record{}, &DutyError{p.ID, invalid("a grant for a parcel lasts %d seconds at most, this one %d", MaxParcel, p.Expires-at)}
	}
	for record, err := range r.Issue(ctx, Each(d)) {
		return record, err
	}
	return Record{}, fmt.Errorf("ledger: duty %s: no grant came", p.ID)
}

// Settles says whether a receipt, which a [credential.Verifier] found to be the lock's,
// shows that the lock began to open for the parcel of the record: it is of that lock,
// and its entry names the grant, the reference, and an operation that the grant
// allows.  A lock without a sensor cannot say more than that it began; one that
// saw the bolt stay has another entry.  The error wraps ErrNotSettled and says
// what is missing.
func Settles(r Record, receipt *credential.Receipt) error {
	d, err := DutyOf(r)
	if err != nil {
		return err
	}
	no := func(format string, a ...any) error {
		return fmt.Errorf("%w: %s", ErrNotSettled, fmt.Sprintf(format, a...))
	}
	if receipt == nil || r.Reference == (credential.Reference{}) {
		return no("there is no receipt, or the grant is for no parcel")
	}
	c := receipt.Claims()
	var granted credential.Actions
	for _, e := range d.Scope {
		if lock, ok := e.Target.Lock(); ok && lock == c.Lock {
			granted |= e.Actions
		}
	}
	e := c.Entry
	switch {
	case granted == 0:
		return no("it is of lock %s, for which the grant is not", c.Lock)
	case e == nil:
		return no("it tells of no opening")
	case e.Role != credential.RoleOperator || e.Who != r.Tag:
		return no("it is about the grant %s, the parcel has %s", e.Who, r.Tag)
	case e.Reference != r.Reference:
		return no("it is about the parcel %s, not %s", e.Reference, r.Reference)
	case e.Outcome != credential.LogStarted:
		return no("the lock did not open: %s", e.Outcome)
	}
	if action, moves := e.Operation.Action(); !moves || !granted.Has(action) {
		return no("the operation was %s, and the grant is for %s", e.Operation, granted)
	}
	return nil
}
