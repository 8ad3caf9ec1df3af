package main

import (
	"fmt"
	"sync"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/lock/locktest"
)

// What a lock keeps at the least, by the registry limits.
const (
	fullLog      = 64
	fullSlots    = 8
	fullAccounts = 32 // of counted grants
	fullLists    = 4
	fullDenials  = 24 // in a list
)

// filled is the flash of a lock that keeps as much as it can: a long policy, the
// lists of four operators with their certificates, the accounts of counted
// grants, resumption slots and a log.
var filled = sync.OnceValues(func() (*locktest.Flash, error) {
	s, err := newStage(false)
	if err != nil {
		return nil, err
	}
	for _, step := range []func() error{s.fillPolicy, s.fillLists, s.fillAccounts, s.fillSlots, s.fillLog} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("filling the lock's memory: %w", err)
		}
	}
	return s.flash, nil
})

// fill makes the lock one that keeps as much as it can.
func (s *stage) fill() error {
	flash, err := filled()
	if err != nil {
		return err
	}
	s.use(flash.Clone())
	return nil
}

// use gives the lock another flash.
func (s *stage) use(flash *locktest.Flash) { s.flash, s.config.Flash = flash, flash }

// fillPolicy hands over a policy with all that there can be in one.
func (s *stage) fillPolicy() error {
	claims := s.admitting(2)
	claims.Services = nil
	for service := credential.ServicePost; service <= credential.ServiceMaintenance; service++ {
		a := credential.Admission{Service: service, Actions: credential.ActionDeliver | credential.ActionCollect | credential.ActionReturn}
		if service != credential.ServicePost {
			a.Evidence = credential.EvidenceStated
			a.Hours = credential.Schedule{{Days: credential.Weekdays, From: 6 * 60, Until: 20 * 60}}
		}
		claims.Services = append(claims.Services, a)
	}
	for i := range byte(16) {
		claims.Denied = append(claims.Denied, credential.Tag{i, 7, 6, 5, 4, 3, 2, 1})
	}
	for i := range 6 {
		key, err := public(fmt.Sprintf("trusted %d", i))
		if err != nil {
			return err
		}
		if i < 4 {
			claims.CoOwners = append(claims.CoOwners, key)
		} else {
			claims.Anchors = append(claims.Anchors, key)
		}
	}
	policy, err := s.owner.Policy(claims)
	if err != nil {
		return err
	}
	return s.ownerHands(nil, policy)
}

// ownerHands has the owner's phone hand documents over, with the certificates of
// their signers.
func (s *stage) ownerHands(signers [][]byte, documents ...[]byte) error {
	p, err := s.ownerPhone()
	if err != nil {
		return err
	}
	p.Authorities = signers
	return s.play(hands(p, documents...))
}

// fillLists has four operators hand over their lists, and come once each.
func (s *stage) fillLists() error {
	for i := range fullLists {
		if err := s.bringsList(fmt.Sprintf("operator %d", i)); err != nil {
			return err
		}
	}
	return nil
}

// bringsList has the owner hand over the list of the named operator, and then
// that operator's postman deliver.
func (s *stage) bringsList(name string) error {
	o, err := operator(s.scheme, name, s.now)
	if err != nil {
		return err
	}
	revoker, err := issuer.NewRevoker(ed25519Key(name), o.Authority())
	if err != nil {
		return err
	}
	list, err := revoker.Revoke(s.withdrawn(fullDenials))
	if err != nil {
		return err
	}
	certificate := o.Authority().Bytes()
	if err := s.ownerHands([][]byte{certificate}, list); err != nil {
		return err
	}
	p, err := s.phone("postman")
	if err != nil {
		return err
	}
	p.Authorities = [][]byte{certificate}
	if p.Grant, err = o.Grant(s.roundClaims(p.Key.PublicKey(), s.area, s.now)); err != nil {
		return err
	}
	return s.play(opens(p, credential.OperationDeliver))
}

// fillAccounts has guests come whose grants are counted.
func (s *stage) fillAccounts() error {
	for i := range fullAccounts {
		p, err := s.guestWith(func(e *credential.Entry) { e.Uses = credential.Uses{Count: 100 + uint8(i), Starts: 3} })
		if err != nil {
			return err
		}
		if err := s.play(opens(p, credential.OperationOpen)); err != nil {
			return err
		}
	}
	return nil
}

// fillSlots has guests' friends come whose phones resume.
func (s *stage) fillSlots() error {
	for i := range fullSlots {
		p, err := s.guestWith(func(e *credential.Entry) { e.Delegation = 1 })
		if err != nil {
			return err
		}
		if p, err = s.passesOn(p, fmt.Sprintf("friend %d", i), 0); err != nil {
			return err
		}
		if _, err := s.resumes(p); err != nil {
			return err
		}
	}
	return nil
}

// fillLog has the owner open until the log goes round.
func (s *stage) fillLog() error {
	p, err := s.ownerPhone()
	if err != nil {
		return err
	}
	for range fullLog {
		if err := s.play(noted(p)); err != nil {
			return err
		}
	}
	return nil
}

// noted is a tap to open with a reference for the log.
func noted(p *holder.Phone) tap {
	return asks(p, holder.Ask{Operation: credential.OperationOpen, Reference: credential.Reference{1, 2, 3, 4, 5, 6, 7, 8}})
}

func startNew(*stage) (tap, error) { return nil, nil }

func startFull(s *stage) (tap, error) { return nil, s.fill() }

// fullOwner is the owner's tap that programs the most pages of all those in which
// the ring in flash goes round once.
func fullOwner(s *stage) (tap, error) {
	if err := s.fill(); err != nil {
		return nil, err
	}
	p, err := s.ownerPhone()
	if err != nil {
		return nil, err
	}
	r, err := s.goRound(noted(p))
	s.use(r.before)
	return noted(p), err
}

// fullResumed is a guest among all who can resume.
func fullResumed(s *stage) (tap, error) {
	if err := s.fill(); err != nil {
		return nil, err
	}
	return guestResumed(s)
}

// fullTransfer gives away all that there is.
func fullTransfer(s *stage) (tap, error) {
	if err := s.fill(); err != nil {
		return nil, err
	}
	p, err := s.ownerPhone()
	if err != nil {
		return nil, err
	}
	policy, err := s.gift(3)
	return hands(p, policy), err
}
