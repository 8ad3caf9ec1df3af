package dcbor

import "math"

// Kind is the type of an item, as far as the standard tells types apart.
type Kind int

// The kinds of items. Other is what every reader of the package refuses, and
// the kind of no bytes at all.
const (
	KindOther Kind = iota
	KindUint       // unsigned integer
	KindNint       // negative integer
	KindBytes      // byte string
	KindArray      // array
	KindMap        // map
	KindBool       // false or true
)

// KindOf returns the kind of the item at the head of data from its first byte.
// It checks nothing else.
func KindOf(data []byte) Kind {
	if len(data) == 0 {
		return KindOther
	}
	switch data[0] >> 5 {
	case majorUint:
		return KindUint
	case majorNint:
		return KindNint
	case majorBytes:
		return KindBytes
	case majorArray:
		return KindArray
	case majorMap:
		return KindMap
	}
	if data[0] == majorOther<<5|simpleFalse || data[0] == majorOther<<5|simpleTrue {
		return KindBool
	}
	return KindOther
}

// Next splits a CBOR sequence (RFC 8742) after its first item, which it checks
// by the rules of the package. Both parts are parts of data, and appending to
// item does not write into rest. An empty sequence is [ErrMalformed].
func Next(data []byte) (item, rest []byte, err error) {
	n, err := scanOne(data)
	if err != nil {
		return nil, nil, err
	}
	return data[:n:n], data[n:], nil
}

// NextInt reads the integer at the head of a CBOR sequence. An item of another
// kind, or an integer that an int64 does not hold, is [ErrType].
func NextInt(data []byte) (v int64, rest []byte, err error) {
	s := scanner{data: data}
	major, arg, err := s.head()
	if err != nil {
		return 0, nil, err
	}
	if major > majorNint || arg > math.MaxInt64 {
		return 0, nil, fail(ErrType, "item is not an integer of 64 bits", 0)
	}
	v = int64(arg)
	if major == majorNint {
		v = -1 - v
	}
	return v, data[s.off:], nil
}

// NextBytes reads the byte string at the head of a CBOR sequence. Both results
// are parts of data, and appending to v does not write into rest. An item of
// another kind is [ErrType].
func NextBytes(data []byte) (v, rest []byte, err error) {
	s := scanner{data: data}
	major, arg, err := s.head()
	if err != nil {
		return nil, nil, err
	}
	if major != majorBytes {
		return nil, nil, fail(ErrType, "item is not a byte string", 0)
	}
	if arg > uint64(len(data)-s.off) {
		return nil, nil, fail(ErrMalformed, "byte string is cut off", 0)
	}
	end := s.off + int(arg)
	return data[s.off:end:end], data[end:], nil
}
