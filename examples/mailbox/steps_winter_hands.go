package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
)

// shakyHands is Wednesday: phones that leave too early or too late, a cold
// evening, and a shorter way.
func (s *story) shakyHands() []scene {
	return []scene{{
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
		so:   "Two bytes more in the request, three in the answer, and one more page of flash.",
	}, scene{
		name: "owner-resumes", at: at(wednesday, 19, 2), title: "The owner opens by the shorter way",
		why: "The phone names the secret by a value that is new for every tap, and seals its request under it. The lock finds the " +
			"slot, and judges the right afresh.",
		play: s.taps(s.phones.owner, credential.OperationOpen, 0),
		so:   "No public-key operation on either side. With the log entry the secret took a step, and the one that was left opens nothing any more.",
	}}
}

// ownerKeepsSecret gives the owner's phone a place for secrets.
func (s *story) ownerKeepsSecret() (attempt, error) {
	s.phones.owner.Slots = holder.NewSlots()
	return s.tapBox(s.phones.owner, opens(credential.OperationOpen))
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
		return tap(phone, field, opens(operation)), nil
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
	a, err := s.tapBox(&phone, opens(credential.OperationOpen))
	a.note = "The phone shows: hold still, " + strings.Join(shows, "; ") + "."
	return a, err
}
