package credential

import (
	"fmt"
	"strings"

	"github.com/postern-lock/postern/internal/wire"
)

// Actions is a set of actions, a bit mask of the registry actions.
type Actions uint32

// The actions of the registry.
const (
	ActionOpen      Actions = wire.ActionOpen
	ActionDeliver   Actions = wire.ActionDeliver
	ActionCollect   Actions = wire.ActionCollect
	ActionReturn    Actions = wire.ActionReturn
	ActionService   Actions = wire.ActionService
	ActionReadLog   Actions = wire.ActionReadLog
	ActionConfigure Actions = wire.ActionConfigure
)

// allActions are the actions that a grant can hold.
const allActions = ActionOpen | ActionDeliver | ActionCollect | ActionReturn | ActionService | ActionReadLog | ActionConfigure

// Has reports whether the set holds every action of a.
func (s Actions) Has(a Actions) bool { return s&a == a }

// String returns the names of the actions joined by "+".
func (s Actions) String() string { return maskString(uint32(s), wire.ActionName) }

// Rights is what an authority may do, a bit mask of the registry rights.
type Rights uint32

// The rights of the registry.
const (
	RightIssue  Rights = wire.RightIssue
	RightRevoke Rights = wire.RightRevoke
	RightTime   Rights = wire.RightTime
	RightLock   Rights = wire.RightLock
)

// allRights are the rights that an authority can hold.
const allRights = RightIssue | RightRevoke | RightTime | RightLock

// Has reports whether the set holds every right of r.
func (s Rights) Has(r Rights) bool { return s&r == r }

// String returns the names of the rights joined by "+".
func (s Rights) String() string { return maskString(uint32(s), wire.RightName) }

// maskString names the bits of a mask.
func maskString(mask uint32, name func(int64) string) string {
	if mask == 0 {
		return "none"
	}
	var parts []string
	for bit := uint32(1); bit != 0; bit <<= 1 {
		if mask&bit == 0 {
			continue
		}
		n := name(int64(bit))
		if n == "" {
			n = fmt.Sprintf("bit-%#x", bit)
		}
		parts = append(parts, n)
	}
	return strings.Join(parts, "+")
}
