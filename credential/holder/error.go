package holder

import (
	"errors"
	"fmt"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
)

// Error says why there is no answer of the lock that can be believed.  It holds
// no secret and nothing about the holder.
type Error struct {
	Reason credential.Reason // rule that was broken, from the registry reasons; none with ErrPhone
	Detail string            // step of the exchange and what was wrong
	Advice Advice            // for the person at the door
	Err    error             // cause, or nil
}

// ErrPhone says, for errors.Is, that the fault is the phone's own: a field that
// is missing, a key that did not sign, a random source that failed.
var ErrPhone = errors.New("fault of the phone")

// Error returns reason, detail and cause in one line.
func (e *Error) Error() string {
	s := "holder: "
	if e.Reason != credential.ReasonNone {
		s += e.Reason.String() + ": "
	}
	s += e.Detail
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the reason and the cause, for errors.Is and errors.As.
func (e *Error) Unwrap() []error {
	var errs []error
	if e.Reason != credential.ReasonNone {
		errs = append(errs, e.Reason)
	}
	if e.Err != nil {
		errs = append(errs, e.Err)
	}
	return errs
}

// sent reports whether a command that ended with the error may have reached the
// lock whole.
func (e *Error) sent() bool {
	var fault *apdu.Error
	return !errors.As(e.Err, &fault) || fault.Sent
}

// fault returns the *Error with the advice that belongs to its reason.
func fault(reason credential.Reason, detail string, cause error) *Error {
	return &Error{Reason: reason, Detail: detail, Advice: advise(credential.OutcomeRefused, reason), Err: cause}
}

// lockFault returns the *Error for a lock that did not prove to be one.
func lockFault(reason credential.Reason, detail string, cause error) *Error {
	return &Error{Reason: reason, Detail: detail, Advice: adviseIdentity(reason), Err: cause}
}

// linkFault returns the *Error for an exchange of APDUs that failed.
func linkFault(step string, cause error) *Error {
	if errors.Is(cause, apdu.ErrLink) {
		return fault(credential.ReasonLink, step, cause)
	}
	return fault(credential.ReasonMalformed, step, cause)
}

// ownFault returns the *Error for a fault of the phone itself.
func ownFault(detail string, advice Advice, cause error) *Error {
	err := ErrPhone
	if cause != nil {
		err = fmt.Errorf("%w: %w", ErrPhone, cause)
	}
	return &Error{Detail: detail, Advice: advice, Err: err}
}

// reasonOf returns the reason that err carries, and otherwise the given one.
func reasonOf(err error, otherwise credential.Reason) credential.Reason {
	var r credential.Reason
	if errors.As(err, &r) && r != credential.ReasonNone {
		return r
	}
	return otherwise
}
