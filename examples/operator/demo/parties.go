package demo

import (
	"crypto"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
)

// What the scheme says of its authorities.
const (
	certified    = 10 * 365 * 24 * time.Hour // how long a certificate of the street runs
	longestGrant = 84 * time.Hour
)

// Parties are those who sign.
type Parties struct {
	Scheme  credential.PublicKey // what phones and locks trust
	Maker   *issuer.Maker
	Post    *issuer.Operator // whose service it is: it grants, withdraws and tells the time
	Carrier *issuer.Operator // of parcels; it has no service here, and grants alone

	PostKey    crypto.Signer        // of Post
	Dispatcher credential.PublicKey // who may have the post's grants issued

	secret []byte
}

// newParties makes everybody's keys of the street's secret, and has the scheme
// certify them from the day on which the street was founded.
func newParties(secret []byte, founded time.Time) (*Parties, error) {
	p := &Parties{secret: secret}
	scheme, err := issuer.NewScheme(p.key("scheme"))
	if err != nil {
		return nil, err
	}
	p.Scheme = scheme.PublicKey()
	certify := func(name string, rights credential.Rights, longest time.Duration, services ...credential.Service) (*credential.Authority, error) {
		return p.certify(scheme, name, credential.AuthorityClaims{
			IssuedAt: credential.At(founded), Expires: credential.At(founded.Add(certified)),
			Rights: rights, Services: services, LongestGrant: longest,
		})
	}
	maker, err := certify("maker", credential.RightLock, 0)
	if err != nil {
		return nil, err
	}
	post, err := certify("post", credential.RightIssue|credential.RightRevoke|credential.RightTime, longestGrant, credential.ServicePost)
	if err != nil {
		return nil, err
	}
	carrier, err := certify("carrier", credential.RightIssue, longestGrant, credential.ServiceParcel)
	if err != nil {
		return nil, err
	}
	p.PostKey = p.key("post")
	if p.Dispatcher, err = credential.NewPublicKey(p.key("dispatcher").Public()); err != nil {
		return nil, err
	}
	if p.Maker, err = issuer.NewMaker(p.key("maker"), maker); err != nil {
		return nil, err
	}
	if p.Post, err = issuer.NewOperator(p.PostKey, post); err != nil {
		return nil, err
	}
	p.Carrier, err = issuer.NewOperator(p.key("carrier"), carrier)
	return p, err
}

// certify has the scheme certify the key of the name.
func (p *Parties) certify(scheme *issuer.Scheme, name string, c credential.AuthorityClaims) (*credential.Authority, error) {
	var err error
	if c.Key, err = credential.NewPublicKey(p.key(name).Public()); err != nil {
		return nil, err
	}
	certificate, err := scheme.Certify(c)
	if err != nil {
		return nil, err
	}
	u, err := credential.ParseAuthority(certificate)
	if err != nil {
		return nil, err
	}
	v := credential.Verifier{Roots: []credential.PublicKey{p.Scheme}}
	return v.Authority(u)
}

// key returns the key of the name.
func (p *Parties) key(name string) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(p.derive("key of the " + name))
}

// derive returns 32 bytes that only the street knows.
func (p *Parties) derive(label string) []byte {
	h := hmac.New(sha256.New, p.secret)
	h.Write([]byte(label))
	return h.Sum(nil)
}
