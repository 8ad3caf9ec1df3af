package cddl

import (
	"errors"
	"fmt"
)

// Errors that the errors of this package wrap.
var (
	// ErrDefinition: a definition is no CDDL, or uses more of it than the
	// package knows, or names what is not defined.
	ErrDefinition = errors.New("cddl: definition")

	// ErrNoRule: there is no rule with the name.
	ErrNoRule = errors.New("cddl: no such rule")

	// ErrMalformed: the data are not well-formed CBOR, or not as many items as
	// the rule describes, or beyond the bounds of the package.
	ErrMalformed = errors.New("cddl: data")
)

// A DefinitionError is one fault of the definitions.  It wraps [ErrDefinition].
type DefinitionError struct {
	File   string
	Line   int // from 1
	Detail string
}

// Error returns the place and the fault.
func (e *DefinitionError) Error() string {
	return fmt.Sprintf("cddl: %s:%d: %s", e.File, e.Line, e.Detail)
}

// Unwrap returns [ErrDefinition].
func (e *DefinitionError) Unwrap() error { return ErrDefinition }

// A Mismatch says where data are not of the type that a rule describes.  Where
// a choice was tried, it is the fault that was met furthest into the data.
type Mismatch struct {
	// Path leads to the place in the data: $ is the whole, [2] an element, {4} the
	// value of a map's key, <0> an item in a byte string.
	Path  string
	Rule  string // the innermost rule that was tried there
	File  string // where the definition stands
	Line  int
	Want  string // the definition
	Found string // what stands in its place
}

// Error returns all of it in one line.
func (e *Mismatch) Error() string {
	return fmt.Sprintf("cddl: %s: rule %s (%s:%d) wants %s, and here is %s", e.Path, e.Rule, e.File, e.Line, e.Want, e.Found)
}

// place is a line of a definition.
type place struct {
	file string
	line int
}

// fail makes a fault of the definitions at the place.
func (p place) fail(format string, args ...any) error {
	return &DefinitionError{p.file, p.line, fmt.Sprintf(format, args...)}
}
