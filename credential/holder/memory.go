package holder

import (
	"slices"
	"sync"

	"github.com/postern-lock/postern/credential"
)

// KnownLock is what a phone remembers of a lock.
type KnownLock struct {
	// Certificate is the lock's certificate; with it the phone asks by key id,
	// which saves about 146 bytes.
	Certificate []byte
	// Version is the highest version of the protocol that the lock has
	// proved to speak.  An older one is taken for an attack from then on.
	Version uint64
}

// Memory keeps what a phone remembers of locks, for as long as the app likes.
// Nothing in it is secret, and what it returns is verified again.
type Memory interface {
	// Recall returns what is known of the lock, and whether anything is.
	Recall(credential.LockID) (KnownLock, bool)
	// Remember replaces what is known of the lock.
	Remember(credential.LockID, KnownLock) error
}

// NewMemory returns a Memory that forgets when the program ends.  It is safe
// for concurrent use.
func NewMemory() Memory {
	return &memory{locks: make(map[credential.LockID]KnownLock)}
}

type memory struct {
	mu    sync.Mutex
	locks map[credential.LockID]KnownLock
}

func (m *memory) Recall(id credential.LockID) (KnownLock, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, ok := m.locks[id]
	return k, ok
}

func (m *memory) Remember(id credential.LockID, k KnownLock) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	k.Certificate = slices.Clone(k.Certificate)
	m.locks[id] = k
	return nil
}
