package postern

import (
	"encoding/json"
	"fmt"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
)

// vaultSlots keeps slots in the platform's vault.  A slot that cannot be read or
// written costs a full exchange and nothing else.
type vaultSlots struct{ vault Vault }

func slotName(id holder.SlotID) string { return fmt.Sprintf("slot-%v-%x", id.Lock, id.Credential) }

// Load returns the slot, and whether there is one.
func (v vaultSlots) Load(id holder.SlotID) (holder.Slot, bool) {
	var slot holder.Slot
	b, err := v.vault.Load(slotName(id))
	if err != nil || len(b) == 0 || len(b) > maxItem || json.Unmarshal(b, &slot) != nil {
		return holder.Slot{}, false
	}
	return slot, true
}

// Store replaces the slot.
func (v vaultSlots) Store(id holder.SlotID, slot holder.Slot) error {
	b, err := json.Marshal(slot)
	if err != nil {
		return err
	}
	defer clear(b)
	return v.vault.Store(slotName(id), b)
}

// Delete forgets the slot.
func (v vaultSlots) Delete(id holder.SlotID) error { return v.vault.Delete(slotName(id)) }

// memoryLocks keeps what is known of locks in the platform's memory.
type memoryLocks struct{ memory Memory }

func memoryName(id credential.LockID) string { return "lock-" + id.String() }

// Recall returns what is known of the lock, and whether anything is.
func (m memoryLocks) Recall(id credential.LockID) (holder.KnownLock, bool) {
	var known holder.KnownLock
	b, err := m.memory.Load(memoryName(id))
	if err != nil || len(b) == 0 || len(b) > maxItem || json.Unmarshal(b, &known) != nil {
		return holder.KnownLock{}, false
	}
	return known, true
}

// Remember replaces what is known of the lock.
func (m memoryLocks) Remember(id credential.LockID, known holder.KnownLock) error {
	b, err := json.Marshal(known)
	if err != nil {
		return err
	}
	return m.memory.Store(memoryName(id), b)
}
