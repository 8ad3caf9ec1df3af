package main

import (
	"context"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/lock"
)

// compartment is the door of the locker behind which a parcel waits.
const compartment = 7

// newLocker has the carrier set up a parcel locker in the station: a lock of the
// same kind, but with power, a clock and twelve doors.
func newLocker(p *parties) (*box, error) {
	l, err := newBox(p, lockerID)
	if err != nil {
		return nil, err
	}
	l.config.Area = []byte("FR75012-LOCKER1")
	l.config.Compartments = 12
	l.config.Clock = func() (credential.Time, int16, bool) { return credential.At(at(lockerDay, 17, 30)), winterTime, true }
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	keeper, err := issuer.NewOwner(key)
	if err != nil {
		return nil, err
	}
	phone, err := newPhone(p, key)
	if err != nil {
		return nil, err
	}
	field, err := l.powerUp()
	if err != nil {
		return nil, err
	}
	if _, _, err := phone.Commission(context.Background(), field, l.config.Setup); err != nil {
		return nil, err
	}
	policy, err := keeper.Policy(credential.PolicyClaims{
		Lock: lockerID, Version: 1, IssuedAt: credential.At(at(movingIn, 12, 0)),
		Services: []credential.Admission{{Service: credential.ServiceParcel, Actions: credential.ActionDeliver | credential.ActionCollect}},
	})
	if err != nil {
		return nil, err
	}
	phone.Documents = [][]byte{policy}
	_, err = phone.Status(context.Background(), field)
	return l, err
}

// parcelLocker is the last scene, at the station.
func (s *story) parcelLocker() []scene {
	return []scene{{
		name: "locker-wrong-door", at: at(lockerDay, 17, 30), title: "A locker in the station reads the phone", door: s.locker,
		why: "Moved out, our former owner fetches a parcel at the station. This locker has power: it is the reader, and the phone is " +
			"the card, as with a ticket. The carrier's grant is for door 7, once, by midnight. By mistake the app asks for door 8. Here → is " +
			"from the lock to the phone.",
		play: func() (attempt, error) { return s.reads(compartment + 1) },
		so:   "The lock hands over its answer and fetches the phone's next command in one pair. Inside are the same messages as ever.",
	}, {
		name: "locker-opens", at: at(lockerDay, 17, 31), title: "The locker opens", door: s.locker,
		why:  "Door 7. The locker has a clock, so nobody fetches the time.",
		play: func() (attempt, error) { return s.reads(compartment) },
		so:   "One standard from the letter box to the locker: one grant, one phone, one log.",
	}}
}

// reads has the locker read the former owner's phone, which asks for a door.
func (s *story) reads(door uint8) (attempt, error) {
	phone := *s.phones.owner
	var err error
	if phone.Grant, err = s.carrier.Grant(credential.GrantClaims{
		Holder:   phone.Key.PublicKey(),
		IssuedAt: credential.At(at(lockerDay, 9, 0)),
		Expires:  credential.At(at(lockerDay, 23, 0)),
		Scope: []credential.Entry{{
			Target: credential.LockTarget(lockerID), Actions: credential.ActionCollect,
			Resource: compartment, Uses: credential.Uses{Count: 1, Starts: 2},
		}},
	}); err != nil {
		return attempt{}, err
	}
	l, err := s.locker.start()
	if err != nil {
		return attempt{}, err
	}
	phone.Expect = l.ID() // chosen in the app: no other reader opens with this phone
	return meet(l, &phone, holder.Ask{Operation: credential.OperationCollect, Resource: door})
}

// meet has a powered lock read a phone.
func meet(l *lock.Lock, phone *holder.Phone, ask holder.Ask) (attempt, error) {
	a := attempt{phone: phone, ask: ask, byLock: true}
	card := phone.Card(context.Background(), ask, func(r holder.Result, err error) { a.result, a.err = r, err })
	a.link = apdu.NewTracer(apdu.Direct(card))
	err := l.Meet(context.Background(), a.link)
	return a, err
}
