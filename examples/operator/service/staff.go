package service

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"slices"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/examples/operator/book"
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

// Bounds of what is brought.
const (
	maxLogs     = 64 // locks at once
	maxLogPages = 4  // pages of a lock at once, which is all that it has
	maxReceipts = 64 // at once
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
	if err := s.config.Book.Reserve(c.ctx(), lock, credential.KeyIDOf(c.key), digests, courierPages); err != nil {
		return err
	}
	err := s.config.Store.Bring(c.ctx(), lock, pages)
	if errors.Is(err, ledger.ErrFull) || errors.Is(err, ledger.ErrUnknown) {
		// What was there before stays noted for whoever brought it: the store's own
		// bound holds in any case.
		return s.notBrought(c, lock, digests, err)
	}
	return err
}

// notBrought forgets the note of pages that the store did not take.
func (s *Service) notBrought(c *call, lock credential.LockID, digests [][32]byte, cause error) error {
	there, err := s.config.Store.Pages(c.ctx(), lock)
	if err != nil {
		return err
	}
	kept := make(map[[32]byte]bool, len(there))
	for _, p := range there {
		kept[sha256.Sum256(p)] = true
	}
	gone := slices.DeleteFunc(slices.Clone(digests), func(d [32]byte) bool { return kept[d] })
	if err := s.config.Book.Release(c.ctx(), lock, gone); err != nil {
		return err
	}
	if errors.Is(cause, ledger.ErrFull) && len(there)+len(gone) > ledger.MaxPages {
		return problemQuota.because("%d pages wait for the owner of lock %s, at most %d do", len(there), lock, ledger.MaxPages)
	}
	return cause
}

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
