package credential

import (
	"bytes"
	"crypto/sha256"

	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
)

// object is what every kind of signed object has in common, as parsed.
type object struct {
	header
	raw       []byte // the object's bytes, a private copy
	signed    []byte // Sig_structure, over the bytes that were received
	signature [suite.SignatureSize]byte
	digest    [sha256.Size]byte // SHA-256 over Sig_structure
}

// Bytes returns the object as it was received.  The caller must not change it.
func (o *object) Bytes() []byte { return o.raw }

// Signer returns the id of the key that the object says it was signed with.
func (o *object) Signer() KeyID { return o.signer }

// Tag returns the object's tag.
func (o *object) Tag() Tag { return Tag(o.digest[:len(Tag{})]) }

// Digest returns SHA-256 over the object's Sig_structure, 32 bytes.
func (o *object) Digest() [sha256.Size]byte { return o.digest }

// longest returns how many bytes an object of the kind may have.
func longest(typ uint64) int {
	if typ == wire.TypePolicy {
		return wire.LimitPolicyBytes
	}
	return wire.LimitObjectBytes
}

// open reads the envelope of an object of the given kind and returns the claims
// set, a part of a private copy of data.
func (o *object) open(what string, typ uint64, data []byte) ([]byte, error) {
	if most := longest(typ); len(data) > most {
		return nil, fault(ReasonLimit, "%s: %d bytes, at most %d are allowed", what, len(data), most)
	}
	o.raw = bytes.Clone(data)
	r := read(what, o.raw)
	r.array("object", 4, 4, ReasonMalformed)
	protected := r.bytes("protected header")
	r.pairs("unprotected header", 0, 0, ReasonMalformed)
	payload := r.bytes("payload")
	o.signature = [suite.SignatureSize]byte(r.sized("signature", len(o.signature)))
	if err := r.close(); err != nil {
		return nil, err
	}
	if err := o.header.read(what, typ, protected); err != nil {
		return nil, err
	}
	o.signed = sigStructure(protected, payload)
	o.digest = sha256.Sum256(o.signed)
	return payload, nil
}

// same compares the object with the one that its claims set, encoded again from
// what was read, makes: an object has one encoding (section 3.1).
func (o *object) same(what string, typ uint64, payload []byte) error {
	var header [headerSize]byte
	var again [wire.LimitPolicyBytes]byte // the longest kind
	if !bytes.Equal(appendObject(again[:0], o.header.append(header[:0], typ), payload, o.signature[:]), o.raw) {
		return fault(ReasonMalformed, "%s: it does not encode to the same bytes", what)
	}
	return nil
}
