package home

import (
	"bytes"
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
// takes note of all that the lock says.  An error can come beside a good Result:
// what Took found.
func (b *Box) Visit(ctx context.Context, phone *holder.Phone, tag apdu.Transceiver, operation credential.Operation) (holder.Result, error) {
	ask := holder.Ask{Operation: operation, Receipt: b.state.Policy != nil && !b.state.Confirmed}
	if len(b.logKeys) > 0 {
		ask.LogPages = wire.LimitLogPages
	}
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
// policy and hands it over.  Keep the label with the secret elsewhere then.
//
// With an error and the outcome unconfirmed nobody knows whether the lock took
// the key: [Box.Agree] finds out.
//
// Errors: those of holder.Phone.Commission; the reason where the lock refused;
// ErrTime, ErrKeep, ErrGivenAway, ErrCoOwner.
func (b *Box) MoveIn(ctx context.Context, phone *holder.Phone, tag apdu.Transceiver, secret [wire.LimitSetupBytes]byte, now time.Time) (Change, holder.Result, error) {
	return b.settle(ctx, phone, tag, now, 1, func(p *holder.Phone) (holder.LogKey, holder.Result, error) {
		return p.Commission(ctx, tag, secret)
	})
}

// Agree agrees a log key with a lock that is the key's already, and so finds out
// whether it is: after a MoveIn that was cut off, after [Box.Accept], when the
// Vault was lost.  Where the owner's policies are not known, because the State was
// lost, it signs one that ends every grant of before.
//
// Errors: those of MoveIn.
func (b *Box) Agree(ctx context.Context, phone *holder.Phone, tag apdu.Transceiver, now time.Time) (Change, holder.Result, error) {
	return b.settle(ctx, phone, tag, now, leap, func(p *holder.Phone) (holder.LogKey, holder.Result, error) {
		return p.Rekey(ctx, tag)
	})
}

// settle becomes the owner, or finds out that it is, and signs the first policy
// where there is none, so many versions above the one that the lock holds.
func (b *Box) settle(ctx context.Context, phone *holder.Phone, tag apdu.Transceiver, now time.Time, step uint32,
	configure func(*holder.Phone) (holder.LogKey, holder.Result, error),
) (Change, holder.Result, error) {
	at, err := moment(now)
	switch {
	case err != nil:
	case b.state.Heir != nil:
		err = ErrGivenAway
	case b.state.Owner != b.state.Key:
		err = ErrCoOwner
	default:
		err = b.change(func(*state) error { return nil }) // an app that cannot keep a state becomes no owner
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
	if err != nil {
		return Change{}, r, err
	}
	var change Change
	err = b.change(func(s *state) (err error) {
		if s.Policy == nil {
			s.Version = max(s.Version, r.State.PolicyVersion)
			s.Held = r.State.PolicyVersion
			if s.Held == 0 {
				step = 1
			}
			change, err = s.sign(b.signer, at, step, s.Held > 0)
			return err
		}
		s.saw(r.State)
		return nil
	})
	if err != nil || len(b.Pending()) == 0 {
		return change, r, err
	}
	handed, _ := b.Phone(phone).Status(ctx, tag) // what does not arrive stays pending
	return change, r, b.Took(handed)
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

// Took takes note of what a lock said in a tap of this phone, by whatever right:
// which policy it holds, what became of documents, pages of the log.  A Result of
// somebody else's phone is nobody's word; [Box.Brought] takes what couriers bring.
//
// Errors: ErrLock, ErrKeep, where nothing was noted.  All else was noted with
// these: ErrBehind, once, where the lock holds settings that this phone does not
// know; those of holder.History.Take, of pages that were altered or a log that fell
// back.
func (b *Box) Took(r holder.Result) error {
	if r.Lock == (credential.LockID{}) {
		return nil // no lock has proved to be one
	}
	if r.Lock != b.state.Lock {
		return fmt.Errorf("%w: %s, not %s", ErrLock, r.Lock, b.state.Lock)
	}
	history := b.history
	found := history.Take(r, b.logKeys)
	return b.note(found, &history, len(r.LogPages) > 0, func(s *state) { s.took(r) })
}

// Brought reads sealed pages of the log that somebody brought, in any order.  Every
// good one is taken.
//
// Errors: ErrKeep, where nothing was taken; those of holder.History.Add, together,
// for the pages that were not.
func (b *Box) Brought(pages ...[]byte) error {
	history := b.history
	var found []error
	for _, page := range pages {
		found = append(found, history.Add(page, b.logKeys))
	}
	return b.note(errors.Join(found...), &history, len(pages) > 0, func(*state) {})
}

// BroughtReceipt takes note of a receipt of this lock that somebody brought, which
// tells the policy that the lock held: what couriers need carry no more.
//
// Errors: ErrLock, ErrKeep, ErrBehind.
func (b *Box) BroughtReceipt(r *credential.Receipt) error {
	c := r.Claims()
	if c.Lock != b.state.Lock {
		return fmt.Errorf("%w: %s, not %s", ErrLock, c.Lock, b.state.Lock)
	}
	return b.note(nil, nil, false, func(s *state) { s.receipt(c, false) })
}

// note has what was learnt kept, and returns what was found out by it.
func (b *Box) note(found error, history *holder.History, read bool, learn func(*state)) error {
	next, err := b.state.clone()
	if err != nil {
		return err
	}
	learn(next)
	if !read {
		history = nil
	}
	behind := next.Behind && !b.state.Behind
	if err := b.take(next, history); err != nil {
		return err
	}
	if behind {
		found = errors.Join(ErrBehind, found)
	}
	return found
}

// took notes what a lock said in a tap.
func (s *state) took(r holder.Result) {
	superseded := false
	for _, d := range r.Documents {
		version := uint32(0)
		switch {
		case bytes.Equal(d.Document, s.Policy):
			version = s.signed()
		case bytes.Equal(d.Document, s.Transfer):
			version = versionOf(s.Transfer)
		}
		if version == 0 || d.Reason != credential.ReasonNone && d.Reason != credential.ReasonSuperseded {
			continue
		}
		s.Held = max(s.Held, version)
		if version == s.signed() {
			superseded = d.Reason == credential.ReasonSuperseded
			s.Confirmed, s.Doubt = s.Confirmed || !superseded, s.Doubt && superseded
		}
	}
	s.saw(r.State)
	if r.Receipt != nil && r.Receipt.Verified {
		s.receipt(r.Receipt.Claims, superseded)
	}
}

// saw notes the state that a lock told.
func (s *state) saw(now holder.State) {
	if now.PolicyVersion == 0 {
		return
	}
	s.Held = max(s.Held, now.PolicyVersion)
	s.Reset = s.Reset && s.Held < s.signed()
	if now.PolicyVersion > s.Version {
		s.Version = now.PolicyVersion
		s.Behind = s.Owner == s.Key && s.Policy != nil && s.Heir == nil
	}
	if now.Sequence == 0 {
		return
	}
	var last *sight
	if n := len(s.Seen); n > 0 {
		last = &s.Seen[n-1]
	}
	switch {
	case last == nil || now.PolicyVersion > last.Version && now.Sequence >= last.Last:
		s.Seen = append(s.Seen, sight{Version: now.PolicyVersion, First: now.Sequence, Last: now.Sequence})
	case now.PolicyVersion == last.Version:
		last.Last = max(last.Last, now.Sequence)
	}
}

// receipt notes which policy a lock signed that it holds.  Where it is another one
// of the same version, either the lock has lost the one that it held, and takes it
// again; or somebody else signed by this key, and what is handed over is
// superseded.
func (s *state) receipt(c credential.ReceiptClaims, superseded bool) {
	s.saw(holder.State{PolicyVersion: c.PolicyVersion})
	if s.Policy == nil || s.Heir != nil || c.PolicyVersion != s.signed() {
		return
	}
	u, err := credential.ParsePolicy(s.Policy)
	switch {
	case err != nil:
	case c.Policy == u.Tag():
		s.Confirmed, s.Doubt = true, false
	case superseded && s.Owner == s.Key:
		s.Confirmed, s.Doubt, s.Behind = false, false, true
	default:
		s.Confirmed, s.Doubt = false, true
	}
}
