package lock

import (
	"crypto/sha256"
	"slices"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/wire"
)

// slot is what the lock keeps to resume with one holder (section 15.2).
type slot struct {
	id          slotID
	secret      edhoc.ResumptionSecret
	left        uint8                  // openings that it is still good for
	fingerprint credential.Fingerprint // of the grant's signature; zero for an owner
	credential  []byte                 // grant, or the claims set of an owner's bare key
}

// slotID names a slot by its credential, so that a credential has one slot.
type slotID [8]byte

// step is what an opening does to the slot that it was resumed from.
type step struct {
	id     slotID
	secret edhoc.ResumptionSecret
	left   uint8
}

// Lengths in bytes of a step in flash, and of what stands before the credential
// in a slot.
const (
	stepSize = len(slotID{}) + len(edhoc.ResumptionSecret{}) + 1
	slotHead = stepSize + len(credential.Fingerprint{})
)

// ownersSlot names the slot of an owner's claims set; a grant's slot bears its tag,
// so that another signature over the same content has no slot of its own.
func ownersSlot(claimsSet []byte) slotID {
	sum := sha256.Sum256(claimsSet)
	return slotID(sum[:])
}

// hasSlot reports whether there is a slot of the id.
func (s *state) hasSlot(id slotID) bool {
	return slices.ContainsFunc(s.slots, func(o slot) bool { return o.id == id })
}

// keep takes a slot in.  It replaces that of the same credential; where there is
// no room, the one that was used longest ago goes.
func (s *state) keep(v slot) {
	s.slots = slices.DeleteFunc(s.slots, func(o slot) bool { return o.id == v.id })
	s.slots = remember(s.slots, v, wire.LimitSlots)
}

// take moves the slot that was used to the end, with its next secret.  A slot
// that is used up goes.
func (s *state) take(v step) {
	i := slices.IndexFunc(s.slots, func(o slot) bool { return o.id == v.id })
	if i < 0 {
		return
	}
	used := s.slots[i]
	used.secret, used.left = v.secret, v.left
	s.slots = slices.Delete(s.slots, i, i+1)
	if used.left > 0 {
		s.slots = append(s.slots, used)
	}
}

func (v *step) appendTo(b []byte) []byte {
	b = append(b, v.id[:]...)
	b = append(b, v.secret[:]...)
	return append(b, v.left)
}

func (v *step) appendRecord(b []byte) []byte {
	return v.appendTo(appendRecord(b, recordStep, stepSize))
}

func (v *slot) appendRecord(b []byte) []byte {
	head := step{v.id, v.secret, v.left}
	b = head.appendTo(appendRecord(b, recordSlot, slotHead+len(v.credential)))
	b = append(b, v.fingerprint[:]...)
	return append(b, v.credential...)
}

func decodeStep(b []byte) (step, error) {
	if len(b) != stepSize {
		return step{}, errRecord
	}
	return step{slotID(b), edhoc.ResumptionSecret(b[len(slotID{}):]), b[stepSize-1]}, nil
}

func decodeSlot(b []byte) (slot, error) {
	if len(b) <= slotHead {
		return slot{}, errRecord
	}
	head, err := decodeStep(b[:stepSize])
	if err != nil {
		return slot{}, err
	}
	return slot{head.id, head.secret, head.left, credential.Fingerprint(b[stepSize:]), slices.Clone(b[slotHead:])}, nil
}
