package main

import (
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
)

// ownerFirst is the owner's phone at a lock that it has never met: the lock
// sends its certificate.
func ownerFirst(s *stage) (tap, error) {
	p, err := s.ownerPhone()
	return opens(p, credential.OperationOpen), err
}

// ownerAgain is the owner's phone at a lock that it knows.
func ownerAgain(s *stage) (tap, error) {
	p, err := s.ownerPhone()
	if err != nil {
		return nil, err
	}
	return s.again(opens(p, credential.OperationOpen))
}

// ownerKeeps is the owner's phone at a lock that it knows, with an app that has
// just learnt to resume.
func ownerKeeps(s *stage) (tap, error) {
	p, err := s.ownerPhone()
	if err != nil {
		return nil, err
	}
	if err := s.play(opens(p, credential.OperationOpen)); err != nil {
		return nil, err
	}
	p.Slots = holder.NewSlots()
	return opens(p, credential.OperationOpen), nil
}

func ownerResumed(s *stage) (tap, error) {
	p, err := s.ownerPhone()
	if err != nil {
		return nil, err
	}
	return s.resumes(p)
}

// resumes is the tap of a phone that has kept a secret at the one before.
func (s *stage) resumes(p *holder.Phone) (tap, error) {
	p.Slots = holder.NewSlots()
	return s.again(opens(p, credential.OperationOpen))
}

// again is a tap that was played once before.
func (s *stage) again(t tap) (tap, error) { return t, s.play(t) }

// guestFirst is a guest whom the lock has never seen, in front of a lock that
// the phone has never seen.
func guestFirst(s *stage) (tap, error) {
	p, err := s.guestPhone()
	return opens(p, credential.OperationOpen), err
}

// guestAgain is the guest's second tap: the lock need not verify the owner's
// signature again.
func guestAgain(s *stage) (tap, error) {
	t, err := guestFirst(s)
	if err != nil {
		return nil, err
	}
	return s.again(t)
}

func guestResumed(s *stage) (tap, error) {
	p, err := s.guestPhone()
	if err != nil {
		return nil, err
	}
	return s.resumes(p)
}

// guestCounted is a guest who may open so many times, and counts once more when
// the bolt has moved.
func guestCounted(s *stage) (tap, error) {
	p, err := s.guestWith(func(e *credential.Entry) { e.Uses = credential.Uses{Count: 10, Starts: 3} })
	if err != nil {
		return nil, err
	}
	return s.again(opens(p, credential.OperationOpen))
}

// guestReceipt is a guest to whom the lock signs what it did.
func guestReceipt(s *stage) (tap, error) {
	p, err := s.guestPhone()
	if err != nil {
		return nil, err
	}
	return s.again(asks(p, holder.Ask{Operation: credential.OperationOpen, Receipt: true}))
}

// postFirst is the first postman ever at the lock, which asks for the post's
// certificate.
func postFirst(s *stage) (tap, error) {
	p, err := s.postmanPhone(s.area, s.now)
	return opens(p, credential.OperationDeliver), err
}

// postDay is the postman on the day after, with that day's grant.
func postDay(s *stage) (tap, error) {
	today, err := s.postmanPhone(s.area, s.now)
	if err != nil {
		return nil, err
	}
	tomorrow, err := s.postmanPhone(s.area, s.now+day)
	if err != nil {
		return nil, err
	}
	tomorrow.Locks = today.Locks // it is the same handset
	return opens(tomorrow, credential.OperationDeliver), s.play(opens(today, credential.OperationDeliver))
}

// postAgain is the postman's second tap of the day.
func postAgain(s *stage) (tap, error) {
	t, err := postFirst(s)
	if err != nil {
		return nil, err
	}
	return s.again(t)
}

// wrongRound is a true postman at a box of somebody else's round, which knows
// the post: the lock verifies the right, and says what is wrong with it.
func wrongRound(s *stage) (tap, error) {
	right, err := s.postmanPhone(s.area, s.now)
	if err != nil {
		return nil, err
	}
	wrong, err := s.postmanPhone([]byte("FR75011-08"), s.now)
	if err != nil {
		return nil, err
	}
	wrong.Locks = right.Locks
	return opens(wrong, credential.OperationDeliver), s.play(opens(right, credential.OperationDeliver))
}
