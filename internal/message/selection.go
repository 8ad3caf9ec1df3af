package message

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

// AID is the name of the application: F0, then "POSTERN", then the major
// version of the binding.
const AID = "\xF0POSTERN\x01"

// Class is the class of the protected commands.
const Class = 0x80

// Nonce is the lock's nonce of one transaction.
type Nonce [wire.LimitNonceBytes]byte

// Selection is what the lock says of itself in answer to SELECT.
type Selection struct {
	Version      uint64 // highest version of the protocol that the lock speaks
	Capabilities uint64 // bit mask of the registry capabilities
	Lock         credential.LockID
	Nonce        Nonce
}

// selection is the content of the answer.
//
//	selection = [ version: uint, capabilities: uint, lock-id: bstr .size 8, nonce: bstr .size 16 ]
type selection struct {
	_            struct{} `cbor:",toarray"`
	Version      uint64
	Capabilities uint64
	Lock         []byte
	Nonce        []byte
}

// Tags of the template around the answer, ISO/IEC 7816-4, 7.4.3.
const (
	tagTemplate    = 0x6F // file control information
	tagProprietary = 0x85 // proprietary information, not in BER-TLV
)

var errSelection = errors.New("answer to SELECT is malformed")

// SelectCommand returns the SELECT command.
func SelectCommand() apdu.Command { return apdu.Select([]byte(AID)) }

// Encode returns the response data of SELECT.
func (s Selection) Encode() []byte {
	b := dcbor.AppendArray(make([]byte, 4, 48), 4)
	b = dcbor.AppendUint(b, s.Version)
	b = dcbor.AppendUint(b, s.Capabilities)
	b = dcbor.AppendBytes(b, s.Lock[:])
	b = dcbor.AppendBytes(b, s.Nonce[:])
	b[0], b[1], b[2], b[3] = tagTemplate, byte(len(b)-2), tagProprietary, byte(len(b)-4)
	return b
}

// ParseSelection decodes the response data of SELECT.
func ParseSelection(data []byte) (Selection, error) {
	if len(data) < 4 || len(data) > 127 || data[0] != tagTemplate || int(data[1]) != len(data)-2 ||
		data[2] != tagProprietary || int(data[3]) != len(data)-4 {
		return Selection{}, fmt.Errorf("%w: want 6F len 85 len", errSelection)
	}
	var s selection
	if err := dcbor.Unmarshal(data[4:], &s); err != nil {
		return Selection{}, fmt.Errorf("%w: %w", errSelection, err)
	}
	if len(s.Lock) != wire.LimitLockIdBytes || len(s.Nonce) != wire.LimitNonceBytes {
		return Selection{}, fmt.Errorf("%w: lock id or nonce has the wrong length", errSelection)
	}
	return Selection{s.Version, s.Capabilities, credential.LockID(s.Lock), Nonce(s.Nonce)}, nil
}

// SelectionHash returns the context of the channel's keys: SHA-256 over the
// SELECT command in its one form of 15 bytes and the answer with its status
// word.  Whatever was altered on the way makes the keys differ.
func SelectionHash(data []byte) [sha256.Size]byte {
	h := sha256.New()
	h.Write([]byte{0x00, 0xA4, 0x04, 0x00, byte(len(AID))})
	h.Write([]byte(AID))
	h.Write([]byte{0x00})
	h.Write(data)
	h.Write([]byte{0x90, 0x00})
	return [sha256.Size]byte(h.Sum(nil))
}
