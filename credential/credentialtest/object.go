package credentialtest

import (
	"crypto"

	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/suite"
)

// Object is a signed object laid open (section 4.1): each part as it is sent.
type Object struct {
	Protected   []byte // content of the byte string: the encoded header map
	Unprotected []byte // encoded; an empty map in every good object
	Payload     []byte // content of the byte string: the encoded claims set
	Signature   []byte // content of the byte string, 64 bytes in every good object
}

// ParseObject takes an encoded object apart, whatever stands in its parts.
func ParseObject(b []byte) (*Object, error) {
	r := dcbor.NewReader(b)
	r.Array(4, 4)
	o := &Object{Protected: r.Bytes(), Unprotected: r.Raw(), Payload: r.Bytes(), Signature: r.Bytes()}
	if err := r.Close(); err != nil {
		return nil, err
	}
	return o, nil
}

// Claims alters the claims set and leaves the signature as it is.
func (o *Object) Claims(alter func(*Map)) { o.Payload = OfMap(alter)(o.Payload) }

// Header alters the protected header and leaves the signature as it is.
func (o *Object) Header(alter func(*Map)) { o.Protected = OfMap(alter)(o.Protected) }

// Sign puts the key's signature over what the object holds now in the place of
// the signature that was there.  The header stays, whoever's key it names.
func (o *Object) Sign(key crypto.Signer) {
	signer, err := suite.NewSigner(key)
	if err == nil {
		o.Signature, err = signer.Sign(o.ToBeSigned())
	}
	if err != nil {
		panic(err) // a tester's key in memory signs
	}
}

// ToBeSigned returns what the signature is over, the Sig_structure of RFC 9052,
// section 4.4.
func (o *Object) ToBeSigned() []byte {
	return Array(Text("Signature1"), Bytes(o.Protected), Bytes(nil), Bytes(o.Payload))
}

// Encode returns the object as it is.
func (o *Object) Encode() []byte {
	return Array(Bytes(o.Protected), o.Unprotected, Bytes(o.Payload), Bytes(o.Signature))
}
