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
