package dcbor

import (
	"errors"
	"strconv"
)

// The kinds of error. Every error of the package wraps exactly one of them, to
// be found with [errors.Is].
var (
	// ErrMalformed says that the bytes are no CBOR item: cut off, followed by
	// more bytes, or holding a head that RFC 8949 reserves.
	ErrMalformed = errors.New("malformed CBOR")

	// ErrNotDeterministic says that the bytes are CBOR, but not as RFC 8949,
	// section 4.2.1, wants it.
	ErrNotDeterministic = errors.New("CBOR is not deterministic")

	// ErrLimit says that an item is nested too deeply or has too many elements.
	ErrLimit = errors.New("CBOR beyond limits")

	// ErrType says that an item has a type which the standard does not use, or
	// one which does not fit the Go value.
	ErrType = errors.New("CBOR type not admitted")
)

// Error is the error of every function of the package.
type Error struct {
	Kind   error  // one of ErrMalformed, ErrNotDeterministic, ErrLimit, ErrType
	Rule   string // the rule that was broken, such as "head is not the shortest"
	Offset int    // where, in bytes from the start of what was read or written
	Err    error  // the codec's own error, or nil
}

// Error names the kind, the rule and the place. It never holds a value that
// was read.
func (e *Error) Error() string {
	return "dcbor: " + e.Kind.Error() + ": " + e.Rule + " at byte " + strconv.Itoa(e.Offset)
}

// Unwrap gives the kind, and the codec's error where there is one.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}
