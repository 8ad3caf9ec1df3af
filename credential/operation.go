package credential

import (
	"fmt"

	"github.com/postern-lock/postern/internal/wire"
)

// Operation is what a phone asks of the lock: a number of the registry
// operations.
type Operation uint8

// The operations that this version implements.
const (
	OperationStatus    Operation = wire.OperationStatus
	OperationOpen      Operation = wire.OperationOpen
	OperationDeliver   Operation = wire.OperationDeliver
	OperationCollect   Operation = wire.OperationCollect
	OperationReturn    Operation = wire.OperationReturn
	OperationService   Operation = wire.OperationService
	OperationReadLog   Operation = wire.OperationReadLog
	OperationConfigure Operation = wire.OperationConfigure
)

// String returns the operation's name in the registry.
func (o Operation) String() string {
	if name := wire.OperationName(int64(o)); name != "" {
		return name
	}
	return fmt.Sprintf("operation-%d", uint8(o))
}

// Action returns the action that a grant must allow for the operation, 0 for
// those that need a right at the lock and no action, and whether the operation
// moves the bolt (section 7.7).
func (o Operation) Action() (action Actions, moves bool) {
	switch o {
	case OperationOpen:
		return ActionOpen, true
	case OperationDeliver:
		return ActionDeliver, true
	case OperationCollect:
		return ActionCollect, true
	case OperationReturn:
		return ActionReturn, true
	case OperationService:
		return ActionService, true
	case OperationReadLog:
		return ActionReadLog, false
	}
	return 0, false
}

// Outcome is what became of a request: a number of the registry outcomes.
type Outcome uint8

// The outcomes of the registry.
const (
	OutcomeDone        Outcome = wire.OutcomeDone
	OutcomeOpened      Outcome = wire.OutcomeOpened
	OutcomePending     Outcome = wire.OutcomePending
	OutcomeUnconfirmed Outcome = wire.OutcomeUnconfirmed
	OutcomeRefused     Outcome = wire.OutcomeRefused
	OutcomeFailed      Outcome = wire.OutcomeFailed
)

// String returns the outcome's name in the registry.
func (o Outcome) String() string {
	if name := wire.OutcomeName(int64(o)); name != "" {
		return name
	}
	return fmt.Sprintf("outcome-%d", uint8(o))
}
