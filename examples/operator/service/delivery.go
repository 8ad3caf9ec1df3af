package service

import (
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/examples/operator/book"
	"github.com/postern-lock/postern/issuer/ledger"
)

// When a policy has arrived.
//
// A receipt of the lock shows it, whoever brings that: it names the policy in force,
// or a greater version, above which the lock takes no other.  Then the policy
// leaves the outbox for everybody.
//
// A device that hands over the owner's block is refused by it, and gets no receipt.
// So it says that it delivered, and is believed for itself alone: it is not asked
// to carry that policy again, and all other devices are until a receipt comes.
// A device that lies keeps the policy from nobody; one that tells the truth costs
// each of the others one policy of at most 768 bytes, which the lock knows already.
// Two or more devices that say the same are no more than one: a courier can
// have a second device, or an accomplice, and what is saved is a carriage or two.

// maxClaims is how many devices are noted that say of a lock that they delivered
// its policy.  One beyond that is asked to carry it again.
const maxClaims = 16

// deliver notes that the device says it delivered policies that are in the outbox of
// its grants.
func (s *Service) deliver(c *call) (any, error) {
	var body api.Deliveries
	if err := decode(c.body, &body); err != nil {
		return nil, err
	}
	if err := within("deliveries", len(body.Deliveries), ledger.MaxBatch); err != nil {
		return nil, err
	}
	load, err := s.lately(c)
	if err != nil {
		return nil, err
	}
	waiting := make(map[ledger.Delivery]bool, len(load.Policies))
	for _, p := range load.Policies {
		waiting[ledger.Delivery{Lock: p.Lock, Tag: p.Tag}] = true
	}
	courier := credential.KeyIDOf(c.key)
	var said []book.Claim
	for _, d := range body.Deliveries {
		at := ledger.Delivery{Lock: d.Lock.Value, Tag: d.Tag.Value}
		if waiting[at] {
			said = append(said, book.Claim{Lock: at.Lock, Tag: at.Tag, Courier: courier})
			delete(waiting, at)
		}
	}
	if err := s.config.Book.Claim(c.ctx(), said, maxClaims); err != nil {
		return nil, err
	}
	return api.Noted{Noted: len(said)}, nil
}

// unsaid takes out of a load the policies that the device says it delivered.
func (s *Service) unsaid(c *call, load *ledger.Load) error {
	said, err := s.said(c, load.Policies)
	if err != nil {
		return err
	}
	var left []ledger.Document
	for _, p := range load.Policies {
		if !said[book.Claim{Lock: p.Lock, Tag: p.Tag, Courier: credential.KeyIDOf(c.key)}] {
			left = append(left, p)
		}
	}
	load.Policies = left
	return nil
}

// said returns what devices say of the locks of policies.
func (s *Service) said(c *call, policies []ledger.Document) (map[book.Claim]bool, error) {
	locks := make([]credential.LockID, len(policies))
	for i, p := range policies {
		locks[i] = p.Lock
	}
	claims, err := s.config.Book.Claims(c.ctx(), locks)
	if err != nil {
		return nil, err
	}
	said := make(map[book.Claim]bool, len(claims))
	for _, claim := range claims {
		said[claim] = true
	}
	return said, nil
}

// saidOf returns the version of the policy in the lock's outbox that a device says
// it delivered; 0 where none is there, or none says so.
func (s *Service) saidOf(c *call, lock credential.LockID) (uint32, error) {
	load, err := s.config.Store.OutboxOf(c.ctx(), []credential.LockID{lock})
	if err != nil {
		return 0, err
	}
	said, err := s.said(c, load.Policies)
	if err != nil {
		return 0, err
	}
	for _, p := range load.Policies {
		for claim := range said {
			if claim.Tag == p.Tag {
				return p.Version, nil
			}
		}
	}
	return 0, nil
}

// shown takes policies out of the outbox that receipts, which verified, show to have
// arrived or to come too late, and notes what versions the locks have reached.
func (s *Service) shown(c *call, receipts ...credential.ReceiptClaims) error {
	if len(receipts) == 0 {
		return nil
	}
	locks := make([]credential.LockID, len(receipts))
	for i, r := range receipts {
		locks[i] = r.Lock
		if err := s.config.Book.Reach(c.ctx(), r.Lock, r.PolicyVersion); err != nil {
			return err
		}
	}
	load, err := s.config.Store.OutboxOf(c.ctx(), locks)
	if err != nil {
		return err
	}
	var arrived []ledger.Delivery
	var settled []credential.LockID
	for _, p := range load.Policies {
		if arrives(p, receipts) {
			arrived, settled = append(arrived, ledger.Delivery{Lock: p.Lock, Tag: p.Tag}), append(settled, p.Lock)
		}
	}
	if err := s.config.Store.Delivered(c.ctx(), arrived); err != nil {
		return err
	}
	return s.config.Book.Settle(c.ctx(), settled)
}

// arrives reports whether a receipt shows that the lock has the policy, or will
// never take it.  One with the same version and another tag does not: a lock that
// has lost its policy takes that version again (section 18.3).
func arrives(p ledger.Document, receipts []credential.ReceiptClaims) bool {
	for _, r := range receipts {
		if r.Lock == p.Lock && (r.Policy == p.Tag || r.PolicyVersion > p.Version) {
			return true
		}
	}
	return false
}
