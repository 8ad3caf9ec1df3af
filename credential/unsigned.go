package credential

import (
	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
)

// Unsigned is an object that lacks only its signature.  Whoever holds the key
// signs [Unsigned.ToBeSigned], wherever that key is kept.
type Unsigned struct {
	what      string
	protected []byte
	payload   []byte
}

// newUnsigned puts the header for the signer's key beside the claims.  It
// refuses what would be too long with a signature.
func newUnsigned(what string, typ uint64, signer PublicKey, payload []byte) (Unsigned, error) {
	if signer.IsZero() {
		return Unsigned{}, fault(ReasonAlgorithm, "%s: the signer's public key is missing", what)
	}
	h := header{alg: signer.Algorithm(), signer: KeyIDOf(signer)}
	u := Unsigned{what: what, protected: h.append(make([]byte, 0, headerSize), typ), payload: payload}
	if n, most := u.size(), longest(typ); n > most {
		return Unsigned{}, fault(ReasonLimit, "%s: has %d bytes when it is signed, at most %d are allowed", what, n, most)
	}
	return u, nil
}

// size returns the length of the finished object in bytes.
func (u Unsigned) size() int {
	var head [9]byte
	return len(u.protected) + len(dcbor.AppendBytesHead(head[:0], len(u.payload))) + len(u.payload) + objectOverhead
}

// ToBeSigned returns the Sig_structure, the message to sign: with Ed25519 as it
// is, with ECDSA by way of SHA-256.
func (u Unsigned) ToBeSigned() []byte { return sigStructure(u.protected, u.payload) }

// WithSignature returns the finished object, at most 512 bytes, a policy 768.
// The signature is 64 bytes, for ECDSA r and s of 32 bytes each; it is not verified here.
func (u Unsigned) WithSignature(signature []byte) ([]byte, error) {
	switch {
	case len(u.payload) == 0:
		return nil, fault(ReasonMalformed, "unsigned object: it has no content")
	case len(signature) != suite.SignatureSize:
		return nil, fault(ReasonMalformed, "%s: signature: must be %d bytes, has %d", u.what, suite.SignatureSize, len(signature))
	}
	return appendObject(make([]byte, 0, u.size()), u.protected, u.payload, signature), nil
}

// String names the kind of object; it shows nothing of its content.
func (u Unsigned) String() string { return "unsigned " + u.what }

// header is what an object's protected header says besides the kind.
//
//	protected = { 1: alg, 4: bstr .size 8, 16: typ }
type header struct {
	alg    suite.Algorithm
	signer KeyID
}

const (
	headerSize     = 17                      // bytes of a header
	objectOverhead = suite.SignatureSize + 5 // bytes of an object besides header and payload, with its head
)

// append appends the header of an object of the given kind.
func (h *header) append(b []byte, typ uint64) []byte {
	b = dcbor.AppendMap(b, 3)
	b = dcbor.AppendInt(dcbor.AppendInt(b, wire.HeaderAlg), int64(h.alg))
	b = dcbor.AppendBytes(dcbor.AppendInt(b, wire.HeaderKid), h.signer[:])
	return dcbor.AppendUint(dcbor.AppendInt(b, wire.HeaderTyp), typ)
}

// read decodes the header of an object of the given kind.
func (h *header) read(what string, typ uint64, data []byte) error {
	r := read(what, data)
	alg, v := h.fields(&r)
	switch {
	case v != typ:
		r.refuse(ReasonObjectType, "typ", "must be %d, is %d", typ, v)
	case alg != wire.AlgEd25519 && alg != wire.AlgEsp256:
		r.refuse(ReasonAlgorithm, "alg", "must be %d or %d, is %d", wire.AlgEd25519, wire.AlgEsp256, alg)
	}
	h.alg = suite.Algorithm(alg)
	return r.close()
}

// fields reads the fields of a header, and returns those that its caller judges.
func (h *header) fields(r *reader) (alg int64, typ uint64) {
	r.pairs("protected header", 3, 3, ReasonMalformed)
	r.label(wire.HeaderAlg, "alg")
	alg = r.integer("alg")
	r.label(wire.HeaderKid, "kid")
	h.signer = KeyID(r.sized("kid", len(h.signer)))
	r.label(wire.HeaderTyp, "typ")
	return alg, r.wide("typ")
}

// appendObject appends a finished object.
//
//	COSE_Sign1 = [ protected: bstr, {}, payload: bstr, signature: bstr .size 64 ]
func appendObject(b, protected, payload, signature []byte) []byte {
	b = dcbor.AppendArray(b, 4)
	b = dcbor.AppendBytes(b, protected)
	b = dcbor.AppendMap(b, 0)
	b = dcbor.AppendBytes(b, payload)
	return dcbor.AppendBytes(b, signature)
}

// sigStructureHead opens a Sig_structure, RFC 9052, section 4.4: the head of an
// array of 4 and its first element, the text string "Signature1".
const sigStructureHead = "\x84\x6aSignature1"

// sigStructure returns what is signed: RFC 9052, section 4.4, without external
// data.
func sigStructure(protected, payload []byte) []byte {
	b := make([]byte, 0, len(sigStructureHead)+len(protected)+len(payload)+8)
	b = append(b, sigStructureHead...)
	b = dcbor.AppendBytes(b, protected)
	b = dcbor.AppendBytes(b, nil)
	return dcbor.AppendBytes(b, payload)
}
