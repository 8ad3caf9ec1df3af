package postern

import "github.com/postern-lock/postern/credential/holder"

// What the person at the door should do.
const (
	AdviceNone      = "none"       // nothing: it worked
	AdviceTapAgain  = "tap-again"  // nothing happened; hold the phone to the lock once more, and still
	AdviceHold      = "hold"       // nothing happened; hold the phone to the lock longer
	AdviceLook      = "look"       // the bolt may have moved; look, then tap again if it did not
	AdviceRenew     = "renew"      // the grant is over or spoilt; fetch a new one
	AdviceWait      = "wait"       // the lock cannot know yet that the grant has begun
	AdviceWrongBox  = "wrong-box"  // this is another box, or the grant is for another purpose
	AdviceAskOwner  = "ask-owner"  // the owner must hand over newer settings first
	AdviceAskIssuer = "ask-issuer" // ask whoever gave the grant
	AdviceUpdate    = "update"     // this app and this lock do not fit; update
	AdviceRepair    = "repair"     // tap again; if that fails too, the lock needs repair
	AdviceReport    = "report"     // this should not happen: report it, and do not trust the lock
	AdviceHours     = "hours"      // the right is not good at this hour
	AdviceOnline    = "online"     // the lock wants to know the time: tap again with a network
	AdviceFindOut   = "find-out"   // the lock may have a new owner or log key: ask it by Rekey
	AdviceSecret    = "secret"     // the setup secret is wrong, or the lock has an owner and its inside button is not pressed
	AdviceYours     = "yours"      // the lock is the phone's already
)

var adviceCodes = [...]string{
	holder.AdviceNone:      AdviceNone,
	holder.AdviceTapAgain:  AdviceTapAgain,
	holder.AdviceHold:      AdviceHold,
	holder.AdviceLook:      AdviceLook,
	holder.AdviceRenew:     AdviceRenew,
	holder.AdviceWait:      AdviceWait,
	holder.AdviceWrongBox:  AdviceWrongBox,
	holder.AdviceAskOwner:  AdviceAskOwner,
	holder.AdviceAskIssuer: AdviceAskIssuer,
	holder.AdviceUpdate:    AdviceUpdate,
	holder.AdviceRepair:    AdviceRepair,
	holder.AdviceReport:    AdviceReport,
	holder.AdviceHours:     AdviceHours,
	holder.AdviceOnline:    AdviceOnline,
	holder.AdviceFindOut:   AdviceFindOut,
	holder.AdviceSecret:    AdviceSecret,
	holder.AdviceYours:     AdviceYours,
}

// adviceCode returns the code of an advice.
func adviceCode(a holder.Advice) string {
	if int(a) < len(adviceCodes) {
		return adviceCodes[a]
	}
	return AdviceUpdate // the library has one that the binding does not
}
