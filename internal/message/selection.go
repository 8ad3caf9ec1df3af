package message

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

// AID is the name of the application: F0, then "POSTERN", then the major
// version of the binding.
const AID = "\xF0POSTERN\x01"

// ReaderAID is the name of the phone's application for a lock that is the reader
// (binding R, chapter 21).
const ReaderAID = "\xF0POSTERN\x81"

// Class is the class of the protected commands.
const Class = 0x80

// Nonce is the lock's nonce of one transaction.
type Nonce [wire.LimitNonceBytes]byte

// Selection is what the lock says of itself in answer to SELECT (section 5.3).
//
//	selection = [ version: uint32, capabilities: uint32, lock-id: bstr .size 8, nonce: bstr .size 16 ]
type Selection struct {
	Version      uint64 // highest version of the protocol that the lock speaks
	Capabilities uint64 // bit mask of the registry capabilities
	Lock         credential.LockID
	Nonce        Nonce
}

// Template around the answer, ISO/IEC 7816-4, 7.4.3.
const (
	tagTemplate    = 0x6F // file control information
	tagProprietary = 0x85 // proprietary information, not in BER-TLV
	tagBytes       = 2    // a tag and its length
	maxLength      = 0x7F // the longest length of one byte
)

// The errors of ParseSelection.
var (
	errSelection = errors.New("answer to SELECT is malformed")
	// ErrVersion says that the lock speaks an older version than those that are
	// implemented here.
	ErrVersion = errors.New("the lock speaks another version of the protocol")
)

// SelectCommand returns the SELECT command.
func SelectCommand() apdu.Command { return apdu.Select([]byte(AID)) }

// Encode returns the response data of SELECT.
func (s Selection) Encode() []byte {
	b := dcbor.AppendArray(make([]byte, 2*tagBytes, 48), 4)
	b = dcbor.AppendUint(b, s.Version)
	b = dcbor.AppendUint(b, s.Capabilities)
	b = dcbor.AppendBytes(b, s.Lock[:])
	b = dcbor.AppendBytes(b, s.Nonce[:])
	b[0], b[1] = tagTemplate, byte(len(b)-tagBytes)
	b[2], b[3] = tagProprietary, byte(len(b)-2*tagBytes)
	return b
}

// ParseSelection decodes the response data of SELECT.  A lock of a later version
// answers in this form too; where the version is older than that of this standard,
// the error is ErrVersion.
func ParseSelection(data []byte) (Selection, error) {
	if len(data) < 2*tagBytes || len(data) > tagBytes+maxLength || data[0] != tagTemplate || int(data[1]) != len(data)-tagBytes ||
		data[2] != tagProprietary || int(data[3]) != len(data)-2*tagBytes {
		return Selection{}, fmt.Errorf("%w: want 6F len 85 len", errSelection)
	}
	var s Selection
	r := dcbor.NewReader(data[2*tagBytes:])
	if err := s.read(&r); err != nil {
		return Selection{}, fmt.Errorf("%w: %w", errSelection, err)
	}
	if s.Version < wire.LimitVersion {
		return Selection{}, fmt.Errorf("%w: %d, not %d", ErrVersion, s.Version, wire.LimitVersion)
	}
	return s, nil
}

// read reads the array.
func (s *Selection) read(r *dcbor.Reader) error {
	r.Array(4, 4)
	s.Version, s.Capabilities = r.Uint(), r.Uint()
	lock, nonce := r.Bytes(), r.Bytes()
	if err := r.Close(); err != nil {
		return err
	}
	if max(s.Version, s.Capabilities) > math.MaxUint32 {
		return errors.New("version or capabilities over 32 bits")
	}
	if len(lock) != len(s.Lock) || len(nonce) != len(s.Nonce) {
		return fmt.Errorf("lock id or nonce is not of %d and %d bytes", len(s.Lock), len(s.Nonce))
	}
	copy(s.Lock[:], lock)
	copy(s.Nonce[:], nonce)
	return nil
}

// SelectionHash returns the context of the channel's keys: SHA-256 over the
// SELECT command in its one form of 15 bytes and the answer with its status
// word.  The AID is that of the binding.  Whatever was altered on the way makes
// the keys differ, and so does carrying from one binding to the other.
func SelectionHash(aid string, data []byte) [sha256.Size]byte {
	h := sha256.New()
	h.Write([]byte{0x00, 0xA4, 0x04, 0x00, byte(len(aid))})
	h.Write([]byte(aid))
	h.Write([]byte{0x00})
	h.Write(data)
	h.Write([]byte{0x90, 0x00})
	return [sha256.Size]byte(h.Sum(nil))
}
