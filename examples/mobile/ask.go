package postern

import (
	"sync"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
)

// Operations that a phone can ask for.
const (
	OperationStatus  = "status"
	OperationOpen    = "open"
	OperationDeliver = "deliver"
	OperationCollect = "collect"
	OperationReturn  = "return"
	OperationService = "service"
	OperationReadLog = "read-log"
)

// parseOperation finds the operation by its name in the registry.
func parseOperation(name string) (credential.Operation, error) {
	for _, o := range []credential.Operation{
		credential.OperationStatus, credential.OperationOpen, credential.OperationDeliver, credential.OperationCollect,
		credential.OperationReturn, credential.OperationService, credential.OperationReadLog,
	} {
		if o.String() == name {
			return o, nil
		}
	}
	return 0, argument("operation %.20q: want one of the constants Operation…", name)
}

// Ask is what a phone asks of a lock.
type Ask struct {
	mu  sync.Mutex
	ask holder.Ask
}

// NewAsk asks for an operation, one of the constants Operation….
func NewAsk(operation string) (*Ask, error) {
	return guarded(func() (*Ask, error) {
		o, err := parseOperation(operation)
		return &Ask{ask: holder.Ask{Operation: o}}, err
	})
}

// SetCompartment names a door of a locker, 1 to 255; 0 is the main one.
func (a *Ask) SetCompartment(number int) error {
	return a.set(number >= 0 && number <= 255, "SetCompartment: want 0 to 255", func(ask *holder.Ask) { ask.Resource = uint8(number) })
}

// SetReference says what the tap is about, a parcel for example: 8 bytes.
func (a *Ask) SetReference(reference []byte) error {
	return a.set(len(reference) == 8, "SetReference: want 8 bytes", func(ask *holder.Ask) { ask.Reference = credential.Reference(reference) })
}

// SetReceipt asks the lock to sign what it did.
func (a *Ask) SetReceipt(wanted bool) error {
	return a.set(true, "", func(ask *holder.Ask) { ask.Receipt = wanted })
}

// SetLogPages is how many pages of the log to take along, 0 to 4.
func (a *Ask) SetLogPages(pages int) error {
	return a.set(pages >= 0 && pages <= 4, "SetLogPages: want 0 to 4", func(ask *holder.Ask) { ask.LogPages = pages })
}

func (a *Ask) set(good bool, want string, change func(*holder.Ask)) error {
	return attempt(func() error {
		if a == nil || !good {
			return argument("%s", want)
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		change(&a.ask)
		return nil
	})
}

// value returns what is asked now; null asks for the state.
func (a *Ask) value() holder.Ask {
	if a == nil {
		return holder.Ask{}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.ask
}
