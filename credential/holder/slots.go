package holder

import (
	"crypto/sha256"
	"fmt"
	"io"
	"sync"

	"github.com/postern-lock/postern/credential"
)

// Slot is what a phone keeps to resume with one lock by one credential: two
// pairs and no public-key operation in place of three pairs and four.  It is
// secret: whoever has it can open the lock as the holder until the slot ends.
type Slot struct {
	// Secret is the one that the lock held when its last sealed answer came.
	Secret [32]byte
	// Taps is how many openings the slot is still good for.
	Taps int
	// Maker is SHA-256 over the manufacturer's certificate under which the lock
	// was proved, and Scheme the key id of the root above it: a phone that no
	// longer has both does not use the slot.
	Maker  [32]byte
	Scheme credential.KeyID
}

// Format keeps the secret out of what is printed, whatever the verb.
func (s Slot) Format(f fmt.State, _ rune) { io.WriteString(f, "holder.Slot") }

// SlotID names a slot: the lock, and the credential by the tag of the grant or the
// start of SHA-256 over the owner's claims set.
type SlotID struct {
	Lock       credential.LockID
	Credential [8]byte
}

// Slots keeps a phone's slots where it keeps secrets.
type Slots interface {
	// Load returns the slot, and whether there is one.
	Load(SlotID) (Slot, bool)
	// Store replaces the slot.  A phone that forgets one, or a step of it, goes
	// back to a full exchange.
	Store(SlotID, Slot) error
	// Delete forgets the slot.
	Delete(SlotID) error
}

// NewSlots returns Slots that forget when the program ends.  They are safe for
// concurrent use.
func NewSlots() Slots { return &slots{all: make(map[SlotID]Slot)} }

type slots struct {
	mu  sync.Mutex
	all map[SlotID]Slot
}

func (s *slots) Load(id SlotID) (Slot, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.all[id]
	return v, ok
}

func (s *slots) Store(id SlotID, v Slot) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all[id] = v
	return nil
}

func (s *slots) Delete(id SlotID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, id)
	return nil
}

// slotID names the slot of this exchange.
func (x *exchange) slotID() SlotID {
	if x.grant != nil {
		return SlotID{x.selection.Lock, x.grant.Tag()}
	}
	sum := sha256.Sum256(x.local().Cred)
	return SlotID{x.selection.Lock, [8]byte(sum[:])}
}
