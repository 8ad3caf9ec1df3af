package home

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/issuer"
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
	// since it was counted and nobody knows how much of it is left.  Grant it
	// again if you like.
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
// signed.  The errors are those of Set, and ErrGuest where there is no such one.
func (b *Box) RemoveCoOwner(now time.Time, key credential.PublicKey) (Change, error) {
	return b.decide(now, func(s *state) error {
		i := slices.Index(s.Settings.CoOwners, key)
		if i < 0 {
			return fmt.Errorf("%w: no co-owner has this key", ErrGuest)
		}
		s.Settings.CoOwners = slices.Delete(s.Settings.CoOwners, i, i+1)
		return nil
	})
}

// decide changes the state and signs the policy that follows from it.
func (b *Box) decide(now time.Time, alter func(*state) error) (change Change, err error) {
	at, err := moment(now)
	if err != nil {
		return Change{}, err
	}
	err = b.change(func(s *state) error {
		if err := s.mayDecide(); err != nil {
			return err
		}
		if err := alter(s); err != nil {
			return err
		}
		change, err = s.sign(b.signer, at, 1, false)
		return err
	})
	if err != nil {
		return Change{}, err
	}
	return change, nil
}

// sign makes the next policy, so many versions above the highest known.  With
// raise it ends every grant of before; it does that too where there are more
// withdrawn grants than a policy can name.
func (s *state) sign(signer *issuer.Owner, now credential.Time, step uint32, raise bool) (Change, error) {
	version, err := s.next(step)
	if err != nil {
		return Change{}, err
	}
	at := max(now, s.Issued)
	if s.Reset {
		at = now
	}
	// What is over by this policy's date need not be denied: the policy itself
	// lets the lock know that it is so late.
	s.Denied = slices.DeleteFunc(s.Denied, func(d credential.Denial) bool { return d.Expires < at })
	if raise || len(s.Denied) > wire.LimitDenied {
		s.raise(version)
	}
	policy, err := signer.Policy(s.claims(version, at))
	if errors.Is(err, credential.ReasonLimit) && len(s.Denied) > 0 {
		s.raise(version)
		policy, err = signer.Policy(s.claims(version, at))
	}
	if err != nil {
		return Change{}, err
	}
	s.Policy, s.Version, s.Issued = policy, version, at
	s.Confirmed, s.Doubt, s.Behind = false, false, false
	change := Change{Policy: policy}
	change.Renewed, change.Lapsed, err = s.revive(signer, now)
	return change, err
}

// next returns the version so many above the highest known, or what is left.
func (s *state) next(step uint32) (uint32, error) {
	most := uint64(min(uint64(s.Held)+wire.LimitVersionStep, math.MaxUint32))
	version := min(uint64(s.Version)+uint64(step), most)
	if version <= uint64(s.Version) {
		return 0, fmt.Errorf("%w: the lock holds %d and takes none above %d", ErrVersion, s.Held, most)
	}
	return uint32(version), nil
}

// raise ends every grant that was issued before a version, in place of denying
// them by name.
func (s *state) raise(version uint32) { s.Least, s.Denied = version, nil }

// claims are those of a policy.
func (s *state) claims(version uint32, at credential.Time) credential.PolicyClaims {
	c := credential.PolicyClaims{
		Lock: s.Lock, Version: version, IssuedAt: at, Least: s.Least,
		Block: s.Settings.Block, Services: s.Settings.Services, CoOwners: s.Settings.CoOwners,
		Anchors: s.Settings.Anchors, Notice: s.Settings.Notice, Reset: s.Reset,
	}
	for _, d := range s.Denied {
		c.Denied = append(c.Denied, d.Tag)
	}
	return c
}

// deny adds a grant to those that are denied, in their order.
func (s *state) deny(tag credential.Tag, expires credential.Time) {
	i, found := slices.BinarySearchFunc(s.Denied, tag, func(d credential.Denial, t credential.Tag) int { return bytes.Compare(d.Tag[:], t[:]) })
	if !found {
		s.Denied = slices.Insert(s.Denied, i, credential.Denial{Tag: tag, Expires: expires})
	}
}

// name writes a name into the book.
func (s *state) name(tag credential.Tag, name string) {
	if s.Book == nil {
		s.Book = map[credential.Tag]string{}
	}
	s.Book[tag] = name
}
