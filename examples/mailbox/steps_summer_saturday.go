package main

import (
	"context"
	"fmt"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
)

// saturday is the neighbour's child, who may open the box on one.
func (s *story) saturday() []scene {
	return []scene{{
		name: "child-on-friday", at: at(friday, 16, 30), title: "The child is a day early",
		why: "For the summer the owner gave the neighbour a grant that may be passed on, once. The neighbour is away on Saturday, and " +
			"passes it on: to the child's phone, on Saturdays from nine to six, for one use. It is Friday. The lock has no " +
			"clock, so it says what it lacks; the phone fetches the time from the post, over the lock's nonce, in the same tap.",
		play: s.childOnFriday,
		so: "The time is signed for this tap alone and good for a minute, by the lock's own oscillator. The lock compares by local " +
			"time, which the token tells too.",
	}, {
		name: "child-opens", at: at(saturday, 10, 15), title: "The child opens on Saturday",
		why:  "A quarter past twelve in Paris.",
		play: s.childTaps(saturday, 10, 15),
		so: "The lock verified the owner's signature, the neighbour's, the post's for the time, and the child's proof. Nobody had to " +
			"ask the owner: a link can only narrow what is above it.",
	}, {
		name: "child-again", at: at(saturday, 10, 40), title: "The child opens once more",
		why:  "A friend wants to see it too.",
		play: s.childTaps(saturday, 10, 40),
		so:   "One use was one use. The lock keeps account in flash until the grant has ended, and it wrote before it opened.",
	}}
}

// childOnFriday has the neighbour pass the right on first.
func (s *story) childOnFriday() (attempt, error) {
	above, err := s.guestGrant("neighbour", s.phones.neighbour, summer, newYear, 1)
	if err != nil {
		return attempt{}, err
	}
	s.phones.neighbour.Grant = above
	grant, err := holder.Delegate(s.phones.neighbour.Key, [][]byte{above}, credential.GrantClaims{
		Holder:   s.phones.child.Key.PublicKey(),
		IssuedAt: credential.At(at(friday, 15, 0)),
		Expires:  credential.At(at(saturday, 22, 0)),
		Scope: []credential.Entry{{
			Target:   credential.LockTarget(boxID),
			Actions:  credential.ActionOpen,
			Schedule: credential.Schedule{{Days: credential.Saturday, From: 9 * 60, Until: 18 * 60}},
			Uses:     credential.Uses{Count: 1, Starts: 2},
		}},
	})
	if err != nil {
		return attempt{}, err
	}
	// The neighbour tells the owner, as neighbours do.
	if err := s.home.write(grant, "the child"); err != nil {
		return attempt{}, err
	}
	s.phones.child.Grant, s.phones.child.Parents = grant, [][]byte{above}
	a, err := s.childTaps(friday, 16, 30)()
	a.note = fmt.Sprintf("The owner's grant has %d bytes, the one below it %d.", len(above), len(grant))
	return a, err
}

// childTaps holds the child's phone, which has a network, to the box.
func (s *story) childTaps(d day, hour, minute int) func() (attempt, error) {
	return func() (attempt, error) {
		online := *s.phones.child
		online.Live = func(_ context.Context, nonce [16]byte) ([]byte, error) {
			return s.clock.Live(credential.At(at(d, hour, minute)), summerTime, nonce)
		}
		return s.tapBox(&online, opens(credential.OperationOpen))
	}
}
