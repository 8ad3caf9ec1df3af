package main

import (
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/lock"
	"github.com/postern-lock/postern/lock/locktest"
)

// day is one day in seconds.
const day credential.Time = 86400

// setup is the lock's setup secret.
var setup = [16]byte{'s', 'e', 't', 'u', 'p', ' ', 's', 'e', 'c', 'r', 'e', 't', ' ', '1', '2', '8'}

// stage is one lock with everybody around it.  All keys and random bytes derive
// from names, so two stages are the same to the byte.
type stage struct {
	suite2 bool            // owner, guests and lock have P-256 keys
	now    credential.Time // of the day on which everything is issued
	scheme *issuer.Scheme
	post   *issuer.Operator
	maker  *issuer.Maker
	owner  *issuer.Owner

	id     credential.LockID
	area   []byte
	config lock.Config
	flash  *locktest.Flash
	events []lock.Event
}

// newStage sets a stage.  With suite2 the lock speaks cipher suite 2 too, and its
// owner has a P-256 key.
func newStage(suite2 bool) (*stage, error) {
	s := &stage{
		suite2: suite2,
		now:    credential.At(time.Date(2027, 3, 1, 8, 0, 0, 0, time.UTC)),
		id:     credential.LockID{0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x80},
		area:   []byte("FR75011-07"),
		flash:  locktest.NewFlash(),
	}
	owner, err := s.key("owner", suite2)
	if err != nil {
		return nil, err
	}
	if err := s.addIssuers(owner); err != nil {
		return nil, err
	}
	s.config = lock.Config{
		ID: s.id, Area: s.area, Setup: setup,
		Roots: []credential.PublicKey{s.scheme.PublicKey()},
		Flash: s.flash, Actuator: &locktest.Bolt{Motion: lock.Moved}, Rand: newStream("lock"),
		Elapsed:        func() time.Duration { return 0 },
		ExtendedLength: true,
		Observe:        func(e lock.Event) { s.events = append(s.events, e) },
	}
	if err := s.addIdentity(false); err != nil {
		return nil, err
	}
	if suite2 {
		if err := s.addIdentity(true); err != nil {
			return nil, err
		}
	}
	return s, s.moveIn()
}

// moveIn makes a new lock the owner's, who admits the post.
func (s *stage) moveIn() error {
	if err := lock.Format(s.flash); err != nil {
		return err
	}
	p, err := s.ownerPhone()
	if err != nil {
		return err
	}
	if err := s.play(commissions(p)); err != nil {
		return err
	}
	policy, err := s.owner.Policy(s.admitting(1))
	if err != nil {
		return err
	}
	return s.play(hands(p, policy))
}

// addIdentity gives the lock a key with the manufacturer's certificate.
func (s *stage) addIdentity(p256 bool) error {
	key, err := s.key("lock", p256)
	if err != nil {
		return err
	}
	public, err := credential.NewPublicKey(key.Public())
	if err != nil {
		return err
	}
	certificate, err := s.maker.Certify(credential.LockClaims{
		Key: public, IssuedAt: s.now - 50*day, ID: s.id, Profile: 1, Level: 1,
	})
	s.config.Identities = append(s.config.Identities, lock.Identity{Key: key, Certificate: certificate})
	return err
}
