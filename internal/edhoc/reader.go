package edhoc

import (
	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

// maxMessage is the length in bytes of the longest message, sent or received:
// what one command or one response can carry.
const maxMessage = min(wire.LimitCommandBytes, wire.LimitResponseBytes)

// checkLength bounds a message of one's own to what a command or a response can
// carry. The field is the part that has no bound of its own.
func checkLength(message []byte, field string) error {
	if len(message) > maxMessage {
		return &Error{Kind: ErrLocal, Field: field, Detail: "message would be too long"}
	}
	return nil
}

// maxHead is the length in bytes of the longest head of a CBOR item.
const maxHead = 9

// A reader takes a CBOR sequence (RFC 8742) apart, item by item, in the order
// of its CDDL definition. The first fault sticks: after it every method returns
// a zero value, and err tells what it was. Slices that it returns are parts of
// the sequence.
type reader struct {
	rest []byte
	err  error
}

// newReader bounds the length of the sequence before anything is read.
func newReader(sequence []byte) *reader {
	r := &reader{rest: sequence}
	if len(sequence) > maxMessage {
		r.fail(ErrLimit, "", "message is too long", nil)
	}
	return r
}

// fail keeps the first fault, and leaves nothing to read.
func (r *reader) fail(kind Kind, field, detail string, cause error) {
	if r.err == nil {
		r.err = &Error{Kind: kind, Field: field, Detail: detail, Err: cause}
	}
	r.rest = nil
}

// int reads an integer.
func (r *reader) int(field string) int64 {
	if r.err != nil {
		return 0
	}
	v, rest, err := dcbor.NextInt(r.rest)
	if err != nil {
		r.fail(ErrMalformed, field, "not an integer", err)
		return 0
	}
	r.rest = rest
	return v
}

// bytes reads a byte string.
func (r *reader) bytes(field string) []byte {
	if r.err != nil {
		return nil
	}
	v, rest, err := dcbor.NextBytes(r.rest)
	if err != nil {
		r.fail(ErrMalformed, field, "not a byte string", err)
		return nil
	}
	r.rest = rest
	return v
}

// item reads an item of any type, still encoded.
func (r *reader) item(field string) []byte {
	if r.err != nil {
		return nil
	}
	item, rest, err := dcbor.Next(r.rest)
	if err != nil {
		r.fail(ErrMalformed, field, "not an item of deterministic CBOR", err)
		return nil
	}
	r.rest = rest
	return item
}

// end checks that nothing is left.
func (r *reader) end() {
	if r.err == nil && len(r.rest) > 0 {
		r.fail(ErrMalformed, "", "more items than the message has", nil)
	}
}

// endWithoutEAD checks that nothing is left where EAD items could follow. The
// label of the first one is enough to refuse it, critical or not, padding or
// not. See RFC 9528, section 3.8:
//
//	ead = ( ead_label : int, ? ead_value : bstr )
func (r *reader) endWithoutEAD(field string) {
	if r.err != nil || len(r.rest) == 0 {
		return
	}
	r.int(field)
	r.fail(ErrEAD, field, "", nil)
}
