package postern

import (
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder/home"
)

// Grant gives a right to who asks, by a request link of the guest's phone, and
// returns the pass for that phone.  The name stays on this phone.  Make sure that
// the link came from the person whom you mean.
func (b *Box) Grant(name, request string, terms *Terms) (*Pass, error) {
	return decide(b, func(box *home.Box, now time.Time) (*Pass, error) {
		t, err := terms.value()
		if err != nil {
			return nil, err
		}
		key, err := parseRequest(request)
		if err != nil {
			return nil, err
		}
		p, err := box.Grant(now, name, key, t)
		if err != nil {
			return nil, err
		}
		return newPass(p)
	})
}

// Guests are all who were granted a right, the former ones included.
func (b *Box) Guests() *Guests {
	return &Guests{look(b, func(box *home.Box) []home.Guest { return box.Guests() })}
}

// Pass returns what a guest's phone is given, as it is now.  Guest is [Guest.ID].
func (b *Box) Pass(guest string) (*Pass, error) {
	return decide(b, func(box *home.Box, _ time.Time) (*Pass, error) {
		id, err := parseID(guest)
		if err != nil {
			return nil, err
		}
		p, err := box.Pass(id)
		if err != nil {
			return nil, err
		}
		return newPass(p)
	})
}

// Renew signs anew the rights that are due, and returns whose.  Call it when the app
// starts, and once a day.
func (b *Box) Renew() (*Renewals, error) {
	return decide(b, func(box *home.Box, now time.Time) (*Renewals, error) {
		all, err := box.Renew(now)
		return &Renewals{all}, err
	})
}

// Withdraw takes a guest's right back, and what was passed on below it.  It is over
// when the policy reaches the lock, with anybody.
func (b *Box) Withdraw(guest string) (*Change, error) {
	return b.changed(func(box *home.Box, now time.Time) (home.Change, error) {
		id, err := parseID(guest)
		if err != nil {
			return home.Change{}, err
		}
		return box.Withdraw(now, id)
	})
}

// Deny takes a grant back by its tag, 16 hexadecimal digits, which a line of the log
// or a co-owner tells.
func (b *Box) Deny(tag string) (*Change, error) {
	return b.changed(func(box *home.Box, now time.Time) (home.Change, error) {
		id, err := parseID(tag)
		if err != nil {
			return home.Change{}, err
		}
		return box.Deny(now, credential.Tag(id), 0)
	})
}

// Forget removes a former guest with the name.
func (b *Box) Forget(guest string) error {
	_, err := decide(b, func(box *home.Box, now time.Time) (struct{}, error) {
		id, err := parseID(guest)
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, box.Forget(now, id)
	})
	return err
}

// parseID reads a key id or a tag, 16 hexadecimal digits.
func parseID(s string) (credential.KeyID, error) {
	id, err := credential.ParseLockID(s) // of the same form
	if err != nil {
		return credential.KeyID{}, argument("id %.20q: want 16 hexadecimal digits", s)
	}
	return credential.KeyID(id), nil
}

// Guests is a list of guests.
type Guests struct{ all []home.Guest }

// Len returns how many there are.
func (g *Guests) Len() int { return len(g.all) }

// At returns the one with the index, from 0; null where there is none.
func (g *Guests) At(i int) *Guest {
	if i < 0 || i >= len(g.all) {
		return nil
	}
	return &Guest{g.all[i]}
}

// Guest is somebody who was granted a right.
type Guest struct{ g home.Guest }

// ID is by what the box's methods name the guest: 16 hexadecimal digits.
func (g *Guest) ID() string { return g.g.ID().String() }

// Name is what the owner calls the guest.
func (g *Guest) Name() string { return g.g.Name }

// Actions is what the guest may: a sum of constants Action….
func (g *Guest) Actions() int { return int(g.g.Terms.Actions) }

// From is when the right begins, in seconds since 1970; 0 was at once.
func (g *Guest) From() int64 { return int64(g.g.Terms.From) }

// Until is when the right ends, in seconds since 1970.
func (g *Guest) Until() int64 { return int64(g.g.Terms.Until) }

// Uses is how often it may be used; 0 is without a count.
func (g *Guest) Uses() int { return int(g.g.Terms.Uses.Count) }

// Withdrawn reports whether the right was taken back.
func (g *Guest) Withdrawn() bool { return g.g.Withdrawn }

// Renewals is a list of guests whose phones want a new pass.
type Renewals struct{ all []home.Renewal }

// Len returns how many there are.
func (r *Renewals) Len() int { return len(r.all) }

// Guest returns the guest with the index, from 0; null where there is none.
func (r *Renewals) Guest(i int) *Guest {
	if i < 0 || i >= len(r.all) {
		return nil
	}
	return &Guest{r.all[i].Guest}
}

// Pass returns the new pass of the guest with the index.
func (r *Renewals) Pass(i int) (*Pass, error) {
	return guarded(func() (*Pass, error) {
		if i < 0 || i >= len(r.all) {
			return nil, argument("Pass: want an index under %d", len(r.all))
		}
		return newPass(r.all[i].Pass)
	})
}
