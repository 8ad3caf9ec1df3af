package holder

import (
	"errors"
	"fmt"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
)

// State is what the lock says of itself once it has verified the holder's
// right.
type State struct {
	PolicyVersion uint32          // version of the owner's policy
	Floor         credential.Time // the lock knows that it is this late or later
	Sequence      uint32          // of the newest log entry
}

// Result is the lock's answer, authenticated by the lock's key.
type Result struct {
	Lock    credential.LockID
	Outcome credential.Outcome
	Reason  credential.Reason // of refused and failed
	State   State             // of every outcome but refused
	Advice  Advice            // for the person at the door
	Cost    apdu.Cost         // pairs and bytes on the link, all tries together
}

// Progress tells an app that the lock is still gathering energy.
type Progress struct {
	Percent int // charge, 0 to 99
}

// Error says why there is no answer of the lock that can be believed.
type Error struct {
	Reason credential.Reason // rule that was broken, from the registry reasons
	Detail string            // step of the exchange and what was wrong
	Advice Advice            // for the person at the door
	Err    error             // cause, or nil
}

// Error returns reason, detail and cause in one line.
func (e *Error) Error() string {
	s := "holder: " + e.Reason.String() + ": " + e.Detail
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

// sent reports whether a command that ended with the error may have reached the
// lock.
func (e *Error) sent() bool {
	var fault *apdu.Error
	return !errors.As(e.Err, &fault) || fault.Sent
}

// Advice is what the person at the door should do.  An app shows it in the
// person's language; String gives it in English.
type Advice uint8

// What an app can advise.
const (
	AdviceNone     Advice = iota // nothing: it worked
	AdviceTapAgain               // nothing happened; hold the phone to the lock once more
	AdviceLook                   // the bolt may have moved; look, then tap again if it did not
	AdviceRenew                  // the grant is over or too old; fetch a new one
	AdviceWait                   // the grant begins later
	AdviceWrongBox               // this right is for other boxes or for another purpose
	AdviceAskOwner               // the owner must hand over newer settings first
	AdviceUpdate                 // this app or this lock is too old for the other
	AdviceRepair                 // the lock works but cannot move its bolt or write its memory
	AdviceReport                 // this should not happen: report it, and do not trust the lock
)

// String returns the advice in English.
func (a Advice) String() string {
	switch a {
	case AdviceNone:
		return "nothing to do"
	case AdviceTapAgain:
		return "nothing happened: hold the phone to the lock again"
	case AdviceLook:
		return "the bolt may have moved: look, and tap again if it did not"
	case AdviceRenew:
		return "fetch a new grant"
	case AdviceWait:
		return "the grant begins later"
	case AdviceWrongBox:
		return "this right is not for this box or not for this purpose"
	case AdviceAskOwner:
		return "the owner's newer settings must reach the lock first"
	case AdviceUpdate:
		return "update the app"
	case AdviceRepair:
		return "the lock needs repair"
	case AdviceReport:
		return "do not trust this lock: report it"
	}
	return fmt.Sprintf("advice-%d", uint8(a))
}

// advise returns the advice for an authenticated answer.
func advise(outcome credential.Outcome, reason credential.Reason) Advice {
	switch outcome {
	case credential.OutcomeDone, credential.OutcomeOpened:
		return AdviceNone
	case credential.OutcomeUnconfirmed:
		return AdviceLook
	case credential.OutcomePending:
		return AdviceTapAgain
	case credential.OutcomeFailed:
		return AdviceRepair
	}
	switch reason {
	case credential.ReasonExpired, credential.ReasonAuthorityExpired, credential.ReasonGrantTooLong,
		credential.ReasonService, credential.ReasonAuthorityRight:
		return AdviceRenew
	case credential.ReasonNotYetValid:
		return AdviceWait
	case credential.ReasonTarget, credential.ReasonAction:
		return AdviceWrongBox
	case credential.ReasonPolicyVersion:
		return AdviceAskOwner
	case credential.ReasonConditionUnknown, credential.ReasonOperationUnknown:
		return AdviceUpdate
	}
	return AdviceReport
}
