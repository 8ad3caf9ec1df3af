package ledger

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/postern-lock/postern/credential"
)

// NewMemory returns a store that forgets when the program ends.  It holds all
// that it is given, about 500 bytes for a grant.
func NewMemory() Store {
	return Checked(&memory{
		duties: map[DutyID]int{}, tags: map[credential.Tag]int{}, held: map[credential.KeyID][]int{},
		signers: map[credential.KeyID]*signer{}, boxes: map[credential.LockID]*box{}, lists: map[credential.KeyID]Document{},
	})
}

type memory struct {
	mu      sync.Mutex
	records []Record // the one with serial n at n-1
	newest  credential.Time
	// Indices into records.
	duties map[DutyID]int
	tags   map[credential.Tag]int
	held   map[credential.KeyID][]int

	signers map[credential.KeyID]*signer
	boxes   map[credential.LockID]*box
	lists   map[credential.KeyID]Document
}

// copied returns a record that shares nothing with r.
func copied(r Record) Record {
	r.Grant = bytes.Clone(r.Grant)
	return r
}

func (m *memory) Find(_ context.Context, duties []DutyID) ([]Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []Record
	for _, d := range duties {
		if i, ok := m.duties[d]; ok {
			found = append(found, copied(m.records[i]))
		}
	}
	return found, nil
}

func (m *memory) Commit(_ context.Context, at credential.Time, records []Record) ([]Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range records {
		if err := m.behind(min(at, r.IssuedAt)); err != nil {
			return nil, err
		}
	}
	for _, r := range records {
		if _, known := m.duties[r.Duty]; known {
			continue
		}
		if least := m.signer(r.Signer).least; r.IssuedAt < least {
			return nil, fmt.Errorf("%w: grant of duty %s is issued at %s, and its signer denies all before %s", ErrClock, r.Duty, r.IssuedAt, least)
		}
		if i, taken := m.tags[r.Tag]; taken {
			return nil, fmt.Errorf("%w: duty %s has the grant of duty %s", ErrConflict, r.Duty, m.records[i].Duty)
		}
	}
	kept := make([]Record, 0, len(records))
	for _, r := range records {
		kept = append(kept, copied(m.records[m.keep(r)]))
	}
	return kept, nil
}

// behind refuses a time that is too far behind the newest.
func (m *memory) behind(at credential.Time) error {
	if uint64(at)+uint64(ClockTolerance) < uint64(m.newest) {
		return fmt.Errorf("%w: it is %s, and the newest grant was issued at %s", ErrClock, at, m.newest)
	}
	return nil
}

// keep adds a record, unless its duty has one, and returns the index of that.
func (m *memory) keep(r Record) int {
	if i, known := m.duties[r.Duty]; known {
		return i
	}
	i := len(m.records)
	r.Serial = uint64(i) + 1
	m.records = append(m.records, copied(r))
	m.duties[r.Duty], m.tags[r.Tag] = i, i
	m.held[r.Holder] = append(m.held[r.Holder], i)
	m.newest = max(m.newest, r.IssuedAt)
	return i
}

func (m *memory) Since(_ context.Context, serial uint64, limit int) ([]Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if serial >= uint64(len(m.records)) {
		return nil, nil
	}
	newer := slices.Clone(m.records[serial:min(uint64(len(m.records)), serial+uint64(limit))])
	for i := range newer {
		newer[i] = copied(newer[i])
	}
	return newer, nil
}

func (m *memory) Held(_ context.Context, holder credential.KeyID, at credential.Time) ([]Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var held []Record
	for _, i := range m.held[holder] {
		if r := m.records[i]; r.Withdrawn == 0 && at < r.Expires && len(held) < MaxNewest {
			held = append(held, copied(r))
		}
	}
	return held, nil
}
