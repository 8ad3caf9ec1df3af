package shim

import "slices"

// Verb is what the suite asks of a shim.
type Verb string

// The verbs.  README.md says what each does.
const (
	VerbPower      Verb = "power"
	VerbDeselect   Verb = "deselect"
	VerbTransceive Verb = "transceive"
	VerbMeet       Verb = "meet"
	VerbProvision  Verb = "provision"
	VerbBolt       Verb = "bolt"
	VerbDrive      Verb = "drive"
	VerbButton     Verb = "button"
	VerbTamper     Verb = "tamper"
	VerbClock      Verb = "clock"
	VerbAdvance    Verb = "advance"
	VerbRandom     Verb = "random"
	VerbOperations Verb = "operations"
	VerbCut        Verb = "cut"
	VerbState      Verb = "state"
	VerbRefusal    Verb = "refusal"
	VerbTap        Verb = "tap"
	VerbPresent    Verb = "present"
	VerbCommand    Verb = "command"
	VerbLeave      Verb = "leave"
	VerbAsk        Verb = "ask"
	VerbTake       Verb = "take"
	VerbIssue      Verb = "issue"
)

// Role is what a product plays (section 23.1).
type Role string

// The roles.
const (
	RoleLock   Role = "lock"
	RoleApp    Role = "app"
	RoleIssuer Role = "issuer"
)

// verbs are those of each role.  The first of them are mandatory.
var verbs = map[Role]struct {
	mandatory int
	all       []Verb
}{
	RoleLock: {2, []Verb{
		VerbPower, VerbTransceive, VerbDeselect, VerbMeet, VerbProvision, VerbBolt, VerbDrive, VerbButton, VerbTamper, VerbClock,
		VerbAdvance, VerbRandom, VerbOperations, VerbCut, VerbState, VerbRefusal,
	}},
	RoleApp:    {2, []Verb{VerbProvision, VerbTap, VerbPresent, VerbCommand, VerbLeave, VerbAsk, VerbTake}},
	RoleIssuer: {2, []Verb{VerbProvision, VerbIssue}},
}

// Verbs returns the verbs that a shim of the role may have.
func Verbs(r Role) []Verb { return slices.Clone(verbs[r].all) }

// Level is how far the suite reaches into a product (section 24.2).
type Level uint8

// The levels of the registry.
const (
	L0 Level = iota // black box
	L1              // test keys
	L2              // hooks
)

// Level returns the level at which a verb belongs.
func (v Verb) Level() Level {
	switch v {
	case VerbPower, VerbDeselect, VerbTransceive, VerbMeet, VerbPresent, VerbCommand, VerbLeave, VerbAsk, VerbTake:
		return L0
	case VerbProvision, VerbTap, VerbIssue:
		return L1
	}
	return L2
}

// hooks are the verbs without which there is no level 2.
var hooks = []Verb{VerbBolt, VerbOperations, VerbCut, VerbState}

// Level returns the level that the verbs of a shim reach.
func (h Hello) Level() Level {
	switch {
	case !h.Has(VerbProvision):
		return L0
	case slices.ContainsFunc(hooks, func(v Verb) bool { return !h.Has(v) }):
		return L1
	}
	return L2
}

// Has reports whether the shim has the verb.
func (h Hello) Has(v Verb) bool { return slices.Contains(h.Verbs, v) }
