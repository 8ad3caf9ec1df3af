package postern

import (
	"slices"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder/home"
)

// Change is what came of a decision of the owner's: what to hand out.  The policy
// goes to the lock with the owner's next tap, with guests, with couriers.
type Change struct{ c home.Change }

// Policy is the new policy; null where none was needed.
func (c *Change) Policy() []byte { return slices.Clone(c.c.Policy) }

// Renewed are guests whose phones want a new pass: theirs end with the policy.
func (c *Change) Renewed() *Renewals { return &Renewals{c.c.Renewed} }

// Lapsed are guests whose right ends with the policy and was not granted anew, since
// it was counted and nobody knows how much of it is left.
func (c *Change) Lapsed() *Guests { return &Guests{c.c.Lapsed} }

// Deny are the tags of grants, 16 hexadecimal digits each, that a co-owner's phone
// cannot withdraw by itself: the owner's has to, by [Box.Deny].
func (c *Change) Deny() *Texts {
	t := &Texts{}
	for _, d := range c.c.Deny {
		t.all = append(t.all, d.Tag.String())
	}
	return t
}

// Block keeps out guests, operators' staff, both or nobody, until it is called
// again.  The owner always opens.
func (b *Box) Block(guests, services bool) (*Change, error) {
	var modes credential.Block
	if guests {
		modes |= credential.BlockGuests
	}
	if services {
		modes |= credential.BlockServices
	}
	return b.changed(func(box *home.Box, now time.Time) (home.Change, error) { return box.Block(now, modes) })
}

// BlocksGuests reports whether guests are kept out.
func (b *Box) BlocksGuests() bool {
	return look(b, func(box *home.Box) bool { return box.Settings().Block.Has(credential.BlockGuests) })
}

// BlocksServices reports whether operators' staff are kept out.
func (b *Box) BlocksServices() bool {
	return look(b, func(box *home.Box) bool { return box.Settings().Block.Has(credential.BlockServices) })
}

// Kinds of notices, and what they ask visitors to do.
const (
	NoticeNone = "none" // there is no notice
	NoticeAway = "away"
	NoticeBack = "back"

	InstructionNone        = "none"
	InstructionHoldParcels = "hold-parcels" // keep parcels at the depot
	InstructionOtherPlace  = "other-place"  // use the other place that was agreed
	InstructionResume      = "resume"       // deliver as usual again
)

// Notice tells guests, operators' staff or both something, from and until a time in
// seconds since 1970; 0 leaves it open.
func (b *Box) Notice(kind, instruction string, from, until int64, guests, services bool) (*Change, error) {
	n, err := parseNotice(kind, instruction, from, until)
	if err != nil {
		return nil, err
	}
	if guests && n.Kind != 0 {
		n.Roles |= credential.NoticeGuests
	}
	if services && n.Kind != 0 {
		n.Roles |= credential.NoticeOperators
	}
	return b.changed(func(box *home.Box, now time.Time) (home.Change, error) { return box.Notice(now, n) })
}

func parseNotice(kind, instruction string, from, until int64) (n credential.Notice, err error) {
	kinds := map[string]credential.NoticeKind{NoticeNone: 0, NoticeAway: credential.NoticeAway, NoticeBack: credential.NoticeBack}
	instructions := map[string]credential.Instruction{
		InstructionNone: credential.InstructionNone, InstructionHoldParcels: credential.InstructionHoldParcels,
		InstructionOtherPlace: credential.InstructionOtherPlace, InstructionResume: credential.InstructionResume,
	}
	var known, understood bool
	if n.Kind, known = kinds[kind]; !known {
		return n, argument("notice %.20q: want one of the constants Notice…", kind)
	}
	if n.Instruction, understood = instructions[instruction]; !understood {
		return n, argument("instruction %.20q: want one of the constants Instruction…", instruction)
	}
	for at, seconds := range map[*credential.Time]int64{&n.From: from, &n.Until: until} {
		if seconds == 0 {
			continue
		}
		if *at, err = moment(seconds); err != nil {
			return n, err
		}
	}
	return n, nil
}

// Admit says what staff may do in the name of a service, one of the constants
// Service…, by a sum of constants Action…; 0 admits the service no more.
func (b *Box) Admit(service string, actions int) (*Change, error) {
	s, err := parseService(service)
	if err != nil {
		return nil, err
	}
	if actions < 0 || actions&^allActions != 0 {
		return nil, argument("Admit: want a sum of constants Action…, or 0")
	}
	return b.changed(func(box *home.Box, now time.Time) (home.Change, error) {
		return box.Admit(now, credential.Admission{Service: s, Actions: credential.Actions(actions)})
	})
}

// Admits returns what staff may do in the name of a service: a sum of constants
// Action…, 0 for nothing.
func (b *Box) Admits(service string) int {
	s, err := parseService(service)
	if err != nil {
		return 0
	}
	return look(b, func(box *home.Box) int {
		for _, a := range box.Settings().Services {
			if a.Service == s {
				return int(a.Actions)
			}
		}
		return 0
	})
}

// Services in whose name operators' staff come.
const (
	ServicePost        = "post"
	ServiceParcel      = "parcel"
	ServicePress       = "press"
	ServiceEnergy      = "energy"
	ServiceWater       = "water"
	ServiceTelecom     = "telecom"
	ServiceEmergency   = "emergency"
	ServiceMaintenance = "maintenance"
)

// parseService finds the service by its name in the registry.
func parseService(name string) (credential.Service, error) {
	for _, s := range []credential.Service{
		credential.ServicePost, credential.ServiceParcel, credential.ServicePress, credential.ServiceEnergy,
		credential.ServiceWater, credential.ServiceTelecom, credential.ServiceEmergency, credential.ServiceMaintenance,
	} {
		if s.String() == name {
			return s, nil
		}
	}
	return 0, argument("service %.20q: want one of the constants Service…", name)
}
