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
	stand     *holder.Phone // walks the round in September
	courier   *holder.Phone // of the carrier
	child     *holder.Phone // of the neighbour
	sitter    *holder.Phone // waters the plants in summer
	passerBy  *holder.Phone // has no right at all
	buyer     *holder.Phone // of the house
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
	for _, handset := range []**holder.Phone{
		&all.postman, &all.trainee, &all.colleague, &all.stand, &all.courier, &all.child, &all.sitter, &all.passerBy, &all.buyer,
	} {
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
// certificates of the manufacturers and operators.
func newPhone(p *parties, key crypto.Signer) (*holder.Phone, error) {
	k, err := holder.NewKey(key)
	if err != nil {
		return nil, err
	}
	return &holder.Phone{
		Key:         k,
		Authorities: [][]byte{p.post.Authority().Bytes(), p.carrier.Authority().Bytes()},
		Roots:       []credential.PublicKey{p.scheme.PublicKey()},
		Makers:      [][]byte{p.maker.Authority().Bytes()},
		Locks:       holder.NewMemory(),
		Rand:        rand.Reader,
		Extended:    true,
	}, nil
}

// attempt is one try to get something of a lock, as the phone and a listener saw
// it.
type attempt struct {
	link   *apdu.Tracer  // what went over the link; nothing at home
	phone  *holder.Phone // nil for a bare reader
	ask    holder.Ask
	proof  bool // with a proof of the setup secret
	byLock bool // the lock is the reader, and the phone a card: binding R
	result holder.Result
	err    error
	note   string   // what else there is to tell
	table  []string // and in lines of their own
}

// tap holds the phone to whatever answers at the other end of the link.
func tap(phone *holder.Phone, link apdu.Transceiver, ask holder.Ask) attempt {
	a := attempt{link: apdu.NewTracer(link), phone: phone, ask: ask}
	a.result, a.err = phone.Do(context.Background(), a.link, ask)
	return a
}

// opens is what most people ask: one operation and nothing else.
func opens(operation credential.Operation) holder.Ask { return holder.Ask{Operation: operation} }

// tapBox holds the phone to the box: its field powers the lock up, and they
// speak.
func (s *story) tapBox(phone *holder.Phone, ask holder.Ask) (attempt, error) {
	field, err := s.box.powerUp()
	if err != nil {
		return attempt{}, err
	}
	return tap(phone, field, ask), nil
}

// tapWith taps with documents that the phone carries for others.
func (s *story) tapWith(phone *holder.Phone, ask holder.Ask, documents ...[]byte) (attempt, error) {
	carrying := *phone
	carrying.Documents = documents
	return s.tapBox(&carrying, ask)
}
