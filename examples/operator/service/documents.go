package service

import (
	"fmt"

	"github.com/postern-lock/postern/examples/operator/api"
)

// documents returns what the owner's own phone can take to the lock.
func (s *Service) documents(c *call) (any, error) {
	load, err := s.config.Store.OutboxOf(c.ctx(), nil)
	if err != nil {
		return nil, err
	}
	token, err := s.config.Time.State(c.now, s.config.Offset(c.now))
	if err != nil {
		return nil, unsigned(err)
	}
	answer := api.Documents{Documents: []api.Bytes{token}, Authorities: bytesOf(s.authorities)}
	for _, list := range load.Lists {
		answer.Documents = append(answer.Documents, list.Bytes)
	}
	return answer, nil
}

// unsigned tells that the service could not sign, for whatever reason: what is to
// be signed is its own, and no fault of the client's.
func unsigned(err error) error { return fmt.Errorf("%w: %w", ErrSigner, err) }

// bytesOf returns objects as they stand in JSON.
func bytesOf(objects [][]byte) []api.Bytes {
	all := make([]api.Bytes, len(objects))
	for i, o := range objects {
		all[i] = o
	}
	return all
}
