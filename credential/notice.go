package credential

import (
	"fmt"

	"github.com/postern-lock/postern/internal/dcbor"
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

// allNoticeRoles are those who can be named.
const allNoticeRoles = NoticeGuests | NoticeOperators

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

// For returns the notice as somebody in the role is shown it, and none where it
// does not name the role.
func (n Notice) For(r Role) Notice {
	shown := r == RoleGuest && n.Roles.Has(NoticeGuests) || r == RoleOperator && n.Roles.Has(NoticeOperators)
	if !shown {
		return Notice{}
	}
	n.Roles = 0
	return n
}

// check applies the rules for a notice that is there.
func (n Notice) check(what string) error {
	switch {
	case n.Kind < NoticeAway || n.Kind > NoticeBack:
		return fault(ReasonMalformed, "%s: kind: %s is not in the registry", what, n.Kind)
	case n.From != 0 && n.Until != 0 && n.Until <= n.From:
		return fault(ReasonMalformed, "%s: until: %s must be after from %s, or be open", what, n.Until, n.From)
	case n.Instruction > InstructionResume:
		return fault(ReasonMalformed, "%s: instruction: %s is not in the registry", what, n.Instruction)
	case n.Roles == 0 || n.Roles&^allNoticeRoles != 0:
		return fault(ReasonMalformed, "%s: roles: %s are none or unknown", what, n.Roles)
	}
	return nil
}

// read decodes a notice.
//
//	notice = [ kind: 1..2, from: uint32, until: uint32, instruction: 0..3, roles: 1..3 ]
func (n *Notice) read(r *reader) {
	r.array("notice", 5, 5, ReasonMalformed)
	n.Kind = NoticeKind(r.from1("notice: kind", uint32(NoticeBack)))
	n.From = Time(r.number("notice: from"))
	n.Until = Time(r.number("notice: until"))
	n.Instruction = Instruction(r.small("notice: instruction", uint32(InstructionResume)))
	n.Roles = NoticeRoles(r.from1("notice: roles", uint32(allNoticeRoles)))
}

// append encodes a notice that is there.
func (n Notice) append(b []byte) []byte {
	b = dcbor.AppendUint(dcbor.AppendArray(b, 5), uint64(n.Kind))
	b = dcbor.AppendUint(b, uint64(n.From))
	b = dcbor.AppendUint(b, uint64(n.Until))
	b = dcbor.AppendUint(b, uint64(n.Instruction))
	return dcbor.AppendUint(b, uint64(n.Roles))
}
