package main

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
)

// parties are those who sign.
type parties struct {
	scheme  *issuer.Scheme     // the root of trust
	post    *issuer.Operator   // grants to its own staff
	revoker *issuer.Revoker    // the post again: withdraws its grants
	clock   *issuer.TimeSource // the post again: tells the time to whoever asks
	carrier *issuer.Operator   // brings parcels, and is not the post
	maker   *issuer.Maker      // certifies the keys of its locks
	owner   *issuer.Owner      // of the box: grants to guests, signs policies

	// ownerKey is the owner's one key, in the owner's phone.  It opens the box
	// itself, signs the grants of guests and the policies.
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
	if err := p.addCarrier(); err != nil {
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

// addPost makes the national post.  With one key it does three things, each by a
// right of its certificate: it grants in the name of the service post, withdraws
// what it granted, and tells locks the time.
func (p *parties) addPost() error {
	key, err := newKey()
	if err != nil {
		return err
	}
	authority, err := p.operator(key, credential.ServicePost, credential.RightIssue|credential.RightRevoke|credential.RightTime)
	if err != nil {
		return err
	}
	if p.post, err = issuer.NewOperator(key, authority); err != nil {
		return err
	}
	if p.revoker, err = issuer.NewRevoker(key, authority); err != nil {
		return err
	}
	p.clock, err = issuer.NewTimeSource(key, authority)
	return err
}

// addCarrier makes a carrier of parcels.  It may grant, and no more.
func (p *parties) addCarrier() error {
	key, err := newKey()
	if err != nil {
		return err
	}
	authority, err := p.operator(key, credential.ServiceParcel, credential.RightIssue)
	if err != nil {
		return err
	}
	p.carrier, err = issuer.NewOperator(key, authority)
	return err
}

// operator has the scheme certify an operator for the year: its grants may last
// 84 hours.
func (p *parties) operator(key crypto.Signer, service credential.Service, rights credential.Rights) (*credential.Authority, error) {
	return p.certify(key, credential.AuthorityClaims{
		IssuedAt:     credential.At(at(movingIn, 0, 0).AddDate(0, -1, 0)),
		Expires:      credential.At(at(movingIn, 0, 0).AddDate(1, 0, 0)),
		Services:     []credential.Service{service},
		Rights:       rights,
		LongestGrant: 84 * time.Hour,
	})
}

// addMaker makes the manufacturer: it may certify locks, and nothing else.
func (p *parties) addMaker() error {
	key, err := newKey()
	if err != nil {
		return err
	}
	authority, err := p.certify(key, credential.AuthorityClaims{
		IssuedAt: credential.At(at(movingIn, 0, 0).AddDate(-1, 0, 0)),
		Expires:  credential.At(at(movingIn, 0, 0).AddDate(9, 0, 0)),
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
