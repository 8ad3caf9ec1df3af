package cddl

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"unicode/utf8"
)

// A kind is a major type of RFC 8949, section 3.1.
type kind byte

// The major types.
const (
	kindUint kind = iota
	kindNint
	kindBytes
	kindText
	kindArray
	kindMap
	kindTag
	kindOther // simple values and floating-point numbers
)

// Simple values of RFC 8949, section 3.3.
const (
	simpleFalse = 20
	simpleTrue  = 21
)

// Bounds of what is read.
const (
	maxData  = 1 << 16 // bytes
	maxDepth = 64      // of items in items
)

// An item is a data item with what stands in it.
type item struct {
	kind    kind
	info    byte    // of the head
	arg     uint64  // value, or number of a tag
	content []byte  // of a string
	items   []*item // elements, keys and values in turn, content of a tag
	raw     []byte

	sequence []*item // of the items that a byte string holds, once it was asked for
	fault    error
	decoded  bool
}

// decoder reads items.
type decoder struct {
	data []byte
	off  int
}

// decode returns the items of which the data are the encodings, one after the
// other.
func decode(data []byte) ([]*item, error) {
	if len(data) > maxData {
		return nil, fmt.Errorf("%w: %d bytes are more than %d", ErrMalformed, len(data), maxData)
	}
	d := decoder{data: data}
	var items []*item
	for d.off < len(data) {
		it, err := d.item(0)
		if err != nil {
			return nil, err
		}
		items = append(items, it)
	}
	return items, nil
}

// holds returns the items in a byte string.
func (it *item) holds() ([]*item, error) {
	if !it.decoded {
		it.sequence, it.fault = decode(it.content)
		it.decoded = true
	}
	return it.sequence, it.fault
}

func (d *decoder) fail(what string) error {
	return fmt.Errorf("%w: byte %d: %s", ErrMalformed, d.off, what)
}

// item reads one item.
func (d *decoder) item(depth int) (*item, error) {
	if depth > maxDepth {
		return nil, d.fail("nested too deeply")
	}
	start := d.off
	it, indefinite, err := d.head()
	if err != nil {
		return nil, err
	}
	switch it.kind {
	case kindBytes, kindText:
		err = d.str(it, indefinite)
	case kindArray, kindMap, kindTag:
		err = d.parts(it, indefinite, depth+1)
	}
	if err != nil {
		return nil, err
	}
	it.raw = d.data[start:d.off]
	if it.kind == kindMap {
		return it, d.distinct(it)
	}
	return it, nil
}

// head reads a head.  Where the length is indefinite, the argument is 0.
func (d *decoder) head() (it *item, indefinite bool, err error) {
	if d.off >= len(d.data) {
		return nil, false, d.fail("the item is cut off")
	}
	initial := d.data[d.off]
	it = &item{kind: kind(initial >> 5), info: initial & 0x1f}
	switch {
	case it.info < 24:
		it.arg = uint64(it.info)
		d.off++
		return it, false, nil
	case it.info == 31 && it.kind >= kindBytes && it.kind <= kindMap:
		d.off++
		return it, true, nil
	case it.info > 27:
		return nil, false, d.fail("the head is reserved, or a break where none is due")
	}
	var argument [8]byte
	size := 1 << (it.info - 24)
	if len(d.data)-d.off-1 < size {
		return nil, false, d.fail("the head is cut off")
	}
	copy(argument[8-size:], d.data[d.off+1:])
	it.arg = binary.BigEndian.Uint64(argument[:])
	if it.kind == kindOther && size == 1 && it.arg < 32 {
		return nil, false, d.fail("a simple value below 32 in two bytes")
	}
	d.off += 1 + size
	return it, false, nil
}

// str reads the content of a string.
func (d *decoder) str(it *item, indefinite bool) error {
	if !indefinite {
		if it.arg > uint64(len(d.data)-d.off) {
			return d.fail("the string is cut off")
		}
		it.content = d.data[d.off : d.off+int(it.arg)]
		d.off += int(it.arg)
		if it.kind == kindText && !utf8.Valid(it.content) {
			return d.fail("the text string is not UTF-8")
		}
		return nil
	}
	for !d.ends() {
		chunk, chunked, err := d.head()
		switch {
		case err != nil:
			return err
		case chunk.kind != it.kind || chunked:
			return d.fail("a chunk of another kind than the string")
		}
		if err := d.str(chunk, false); err != nil {
			return err
		}
		it.content = append(it.content, chunk.content...)
	}
	return nil
}

// parts reads the items in an array, a map or a tag.
func (d *decoder) parts(it *item, indefinite bool, depth int) error {
	count := it.arg
	switch {
	case it.kind == kindTag:
		count = 1
	case count > uint64(len(d.data)-d.off):
		return d.fail("more elements than bytes")
	case it.kind == kindMap:
		count *= 2
	}
	for i := uint64(0); indefinite || i < count; i++ {
		if indefinite && (it.kind == kindArray || i%2 == 0) && d.ends() {
			break
		}
		part, err := d.item(depth)
		if err != nil {
			return err
		}
		it.items = append(it.items, part)
	}
	return nil
}

// ends passes over the break of an item of indefinite length, if it is here.
func (d *decoder) ends() bool {
	if d.off < len(d.data) && d.data[d.off] == 0xff {
		d.off++
		return true
	}
	return false
}

// distinct reports whether no key of the map stands in it twice.
func (d *decoder) distinct(it *item) error {
	seen := make(map[string]bool, len(it.items)/2)
	for i := 0; i < len(it.items); i += 2 {
		identity := it.items[i].identity()
		if seen[identity] {
			return d.fail("the key " + it.items[i].String() + " stands twice in a map")
		}
		seen[identity] = true
	}
	return nil
}

// equals reports whether two integers or two strings are the same.
func (it *item) equals(other *item) bool {
	if it.kind != other.kind {
		return false
	}
	if it.kind <= kindNint {
		return it.arg == other.arg
	}
	return bytes.Equal(it.content, other.content)
}

// identity is the same for two encodings of one integer or one string.
func (it *item) identity() string {
	switch it.kind {
	case kindUint, kindNint:
		return fmt.Sprint(it.kind, it.arg)
	case kindBytes, kindText:
		return fmt.Sprint(it.kind, ":") + string(it.content)
	}
	return "raw:" + string(it.raw)
}

// String describes the item in a few words.
func (it *item) String() string {
	const most = 16 // bytes of a string that are shown
	switch it.kind {
	case kindUint, kindNint:
		return integer{it.kind == kindNint, it.arg}.String()
	case kindBytes:
		if len(it.content) > most {
			return fmt.Sprintf("a byte string of %d bytes", len(it.content))
		}
		return "h'" + hex.EncodeToString(it.content) + "'"
	case kindText:
		if len(it.content) > most {
			return fmt.Sprintf("a text string of %d bytes", len(it.content))
		}
		return fmt.Sprintf("%q", it.content)
	case kindArray:
		return fmt.Sprintf("an array of %d", len(it.items))
	case kindMap:
		return fmt.Sprintf("a map of %d pairs", len(it.items)/2)
	case kindTag:
		return fmt.Sprintf("tag %d", it.arg)
	}
	switch {
	case it.info == simpleFalse:
		return "false"
	case it.info == simpleTrue:
		return "true"
	case it.info > 24:
		return "a floating-point number"
	}
	return fmt.Sprintf("simple value %d", it.arg)
}
