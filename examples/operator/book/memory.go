package book

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/postern-lock/postern/credential"
)

// memory is a Book that forgets when the program ends.
type memory struct {
	mu       sync.Mutex
	owners   map[credential.LockID]Owner
	nonces   map[[32]byte]credential.Time // until when
	couriers map[credential.LockID]map[[32]byte]credential.KeyID
	claims   map[credential.LockID]map[credential.KeyID]credential.Tag
	receipts []Receipt         // without a gap
	number   uint64            // of the newest that came
	kept     map[[32]byte]bool // digests of receipts
}

// NewMemory returns a Book that forgets when the program ends.
func NewMemory() Book {
	return &memory{
		owners:   make(map[credential.LockID]Owner),
		nonces:   make(map[[32]byte]credential.Time),
		couriers: make(map[credential.LockID]map[[32]byte]credential.KeyID),
		claims:   make(map[credential.LockID]map[credential.KeyID]credential.Tag),
		kept:     make(map[[32]byte]bool),
	}
}

func (m *memory) Owner(_ context.Context, lock credential.LockID) (Owner, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	o, ok := m.owners[lock]
	if !ok {
		return Owner{}, ErrNobody
	}
	return o, nil
}

func (m *memory) Own(_ context.Context, lock credential.LockID, o Owner) (Owner, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var there *Owner
	if known, ok := m.owners[lock]; ok {
		there = &known
	}
	o, err := Succeed(there, o)
	if err == nil {
		m.owners[lock] = o
	}
	return o, err
}

// Succeed returns what a book knows from now on, when a receipt proved an owner
// and the book knows of one already, or of nil.  The error is ErrOlder.  It is for
// those who implement a Book.
func Succeed(there *Owner, o Owner) (Owner, error) {
	o.Posted = 0
	switch {
	case there == nil:
		return o, nil
	case there.Key == o.Key:
		there.Sequence, there.Reached = max(there.Sequence, o.Sequence), max(there.Reached, o.Reached)
		return *there, nil
	case there.Sequence >= o.Sequence:
		return Owner{}, ErrOlder
	}
	o.Reached = max(o.Reached, there.Reached, there.Posted)
	return o, nil
}

func (m *memory) Reach(_ context.Context, lock credential.LockID, version uint32) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if o, ok := m.owners[lock]; ok {
		o.Reached = max(o.Reached, version)
		m.owners[lock] = o
	}
	return nil
}

func (m *memory) Posting(_ context.Context, lock credential.LockID, key credential.PublicKey, version uint32) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	o, ok := m.owners[lock]
	if !ok || o.Key != key {
		return ErrNobody
	}
	o.Posted = max(o.Posted, version)
	m.owners[lock] = o
	return nil
}

func (m *memory) Spend(_ context.Context, nonce [32]byte, until, now credential.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for n, end := range m.nonces {
		if end < now {
			delete(m.nonces, n)
		}
	}
	if _, ok := m.nonces[nonce]; ok {
		return ErrSpent
	}
	m.nonces[nonce] = until
	return nil
}

func (m *memory) Reserve(_ context.Context, lock credential.LockID, courier credential.KeyID, digests [][32]byte, most int) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	there := m.couriers[lock]
	count := 0
	for _, by := range there {
		if by == courier {
			count++
		}
	}
	fresh := make(map[[32]byte]bool)
	for _, d := range digests {
		if _, ok := there[d]; !ok {
			fresh[d] = true
		}
	}
	if count+len(fresh) > most {
		return ErrQuota
	}
	if there == nil {
		there = make(map[[32]byte]credential.KeyID)
		m.couriers[lock] = there
	}
	for d := range fresh {
		there[d] = courier
	}
	return nil
}

func (m *memory) Retain(_ context.Context, lock credential.LockID, digests [][32]byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.DeleteFunc(m.couriers[lock], func(d [32]byte, _ credential.KeyID) bool { return !slices.Contains(digests, d) })
	return nil
}
