package home

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/wire"
)

// Pending returns the policies that the lock is not known to hold: what the
// owner's own phone, guests and couriers should carry there.  There are none, one,
// or two where the lock is changing hands.
func (b *Box) Pending() [][]byte { return b.state.pending() }

func (s *state) pending() [][]byte {
	var documents [][]byte
	if s.Transfer != nil && versionOf(s.Transfer) > s.Held {
		documents = append(documents, slices.Clone(s.Transfer))
	}
	if s.Heir == nil && s.Policy != nil && (s.signed() > s.Held || s.Doubt) {
		documents = append(documents, slices.Clone(s.Policy))
	}
	return documents
}

// Phone returns the phone that opens the box by the owner's bare key and hands
// over what is pending: the given one's roots, makers, memory and documents, with
// this Box's key.
func (b *Box) Phone(base *holder.Phone) *holder.Phone {
	p := b.bare(base)
	p.Documents = b.Pending()
	if base != nil {
		p.Documents = slices.Concat(base.Documents, p.Documents)
	}
	return p
}

// bare is Phone without the documents.
func (b *Box) bare(base *holder.Phone) *holder.Phone {
	var p holder.Phone
	if base != nil {
		p = *base
	}
	p.Key, p.Grant, p.Parents, p.Documents, p.Expect = b.key, nil, nil, nil, b.state.Lock
	return &p
}

// Visit is an owner's ordinary tap: it asks the lock in the field for the
// operation, open or status, hands over what is pending, takes the log along and
// takes note of all that the lock says.  With status the lock signs which policy it
// holds: a lock that refuses guests as blocked, whom nobody blocked, may have lost
// it, and is handed it again.  An error can come beside a good
// Result: what Took found.
func (b *Box) Visit(ctx context.Context, phone *holder.Phone, tag apdu.Transceiver, operation credential.Operation) (holder.Result, error) {
	pages := 0
	if len(b.logKeys) > 0 {
		pages = wire.LimitLogPages
	}
	if operation != credential.OperationStatus {
		return b.tap(ctx, phone, tag, holder.Ask{Operation: operation, Receipt: b.state.Policy != nil && !b.state.Confirmed, LogPages: pages})
	}
	r, err := b.tap(ctx, phone, tag, holder.Ask{Receipt: true, LogPages: pages})
	if err != nil || r.Outcome != credential.OutcomeDone || len(b.Pending()) == 0 {
		return r, err
	}
	again, err := b.tap(ctx, phone, tag, holder.Ask{}) // with the policy that the lock does not hold, as it signed
	r.Documents = append(r.Documents, again.Documents...)
	r.Cost.Pairs += again.Cost.Pairs
	r.Cost.Bytes += again.Cost.Bytes
	return r, err
}

// tap asks the lock in the field and takes note of what it says.
func (b *Box) tap(ctx context.Context, phone *holder.Phone, tag apdu.Transceiver, ask holder.Ask) (holder.Result, error) {
	r, err := b.Phone(phone).Do(ctx, tag, ask)
	if found := b.Took(r); err == nil {
		err = found
	} else if found != nil {
		err = fmt.Errorf("%w; %w", err, found)
	}
	return r, err
}

// MoveIn makes the phone's key the owner of the lock in its field, by the secret
// inside, 16 bytes: of a vacant lock; or of one that has an owner, with the button
// inside pressed, which wipes what was the former owner's.  It signs the first
// policy and hands it over; where the lock was this key's before, every grant of that
// time is over, and those of the guests who are known are signed anew, but after
// [Box.Restored]: they lapse then.  Keep the label with the secret elsewhere then.
//
// With an error and the outcome unconfirmed nobody knows whether the lock took
// the key: [Box.Agree] finds out.
//
// Errors: those of holder.Phone.Commission; the reason where the lock refused;
// ErrTime, ErrKeep, ErrGivenAway, ErrCoOwner, ErrVersion; [New] begins anew where the box
// was given away, or was a co-owner's.
func (b *Box) MoveIn(ctx context.Context, phone *holder.Phone, tag apdu.Transceiver, secret [wire.LimitSetupBytes]byte, now time.Time) (Change, holder.Result, error) {
	return b.settle(ctx, phone, tag, now, 1, true, func(p *holder.Phone) (holder.LogKey, holder.Result, error) {
		return p.Commission(ctx, tag, secret)
	})
}

// Agree agrees a log key with a lock that is the key's already, and so finds out
// whether it is: after a MoveIn that was cut off, after [Box.Accept], when the
// Vault was lost.  Where the owner's policies are not known, because the State was
// lost, it signs one that ends every grant of before.
//
// Errors: those of MoveIn; ErrBehind where the lock holds other settings, or none since it
// was taken once more: [Box.Heal] signs them.
func (b *Box) Agree(ctx context.Context, phone *holder.Phone, tag apdu.Transceiver, now time.Time) (Change, holder.Result, error) {
	return b.settle(ctx, phone, tag, now, leap, false, func(p *holder.Phone) (holder.LogKey, holder.Result, error) {
		return p.Rekey(ctx, tag)
	})
}

// settle becomes the owner, or finds out that it is, and signs the first policy
// where there is none, or where the lock was taken and has dropped the one that it had,
// so many versions above the one that the lock holds.
func (b *Box) settle(ctx context.Context, phone *holder.Phone, tag apdu.Transceiver, now time.Time, step uint32, taken bool,
	configure func(*holder.Phone) (holder.LogKey, holder.Result, error),
) (Change, holder.Result, error) {
	at, err := moment(now)
	known := b.state
	switch {
	case err != nil:
	case b.state.Heir != nil:
		err = ErrGivenAway
	case b.state.Owner != b.state.Key:
		err = ErrCoOwner
	default:
		err = b.prepare(taken) // an app that cannot keep a state becomes no owner
	}
	if err != nil {
		return Change{}, holder.Result{}, err
	}
	key, r, err := configure(b.bare(phone))
	if kept := b.keepKey(key, r); err == nil {
		err = kept
	}
	if err == nil && r.Outcome != credential.OutcomeDone {
		err = fmt.Errorf("home: the lock refused: %w", r.Reason)
	}
	if r.Outcome == credential.OutcomeRefused && !errors.Is(err, credential.ReasonStatusWord) {
		err = errors.Join(err, b.change(func(s *state) error { s.Confirmed, s.Doubt = known.Confirmed, known.Doubt; return nil }))
	}
	if err != nil {
		return Change{}, r, err
	}
	change, err := b.settled(at, r.State, step, taken)
	if err != nil || len(b.Pending()) == 0 {
		return change, r, err
	}
	handed, _ := b.Phone(phone).Do(ctx, tag, holder.Ask{Receipt: true}) // what does not arrive stays pending
	return change, r, b.Took(handed)
}

// prepare keeps what has to be known where the phone is cut off: a lock that is taken once
// more has dropped the policy that it held.  Nobody vouches for a status word that denies it.
func (b *Box) prepare(taken bool) error {
	return b.change(func(s *state) error {
		if taken && s.Policy != nil {
			s.Confirmed, s.Doubt = false, true
		}
		return nil
	})
}

// settled takes note that the lock is the key's, and signs the first policy.
func (b *Box) settled(now credential.Time, told holder.State, step uint32, taken bool) (change Change, err error) {
	if b.state.Policy != nil && !taken {
		return Change{}, b.note(nil, nil, false, func(s *state) { s.saw(told) })
	}
	err = b.change(func(s *state) (err error) {
		s.Transfer = nil
		s.Version = max(s.Version, told.PolicyVersion)
		s.Held = told.PolicyVersion
		if s.Held == 0 {
			step = 1
		}
		change, err = s.sign(b.signer, now, step, s.Held > 0 || s.Policy != nil)
		return err
	})
	if err != nil {
		return Change{}, err
	}
	return change, nil
}

// keepKey keeps a log key that was agreed, or may have been.
func (b *Box) keepKey(key holder.LogKey, r holder.Result) error {
	b.logKeys = b.logKeys.After(key, r)
	if key.IsZero() {
		return nil
	}
	if err := b.keep(Saved{Vault: encodeVault(b.logKeys)}); err != nil {
		return fmt.Errorf("%w: %w; the Box has the log key still, see Saved", ErrKeep, err)
	}
	return nil
}
