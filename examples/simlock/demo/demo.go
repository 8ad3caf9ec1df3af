// Package demo is the small world that the simulated lock and the phone of the
// examples share: a scheme, a manufacturer, a postal operator, one lock, its
// owner, and people who come to it.
//
// Every key is made from a sentence in this file, so that two programs agree
// without exchanging anything.  All the keys are therefore public: a lock that
// trusts this world is open to everybody.
package demo

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/postern-lock/postern/apdu"
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

// Setup returns the setup secret of the lock, as it is printed inside the box.
func Setup() [16]byte {
	sum := sha256.Sum256([]byte("The setup secret in Postern's demonstration is public."))
	return [16]byte(sum[:])
}

// Vacant makes the lock as new from the factory, without an owner.  Flash,
// Actuator and Rand, and what else is to be different, come with parts; the
// flash is formatted.
func (w *World) Vacant(parts lock.Config) (*lock.Lock, error) {
	config, err := w.vacant(parts)
	if err != nil {
		return nil, err
	}
	return lock.New(config)
}

// vacant formats the flash and completes the parts.
func (w *World) vacant(parts lock.Config) (lock.Config, error) {
	public, err := credential.NewPublicKey(key("lock").Public())
	if err != nil {
		return parts, err
	}
	certificate, err := w.maker.Certify(credential.LockClaims{Key: public, IssuedAt: credential.At(issued), ID: LockID(), Profile: 1, Level: 1})
	if err != nil {
		return parts, err
	}
	if parts.Flash == nil {
		return parts, fmt.Errorf("demo: %w: Flash is missing", lock.ErrConfig)
	}
	parts.ID, parts.Area, parts.Setup = LockID(), []byte(Area), Setup()
	parts.Identities = []lock.Identity{{Key: key("lock"), Certificate: certificate}}
	parts.Roots = []credential.PublicKey{w.root}
	return parts, lock.Format(parts.Flash)
}

// Lock makes the lock like Vacant, and has the owner commission it and hand over
// the first policy, which admits the post.
func (w *World) Lock(parts lock.Config) (*lock.Lock, error) {
	config, err := w.vacant(parts)
	if err != nil {
		return nil, err
	}
	quiet := config
	quiet.Observe = nil
	l, err := lock.New(quiet)
	if err != nil {
		return nil, err
	}
	if err := w.moveIn(apdu.Direct(l)); err != nil {
		return nil, err
	}
	return lock.New(config)
}

// moveIn has the owner take the vacant lock.
func (w *World) moveIn(link apdu.Transceiver) error {
	phone, err := w.Phone("owner", issued, rand.Reader)
	if err != nil {
		return err
	}
	if _, _, err := phone.Commission(context.Background(), link, Setup()); err != nil {
		return err
	}
	policy, err := w.Policy(1, issued)
	if err != nil {
		return err
	}
	phone.Documents = [][]byte{policy}
	r, err := phone.Status(context.Background(), link)
	switch {
	case err != nil:
		return err
	case len(r.Documents) != 1 || r.Documents[0].Reason != credential.ReasonNone:
		return fmt.Errorf("demo: the lock does not take the first policy: %v", r.Documents)
	}
	return nil
}

// Policy has the owner sign what the lock is to admit from now on: the post, to
// deliver and to collect.
func (w *World) Policy(version uint32, now time.Time) ([]byte, error) {
	return w.owner.Policy(credential.PolicyClaims{
		Lock: LockID(), Version: version, IssuedAt: credential.At(now),
		Services: []credential.Admission{{Service: credential.ServicePost, Actions: credential.ActionDeliver | credential.ActionCollect}},
	})
}

// key returns the private key of the name.
func key(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("The key of the " + name + " in Postern's demonstration is public."))
	return ed25519.NewKeyFromSeed(seed[:])
}
