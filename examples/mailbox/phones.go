package main

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
)

// phones are those who open.
type phones struct {
	owner     *holder.Phone
	neighbour *holder.Phone
	postman   *holder.Phone // of the box's round
	trainee   *holder.Phone // walks the round with him on Monday
	colleague *holder.Phone // of the next round
}

// newPhones gives everybody a phone with a key of its own.  The grants come
// later, when they are issued.
func newPhones(p *parties) (*phones, error) {
	all := new(phones)
	var err error
	if all.owner, err = newPhone(p, p.ownerKey); err != nil {
		return nil, err
	}
	// The neighbour's key is in a secure element that has P-256 alone.
	secureElement, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	if all.neighbour, err = newPhone(p, secureElement); err != nil {
		return nil, err
	}
	for _, handset := range []**holder.Phone{&all.postman, &all.trainee, &all.colleague} {
		key, err := newKey()
		if err != nil {
			return nil, err
		}
		if *handset, err = newPhone(p, key); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// newPhone installs the app: it ships with the keys of the schemes and the
// certificates of the manufacturers, and staff also get their operator's.
func newPhone(p *parties, key crypto.Signer) (*holder.Phone, error) {
	k, err := holder.NewKey(key)
	if err != nil {
		return nil, err
	}
	return &holder.Phone{
		Key:         k,
		Authorities: [][]byte{p.post.Authority().Bytes()},
		Roots:       []credential.PublicKey{p.scheme.PublicKey()},
		Makers:      [][]byte{p.maker.Authority().Bytes()},
		Locks:       holder.NewMemory(),
		Rand:        rand.Reader,
		Extended:    true,
	}, nil
}

// roundGrant has the post sign what a handset may do on one day: deliver and
// collect at every box of one round, from half past five until eight.
func (p *parties) roundGrant(handset *holder.Phone, round string, day int) ([]byte, error) {
	return p.post.Grant(credential.GrantClaims{
		Holder:   handset.Key.PublicKey(),
		IssuedAt: credential.At(at(day, 5, 30)),
		Expires:  credential.At(at(day, 20, 0)),
		Scope: []credential.Entry{{
			Target:  credential.AreaTarget([]byte(round)),
			Actions: credential.ActionDeliver | credential.ActionCollect,
		}},
	})
}

// guestGrant has the owner sign what the neighbour's phone may do: open this
// one box for thirty days.  No server takes part.
func (p *parties) guestGrant(guest *holder.Phone) ([]byte, error) {
	return p.owner.Grant(credential.GrantClaims{
		Holder:   guest.Key.PublicKey(),
		IssuedAt: credential.At(at(monday, 8, 0)),
		Expires:  credential.At(at(monday, 8, 0).AddDate(0, 0, 30)),
		Scope: []credential.Entry{{
			Target:  credential.LockTarget(boxID),
			Actions: credential.ActionOpen,
		}},
	})
}

// attempt is one try to open, as the phone and a listener saw it.
type attempt struct {
	link      *apdu.Tracer // what went over the link
	phone     *holder.Phone
	operation credential.Operation
	result    holder.Result
	err       error
	note      string // what else there is to tell
}

// tap holds the phone to whatever answers at the other end of the link.
func tap(phone *holder.Phone, link apdu.Transceiver, operation credential.Operation) attempt {
	a := attempt{link: apdu.NewTracer(link), phone: phone, operation: operation}
	a.result, a.err = phone.Open(context.Background(), a.link, operation)
	return a
}

// tapBox holds the phone to the box: its field powers the lock up, and they
// speak.
func (s *story) tapBox(phone *holder.Phone, operation credential.Operation) (attempt, error) {
	field, err := s.box.powerUp()
	if err != nil {
		return attempt{}, err
	}
	return tap(phone, field, operation), nil
}
