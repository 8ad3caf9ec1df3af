// Package certificate says in a signed statement that a product conforms
// (chapter 24), and checks such a statement against the evidence beside it.
//
// Both ways are one: Judge draws the statement from the reports and profiles of the
// runs and refuses where a rule of the chapter is broken.  Verify draws it anew
// and compares it with the one that was signed.
package certificate

import "fmt"

// Refusal says why there is no certificate, or why one does not count.
type Refusal struct {
	Rule string // the requirement or section that it breaks
	What string // what is wrong
	Do   string // what helps
}

func (r *Refusal) Error() string { return fmt.Sprintf("%s (%s): %s", r.What, r.Rule, r.Do) }

// refuse makes a refusal; the arguments go with what is wrong.
func refuse(rule, do, what string, args ...any) error {
	return &Refusal{Rule: rule, What: fmt.Sprintf(what, args...), Do: do}
}

// The rules by which most is refused.
const (
	ruleCases   = "PST-CERT-003"
	ruleVerdict = "PST-CERT-004"
	ruleDigests = "PST-CERT-005"
	ruleKeys    = "PST-CERT-008"
	ruleAnswers = "PST-CERT-009"
	ruleSuite   = "PST-CERT-010"
	ruleLevel   = "section 24.2"
	ruleForm    = "section 24.4.1"
	ruleBundle  = "section 24.4.2"
	ruleTrust   = "section 24.4.3"
)
