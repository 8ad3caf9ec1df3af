package credential

import (
	"crypto"

	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
)

// PublicKey is an Ed25519 or a P-256 public key.  It is comparable with == and
// its zero value is no key.  Make one with [NewPublicKey]; MarshalText and
// UnmarshalText turn it into text and back, so that it can stand in JSON.  Its
// other methods are Algorithm, IsZero, X, Y, YOdd, CryptoKey (the standard
// library's type) and String.
type PublicKey = suite.PublicKey

// Meter counts the public-key operations that something costs, in its fields
// X25519, Ed25519Sign, Ed25519Verify, P256DH, P256Sign and P256Verify; Total is
// their sum.  A nil *Meter counts nothing.
type Meter = suite.Meter

// NewPublicKey returns the key of the standard library's type: an
// ed25519.PublicKey or an *ecdsa.PublicKey on P-256.  Keys that are not
// canonical or of small order are refused.
func NewPublicKey(key crypto.PublicKey) (PublicKey, error) {
	k, err := suite.FromCrypto(key)
	if err != nil {
		return PublicKey{}, &Error{Reason: ReasonAlgorithm, Detail: "public key: want Ed25519 or P-256", Err: err}
	}
	return k, nil
}

// KeyIDOf returns the key's id, by which signed objects name their signer.
func KeyIDOf(key PublicKey) KeyID { return KeyID(suite.KeyID(key)) }

// A cnf claim (RFC 8747, section 3.1) and the COSE_Key in it (RFC 9052, section
// 7.1, and RFC 9053, sections 7.1 and 7.2), by section 4.2.
const (
	cnfKey = 1 // label of the COSE_Key

	keyType  = 1 // label kty
	keyCurve = -1
	keyX     = -2
	keyY     = -3

	typeOKP      = 1
	typeEC2      = 2
	curveP256    = 1
	curveEd25519 = 6
)

// confirmation reads a cnf claim.
//
//	cnf = 8: { 1: cose-key }
//	cose-key = { 1: 1, -1: 6, -2: bstr .size 32 } /
//	           { 1: 2, -1: 1, -2: bstr .size 32, -3: bool }
func (r *reader) confirmation() PublicKey {
	r.label(wire.ClaimCnf, "cnf")
	r.pairs("cnf", 1, 1, ReasonMalformed)
	r.label(cnfKey, "cnf: key")
	return r.key("cnf")
}

// key reads a COSE_Key that stands in the given field.
func (r *reader) key(field string) PublicKey {
	r.at = field
	key := r.coseKey()
	r.at = ""
	return key
}

// coseKey reads a COSE_Key.
func (r *reader) coseKey() PublicKey {
	parameters := r.pairs("key", 1, wire.LimitCborItems, ReasonMalformed)
	r.label(keyType, "kty")
	switch kty := r.integer("kty"); kty {
	case typeOKP:
		r.curve(parameters, 3, curveEd25519)
		x := r.coordinate(keyX, "x")
		if r.from == ours {
			return suite.KnownEd25519(x)
		}
		return r.point(suite.NewEd25519(x))
	case typeEC2:
		r.curve(parameters, 4, curveP256)
		x := r.coordinate(keyX, "x")
		r.label(keyY, "y")
		odd := r.boolean("y")
		return r.point(suite.NewP256Compressed(x, odd))
	default:
		r.refuse(ReasonAlgorithm, "kty", "%d is no key type of this version", kty)
		return PublicKey{}
	}
}

// curve reads the curve of a key with that many parameters.
func (r *reader) curve(parameters, want int, curve int64) {
	r.label(keyCurve, "crv")
	if v := r.integer("crv"); v != curve {
		r.refuse(ReasonAlgorithm, "crv", "must be %d for this key type, is %d", curve, v)
	}
	if parameters != want {
		r.refuse(ReasonMalformed, "key", "must have %d parameters, has %d", want, parameters)
	}
}

// coordinate reads a coordinate of a key.
func (r *reader) coordinate(label int64, field string) []byte {
	r.label(label, field)
	return r.sized(field, suite.CoordinateSize)
}

// point returns the key that the coordinates make, or the zero key.
func (r *reader) point(key PublicKey, err error) PublicKey {
	if err != nil && r.err == nil {
		r.err = &Error{Reason: ReasonMalformed, Detail: r.name("not a point that may be used"), Err: err}
	}
	if r.err != nil {
		return PublicKey{}
	}
	return key
}

// appendConfirmation appends a cnf claim.
func appendConfirmation(b []byte, key PublicKey) []byte {
	b = dcbor.AppendMap(dcbor.AppendInt(b, wire.ClaimCnf), 1)
	return appendKey(dcbor.AppendInt(b, cnfKey), key)
}

// appendKey appends a COSE_Key.
func appendKey(b []byte, key PublicKey) []byte {
	if key.Algorithm() == suite.AlgEd25519 {
		b = dcbor.AppendMap(b, 3)
		b = dcbor.AppendInt(dcbor.AppendInt(b, keyType), typeOKP)
		b = dcbor.AppendInt(dcbor.AppendInt(b, keyCurve), curveEd25519)
		return dcbor.AppendBytes(dcbor.AppendInt(b, keyX), key.X())
	}
	b = dcbor.AppendMap(b, 4)
	b = dcbor.AppendInt(dcbor.AppendInt(b, keyType), typeEC2)
	b = dcbor.AppendInt(dcbor.AppendInt(b, keyCurve), curveP256)
	b = dcbor.AppendBytes(dcbor.AppendInt(b, keyX), key.X())
	return dcbor.AppendBool(dcbor.AppendInt(b, keyY), key.YOdd())
}
