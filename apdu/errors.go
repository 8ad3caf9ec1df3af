package apdu

import "errors"

// The rules that an [Error] can name, for errors.Is.
var (
	// ErrLength: a length field and the number of bytes do not agree, or a
	// value does not fit its length field.
	ErrLength = errors.New("apdu: wrong length")
	// ErrLimit: more bytes, or more pairs, than the bounds of the standard.
	ErrLimit = errors.New("apdu: over the limit")
	// ErrClass: a logical command has the chaining bit set in CLA.
	ErrClass = errors.New("apdu: wrong class")
	// ErrStatus: two bytes that are no status word.
	ErrStatus = errors.New("apdu: not a status word")
	// ErrResponse: the card's answer breaks the rules of ISO/IEC 7816-4.
	ErrResponse = errors.New("apdu: answer against the rules")
	// ErrLink: the transceiver failed or the context ended.
	ErrLink = errors.New("apdu: link failed")
)

// Error says which rule was broken and where.  It holds lengths and names of
// fields, never the bytes of a command or of an answer.
type Error struct {
	// Kind is one of the Err values of this package.
	Kind error
	// Field names the place: "header", "Lc", "Le", "data", "SW", …
	Field string
	// Sent tells, for errors of Exchange, that the last command of the
	// logical command had been handed to the transceiver: the card may have
	// carried it out.  While it is false the card has not.
	Sent bool
	// Err is the cause, or nil.
	Err error
}

// Error names the rule, the field and the cause.
func (e *Error) Error() string {
	s := e.Kind.Error() + " (" + e.Field + ")"
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the rule and the cause to errors.Is and errors.As.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}
