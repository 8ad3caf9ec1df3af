package home

import (
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
)

// Renew signs anew the grants that are due: of a lease of which less than half is
// left, but for guests of whom [Box.Learn] makes this phone unsure.  What a policy ended
// it brings back to nobody.  An app calls it whenever it
// runs, once a day at the least, and sends the passes to the guests' phones.
//
// Errors: those of Grant, and ErrBehind: who was withdrawn meanwhile is not known.
func (b *Box) Renew(now time.Time) ([]Renewal, error) {
	return changed(b, now, func(s *state, at credential.Time) ([]Renewal, error) {
		if err := s.ready(); err != nil {
			return nil, err
		}
		if s.Behind {
			return nil, ErrBehind
		}
		return s.renew(b.signer, at, (*state).due)
	})
}

// renew signs the grants of the guests whom the function chooses, under the policy that
// this phone knows: one that a co-owner's phone only saw at the lock may end them.
func (s *state) renew(signer *issuer.Owner, now credential.Time, chosen func(*state, *Guest, credential.Time) bool) (renewed []Renewal, err error) {
	for i := range s.Guests {
		g := &s.Guests[i]
		if g.Withdrawn || g.Terms.Until <= now || !chosen(s, g, now) {
			continue
		}
		if err := s.grant(signer, now, g, s.signed()); err != nil {
			return nil, err
		}
		renewed = append(renewed, Renewal{Guest: g.clone(), Pass: s.pass(g)})
	}
	return renewed, nil
}

// due reports whether a guest's grant should be signed anew.
func (s *state) due(g *Guest, now credential.Time) bool {
	if g.Terms.Lease == 0 || s.ended(g) || s.unsure(g, now, s.Least) {
		return false
	}
	newest := g.newest()
	return newest.Expires < g.Terms.Until && newest.Expires.Time().Before(now.Time().Add(g.Terms.Lease/2))
}

// unsure reports whether another phone may have withdrawn the guest, under a policy
// with a least version: nothing of what this phone gave since tells, and nothing that
// it gave before is good still.
func (s *state) unsure(g *Guest, now credential.Time, least uint32) bool {
	newest := g.newest()
	return newest.Version < s.Learnt && (newest.Version < least || newest.Expires <= now)
}

// ended reports whether a policy ended a guest's newest grant.
func (s *state) ended(g *Guest) bool { return g.newest().Version < s.Least || g.Grant == nil }

// revive signs anew what a least version ended that was raised from another one, or, with
// the first policy, what another key had signed: but for counted rights and for guests of
// whom nobody is sure.
func (s *state) revive(signer *issuer.Owner, now credential.Time, before uint32, first bool) (renewed []Renewal, lapsed []Guest, err error) {
	renewed, err = s.renew(signer, now, func(s *state, g *Guest, _ credential.Time) bool {
		return s.ended(g) && g.Terms.Uses == credential.Uses{} && !s.unsure(g, now, before) && !s.Restored
	})
	for i := range s.Guests {
		g := &s.Guests[i]
		if !g.Withdrawn && (g.Grant == nil && first || g.Grant != nil && g.newest().Version < s.Least) {
			g.Grant = nil
			if g.Terms.Until > now {
				lapsed = append(lapsed, g.clone())
			}
		}
	}
	return renewed, lapsed, err
}
