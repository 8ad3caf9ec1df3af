package home

import (
	"fmt"
	"slices"
	"time"

	"github.com/postern-lock/postern/credential"
)

// Withdraw takes a guest's right back: every grant of the guest's that is still
// good, and whatever was delegated below it.  It is over at the lock when the
// policy arrives there, with anybody.
//
// A policy names 16 grants at the most.  Where there would be more, or where another phone
// may have given some that this one does not know ([Box.Learn]), it ends every
// grant of before instead, and those of the guests who stay are signed anew:
// Change.Renewed are their passes.  Guests of a co-owner's get new ones at the
// co-owner's word, once the co-owner's phone has learnt the policy.
//
// In a co-owner's phone the guest gets nothing more, and Change.Deny says what the
// owner has to deny.
//
// Errors: those of Set, but for ErrCoOwner, and ErrGuest.
func (b *Box) Withdraw(now time.Time, id credential.KeyID) (Change, error) {
	return changed(b, now, func(s *state, at credential.Time) (Change, error) {
		if s.before() && s.guest(id) >= 0 {
			_, err := s.withdraw(at, id)
			return Change{}, err
		}
		if err := s.ready(); err != nil {
			return Change{}, err
		}
		ends, err := s.withdraw(at, id)
		switch {
		case err != nil:
			return Change{}, err
		case s.Owner != s.Key:
			return Change{Deny: ends}, nil
		case s.Behind:
			return Change{}, ErrBehind
		case len(ends) == 0 && !s.forgets():
			return Change{}, nil
		}
		for _, d := range ends {
			s.deny(d.Tag, d.Expires)
		}
		return s.sign(b.signer, at, 1, s.forgets())
	})
}

// forgets reports whether another phone may have signed grants that are still good and
// that this one does not know.
func (s *state) forgets() bool { return s.Learnt != 0 && s.Learnt >= s.Least }

// withdraw takes a guest's right back and returns the grants that are still good.
func (s *state) withdraw(now credential.Time, id credential.KeyID) (ends []credential.Denial, err error) {
	i := s.guest(id)
	if i < 0 {
		return nil, noGuest(id)
	}
	g := &s.Guests[i]
	for j := range g.Issued {
		issued := &g.Issued[j]
		issued.Denied = true
		if issued.Version >= s.Least && issued.Expires >= now {
			ends = append(ends, credential.Denial{Tag: issued.Tag, Expires: issued.Expires})
		}
	}
	g.Withdrawn, g.Grant = true, nil
	return ends, nil
}

// Deny takes back a grant by its tag, as the log or a co-owner tells it: one that a
// co-owner signed, or that a guest passed on.  Expires is when the grant ends;
// zero is not known.
//
// Errors: those of Set, and ErrGuest for a tag that is zero.
func (b *Box) Deny(now time.Time, tag credential.Tag, expires credential.Time) (Change, error) {
	return b.decide(now, func(s *state) error {
		if tag == (credential.Tag{}) {
			return fmt.Errorf("%w: the tag is missing", ErrGuest)
		}
		if expires == 0 {
			expires = never
		}
		s.deny(tag, expires)
		return nil
	})
}

// never is a time that does not come.
const never = ^credential.Time(0)

// Forget removes a former guest from the list, with the name: the log will name
// him no more.
//
// Errors: ErrGuest where there is no such guest, or one whose right is neither over
// nor withdrawn; ErrKeep.
func (b *Box) Forget(now time.Time, id credential.KeyID) error {
	_, err := changed(b, now, func(s *state, at credential.Time) (Guest, error) {
		i := s.guest(id)
		if i < 0 {
			return Guest{}, noGuest(id)
		}
		g := s.Guests[i]
		if s.stands(&g, at) {
			return g, fmt.Errorf("%w: what %s was granted may be good still; withdraw it first", ErrGuest, id)
		}
		s.Guests = slices.Delete(s.Guests, i, i+1)
		return g, nil
	})
	return err
}

// stands reports whether a guest's right, or a grant that was signed for it, is neither
// over nor withdrawn.  With the ownership all are over.
func (s *state) stands(g *Guest, now credential.Time) bool {
	return !s.Ousted && !s.gone() && !g.Withdrawn && (g.Grant != nil && g.Terms.Until > now || slices.ContainsFunc(g.Issued, func(i Issued) bool {
		return !i.Denied && i.Version > 0 && i.Version >= s.Least && i.Expires > now
	}))
}
