package home

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/issuer"
)

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
	before := s.Least
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
	first := s.Policy == nil
	s.Policy, s.Version, s.Issued = policy, version, at
	s.Confirmed, s.Doubt, s.Behind = false, false, false
	change := Change{Policy: policy}
	change.Renewed, change.Lapsed, err = s.revive(signer, now, before, first)
	if s.Restored {
		s.Restored, s.Learnt = false, version // and who lapsed is granted again by nothing but Grant and Heal
	}
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
	s.Denied[i].Expires = max(s.Denied[i].Expires, expires) // who knows better knows a later end
}

// name writes a name into the book.
func (s *state) name(tag credential.Tag, name string) {
	if s.Book == nil {
		s.Book = map[credential.Tag]string{}
	}
	s.Book[tag] = name
}
