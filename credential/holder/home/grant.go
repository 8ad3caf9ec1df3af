package home

import (
	"fmt"
	"slices"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
)

// Grant gives a right to whoever holds the key, which came from the guest's phone
// (credential.ParseRequestLink), and returns what that phone is given.  For a guest
// who has a right already it replaces name and terms; grants that were given
// before stay good until their end, or until [Box.Withdraw].
//
// Errors: ErrTime, ErrGuest, ErrNotYours, ErrGivenAway, ErrCoOwner, ErrKeep; those of
// issuer.Owner.Grant for terms that every lock would refuse.
func (b *Box) Grant(now time.Time, name string, key credential.PublicKey, terms Terms) (credential.Pass, error) {
	return changed(b, now, func(s *state, at credential.Time) (credential.Pass, error) {
		if err := s.ready(); err != nil {
			return credential.Pass{}, err
		}
		if err := s.welcome(at, name, key, terms); err != nil {
			return credential.Pass{}, err
		}
		i := s.guest(credential.KeyIDOf(key))
		if i < 0 {
			i = len(s.Guests)
			s.Guests = append(s.Guests, Guest{})
		}
		g := &s.Guests[i]
		g.Name, g.Key, g.Terms, g.Withdrawn = name, key, terms, false
		if err := s.grant(b.signer, at, g, s.Version); err != nil {
			return credential.Pass{}, err
		}
		return s.pass(g), nil
	})
}

// welcome checks what Grant is given.
func (s *state) welcome(now credential.Time, name string, key credential.PublicKey, terms Terms) error {
	if err := checkName(name); err != nil {
		return err
	}
	i := s.guest(credential.KeyIDOf(key))
	switch {
	case key.IsZero():
		return fmt.Errorf("%w: the guest's key is missing", ErrGuest)
	case key == s.Key || key == s.Owner:
		return fmt.Errorf("%w: it is the owner's own key, which needs no grant", ErrGuest)
	case i >= 0 && s.Guests[i].Key != key:
		return fmt.Errorf("%w: another guest's key has the same id", ErrGuest)
	case terms.Until <= now || terms.Until <= terms.From:
		return fmt.Errorf("%w: the right ends at %s, which is before it begins", ErrTime, terms.Until)
	}
	return terms.check()
}

// grant signs a grant for a guest by the guest's terms, which no policy with a least
// version above the given one leaves good.
func (s *state) grant(signer *issuer.Owner, now credential.Time, g *Guest, version uint32) error {
	t := g.Terms
	begins := now
	c := credential.GrantClaims{Holder: g.Key, IssuedAt: now, Expires: t.Until}
	if t.From > now {
		begins, c.NotBefore = t.From, t.From
	}
	if end := credential.At(begins.Time().Add(t.Lease)); t.Lease != 0 && end != 0 && end < t.Until {
		c.Expires = end
	}
	entry := credential.Entry{
		Target: credential.LockTarget(s.Lock), Actions: t.Actions, Schedule: t.Schedule, Uses: t.Uses,
		Resource: t.Resource, Delegation: t.Delegation, Evidence: t.Evidence, PolicyVersion: version,
	}
	if entry.Actions == 0 {
		entry.Actions = credential.ActionOpen
	}
	c.Scope = []credential.Entry{entry}
	grant, err := signer.Grant(c)
	if err != nil {
		return err
	}
	u, err := credential.ParseGrant(grant)
	if err != nil {
		return err
	}
	g.Grant = grant
	g.Issued = slices.DeleteFunc(g.Issued, func(i Issued) bool { return i.Tag == u.Tag() })
	g.Issued = append(g.Issued, Issued{Tag: u.Tag(), Expires: c.Expires, Version: version})
	g.forget(now)
	return nil
}

// forget drops the oldest grants that are over, where there are too many.
func (g *Guest) forget(now credential.Time) {
	for i := 0; i < len(g.Issued) && len(g.Issued) > keptIssued; {
		if g.Issued[i].Expires < now {
			g.Issued = slices.Delete(g.Issued, i, i+1)
		} else {
			i++
		}
	}
}

// Pass returns what a guest's phone is given, as it is now: the newest grant, and
// the policy where the lock is not known to hold it.
//
// Errors: ErrGuest where there is no such guest, or the right was withdrawn or has
// lapsed.
func (b *Box) Pass(id credential.KeyID) (credential.Pass, error) {
	i := b.state.guest(id)
	if i < 0 || b.state.Guests[i].Withdrawn || b.state.Guests[i].Grant == nil {
		return credential.Pass{}, noGuest(id)
	}
	return b.state.pass(&b.state.Guests[i]), nil
}

// pass returns the pass of a guest.
func (s *state) pass(g *Guest) credential.Pass {
	return credential.Pass{Chain: [][]byte{slices.Clone(g.Grant)}, Documents: s.pending()}
}
