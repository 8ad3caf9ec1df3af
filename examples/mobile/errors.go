package postern

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/credential/holder/home"
)

// Codes of errors, beside the names of the registry reasons.  The message of
// every exception begins with its code, a colon and a space.
const (
	CodeArgument  = "argument"  // what the app passed cannot be: a fault of the app
	CodeCancelled = "cancelled" // the Stop was cancelled
	CodeKey       = "key"       // the key did not sign, or is no key
	CodePlatform  = "platform"  // a callback failed: vault, memory or clock
	CodePhone     = "phone"     // another fault of the phone
	CodeInternal  = "internal"  // a fault of the library: please report it
)

// Codes of what keeps a [Box] from doing what it is asked.
const (
	CodeState     = "state"      // no box is kept, or what is kept is spoilt
	CodeTime      = "time"       // a time is missing, or an end is not in the future
	CodeLock      = "lock"       // it is of another lock
	CodeNotYours  = "not-yours"  // MoveIn, Agree, Accept or Join comes first
	CodeCoOwner   = "co-owner"   // only the owner does this
	CodeGivenAway = "given-away" // the lock was given to somebody else
	CodeBehind    = "behind"     // there may be newer settings: Learn or Heal comes first
	CodeVersion   = "version"    // no policy version is left
	CodeGuest     = "guest"      // there is no such guest, or nobody can be one by that name
	CodePolicy    = "policy"     // the policy is not one of this box
)

// boxCodes are the codes of package home's errors.
var boxCodes = []struct {
	err  error
	code string
}{
	{home.ErrKeep, CodePlatform}, {home.ErrKey, CodeKey}, {home.ErrState, CodeState}, {home.ErrTime, CodeTime},
	{home.ErrLock, CodeLock}, {home.ErrNotYours, CodeNotYours}, {home.ErrCoOwner, CodeCoOwner},
	{home.ErrGivenAway, CodeGivenAway}, {home.ErrBehind, CodeBehind}, {home.ErrVersion, CodeVersion},
	{home.ErrGuest, CodeGuest}, {home.ErrPolicy, CodePolicy},
}

// fault is an error with its code.
type fault struct {
	code, detail string
	err          error
}

func (f *fault) Error() string {
	s := f.code + ": " + f.detail
	if f.err != nil {
		s += ": " + f.err.Error()
	}
	return s
}

func (f *fault) Unwrap() error { return f.err }

func argument(format string, args ...any) error {
	return &fault{code: CodeArgument, detail: fmt.Sprintf(format, args...)}
}

// keyFault is what the platform's key said in place of a signature.
type keyFault struct{ err error }

func (f *keyFault) Error() string { return "the key did not sign: " + f.err.Error() }

func (f *keyFault) Unwrap() error { return f.err }

// codeOf returns the code of any error of the library.
func codeOf(err error) string {
	if f, ok := errors.AsType[*fault](err); ok {
		return f.code
	}
	if _, ok := errors.AsType[*keyFault](err); ok {
		return CodeKey
	}
	switch {
	case err == nil:
		return ""
	case errors.Is(err, context.Canceled):
		return CodeCancelled
	}
	for _, c := range boxCodes {
		if errors.Is(err, c.err) {
			return c.code
		}
	}
	if reason, ok := errors.AsType[credential.Reason](err); ok && reason != credential.ReasonNone {
		return reason.String()
	}
	switch {
	case errors.Is(err, holder.ErrPhone):
		return CodePhone
	case errors.Is(err, apdu.ErrLink):
		return credential.ReasonLink.String()
	}
	return CodeInternal
}

// coded gives an error that leaves the library its code.
func coded(err error) error {
	if err == nil {
		return nil
	}
	if f, ok := err.(*fault); ok {
		return f
	}
	return &fault{code: codeOf(err), detail: detailOf(err)}
}

// detailOf returns the error's text, with what the platform's key said, which the
// layers below the library's errors leave out.
func detailOf(err error) string {
	text := err.Error()
	if f, ok := errors.AsType[*keyFault](err); ok && !strings.Contains(text, f.Error()) {
		text += ": " + f.Error()
	}
	return text
}

// ErrorCode returns the code of an exception by its message (getMessage in Java,
// localizedDescription in Swift): one of the constants Code…, or a reason of the
// registry.  It is internal for a message that does not have the form of the
// library's.
func ErrorCode(message string) string {
	code, _, ok := strings.Cut(message, ": ")
	if !ok || code == "" || strings.Trim(code, "abcdefghijklmnopqrstuvwxyz-") != "" {
		return CodeInternal
	}
	return code
}

// guard keeps a panic from crossing the border, where it would end the app.  What
// it was is told without its value, in which a secret could stand.
func guard(err *error) {
	if r := recover(); r != nil {
		*err = &fault{code: CodeInternal, detail: fmt.Sprintf("%T at %s", r, place(string(debug.Stack())))}
	}
}

// place returns the function that panicked: the first one below the panic.
func place(stack string) string {
	_, below, ok := strings.Cut(stack, "\npanic(")
	if !ok {
		return "an unknown place"
	}
	lines := strings.SplitN(below, "\n", 4)
	for _, line := range lines[min(2, len(lines)):] {
		name, _, _ := strings.Cut(line, "(0x")
		name, _, _ = strings.Cut(name, "({")
		return name
	}
	return "an unknown place"
}

// guarded carries out what may fail, and lets neither a panic nor half a result
// through.
func guarded[T any](work func() (T, error)) (result T, err error) {
	defer func() {
		if err != nil {
			var none T
			result, err = none, coded(err)
		}
	}()
	defer guard(&err)
	return work()
}

// attempt is guarded for work without a result.
func attempt(work func() error) error {
	_, err := guarded(func() (struct{}, error) { return struct{}{}, work() })
	return err
}
