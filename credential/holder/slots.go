package holder

import (
	"crypto/sha256"
	"fmt"
	"io"
	"sync"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/wire"
)

// Slot is what a phone keeps to resume with one lock by one credential: two
// pairs and no public-key operation in place of three pairs and four.  It is
// secret: whoever has it can open the lock as the holder until the slot ends.
type Slot struct {
	// Secret is the oldest secret that the lock may hold.
	Secret [32]byte
	// Ahead is how many steps the lock may be further on, because answers of
	// it were lost: 0 to 4.  With 4 the slot is left alone until a full
	// exchange replaces it.
	Ahead int
	// Taps is how many openings the slot is still good for.
	Taps int
}

// Format keeps the secret out of what is printed, whatever the verb.
func (s Slot) Format(f fmt.State, _ rune) { io.WriteString(f, "holder.Slot") }

// SlotID names a slot: the lock, and the credential by the start of its SHA-256.
type SlotID struct {
	Lock       credential.LockID
	Credential [8]byte
}

// Slots keeps a phone's slots where it keeps secrets.
type Slots interface {
	// Load returns the slot, and whether there is one.
	Load(SlotID) (Slot, bool)
	// Store replaces the slot.  It has to last before it returns: a phone that
	// forgot a step could only go back to a full exchange.
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
	sum := sha256.Sum256(x.local().Cred)
	return SlotID{x.selection.Lock, [8]byte(sum[:])}
}

// secretAt returns the secret so many steps after the slot's own.
func (s Slot) secretAt(steps int) (*edhoc.ResumptionSecret, error) {
	secret := edhoc.ResumptionSecret(s.Secret)
	for range steps {
		next, err := secret.Next()
		if err != nil {
			return nil, err
		}
		secret = *next
	}
	return &secret, nil
}

// usable reports whether a resumption may be tried with the slot.
func (s Slot) usable() bool {
	return s.Taps > 0 && s.Ahead >= 0 && s.Ahead < wire.LimitResumptionSteps
}
