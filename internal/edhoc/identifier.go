package edhoc

import "github.com/postern-lock/postern/internal/dcbor"

// Byte strings that identify something, C_I, C_R and kid_x, are short on the
// wire: one that is the CBOR encoding of an integer in -24..23 stands for
// itself, every other one is a CBOR byte string. There is one encoding for each.
// See RFC 9528, section 3.3.2.

// isOneByteInt reports whether id is the one-byte CBOR encoding of an integer.
func isOneByteInt(id []byte) bool {
	return len(id) == 1 && (id[0] <= 0x17 || 0x20 <= id[0] && id[0] <= 0x37)
}

// appendIdentifier encodes an identifier for the wire.
func appendIdentifier(b, id []byte) []byte {
	if isOneByteInt(id) {
		return append(b, id...)
	}
	return dcbor.AppendBytes(b, id)
}

// encodedIdentifier reads a byte string or an integer of one byte, and returns it
// as it is encoded.
func (r *reader) encodedIdentifier(field string) []byte {
	start := r.rest
	inBytes := dcbor.KindOf(start) == dcbor.KindBytes
	if inBytes {
		r.bytes(field)
	} else {
		r.int(field)
	}
	if r.err != nil {
		return nil
	}
	b := start[: len(start)-len(r.rest) : len(start)-len(r.rest)]
	if !inBytes && !isOneByteInt(b) {
		r.fail(ErrMalformed, field, "integer of more than one byte", nil)
	}
	return b
}

// identifier reads what appendIdentifier writes.
func (r *reader) identifier(field string) []byte {
	b := r.encodedIdentifier(field)
	if dcbor.KindOf(b) != dcbor.KindBytes {
		return b
	}
	id := newReader(b).bytes(field)
	if isOneByteInt(id) {
		r.fail(ErrMalformed, field, "byte string that stands for an integer", nil)
	}
	return id
}

// defaultConnectionID is the connection identifier of the standard, which needs
// none: there is one run at a time, and the transport keeps its messages
// together.
const defaultConnectionID = 0x00

// ownConnectionID returns C_I or C_R for a message of one's own.
func ownConnectionID(configured []byte) []byte {
	if configured == nil {
		return []byte{defaultConnectionID}
	}
	return configured
}

// checkConnectionID holds the peer to one-byte identifiers: they identify
// nothing here, so a longer one is only a place to hide something in.
func checkConnectionID(field string, id []byte, long bool) error {
	if !long && !isOneByteInt(id) {
		return &Error{Kind: ErrConnectionID, Field: field}
	}
	return nil
}
