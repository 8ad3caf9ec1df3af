package home

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
)

// Terms are what a guest may.
type Terms struct {
	Actions  credential.Actions  `json:"actions,omitempty"`  // zero is to open
	From     credential.Time     `json:"from,omitempty"`     // zero is from now on
	Until    credential.Time     `json:"until"`              // when it is over
	Schedule credential.Schedule `json:"schedule,omitempty"` // hours in which it is good; nil is always
	Uses     credential.Uses     `json:"uses,omitzero"`      // how often; zero is without a count
	// Resource is the compartment, 1 to 255; zero is every one.
	Resource uint8 `json:"resource,omitempty"`
	// Delegation is how many further times it may be passed on, 0 to 2.
	Delegation uint8 `json:"delegation,omitempty"`
	// Evidence is the least that the lock must know of the time: with live time a
	// right ends to the minute.  Hours need it.
	Evidence credential.Evidence `json:"evidence,omitempty"`
	// Lease is how long one grant is good, where the guest's phone can be given a
	// new one by and by (see [Box.Renew]): a minute or more; zero is all the time
	// to Until.  The shorter it is, the sooner does a guest who was withdrawn stay
	// out whom no policy meets.  Counted rights have none.
	Lease time.Duration `json:"lease,omitempty"`
}

// Guest is somebody who was granted a right.  The name is known on this phone
// alone; the key is what the guest's phone proves.
type Guest struct {
	Name      string               `json:"name"`
	Key       credential.PublicKey `json:"key"`
	Terms     Terms                `json:"terms"`
	Withdrawn bool                 `json:"withdrawn,omitempty"`
	Grant     []byte               `json:"grant,omitempty"`  // the newest one
	Issued    []Issued             `json:"issued,omitempty"` // all that were signed, the newest last
}

// Issued is one grant that was signed for a guest.
type Issued struct {
	Tag     credential.Tag  `json:"tag"` // by which the log names it
	Expires credential.Time `json:"expires"`
	Version uint32          `json:"version"` // policy version that it names
}

// Renewal is a guest whose phone wants a new pass.
type Renewal struct {
	Guest Guest
	Pass  credential.Pass
}

// keptIssued is how many grants of one guest a Box remembers, to tell names in the
// log by them.
const keptIssued = 512

// ID returns the key id by which methods name the guest.
func (g Guest) ID() credential.KeyID { return credential.KeyIDOf(g.Key) }

// newest returns the newest grant, the zero one where there is none.
func (g *Guest) newest() Issued {
	if len(g.Issued) == 0 {
		return Issued{}
	}
	return g.Issued[len(g.Issued)-1]
}

// clone returns a copy that shares nothing.
func (g Guest) clone() Guest {
	g.Terms.Schedule, g.Grant, g.Issued = slices.Clone(g.Terms.Schedule), slices.Clone(g.Grant), slices.Clone(g.Issued)
	return g
}

// check refuses a guest that no Box writes.
func (g *Guest) check() error {
	if g.Key.IsZero() {
		return errors.New("the key of a guest is missing")
	}
	return checkName(g.Name)
}

// Guests returns everybody who was granted a right, the former ones included.
func (b *Box) Guests() []Guest {
	guests := make([]Guest, len(b.state.Guests))
	for i := range guests {
		guests[i] = b.state.Guests[i].clone()
	}
	return guests
}

// Guest returns one of them.
func (b *Box) Guest(id credential.KeyID) (Guest, error) {
	i := b.state.guest(id)
	if i < 0 {
		return Guest{}, noGuest(id)
	}
	return b.state.Guests[i].clone(), nil
}

func noGuest(id credential.KeyID) error { return fmt.Errorf("%w: %s", ErrGuest, id) }

// guest returns the place of one of them, -1 for none.
func (s *state) guest(id credential.KeyID) int {
	return slices.IndexFunc(s.Guests, func(g Guest) bool { return g.ID() == id })
}

// Grant gives a right to whoever holds the key, which came from the guest's phone
// (credential.ParseRequestLink), and returns what that phone is given.  For a guest
// who has a right already it replaces name and terms; grants that were given
// before stay good until their end, or until [Box.Withdraw].
//
// Errors: ErrTime, ErrGuest, ErrNotYours, ErrGivenAway, ErrCoOwner, ErrKeep; those of
// issuer.Owner.Grant for terms that every lock would refuse.
func (b *Box) Grant(now time.Time, name string, key credential.PublicKey, terms Terms) (credential.Pass, error) {
	at, err := moment(now)
	if err != nil {
		return credential.Pass{}, err
	}
	var pass credential.Pass
	err = b.change(func(s *state) error {
		if err := s.ready(); err != nil {
			return err
		}
		if err := s.welcome(at, name, key, terms); err != nil {
			return err
		}
		i := s.guest(credential.KeyIDOf(key))
		if i < 0 {
			i = len(s.Guests)
			s.Guests = append(s.Guests, Guest{})
		}
		g := &s.Guests[i]
		g.Name, g.Key, g.Terms, g.Withdrawn = name, key, terms, false
		if err := s.grant(b.signer, at, g); err != nil {
			return err
		}
		pass = s.pass(g)
		return nil
	})
	if err != nil {
		return credential.Pass{}, err
	}
	return pass, nil
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
	case terms.Lease < 0 || terms.Lease > 0 && terms.Lease < time.Minute:
		return fmt.Errorf("%w: a lease is a minute at the least, not %s", ErrTime, terms.Lease)
	case terms.Lease != 0 && terms.Uses != credential.Uses{}:
		return fmt.Errorf("%w: a counted right is granted once, and has no lease", ErrGuest)
	}
	return nil
}

// grant signs a grant for a guest by the guest's terms.
func (s *state) grant(signer *issuer.Owner, now credential.Time, g *Guest) error {
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
		Resource: t.Resource, Delegation: t.Delegation, Evidence: t.Evidence, PolicyVersion: s.Version,
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
	g.Issued = append(g.Issued, Issued{Tag: u.Tag(), Expires: c.Expires, Version: s.Version})
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
// Errors: ErrGuest where there is no such guest, or the right was withdrawn.
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

// Renew signs anew the grants that are due: of a lease of which less than half is
// left, and of guests whose grants a policy ended.  An app calls it whenever it
// runs, once a day at the least, and sends the passes to the guests' phones.
//
// Errors: those of Grant.
func (b *Box) Renew(now time.Time) (renewed []Renewal, err error) {
	at, err := moment(now)
	if err != nil {
		return nil, err
	}
	err = b.change(func(s *state) error {
		if err := s.ready(); err != nil {
			return err
		}
		renewed, err = s.renew(b.signer, at, (*state).due)
		return err
	})
	if err != nil {
		return nil, err
	}
	return renewed, nil
}

// renew signs the grants of the guests whom the function chooses.
func (s *state) renew(signer *issuer.Owner, now credential.Time, chosen func(*state, *Guest, credential.Time) bool) (renewed []Renewal, err error) {
	for i := range s.Guests {
		g := &s.Guests[i]
		if g.Withdrawn || g.Terms.Until <= now || !chosen(s, g, now) {
			continue
		}
		if err := s.grant(signer, now, g); err != nil {
			return nil, err
		}
		renewed = append(renewed, Renewal{Guest: g.clone(), Pass: s.pass(g)})
	}
	return renewed, nil
}

// due reports whether a guest's grant should be signed anew.
func (s *state) due(g *Guest, now credential.Time) bool {
	if g.Terms.Uses != (credential.Uses{}) {
		return false
	}
	newest := g.newest()
	return s.ended(g) || g.Terms.Lease != 0 && newest.Expires < g.Terms.Until && newest.Expires.Time().Before(now.Time().Add(g.Terms.Lease/2))
}

// ended reports whether a policy ended a guest's newest grant.
func (s *state) ended(g *Guest) bool { return g.newest().Version < s.Least || g.Grant == nil }

// revive signs anew what a raised least version ended, but for counted rights.
func (s *state) revive(signer *issuer.Owner, now credential.Time) (renewed []Renewal, lapsed []Guest, err error) {
	renewed, err = s.renew(signer, now, func(s *state, g *Guest, _ credential.Time) bool {
		return s.ended(g) && g.Terms.Uses == credential.Uses{}
	})
	for i := range s.Guests {
		g := &s.Guests[i]
		if !g.Withdrawn && g.Grant != nil && g.newest().Version < s.Least {
			g.Grant = nil
			if g.Terms.Until > now {
				lapsed = append(lapsed, g.clone())
			}
		}
	}
	return renewed, lapsed, err
}
