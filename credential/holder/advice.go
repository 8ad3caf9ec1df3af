package holder

import (
	"fmt"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
)

// Advice is what the person at the door should do (section 8.8).  An app shows
// it in the person's language; String gives it in English.
type Advice uint8

// What an app can advise.
const (
	AdviceNone      Advice = iota // nothing: it worked
	AdviceTapAgain                // nothing happened; hold the phone to the lock once more, and still
	AdviceHold                    // nothing happened; hold the phone to the lock longer
	AdviceLook                    // the bolt may have moved; look, then tap again if it did not
	AdviceRenew                   // the grant is over or spoilt; fetch a new one
	AdviceWait                    // the lock cannot know yet that the grant has begun
	AdviceWrongBox                // this is another box, or the grant is for another purpose
	AdviceAskOwner                // the owner must hand over newer settings first
	AdviceAskIssuer               // ask whoever gave the grant
	AdviceUpdate                  // this app and this lock do not fit; update
	AdviceRepair                  // tap again; if that fails too, the lock needs repair
	AdviceReport                  // this should not happen: report it, and do not trust the lock
	AdviceHours                   // the right is not good at this hour
	AdviceOnline                  // the lock wants to know the time: tap again with a network
	AdviceFindOut                 // the lock may have a new owner or log key: ask it
	AdviceSecret                  // the setup secret is wrong, or the lock has an owner and its inside button is not pressed
	AdviceYours                   // the lock is the phone's already
)

// String returns the advice in English.
func (a Advice) String() string {
	switch a {
	case AdviceNone:
		return "nothing to do"
	case AdviceTapAgain:
		return "nothing happened: hold the phone to the lock again, and still"
	case AdviceHold:
		return "nothing happened: hold the phone to the lock again, and longer"
	case AdviceLook:
		return "the bolt may have moved: look, and tap again if it did not"
	case AdviceRenew:
		return "fetch a new grant"
	case AdviceWait:
		return "the lock cannot know yet that the grant has begun: come later"
	case AdviceWrongBox:
		return "this is another box, or the grant is for another purpose"
	case AdviceAskOwner:
		return "the owner's newer settings must reach the lock first"
	case AdviceAskIssuer:
		return "ask whoever gave the grant"
	case AdviceUpdate:
		return "the app and this lock do not fit: update the app"
	case AdviceRepair:
		return "tap again, and call for repair if that fails too"
	case AdviceReport:
		return "do not trust this lock: report it"
	case AdviceHours:
		return "come again within the hours that are allowed"
	case AdviceOnline:
		return "the lock wants to know the time: tap again where the phone has a network"
	case AdviceFindOut:
		return "the lock may have taken it: tap again to find out"
	case AdviceSecret:
		return "read the setup secret again; where the lock has an owner, press the button inside"
	case AdviceYours:
		return "the lock is yours already"
	}
	return fmt.Sprintf("advice-%d", uint8(a))
}

// advise returns the advice for an outcome, which is never pending at the end of
// a tap, and a reason.
func advise(outcome credential.Outcome, reason credential.Reason) Advice {
	switch outcome {
	case credential.OutcomeDone, credential.OutcomeOpened:
		return AdviceNone
	case credential.OutcomeFailed:
		return AdviceRepair
	case credential.OutcomeRefused:
		return adviseRefusal(reason)
	}
	return AdviceLook
}

// adviseRefusal returns the advice for the reason of a refusal.
func adviseRefusal(reason credential.Reason) Advice {
	switch reason {
	case credential.ReasonLink, credential.ReasonChannel, credential.ReasonMalformed, credential.ReasonStatusWord:
		return AdviceTapAgain
	case credential.ReasonBusy:
		return AdviceHold
	case credential.ReasonExpired, credential.ReasonAuthorityExpired, credential.ReasonAuthorityRight,
		credential.ReasonGrantTooLong, credential.ReasonService, credential.ReasonObjectType,
		credential.ReasonUsesSpent, credential.ReasonDelegation:
		return AdviceRenew
	case credential.ReasonNotYetValid:
		return AdviceWait
	case credential.ReasonHours:
		return AdviceHours
	case credential.ReasonEvidence:
		return AdviceOnline
	case credential.ReasonTarget, credential.ReasonAction, credential.ReasonResource:
		return AdviceWrongBox
	case credential.ReasonPolicyVersion:
		return AdviceAskOwner
	case credential.ReasonConditionUnknown, credential.ReasonOperationUnknown, credential.ReasonVersion,
		credential.ReasonSuite, credential.ReasonAlgorithm, credential.ReasonLimit, credential.ReasonIssuerUnknown:
		return AdviceUpdate
	case credential.ReasonSignature, credential.ReasonPossession, credential.ReasonLockIdentity, credential.ReasonDowngrade:
		return AdviceReport
	}
	return AdviceAskIssuer
}

// adviseIdentity returns the advice for a lock that did not prove to be one: a
// reason that would blame a grant blames the lock's certificate here.
func adviseIdentity(reason credential.Reason) Advice {
	switch a := adviseRefusal(reason); a {
	case AdviceTapAgain, AdviceUpdate:
		return a
	}
	return AdviceReport
}

// adviseStatus returns the advice for a status word, which anybody could have
// sent.
func adviseStatus(sw apdu.Status) Advice {
	switch sw {
	case apdu.StatusRefused:
		return AdviceAskIssuer
	case apdu.StatusFailure:
		return AdviceRepair
	}
	return adviseRefusal(credential.ReasonStatusWord)
}
