package book

import (
	"context"
	"maps"

	"github.com/postern-lock/postern/credential"
)

func (m *memory) Claim(_ context.Context, claims []Claim, most int) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range claims {
		there := m.claims[c.Lock]
		if there == nil {
			there = make(map[credential.KeyID]credential.Tag)
			m.claims[c.Lock] = there
		}
		maps.DeleteFunc(there, func(_ credential.KeyID, tag credential.Tag) bool { return tag != c.Tag })
		if len(there) < most {
			there[c.Courier] = c.Tag
		}
	}
	return nil
}

func (m *memory) Claims(_ context.Context, locks []credential.LockID) ([]Claim, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []Claim
	for _, lock := range locks {
		for courier, tag := range m.claims[lock] {
			all = append(all, Claim{Lock: lock, Tag: tag, Courier: courier})
		}
	}
	return all, nil
}

func (m *memory) Settle(_ context.Context, locks []credential.LockID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, lock := range locks {
		delete(m.claims, lock)
	}
	return nil
}
