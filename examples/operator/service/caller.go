package service

import (
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"slices"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/signature"
	"github.com/postern-lock/postern/issuer/ledger"
)

// caller finds out who calls, and refuses whoever may not.
type caller func(s *Service, c *call) error

// anybody lets everybody in.
func anybody(*Service, *call) error { return nil }

// stranger takes a request that is signed with any key.  Whether the key is the
// owner's, and that the request is taken once, are for the handler to say: a book
// is not to be filled by whoever makes keys.  Only some places at work are for
// strangers, since nobody knows when the rest of what they send will come; the
// owner who is known, and registers again, is none.
func stranger(s *Service, c *call) error {
	if err := signed(s, c); err != nil {
		return err
	}
	if err := owns(s, c); err == nil {
		return whole(c)
	}
	select {
	case s.strangers <- struct{}{}:
		defer func() { <-s.strangers }()
	default:
		return problemBusy.because("try again later")
	}
	return whole(c)
}

// whole reads the body, which has to be the one that was signed.
func whole(c *call) error {
	if err := c.read(); err != nil {
		return err
	}
	return c.signed.Covers(c.body)
}

// signed finds out with which key the header of a request is signed.
func signed(s *Service, c *call) error {
	scheme := "http"
	if c.r.TLS != nil {
		scheme = "https"
	}
	if !s.hosts[signature.Authority(scheme, c.r.Host)] {
		return problemHost.because("reach the service under its own name")
	}
	by, err := signature.Verify(c.r, c.now)
	if err != nil {
		return err
	}
	if err := s.owners.allow(by.Key, c); err != nil {
		return err
	}
	c.key, c.signed = by.Key, by
	return nil
}

// once takes a signed request once.
func (s *Service) once(c *call) error {
	key, err := c.key.MarshalText()
	if err != nil {
		return err
	}
	nonce := sha256.Sum256(append(c.signed.Nonce[:], key...))
	return s.config.Book.Spend(c.ctx(), nonce, c.signed.Created+2*signature.Window, c.now)
}

// owner takes a request that is signed by the owner of the lock in the path.
func owner(s *Service, c *call) error {
	if err := signed(s, c); err != nil {
		return err
	}
	if err := owns(s, c); err != nil {
		return err
	}
	if err := whole(c); err != nil {
		return err
	}
	return s.once(c)
}

// owns refuses a key that is not known to be that of the owner of the lock in the
// path.
func owns(s *Service, c *call) error {
	lock, err := c.lock()
	if err != nil {
		return err
	}
	o, err := s.config.Book.Owner(c.ctx(), lock)
	if err != nil {
		return err
	}
	if o.Key != c.key {
		return problemNotOwner.because("register the key by a receipt of the lock first")
	}
	return nil
}

// certified takes a request over a connection with a client certificate, of which
// only the key counts.
func certified(c *call) error {
	key, err := clientKey(c.r.TLS)
	if err != nil {
		return err
	}
	c.key = key
	return nil
}

// clientKey returns the key that the client of a connection proved to hold.
func clientKey(t *tls.ConnectionState) (credential.PublicKey, error) {
	if t == nil || len(t.PeerCertificates) == 0 {
		return credential.PublicKey{}, problemCertificate.because("connect with a certificate of the device's key")
	}
	key, err := credential.NewPublicKey(t.PeerCertificates[0].PublicKey)
	if err != nil {
		return credential.PublicKey{}, problemCertificate.because("want an Ed25519 key or one on P-256")
	}
	return key, nil
}

// afterwards is how long after the end of its last grant a device may still bring
// what it carried, in seconds.
const afterwards credential.Time = 7 * 24 * 3600

// staff takes a request of a device that holds a duty, or held one lately.  One
// whose grants were withdrawn holds none.
func staff(s *Service, c *call) error {
	if err := certified(c); err != nil {
		return err
	}
	if err := s.devices.allow(c.key, c); err != nil {
		return err
	}
	held, err := s.held(c, c.now-afterwards)
	if err != nil {
		return err
	}
	if len(held) == 0 {
		return problemNotOnDuty.because("the operator has granted this key nothing that stands")
	}
	return nil
}

// held returns the grants of the caller's whole key that are not over at the time.
func (s *Service) held(c *call, at credential.Time) ([]held, error) {
	records, err := s.config.Store.Held(c.ctx(), credential.KeyIDOf(c.key), at)
	if err != nil {
		return nil, err
	}
	var mine []held
	for _, r := range records {
		u, err := credential.ParseGrant(r.Grant)
		if err != nil {
			return nil, fmt.Errorf("service: the ledger's grant %d does not read: %v", r.Serial, err) // no fault of the client's
		}
		if u.Claims.Holder == c.key {
			mine = append(mine, held{r, u.Claims})
		}
	}
	return mine, nil
}

// held is a grant that a device holds.
type held struct {
	ledger.Record
	claims credential.GrantClaims
}

// dispatcher takes a request of somebody whom the operator lists.
func dispatcher(s *Service, c *call) error {
	if err := certified(c); err != nil {
		return err
	}
	if !slices.Contains(s.config.Dispatchers, c.key) {
		return problemNotListed.because("have the operator list the key")
	}
	return s.desks.allow(c.key, c)
}
