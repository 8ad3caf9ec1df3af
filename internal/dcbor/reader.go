package dcbor

import "math"

// Reader walks through one item and reads each value as exactly one type. It
// is for layouts that a Go struct does not describe well, and for code that may
// not allocate.
//
// [NewReader] scans the whole item first, so its form is settled before the
// first value is read. What can go wrong afterwards is a value of another type,
// or a value that nobody read. The first fault stays: every later read returns
// zero, and [Reader.Close] returns it. So a caller reads on, and asks once.
//
//	r := NewReader(data)
//	r.Array(2, 2)
//	kind, target := r.Uint(), r.Bytes()
//	if err := r.Close(); err != nil {
//		return err
//	}
type Reader struct {
	scanner
	err error
}

// NewReader starts reading data, which must be exactly one item by the rules of
// the package. The Reader reads parts of data, which must not change.
func NewReader(data []byte) Reader {
	return Reader{scanner: scanner{data: data}, err: check(data)}
}

// Kind returns the kind of the next value, and [KindOther] at the end or after a
// fault.
func (r *Reader) Kind() Kind {
	if r.err != nil {
		return KindOther
	}
	return KindOf(r.data[r.off:])
}

// Array reads the head of an array of least to most elements, and returns their
// number. They are the next values: whoever reads more or fewer of them reads
// what belongs elsewhere.
func (r *Reader) Array(least, most int) int {
	return r.count(majorArray, "item is not an array", least, most)
}

// Map reads the head of a map of least to most pairs, and returns their number.
// Key and value of each pair are the next values, the keys in rising order.
func (r *Reader) Map(least, most int) int {
	return r.count(majorMap, "item is not a map", least, most)
}

// Uint reads an unsigned integer.
func (r *Reader) Uint() uint64 { return r.expect(majorUint, "item is not an unsigned integer") }

// Int reads an integer that an int64 holds.
func (r *Reader) Int() int64 {
	if r.Kind() == KindNint {
		v := r.expect(majorNint, "item is not an integer")
		if v > math.MaxInt64 {
			r.refuse("integer is below 64 bits", r.off)
			return 0
		}
		return -1 - int64(v)
	}
	v := r.expect(majorUint, "item is not an integer")
	if v > math.MaxInt64 {
		r.refuse("integer is above 64 bits", r.off)
		return 0
	}
	return int64(v)
}

// Bytes reads a byte string and returns it as a part of the data, never nil
// unless there was a fault.
func (r *Reader) Bytes() []byte {
	n := r.expect(majorBytes, "item is not a byte string")
	if r.err != nil {
		return nil
	}
	end := r.off + int(n)
	v := r.data[r.off:end:end]
	r.off = end
	return v
}

// Bool reads false or true.
func (r *Reader) Bool() bool {
	return r.expect(majorOther, "item is not false or true") == simpleTrue
}

// Raw reads the next value, of any type, and returns its encoding as a part of
// the data.
func (r *Reader) Raw() []byte {
	if r.err != nil {
		return nil
	}
	start := r.off
	if r.err = r.item(0); r.err != nil {
		return nil
	}
	return r.data[start:r.off:r.off]
}

// Err returns the first fault so far, or nil.
func (r *Reader) Err() error { return r.err }

// Close ends the reading. It returns the first fault, or [ErrType] where values
// were left unread, or nil.
func (r *Reader) Close() error {
	if r.err == nil && r.off != len(r.data) {
		r.refuse("value was not read", r.off)
	}
	return r.err
}

// count reads the head of an array or a map whose number of elements is bounded.
func (r *Reader) count(major byte, rule string, least, most int) int {
	start := r.off
	n := int(r.expect(major, rule))
	if r.err == nil && (n < least || n > most) {
		r.refuse("number of elements does not fit", start)
		return 0
	}
	return n
}

// expect reads a head of the given major type and returns its argument.
func (r *Reader) expect(want byte, rule string) uint64 {
	if r.err != nil {
		return 0
	}
	start := r.off
	major, arg, err := r.head()
	if err != nil {
		r.err = err
		return 0
	}
	if major != want {
		r.refuse(rule, start)
		return 0
	}
	return arg
}

// refuse records a fault at a byte.
func (r *Reader) refuse(rule string, offset int) {
	r.err = fail(ErrType, rule, offset)
}
