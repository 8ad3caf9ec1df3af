package main

import (
	"fmt"

	"github.com/postern-lock/postern/credential"
)

// expectation says how a step must end.
type expectation struct {
	step    string
	outcome credential.Outcome
	reason  credential.Reason
	driven  int    // how often the bolt must have been driven
	entries int    // how many log entries must have been added
	shown   bool   // the phone must have shown its right, or must not have
	policy  uint32 // version of the policy that the lock must hold in the end
}

// expectations are what must come of every step, in order.  The program's exit
// status rests on them.
var expectations = []expectation{
	{"thief-commissions", credential.OutcomeRefused, credential.ReasonOwnerUnknown, 0, 0, true, 0},
	{"owner-commissions", credential.OutcomeDone, credential.ReasonNone, 0, 1, true, 0},
	{"first-policy", credential.OutcomeDone, credential.ReasonNone, 0, 0, true, 1},

	{"owner-opens", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true, 1},
	{"postman-first-visit", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true, 1},
	{"neighbour-opens", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true, 1},
	{"replay", credential.OutcomeRefused, credential.ReasonPossession, 0, 0, false, 1},
	{"next-street", credential.OutcomeRefused, credential.ReasonTarget, 0, 0, true, 1},

	{"postman-second-visit", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true, 1},
	{"yesterdays-grant", credential.OutcomeRefused, credential.ReasonExpired, 0, 0, true, 1},
	{"altered-grant", credential.OutcomeRefused, credential.ReasonSignature, 0, 0, true, 1},

	{"impostor-self-made", credential.OutcomeRefused, credential.ReasonIssuerUnknown, 0, 0, false, 1},
	{"impostor-other-lock", credential.OutcomeRefused, credential.ReasonLockIdentity, 0, 0, false, 1},
	{"impostor-recording", credential.OutcomeRefused, credential.ReasonPossession, 0, 0, false, 1},

	{"lost-early", credential.OutcomeRefused, credential.ReasonLink, 0, 0, false, 1},
	{"lost-early-again", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true, 1},
	{"lost-late", credential.OutcomeUnconfirmed, credential.ReasonLink, 1, 1, true, 1},
	{"lost-late-again", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true, 1},
	{"gathering-energy", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true, 1},
	{"owner-keeps-a-secret", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true, 1},
	{"owner-resumes", credential.OutcomeOpened, credential.ReasonNone, 1, 1, false, 1},

	{"parcel-with-receipt", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true, 1},
	{"courier-brings-block", credential.OutcomeRefused, credential.ReasonBlocked, 0, 0, true, 2},
	{"postman-blocked", credential.OutcomeRefused, credential.ReasonBlocked, 0, 0, true, 2},
	{"postman-lifts-block", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true, 3},

	{"child-on-friday", credential.OutcomeRefused, credential.ReasonHours, 0, 0, true, 3},
	{"child-opens", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true, 3},
	{"child-again", credential.OutcomeRefused, credential.ReasonUsesSpent, 0, 0, true, 3},
	{"neighbour-carries-notice", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true, 4},
	{"postman-sees-notice", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true, 4},
	{"sitter-opens", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true, 4},
	{"postman-carries-denial", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true, 5},
	{"sitter-denied", credential.OutcomeRefused, credential.ReasonDenied, 0, 0, true, 5},

	{"stand-in-delivers", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true, 5},
	{"courier-carries-list", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true, 5},
	{"thief-denied", credential.OutcomeRefused, credential.ReasonDenied, 0, 0, true, 5},
	{"courier-brings-log", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true, 5},
	{"altered-page", credential.OutcomeRefused, credential.ReasonChannel, 0, 0, false, 5},
	{"owner-reads-log", credential.OutcomeDone, credential.ReasonNone, 0, 0, false, 5},

	{"postman-carries-sale", credential.OutcomeOpened, credential.ReasonNone, 1, 2, true, 6},
	{"former-owner", credential.OutcomeRefused, credential.ReasonOwnerUnknown, 0, 0, true, 6},
	{"former-guest", credential.OutcomeRefused, credential.ReasonIssuerUnknown, 0, 0, true, 6},
	{"buyer-agrees-log-key", credential.OutcomeDone, credential.ReasonNone, 0, 0, true, 6},
	{"buyer-asks-for-proof", credential.OutcomeDone, credential.ReasonNone, 0, 0, true, 6},

	{"locker-wrong-door", credential.OutcomeRefused, credential.ReasonResource, 0, 0, true, 1},
	{"locker-opens", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true, 1},
}

// compare returns the differences, one line each.
func compare(all []record, expected []expectation) []string {
	var faults []string
	for i := range max(len(all), len(expected)) {
		switch {
		case i >= len(all):
			faults = append(faults, fmt.Sprintf("step %s was not played", expected[i].step))
		case i >= len(expected):
			faults = append(faults, fmt.Sprintf("step %s was not expected", all[i].name))
		default:
			r := &all[i]
			got := expectation{r.name, r.outcome, r.reason, r.driven, r.entries, r.shown, r.policyAfter}
			if got != expected[i] {
				faults = append(faults, fmt.Sprintf("step %s ended as %v, must be %v", r.name, got, expected[i]))
			}
		}
	}
	return faults
}

// String tells the ending in words.
func (e expectation) String() string {
	return fmt.Sprintf("%s (%s, %s, bolt driven %d times, %d log entries, right shown: %t, policy %d)",
		e.step, e.outcome, e.reason, e.driven, e.entries, e.shown, e.policy)
}
