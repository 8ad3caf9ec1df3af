package home

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
)

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
		s.Behind = s.Behind || s.Owner == s.Key && s.Policy != nil && s.Heir == nil
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
	s.outdone(c)
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

// outdone forgets a transfer where the lock signed that it holds another policy of that
// version: the lock takes the transfer no more.
func (s *state) outdone(c credential.ReceiptClaims) {
	if s.Heir == nil || c.PolicyVersion != versionOf(s.Transfer) || c.Policy == (credential.Tag{}) {
		return
	}
	if u, err := credential.ParsePolicy(s.Transfer); err == nil && u.Tag() != c.Policy {
		s.Heir, s.Transfer = nil, nil
		s.Behind = s.Behind || s.Owner == s.Key
	}
}
