package credential

import (
	"bytes"
	"slices"

	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

// RevocationClaims is what an operator or a scheme no longer stands for (section
// 18.9): an operator's list denies its grants and whatever was delegated below
// them, a scheme's list denies authority certificates.  A list is a whole, not a
// change.
type RevocationClaims struct {
	IssuedAt Time     // iat
	Version  uint32   // at least 1; a lock takes no list that is not newer than its own
	Least    Time     // what was issued before is denied; zero for nothing, at most IssuedAt
	Denied   []Denial // 0 to 24, ascending by tag, none twice
}

// Denial is one object that is denied.
type Denial struct {
	Tag     Tag
	Expires Time // exp of the object; from then on it gives way to what has not ended (section 18.8)
}

// UnverifiedRevocationList is a revocation list as parsed: nobody vouches for its
// claims yet.
type UnverifiedRevocationList struct {
	object
	claims RevocationClaims
	// Claims is a copy to read.  What is changed in it is not verified, and no
	// verified type ever shows it.
	Claims RevocationClaims
}

// RevocationList is a revocation list that an authority or a trusted root has
// signed.  Only a [Verifier] makes one; nil and the zero value deny nothing.
type RevocationList struct {
	object
	claims      RevocationClaims
	authority   *Authority // nil for a scheme's list
	fingerprint Fingerprint
}

const listName = "revocation list"

// ParseRevocationList decodes a revocation list of at most 512 bytes.  It checks
// everything but the signature and the signer's right.
//
// Errors: malformed, limit, object-type, algorithm, by section 4.5.
func ParseRevocationList(data []byte) (*UnverifiedRevocationList, error) {
	u := new(UnverifiedRevocationList)
	payload, err := u.open(listName, wire.TypeRevocationList, data)
	if err != nil {
		return nil, err
	}
	if err := u.claims.read(payload); err != nil {
		return nil, err
	}
	var again [wire.LimitObjectBytes]byte
	if err := u.same(listName, wire.TypeRevocationList, u.claims.append(again[:0])); err != nil {
		return nil, err
	}
	u.Claims = u.claims.clone()
	return u, nil
}

// read decodes the claims set of a revocation list.
//
//	revocation-list = { 6: iat, 9: bstr .cbor [ version, least, [ 0*24 [ tag, exp ] ] ] }
func (c *RevocationClaims) read(payload []byte) error {
	r := read(listName, payload)
	r.pairs("claims", 2, 2, ReasonMalformed)
	c.IssuedAt = r.moment(wire.ClaimIat, "iat")
	r.label(wire.ClaimScope, "scope")
	scope := r.bytes("scope")
	if err := r.close(); err != nil {
		return err
	}
	r = read(listName+": scope", scope)
	r.array("fields", 3, 3, ReasonMalformed)
	c.Version = r.positive("version")
	c.Least = Time(r.number("least"))
	for range r.array("denied", 0, wire.LimitListEntries, ReasonLimit) {
		var d Denial
		r.array("denied: entry", 2, 2, ReasonMalformed)
		d.Tag = Tag(r.sized("denied: tag", len(d.Tag)))
		d.Expires = Time(r.positive("denied: exp"))
		c.Denied = append(c.Denied, d)
	}
	if err := r.close(); err != nil {
		return err
	}
	return c.check()
}

// append encodes the claims set.
func (c *RevocationClaims) append(b []byte) []byte {
	s := dcbor.AppendArray(make([]byte, 0, 64), 3)
	s = dcbor.AppendUint(s, uint64(c.Version))
	s = dcbor.AppendUint(s, uint64(c.Least))
	s = dcbor.AppendArray(s, len(c.Denied))
	for _, d := range c.Denied {
		s = dcbor.AppendBytes(dcbor.AppendArray(s, 2), d.Tag[:])
		s = dcbor.AppendUint(s, uint64(d.Expires))
	}
	b = dcbor.AppendMap(b, 2)
	b = dcbor.AppendUint(dcbor.AppendInt(b, wire.ClaimIat), uint64(c.IssuedAt))
	return dcbor.AppendBytes(dcbor.AppendInt(b, wire.ClaimScope), s)
}

// check applies the rules that hold for every revocation list.
func (c *RevocationClaims) check() error {
	const what = listName
	switch {
	case c.IssuedAt == 0:
		return fault(ReasonMalformed, "%s: iat: is missing", what)
	case c.Version == 0:
		return fault(ReasonMalformed, "%s: version: counts from 1", what)
	case c.Least > c.IssuedAt:
		return fault(ReasonMalformed, "%s: least: %s must not be after iat %s", what, c.Least, c.IssuedAt)
	case len(c.Denied) > wire.LimitListEntries:
		return fault(ReasonLimit, "%s: denied: at most %d are allowed, this has %d; a later least denies all that are older", what, wire.LimitListEntries, len(c.Denied))
	}
	for i, d := range c.Denied {
		switch {
		case d.Expires == 0:
			return fault(ReasonMalformed, "%s: denied: exp: is missing", what)
		case i > 0 && bytes.Compare(c.Denied[i-1].Tag[:], d.Tag[:]) >= 0:
			return fault(ReasonMalformed, "%s: denied: tags must ascend without repetition", what)
		}
	}
	return nil
}

// NewRevocationList builds the list that the authority or the root with the
// public key signer is to sign.  It refuses claims that every lock would refuse.
func NewRevocationList(c RevocationClaims, signer PublicKey) (Unsigned, error) {
	if err := c.check(); err != nil {
		return Unsigned{}, err
	}
	return newUnsigned(listName, wire.TypeRevocationList, signer, c.append(make([]byte, 0, 128)))
}

// clone returns a copy that shares nothing with c.
func (c *RevocationClaims) clone() RevocationClaims {
	d := *c
	d.Denied = slices.Clone(c.Denied)
	return d
}

// Denies reports whether the list is against the object with the tag, issued at
// iat: it names the tag, or the object is older than the least.
func (c RevocationClaims) Denies(tag Tag, iat Time) bool {
	return iat < c.Least || slices.ContainsFunc(c.Denied, func(d Denial) bool { return d.Tag == tag })
}

// Denies reports whether the list is against the object with the tag, issued at
// iat.  It says nothing of objects that another signed.
func (l *RevocationList) Denies(tag Tag, iat Time) bool { return l != nil && l.claims.Denies(tag, iat) }

// Claims returns a copy of everything that the list says.
func (l *RevocationList) Claims() RevocationClaims { return l.claims.clone() }

// Authority returns the authority that signed the list, and nil where a scheme
// signed it.
func (l *RevocationList) Authority() *Authority { return l.authority }

// Fingerprint names the verified signature, for [Verifier.Known].
func (l *RevocationList) Fingerprint() Fingerprint { return l.fingerprint }
