package service

import (
	"errors"

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
	o, receipt, err := s.prove(lock, g)
	if err != nil {
		return nil, err
	}
	if err := s.once(c); err != nil {
		return nil, err
	}
	if o, err = s.config.Book.Own(c.ctx(), lock, o); err != nil {
		return nil, err
	}
	if err := s.shown(c, receipt); err != nil {
		return nil, err
	}
	said, err := s.saidOf(c, lock)
	if err != nil {
		return nil, err
	}
	return api.Ownership{Lock: api.Of(lock), Key: o.Key, Sequence: o.Sequence, PolicyVersion: o.Reached, PolicySaid: said}, nil
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
			return nil, outdated(err, o, version)
		}
		return nil, err
	}
	return api.PolicyPosted{Lock: api.Of(lock), Version: version, Tag: api.Of(u.Tag())}, nil
}

// outdated tells what version a policy has to exceed.
func outdated(err error, o book.Owner, version uint32) error {
	p := problemOf(err)
	p.Version = max(o.Reached, o.Posted, version)
	return p
}
