package main

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
)

// at is a moment of the story, in March 2027.  Monday is the first.  The
// library never asks a clock: every time in it is an argument.
func at(day, hour, minute int) time.Time {
	return time.Date(2027, time.March, day, hour, minute, 0, 0, time.UTC)
}

// Days of the story.
const (
	monday    = 1
	tuesday   = 2
	wednesday = 3
)

// parties are those who sign.
type parties struct {
	scheme *issuer.Scheme   // the root of trust
	post   *issuer.Operator // grants to its own staff
	maker  *issuer.Maker    // certifies the keys of its locks
	owner  *issuer.Owner    // grants to guests

	// ownerKey is the owner's one key, in the owner's phone.  It opens the box
	// itself and signs the grants of guests.
	ownerKey crypto.Signer
}

// newParties makes everybody's keys, and has the scheme certify the post and
// the manufacturer.
func newParties() (*parties, error) {
	rootKey, err := newKey()
	if err != nil {
		return nil, err
	}
	p := new(parties)
	if p.scheme, err = issuer.NewScheme(rootKey); err != nil {
		return nil, err
	}
	if err := p.addPost(); err != nil {
		return nil, err
	}
	if err := p.addMaker(); err != nil {
		return nil, err
	}
	if p.ownerKey, err = newKey(); err != nil {
		return nil, err
	}
	p.owner, err = issuer.NewOwner(p.ownerKey)
	return p, err
}

// addPost makes the national post: it may grant in the name of the service
// post, for at most 84 hours at a time, and its grants tell locks the time.
func (p *parties) addPost() error {
	key, err := newKey()
	if err != nil {
		return err
	}
	authority, err := p.certify(key, credential.AuthorityClaims{
		IssuedAt:     credential.At(at(monday, 0, 0).AddDate(0, -1, 0)),
		Expires:      credential.At(at(monday, 0, 0).AddDate(0, 2, 0)),
		Services:     []credential.Service{credential.ServicePost},
		Rights:       credential.RightIssue | credential.RightTime,
		LongestGrant: 84 * time.Hour,
	})
	if err != nil {
		return err
	}
	p.post, err = issuer.NewOperator(key, authority)
	return err
}

// addMaker makes the manufacturer: it may certify locks, and nothing else.
func (p *parties) addMaker() error {
	key, err := newKey()
	if err != nil {
		return err
	}
	authority, err := p.certify(key, credential.AuthorityClaims{
		IssuedAt: credential.At(at(monday, 0, 0).AddDate(-1, 0, 0)),
		Expires:  credential.At(at(monday, 0, 0).AddDate(9, 0, 0)),
		Rights:   credential.RightLock,
	})
	if err != nil {
		return err
	}
	p.maker, err = issuer.NewMaker(key, authority)
	return err
}

// certify has the scheme sign a certificate for the key.  Whoever receives it
// reads it and verifies it, and only then holds an Authority.
func (p *parties) certify(key crypto.Signer, claims credential.AuthorityClaims) (*credential.Authority, error) {
	public, err := credential.NewPublicKey(key.Public())
	if err != nil {
		return nil, err
	}
	claims.Key = public
	certificate, err := p.scheme.Certify(claims)
	if err != nil {
		return nil, err
	}
	unverified, err := credential.ParseAuthority(certificate)
	if err != nil {
		return nil, err
	}
	verifier := credential.Verifier{Roots: []credential.PublicKey{p.scheme.PublicKey()}}
	return verifier.Authority(unverified)
}

// newKey makes an Ed25519 key.  A real issuer's stays in a hardware module; all
// that is asked of it is crypto.Signer.
func newKey() (crypto.Signer, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	return key, err
}
