package service

import (
	"crypto/sha256"
	"errors"
	"slices"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/examples/operator/book"
	"github.com/postern-lock/postern/issuer/ledger"
)

// Bounds of what is brought.
const (
	maxLogs     = 64 // locks at once
	maxLogPages = 4  // pages of a lock at once, which is all that it has
	// courierPages is how many pages of one lock one device may leave until its
	// owner takes them.  So a device that brings forgeries leaves room for others:
	// it takes four of them to fill the ledger's 64.
	courierPages = 16
)

// bringPages keeps sealed pages for the owners who wait for them.  Nobody but the
// owner can tell whether a page is one.
func (s *Service) bringPages(c *call) (any, error) {
	var body api.Logs
	if err := decode(c.body, &body); err != nil {
		return nil, err
	}
	if err := within("logs", len(body.Logs), maxLogs); err != nil {
		return nil, err
	}
	for _, l := range body.Logs {
		if err := within("pages", len(l.Pages), maxLogPages); err != nil {
			return nil, err
		}
		for _, p := range l.Pages {
			if len(p) != ledger.SealedBytes {
				return nil, problemMalformed.because("a sealed page has %d bytes, this has %d", ledger.SealedBytes, len(p))
			}
		}
	}
	load, err := s.lately(c)
	if err != nil {
		return nil, err
	}
	var answer api.Outcomes
	for _, l := range body.Logs {
		outcome, err := outcomeOf(s.bring(c, l, load.Logs))
		if err != nil {
			return nil, err
		}
		answer.Outcomes = append(answer.Outcomes, outcome)
	}
	return answer, nil
}

// outcomeOf tells what became of one part of a request.  With an error that can
// pass the whole request fails, so that it comes again.
func outcomeOf(err error) (api.Outcome, error) {
	if err == nil {
		return api.Outcome{Kept: true}, nil
	}
	p := problemOf(err)
	if p.Temporary() {
		return api.Outcome{}, err
	}
	return api.Outcome{Problem: p}, nil
}

// bring keeps the pages of one lock.
func (s *Service) bring(c *call, l api.Log, wanted []credential.LockID) error {
	lock := l.Lock.Value
	if !slices.Contains(wanted, lock) {
		return problemNotOnRound.because("lock %s", lock)
	}
	pages := make([][]byte, len(l.Pages))
	digests := make([][32]byte, len(l.Pages))
	for i, p := range l.Pages {
		pages[i], digests[i] = p, sha256.Sum256(p)
	}
	leave, err := s.alone(c, lock)
	if err != nil {
		return err
	}
	defer leave()
	courier := credential.KeyIDOf(c.key)
	err = s.config.Book.Reserve(c.ctx(), lock, courier, digests, courierPages)
	if errors.Is(err, book.ErrQuota) {
		// A note can be of pages that never came in, where the store was away.
		if _, err := s.recount(c, lock); err != nil {
			return err
		}
		err = s.config.Book.Reserve(c.ctx(), lock, courier, digests, courierPages)
	}
	if err != nil {
		return err
	}
	err = s.config.Store.Bring(c.ctx(), lock, pages)
	if !errors.Is(err, ledger.ErrFull) {
		return err
	}
	waiting, failed := s.recount(c, lock)
	switch {
	case failed != nil:
		return failed
	case waiting+len(pages) > ledger.MaxPages:
		return problemQuota.because("%d pages wait for the owner of lock %s, at most %d do", waiting, lock, ledger.MaxPages)
	}
	return err // the medium is full
}

// alone waits until nobody else changes the pages of the lock and the notes of who
// brought them, which are two things; leave lets the next one go on.
func (s *Service) alone(c *call, lock credential.LockID) (leave func(), err error) {
	place := s.counting[int(lock[len(lock)-1])%len(s.counting)]
	select {
	case place <- struct{}{}:
		return func() { <-place }, nil
	case <-c.ctx().Done():
		return nil, c.ctx().Err()
	}
}

// recount forgets notes of pages that do not wait for the owner, and returns how
// many do.
func (s *Service) recount(c *call, lock credential.LockID) (int, error) {
	pages, err := s.config.Store.Pages(c.ctx(), lock)
	if err != nil {
		return 0, err
	}
	digests := make([][32]byte, len(pages))
	for i, p := range pages {
		digests[i] = sha256.Sum256(p)
	}
	return len(pages), s.config.Book.Retain(c.ctx(), lock, digests)
}
