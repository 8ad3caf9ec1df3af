package credential

import (
	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

// TimeClaims is what a time source says of the time (section 16.3).
type TimeClaims struct {
	Time   Time                       // iat: the time of signing
	Offset int16                      // what the region's local time is ahead of UTC, in minutes: -840 to 840
	Live   bool                       // the token answers Nonce; without, it may be an old one
	Nonce  [wire.LimitNonceBytes]byte // the lock's, of this transaction; zero where the token is not live
}

// UnverifiedTimeToken is a time token as parsed: nobody vouches for its claims
// yet.
type UnverifiedTimeToken struct {
	object
	claims TimeClaims
	// Claims is a copy to read.  What is changed in it is not verified, and no
	// verified type ever shows it.
	Claims TimeClaims
}

// TimeToken is a time token that an authority with the right time has signed.
// Only a [Verifier] makes one; the zero value proves no time.
type TimeToken struct {
	object
	claims      TimeClaims
	authority   *Authority
	fingerprint Fingerprint
}

const tokenName = "time token"

// ParseTimeToken decodes a time token of at most 512 bytes.  It checks everything
// but the signature, the signer's right and the nonce.
//
// Errors: malformed, limit, object-type, algorithm, by section 4.5.
func ParseTimeToken(data []byte) (*UnverifiedTimeToken, error) {
	u := new(UnverifiedTimeToken)
	payload, err := u.open(tokenName, wire.TypeTimeToken, data)
	if err != nil {
		return nil, err
	}
	if err := u.claims.read(payload); err != nil {
		return nil, err
	}
	var again [wire.LimitObjectBytes]byte
	if err := u.same(tokenName, wire.TypeTimeToken, u.claims.append(again[:0])); err != nil {
		return nil, err
	}
	u.Claims = u.claims
	return u, nil
}

// read decodes the claims set of a time token.
//
//	time-token = { 6: iat, 9: bstr .cbor [ offset: -840..840, ? nonce: bstr .size 16 ] }
func (c *TimeClaims) read(payload []byte) error {
	r := read(tokenName, payload)
	r.pairs("claims", 2, 2, ReasonMalformed)
	c.Time = r.moment(wire.ClaimIat, "iat")
	r.label(wire.ClaimScope, "scope")
	scope := r.bytes("scope")
	if err := r.close(); err != nil {
		return err
	}
	r = read(tokenName+": scope", scope)
	n := r.array("fields", 1, 2, ReasonMalformed)
	offset := r.integer("offset")
	if offset < -wire.LimitOffsetMinutes || offset > wire.LimitOffsetMinutes {
		r.refuse(ReasonMalformed, "offset", "%d minutes are over %d in either direction", offset, wire.LimitOffsetMinutes)
	}
	c.Offset = int16(offset)
	if c.Live = n == 2; c.Live {
		c.Nonce = [wire.LimitNonceBytes]byte(r.sized("nonce", len(c.Nonce)))
	}
	return r.close()
}

// append encodes the claims set.
func (c *TimeClaims) append(b []byte) []byte {
	s := make([]byte, 0, 32)
	if c.Live {
		s = dcbor.AppendInt(dcbor.AppendArray(s, 2), int64(c.Offset))
		s = dcbor.AppendBytes(s, c.Nonce[:])
	} else {
		s = dcbor.AppendInt(dcbor.AppendArray(s, 1), int64(c.Offset))
	}
	b = dcbor.AppendMap(b, 2)
	b = dcbor.AppendUint(dcbor.AppendInt(b, wire.ClaimIat), uint64(c.Time))
	return dcbor.AppendBytes(dcbor.AppendInt(b, wire.ClaimScope), s)
}

// NewTimeToken builds the token that the authority with the public key signer is
// to sign.  It refuses claims that every lock would refuse.
func NewTimeToken(c TimeClaims, signer PublicKey) (Unsigned, error) {
	switch {
	case c.Time == 0:
		return Unsigned{}, fault(ReasonMalformed, "%s: iat: is missing", tokenName)
	case c.Offset < -wire.LimitOffsetMinutes || c.Offset > wire.LimitOffsetMinutes:
		return Unsigned{}, fault(ReasonMalformed, "%s: offset: %d minutes are over %d in either direction", tokenName, c.Offset, wire.LimitOffsetMinutes)
	case !c.Live && !zero(c.Nonce[:]):
		return Unsigned{}, fault(ReasonMalformed, "%s: nonce: goes with a live token alone", tokenName)
	}
	return newUnsigned(tokenName, wire.TypeTimeToken, signer, c.append(make([]byte, 0, 64)))
}

// Claims returns everything that the token says.
func (t *TimeToken) Claims() TimeClaims { return t.claims }

// Authority returns the authority that signed the token.
func (t *TimeToken) Authority() *Authority { return t.authority }

// Fingerprint names the verified signature, for [Verifier.Known].
func (t *TimeToken) Fingerprint() Fingerprint { return t.fingerprint }
