package main

import (
	"errors"
	"fmt"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
)

// parcelNumber is what the carrier calls a parcel, in 8 bytes.
var parcelNumber = credential.Reference{'P', 'K', '-', '0', '4', '7', '1', '1'}

// parcel is a Friday in April.
func (s *story) parcel() []scene {
	return []scene{{
		name: "parcel-with-receipt", at: at(parcelDay, 11, 20), title: "A parcel, and a receipt for it",
		why: "Not the post but a private carrier brings a parcel. Its courier's handset tells the lock which one, by a number of 8 " +
			"bytes, and asks for a receipt: the lock signs what it did, for what, and how far its log has come.",
		play: s.parcelWithReceipt,
		so: "Whoever has the lock's certificate can verify the receipt, years later and without lock or network. It says that " +
			"the box was opened for this parcel; not by which person, and not what was put in.",
	}}
}

// parcelWithReceipt has the sender verify what the courier brings home.
func (s *story) parcelWithReceipt() (attempt, error) {
	if err := s.onRound(s.carrier, s.phones.courier, parcelDay); err != nil {
		return attempt{}, err
	}
	a, err := s.tapBox(s.phones.courier, holder.Ask{Operation: credential.OperationDeliver, Reference: parcelNumber, Receipt: true})
	if err != nil {
		return attempt{}, err
	}
	known, _ := s.phones.courier.Locks.Recall(boxID)
	r, err := s.senderVerifies(a.result.Receipt, known.Certificates)
	if err != nil {
		return attempt{}, err
	}
	a.note = fmt.Sprintf("The sender reads, in %d bytes: %v.", len(r.Bytes()), r.Claims().Entry)
	return a, nil
}

// senderVerifies is what the sender of a parcel does with the lock's receipt and
// its certificate, from the scheme's key down.
func (s *story) senderVerifies(receipt *holder.Receipt, certificates [][]byte) (*credential.Receipt, error) {
	if receipt == nil || len(certificates) == 0 {
		return nil, errors.New("there is no receipt, or no certificate for it")
	}
	v := credential.Verifier{Roots: []credential.PublicKey{s.scheme.PublicKey()}}
	u, err := credential.ParseLockCertificate(certificates[0])
	if err != nil {
		return nil, err
	}
	certificate, err := v.LockCertificate(u, s.maker.Authority())
	if err != nil {
		return nil, err
	}
	r, err := credential.ParseReceipt(receipt.Bytes)
	if err != nil {
		return nil, err
	}
	if r.Claims.Entry == nil || r.Claims.Entry.Reference != parcelNumber {
		return nil, errors.New("the receipt is not about the parcel")
	}
	return v.Receipt(r, certificate)
}

// blocked is a week in April: the owner is far away, and has no network to the
// box, as nobody has.
func (s *story) blocked() []scene {
	return []scene{{
		name: "courier-brings-block", at: at(courierDay, 10, 15), title: "The courier brings the block that stops him",
		why: "Somebody with a stolen uniform robs boxes in the street. On Tuesday the owner, a thousand kilometres away, signs " +
			"policy 2: no services, until further notice. It waits at the operators' servers for whoever goes there next. That " +
			"is the courier, with another parcel.",
		play: s.courierBringsBlock,
		so: "The lock reads documents before it judges, and keeps them also where it refuses. The courier's handset knows at once " +
			"that the box is blocked. The lock was never online.",
	}, {
		name: "postman-blocked", at: at(blockedDay, 9, 10), title: "The postman comes, and the box is blocked",
		why:  "The postman's handset brings nothing new. The block is in the lock since yesterday.",
		play: func() (attempt, error) { return s.delivers(s.post, s.phones.postman, blockedDay) },
		so:   "A block stops services, or guests, or both. It never stops the owner, who might be standing before the box.",
	}, {
		name: "postman-lifts-block", at: at(liftDay, 9, 12), title: "The postman brings the end of the block",
		why:  "The false courier is caught. The owner signs policy 3, without the block, and the post's server has it by morning.",
		play: s.postmanLiftsBlock,
		so:   "The policy was in force before the box was asked to open, all in one tap.",
	}}
}

// courierBringsBlock: a policy that takes effect though its carrier is refused.
func (s *story) courierBringsBlock() (attempt, error) {
	policy, err := s.sign(blockDay, 19, func(c *credential.PolicyClaims) { c.Block = credential.BlockServices })
	if err != nil {
		return attempt{}, err
	}
	return s.delivers(s.carrier, s.phones.courier, courierDay, policy)
}

// postmanLiftsBlock: a policy that lets its carrier in.
func (s *story) postmanLiftsBlock() (attempt, error) {
	policy, err := s.sign(blockedDay, 19, func(c *credential.PolicyClaims) { c.Block = 0 })
	if err != nil {
		return attempt{}, err
	}
	return s.delivers(s.post, s.phones.postman, liftDay, policy)
}
