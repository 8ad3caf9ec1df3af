package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
)

// sold is the end of the owner's year at the box.
func (s *story) sold() []scene {
	return []scene{{
		name: "postman-carries-sale", at: at(saleDay, 9, 15), title: "The house is sold, and the postman brings the deed",
		why: "At the notary's the owner signs policy 6: from now on this box is the buyer's, whose key it names. Nobody has to " +
			"walk to the box for that. The postman's handset brings it with the morning's letters.",
		play: s.postmanCarriesSale,
		so: "The lock forgot whose it was: log, log key, resumption secrets, the account of guests. Then it judged the postman by " +
			"what the new owner begins with.",
	}, {
		name: "former-owner", at: at(saleDay, 18, 0), title: "The former owner taps",
		why: "Out of habit. The app dropped its resumption secret when it signed, as the lock did when it read. The key is one " +
			"that the lock does not know any more, so its holder is told no more than a stranger.",
		play: s.formerOwner,
	}, {
		name: "former-guest", at: at(saleDay, 18, 30), title: "The neighbour taps",
		why:  "The grant runs until the new year. But who signed it owns nothing here.",
		play: func() (attempt, error) { return s.tapBox(s.phones.neighbour, opens(credential.OperationOpen)) },
		so:   "The lock asks for the certificate of whoever signed; there is none. The buyer knows the neighbour, and will sign another.",
	}, {
		name: "buyer-agrees-log-key", at: at(saleDay, 19, 0), title: "The buyer agrees a log key",
		why:  "The lock has a new owner and no key to seal its log with. The buyer's phone, which it knows by its bare key, agrees one.",
		play: s.buyerAgreesLogKey,
	}, {
		name: "buyer-asks-for-proof", at: at(saleDay, 19, 2), title: "The buyer wants it in writing",
		why: "Has the lock forgotten the year? The buyer's phone reads the log and asks for a receipt. The log must begin with the " +
			"transfer, lead to the head in the receipt, and the policy in force must be the one from the notary.",
		play: s.buyerAsksForProof,
		so: "The numbers go on, for a lock never counts back. Of the owner's year there is one hash left, out of which nobody reads " +
			"anything, and against which nobody can write another year.",
	}}
}

// postmanCarriesSale: a policy that names another owner.
func (s *story) postmanCarriesSale() (attempt, error) {
	c := &s.home.policy
	c.Version++
	c.IssuedAt = credential.At(at(signing, 15, 0))
	c.Denied, c.Least = nil, 0
	sale, err := s.owner.Transfer(*c, s.phones.buyer.Key.PublicKey())
	if err != nil {
		return attempt{}, err
	}
	s.sale = sale
	return s.delivers(s.post, s.phones.postman, saleDay, sale)
}

// formerOwner: the key that opened the box all year.
func (s *story) formerOwner() (attempt, error) {
	s.phones.owner.Slots = nil
	return s.tapBox(s.phones.owner, opens(credential.OperationOpen))
}

// buyerAgreesLogKey: configure, by the new owner's bare key.
func (s *story) buyerAgreesLogKey() (attempt, error) {
	_, a, err := s.configures(s.phones.buyer, func(ctx context.Context, link apdu.Transceiver) (holder.LogKey, holder.Result, error) {
		return s.phones.buyer.Rekey(ctx, link)
	})
	return a, err
}

// buyerAsksForProof compares what the lock shows with what it signs.
func (s *story) buyerAsksForProof() (attempt, error) {
	a, err := s.tapBox(s.phones.buyer, holder.Ask{Operation: credential.OperationReadLog, LogPages: 1, Receipt: true})
	if err != nil {
		return attempt{}, err
	}
	policy, err := credential.ParsePolicy(s.sale)
	if err != nil {
		return attempt{}, err
	}
	if err := proves(a.result, policy.Tag()); err != nil {
		return attempt{}, err
	}
	var history holder.History
	if err := history.Take(a.result, nil); err != nil {
		return attempt{}, err
	}
	postman, err := credential.ParseGrant(s.phones.postman.Grant)
	if err != nil {
		return attempt{}, err
	}
	names := map[credential.Tag]string{credential.Tag(credential.KeyIDOf(s.phones.buyer.Key.PublicKey())): "buyer", postman.Tag(): ""}
	a.table = logTable(history.Lines(func(tag credential.Tag) string { return names[tag] }))
	a.note = fmt.Sprintf("Proved: policy %d in force is the notary's, by its tag %v; the log begins with the transfer and leads to the head in the receipt.",
		a.result.Receipt.Claims.PolicyVersion, policy.Tag())
	return a, nil
}

// proves checks that a lock was wiped by the policy with the tag: what it shows
// of its log begins with the transfer, and is what it signs.
func proves(r holder.Result, policy credential.Tag) error {
	if r.Receipt == nil || !r.Receipt.Verified || len(r.LogPages) == 0 {
		return errors.New("the lock proves nothing")
	}
	page, err := credential.ParseLogPage(r.LogPages[0])
	if err != nil {
		return err
	}
	head := page.Base
	for _, e := range page.Entries {
		head = head.Next(e)
	}
	switch {
	case r.Receipt.Claims.Policy != policy:
		return errors.New("another policy is in force")
	case len(page.Entries) == 0 || page.Entries[0].Outcome != credential.LogTransferred:
		return errors.New("the log does not begin with the transfer")
	case head != r.Receipt.Claims.Head:
		return errors.New("the log is not the one that the lock signs")
	}
	return nil
}
