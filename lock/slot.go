package lock

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/wire"
)

// slot is what the lock keeps to resume with one holder (section 15.2): who it
// is, which stays, and the line of secrets, which steps with every opening.
type slot struct {
	holder slotHolder
	line   slotLine
}

// slotHolder says with whom the lock resumes.
type slotHolder struct {
	id          slotID
	fingerprint credential.Fingerprint // of the root grant's signature; zero for an owner
	// credential is the grant, with its parents behind it up to the root's, or
	// the claims set of an owner's bare key.
	credential []byte
}

// slotLine is where the line of secrets stands.
type slotLine struct {
	secret edhoc.ResumptionSecret
	left   uint8  // openings that the slot is still good for; 0 where there is none
	used   uint32 // sequence number of the last opening
}

// slotID names a slot by its credential, so that a credential has one slot.
type slotID [8]byte

// ownersSlot names the slot of an owner's claims set; a grant's slot bears its tag,
// so that another signature over the same content has no slot of its own.
func ownersSlot(claimsSet []byte) slotID {
	sum := sha256.Sum256(claimsSet)
	return slotID(sum[:])
}

// Lengths in bytes of what stands before the credential, and of a line.
const (
	slotHead = len(slotID{}) + len(credential.Fingerprint{})
	lineSize = len(edhoc.ResumptionSecret{}) + 1 + 4
)

func (h *slotHolder) value() []byte {
	if len(h.credential) == 0 {
		return nil
	}
	b := append(make([]byte, 0, slotHead+len(h.credential)), h.id[:]...)
	return append(append(b, h.fingerprint[:]...), h.credential...)
}

func (h *slotHolder) read(b []byte) error {
	if len(b) <= slotHead {
		return errRecord
	}
	h.id = slotID(b)
	h.fingerprint = credential.Fingerprint(b[len(h.id):])
	h.credential = slices.Clone(b[slotHead:])
	return nil
}

func (l *slotLine) value() []byte {
	if l.left == 0 {
		return nil
	}
	b := append(make([]byte, 0, lineSize), l.secret[:]...)
	return binary.BigEndian.AppendUint32(append(b, l.left), l.used)
}

func (l *slotLine) read(b []byte) error {
	if len(b) != lineSize {
		return errRecord
	}
	n := copy(l.secret[:], b)
	l.left, l.used = b[n], binary.BigEndian.Uint32(b[n+1:])
	return nil
}

// empty reports whether nobody can resume with the slot.
func (s *slot) empty() bool { return s.line.left == 0 || len(s.holder.credential) == 0 }

// slotOf returns the index of the credential's slot, and -1 where it has none.
func (s *state) slotOf(id slotID) int {
	return slices.IndexFunc(s.slots[:], func(o slot) bool { return !o.empty() && o.holder.id == id })
}

// keepSlot adds a new slot to a change: in the place of that of the same
// credential or, where there is no room, of the one that was used longest ago.
func (s *state) keepSlot(c *change, h slotHolder, l slotLine) {
	i := s.slotOf(h.id)
	if i < 0 {
		i = oldest(s.slots[:], func(o *slot) uint64 {
			if o.empty() {
				return 0
			}
			return uint64(o.line.used)
		})
	}
	c.put(cellSlot, i, h.value())
	c.put(cellSecret, i, l.value())
}

// dropSlot adds the end of a slot to a change.
func (s *state) dropSlot(c *change, i int) {
	if len(s.slots[i].holder.credential) > 0 {
		c.put(cellSlot, i, nil)
	}
	if s.slots[i].line.left > 0 {
		c.put(cellSecret, i, nil)
	}
}

// dropSlots ends the slots that a new policy leaves nothing of: those of bare
// keys that are no longer an owner's, and those of denied grants.
func (s *state) dropSlots(c *change, p *credential.Policy) {
	for i := range s.slots {
		o := &s.slots[i]
		if o.empty() {
			continue
		}
		stays := !p.Denies(credential.Tag(o.holder.id))
		if o.holder.fingerprint == (credential.Fingerprint{}) {
			key, err := credential.RereadClaimsSet(o.holder.credential)
			stays = err == nil && (key == p.Owner() || slices.Contains(p.CoOwners(), key))
		}
		if !stays {
			s.dropSlot(c, i)
		}
	}
}

// roomInSlot reports whether a credential, with its parents, is short enough to
// be kept in a slot.
func roomInSlot(credential []byte) bool { return len(credential) <= wire.LimitObjectBytes }
