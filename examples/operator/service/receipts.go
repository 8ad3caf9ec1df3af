package service

import (
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/examples/operator/book"
)

// maxReceipts is how many receipts come at once.
const maxReceipts = 64

// bringReceipts keeps receipts that verify, for as long as the operator wants them,
// and learns from them what arrived.
func (s *Service) bringReceipts(c *call) (any, error) {
	var body api.Receipts
	if err := decode(c.body, &body); err != nil {
		return nil, err
	}
	if err := within("receipts", len(body.Receipts), maxReceipts); err != nil {
		return nil, err
	}
	var answer api.Outcomes
	var keep []book.Receipt
	var read []credential.ReceiptClaims
	for _, r := range body.Receipts {
		receipt, lock, err := s.verified(r.Receipt, r.Certificates)
		outcome, err := outcomeOf(err)
		if err != nil {
			return nil, err
		}
		answer.Outcomes = append(answer.Outcomes, outcome)
		if outcome.Kept {
			claims := receipt.Claims()
			keep = append(keep, book.Receipt{Came: c.now, Lock: claims.Lock, Digest: receipt.Digest(), Object: r.Receipt, Certificate: lock.Bytes()})
			read = append(read, claims)
		}
	}
	if err := s.shown(c, read...); err != nil {
		return nil, err
	}
	if err := s.config.Book.Keep(c.ctx(), keep); err != nil {
		return nil, err
	}
	// More are forgotten at once than can come, so the book shrinks to its bounds.
	before := c.now - min(c.now, credential.Time(s.config.ReceiptsFor/time.Second))
	if _, err := s.config.Book.Forget(c.ctx(), before, s.config.ReceiptsMost); err != nil {
		return nil, err
	}
	return answer, nil
}
