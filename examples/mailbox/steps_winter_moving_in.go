package main

import (
	"context"
	"fmt"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
)

// movingIn is the day before the story: the lock gets its owner.
func (s *story) movingIn() []scene {
	return []scene{{
		name: "thief-commissions", at: at(movingIn, 9, 50), title: "A passer-by wants to own the box",
		why: "The box hangs, and its lock has no owner yet: it is vacant, and belongs to whoever proves the setup secret. That is " +
			"printed inside. The box is shut; a passer-by tries a guess.",
		play: s.thiefCommissions,
		so: "The guess is not sent: only a proof of it, good for this exchange alone. Of 2 to the power of 128 secrets one fits, " +
			"and the lock says nothing but no.",
	}, {
		name: "owner-commissions", at: at(movingIn, 10, 5), title: "The owner moves in",
		why: "The maker's spare key opens the box by hand, this once. The owner reads the secret inside with the phone's camera " +
			"and taps. The two agree a key for the log on the way, which never travels.",
		play: s.ownerCommissions,
		so:   "From now on the secret alone is worth nothing: a lock with an owner wants the button inside pressed as well.",
	}, {
		name: "first-policy", at: at(movingIn, 10, 7), title: "The owner says who may come",
		why: "A new lock admits nobody but its owner. The first policy admits post and parcels, to deliver and to collect. The " +
			"owner's phone has signed it and hands it over.",
		play: s.firstPolicy,
		so:   "A policy is a document: the lock asks who signed it, for which lock, and whether it is newer. Who carries it is no matter.",
	}}
}

// thiefCommissions: a guess in place of the setup secret.
func (s *story) thiefCommissions() (attempt, error) {
	guess := s.box.config.Setup
	guess[len(guess)-1] ^= 1 // as near as a guess can be
	_, a, err := s.configures(s.phones.passerBy, func(ctx context.Context, link apdu.Transceiver) (holder.LogKey, holder.Result, error) {
		return s.phones.passerBy.Commission(ctx, link, guess)
	})
	a.proof = true
	return a, err
}

// ownerCommissions: the true setup secret.
func (s *story) ownerCommissions() (attempt, error) {
	key, a, err := s.configures(s.phones.owner, func(ctx context.Context, link apdu.Transceiver) (holder.LogKey, holder.Result, error) {
		return s.phones.owner.Commission(ctx, link, s.box.config.Setup)
	})
	a.proof = true
	s.home.keys = s.home.keys.After(key, a.result)
	return a, err
}

// configures holds a phone to the box to become its owner, or to prove that it is.
func (s *story) configures(phone *holder.Phone, how func(context.Context, apdu.Transceiver) (holder.LogKey, holder.Result, error)) (holder.LogKey, attempt, error) {
	field, err := s.box.powerUp()
	if err != nil {
		return holder.LogKey{}, attempt{}, err
	}
	a := attempt{link: apdu.NewTracer(field), phone: phone, ask: opens(credential.OperationConfigure)}
	var key holder.LogKey
	key, a.result, a.err = how(context.Background(), a.link)
	return key, a, nil
}

// firstPolicy: signed by the phone, and handed over by it.
func (s *story) firstPolicy() (attempt, error) {
	policy, err := s.sign(movingIn, 10, firstPolicy)
	if err != nil {
		return attempt{}, err
	}
	a, err := s.tapWith(s.phones.owner, holder.Ask{}, policy)
	a.note = fmt.Sprintf("The policy has %d bytes.", len(policy))
	return a, err
}
