package credential

import (
	"crypto/sha256"

	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

// GrantClaims is what an operator or an owner allows a holder (section 4.8), or
// what a holder passes on to another (chapter 17).
type GrantClaims struct {
	// Parent is the digest of the grant that this one hangs below, of 32 bytes;
	// zero where an owner or an operator signs.
	Parent    [sha256.Size]byte
	Holder    PublicKey // the holder's key
	IssuedAt  Time      // iat: the time of signing, by a trusted clock, and never a later one
	NotBefore Time      // nbf; zero means from IssuedAt on
	Expires   Time      // exp
	Scope     []Entry   // 1 to 4 entries
}

// UnverifiedGrant is a grant as parsed: nobody vouches for its claims yet.
type UnverifiedGrant struct {
	object
	claims GrantClaims
	// Claims is a copy to read.  What is changed in it is not verified, and no
	// verified type ever shows it.
	Claims GrantClaims
}

// Grant is a grant that an owner or a trusted operator has signed, or the holder
// of another.  Only a [Verifier] makes one; the zero value is good for nothing.
type Grant struct {
	object
	claims      GrantClaims
	parent      *Grant     // nil but for a holder's grant
	authority   *Authority // nil but for an operator's grant
	fingerprint Fingerprint
}

const grantName = "grant"

// ParseGrant decodes a grant of at most 512 bytes.  It checks everything but
// the signature, the issuer's rights and the time.
//
// Errors: malformed, limit, object-type, algorithm, by section 4.5.
func ParseGrant(data []byte) (*UnverifiedGrant, error) { return readGrant(data, anyone) }

func readGrant(data []byte, from origin) (*UnverifiedGrant, error) {
	u := new(UnverifiedGrant)
	payload, err := u.open(grantName, wire.TypeGrant, data)
	if err != nil {
		return nil, err
	}
	if err := u.claims.read(payload, from); err != nil {
		return nil, err
	}
	var again [wire.LimitObjectBytes]byte
	if err := u.same(grantName, wire.TypeGrant, u.claims.append(again[:0])); err != nil {
		return nil, err
	}
	u.Claims = u.claims
	u.Claims.Scope = cloneScope(u.claims.Scope)
	return u, nil
}

// read decodes the claims set of a grant.
//
//	grant = { 4: exp, ? 5: nbf, 6: iat, 8: cnf, 9: bstr .cbor scope }
func (c *GrantClaims) read(payload []byte, from origin) error {
	r := read(grantName, payload)
	r.from = from
	n := r.pairs("claims", 4, 5, ReasonMalformed)
	c.Expires = r.moment(wire.ClaimExp, "exp")
	if n == 5 {
		c.NotBefore = r.moment(wire.ClaimNbf, "nbf")
	}
	c.IssuedAt = r.moment(wire.ClaimIat, "iat")
	c.Holder = r.confirmation()
	r.label(wire.ClaimScope, "scope")
	scope := r.bytes("scope")
	if err := r.close(); err != nil {
		return err
	}
	if err := c.readScope(scope); err != nil {
		return err
	}
	return c.check()
}

// append encodes the claims set.
func (c *GrantClaims) append(b []byte) []byte {
	scope := c.appendScope(make([]byte, 0, 64))
	if c.NotBefore == 0 {
		b = dcbor.AppendMap(b, 4)
	} else {
		b = dcbor.AppendMap(b, 5)
	}
	b = dcbor.AppendUint(dcbor.AppendInt(b, wire.ClaimExp), uint64(c.Expires))
	if c.NotBefore != 0 {
		b = dcbor.AppendUint(dcbor.AppendInt(b, wire.ClaimNbf), uint64(c.NotBefore))
	}
	b = dcbor.AppendUint(dcbor.AppendInt(b, wire.ClaimIat), uint64(c.IssuedAt))
	b = appendConfirmation(b, c.Holder)
	return dcbor.AppendBytes(dcbor.AppendInt(b, wire.ClaimScope), scope)
}

// check applies the rules that hold for every grant.
func (c *GrantClaims) check() error {
	if c.Holder.IsZero() {
		return fault(ReasonAlgorithm, "%s: cnf: the holder's key is missing", grantName)
	}
	if err := c.checkTimes(); err != nil {
		return err
	}
	if n := len(c.Scope); n == 0 || n > wire.LimitScopeEntries {
		return fault(ReasonLimit, "%s: scope: 1 to %d entries are allowed, this has %d", grantName, wire.LimitScopeEntries, n)
	}
	for i := range c.Scope {
		if err := c.Scope[i].check(); err != nil {
			return err
		}
	}
	return nil
}

// checkTimes applies the rules for the three moments of every grant.
func (c *GrantClaims) checkTimes() error {
	switch {
	case c.IssuedAt == 0:
		return fault(ReasonMalformed, "%s: iat: is missing", grantName)
	case c.Expires <= c.IssuedAt:
		return fault(ReasonMalformed, "%s: exp: %s must be after iat %s", grantName, c.Expires, c.IssuedAt)
	case c.NotBefore != 0 && c.NotBefore <= c.IssuedAt:
		return fault(ReasonMalformed, "%s: nbf: %s must be after iat %s, or be left out", grantName, c.NotBefore, c.IssuedAt)
	case c.NotBefore != 0 && c.Expires <= c.NotBefore:
		return fault(ReasonMalformed, "%s: exp: %s must be after nbf %s", grantName, c.Expires, c.NotBefore)
	}
	return nil
}

// NewGrant builds the grant that the operator, owner or holder with the public
// key signer is to sign.  It refuses claims that every lock would refuse, with
// the reason that the lock would have; [Authority.Allows] says what the signer's
// certificate lets it grant, [GrantClaims.OwnerMayGrant] what an owner may, and
// [Grant.Allows] what a holder may pass on.
//
// Schedules take the most room: a scope with many of them can be longer than an
// object may be, which is refused for limit.
func NewGrant(c GrantClaims, signer PublicKey) (Unsigned, error) {
	if err := c.check(); err != nil {
		return Unsigned{}, err
	}
	for i := range c.Scope {
		if err := c.Scope[i].known(); err != nil {
			return Unsigned{}, err
		}
	}
	if c.delegated() {
		if err := c.inNoService("a holder"); err != nil {
			return Unsigned{}, err
		}
	}
	payload := c.append(make([]byte, 0, 192))
	if n := headerSize + len(payload) + objectOverhead; n > wire.LimitObjectBytes {
		return Unsigned{}, fault(ReasonLimit, "%s: would have %d bytes, at most %d are allowed", grantName, n, wire.LimitObjectBytes)
	}
	return newUnsigned(grantName, wire.TypeGrant, signer, payload)
}

// Holder returns the key of the grant's holder.
func (g *Grant) Holder() PublicKey { return g.claims.Holder }

// IssuedAt returns the grant's iat.
func (g *Grant) IssuedAt() Time { return g.claims.IssuedAt }

// NotBefore returns the grant's nbf, or zero.
func (g *Grant) NotBefore() Time { return g.claims.NotBefore }

// Expires returns the grant's exp.
func (g *Grant) Expires() Time { return g.claims.Expires }

// Scope returns the grant's entries.
func (g *Grant) Scope() []Entry { return cloneScope(g.claims.Scope) }

// Fingerprint names the verified signature, for [Verifier.Known].
func (g *Grant) Fingerprint() Fingerprint { return g.fingerprint }

// Authority returns the authority that issued the root of the grant's chain, and
// nil where an owner issued it.
func (g *Grant) Authority() *Authority { return g.Root().authority }
