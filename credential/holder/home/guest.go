package home

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/postern-lock/postern/credential"
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

// check refuses a lease that cannot be kept.
func (t *Terms) check() error {
	switch {
	case t.Lease < 0 || t.Lease > 0 && t.Lease < time.Minute:
		return fmt.Errorf("%w: a lease is a minute at the least, not %s", ErrTime, t.Lease)
	case t.Lease != 0 && t.Uses != credential.Uses{}:
		return fmt.Errorf("%w: a counted right is granted once, and has no lease", ErrGuest)
	}
	return nil
}

// Guest is somebody who was granted a right.  The name is known on this phone
// alone; the key is what the guest's phone proves.
type Guest struct {
	Name      string               `json:"name"`
	Key       credential.PublicKey `json:"key"`
	Terms     Terms                `json:"terms"`
	Withdrawn bool                 `json:"withdrawn,omitempty"`
	Grant     []byte               `json:"grant,omitempty"`  // the newest one; nil where the right was withdrawn or has lapsed
	Issued    []Issued             `json:"issued,omitempty"` // all that were signed, the newest last
}

// Issued is one grant that was signed for a guest.
type Issued struct {
	Tag     credential.Tag  `json:"tag"` // by which the log names it
	Expires credential.Time `json:"expires"`
	Version uint32          `json:"version"` // policy version that it names
	// Denied tells that it was withdrawn here, or that a policy that was learnt denied it.
	Denied bool `json:"denied,omitempty"`
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
	if g.Grant != nil {
		u, err := credential.ParseGrant(g.Grant)
		if err != nil {
			return err
		}
		if u.Claims.Holder != g.Key {
			return errors.New("the grant of a guest is another's")
		}
	}
	if err := g.Terms.check(); err != nil {
		return err
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
