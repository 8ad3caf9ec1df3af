package service

import (
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/examples/operator/book"
)

// maxReceipts is how many receipts come at once.
const maxReceipts = 64

// bringReceipts keeps receipts that verify.
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
	for _, r := range body.Receipts {
		receipt, lock, err := s.verified(r.Receipt, r.Certificates)
		outcome, err := outcomeOf(err)
		if err != nil {
			return nil, err
		}
		answer.Outcomes = append(answer.Outcomes, outcome)
		if outcome.Kept {
			claims := receipt.Claims()
			keep = append(keep, book.Receipt{Lock: claims.Lock, Digest: receipt.Digest(), Object: r.Receipt, Certificate: lock.Bytes()})
			if err := s.config.Book.Reach(c.ctx(), claims.Lock, claims.PolicyVersion); err != nil {
				return nil, err
			}
		}
	}
	if err := s.config.Book.Keep(c.ctx(), keep); err != nil {
		return nil, err
	}
	return answer, nil
}
