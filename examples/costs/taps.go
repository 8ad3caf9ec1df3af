package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/lock"
)

// tap is one tap: all that a phone says to a lock that was just powered up.
type tap func(link apdu.Transceiver) (holder.Result, error)

// asks is the tap of a phone with a wish.
func asks(phone *holder.Phone, ask holder.Ask) tap {
	return func(link apdu.Transceiver) (holder.Result, error) {
		return phone.Do(context.Background(), link, ask)
	}
}

// opens is the tap of a phone that asks for the operation.
func opens(phone *holder.Phone, operation credential.Operation) tap {
	return asks(phone, holder.Ask{Operation: operation})
}

// hands is the tap of a phone that hands documents over, and nothing else.
func hands(phone *holder.Phone, documents ...[]byte) tap {
	p := *phone
	p.Documents = documents
	return opens(&p, credential.OperationStatus)
}

// commissions is the tap of a phone that becomes the owner's by the setup secret.
func commissions(phone *holder.Phone) tap {
	return func(link apdu.Transceiver) (holder.Result, error) {
		_, r, err := phone.Commission(context.Background(), link, setup)
		return r, err
	}
}

// play plays taps that are not counted.  Each must open, or do what else it is
// for, and the lock must take all that is handed over.
func (s *stage) play(taps ...tap) error {
	for _, t := range taps {
		l, err := lock.New(s.config)
		if err != nil {
			return err
		}
		r, err := t(apdu.Direct(l))
		if err != nil {
			return err
		}
		if r.Outcome != credential.OutcomeOpened && r.Outcome != credential.OutcomeDone {
			return fmt.Errorf("a tap before the one that is counted ended as %v, %v", r.Outcome, r.Reason)
		}
		for _, d := range r.Documents {
			if d.Reason != credential.ReasonNone {
				return fmt.Errorf("the lock does not take a document before the tap that is counted: %w", d.Reason)
			}
		}
	}
	return nil
}

// phone returns the phone of the named holder, without a grant, with a key of
// the owner's kind.
func (s *stage) phone(name string) (*holder.Phone, error) {
	key, err := s.key(name, s.suite2)
	if err != nil {
		return nil, err
	}
	k, err := holder.NewKey(key)
	if err != nil {
		return nil, err
	}
	return &holder.Phone{
		Key:         k,
		Authorities: [][]byte{s.post.Authority().Bytes()},
		Roots:       []credential.PublicKey{s.scheme.PublicKey()},
		Makers:      [][]byte{s.maker.Authority().Bytes()},
		Locks:       holder.NewMemory(),
		Rand:        newStream(name),
		Extended:    true,
	}, nil
}

// ownerPhone returns a phone that opens with the owner's bare key.
func (s *stage) ownerPhone() (*holder.Phone, error) { return s.phone("owner") }

// guestPhone returns a phone with a grant of the owner's for thirty days.
func (s *stage) guestPhone() (*holder.Phone, error) { return s.guestWith(func(*credential.Entry) {}) }

// guestWith returns a phone with a grant of the owner's under conditions.
func (s *stage) guestWith(alter func(*credential.Entry)) (*holder.Phone, error) {
	p, err := s.phone("guest")
	if err != nil {
		return nil, err
	}
	claims := s.guestClaims(p.Key.PublicKey())
	alter(&claims.Scope[0])
	p.Grant, err = s.owner.Grant(claims)
	return p, err
}

// guestClaims let the holder of the key open the lock.
func (s *stage) guestClaims(key credential.PublicKey) credential.GrantClaims {
	return credential.GrantClaims{
		Holder: key, IssuedAt: s.now, Expires: s.now + 30*day,
		Scope: []credential.Entry{{Target: credential.LockTarget(s.id), Actions: credential.ActionOpen}},
	}
}

// postmanPhone returns a phone with a grant of the post's for one round and
// half a day.
func (s *stage) postmanPhone(round []byte, from credential.Time) (*holder.Phone, error) {
	p, err := s.phone("postman")
	if err != nil {
		return nil, err
	}
	p.Grant, err = s.post.Grant(s.roundClaims(p.Key.PublicKey(), round, from))
	return p, err
}

// roundClaims let the holder of the key deliver and collect.
func (s *stage) roundClaims(key credential.PublicKey, round []byte, from credential.Time) credential.GrantClaims {
	return credential.GrantClaims{
		Holder: key, IssuedAt: from, Expires: from + day/2,
		Scope: []credential.Entry{{
			Target:  credential.AreaTarget(round),
			Actions: credential.ActionDeliver | credential.ActionCollect,
		}},
	}
}

// leaves is a link from which the phone is taken away after a number of
// commands.
type leaves struct {
	next  apdu.Transceiver
	after int
}

var errGone = errors.New("the phone is gone")

// Transceive passes commands on until the phone is gone.
func (l *leaves) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	if l.after == 0 {
		return nil, errGone
	}
	l.after--
	return l.next.Transceive(ctx, command)
}
