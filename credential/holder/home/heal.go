package home

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"github.com/postern-lock/postern/credential"
)

// leap is how many versions Heal passes over: more than anybody signs between two
// backups, and few enough that the lock takes the next one (section 18.2).
const leap = 1024

// Restored tells that the state is from an older backup than the last one that
// was kept, so that there may be newer settings.  The phone is [Box.Behind] then, and signs
// nothing but a Grant at its user's word, until [Box.Heal].
//
// [Box.Learn] helps, since Heal then signs what was learnt; it does not end this, since
// whoever brings a policy may hold back a newer one.  Nor does the lock: it tells what
// has arrived, and not which withdrawal is under way.  Only a policy above all of them, that
// ends every grant of before, makes it the same whether one was.
//
// A co-owner's phone signs no policy and cannot heal: its guests lapse, and are granted
// again by Grant.
//
// Errors: ErrNotYours; ErrGivenAway where the lock is known to hold the transfer;
// ErrCoOwner where the owner has ended the co-ownership; ErrKeep.
func (b *Box) Restored() error {
	return b.change(func(s *state) error {
		if err := s.ready(); err != nil && (s.Heir == nil || s.gone()) {
			return err
		}
		if s.Owner == s.Key {
			s.Behind, s.Restored = true, true
			return nil
		}
		for i := range s.Guests {
			s.Guests[i].Grant = nil
		}
		return nil
	})
}

// Heal signs the settings that this phone knows anew, above everything that was
// signed in the time that it forgot.  What was granted then is not known, so every
// grant of before ends, and those of the guests who are known are signed anew.
// An app shows its user the settings and the guests first: one who was withdrawn in
// that time is among them, and is withdrawn again by being named here.  After
// [Box.Restored] a transfer that was learnt, or that the backup had, comes too late as
// well, where the lock is not known to hold it.
//
// Errors: those of Set, but for ErrBehind, and ErrGuest.
func (b *Box) Heal(now time.Time, withdrawn ...credential.KeyID) (Change, error) {
	return changed(b, now, func(s *state, at credential.Time) (Change, error) {
		if s.Restored && s.Heir != nil && !s.gone() {
			s.Heir, s.Transfer = nil, nil
		}
		s.Behind, s.Restored, s.Learnt = false, false, 0
		if err := s.mayDecide(); err != nil {
			return Change{}, err
		}
		for _, id := range withdrawn {
			if _, err := s.withdraw(at, id); err != nil {
				return Change{}, err
			}
		}
		return s.sign(b.signer, at, leap, true)
	})
}

// ResetFloor lets the lock's floor fall to the present, for the day on which somebody
// signed a time of years ahead and the lock refuses everybody (section 18.3).  What
// has ended would be good again, so every grant of before ends, and those of the
// guests who are known are signed anew; what an operator granted is not the owner's
// to end.  An app does it at its user's word alone, and brings the scheme's
// revocation list of that authority in the tap before.
//
// Errors: those of Set.
func (b *Box) ResetFloor(now time.Time) (Change, error) {
	return changed(b, now, func(s *state, at credential.Time) (Change, error) {
		if err := s.mayDecide(); err != nil {
			return Change{}, err
		}
		s.Reset = true
		return s.sign(b.signer, at, 1, true)
	})
}

// Learn takes over a policy of the owner's that this phone did not sign: from
// another phone with the same key, from a guest's phone or a courier's outbox after
// a backup was restored, or, in a co-owner's phone, from the owner.  It is the
// whole of the settings from then on.  An older one than is known changes nothing, and
// neither does a transfer that is older than what the lock is known to hold: it may have
// been taken back.
//
// Where it is the policy of another phone with the same key, nobody here knows whom
// that phone let in and whom it withdrew, but for what the policy says.  So a guest
// whose grants are over or were ended, as far as this phone knows, is granted nothing
// by itself any more: only by [Box.Grant], or by Heal.  The next [Box.Withdraw] ends every grant
// of before.  An app shows its user the guests.  Nobody vouches that it is the newest policy:
// whoever brings one can hold back another that is still under way.  So a phone that was
// restored stays behind, see [Box.Restored].
//
// In a co-owner's phone the same holds for the co-owner's own guests.  One of whom the
// policy denies a grant is withdrawn.  One whose grants it ends without a name lapses, with no Guest.Grant
// any more: the owner may have denied the guest before.  Both are granted again
// only at the co-owner's word, by Grant.
//
// Errors: ErrPolicy where it is not signed by the owner's key; ErrLock, ErrKeep,
// ErrNotYours; ErrBehind where it is another one of a version that this phone
// signed.
func (b *Box) Learn(policy []byte) error {
	u, err := credential.ParsePolicy(policy)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPolicy, err)
	}
	if u.Claims.Lock != b.state.Lock {
		return fmt.Errorf("%w: %s, not %s", ErrLock, u.Claims.Lock, b.state.Lock)
	}
	var v credential.Verifier
	if _, err := v.Policy(u, b.state.Owner); err != nil {
		return fmt.Errorf("%w: %w", ErrPolicy, err)
	}
	if b.state.Policy == nil {
		return ErrNotYours
	}
	version, signed := u.Claims.Version, b.state.signed()
	switch {
	case version < signed || bytes.Equal(policy, b.state.Policy) || bytes.Equal(policy, b.state.Transfer):
		return nil
	case version == signed && b.state.Owner == b.state.Key:
		return b.note(nil, nil, false, func(s *state) { s.Behind = true })
	}
	return b.change(func(s *state) error { s.learn(u); return nil })
}

// learn takes a newer policy over.
func (s *state) learn(u *credential.UnverifiedPolicy) {
	c := u.Claims
	s.Learnt = max(s.Learnt, c.Version)
	s.Version, s.Issued = max(s.Version, c.Version), max(s.Issued, c.IssuedAt)
	s.Confirmed, s.Doubt, s.Reset = false, false, false
	s.Behind = s.Behind && (s.Restored || c.Version < s.Version)
	if c.Owner != s.Owner {
		if c.Version >= s.Held { // else it was taken back, or the key is worth nothing any more
			s.Transfer, s.Heir = bytes.Clone(u.Bytes()), &c.Owner
		}
		return
	}
	if s.Heir != nil && c.Version > versionOf(s.Transfer) && !s.gone() {
		s.Heir, s.Transfer = nil, nil // it was taken back
		s.Behind = s.Behind || s.Owner == s.Key && c.Version < s.Held
	}
	s.Policy = bytes.Clone(u.Bytes())
	s.Settings = Settings{Block: c.Block, Services: c.Services, CoOwners: c.CoOwners, Anchors: c.Anchors, Notice: c.Notice}
	s.Least = c.Least
	s.Ousted = s.Owner != s.Key && !slices.Contains(c.CoOwners, s.Key)
	s.heed(c.Denied)
}

// heed takes over whom a policy denies, and what it ends in a co-owner's phone.
func (s *state) heed(denied []credential.Tag) {
	ends := map[credential.Tag]credential.Time{}
	for _, d := range s.Denied {
		ends[d.Tag] = d.Expires
	}
	for i := range s.Guests {
		g := &s.Guests[i]
		for j := range g.Issued {
			issued := &g.Issued[j]
			ends[issued.Tag] = issued.Expires
			if !issued.Denied && slices.Contains(denied, issued.Tag) {
				issued.Denied, g.Withdrawn, g.Grant = true, true, nil
			}
		}
		if s.Owner != s.Key && s.ended(g) {
			g.Grant = nil
		}
	}
	s.Denied = nil
	for _, tag := range denied {
		expires, known := ends[tag]
		if !known {
			expires = never
		}
		s.deny(tag, expires)
	}
}
