package credential

import (
	"errors"
	"math"

	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

// reader reads one item of CBOR value by value, in the only order that
// deterministic CBOR allows, and tells of each value which field it is.  The
// first fault stays: every later value is zero, and close returns the fault.
type reader struct {
	item dcbor.Reader
	what string // the item, for people
	at   string // the part of it that a group of fields is in, for people; empty for none
	from origin
	err  error
}

// read starts reading data, which must be exactly one item.
func read(what string, data []byte) reader {
	r := reader{item: dcbor.NewReader(data), what: what}
	if err := r.item.Err(); err != nil {
		r.err = undecodable(what, err)
	}
	return r
}

// close returns the first fault; a value that nobody read is one.
func (r *reader) close() error {
	if r.err != nil {
		return r.err
	}
	if err := r.item.Close(); err != nil {
		return undecodable(r.what, err)
	}
	return nil
}

// good reports whether there was no fault up to this field.
func (r *reader) good(field string) bool {
	if r.err == nil && r.item.Err() != nil {
		r.err = undecodable(r.name(field), r.item.Err())
	}
	return r.err == nil
}

// refuse records a fault of the field.
func (r *reader) refuse(reason Reason, field, format string, args ...any) {
	if r.err == nil {
		r.err = fault(reason, r.name(field)+": "+format, args...)
	}
}

// name says where a field is.
func (r *reader) name(field string) string {
	if r.at != "" {
		field = r.at + ": " + field
	}
	return r.what + ": " + field
}

// array reads the head of an array of least to most elements.
func (r *reader) array(field string, least, most int, outside Reason) int {
	return r.within(field, r.item.Array(0, wire.LimitCborItems), least, most, outside)
}

// pairs reads the head of a map of least to most pairs.
func (r *reader) pairs(field string, least, most int, outside Reason) int {
	return r.within(field, r.item.Map(0, wire.LimitCborItems), least, most, outside)
}

// within returns the number of elements or pairs, and zero after a fault.
func (r *reader) within(field string, n, least, most int, outside Reason) int {
	if r.good(field) && (n < least || n > most) {
		r.refuse(outside, field, "%d to %d entries are allowed, this has %d", least, most, n)
	}
	if r.err != nil {
		return 0
	}
	return n
}

// label reads the key of a map's next pair, which must be the one given.
func (r *reader) label(want int64, field string) {
	if v := r.item.Int(); r.good(field) && v != want {
		r.refuse(ReasonMalformed, field, "label %d must stand here, not %d", want, v)
	}
}

// integer reads an integer of 64 bits.
func (r *reader) integer(field string) int64 {
	v := r.item.Int()
	r.good(field)
	return v
}

// wide reads an unsigned integer of 64 bits.
func (r *reader) wide(field string) uint64 {
	v := r.item.Uint()
	r.good(field)
	return v
}

// number reads an unsigned integer of 32 bits.
func (r *reader) number(field string) uint32 {
	v := r.wide(field)
	if v > math.MaxUint32 {
		r.refuse(ReasonMalformed, field, "%d is over 32 bits", v)
		return 0
	}
	return uint32(v)
}

// positive reads an unsigned integer of 32 bits that is not zero.
func (r *reader) positive(field string) uint32 {
	v := r.number(field)
	if v == 0 {
		r.refuse(ReasonMalformed, field, "must not be zero")
	}
	return v
}

// small reads an unsigned integer of at most most.
func (r *reader) small(field string, most uint32) uint32 {
	v := r.number(field)
	if v > most {
		r.refuse(ReasonMalformed, field, "%d is over %d", v, most)
		return 0
	}
	return v
}

// from1 reads an unsigned integer from 1 to most.
func (r *reader) from1(field string, most uint32) uint32 {
	v := r.small(field, most)
	if v == 0 {
		r.refuse(ReasonMalformed, field, "must not be zero")
	}
	return v
}

// moment reads a claim of time.
func (r *reader) moment(label int64, field string) Time {
	r.label(label, field)
	return Time(r.positive(field))
}

// bytes reads a byte string, as a part of the data.
func (r *reader) bytes(field string) []byte {
	b := r.item.Bytes()
	r.good(field)
	return b
}

// sized reads a byte string of n bytes, as a part of the data.  After a fault
// it returns n zero bytes, so that it converts to an array.
func (r *reader) sized(field string, n int) []byte {
	b := r.bytes(field)
	if len(b) != n {
		r.refuse(ReasonMalformed, field, "must be %d bytes, has %d", n, len(b))
		return make([]byte, n)
	}
	return b
}

// optional reads a byte string into v, which stays as it is where the byte
// string is empty.  All zero has no other form than the empty one.
func (r *reader) optional(field string, v []byte) {
	b := r.bytes(field)
	switch {
	case r.err != nil || len(b) == 0:
	case len(b) != len(v):
		r.refuse(ReasonMalformed, field, "must be %d bytes or none, has %d", len(v), len(b))
	case copy(v, b) > 0 && zero(v):
		r.refuse(ReasonMalformed, field, "is all zero, and must be empty then")
	}
}

// zero reports whether all bytes are zero.
func zero(v []byte) bool {
	for _, b := range v {
		if b != 0 {
			return false
		}
	}
	return true
}

// boolean reads false or true.
func (r *reader) boolean(field string) bool {
	v := r.item.Bool()
	r.good(field)
	return v
}

// raw reads any value, and returns a copy of its encoding.
func (r *reader) raw(field string) string {
	b := r.item.Raw()
	r.good(field)
	return string(b)
}

// undecodable returns the *Error for bytes that do not decode as what they
// should be.
func undecodable(what string, err error) error {
	reason := ReasonMalformed
	if errors.Is(err, dcbor.ErrLimit) {
		reason = ReasonLimit
	}
	return &Error{Reason: reason, Detail: what, Err: err}
}
