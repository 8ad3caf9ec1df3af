package lock

import (
	"encoding/binary"
	"fmt"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/wire"
)

// Entry is one line of the lock's log (section 7.9): what happened, when as far
// as the lock knows, and which company or which of the owner's grants it was.
// It names no person.
type Entry struct {
	Sequence  uint32               // rises by one with every entry, from 1
	Floor     credential.Time      // the lock's time floor then: it was this late or later
	Operation credential.Operation // what was asked
	Outcome   LogOutcome           // what came of it
	Reason    credential.Reason    // of a failure
	Role      Role                 // whose right it was
	Service   credential.Service   // the operator's service
	Grant     credential.Tag       // tag of the grant; zero for the owner's bare key
}

// String returns the entry in one line.
func (e Entry) String() string {
	who := e.Role.String()
	if e.Role == RoleOperator {
		who += " " + e.Service.String()
	}
	s := fmt.Sprintf("#%d %s %s by %s, not before %s", e.Sequence, e.Operation, e.Outcome, who, e.Floor)
	if e.Grant != (credential.Tag{}) {
		s += ", grant " + e.Grant.String()
	}
	return s
}

// LogOutcome is what came of an operation, as the log tells it.
type LogOutcome uint8

// The outcomes of the registry log-outcomes.
const (
	LogStarted LogOutcome = wire.LogOutcomeStarted // the right was good, and the bolt was about to be driven
	LogFailed  LogOutcome = wire.LogOutcomeFailed  // the opening that the entry before started did not move the bolt
)

// String returns the outcome's name in the registry.
func (o LogOutcome) String() string { return wire.LogOutcomeName(int64(o)) }

// Role says whose right an operation rested on.
type Role uint8

// The roles of the registry.
const (
	RoleOwner    Role = wire.RoleOwner
	RoleGuest    Role = wire.RoleGuest
	RoleOperator Role = wire.RoleOperator
)

// String returns the role's name in the registry.
func (r Role) String() string { return wire.RoleName(int64(r)) }

// entrySize is the length of an entry in flash in bytes.
const entrySize = 4 + 4 + 1 + 1 + 1 + 1 + 4 + wire.LimitTagBytes

// appendTo appends the entry as it stands in flash.
func (e *Entry) appendTo(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, e.Sequence)
	b = binary.BigEndian.AppendUint32(b, uint32(e.Floor))
	b = append(b, byte(e.Operation), byte(e.Outcome), byte(e.Reason), byte(e.Role))
	b = binary.BigEndian.AppendUint32(b, uint32(e.Service))
	return append(b, e.Grant[:]...)
}

func decodeEntry(b []byte) (Entry, error) {
	if len(b) != entrySize {
		return Entry{}, errRecord
	}
	return Entry{
		Sequence:  binary.BigEndian.Uint32(b),
		Floor:     credential.Time(binary.BigEndian.Uint32(b[4:])),
		Operation: credential.Operation(b[8]),
		Outcome:   LogOutcome(b[9]),
		Reason:    credential.Reason(b[10]),
		Role:      Role(b[11]),
		Service:   credential.Service(binary.BigEndian.Uint32(b[12:])),
		Grant:     credential.Tag(b[16:]),
	}, nil
}
