// Package cases is what the cases of the conformance suite are written with: a
// Case says what it shows, and T and Lock are what its functions work with.
// README.md is the guide for authors.
package cases

import (
	"fmt"
	"strconv"
	"time"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/spec"
)

// Polarity says whether a case shows that the good passes or that the bad is
// refused.
type Polarity string

// The polarities.
const (
	Positive Polarity = "positive"
	Negative Polarity = "negative"
)

// Case is one case.  A positive one has Run; a negative one has Act, Fault,
// Passes and Allowed, and is carried out by the twin rule (see README.md).
type Case struct {
	ID       string // for example "LOCK-APDU-012"; never given to another case
	Revision int    // from 1; rises when what the case asks for changes
	Title    string // what is tried, in a few words
	Role     shim.Role
	// Requirements are the ids that the case shows, each perhaps with a row as in
	// "PST-APDU-023#6".
	Requirements []string
	// When says for which products the case is, by the grammar of section 1.1,
	// beyond what its requirements say; empty is always.
	When spec.Profile
	// Needs are the verbs beside power and transceive.  A case with keys needs
	// provision.
	Needs []shim.Verb

	// Fixed says that the parties are those of vectors: another seed changes nothing,
	// and the case is carried out with the first one alone.
	Fixed bool

	// Setup brings a product that has just left its factory into the state that
	// the case begins in; nil leaves it so.
	Setup func(*T)
	// Run is a positive case.
	Run func(*T)

	// Fault says in one sentence what is wrong, for people.
	Fault string
	// Act is one tap, from the moment when the field comes.  With faulty it does
	// the same with the one fault.  It returns what the product made of it.
	Act func(t *T, faulty bool) Outcome
	// Passes are what the tap without the fault may come to, Allowed with it.
	Passes, Allowed []Outcome
	// Changes are the observables that the refused tap may change, where the
	// standard says that it does: names of Observed.
	Changes []string

	// After, where it is not nil, is for an Act that begins with a fresh lock of its
	// own and itself compares what can be observed at every step.  It stands for the
	// last good tap of the twin rule, which would show nothing of the lock that
	// refused.
	After func(*T)

	// Budget is the longest that the case may take; zero is ten minutes.
	Budget time.Duration
}

// Polarity returns which of the two the case is.
func (c *Case) Polarity() Polarity {
	if c.Act != nil {
		return Negative
	}
	return Positive
}

// Outcome is what a product made of a tap, as far as the other side can tell: a
// status word, or what was said in the channel.
type Outcome string

// words tells the outcome to people: a status word with its meaning.
func (o Outcome) words() string {
	if sw, err := strconv.ParseUint(string(o), 16, 16); err == nil && len(o) == 4 {
		return apdu.Status(sw).String()
	}
	return string(o)
}

// Silence is no answer at all.  It is never allowed: a time-out is no refusal.
const Silence Outcome = "silence"

// SW is an answer that is a status word alone, or ends with it.
func SW(s apdu.Status) Outcome { return Outcome(fmt.Sprintf("%04X", uint16(s))) }

// Said is an answer in the channel, for example "done" or "refused: expired".
func Said(o credential.Outcome, r credential.Reason) Outcome {
	if r == credential.ReasonNone {
		return Outcome(o.String())
	}
	return Outcome(o.String() + ": " + r.String())
}

// Refused is the answer "refused" with the reason.
func Refused(r credential.Reason) Outcome { return Said(credential.OutcomeRefused, r) }

// Opened is what a good opening comes to, with a sensor at the bolt or without.
var Opened = []Outcome{"opened", "unconfirmed"}

// The status words as outcomes.
var (
	OK            = SW(apdu.StatusOK)
	WrongLength   = SW(apdu.StatusWrongLength)
	ChainExpected = SW(apdu.StatusChainExpected)
	Denied        = SW(apdu.StatusRefused)
	OutOfOrder    = SW(apdu.StatusOutOfOrder)
	NotFound      = SW(apdu.StatusNotFound)
	WrongP1P2     = SW(apdu.StatusWrongP1P2)
	InsUnknown    = SW(apdu.StatusInsUnknown)
	ClaUnknown    = SW(apdu.StatusClaUnknown)
	Failure       = SW(apdu.StatusFailure)
)
