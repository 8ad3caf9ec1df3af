package service

import (
	"bytes"
	"slices"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/issuer/ledger"
)

// round returns the device's grants in force, and what to take along to the locks
// that they are for.
func (s *Service) round(c *call) (any, error) {
	grants, err := s.held(c, c.now)
	if err != nil {
		return nil, err
	}
	load, err := s.load(c, grants)
	if err != nil {
		return nil, err
	}
	if err := s.unsaid(c, &load); err != nil {
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

// load is the outbox of all areas and locks that the grants are for, each lock
// once, and the lists.
func (s *Service) load(c *call, grants []held) (ledger.Load, error) {
	areas, locks := places(grants)
	all, err := s.config.Store.OutboxOf(c.ctx(), nil) // the lists, which are for every lock
	if err != nil {
		return all, err
	}
	add := func(load ledger.Load, err error) error {
		all.Policies = append(all.Policies, load.Policies...)
		all.Logs = append(all.Logs, load.Logs...)
		return err
	}
	for _, area := range areas {
		if err := add(s.config.Store.Outbox(c.ctx(), area)); err != nil {
			return all, err
		}
	}
	for some := range slices.Chunk(locks, ledger.MaxBoxes) {
		if err := add(s.config.Store.OutboxOf(c.ctx(), some)); err != nil {
			return all, err
		}
	}
	// A lock for which there is a parcel can lie on the round besides.
	slices.SortFunc(all.Policies, func(a, b ledger.Document) int { return compareLocks(a.Lock, b.Lock) })
	all.Policies = slices.CompactFunc(all.Policies, func(a, b ledger.Document) bool { return a.Lock == b.Lock })
	slices.SortFunc(all.Logs, compareLocks)
	all.Logs = slices.Compact(all.Logs)
	return all, nil
}

func compareLocks(a, b credential.LockID) int { return bytes.Compare(a[:], b[:]) }

// places returns the areas that grants are for, without those that lie within
// another, and the locks.
func places(grants []held) (areas [][]byte, locks []credential.LockID) {
	var all [][]byte
	for _, g := range grants {
		for _, e := range g.claims.Scope {
			if area, ok := e.Target.Area(); ok {
				all = append(all, area)
			}
			if lock, ok := e.Target.Lock(); ok {
				locks = append(locks, lock)
			}
		}
	}
	slices.SortFunc(all, bytes.Compare)
	for _, area := range all {
		if n := len(areas); n == 0 || !bytes.HasPrefix(area, areas[n-1]) {
			areas = append(areas, area)
		}
	}
	return areas, locks
}

// lately returns the outbox of the grants that the device has or had lately.
func (s *Service) lately(c *call) (ledger.Load, error) {
	grants, err := s.held(c, c.now-afterwards)
	if err != nil {
		return ledger.Load{}, err
	}
	return s.load(c, grants)
}
