package handset

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/credential/holder/home"
)

// memory is what the handset must not forget.  It has the names of guests and the
// log keys, and never leaves the phone but in a backup.
type memory struct {
	Format int                         `json:"format"`
	Boxes  []*kept                     `json:"boxes,omitempty"`
	Passes []pass                      `json:"passes,omitempty"`
	Locks  map[string]holder.KnownLock `json:"locks,omitempty"`
}

const memoryFormat = 1

// kept is what the handset keeps of a box of the owner's.
type kept struct {
	Lock    credential.LockID `json:"lock"`
	Name    string            `json:"name"` // the owner's own
	State   json.RawMessage   `json:"state,omitempty"`
	History json.RawMessage   `json:"history,omitempty"`
	Vault   json.RawMessage   `json:"vault,omitempty"`

	// Receipt is the lock's statement that it is this owner's, for the service, with
	// the lock's certificates; nil before the first tap.
	Receipt      []byte   `json:"receipt,omitempty"`
	Certificates [][]byte `json:"certificates,omitempty"`
	// Chosen says that whom to admit is the owner's choice, to admit nobody too: the
	// first choice was made for him when he moved in.
	Chosen     bool   `json:"chosen,omitempty"`
	Registered bool   `json:"registered,omitempty"` // the service took it
	Posted     uint32 `json:"posted,omitempty"`     // version of the newest policy that the service has
	Shown      uint32 `json:"shown,omitempty"`      // version that receipts show the lock to have reached, says the service
	Said       uint32 `json:"said,omitempty"`       // version that a visitor says he brought, of which there is no receipt
	Outdone    bool   `json:"outdone,omitempty"`    // the service has a policy of a higher version, and does not take this owner's

	Newest []byte `json:"newest,omitempty"` // the newest policy that was under way
	Known  []byte `json:"known,omitempty"`  // the newest one that the lock was known to hold
	// Given are the tags of the newest grants of guests whose passes were shown, by
	// the guests' key ids.
	Given map[credential.KeyID]credential.Tag `json:"given,omitempty"`

	box *home.Box
}

// pass is what the handset keeps of a pass for somebody else's box.
type pass struct {
	ID   credential.Tag  `json:"id"` // of the grant
	Lock string          `json:"lock"`
	Pass credential.Pass `json:"pass"`
}

// errMemory says that the memory cannot be read.
var errMemory = errors.New("handset: the memory cannot be read")

// remember reads a memory; no bytes are an empty one.
func (h *Handset) remember(data []byte) error {
	h.memory = memory{Format: memoryFormat}
	if len(data) > 0 {
		if err := json.Unmarshal(data, &h.memory); err != nil {
			return fmt.Errorf("%w: %w", errMemory, err)
		}
		if err := h.memory.check(); err != nil {
			return fmt.Errorf("%w: %w", errMemory, err)
		}
	}
	if h.memory.Locks == nil {
		h.memory.Locks = map[string]holder.KnownLock{}
	}
	for _, k := range h.memory.Boxes {
		var err error
		if k.box, err = home.Load(h.key, k.saved(), h.keep(k)); err != nil {
			return err
		}
	}
	return nil
}

// check refuses what no handset writes.
func (m *memory) check() error {
	if m.Format != memoryFormat {
		return fmt.Errorf("it has the form %d, want %d", m.Format, memoryFormat)
	}
	if slices.Contains(m.Boxes, nil) {
		return errors.New("a box is missing")
	}
	for _, p := range m.Passes {
		if _, err := p.Pass.Links(); err != nil || len(p.Pass.Chain) == 0 {
			return errors.New("a pass has no grant")
		}
	}
	return nil
}

// saved is what the Box of a kept box is loaded from.
func (k *kept) saved() home.Saved {
	return home.Saved{State: k.State, History: k.History, Vault: k.Vault}
}

// keep returns the function that keeps what a Box must not forget, which is kept
// when it returns.
func (h *Handset) keep(k *kept) home.Keep {
	return func(s home.Saved) error {
		before := *k
		for _, part := range []struct {
			to   *json.RawMessage
			from []byte
		}{{&k.State, s.State}, {&k.History, s.History}, {&k.Vault, s.Vault}} {
			if part.from != nil {
				*part.to = slices.Clone(part.from)
			}
		}
		if err := h.save(); err != nil {
			*k = before
			return err
		}
		return nil
	}
}

// save has the phone keep the memory.
func (h *Handset) save() error {
	data, err := json.Marshal(h.memory)
	if err != nil {
		return err
	}
	if string(data) == string(h.written) {
		return nil
	}
	if err := h.config.Save(data); err != nil {
		return err
	}
	h.written = data
	return nil
}

// boxOf returns the box with the number.
func (h *Handset) boxOf(lock string) (*kept, error) {
	i := slices.IndexFunc(h.memory.Boxes, func(k *kept) bool { return k.Lock.String() == lock })
	if i < 0 {
		return nil, fmt.Errorf("handset: there is no box %q here", lock)
	}
	return h.memory.Boxes[i], nil
}

// locks remembers locks in the memory: a holder.Memory.
type locks struct{ h *Handset }

// Recall returns what is known of a lock.
func (l locks) Recall(id credential.LockID) (holder.KnownLock, bool) {
	known, ok := l.h.memory.Locks[id.String()]
	return known, ok
}

// Remember notes what is known of a lock; it is kept at the end of the action.
func (l locks) Remember(id credential.LockID, known holder.KnownLock) error {
	l.h.memory.Locks[id.String()] = known
	return nil
}
