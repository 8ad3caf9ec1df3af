// Package demo is the small world that the simulated lock and the phone of the
// examples share: a scheme, a manufacturer, a postal operator, one lock, its
// owner, and people who come to it.
//
// Every key is made from a sentence in this file, so that two programs agree
// without exchanging anything.  All the keys are therefore public: a lock that
// trusts this world is open to everybody.
package demo

import (
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/lock"
)

// Area is the area code of the lock: country, postal code, round.
const Area = "FR75011-07"

// Dates of the certificates.
var (
	issued  = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	expires = issued.AddDate(20, 0, 0)
)

// longestGrant is what the scheme lets the operator grant.
const longestGrant = 24 * time.Hour

// LockID returns the id of the lock.
func LockID() credential.LockID { return credential.LockID{'D', 'E', 'M', 'O', 0, 0, 0, 1} }

// World holds those who sign.
type World struct {
	root  credential.PublicKey
	maker *issuer.Maker
	post  *issuer.Operator
	owner *issuer.Owner
}

// New makes the world, the same one every time.
func New() (*World, error) {
	scheme, err := issuer.NewScheme(key("scheme"))
	if err != nil {
		return nil, err
	}
	w := &World{root: scheme.PublicKey()}
	authority, err := w.certify(scheme, "maker", credential.AuthorityClaims{Rights: credential.RightLock})
	if err != nil {
		return nil, err
	}
	if w.maker, err = issuer.NewMaker(key("maker"), authority); err != nil {
		return nil, err
	}
	authority, err = w.certify(scheme, "post", credential.AuthorityClaims{
		Rights:       credential.RightIssue | credential.RightTime,
		Services:     []credential.Service{credential.ServicePost},
		LongestGrant: longestGrant,
	})
	if err != nil {
		return nil, err
	}
	if w.post, err = issuer.NewOperator(key("post"), authority); err != nil {
		return nil, err
	}
	w.owner, err = issuer.NewOwner(key("owner"))
	return w, err
}

// certify has the scheme certify the key of the name.
func (w *World) certify(scheme *issuer.Scheme, name string, c credential.AuthorityClaims) (*credential.Authority, error) {
	var err error
	if c.Key, err = credential.NewPublicKey(key(name).Public()); err != nil {
		return nil, err
	}
	c.IssuedAt, c.Expires = credential.At(issued), credential.At(expires)
	certificate, err := scheme.Certify(c)
	if err != nil {
		return nil, err
	}
	u, err := credential.ParseAuthority(certificate)
	if err != nil {
		return nil, err
	}
	v := credential.Verifier{Roots: []credential.PublicKey{w.root}}
	return v.Authority(u)
}

// Lock makes the lock, as new from the factory and sold to the owner.  Flash,
// Actuator and Rand, and what else is to be different, come with parts; the
// flash is formatted.
func (w *World) Lock(parts lock.Config) (*lock.Lock, error) {
	public, err := credential.NewPublicKey(key("lock").Public())
	if err != nil {
		return nil, err
	}
	certificate, err := w.maker.Certify(credential.LockClaims{Key: public, IssuedAt: credential.At(issued), ID: LockID(), Profile: 1, Level: 1})
	if err != nil {
		return nil, err
	}
	if parts.Flash == nil {
		return nil, fmt.Errorf("demo: %w: Flash is missing", lock.ErrConfig)
	}
	if err := lock.Format(parts.Flash); err != nil {
		return nil, err
	}
	parts.ID, parts.Area = LockID(), []byte(Area)
	parts.Identities = []lock.Identity{{Key: key("lock"), Certificate: certificate}}
	parts.Roots = []credential.PublicKey{w.root}
	parts.Owners = []credential.PublicKey{w.owner.PublicKey()}
	return lock.New(parts)
}

// key returns the private key of the name.
func key(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("The key of the " + name + " in Postern's demonstration is public."))
	return ed25519.NewKeyFromSeed(seed[:])
}
