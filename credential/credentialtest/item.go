package credentialtest

import (
	"encoding/binary"
	"slices"

	"github.com/postern-lock/postern/internal/dcbor"
)

// The major types of CBOR, for [Head].
const (
	MajorUint  = 0
	MajorNint  = 1
	MajorBytes = 2
	MajorText  = 3
	MajorArray = 4
	MajorMap   = 5
	MajorTag   = 6
	MajorOther = 7 // false is 20, true 21, null 22
)

// Head returns the shortest head with the major type and the argument.  An item
// that needs nothing else is whole: Head(MajorOther, 22) is null.
func Head(major byte, argument uint64) []byte {
	b := dcbor.AppendUint(nil, argument)
	b[0] |= major << 5
	return b
}

// LongHead returns the head with the argument in 1, 2, 4 or 8 bytes, though fewer
// would do: what deterministic CBOR forbids.
func LongHead(major byte, argument uint64, size int) []byte {
	info := byte(24)
	for n := 1; n < size; n *= 2 {
		info++
	}
	var whole [8]byte
	binary.BigEndian.PutUint64(whole[:], argument)
	return append([]byte{major<<5 | info}, whole[8-size:]...)
}

// Uint returns an unsigned integer.
func Uint(v uint64) []byte { return dcbor.AppendUint(nil, v) }

// Int returns an integer.
func Int(v int64) []byte { return dcbor.AppendInt(nil, v) }

// Bytes returns a byte string.
func Bytes(b []byte) []byte { return dcbor.AppendBytes(nil, b) }

// Text returns a text string, which no object and no message of the standard has.
func Text(s string) []byte { return append(Head(MajorText, uint64(len(s))), s...) }

// Array returns an array of the items.
func Array(items ...[]byte) []byte {
	return append(dcbor.AppendArray(nil, len(items)), slices.Concat(items...)...)
}

// Items takes a sequence of items apart.  The error says that it is not one of
// deterministic CBOR.
func Items(sequence []byte) ([][]byte, error) {
	var items [][]byte
	for len(sequence) > 0 {
		item, rest, err := dcbor.Next(sequence)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
		sequence = rest
	}
	return items, nil
}

// Content returns what stands in a byte string, and nil where the item is none.
func Content(item []byte) []byte {
	b, _, err := dcbor.NextBytes(item)
	if err != nil {
		return nil
	}
	return b
}
