// Package world makes the parties that the conformance suite plays: a scheme, a
// national post, a manufacturer, an owner with guests, and the lock that is under
// test.  Everything in it derives from one seed, so that a run can be repeated to
// the byte, as far as the product's own random numbers allow.
package world

import (
	"crypto"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
)

// Day is one day in seconds.
const Day credential.Time = 86400

// World is one set of parties.  Its objects are of a time long after any
// manufacture; a lock has no clock that could contradict.
type World struct {
	Seed uint64
	Now  credential.Time // a Monday from 2027-03-01 on, 08:00 UTC and some hours more, by seed

	Scheme *issuer.Scheme
	Post   *issuer.Operator // rights issue, time and revoke; service post
	Maker  *issuer.Maker
	Owner  *issuer.Owner

	Lock  credential.LockID
	Area  []byte   // by seed too: nothing of a world is always the same, by which a product could tell a laboratory
	Setup [16]byte // setup secret

	identities map[identified][]shim.Identity // once they are made
	keys       map[string]crypto.Signer
}

// first is the earliest Now.  Vectors are of about that time.
var first = credential.At(time.Date(2027, 3, 1, 8, 0, 0, 0, time.UTC))

// New makes the world of a seed.
func New(seed uint64) (*World, error) {
	w := &World{Seed: seed, identities: map[identified][]shim.Identity{}, keys: map[string]crypto.Signer{}}
	weeks := credential.Time(binary.BigEndian.Uint16(w.bytes("weeks", 2)) % 450)
	w.Now = first + weeks*7*Day + credential.Time(seed%10*3600)
	w.Area = fmt.Appendf(nil, "FR%08d", binary.BigEndian.Uint32(w.bytes("area", 4))%100_000_000)
	copy(w.Lock[:], w.bytes("lock id", 8))
	copy(w.Setup[:], w.bytes("setup secret", 16))
	if err := w.people(); err != nil {
		return nil, fmt.Errorf("world: seed %d: %w", seed, err)
	}
	return w, nil
}

// people makes the parties that sign.
func (w *World) people() error {
	var err error
	if w.Scheme, err = issuer.NewScheme(w.Key("scheme")); err != nil {
		return err
	}
	post, err := w.Certify(w.PostClaims())
	if err != nil {
		return err
	}
	if w.Post, err = issuer.NewOperator(w.Key("post"), post); err != nil {
		return err
	}
	maker, err := w.Certify(credential.AuthorityClaims{
		Key: w.Public("maker"), IssuedAt: first - 100*Day, Expires: w.Now + 1000*Day, Rights: credential.RightLock,
	})
	if err != nil {
		return err
	}
	if w.Maker, err = issuer.NewMaker(w.Key("maker"), maker); err != nil {
		return err
	}
	w.Owner, err = issuer.NewOwner(w.Key("owner"))
	return err
}

// PostClaims are the claims of the post's certificate.
func (w *World) PostClaims() credential.AuthorityClaims {
	return credential.AuthorityClaims{
		Key:      w.Public("post"),
		IssuedAt: w.Now - 10*Day, Expires: w.Now + 80*Day,
		Services: []credential.Service{credential.ServicePost},
		Rights:   credential.RightIssue | credential.RightTime | credential.RightRevoke, LongestGrant: 84 * time.Hour,
	}
}

// Certify has the scheme certify the claims.
func (w *World) Certify(c credential.AuthorityClaims) (*credential.Authority, error) {
	b, err := w.Scheme.Certify(c)
	if err != nil {
		return nil, err
	}
	u, err := credential.ParseAuthority(b)
	if err != nil {
		return nil, err
	}
	v := credential.Verifier{Roots: []credential.PublicKey{w.Scheme.PublicKey()}}
	return v.Authority(u)
}

// Policy has the owner sign a policy of the version by which the post may
// deliver, collect and take back, altered.
func (w *World) Policy(version uint32, alter func(*credential.PolicyClaims)) ([]byte, error) {
	c := credential.PolicyClaims{
		Lock: w.Lock, Version: version, IssuedAt: w.Now - 20*Day,
		Services: []credential.Admission{{
			Service: credential.ServicePost, Actions: credential.ActionDeliver | credential.ActionCollect | credential.ActionReturn,
		}},
	}
	if alter != nil {
		alter(&c)
	}
	return w.Owner.Policy(c)
}

// Round has the post sign a grant to the postman for the lock's round today,
// altered.
func (w *World) Round(alter func(*credential.GrantClaims)) ([]byte, error) {
	c := credential.GrantClaims{
		Holder: w.Public("postman"), IssuedAt: w.Now, Expires: w.Now + Day/2,
		Scope: []credential.Entry{{Target: credential.AreaTarget(w.Area), Actions: credential.ActionDeliver | credential.ActionCollect}},
	}
	if alter != nil {
		alter(&c)
	}
	return w.Post.Grant(c)
}

// Guest has the owner sign a grant to the neighbour for the lock, altered.
func (w *World) Guest(alter func(*credential.GrantClaims)) ([]byte, error) {
	c := credential.GrantClaims{
		Holder: w.Public("neighbour"), IssuedAt: w.Now, Expires: w.Now + 30*Day,
		Scope: []credential.Entry{{Target: credential.LockTarget(w.Lock), Actions: credential.ActionOpen}},
	}
	if alter != nil {
		alter(&c)
	}
	return w.Owner.Grant(c)
}

// Key returns the Ed25519 key with the name.
func (w *World) Key(name string) crypto.Signer {
	if w.keys[name] == nil {
		w.keys[name] = ed25519Key(w.bytes("Ed25519 "+name, 32))
	}
	return w.keys[name]
}

// Key2 returns the P-256 key with the name.
func (w *World) Key2(name string) crypto.Signer { return w.p256Key(name) }

// Public returns the public half of the Ed25519 key with the name.
func (w *World) Public(name string) credential.PublicKey { return public(w.Key(name)) }

// Public2 returns the public half of the P-256 key with the name.
func (w *World) Public2(name string) credential.PublicKey { return public(w.Key2(name)) }
