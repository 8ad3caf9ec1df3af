package credential

import (
	"slices"

	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

// GrantClaims is what an operator or an owner allows a holder (section 4.6).
type GrantClaims struct {
	Holder    PublicKey // the holder's key
	IssuedAt  Time      // iat
	NotBefore Time      // nbf; zero means from IssuedAt on
	Expires   Time      // exp
	Scope     []Entry   // 1 to 4 entries
}

// grantPayload is the claims set of a grant.
//
//	grant = { 4: exp, ? 5: nbf, 6: iat, 8: cnf, 9: bstr .cbor scope }
type grantPayload struct {
	Exp   uint64       `cbor:"4,keyasint"`
	Nbf   *uint64      `cbor:"5,keyasint,omitempty"`
	Iat   uint64       `cbor:"6,keyasint"`
	Cnf   confirmation `cbor:"8,keyasint"`
	Scope []byte       `cbor:"9,keyasint"`
}

// UnverifiedGrant is a grant as parsed: nobody vouches for its claims yet.
type UnverifiedGrant struct {
	object
	Claims GrantClaims
}

// Grant is a grant that an owner or a trusted operator has signed.  Only a
// [Verifier] makes one.
type Grant struct {
	u           *UnverifiedGrant
	authority   *Authority // nil for an owner's grant
	fingerprint Fingerprint
}

const grantName = "grant"

// ParseGrant decodes a grant of at most 512 bytes.  It checks everything but
// the signature, the issuer's rights and the time.
func ParseGrant(data []byte) (*UnverifiedGrant, error) {
	var p grantPayload
	o, err := parseObject(grantName, wire.TypeGrant, data, &p)
	if err != nil {
		return nil, err
	}
	u := &UnverifiedGrant{object: o}
	c := &u.Claims
	if c.Holder, err = p.Cnf.publicKey(grantName); err != nil {
		return nil, err
	}
	if c.IssuedAt, err = moment(grantName, "iat", p.Iat); err != nil {
		return nil, err
	}
	if c.Expires, err = moment(grantName, "exp", p.Exp); err != nil {
		return nil, err
	}
	if p.Nbf != nil {
		if c.NotBefore, err = moment(grantName, "nbf", *p.Nbf); err != nil {
			return nil, err
		}
	}
	if c.Scope, err = parseScope(p.Scope); err != nil {
		return nil, err
	}
	return u, c.checkTimes()
}

// checkTimes applies the rules for the three moments of every grant.
func (c GrantClaims) checkTimes() error {
	switch {
	case c.IssuedAt == 0 || c.Expires <= c.IssuedAt:
		return fault(ReasonMalformed, "%s: exp %s must be after iat %s", grantName, c.Expires, c.IssuedAt)
	case c.NotBefore != 0 && c.NotBefore <= c.IssuedAt:
		return fault(ReasonMalformed, "%s: nbf %s must be after iat %s, or be left out", grantName, c.NotBefore, c.IssuedAt)
	case c.NotBefore != 0 && c.Expires <= c.NotBefore:
		return fault(ReasonMalformed, "%s: exp %s must be after nbf %s", grantName, c.Expires, c.NotBefore)
	}
	return nil
}

// check applies the rules for a grant that is to be issued.
func (c GrantClaims) check() error {
	if c.Holder.IsZero() {
		return fault(ReasonAlgorithm, "%s: cnf: the holder's key is missing", grantName)
	}
	if err := c.checkTimes(); err != nil {
		return err
	}
	if len(c.Scope) == 0 || len(c.Scope) > wire.LimitScopeEntries {
		return fault(ReasonLimit, "%s: scope: 1 to %d entries are allowed, this has %d", grantName, wire.LimitScopeEntries, len(c.Scope))
	}
	for _, e := range c.Scope {
		if err := e.check(); err != nil {
			return err
		}
	}
	return nil
}

// NewGrant builds the grant that the operator or owner with the public key
// signer is to sign.  It refuses claims that every lock would refuse; what the
// signer's authority allows is checked by package issuer.
func NewGrant(c GrantClaims, signer PublicKey) (Unsigned, error) {
	if err := c.check(); err != nil {
		return Unsigned{}, err
	}
	scope := appendScope(make([]byte, 0, 64), c.Scope)
	claims := 4
	if c.NotBefore != 0 {
		claims++
	}
	b := dcbor.AppendMap(make([]byte, 0, 128), claims)
	b = dcbor.AppendUint(dcbor.AppendInt(b, wire.ClaimExp), uint64(c.Expires))
	if c.NotBefore != 0 {
		b = dcbor.AppendUint(dcbor.AppendInt(b, wire.ClaimNbf), uint64(c.NotBefore))
	}
	b = dcbor.AppendUint(dcbor.AppendInt(b, wire.ClaimIat), uint64(c.IssuedAt))
	b = appendConfirmation(dcbor.AppendInt(b, wire.ClaimCnf), c.Holder)
	b = dcbor.AppendBytes(dcbor.AppendInt(b, wire.ClaimScope), scope)
	return newUnsigned(grantName, wire.TypeGrant, signer, b)
}

// Holder returns the key of the grant's holder.
func (g *Grant) Holder() PublicKey { return g.u.Claims.Holder }

// IssuedAt returns the grant's iat.
func (g *Grant) IssuedAt() Time { return g.u.Claims.IssuedAt }

// NotBefore returns the grant's nbf, or zero.
func (g *Grant) NotBefore() Time { return g.u.Claims.NotBefore }

// Expires returns the grant's exp.
func (g *Grant) Expires() Time { return g.u.Claims.Expires }

// Scope returns the grant's entries.
func (g *Grant) Scope() []Entry { return slices.Clone(g.u.Claims.Scope) }

// Tag returns the grant's tag.
func (g *Grant) Tag() Tag { return g.u.Tag() }

// Fingerprint names the verified signature, for [Verifier.Known].
func (g *Grant) Fingerprint() Fingerprint { return g.fingerprint }

// Bytes returns the grant.  The caller must not change it.
func (g *Grant) Bytes() []byte { return g.u.raw }

// Authority returns the authority that issued the grant, and nil where an owner
// issued it.
func (g *Grant) Authority() *Authority { return g.authority }
