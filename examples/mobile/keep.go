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

func logKeysName(lock credential.LockID) string { return "log-" + lock.String() }

// loadLogKeys returns the keys of a lock's log; none where the vault has none.
func loadLogKeys(vault Vault, lock credential.LockID) (holder.LogKeys, error) {
	if vault == nil {
		return nil, argument("Platform.Vault is missing, which keeps the keys of logs")
	}
	b, err := vault.Load(logKeysName(lock))
	if err != nil {
		return nil, &fault{code: CodePlatform, detail: "the vault did not load the keys of the log", err: err}
	}
	if len(b) > maxItem || len(b)%32 != 0 {
		return nil, &fault{code: CodePlatform, detail: "what the vault keeps as keys of the log is none"}
	}
	defer clear(b)
	var keys holder.LogKeys
	for ; len(b) > 0; b = b[32:] {
		keys = append(keys, holder.NewLogKey([32]byte(b)))
	}
	return keys, nil
}

// storeLogKeys replaces the keys of a lock's log.
func storeLogKeys(vault Vault, lock credential.LockID, keys holder.LogKeys) error {
	var b []byte
	defer func() { clear(b) }()
	for _, key := range keys {
		secret := key.Bytes()
		b = append(b, secret[:]...)
	}
	if err := vault.Store(logKeysName(lock), b); err != nil {
		return &fault{code: CodePlatform, detail: "the vault did not store the keys of the log", err: err}
	}
	return nil
}
