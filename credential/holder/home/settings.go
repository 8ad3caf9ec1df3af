package home

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/postern-lock/postern/credential"
)

// Settings are what the owner wants of the lock, beside the guests: all of it, not
// a change.
type Settings struct {
	Block    credential.Block       `json:"block,omitempty"`     // who does not open for now
	Services []credential.Admission `json:"services,omitempty"`  // services admitted, at most 8
	CoOwners []credential.PublicKey `json:"co_owners,omitempty"` // at most 4
	Anchors  []credential.PublicKey `json:"anchors,omitempty"`   // keys trusted like a scheme's, at most 2
	Notice   credential.Notice      `json:"notice,omitzero"`     // what visitors are told
}

// Change is what came of a method that changes the owner's will: what to hand
// out.  The policy goes to the lock by whoever comes there: the owner's own next
// tap, guests, couriers.
type Change struct {
	Policy []byte // the new policy; nil where none was needed
	// Renewed are guests whose grants were signed anew, since the former ones end
	// with the policy: their phones want the new passes.
	Renewed []Renewal
	// Lapsed are guests whose right ends with the policy and was not signed anew,
	// since it was counted and nobody knows how much of it is left, or since another
	// phone may have withdrawn it ([Box.Learn]).  Grant it again if you like.
	Lapsed []Guest
	// Deny is what a co-owner's phone cannot do by itself: the owner's has to, by
	// [Box.Deny].
	Deny []credential.Denial
}

// Settings returns what the owner wants at present, as a copy.
func (b *Box) Settings() Settings { return b.state.Settings.clone() }

func (s Settings) clone() Settings {
	s.Services = slices.Clone(s.Services)
	for i := range s.Services {
		s.Services[i].Hours = slices.Clone(s.Services[i].Hours)
	}
	s.CoOwners, s.Anchors = slices.Clone(s.CoOwners), slices.Clone(s.Anchors)
	return s
}

// Set changes several settings at once and signs one policy for them.
//
// Errors: ErrTime, ErrNotYours, ErrCoOwner, ErrGivenAway, ErrBehind, ErrVersion,
// ErrKeep; those of issuer.Owner.Policy for settings that every lock would refuse.
func (b *Box) Set(now time.Time, alter func(*Settings)) (Change, error) {
	return b.decide(now, func(s *state) error {
		alter(&s.Settings)
		slices.SortFunc(s.Settings.Services, func(a, b credential.Admission) int { return cmp.Compare(a.Service, b.Service) })
		return nil
	})
}

// Block keeps out whom the modes name, until they are taken off again: zero
// blocks nobody.  The owner and the co-owners always open.  The errors are those
// of Set.
func (b *Box) Block(now time.Time, modes credential.Block) (Change, error) {
	return b.Set(now, func(s *Settings) { s.Block = modes })
}

// Notice tells visitors something, and nothing more with the zero Notice.  The
// errors are those of Set.
func (b *Box) Notice(now time.Time, notice credential.Notice) (Change, error) {
	return b.Set(now, func(s *Settings) { s.Notice = notice })
}

// Admit says what staff may do in the name of a service, in place of what was said
// of it before; without actions the service is admitted no more.  The errors are
// those of Set.
func (b *Box) Admit(now time.Time, admission credential.Admission) (Change, error) {
	return b.Set(now, func(s *Settings) {
		s.Services = slices.DeleteFunc(s.Services, func(a credential.Admission) bool { return a.Service == admission.Service })
		if admission.Actions != 0 {
			s.Services = append(s.Services, admission)
		}
	})
}

// AddCoOwner names a co-owner, who opens, grants and reads the log as the owner
// does.  The co-owner's own phone is given the policy, for [Box.Join].  Somebody
// else has to bring it to the lock, which knows neither the co-owner nor the
// co-owner's guests before.
//
// Errors: those of Set; ErrGuest for a name that is none, or the owner's own key.
func (b *Box) AddCoOwner(now time.Time, name string, key credential.PublicKey) (Change, error) {
	return b.decide(now, func(s *state) error {
		if err := checkName(name); err != nil {
			return err
		}
		if key.IsZero() || key == s.Owner {
			return fmt.Errorf("%w: a co-owner has a key, and not the owner's", ErrGuest)
		}
		s.name(credential.Tag(credential.KeyIDOf(key)), name)
		if !slices.Contains(s.Settings.CoOwners, key) {
			s.Settings.CoOwners = append(s.Settings.CoOwners, key)
		}
		return nil
	})
}

// RemoveCoOwner ends a co-ownership, and with it every grant that the co-owner
// signed.  Where the key is named again, those that have not ended are good again:
// [Box.Heal] ends them for good.  The errors are those of Set, and ErrGuest where there
// is no such one.
func (b *Box) RemoveCoOwner(now time.Time, key credential.PublicKey) (Change, error) {
	remove := func(s *state) error {
		i := slices.Index(s.Settings.CoOwners, key)
		if i < 0 {
			return fmt.Errorf("%w: no co-owner has this key", ErrGuest)
		}
		s.Settings.CoOwners = slices.Delete(s.Settings.CoOwners, i, i+1)
		return nil
	}
	if b.state.before() && slices.Contains(b.state.Settings.CoOwners, key) {
		return changed(b, now, func(s *state, _ credential.Time) (Change, error) { return Change{}, remove(s) })
	}
	return b.decide(now, remove)
}
