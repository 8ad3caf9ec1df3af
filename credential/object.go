package credential

import (
	"crypto/sha256"
	"fmt"

	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
)

// signatureSize is the length of both kinds of signature in bytes.
const signatureSize = 64

// sigStructureHead opens a Sig_structure, RFC 9052 section 4.4: the head of an
// array of 4 and its first element, the text string "Signature1".
const sigStructureHead = "\x84\x6aSignature1"

// sign1 is the envelope of every object.
//
//	COSE_Sign1 = [ protected: bstr, unprotected: {}, payload: bstr, signature: bstr .size 64 ]
type sign1 struct {
	_           struct{} `cbor:",toarray"`
	Protected   []byte
	Unprotected dcbor.Raw
	Payload     []byte
	Signature   []byte
}

// protected is the header that is signed.
//
//	protected = { 1: alg, 4: bstr .size 8, 16: uint }
type protected struct {
	Alg int64  `cbor:"1,keyasint"`
	Kid []byte `cbor:"4,keyasint"`
	Typ uint64 `cbor:"16,keyasint"`
}

// object is what every kind of signed object has in common, as parsed.
type object struct {
	raw       []byte // the object's bytes, a private copy
	signed    []byte // Sig_structure
	signature []byte
	digest    [sha256.Size]byte // SHA-256 over Sig_structure
	alg       suite.Algorithm
	signer    KeyID
}

// Bytes returns the object as it was received.  The caller must not change it.
func (o *object) Bytes() []byte { return o.raw }

// Signer returns the id of the key that the object says it was signed with.
func (o *object) Signer() KeyID { return o.signer }

// Tag returns the object's tag.
func (o *object) Tag() Tag { return Tag(o.digest[:len(Tag{})]) }

// Digest returns SHA-256 over the object's Sig_structure, 32 bytes.
func (o *object) Digest() [sha256.Size]byte { return o.digest }

// parseObject checks the envelope of an object of the given type and decodes
// its payload into claims.
func parseObject(what string, typ uint64, data []byte, claims any) (object, error) {
	if len(data) > wire.LimitObjectBytes {
		return object{}, fault(ReasonLimit, "%s: %d bytes, at most %d are allowed", what, len(data), wire.LimitObjectBytes)
	}
	data = append([]byte(nil), data...)
	var s sign1
	if err := decode(what, data, &s); err != nil {
		return object{}, err
	}
	if len(s.Unprotected) != 1 || s.Unprotected[0] != emptyMap {
		return object{}, fault(ReasonMalformed, "%s: the unprotected header must be empty", what)
	}
	if len(s.Signature) != signatureSize {
		return object{}, fault(ReasonMalformed, "%s: the signature must be %d bytes, has %d", what, signatureSize, len(s.Signature))
	}
	var h protected
	if err := decode(what+": protected header", s.Protected, &h); err != nil {
		return object{}, err
	}
	switch {
	case h.Typ != typ:
		return object{}, fault(ReasonObjectType, "%s: typ must be %d, is %d", what, typ, h.Typ)
	case h.Alg != wire.AlgEd25519 && h.Alg != wire.AlgEsp256:
		return object{}, fault(ReasonAlgorithm, "%s: alg must be %d or %d, is %d", what, wire.AlgEd25519, wire.AlgEsp256, h.Alg)
	case len(h.Kid) != len(KeyID{}):
		return object{}, fault(ReasonMalformed, "%s: kid must be %d bytes, has %d", what, len(KeyID{}), len(h.Kid))
	}
	if err := decode(what+": payload", s.Payload, claims); err != nil {
		return object{}, err
	}
	signed := appendSigStructure(make([]byte, 0, len(data)+32), s.Protected, s.Payload)
	return object{
		raw:       data,
		signed:    signed,
		signature: s.Signature,
		digest:    sha256.Sum256(signed),
		alg:       suite.Algorithm(h.Alg),
		signer:    KeyID(h.Kid),
	}, nil
}

// emptyMap is the encoding of {}.
const emptyMap = 0xA0

// decode reads exactly one deterministic CBOR item into v.
func decode(what string, data []byte, v any) error {
	if err := dcbor.Unmarshal(data, v); err != nil {
		return undecodable(what, err)
	}
	return nil
}

// appendSigStructure appends what is signed: RFC 9052, section 4.4, without
// external data.
func appendSigStructure(b, protected, payload []byte) []byte {
	b = append(b, sigStructureHead...)
	b = dcbor.AppendBytes(b, protected)
	b = dcbor.AppendBytes(b, nil)
	return dcbor.AppendBytes(b, payload)
}

// names checks that the object says it was signed with the key.
func (o *object) names(what string, key PublicKey) error {
	if key.IsZero() {
		return fault(ReasonIssuerUnknown, "%s: no key given to verify with", what)
	}
	if KeyIDOf(key) != o.signer {
		return fault(ReasonIssuerUnknown, "%s: signed by key %s, not by %s", what, o.signer, KeyIDOf(key))
	}
	if key.Algorithm() != o.alg {
		return fault(ReasonAlgorithm, "%s: alg %d does not fit the key %s", what, o.alg, o.signer)
	}
	return nil
}

// fingerprint names the signature of the key over the object.
func (o *object) fingerprint(key PublicKey) Fingerprint {
	kid, x, y := KeyIDOf(key), key.X(), byte(0)
	if key.Algorithm() == wire.AlgEsp256 && key.YOdd() {
		y = 1
	}
	b := append(o.digest[:], kid[:]...)
	return sha256.Sum256(append(append(b, x...), y))
}

// verify checks the object's signature with the key.
func (o *object) verify(what string, key PublicKey, m *Meter) error {
	if err := suite.Verify(key, o.signed, o.signature, m); err != nil {
		return &Error{Reason: ReasonSignature, Detail: what + ": the signature of key " + o.signer.String() + " does not verify", Err: err}
	}
	return nil
}

// Unsigned is an object that lacks only its signature.  Whoever holds the key
// signs [Unsigned.ToBeSigned], wherever that key is kept.
type Unsigned struct {
	what      string
	alg       suite.Algorithm
	protected []byte
	payload   []byte
}

// newUnsigned builds the protected header for the signer's key.
func newUnsigned(what string, typ uint64, signer PublicKey, payload []byte) (Unsigned, error) {
	if signer.IsZero() {
		return Unsigned{}, fault(ReasonAlgorithm, "%s: the signer's public key is missing", what)
	}
	kid := KeyIDOf(signer)
	p := make([]byte, 0, 24)
	p = dcbor.AppendMap(p, 3)
	p = dcbor.AppendInt(dcbor.AppendInt(p, wire.HeaderAlg), int64(signer.Algorithm()))
	p = dcbor.AppendBytes(dcbor.AppendInt(p, wire.HeaderKid), kid[:])
	p = dcbor.AppendUint(dcbor.AppendInt(p, wire.HeaderTyp), typ)
	return Unsigned{what: what, alg: signer.Algorithm(), protected: p, payload: payload}, nil
}

// ToBeSigned returns the Sig_structure, the message to sign: with Ed25519 as it
// is, with ECDSA by way of SHA-256.
func (u Unsigned) ToBeSigned() []byte {
	return appendSigStructure(make([]byte, 0, len(u.protected)+len(u.payload)+32), u.protected, u.payload)
}

// WithSignature returns the finished object.  The signature is 64 bytes, for
// ECDSA r and s of 32 bytes each; it is not verified here.
func (u Unsigned) WithSignature(signature []byte) ([]byte, error) {
	if len(signature) != signatureSize {
		return nil, fault(ReasonMalformed, "%s: the signature must be %d bytes, has %d", u.what, signatureSize, len(signature))
	}
	b := make([]byte, 0, len(u.protected)+len(u.payload)+signatureSize+16)
	b = dcbor.AppendArray(b, 4)
	b = dcbor.AppendBytes(b, u.protected)
	b = dcbor.AppendMap(b, 0)
	b = dcbor.AppendBytes(b, u.payload)
	b = dcbor.AppendBytes(b, signature)
	if len(b) > wire.LimitObjectBytes {
		return nil, fault(ReasonLimit, "%s: %d bytes, at most %d are allowed", u.what, len(b), wire.LimitObjectBytes)
	}
	return b, nil
}

// String names the kind of object; it shows nothing of its content.
func (u Unsigned) String() string { return fmt.Sprintf("unsigned %s", u.what) }
