package lock

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"

	"github.com/postern-lock/postern/credential"
)

// hedged draws from the maker's random source and mixes in what changes with
// every opening.  Where the source repeats itself after a loss of power, which
// an attacker who owns the field may bring about, a recorded opening still
// cannot be replayed: the log's sequence number has moved on.  A source that is
// stuck is refused (section 11.6).
type hedged struct {
	source io.Reader
	state  *state
	id     credential.LockID
	drawn  uint32
}

var errStuck = errors.New("lock: the random source is stuck")

// Read fills p: each 32 bytes are SHA-256 over 32 bytes of the source, the lock
// id, the sequence number, the floor and a counter.
func (h *hedged) Read(p []byte) (int, error) {
	for n := 0; n < len(p); {
		var raw [sha256.Size]byte
		if _, err := io.ReadFull(h.source, raw[:]); err != nil {
			return n, err
		}
		if stuck(raw) {
			return n, errStuck
		}
		h.drawn++
		b := append(raw[:], h.id[:]...)
		b = binary.BigEndian.AppendUint32(b, h.state.sequence)
		b = binary.BigEndian.AppendUint32(b, uint32(h.state.floor))
		b = binary.BigEndian.AppendUint32(b, h.drawn)
		sum := sha256.Sum256(b)
		n += copy(p[n:], sum[:])
	}
	return len(p), nil
}

// stuck reports whether all bytes are the same, which a good source gives once
// in 2^248 times.
func stuck(raw [sha256.Size]byte) bool {
	for _, b := range raw[1:] {
		if b != raw[0] {
			return false
		}
	}
	return true
}
