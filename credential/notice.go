package credential

import (
	"fmt"

	"github.com/postern-lock/postern/internal/wire"
)

// Notice is what an owner lets visitors know: when nobody is at home, and what to
// do meanwhile (section 18.6).  It allows nothing and forbids nothing.
type Notice struct {
	Kind        NoticeKind // zero: there is no notice
	From        Time       // when it begins; zero leaves it open
	Until       Time       // when it ends, later than From; zero leaves it open
	Instruction Instruction
	// Roles are those who are shown the notice, in a policy.  What a lock shows
	// does not say who else is shown it: zero.
	Roles NoticeRoles
}

// NoticeKind is what a notice is about: a number of the registry notice-kinds.
type NoticeKind uint8

// The kinds of the registry.
const (
	NoticeAway NoticeKind = wire.NoticeAway // the owner is away
	NoticeBack NoticeKind = wire.NoticeBack // the owner is back
)

// String returns the name in the registry.
func (k NoticeKind) String() string {
	if name := wire.NoticeName(int64(k)); name != "" {
		return name
	}
	return fmt.Sprintf("notice-%d", uint8(k))
}

// Instruction is what visitors are asked to do: a number of the registry
// notice-instructions.
type Instruction uint8

// The instructions of the registry.
const (
	InstructionNone        Instruction = wire.NoticeInstructionNone        // none
	InstructionHoldParcels Instruction = wire.NoticeInstructionHoldParcels // keep parcels at the depot
	InstructionOtherPlace  Instruction = wire.NoticeInstructionOtherPlace  // use the other place that was agreed
	InstructionResume      Instruction = wire.NoticeInstructionResume      // deliver as usual again
)

// String returns the name in the registry.
func (i Instruction) String() string {
	if name := wire.NoticeInstructionName(int64(i)); name != "" {
		return name
	}
	return fmt.Sprintf("instruction-%d", uint8(i))
}

// NoticeRoles is a set of those who are shown a notice, a bit mask.
type NoticeRoles uint8

// Those who can be shown a notice.
const (
	NoticeGuests    NoticeRoles = 1 << iota // whoever comes by a grant of the owner's
	NoticeOperators                         // operators' staff
)

// Has reports whether the set holds every role of r.
func (s NoticeRoles) Has(r NoticeRoles) bool { return s&r == r }

// String returns the names of the roles joined by "+".
func (s NoticeRoles) String() string {
	return maskString(uint32(s), func(bit int64) string {
		switch NoticeRoles(bit) {
		case NoticeGuests:
			return "guests"
		case NoticeOperators:
			return "operators"
		}
		return ""
	})
}
