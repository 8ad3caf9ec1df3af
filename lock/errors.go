package lock

import (
	"errors"

	"github.com/postern-lock/postern/credential"
)

// Error is the error of this package: the rule that was broken, where, and what
// caused it.
type Error struct {
	Reason credential.Reason // rule, from the registry reasons
	Detail string            // message and field
	Err    error             // cause, or nil
}

// Error returns reason, detail and cause in one line.
func (e *Error) Error() string {
	s := "lock: " + e.Reason.String() + ": " + e.Detail
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the reason and the cause, for errors.Is and errors.As.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Reason}
	}
	return []error{e.Reason, e.Err}
}

// reasonOf returns the reason that err carries, and otherwise the given one.
func reasonOf(err error, otherwise credential.Reason) credential.Reason {
	var r credential.Reason
	if errors.As(err, &r) && r != credential.ReasonNone {
		return r
	}
	return otherwise
}
