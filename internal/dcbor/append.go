package dcbor

import (
	"encoding/binary"
	"math"
)

// AppendUint appends the unsigned integer v with the shortest head.
func AppendUint(b []byte, v uint64) []byte {
	return appendHead(b, majorUint, v)
}

// AppendInt appends the integer v with the shortest head.
func AppendInt(b []byte, v int64) []byte {
	if v < 0 {
		return appendHead(b, majorNint, uint64(-1-v))
	}
	return appendHead(b, majorUint, uint64(v))
}

// AppendBytes appends v as a byte string.
func AppendBytes(b, v []byte) []byte {
	return append(appendHead(b, majorBytes, uint64(len(v))), v...)
}

// AppendBytesHead appends the head of a byte string of n bytes. The caller
// appends the bytes.
func AppendBytesHead(b []byte, n int) []byte {
	return appendHead(b, majorBytes, uint64(n))
}

// AppendArray appends the head of an array of n elements. The caller appends
// the elements.
func AppendArray(b []byte, n int) []byte {
	return appendHead(b, majorArray, uint64(n))
}

// AppendMap appends the head of a map of n pairs. The caller appends the pairs,
// in the bytewise order of their keys.
func AppendMap(b []byte, n int) []byte {
	return appendHead(b, majorMap, uint64(n))
}

// AppendBool appends false or true.
func AppendBool(b []byte, v bool) []byte {
	if v {
		return append(b, majorOther<<5|simpleTrue)
	}
	return append(b, majorOther<<5|simpleFalse)
}

// appendHead appends the shortest head for a major type and its argument. See
// RFC 8949, section 3.
func appendHead(b []byte, major byte, arg uint64) []byte {
	initial := major << 5
	switch {
	case arg <= infoDirect:
		return append(b, initial|byte(arg))
	case arg <= math.MaxUint8:
		return append(b, initial|infoOneByte, byte(arg))
	case arg <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, initial|infoOneByte+1), uint16(arg))
	case arg <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(b, initial|infoOneByte+2), uint32(arg))
	default:
		return binary.BigEndian.AppendUint64(append(b, initial|infoEightBytes), arg)
	}
}
