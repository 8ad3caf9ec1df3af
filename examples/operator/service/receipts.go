package service

import (
	"context"
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
	if _, err := s.forget(c.ctx(), c.now); err != nil {
		return nil, err
	}
	return answer, nil
}

// forget forgets the oldest receipts beyond what the operator wants, and returns how
// many.
func (s *Service) forget(ctx context.Context, now credential.Time) (int, error) {
	before := now - min(now, credential.Time(s.config.ReceiptsFor/time.Second))
	return s.config.Book.Forget(ctx, before, s.config.ReceiptsMost)
}

// prunes is how many calls of the book one tick is good for: what is left waits for the
// next, so that nothing is held up for long.
const prunes = 64

// Prune forgets receipts that are to be kept no longer, at once and at each tick until the
// context ends: whoever brings new ones forgets old ones too, but where nobody does these
// would stay.  A book that is away is told to the log, and asked again at the next
// tick.
func (s *Service) Prune(ctx context.Context, tick <-chan time.Time) {
	for {
		if err := s.prune(ctx); err != nil && ctx.Err() == nil {
			s.config.Log.Error("old receipts stay", "cause", causeOf(err))
		}
		select {
		case <-ctx.Done():
			return
		case <-tick:
		}
	}
}

func (s *Service) prune(ctx context.Context) error {
	for range prunes {
		now, err := s.now()
		if err != nil {
			return err
		}
		n, err := s.forget(ctx, now)
		if err != nil || n < book.MaxForget {
			return err
		}
	}
	return nil
}
