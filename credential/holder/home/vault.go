package home

import (
	"encoding/json"
	"fmt"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
)

// parseHistory reads a history that was kept; no bytes are none.
func parseHistory(data []byte, lock credential.LockID) (h holder.History, err error) {
	h.Lock = lock
	if len(data) == 0 {
		return h, nil
	}
	if err := decode(data, &h); err != nil {
		return holder.History{}, err
	}
	if h.Lock != lock {
		return holder.History{}, fmt.Errorf("%w: the history is of lock %s", ErrState, h.Lock)
	}
	return h, nil
}

func encodeHistory(h *holder.History) ([]byte, error) {
	b, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrState, err)
	}
	return b, nil
}

// parseVault reads the log keys that were kept; no bytes are none.
func parseVault(data []byte) (holder.LogKeys, error) {
	if len(data) == 0 {
		return nil, nil
	}
	var list [][]byte
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, fmt.Errorf("%w: the vault is no list", ErrState) // and nothing of it in the error
	}
	var keys holder.LogKeys
	for _, b := range list {
		if len(b) != 32 {
			return nil, fmt.Errorf("%w: the vault has a key of another size", ErrState)
		}
		keys = append(keys, holder.NewLogKey([32]byte(b)))
	}
	return keys, nil
}

func encodeVault(keys holder.LogKeys) []byte {
	list := make([][]byte, len(keys))
	for i, k := range keys {
		b := k.Bytes()
		list[i] = b[:]
	}
	data, _ := json.Marshal(list) // of byte strings, which cannot fail
	return data
}
