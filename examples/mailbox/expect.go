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
	driven  int  // how often the bolt must have been driven
	entries int  // how many log entries must have been added
	shown   bool // the phone must have shown its right, or must not have
}

// expectations are what must come of every step, in order.  The program's exit
// status rests on them.
var expectations = []expectation{
	{"thief-commissions", credential.OutcomeRefused, credential.ReasonOwnerUnknown, 0, 0, true},
	{"owner-commissions", credential.OutcomeDone, credential.ReasonNone, 0, 1, true},
	{"first-policy", credential.OutcomeDone, credential.ReasonNone, 0, 0, true},

	{"owner-opens", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true},
	{"postman-first-visit", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true},
	{"neighbour-opens", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true},
	{"replay", credential.OutcomeRefused, credential.ReasonPossession, 0, 0, false},
	{"next-street", credential.OutcomeRefused, credential.ReasonTarget, 0, 0, true},

	{"postman-second-visit", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true},
	{"yesterdays-grant", credential.OutcomeRefused, credential.ReasonExpired, 0, 0, true},
	{"altered-grant", credential.OutcomeRefused, credential.ReasonSignature, 0, 0, true},

	{"impostor-self-made", credential.OutcomeRefused, credential.ReasonIssuerUnknown, 0, 0, false},
	{"impostor-other-lock", credential.OutcomeRefused, credential.ReasonLockIdentity, 0, 0, false},
	{"impostor-recording", credential.OutcomeRefused, credential.ReasonPossession, 0, 0, false},

	{"lost-early", credential.OutcomeRefused, credential.ReasonLink, 0, 0, false},
	{"lost-early-again", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true},
	{"lost-late", credential.OutcomeUnconfirmed, credential.ReasonLink, 1, 1, true},
	{"lost-late-again", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true},
	{"gathering-energy", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true},
	{"owner-keeps-a-secret", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true},
	{"owner-resumes", credential.OutcomeOpened, credential.ReasonNone, 1, 1, false},

	{"parcel-with-receipt", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true},
	{"courier-brings-block", credential.OutcomeRefused, credential.ReasonBlocked, 0, 0, true},
	{"postman-blocked", credential.OutcomeRefused, credential.ReasonBlocked, 0, 0, true},
	{"postman-lifts-block", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true},

	{"child-on-friday", credential.OutcomeRefused, credential.ReasonHours, 0, 0, true},
	{"child-opens", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true},
	{"child-again", credential.OutcomeRefused, credential.ReasonUsesSpent, 0, 0, true},
	{"neighbour-carries-notice", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true},
	{"postman-sees-notice", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true},
	{"sitter-opens", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true},
	{"postman-carries-denial", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true},
	{"sitter-denied", credential.OutcomeRefused, credential.ReasonDenied, 0, 0, true},

	{"stand-in-delivers", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true},
	{"courier-carries-list", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true},
	{"thief-denied", credential.OutcomeRefused, credential.ReasonDenied, 0, 0, true},
	{"courier-brings-log", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true},
	{"altered-page", credential.OutcomeRefused, credential.ReasonChannel, 0, 0, false},
	{"owner-reads-log", credential.OutcomeDone, credential.ReasonNone, 0, 0, false},

	{"postman-carries-sale", credential.OutcomeOpened, credential.ReasonNone, 1, 2, true},
	{"former-owner", credential.OutcomeRefused, credential.ReasonOwnerUnknown, 0, 0, true},
	{"former-guest", credential.OutcomeRefused, credential.ReasonIssuerUnknown, 0, 0, true},
	{"buyer-agrees-log-key", credential.OutcomeDone, credential.ReasonNone, 0, 0, true},
	{"buyer-asks-for-proof", credential.OutcomeDone, credential.ReasonNone, 0, 0, true},

	{"locker-wrong-door", credential.OutcomeRefused, credential.ReasonResource, 0, 0, true},
	{"locker-opens", credential.OutcomeOpened, credential.ReasonNone, 1, 1, true},
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
			got := expectation{r.name, r.outcome, r.reason, r.driven, r.entries, r.shown}
			if got != expected[i] {
				faults = append(faults, fmt.Sprintf("step %s ended as %v, must be %v", r.name, got, expected[i]))
			}
		}
	}
	return faults
}

// String tells the ending in words.
func (e expectation) String() string {
	return fmt.Sprintf("%s (%s, %s, bolt driven %d times, %d log entries, right shown: %t)",
		e.step, e.outcome, e.reason, e.driven, e.entries, e.shown)
}
