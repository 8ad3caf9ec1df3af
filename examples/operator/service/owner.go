package service

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/examples/operator/book"
	"github.com/postern-lock/postern/issuer/ledger"
)

// register makes a key the owner's.
func (s *Service) register(c *call) (any, error) {
	lock, err := c.lock()
	if err != nil {
		return nil, err
	}
	var g api.Registration
	if err := decode(c.body, &g); err != nil {
		return nil, err
	}
	if g.Key != c.key {
		return nil, problemUnsigned.because("sign with the key that is to be registered")
	}
	o, err := s.prove(lock, g)
	if err != nil {
		return nil, err
	}
	if err := s.once(c); err != nil {
		return nil, err
	}
	if o, err = s.config.Book.Own(c.ctx(), lock, o); err != nil {
		return nil, err
	}
	return api.Ownership{Lock: api.Of(lock), Key: o.Key, Sequence: o.Sequence, PolicyVersion: o.Reached}, nil
}

// step is how far above the version that the lock is known to have reached a
// policy's may be.  A lock takes 65536 (section 18.2); here it is less, so that
// whoever owns the lock next can always go beyond what a former owner left in the
// outbox.
const step = 1024

// postPolicy leaves a policy in the outbox that the owner signed.
func (s *Service) postPolicy(c *call) (any, error) {
	lock, err := c.lock()
	if err != nil {
		return nil, err
	}
	var upload api.PolicyUpload
	if err := decode(c.body, &upload); err != nil {
		return nil, err
	}
	u, err := credential.ParsePolicy(upload.Policy)
	if err != nil {
		return nil, err
	}
	if _, err := s.verifier.Policy(u, c.key); err != nil {
		return nil, err
	}
	if u.Claims.Lock != lock {
		return nil, problemMalformed.because("the policy is for lock %s", u.Claims.Lock)
	}
	o, err := s.config.Book.Owner(c.ctx(), lock)
	if err != nil {
		return nil, err
	}
	version := u.Claims.Version
	if uint64(version) > uint64(o.Reached)+step {
		p := problemVersion.because("the lock is known to have reached version %d, and %d is the most above that; a newer receipt of the lock tells otherwise", o.Reached, step)
		p.Version = o.Reached
		return nil, p
	}
	if err := s.config.Book.Posting(c.ctx(), lock, c.key, version); err != nil {
		return nil, err
	}
	d := ledger.Document{Lock: lock, Signer: credential.KeyIDOf(c.key), Version: version, Tag: u.Tag(), Bytes: upload.Policy}
	if err := s.config.Store.Post(c.ctx(), d); err != nil {
		if errors.Is(err, ledger.ErrSuperseded) || errors.Is(err, ledger.ErrConflict) {
			return nil, s.outdated(err, o, version)
		}
		return nil, err
	}
	return api.PolicyPosted{Lock: api.Of(lock), Version: version, Tag: api.Of(u.Tag())}, nil
}

// outdated tells what version a policy has to exceed.
func (s *Service) outdated(err error, o book.Owner, version uint32) error {
	p := problemOf(err)
	p.Version = max(o.Reached, o.Posted, version)
	return p
}

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
	pages, err := s.config.Store.Pages(c.ctx(), lock)
	if err != nil {
		return nil, err
	}
	digests := make([][32]byte, len(taken.Digests))
	named := make(map[[32]byte]bool, len(digests))
	for i, d := range taken.Digests {
		digests[i], named[d.Value] = d.Value, true
	}
	var gone [][]byte
	for _, p := range pages {
		if named[sha256.Sum256(p)] {
			gone = append(gone, p)
		}
	}
	if err := s.config.Store.Taken(c.ctx(), lock, gone); err != nil {
		return nil, err
	}
	return nil, s.config.Book.Release(c.ctx(), lock, digests)
}

// within refuses a batch that is empty or too long.
func within(what string, n, most int) error {
	if n < 1 || n > most {
		return problemMalformed.because("%s: 1 to %d at once, these are %d", what, most, n)
	}
	return nil
}

// nowhere is an area code that no box has: the outbox of it holds the lists alone,
// which are for every lock.
var nowhere = []byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")

// documents returns what the owner's own phone can take to the lock.
func (s *Service) documents(c *call) (any, error) {
	load, err := s.config.Store.Outbox(c.ctx(), nowhere)
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

// unsigned tells that a key did not sign, where the fault is not the claims'.
func unsigned(err error) error {
	if _, ok := errors.AsType[*credential.Error](err); ok {
		return err
	}
	return fmt.Errorf("%w: %w", ErrSigner, err)
}

// bytesOf returns objects as they stand in JSON.
func bytesOf(objects [][]byte) []api.Bytes {
	all := make([]api.Bytes, len(objects))
	for i, o := range objects {
		all[i] = o
	}
	return all
}
