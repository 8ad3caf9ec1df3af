package service

import (
	"github.com/postern-lock/postern/examples/operator/api"
)

// liveTime signs the time over a lock's nonce.
func (s *Service) liveTime(c *call) (any, error) {
	var body api.Nonce
	if err := decode(c.body, &body); err != nil {
		return nil, err
	}
	var nonce [16]byte
	if len(body.Nonce) != len(nonce) {
		return nil, problemMalformed.because("a nonce has %d bytes, this has %d", len(nonce), len(body.Nonce))
	}
	copy(nonce[:], body.Nonce)
	token, err := s.config.Time.Live(c.now, s.config.Offset(c.now), nonce)
	if err != nil {
		return nil, unsigned(err)
	}
	return api.Token{Token: token, Authorities: bytesOf(s.authorities)}, nil
}
