package holder

import (
	"slices"
	"sync"

	"github.com/postern-lock/postern/credential"
)

// KnownLock is what a phone remembers of a lock.
type KnownLock struct {
	// Certificates are the lock's certificates, one for each cipher suite that
	// was used; with one the phone asks by key id, which saves about 140 bytes.
	Certificates [][]byte
	// Version is the highest version of the protocol that the lock has
	// proved to speak.  An older one is taken for an attack from then on.
	Version uint64
}

// Memory keeps what a phone remembers of locks, for as long as the app likes.
// Nothing in it is secret, and what it returns is verified again: certificates
// that are spoilt or of another lock are passed over.
type Memory interface {
	// Recall returns what is known of the lock, and whether anything is.
	Recall(credential.LockID) (KnownLock, bool)
	// Remember replaces what is known of the lock.  The tap goes on whatever
	// it returns.
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
	return k.clone(), ok
}

func (m *memory) Remember(id credential.LockID, k KnownLock) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.locks[id] = k.clone()
	return nil
}

// clone returns a copy that shares no memory.
func (k KnownLock) clone() KnownLock {
	k.Certificates = slices.Clone(k.Certificates)
	for i := range k.Certificates {
		k.Certificates[i] = slices.Clone(k.Certificates[i])
	}
	return k
}
