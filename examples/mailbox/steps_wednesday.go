package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
)

// wednesday is about false locks, shaky hands and a cold morning.
func (s *story) wednesday() []scene {
	return append(s.impostors(), scene{
		name: "lost-early", at: at(wednesday, 10, 30), title: "The phone is pulled away too early",
		why: "The owner's phone leaves the lock while it works on the first message. The phone begins anew by itself, once, but " +
			"the lock is gone.",
		play: s.taps(s.phones.owner, credential.OperationOpen, 2),
		so:   "The request had not been sent, so the phone is sure that nothing happened, and says so.",
	}, scene{
		name: "lost-early-again", at: at(wednesday, 10, 31), title: "The owner taps again",
		why:  "The lock lost its power and its memory with it: it begins anew, as at every tap.",
		play: s.taps(s.phones.owner, credential.OperationOpen, 0),
	}, scene{
		name: "lost-late", at: at(wednesday, 10, 40), title: "The phone is pulled away too late",
		why: "The postman's first tap of the day here. The handset slips when the lock has the request and the bolt moves; " +
			"the answer never arrives.",
		play: s.taps(s.phones.postman, credential.OperationDeliver, 3),
		so: "The phone cannot know and does not pretend to: look at the box. The lock committed floor and log entry before it " +
			"drove the bolt, so the log shows what began.",
	}, scene{
		name: "lost-late-again", at: at(wednesday, 10, 41), title: "The postman taps again",
		why:  "The postman has looked: the box is shut. A grant may be used as often as its day lasts.",
		play: s.taps(s.phones.postman, credential.OperationDeliver, 0),
		so:   "The lock remembers what it has verified: the signature of this grant is not verified a second time.",
	}, scene{
		name: "gathering-energy", at: at(wednesday, 18, 5), title: "A cold evening: the lock gathers energy",
		why: "The neighbour's phone gives a weak field. Deciding takes little energy, driving the bolt takes more: the lock says " +
			"how far it is and when to ask again, and the phone keeps still and asks.",
		play: s.neighbourWaits,
		so:   "While it waits, the lock writes nothing. Each further question costs one pair of short messages and no public-key operation.",
	}, scene{
		name: "owner-keeps-a-secret", at: at(wednesday, 19, 0), title: "The owner's phone asks for a shorter way",
		why: "From now on the owner's app keeps resumption secrets. It opens as before and asks the lock to keep one too; both " +
			"derive it from this exchange, and it never travels.",
		play: s.ownerKeepsSecret,
		so:   "Two bytes more in the request, two in the answer, and a larger log entry.",
	}, scene{
		name: "owner-resumes", at: at(wednesday, 19, 2), title: "The owner opens by the shorter way",
		why: "The phone names the secret by a value that is new for every tap, and seals its request under it. The lock finds the " +
			"slot, and judges the right afresh.",
		play: s.taps(s.phones.owner, credential.OperationOpen, 0),
		so:   "No public-key operation on either side. With the log entry the secret took a step, and the one that was left opens nothing any more.",
	})
}

// ownerKeepsSecret gives the owner's phone a place for secrets.
func (s *story) ownerKeepsSecret() (attempt, error) {
	s.phones.owner.Slots = holder.NewSlots()
	return s.tapBox(s.phones.owner, credential.OperationOpen)
}

// impostors are locks that are not the box's.
func (s *story) impostors() []scene {
	return []scene{{
		name: "impostor-self-made", at: at(wednesday, 9, 20), title: "A false lock with a certificate of its own",
		why: "Somebody glued a lock of their own over the box, to see what phones would tell it. It gives the box's id, and a " +
			"certificate for it by a manufacturer whom no scheme knows. The postman's phone knows the box and asks by key id; as " +
			"the key is another one, it asks once more, for the certificate.",
		play: s.selfMadeLock,
		so:   "The lock proves itself first. The grant stayed in the phone, and so did the postman's identity.",
	}, {
		name: "impostor-other-lock", at: at(wednesday, 9, 24), title: "A true lock from another door, under a false name",
		why: "The next try: a lock bought in a shop, with a good certificate, and a circuit between it and the phone that puts " +
			"the box's id into its first answer.",
		play: s.otherLock,
		so:   "A certificate names one lock. The phone compares it with the id that was selected before it goes on.",
	}, {
		name: "impostor-recording", at: at(wednesday, 9, 28), title: "A recording of the true lock",
		why:  "The last try: the true lock's answers to this very handset, recorded yesterday, are played back.",
		play: s.recordedLock,
		so:   "The phone makes a new key for every tap too, and only the lock's own key can answer it.",
	}}
}

// taps holds a phone to the box, and pulls it away when the lock has carried
// out so many commands; 0 means not at all.
func (s *story) taps(phone *holder.Phone, operation credential.Operation, lostAfter int) func() (attempt, error) {
	return func() (attempt, error) {
		field, err := s.box.powerUp()
		if err != nil {
			return attempt{}, err
		}
		field.lostAfter = lostAfter
		return tap(phone, field, operation), nil
	}
}

// neighbourWaits: the bolt's drive finds 35, then 80, then 100 percent.
func (s *story) neighbourWaits() (attempt, error) {
	s.box.bolt.Charges = []int{35, 80}
	var shows []string
	phone := *s.phones.neighbour
	phone.Progress = func(p holder.Progress) {
		shows = append(shows, fmt.Sprintf("%d percent", p.Percent))
	}
	phone.Wait = func(ctx context.Context, _ time.Duration) error { return ctx.Err() } // a real phone waits
	a, err := s.tapBox(&phone, credential.OperationOpen)
	a.note = "The phone shows: hold still, " + strings.Join(shows, "; ") + "."
	return a, err
}

// selfMadeLock: its makers have a scheme, a manufacturer and keys of their own.
func (s *story) selfMadeLock() (attempt, error) {
	grant, err := s.roundGrant(s.phones.postman, round, wednesday)
	if err != nil {
		return attempt{}, err
	}
	s.phones.postman.Grant = grant
	strangers, err := newParties()
	if err != nil {
		return attempt{}, err
	}
	falseBox, err := newBox(strangers, boxID)
	if err != nil {
		return attempt{}, err
	}
	field, err := falseBox.powerUp()
	if err != nil {
		return attempt{}, err
	}
	return tap(s.phones.postman, field, credential.OperationDeliver), nil
}

// otherLock: the same manufacturer made it, for another door.
func (s *story) otherLock() (attempt, error) {
	other, err := newBox(s.parties, otherID)
	if err != nil {
		return attempt{}, err
	}
	field, err := other.powerUp()
	if err != nil {
		return attempt{}, err
	}
	return tap(s.phones.postman, renamed{field, otherID, boxID}, credential.OperationDeliver), nil
}

// recordedLock: the true lock's own answers of yesterday.
func (s *story) recordedLock() (attempt, error) {
	return tap(s.phones.postman, &recording{s.overheard["postman-second-visit"]}, credential.OperationDeliver), nil
}
