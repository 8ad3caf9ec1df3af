package home

import (
	"fmt"
	"slices"
	"time"

	"github.com/postern-lock/postern/credential"
)

// Transfer gives the lock to another owner's key and returns the policy that does
// it, without any setting.  The former owner brings it to the lock, or anybody
// does; the new owner's phone is given it too, for [Box.Accept].  Once it has
// arrived, every grant of this owner is over and the lock has forgotten its log.
// Until then [Box.TakeBack] can undo it.
//
// It is also what ends a race with somebody who has the owner's key: a transfer to a new
// key of the owner's own, brought to the lock at once (section 11.4).
//
// Errors: those of Set; issuer.ErrKey for a key that is missing or the owner's own.
func (b *Box) Transfer(now time.Time, to credential.PublicKey) (policy []byte, err error) {
	return changed(b, now, func(s *state, at credential.Time) ([]byte, error) {
		if err := s.mayDecide(); err != nil {
			return nil, err
		}
		version, err := s.next(1)
		if err != nil {
			return nil, err
		}
		at = max(at, s.Issued)
		policy, err := b.signer.Transfer(credential.PolicyClaims{Lock: s.Lock, Version: version, IssuedAt: at}, to)
		s.Transfer, s.Heir, s.Version, s.Issued = policy, &to, version, at
		return policy, err
	})
}

// TakeBack undoes a Transfer that the lock has not taken, by a newer policy.  If
// the lock takes the other one first, it has changed hands all the same.  Where another
// phone with the same key took it back, this one learns so by [Box.Learn], and without the
// policy by [Box.Restored] and [Box.Heal].
//
// Errors: those of Set; ErrGivenAway where there is no transfer, or where the lock is
// known to hold it or a newer policy.
func (b *Box) TakeBack(now time.Time) (Change, error) {
	return changed(b, now, func(s *state, at credential.Time) (Change, error) {
		if s.Heir == nil || versionOf(s.Transfer) <= s.Held {
			return Change{}, fmt.Errorf("%w: there is no transfer that could be taken back", ErrGivenAway)
		}
		s.Heir, s.Transfer = nil, nil
		if err := s.mayDecide(); err != nil {
			return Change{}, err
		}
		return s.sign(b.signer, at, 1, false)
	})
}

// Heir returns the key that the lock was given to, and whether the lock is known
// to hold that transfer or a newer policy; ok is false where the lock was given to
// nobody.
func (b *Box) Heir() (key credential.PublicKey, arrived, ok bool) {
	if b.state.Heir == nil {
		return credential.PublicKey{}, false, false
	}
	return *b.state.Heir, versionOf(b.state.Transfer) <= b.state.Held, true
}

// gone reports whether the lock holds the transfer's version: the transfer itself, unless a
// receipt says another policy (outdone).  Where it holds a newer one, that can be the new
// owner's, and the one that took the transfer back.
func (s *state) gone() bool { return s.Heir != nil && versionOf(s.Transfer) == s.Held }

// Accept takes the lock over from a former owner, by the policy that gives it to
// this Box's key, and signs the new owner's first policy.  Pending are both then:
// the former owner or a visitor of the former owner's brings them; neither the new
// owner's bare key nor a new guest is let in before.  [Box.Agree] then finishes the transfer with a new log key.
//
// Nobody vouches for the policy but the lock that takes it.
//
// Errors: ErrPolicy where it gives the lock to nobody or to another key, or where the
// Box has a policy already; ErrVersion where it has the last version that there is;
// ErrLock, ErrTime, ErrKeep.
func (b *Box) Accept(now time.Time, transfer []byte) (Change, error) {
	u, err := credential.ParsePolicy(transfer)
	switch {
	case err != nil:
		return Change{}, fmt.Errorf("%w: %w", ErrPolicy, err)
	case u.Claims.Lock != b.state.Lock:
		return Change{}, fmt.Errorf("%w: %s, not %s", ErrLock, u.Claims.Lock, b.state.Lock)
	case u.Claims.Owner != b.state.Key || u.Signer() == credential.KeyIDOf(b.state.Key):
		return Change{}, fmt.Errorf("%w: it does not give the lock to the key %s", ErrPolicy, credential.KeyIDOf(b.state.Key))
	case b.state.Policy != nil:
		return Change{}, fmt.Errorf("%w: the box is this key's already; begin with New", ErrPolicy)
	}
	return changed(b, now, func(s *state, at credential.Time) (Change, error) {
		s.Transfer, s.Version = transfer, u.Claims.Version
		s.Held = s.Version - 1
		return s.sign(b.signer, at, 1, false)
	})
}

// Join makes this the Box of a co-owner, by a policy that names the key.  Owner
// is the key that the user knows to be the owner's, from the owner's own phone.
//
// Errors: ErrPolicy where the owner did not sign it, or does not name the key, or where
// the Box has a policy already; ErrLock, ErrKeep.
func (b *Box) Join(owner credential.PublicKey, policy []byte) error {
	u, err := credential.ParsePolicy(policy)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrPolicy, err)
	case u.Claims.Lock != b.state.Lock:
		return fmt.Errorf("%w: %s, not %s", ErrLock, u.Claims.Lock, b.state.Lock)
	case u.Claims.Owner != owner || !slices.Contains(u.Claims.CoOwners, b.state.Key):
		return fmt.Errorf("%w: it does not name the key %s", ErrPolicy, credential.KeyIDOf(b.state.Key))
	case b.state.Policy != nil:
		return fmt.Errorf("%w: the box is this key's already; use Learn", ErrPolicy)
	}
	var v credential.Verifier
	if _, err := v.Policy(u, owner); err != nil {
		return fmt.Errorf("%w: %w", ErrPolicy, err)
	}
	return b.change(func(s *state) error {
		s.Owner = owner
		s.learn(u)
		return nil
	})
}

// forget makes a state the new one of another key: what the former one signed is
// over.  Who had lapsed by a policy stays out: nobody was sure of him any more.
func (s *state) forget(own credential.PublicKey, policy bool) {
	s.Settings.CoOwners = slices.DeleteFunc(s.Settings.CoOwners, func(k credential.PublicKey) bool { return k == own })
	s.Guests = slices.DeleteFunc(s.Guests, func(g Guest) bool { return g.Key == own })
	for i := range s.Guests {
		g := &s.Guests[i]
		g.Withdrawn, g.Grant = g.Withdrawn || policy && g.Grant == nil, nil
		for j := range g.Issued {
			g.Issued[j].Version = 0
		}
	}
}
