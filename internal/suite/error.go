package suite

import "errors"

// The kinds of error. Every error of the package wraps exactly one of them, to
// be found with [errors.Is].
var (
	// ErrKey says that a key is no key of an algorithm in use.
	ErrKey = errors.New("key not admitted")

	// ErrSignature says that a signature is not valid.
	ErrSignature = errors.New("signature not valid")

	// ErrSign says that a signer did not make a signature.
	ErrSign = errors.New("signer failed")

	// ErrDH says that a key exchange failed, most often for the peer's key.
	ErrDH = errors.New("key exchange failed")

	// ErrRandom says that the source of randomness failed.
	ErrRandom = errors.New("randomness failed")

	// ErrLength says that an argument is longer than the primitive admits.
	ErrLength = errors.New("length not admitted")

	// ErrOpen says that a ciphertext is not authentic.
	ErrOpen = errors.New("ciphertext not authentic")
)

// Error is the error of every function of the package.
type Error struct {
	Kind error  // one of the Err variables
	Rule string // the rule that was broken, such as "x is not on the curve"
	Err  error  // the error of the library below, or nil
}

// Error names the kind and the rule. It never holds a value that was worked on.
func (e *Error) Error() string {
	return "suite: " + e.Kind.Error() + ": " + e.Rule
}

// Unwrap gives the kind, and the cause where there is one.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// fail makes an error. It returns the interface, never a nil pointer in one.
func fail(kind error, rule string, cause error) error {
	return &Error{Kind: kind, Rule: rule, Err: cause}
}
