package service

import (
	"crypto/sha256"

	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/issuer/ledger"
)

// wantLog notes whether the owner waits for the log.
func (s *Service) wantLog(c *call) (any, error) {
	lock, err := c.lock()
	if err != nil {
		return nil, err
	}
	var wanted api.LogWanted
	if err := decode(c.body, &wanted); err != nil {
		return nil, err
	}
	return nil, s.config.Store.WantLog(c.ctx(), lock, wanted.Wanted)
}

// pages returns the pages that wait for the owner.
func (s *Service) pages(c *call) (any, error) {
	lock, err := c.lock()
	if err != nil {
		return nil, err
	}
	pages, err := s.config.Store.Pages(c.ctx(), lock)
	if err != nil {
		return nil, err
	}
	answer := api.Pages{Pages: make([]api.Bytes, len(pages))}
	for i, p := range pages {
		answer.Pages[i] = p
	}
	return answer, nil
}

// takePages forgets the pages with the digests; those that are not there are
// forgotten already.
func (s *Service) takePages(c *call) (any, error) {
	lock, err := c.lock()
	if err != nil {
		return nil, err
	}
	var taken api.PagesTaken
	if err := decode(c.body, &taken); err != nil {
		return nil, err
	}
	if err := within("digests", len(taken.Digests), ledger.MaxPages); err != nil {
		return nil, err
	}
	leave, err := s.alone(c, lock)
	if err != nil {
		return nil, err
	}
	defer leave()
	pages, err := s.config.Store.Pages(c.ctx(), lock)
	if err != nil {
		return nil, err
	}
	named := make(map[[32]byte]bool, len(taken.Digests))
	for _, d := range taken.Digests {
		named[d.Value] = true
	}
	var gone [][]byte
	var left [][32]byte
	for _, p := range pages {
		digest := sha256.Sum256(p)
		if named[digest] {
			gone = append(gone, p)
		} else {
			left = append(left, digest)
		}
	}
	if err := s.config.Store.Taken(c.ctx(), lock, gone); err != nil {
		return nil, err
	}
	return nil, s.config.Book.Retain(c.ctx(), lock, left)
}
