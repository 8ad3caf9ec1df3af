package ledger

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/postern-lock/postern/credential"
)

// box is what memory knows of one lock.
type box struct {
	area   []byte
	policy Document // the newest; its version is zero where there is none
	held   bool     // the lock holds the policy
	wanted bool     // the owner waits for the log
	pages  [][]byte
}

// box returns what is known of a lock.
func (m *memory) box(id credential.LockID) (*box, error) {
	b := m.boxes[id]
	if b == nil {
		return nil, fmt.Errorf("%w: lock %s; place it first", ErrUnknown, id)
	}
	return b, nil
}

func (m *memory) Place(_ context.Context, boxes []Box) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range boxes {
		if m.boxes[p.Lock] == nil {
			m.boxes[p.Lock] = new(box)
		}
		m.boxes[p.Lock].area = bytes.Clone(p.Area)
	}
	return nil
}

func (m *memory) Post(_ context.Context, d Document) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	d.Bytes = bytes.Clone(d.Bytes)
	if d.Lock == (credential.LockID{}) {
		if newer, err := follows(d, m.lists[d.Signer]); err != nil || !newer {
			return err
		}
		m.lists[d.Signer] = d
		s := m.signer(d.Signer)
		s.version = max(s.version, d.Version)
		return nil
	}
	b, err := m.box(d.Lock)
	if err != nil {
		return err
	}
	if newer, err := follows(d, b.policy); err != nil || !newer {
		return err
	}
	b.policy, b.held = d, false
	return nil
}

// follows reports whether a document is newer than the one that is there, and
// refuses one that is older, or another of the same version.
func follows(d, there Document) (newer bool, err error) {
	switch {
	case d.Version > there.Version:
		return true, nil
	case d.Version < there.Version:
		return false, fmt.Errorf("%w: version %d, the ledger has %d", ErrSuperseded, d.Version, there.Version)
	case d.Tag != there.Tag:
		return false, fmt.Errorf("%w: version %d has the tag %s, in the ledger %s", ErrConflict, d.Version, d.Tag, there.Tag)
	}
	return false, nil
}

func (m *memory) Outbox(_ context.Context, area []byte) (Load, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	inside := make(map[credential.LockID]bool)
	for id, b := range m.boxes {
		if !bytes.HasPrefix(b.area, area) {
			continue
		}
		if inside[id] = true; len(inside) > MaxBoxes {
			return Load{}, fmt.Errorf("%w: more than %d locks are in the area; ask for a longer prefix", ErrFull, MaxBoxes)
		}
	}
	return m.load(inside), nil
}

func (m *memory) OutboxOf(_ context.Context, locks []credential.LockID) (Load, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	named := make(map[credential.LockID]bool)
	for _, id := range locks {
		if m.boxes[id] != nil {
			named[id] = true
		}
	}
	return m.load(named), nil
}

// load returns what there is for locks that are known, and all lists.
func (m *memory) load(locks map[credential.LockID]bool) Load {
	var load Load
	for id := range locks {
		b := m.boxes[id]
		if b.policy.Version != 0 && !b.held {
			load.Policies = append(load.Policies, carried(b.policy))
		}
		if b.wanted {
			load.Logs = append(load.Logs, id)
		}
	}
	for _, list := range m.lists {
		load.Lists = append(load.Lists, carried(list))
	}
	slices.SortFunc(load.Policies, func(a, b Document) int { return bytes.Compare(a.Lock[:], b.Lock[:]) })
	slices.SortFunc(load.Logs, func(a, b credential.LockID) int { return bytes.Compare(a[:], b[:]) })
	slices.SortFunc(load.Lists, func(a, b Document) int { return bytes.Compare(a.Signer[:], b.Signer[:]) })
	return load
}

// carried returns a document that shares nothing with d.
func carried(d Document) Document {
	d.Bytes = bytes.Clone(d.Bytes)
	return d
}

func (m *memory) Delivered(_ context.Context, deliveries []Delivery) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, d := range deliveries {
		if b := m.boxes[d.Lock]; b != nil && b.policy.Version != 0 && b.policy.Tag == d.Tag {
			b.held = true
		}
	}
	return nil
}

func (m *memory) WantLog(_ context.Context, lock credential.LockID, wanted bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, err := m.box(lock)
	if err == nil {
		b.wanted = wanted
	}
	return err
}

func (m *memory) Bring(_ context.Context, lock credential.LockID, pages [][]byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, err := m.box(lock)
	switch {
	case err != nil:
		return err
	case !b.wanted:
		return fmt.Errorf("%w: nobody waits for the log of lock %s", ErrUnknown, lock)
	}
	there := slices.Clip(b.pages)
	for _, p := range pages {
		if !holds(there, p) {
			there = append(there, bytes.Clone(p))
		}
	}
	if len(there) > MaxPages {
		return fmt.Errorf("%w: %d pages of lock %s would wait for its owner, at most %d do", ErrFull, len(there), lock, MaxPages)
	}
	b.pages = there
	return nil
}

// holds reports whether the page is among the pages.
func holds(pages [][]byte, page []byte) bool {
	return slices.ContainsFunc(pages, func(p []byte) bool { return bytes.Equal(p, page) })
}

func (m *memory) Pages(_ context.Context, lock credential.LockID) ([][]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, err := m.box(lock)
	if err != nil {
		return nil, err
	}
	pages := slices.Clone(b.pages)
	for i := range pages {
		pages[i] = bytes.Clone(pages[i])
	}
	return pages, nil
}

func (m *memory) Taken(_ context.Context, lock credential.LockID, pages [][]byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, err := m.box(lock)
	if err != nil {
		return err
	}
	b.pages = slices.DeleteFunc(b.pages, func(p []byte) bool { return holds(pages, p) })
	return nil
}
