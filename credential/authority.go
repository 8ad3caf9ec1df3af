package credential

import (
	"math"
	"slices"
	"time"

	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

// AuthorityClaims is what a scheme says of an operator's or a manufacturer's
// key (section 4.6).
type AuthorityClaims struct {
	Key          PublicKey     // the authority's key
	IssuedAt     Time          // iat
	Expires      Time          // exp
	Services     []Service     // services in whose name it may grant, ascending; empty without RightIssue
	Rights       Rights        // at least one
	LongestGrant time.Duration // longest time from iat to exp of a grant, whole seconds; zero without RightIssue
}

// UnverifiedAuthority is an authority certificate as parsed: nobody vouches for
// its claims yet.
type UnverifiedAuthority struct {
	object
	claims AuthorityClaims
	// Claims is a copy to read.  What is changed in it is not verified, and no
	// verified type ever shows it.
	Claims AuthorityClaims
}

// Authority is an authority certificate that a trusted root has signed.  Only
// a [Verifier] makes one; the zero value may do nothing.
type Authority struct {
	object
	claims      AuthorityClaims
	fingerprint Fingerprint
}

const authorityName = "authority certificate"

// ParseAuthority decodes an authority certificate of at most 512 bytes.  It
// checks everything but the signature and the time.
//
// Errors: malformed, limit, object-type, algorithm, by section 4.5.
func ParseAuthority(data []byte) (*UnverifiedAuthority, error) { return readAuthority(data, anyone) }

func readAuthority(data []byte, from origin) (*UnverifiedAuthority, error) {
	u := new(UnverifiedAuthority)
	payload, err := u.open(authorityName, wire.TypeAuthority, data)
	if err != nil {
		return nil, err
	}
	if err := u.claims.read(payload, from); err != nil {
		return nil, err
	}
	var again [wire.LimitObjectBytes]byte
	if err := u.same(authorityName, wire.TypeAuthority, u.claims.append(again[:0])); err != nil {
		return nil, err
	}
	u.Claims = u.claims
	u.Claims.Services = slices.Clone(u.claims.Services)
	return u, nil
}

// read decodes the claims set of an authority certificate.
//
//	authority = { 4: exp, 6: iat, 8: cnf, 9: bstr .cbor [ services, rights, longest ] }
func (c *AuthorityClaims) read(payload []byte, from origin) error {
	r := read(authorityName, payload)
	r.from = from
	r.pairs("claims", 4, 4, ReasonMalformed)
	c.Expires = r.moment(wire.ClaimExp, "exp")
	c.IssuedAt = r.moment(wire.ClaimIat, "iat")
	c.Key = r.confirmation()
	r.label(wire.ClaimScope, "scope")
	scope := r.bytes("scope")
	if err := r.close(); err != nil {
		return err
	}
	r = read(authorityName+": scope", scope)
	r.array("fields", 3, 3, ReasonMalformed)
	for range r.array("services", 0, wire.LimitServices, ReasonLimit) {
		c.Services = append(c.Services, Service(r.number("services")))
	}
	c.Rights = Rights(r.number("rights"))
	c.LongestGrant = time.Duration(r.number("longest")) * time.Second
	if err := r.close(); err != nil {
		return err
	}
	return c.check()
}

// append encodes the claims set.
func (c *AuthorityClaims) append(b []byte) []byte {
	s := dcbor.AppendArray(make([]byte, 0, 64), 3)
	s = dcbor.AppendArray(s, len(c.Services))
	for _, v := range c.Services {
		s = dcbor.AppendUint(s, uint64(v))
	}
	s = dcbor.AppendUint(s, uint64(c.Rights))
	s = dcbor.AppendUint(s, uint64(c.LongestGrant/time.Second))

	b = dcbor.AppendMap(b, 4)
	b = dcbor.AppendUint(dcbor.AppendInt(b, wire.ClaimExp), uint64(c.Expires))
	b = dcbor.AppendUint(dcbor.AppendInt(b, wire.ClaimIat), uint64(c.IssuedAt))
	b = appendConfirmation(b, c.Key)
	return dcbor.AppendBytes(dcbor.AppendInt(b, wire.ClaimScope), s)
}

// check applies the rules that hold for every authority certificate.
func (c *AuthorityClaims) check() error {
	const what = authorityName
	issue := c.Rights.Has(RightIssue)
	switch {
	case c.Key.IsZero():
		return fault(ReasonAlgorithm, "%s: cnf: the key is missing", what)
	case c.IssuedAt == 0:
		return fault(ReasonMalformed, "%s: iat: is missing", what)
	case c.Expires <= c.IssuedAt:
		return fault(ReasonMalformed, "%s: exp: %s must be after iat %s", what, c.Expires, c.IssuedAt)
	case c.Rights == 0 || c.Rights&^allRights != 0:
		return fault(ReasonMalformed, "%s: rights: %s are none or not in the registry", what, c.Rights)
	case len(c.Services) > wire.LimitServices:
		return fault(ReasonLimit, "%s: services: at most %d are allowed, this has %d", what, wire.LimitServices, len(c.Services))
	case issue != (len(c.Services) > 0):
		return fault(ReasonLimit, "%s: services: go with the right issue, and only with it", what)
	case issue != (c.LongestGrant != 0):
		return fault(ReasonMalformed, "%s: longest: goes with the right issue, and only with it", what)
	case c.LongestGrant < 0 || c.LongestGrant%time.Second != 0 || c.LongestGrant/time.Second > math.MaxUint32:
		return fault(ReasonMalformed, "%s: longest: %s is not a number of whole seconds in 32 bits", what, c.LongestGrant)
	}
	for i, s := range c.Services {
		if s == ServiceNone || i > 0 && c.Services[i-1] >= s {
			return fault(ReasonMalformed, "%s: services: must ascend from 1 without repetition", what)
		}
	}
	return nil
}

// NewAuthority builds the certificate that the root with the public key signer
// is to sign.  It refuses claims that a lock would refuse, with the reason that
// the lock would have.
func NewAuthority(c AuthorityClaims, signer PublicKey) (Unsigned, error) {
	if err := c.check(); err != nil {
		return Unsigned{}, err
	}
	return newUnsigned(authorityName, wire.TypeAuthority, signer, c.append(make([]byte, 0, 128)))
}

// Key returns the authority's key.
func (a *Authority) Key() PublicKey { return a.claims.Key }

// Rights returns what the authority may do.
func (a *Authority) Rights() Rights { return a.claims.Rights }

// Services returns the services in whose name the authority may grant.
func (a *Authority) Services() []Service { return slices.Clone(a.claims.Services) }

// LongestGrant returns the longest time from iat to exp that it may grant.
func (a *Authority) LongestGrant() time.Duration { return a.claims.LongestGrant }

// IssuedAt returns the certificate's iat.
func (a *Authority) IssuedAt() Time { return a.claims.IssuedAt }

// Expires returns the certificate's exp.
func (a *Authority) Expires() Time { return a.claims.Expires }

// Fingerprint names the verified signature, for [Verifier.Known].
func (a *Authority) Fingerprint() Fingerprint { return a.fingerprint }
