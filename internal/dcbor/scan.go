package dcbor

import (
	"bytes"
	"encoding/binary"
	"math"

	"github.com/postern-lock/postern/internal/wire"
)

// Major types of RFC 8949, section 3.1.
const (
	majorUint  = 0
	majorNint  = 1
	majorBytes = 2
	majorText  = 3
	majorArray = 4
	majorMap   = 5
	majorTag   = 6
	majorOther = 7 // simple values and floating-point numbers
)

// Additional information of a head, RFC 8949, section 3.
const (
	infoDirect     = 23 // the greatest argument that the initial byte itself holds
	infoOneByte    = 24
	infoEightBytes = 27
	infoIndefinite = 31
)

// Simple values of RFC 8949, section 3.3.
const (
	simpleFalse     = 20
	simpleTrue      = 21
	simpleNull      = 22
	simpleUndefined = 23
)

// A scanner checks items from the bytes alone. It allocates nothing unless it
// finds a fault.
type scanner struct {
	data []byte
	off  int // of the next byte
}

// scanOne returns the length in bytes of the item at the head of data.
func scanOne(data []byte) (int, error) {
	s := scanner{data: data}
	if err := s.item(0); err != nil {
		return 0, err
	}
	return s.off, nil
}

// check reports whether data is exactly one item.
func check(data []byte) error {
	n, err := scanOne(data)
	if err != nil {
		return err
	}
	if n != len(data) {
		return fail(ErrMalformed, "bytes after the item", n)
	}
	return nil
}

// item passes over one item. Depth is the number of arrays and maps around it.
func (s *scanner) item(depth int) error {
	start := s.off
	major, arg, err := s.head()
	if err != nil {
		return err
	}
	switch major {
	case majorBytes:
		if arg > uint64(len(s.data)-s.off) {
			return fail(ErrMalformed, "byte string is cut off", start)
		}
		s.off += int(arg)
	case majorArray, majorMap:
		if arg > wire.LimitCborItems {
			return fail(ErrLimit, "too many elements", start)
		}
		if depth >= wire.LimitCborDepth {
			return fail(ErrLimit, "nested too deeply", start)
		}
		if major == majorMap {
			return s.pairs(int(arg), depth+1)
		}
		return s.elements(int(arg), depth+1)
	}
	return nil
}

// elements passes over the n elements of an array.
func (s *scanner) elements(n, depth int) error {
	for range n {
		if err := s.item(depth); err != nil {
			return err
		}
	}
	return nil
}

// pairs passes over the n pairs of a map, whose keys must rise strictly in
// bytewise order. See RFC 8949, section 4.2.1.
func (s *scanner) pairs(n, depth int) error {
	var previous []byte
	for i := range n {
		start := s.off
		if err := s.item(depth); err != nil {
			return err
		}
		key := s.data[start:s.off]
		if i > 0 {
			switch c := bytes.Compare(previous, key); {
			case c == 0:
				return fail(ErrNotDeterministic, "map key stands twice", start)
			case c > 0:
				return fail(ErrNotDeterministic, "map keys are not in order", start)
			}
		}
		previous = key
		if err := s.item(depth); err != nil {
			return err
		}
	}
	return nil
}

// head reads the head of an item and returns its major type and argument. It
// refuses every head whose type the standard does not use.
func (s *scanner) head() (major byte, arg uint64, err error) {
	start := s.off
	if start >= len(s.data) {
		return 0, 0, fail(ErrMalformed, "item is cut off", start)
	}
	initial := s.data[start]
	major, info := initial>>5, initial&0x1f
	s.off++
	switch {
	case major == majorOther:
		return major, uint64(info), s.simple(info, start)
	case info > infoEightBytes && info < infoIndefinite:
		return 0, 0, fail(ErrMalformed, "head is reserved", start)
	case info == infoIndefinite && (major < majorBytes || major == majorTag):
		return 0, 0, fail(ErrMalformed, "type has no indefinite length", start)
	case major == majorText:
		return 0, 0, fail(ErrType, "text string", start)
	case major == majorTag:
		return 0, 0, fail(ErrType, "tag", start)
	case info == infoIndefinite:
		return 0, 0, fail(ErrNotDeterministic, "length is indefinite", start)
	case info <= infoDirect:
		return major, uint64(info), nil
	}
	arg, err = s.argument(info, start)
	return major, arg, err
}

// argument reads the 1, 2, 4 or 8 bytes that follow the initial byte.
func (s *scanner) argument(info byte, start int) (uint64, error) {
	rest := s.data[s.off:]
	size := 1 << (info - infoOneByte)
	if len(rest) < size {
		return 0, fail(ErrMalformed, "head is cut off", start)
	}
	s.off += size
	var arg, least uint64
	switch size {
	case 1:
		arg, least = uint64(rest[0]), infoDirect+1
	case 2:
		arg, least = uint64(binary.BigEndian.Uint16(rest)), math.MaxUint8+1
	case 4:
		arg, least = uint64(binary.BigEndian.Uint32(rest)), math.MaxUint16+1
	default:
		arg, least = binary.BigEndian.Uint64(rest), math.MaxUint32+1
	}
	if arg < least {
		return 0, fail(ErrNotDeterministic, "head is not the shortest", start)
	}
	return arg, nil
}

// simple admits false and true, and names what else it found. See RFC 8949,
// section 3.3.
func (s *scanner) simple(info byte, start int) error {
	switch {
	case info == simpleFalse, info == simpleTrue:
		return nil
	case info == simpleNull:
		return fail(ErrType, "null", start)
	case info == simpleUndefined:
		return fail(ErrType, "undefined", start)
	case info < simpleFalse:
		return fail(ErrType, "simple value", start)
	case info > infoEightBytes:
		return fail(ErrMalformed, "head is reserved or a break", start)
	}
	rest := s.data[s.off:]
	switch {
	case len(rest) < 1<<(info-infoOneByte):
		return fail(ErrMalformed, "head is cut off", start)
	case info > infoOneByte:
		return fail(ErrType, "floating-point number", start)
	case rest[0] < 32:
		return fail(ErrMalformed, "simple value is below 32 in two bytes", start)
	}
	return fail(ErrType, "simple value", start)
}

// fail makes an error of the scan. It returns the interface, never a nil
// pointer in one.
func fail(kind error, rule string, offset int) error {
	return &Error{Kind: kind, Rule: rule, Offset: offset}
}
