package service

import (
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/issuer/ledger"
)

// place notes where boxes are.
func (s *Service) place(c *call) (any, error) {
	var body api.Boxes
	if err := decode(c.body, &body); err != nil {
		return nil, err
	}
	if err := within("boxes", len(body.Boxes), ledger.MaxBatch); err != nil {
		return nil, err
	}
	boxes := make([]ledger.Box, len(body.Boxes))
	for i, b := range body.Boxes {
		boxes[i] = ledger.Box{Lock: b.Lock.Value, Area: b.Area}
	}
	return nil, s.config.Store.Place(c.ctx(), boxes)
}
