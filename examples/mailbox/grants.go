package main

import (
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/issuer"
)

// roundGrant has an operator sign what a handset may do on one day: deliver and
// collect at every box of one round, from half past five until eight.
func roundGrant(by *issuer.Operator, handset *holder.Phone, round string, d day) ([]byte, error) {
	return by.Grant(credential.GrantClaims{
		Holder:   handset.Key.PublicKey(),
		IssuedAt: credential.At(at(d, 5, 30)),
		Expires:  credential.At(at(d, 20, 0)),
		Scope: []credential.Entry{{
			Target:  credential.AreaTarget([]byte(round)),
			Actions: credential.ActionDeliver | credential.ActionCollect,
		}},
	})
}

// onRound gives a handset its grant for the box's round.
func (s *story) onRound(by *issuer.Operator, handset *holder.Phone, d day) (err error) {
	handset.Grant, err = roundGrant(by, handset, round, d)
	return err
}

// delivers fetches the day's grant of the box's round, and holds the handset to
// the box.
func (s *story) delivers(by *issuer.Operator, handset *holder.Phone, d day, documents ...[]byte) (attempt, error) {
	if err := s.onRound(by, handset, d); err != nil {
		return attempt{}, err
	}
	return s.tapWith(handset, opens(credential.OperationDeliver), documents...)
}

// guestGrant has the owner sign what a guest's phone may do: open this one box
// until the day.  No server takes part.  The owner's app writes down whom it is
// for.
func (s *story) guestGrant(name string, guest *holder.Phone, from, until day, delegation uint8) ([]byte, error) {
	grant, err := s.owner.Grant(credential.GrantClaims{
		Holder:   guest.Key.PublicKey(),
		IssuedAt: credential.At(at(from, 8, 0)),
		Expires:  credential.At(at(until, 20, 0)),
		Scope: []credential.Entry{{
			Target:     credential.LockTarget(boxID),
			Actions:    credential.ActionOpen,
			Delegation: delegation,
		}},
	})
	if err != nil {
		return nil, err
	}
	return grant, s.home.write(grant, name)
}
