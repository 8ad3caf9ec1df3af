package service

import (
	"fmt"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer/ledger"
)

// now returns the time.  Where the clock has jumped back, or shows a time outside
// of what the standard can say, nothing is to be signed by it.
func (s *Service) now() (credential.Time, error) {
	at := credential.At(s.config.Now())
	s.clock.Lock()
	defer s.clock.Unlock()
	if at == 0 || at+ledger.ClockTolerance < s.newest {
		return 0, fmt.Errorf("%w: it shows %s, and showed %s before", ledger.ErrClock, at, s.newest)
	}
	s.newest = max(s.newest, at)
	return at, nil
}

// signingTime is the clock for the ledger, which takes zero for one that is wrong.
func (s *Service) signingTime() credential.Time {
	at, err := s.now()
	if err != nil {
		return 0
	}
	return at
}
