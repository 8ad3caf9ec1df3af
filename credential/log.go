package credential

import (
	"crypto/sha256"
	"fmt"

	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

// LogEntry is one line of a lock's log (section 7.9): what happened, when as far
// as the lock knows, and which company or which of the owner's grants it was.
// It names no person.
type LogEntry struct {
	Sequence  uint32     // rises by one with every entry, from 1; zero where a receipt hides it
	Time      Time       // what the evidence proves; with EvidenceFloor the lock's floor
	Evidence  Evidence   // how well the lock knew the time
	Operation Operation  // what was asked
	Outcome   LogOutcome // what came of it
	Reason    Reason     // of a failure
	Role      Role       // whose right it was; RoleNone for what nobody asked for
	Service   Service    // the operator's service
	Who       Tag        // tag of the grant, or the key id of an owner's bare key; zero for neither
	Resource  uint8      // compartment; zero for none
	Reference Reference  // what the tap was about; zero for none
}

// LogOutcome is what came of an operation, as the log tells it: a number of the
// registry log-outcomes.
type LogOutcome uint8

// The outcomes of the registry.
const (
	LogStarted      LogOutcome = wire.LogOutcomeStarted      // the right was good, and the bolt was about to be driven
	LogFailed       LogOutcome = wire.LogOutcomeFailed       // the opening that the entry before started did not move the bolt
	LogCommissioned LogOutcome = wire.LogOutcomeCommissioned // a vacant lock took its first owner
	LogTransferred  LogOutcome = wire.LogOutcomeTransferred  // a policy gave the lock to a new owner
	LogReset        LogOutcome = wire.LogOutcomeReset        // setup secret and inside button gave the lock to a new owner
	LogTamper       LogOutcome = wire.LogOutcomeTamper       // the lock's own sensor says that somebody tampered with it
)

// String returns the outcome's name in the registry.
func (o LogOutcome) String() string {
	if name := wire.LogOutcomeName(int64(o)); name != "" {
		return name
	}
	return fmt.Sprintf("log-outcome-%d", uint8(o))
}

// Role says whose right an operation rested on: a number of the registry roles.
type Role uint8

// The roles of the registry, and none.
const (
	RoleNone     Role = 0 // nobody's: the lock reports something of its own accord
	RoleOwner    Role = wire.RoleOwner
	RoleGuest    Role = wire.RoleGuest
	RoleOperator Role = wire.RoleOperator
)

// String returns the role's name in the registry, and "nobody" for none.
func (r Role) String() string {
	if r == RoleNone {
		return "nobody"
	}
	if name := wire.RoleName(int64(r)); name != "" {
		return name
	}
	return fmt.Sprintf("role-%d", uint8(r))
}

// String returns the entry in one line, for people.
func (e LogEntry) String() string {
	s := fmt.Sprintf("%s %s", e.Operation, e.Outcome)
	if e.Sequence != 0 {
		s = fmt.Sprintf("#%d %s", e.Sequence, s)
	}
	if e.Reason != ReasonNone {
		s += " for " + e.Reason.String()
	}
	s += " by " + e.Role.String()
	if e.Role == RoleOperator {
		s += " " + e.Service.String()
	}
	if e.Evidence == EvidenceFloor {
		s += ", not before " + e.Time.String()
	} else {
		s += fmt.Sprintf(", at %s (%s)", e.Time, e.Evidence)
	}
	switch {
	case e.Who == Tag{}:
	case e.Role == RoleOwner:
		s += ", key " + e.Who.String()
	default:
		s += ", grant " + e.Who.String()
	}
	if e.Resource != 0 {
		s += fmt.Sprintf(", compartment %d", e.Resource)
	}
	if e.Reference != (Reference{}) {
		s += ", reference " + e.Reference.String()
	}
	return s
}

// check applies the rules for an entry.  A receipt can hide its number.
func (e *LogEntry) check(what string, hidden bool) error {
	switch {
	case e.Sequence == 0 && !hidden:
		return fault(ReasonMalformed, "%s: sequence: counts from 1", what)
	case e.Evidence > EvidenceClock:
		return fault(ReasonMalformed, "%s: evidence: %s is not in the registry", what, e.Evidence)
	case e.Outcome < LogStarted || e.Outcome > LogTamper:
		return fault(ReasonMalformed, "%s: outcome: %s is not in the registry", what, e.Outcome)
	case e.Role > RoleOperator:
		return fault(ReasonMalformed, "%s: role: %s is not in the registry", what, e.Role)
	case e.Role == RoleNone && e.Outcome != LogTamper:
		return fault(ReasonMalformed, "%s: role: is missing, and only %s has none", what, LogTamper)
	case e.Service != ServiceNone && e.Role != RoleOperator:
		return fault(ReasonMalformed, "%s: service: goes with the role operator alone", what)
	}
	return nil
}

// logEntryFields is how many fields an entry has.
const logEntryFields = 11

// read decodes the fields of an entry, after the head of its array.  The numbers
// of registries that grow can be any of 8 bits.
//
//	entry = [ sequence, time, evidence: 0..3, operation, outcome, reason, role: 0..3, service,
//	          who: bstr .size 8 / h'', resource: 0..255, reference: bstr .size 8 / h'' ]
func (e *LogEntry) read(r *reader) {
	const most = 1<<8 - 1
	e.Sequence = r.number("entry: sequence")
	e.Time = Time(r.number("entry: time"))
	e.Evidence = Evidence(r.small("entry: evidence", most))
	e.Operation = Operation(r.small("entry: operation", most))
	e.Outcome = LogOutcome(r.small("entry: outcome", most))
	e.Reason = Reason(r.small("entry: reason", most))
	e.Role = Role(r.small("entry: role", most))
	e.Service = Service(r.number("entry: service"))
	r.optional("entry: who", e.Who[:])
	e.Resource = uint8(r.small("entry: resource", most))
	r.optional("entry: reference", e.Reference[:])
}

// append encodes the entry.
func (e *LogEntry) append(b []byte) []byte {
	b = dcbor.AppendArray(b, logEntryFields)
	for _, v := range [...]uint32{
		e.Sequence, uint32(e.Time), uint32(e.Evidence), uint32(e.Operation), uint32(e.Outcome), uint32(e.Reason),
		uint32(e.Role), uint32(e.Service),
	} {
		b = dcbor.AppendUint(b, uint64(v))
	}
	b = appendOptional(b, e.Who[:])
	b = dcbor.AppendUint(b, uint64(e.Resource))
	return appendOptional(b, e.Reference[:])
}

// appendOptional appends a byte string that is empty where v is all zero.
func appendOptional(b, v []byte) []byte {
	if zero(v) {
		return dcbor.AppendBytes(b, nil)
	}
	return dcbor.AppendBytes(b, v)
}

// LogHead binds all entries of a log up to one: SHA-256 over the head before it
// and the entry, 32 bytes (section 19.2).  It is zero before the first entry.
type LogHead [sha256.Size]byte

// Next returns the head after one more entry.
func (h LogHead) Next(e LogEntry) LogHead {
	var b [len(h) + logEntryBytes]byte
	return sha256.Sum256(e.append(append(b[:0], h[:]...)))
}

// logEntryBytes is the length of the longest entry, encoded.
const logEntryBytes = 1 + 2*5 + 5*2 + 5 + 9 + 2 + 9
