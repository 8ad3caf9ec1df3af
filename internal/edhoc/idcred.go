package edhoc

import (
	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

// An idCred is ID_CRED_x, a COSE header map, in its two forms. A map that holds
// nothing but a kid is replaced by the kid in the plaintext, and the kid is
// encoded as an identifier: "These optimizations MUST be applied if and only if
// ID_CRED_x = { 4 : kid_x }". In every other map the two forms are the same. See
// RFC 9528, section 3.5.3.2.
type idCred struct {
	header  []byte // the map, as in context_y and in the protected header
	compact []byte // as in PLAINTEXT_y
}

// emptyMap is the encoding of a map without pairs, which identifies nothing.
const emptyMap = 0xa0

// kidHeader returns the map { 4 : kid }.
func kidHeader(kid []byte) []byte {
	b := dcbor.AppendUint(dcbor.AppendMap(nil, 1), wire.HeaderKid)
	return dcbor.AppendBytes(b, kid)
}

// soleKid returns the encoded value of a map whose only key is kid, and nil for
// every other item.
func soleKid(header []byte) []byte {
	if len(header) > 2 && header[0] == 0xa1 && header[1] == wire.HeaderKid {
		return header[2:]
	}
	return nil
}

// newIDCred makes an ID_CRED_x of one's own from the map.
func newIDCred(header []byte) (idCred, error) {
	item, rest, err := dcbor.Next(header)
	if err != nil || len(rest) > 0 {
		return idCred{}, &Error{Kind: ErrLocal, Field: "IDCred", Detail: "not one item of deterministic CBOR", Err: err}
	}
	if dcbor.KindOf(item) != dcbor.KindMap || item[0] == emptyMap {
		return idCred{}, &Error{Kind: ErrLocal, Field: "IDCred", Detail: "not a map of at least one pair"}
	}
	value := soleKid(item)
	if value == nil {
		return idCred{header: item, compact: item}, nil
	}
	kid, _, err := dcbor.NextBytes(value)
	if err != nil {
		return idCred{}, &Error{Kind: ErrLocal, Field: "IDCred", Detail: "kid is not a byte string", Err: err}
	}
	return idCred{header: item, compact: appendIdentifier(nil, kid)}, nil
}

// idCred reads an ID_CRED_x from a plaintext.
func (r *reader) idCred(field string) idCred {
	before := r.rest
	if dcbor.KindOf(r.rest) != dcbor.KindMap {
		kid := r.identifier(field)
		return idCred{header: kidHeader(kid), compact: before[:len(before)-len(r.rest)]}
	}
	item := r.item(field)
	switch {
	case r.err != nil:
		return idCred{}
	case item[0] == emptyMap:
		r.fail(ErrMalformed, field, "empty map", nil)
	case soleKid(item) != nil:
		r.fail(ErrMalformed, field, "map around a single kid", nil)
	}
	return idCred{header: item, compact: item}
}
