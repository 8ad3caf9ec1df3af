package credential

import (
	"fmt"

	"github.com/postern-lock/postern/internal/wire"
)

// Reason says which rule was broken: a number of the registry reasons.  A
// Reason is an error itself, so that errors.Is(err, credential.ReasonExpired)
// answers for any error of the project's packages.
type Reason uint8

// The reasons that this version of the standard uses.  Their meanings stand in
// the registry reasons and in chapter 9 of the specification.
const (
	ReasonNone             Reason = wire.ReasonNone
	ReasonMalformed        Reason = wire.ReasonMalformed
	ReasonLimit            Reason = wire.ReasonLimit
	ReasonObjectType       Reason = wire.ReasonObjectType
	ReasonAlgorithm        Reason = wire.ReasonAlgorithm
	ReasonSignature        Reason = wire.ReasonSignature
	ReasonIssuerUnknown    Reason = wire.ReasonIssuerUnknown
	ReasonAuthorityRight   Reason = wire.ReasonAuthorityRight
	ReasonAuthorityExpired Reason = wire.ReasonAuthorityExpired
	ReasonGrantTooLong     Reason = wire.ReasonGrantTooLong
	ReasonService          Reason = wire.ReasonService
	ReasonTarget           Reason = wire.ReasonTarget
	ReasonAction           Reason = wire.ReasonAction
	ReasonConditionUnknown Reason = wire.ReasonConditionUnknown
	ReasonNotYetValid      Reason = wire.ReasonNotYetValid
	ReasonExpired          Reason = wire.ReasonExpired
	ReasonPolicyVersion    Reason = wire.ReasonPolicyVersion
	ReasonOperationUnknown Reason = wire.ReasonOperationUnknown
	ReasonSequence         Reason = wire.ReasonSequence
	ReasonState            Reason = wire.ReasonState
	ReasonDrive            Reason = wire.ReasonDrive
	ReasonPossession       Reason = wire.ReasonPossession
	ReasonChannel          Reason = wire.ReasonChannel
	ReasonVersion          Reason = wire.ReasonVersion
	ReasonSuite            Reason = wire.ReasonSuite
	ReasonLockIdentity     Reason = wire.ReasonLockIdentity
	ReasonOwnerUnknown     Reason = wire.ReasonOwnerUnknown
	ReasonLink             Reason = wire.ReasonLink
	ReasonBusy             Reason = wire.ReasonBusy
	ReasonDowngrade        Reason = wire.ReasonDowngrade
	ReasonStatusWord       Reason = wire.ReasonStatusWord
	ReasonDenied           Reason = wire.ReasonDenied
	ReasonBlocked          Reason = wire.ReasonBlocked
	ReasonHours            Reason = wire.ReasonHours
	ReasonUsesSpent        Reason = wire.ReasonUsesSpent
	ReasonEvidence         Reason = wire.ReasonEvidence
	ReasonResumption       Reason = wire.ReasonResumption
	ReasonDelegation       Reason = wire.ReasonDelegation
	ReasonNotAdmitted      Reason = wire.ReasonNotAdmitted
	ReasonResource         Reason = wire.ReasonResource
	ReasonTableFull        Reason = wire.ReasonTableFull
	ReasonSuperseded       Reason = wire.ReasonSuperseded
)

// String returns the reason's name in the registry, such as "expired".
func (r Reason) String() string {
	if name := wire.ReasonName(int64(r)); name != "" {
		return name
	}
	return fmt.Sprintf("reason-%d", uint8(r))
}

// Error returns the reason's name in the registry.
func (r Reason) Error() string { return r.String() }

// Error is the error of this package: the rule that was broken, where, and
// what caused it.
type Error struct {
	Reason Reason // rule, from the registry reasons
	Detail string // object and field, and what to do about it
	Err    error  // cause, or nil
}

// Error returns reason, detail and cause in one line.
func (e *Error) Error() string {
	s := "credential: " + e.Reason.String() + ": " + e.Detail
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

// fault returns an *Error with a formatted detail.
func fault(r Reason, format string, args ...any) error {
	return &Error{Reason: r, Detail: fmt.Sprintf(format, args...)}
}
