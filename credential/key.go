package credential

import (
	"crypto"

	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
)

// PublicKey is an Ed25519 or a P-256 public key.  It is comparable with == and
// its zero value is no key.
type PublicKey = suite.PublicKey

// Meter counts the public-key operations that verification costs.  A nil
// *Meter counts nothing.
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

// Parameters of a COSE_Key, RFC 9052 section 7.1 and RFC 9053 sections 7.1, 7.2.
const (
	ktyOKP     = 1
	ktyEC2     = 2
	crvP256    = 1
	crvEd25519 = 6
	coordinate = 32
)

// coseKey is the key of a cnf claim.
//
//	cose-key = { 1: 1, -1: 6, -2: bstr .size 32 } /
//	           { 1: 2, -1: 1, -2: bstr .size 32, -3: bool }
type coseKey struct {
	Kty int64  `cbor:"1,keyasint"`
	Crv int64  `cbor:"-1,keyasint"`
	X   []byte `cbor:"-2,keyasint"`
	Y   *bool  `cbor:"-3,keyasint,omitempty"`
}

// confirmation is the value of a cnf claim, RFC 8747 section 3.1.
type confirmation struct {
	Key coseKey `cbor:"1,keyasint"`
}

// publicKey returns the key of the cnf claim of the object named by what.
func (c confirmation) publicKey(what string) (PublicKey, error) {
	k := c.Key
	if len(k.X) != coordinate {
		return PublicKey{}, fault(ReasonMalformed, "%s: cnf: x must be 32 bytes, has %d", what, len(k.X))
	}
	var key PublicKey
	var err error
	switch {
	case k.Kty == ktyOKP && k.Crv == crvEd25519 && k.Y == nil:
		key, err = suite.NewEd25519(k.X)
	case k.Kty == ktyEC2 && k.Crv == crvP256 && k.Y != nil:
		key, err = suite.NewP256Compressed(k.X, *k.Y)
	default:
		return PublicKey{}, fault(ReasonAlgorithm, "%s: cnf: kty %d with crv %d is not a key of this version", what, k.Kty, k.Crv)
	}
	if err != nil {
		return PublicKey{}, &Error{Reason: ReasonMalformed, Detail: what + ": cnf: not a point that may be used", Err: err}
	}
	return key, nil
}

// appendConfirmation appends the value of a cnf claim.
func appendConfirmation(b []byte, key PublicKey) []byte {
	b = dcbor.AppendMap(b, 1)
	b = dcbor.AppendInt(b, 1)
	if key.Algorithm() == wire.AlgEd25519 {
		b = dcbor.AppendMap(b, 3)
		b = dcbor.AppendInt(dcbor.AppendInt(b, 1), ktyOKP)
		b = dcbor.AppendInt(dcbor.AppendInt(b, -1), crvEd25519)
		return dcbor.AppendBytes(dcbor.AppendInt(b, -2), key.X())
	}
	b = dcbor.AppendMap(b, 4)
	b = dcbor.AppendInt(dcbor.AppendInt(b, 1), ktyEC2)
	b = dcbor.AppendInt(dcbor.AppendInt(b, -1), crvP256)
	b = dcbor.AppendBytes(dcbor.AppendInt(b, -2), key.X())
	return dcbor.AppendBool(dcbor.AppendInt(b, -3), key.YOdd())
}
