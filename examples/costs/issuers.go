package main

import (
	"crypto"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
)

// addIssuers makes everybody who signs.
func (s *stage) addIssuers(owner crypto.Signer) error {
	var err error
	if s.scheme, err = issuer.NewScheme(ed25519Key("scheme")); err != nil {
		return err
	}
	if s.post, err = operator(s.scheme, "post", s.now); err != nil {
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

// operator returns an operator of the post's kind, certified by the scheme: the
// national post itself, or one that delivers for it.
func operator(scheme *issuer.Scheme, name string, now credential.Time) (*issuer.Operator, error) {
	certificate, err := authority(scheme, name, credential.AuthorityClaims{
		IssuedAt: now - 10*day, Expires: now + 80*day,
		Services: []credential.Service{credential.ServicePost},
		Rights:   credential.RightIssue | credential.RightTime | credential.RightRevoke, LongestGrant: 84 * time.Hour,
	})
	if err != nil {
		return nil, err
	}
	return issuer.NewOperator(ed25519Key(name), certificate)
}

// authority has the scheme sign the claims for the Ed25519 key with the name,
// and verifies the certificate.
func authority(scheme *issuer.Scheme, name string, claims credential.AuthorityClaims) (*credential.Authority, error) {
	var err error
	if claims.Key, err = public(name); err != nil {
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

// admitting are the claims of a policy of the version, by which the post may come
// and go.
func (s *stage) admitting(version uint32) credential.PolicyClaims {
	return credential.PolicyClaims{
		Lock: s.id, Version: version, IssuedAt: s.now - 20*day,
		Services: []credential.Admission{{
			Service: credential.ServicePost,
			Actions: credential.ActionDeliver | credential.ActionCollect | credential.ActionReturn,
		}},
	}
}
