package service

import (
	"bytes"
	"slices"

	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/issuer/ledger"
)

// round returns the device's grants in force, and what to take along to the locks
// of their areas.
func (s *Service) round(c *call) (any, error) {
	grants, err := s.held(c, c.now)
	if err != nil {
		return nil, err
	}
	load, err := s.load(c, grants)
	if err != nil {
		return nil, err
	}
	answer := api.Round{
		Grants:      make([]api.Bytes, len(grants)),
		Authorities: bytesOf(s.authorities),
		Lists:       make([]api.Bytes, len(load.Lists)),
		Policies:    make([]api.Policy, len(load.Policies)),
		Logs:        make([]api.LockID, len(load.Logs)),
	}
	for i, g := range grants {
		answer.Grants[i] = g.Grant
	}
	for i, l := range load.Lists {
		answer.Lists[i] = l.Bytes
	}
	for i, p := range load.Policies {
		answer.Policies[i] = api.Policy{Lock: api.Of(p.Lock), Tag: api.Of(p.Tag), Document: p.Bytes}
	}
	for i, lock := range load.Logs {
		answer.Logs[i] = api.Of(lock)
	}
	return answer, nil
}

// load is the outbox of all areas of the grants, each lock once, and the lists.
func (s *Service) load(c *call, grants []held) (ledger.Load, error) {
	all, err := s.config.Store.Outbox(c.ctx(), nowhere)
	if err != nil {
		return all, err
	}
	for _, area := range areas(grants) {
		load, err := s.config.Store.Outbox(c.ctx(), area)
		if err != nil {
			return all, err
		}
		all.Policies = append(all.Policies, load.Policies...)
		all.Logs = append(all.Logs, load.Logs...)
	}
	return all, nil
}

// areas returns the areas that grants are for, without those that lie within
// another.
func areas(grants []held) [][]byte {
	var all [][]byte
	for _, g := range grants {
		for _, e := range g.claims.Scope {
			if area, ok := e.Target.Area(); ok {
				all = append(all, area)
			}
		}
	}
	slices.SortFunc(all, bytes.Compare)
	var outer [][]byte
	for _, area := range all {
		if n := len(outer); n == 0 || !bytes.HasPrefix(area, outer[n-1]) {
			outer = append(outer, area)
		}
	}
	return outer
}

// lately returns the outbox of the rounds that the device has or had lately.
func (s *Service) lately(c *call) (ledger.Load, error) {
	grants, err := s.held(c, c.now-afterwards)
	if err != nil {
		return ledger.Load{}, err
	}
	return s.load(c, grants)
}

// deliver takes policies out of the outbox of the device's rounds; a device cannot
// make the service forget those of other rounds.
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
	var done []ledger.Delivery
	for _, d := range body.Deliveries {
		at := ledger.Delivery{Lock: d.Lock.Value, Tag: d.Tag.Value}
		if waiting[at] {
			done = append(done, at)
			delete(waiting, at)
		}
	}
	if err := s.config.Store.Delivered(c.ctx(), done); err != nil {
		return nil, err
	}
	return api.Delivered{Delivered: len(done)}, nil
}
