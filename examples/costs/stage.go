package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/lock"
	"github.com/postern-lock/postern/lock/locktest"
)

// day is one day in seconds.
const day credential.Time = 86400

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
		ID: s.id, Area: s.area,
		Roots:  []credential.PublicKey{s.scheme.PublicKey()},
		Owners: []credential.PublicKey{s.owner.PublicKey()},
		Flash:  s.flash, Actuator: &locktest.Bolt{Motion: lock.Moved}, Rand: newStream("lock"),
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
	return s, lock.Format(s.flash)
}

// addIssuers makes everybody who signs.
func (s *stage) addIssuers(owner crypto.Signer) error {
	var err error
	if s.scheme, err = issuer.NewScheme(ed25519Key("scheme")); err != nil {
		return err
	}
	if s.post, err = s.operator(s.scheme); err != nil {
		return err
	}
	maker, err := authority(s.scheme, "maker", credential.AuthorityClaims{
		IssuedAt: s.now - 100*day, Expires: s.now + 1000*day, Rights: credential.RightLock,
	})
	if err != nil {
		return err
	}
	if s.maker, err = issuer.NewMaker(ed25519Key("maker"), maker); err != nil {
		return err
	}
	s.owner, err = issuer.NewOwner(owner)
	return err
}

// operator returns the national post, certified by the scheme.
func (s *stage) operator(scheme *issuer.Scheme) (*issuer.Operator, error) {
	post, err := authority(scheme, "post", credential.AuthorityClaims{
		IssuedAt: s.now - 10*day, Expires: s.now + 80*day,
		Services: []credential.Service{credential.ServicePost},
		Rights:   credential.RightIssue | credential.RightTime, LongestGrant: 84 * time.Hour,
	})
	if err != nil {
		return nil, err
	}
	return issuer.NewOperator(ed25519Key("post"), post)
}

// authority has the scheme sign the claims for the Ed25519 key with the name,
// and verifies the certificate.
func authority(scheme *issuer.Scheme, name string, claims credential.AuthorityClaims) (*credential.Authority, error) {
	var err error
	if claims.Key, err = credential.NewPublicKey(ed25519Key(name).Public()); err != nil {
		return nil, err
	}
	certificate, err := scheme.Certify(claims)
	if err != nil {
		return nil, err
	}
	unverified, err := credential.ParseAuthority(certificate)
	if err != nil {
		return nil, err
	}
	verifier := credential.Verifier{Roots: []credential.PublicKey{scheme.PublicKey()}}
	return verifier.Authority(unverified)
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

// key returns the key with the name.
func (s *stage) key(name string, p256 bool) (crypto.Signer, error) {
	if !p256 {
		return ed25519Key(name), nil
	}
	scalar := sha256.Sum256([]byte("costs P-256 key " + name))
	return ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:])
}

// ed25519Key returns the Ed25519 key with the name.
func ed25519Key(name string) crypto.Signer {
	seed := sha256.Sum256([]byte("costs key " + name))
	return ed25519.NewKeyFromSeed(seed[:])
}

// stream is an endless source of bytes that depend on its name alone.
type stream struct {
	name    string
	counter uint64
	rest    []byte
}

func newStream(name string) io.Reader { return &stream{name: "costs stream " + name} }

// Read fills p.
func (s *stream) Read(p []byte) (int, error) {
	for i := range p {
		if len(s.rest) == 0 {
			sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(s.name), s.counter))
			s.counter++
			s.rest = sum[:]
		}
		p[i], s.rest = s.rest[0], s.rest[1:]
	}
	return len(p), nil
}
