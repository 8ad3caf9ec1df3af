package credential

import (
	"slices"
	"time"

	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

// AuthorityClaims is what a scheme says of an operator's or a manufacturer's
// key (section 4.4).
type AuthorityClaims struct {
	Key          PublicKey     // the authority's key
	IssuedAt     Time          // iat
	Expires      Time          // exp
	Services     []Service     // services in whose name it may grant, ascending; empty without RightIssue
	Rights       Rights        // at least one
	LongestGrant time.Duration // longest time from iat to exp of a grant, whole seconds; zero without RightIssue
}

// authorityPayload is the claims set of an authority certificate.
//
//	authority = { 4: exp, 6: iat, 8: cnf, 9: bstr .cbor [ services, rights, longest ] }
type authorityPayload struct {
	Exp   uint64       `cbor:"4,keyasint"`
	Iat   uint64       `cbor:"6,keyasint"`
	Cnf   confirmation `cbor:"8,keyasint"`
	Scope []byte       `cbor:"9,keyasint"`
}

type authorityScope struct {
	_        struct{} `cbor:",toarray"`
	Services []uint64
	Rights   uint64
	Longest  uint64
}

// UnverifiedAuthority is an authority certificate as parsed: nobody vouches for
// its claims yet.
type UnverifiedAuthority struct {
	object
	Claims AuthorityClaims
}

// Authority is an authority certificate that a trusted root has signed.  Only
// a [Verifier] makes one.
type Authority struct {
	u           *UnverifiedAuthority
	fingerprint Fingerprint
}

const authorityName = "authority certificate"

// ParseAuthority decodes an authority certificate of at most 512 bytes.  It
// checks everything but the signature and the time.
func ParseAuthority(data []byte) (*UnverifiedAuthority, error) {
	var p authorityPayload
	o, err := parseObject(authorityName, wire.TypeAuthority, data, &p)
	if err != nil {
		return nil, err
	}
	var s authorityScope
	if err := decode(authorityName+": scope", p.Scope, &s); err != nil {
		return nil, err
	}
	key, err := p.Cnf.publicKey(authorityName)
	if err != nil {
		return nil, err
	}
	u := &UnverifiedAuthority{object: o}
	if u.Claims, err = s.claims(); err != nil {
		return nil, err
	}
	u.Claims.Key = key
	if u.Claims.IssuedAt, err = moment(authorityName, "iat", p.Iat); err != nil {
		return nil, err
	}
	if u.Claims.Expires, err = moment(authorityName, "exp", p.Exp); err != nil {
		return nil, err
	}
	return u, u.Claims.check()
}

// claims returns the claims that the scope holds.
func (s authorityScope) claims() (AuthorityClaims, error) {
	var c AuthorityClaims
	if len(s.Services) > wire.LimitServices {
		return c, fault(ReasonLimit, "%s: %d services, at most %d are allowed", authorityName, len(s.Services), wire.LimitServices)
	}
	for _, v := range s.Services {
		if v > uint64(^Service(0)) {
			return c, fault(ReasonMalformed, "%s: service %d is over 32 bits", authorityName, v)
		}
		c.Services = append(c.Services, Service(v))
	}
	if s.Rights > uint64(^Rights(0)) || s.Longest > uint64(^Time(0)) {
		return c, fault(ReasonMalformed, "%s: rights or longest grant is over 32 bits", authorityName)
	}
	c.Rights, c.LongestGrant = Rights(s.Rights), time.Duration(s.Longest)*time.Second
	return c, nil
}

// check applies the rules that hold for every authority certificate.
func (c AuthorityClaims) check() error {
	const what = authorityName
	issue := c.Rights.Has(RightIssue)
	switch {
	case c.Key.IsZero():
		return fault(ReasonAlgorithm, "%s: cnf: the key is missing", what)
	case c.IssuedAt == 0 || c.Expires <= c.IssuedAt:
		return fault(ReasonMalformed, "%s: exp %s must be after iat %s", what, c.Expires, c.IssuedAt)
	case c.Rights == 0 || c.Rights&^allRights != 0:
		return fault(ReasonMalformed, "%s: rights %#x are none or unknown", what, uint32(c.Rights))
	case len(c.Services) > wire.LimitServices:
		return fault(ReasonLimit, "%s: %d services, at most %d are allowed", what, len(c.Services), wire.LimitServices)
	case issue != (len(c.Services) > 0) || issue != (c.LongestGrant > 0):
		return fault(ReasonMalformed, "%s: services and longest grant go with the right issue, and only with it", what)
	case c.LongestGrant%time.Second != 0 || c.LongestGrant/time.Second > time.Duration(^Time(0)):
		return fault(ReasonMalformed, "%s: longest grant %s is not a number of whole seconds in 32 bits", what, c.LongestGrant)
	}
	for i, s := range c.Services {
		if s == ServiceNone || i > 0 && c.Services[i-1] >= s {
			return fault(ReasonMalformed, "%s: services must ascend from 1 without repetition", what)
		}
	}
	return nil
}

// NewAuthority builds the certificate that the root with the public key signer
// is to sign.  It refuses claims that a lock would refuse.
func NewAuthority(c AuthorityClaims, signer PublicKey) (Unsigned, error) {
	if err := c.check(); err != nil {
		return Unsigned{}, err
	}
	s := dcbor.AppendArray(nil, 3)
	s = dcbor.AppendArray(s, len(c.Services))
	for _, v := range c.Services {
		s = dcbor.AppendUint(s, uint64(v))
	}
	s = dcbor.AppendUint(s, uint64(c.Rights))
	s = dcbor.AppendUint(s, uint64(c.LongestGrant/time.Second))

	b := dcbor.AppendMap(make([]byte, 0, 96), 4)
	b = dcbor.AppendUint(dcbor.AppendInt(b, wire.ClaimExp), uint64(c.Expires))
	b = dcbor.AppendUint(dcbor.AppendInt(b, wire.ClaimIat), uint64(c.IssuedAt))
	b = appendConfirmation(dcbor.AppendInt(b, wire.ClaimCnf), c.Key)
	b = dcbor.AppendBytes(dcbor.AppendInt(b, wire.ClaimScope), s)
	return newUnsigned(authorityName, wire.TypeAuthority, signer, b)
}

// Key returns the authority's key.
func (a *Authority) Key() PublicKey { return a.u.Claims.Key }

// Rights returns what the authority may do.
func (a *Authority) Rights() Rights { return a.u.Claims.Rights }

// Services returns the services in whose name the authority may grant.
func (a *Authority) Services() []Service { return slices.Clone(a.u.Claims.Services) }

// LongestGrant returns the longest time from iat to exp that it may grant.
func (a *Authority) LongestGrant() time.Duration { return a.u.Claims.LongestGrant }

// IssuedAt returns the certificate's iat.
func (a *Authority) IssuedAt() Time { return a.u.Claims.IssuedAt }

// Expires returns the certificate's exp.
func (a *Authority) Expires() Time { return a.u.Claims.Expires }

// Tag returns the certificate's tag.
func (a *Authority) Tag() Tag { return a.u.Tag() }

// Fingerprint names the verified signature, for [Verifier.Known].
func (a *Authority) Fingerprint() Fingerprint { return a.fingerprint }

// Bytes returns the certificate.  The caller must not change it.
func (a *Authority) Bytes() []byte { return a.u.raw }

// moment returns a claim of time, which must not be zero and must fit 32 bits.
func moment(what, claim string, v uint64) (Time, error) {
	if v == 0 || v > uint64(^Time(0)) {
		return 0, fault(ReasonMalformed, "%s: %s must be between 1 and 2^32-1 seconds, is %d", what, claim, v)
	}
	return Time(v), nil
}
