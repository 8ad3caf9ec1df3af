package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// cborBuilder makes area cbor.
type cborBuilder struct {
	*builder[vectors.CBORParams, vectors.CBORTest, *vectors.CBORTest]
}

var cborNotes = map[string]vectors.Note{
	"admitted":   note("none", "Refuses what the standard admits.", "PST-ENC-001", "PST-LIM-001"),
	"shortest":   note("malleability", "Two encodings of one value: digests and comparisons of bytes no longer stand for the value.", "PST-ENC-002"),
	"indefinite": note("malleability", "Two encodings of one value, and a length that nothing bounds.", "PST-ENC-002"),
	"key-order":  note("malleability", "Two encodings of one map.", "PST-ENC-002"),
	"key-twice":  note("confusion", "Two receivers read two values of one key.", "PST-ENC-002"),
	"cut-off":    note("memory-safety", "Reads behind the end of its input.", "PST-ENC-002", "PST-ENC-013"),
	"trailing":   note("malleability", "Bytes that nobody looked at pass with the object.", "PST-ENC-002"),
	"type":       note("confusion", "An item that another receiver reads otherwise or not at all.", "PST-ENC-008", "PST-ENC-001"),
	"reserved":   note("confusion", "A head without a meaning is given one.", "PST-ENC-008"),
	"depth":      note("exhaustion", "The stack overflows.", "PST-ENC-010"),
	"count":      note("exhaustion", "Memory runs out.", "PST-ENC-010"),
}

func cborArea() (output, error) {
	b := cborBuilder{begin[vectors.CBORParams, vectors.CBORTest]("cbor", cborNotes)}
	b.integers()
	b.lengths()
	b.cuts()
	b.trailing()
	b.indefinite()
	b.reserved()
	b.maps()
	b.types()
	b.depths()
	b.counts()
	b.sequences()
	return b.end()
}

func (b cborBuilder) items(comment string) { b.group(comment, vectors.CBORParams{Form: "item"}) }

// good adds a valid test.
func (b cborBuilder) good(comment string, i item, flags ...string) int {
	return b.valid(comment, vectors.CBORTest{Data: i.data, Diagnostic: i.diagnostic}, append(flags, "admitted")...)
}

// bad adds an invalid one.
func (b cborBuilder) bad(twin int, comment string, data []byte, flags ...string) {
	b.invalid(twin, wire.ReasonMalformed, comment, vectors.CBORTest{Data: data}, flags...)
}

// over adds an invalid one that is over a bound.
func (b cborBuilder) over(twin int, comment string, i item, flag string) {
	b.invalid(twin, wire.ReasonLimit, comment, vectors.CBORTest{Data: i.data}, flag)
}

// sizes are those of an argument after the initial byte.
var sizes = []int{1, 2, 4, 8}

func (b cborBuilder) integers() {
	b.items("Integers: each in its shortest form and in longer ones")
	for _, v := range []uint64{
		0, 1, 10, 23, 24, 25, 100, 255, 256, 1000, 65535, 65536, 1000000, 1<<32 - 1, 1 << 32, 1<<53 + 1, 1<<63 - 1, 1 << 63, math.MaxUint64,
	} {
		b.integer(uintItem(v), majorUint, v)
		b.integer(nintItem(v), majorNint, v)
	}
}

func (b cborBuilder) integer(i item, major byte, v uint64) {
	twin := b.good(i.diagnostic, i, "shortest")
	for _, size := range sizes {
		edge := v == 0 || v == 23 || v == 24 || v == 255 || v == 256 || v == 65535 || v == 65536 || v == 1<<32-1
		if edge && size > shortest(v) {
			b.bad(twin, fmt.Sprintf("%s in %d bytes", i.diagnostic, 1+size), headIn(size, major, v), "shortest")
		}
	}
}

func (b cborBuilder) lengths() {
	b.items("Byte strings, arrays and maps: lengths and counts in their shortest form and in longer ones")
	for _, n := range []int{0, 1, 8, 23, 24, 32, 255, 256, 300} {
		i := bytesItem(draw(fmt.Sprintf("cbor/lengths/%d", n), n))
		twin := b.good(fmt.Sprintf("byte string of %d bytes", n), i, "shortest")
		if n == 1 || n == 24 || n == 255 || n == 256 {
			b.longer(twin, fmt.Sprintf("byte string of %d bytes", n), majorBytes, n, i)
		}
	}
	for _, n := range []int{0, 1, 2, 23, 24, 31, 32} {
		array := arrayItem(repeat(n, func(i int) item { return uintItem(uint64(i)) })...)
		twin := b.good(fmt.Sprintf("array of %d elements", n), array, "shortest")
		pairs := mapItem(repeat(2*n, func(i int) item { return uintItem(uint64(i) / 2) })...)
		twinMap := b.good(fmt.Sprintf("map of %d pairs", n), pairs, "shortest")
		if n == 0 || n == 2 || n == 24 {
			b.longer(twin, fmt.Sprintf("array of %d elements", n), majorArray, n, array)
			b.longer(twinMap, fmt.Sprintf("map of %d pairs", n), majorMap, n, pairs)
		}
	}
}

// longer adds the item with each longer head.
func (b cborBuilder) longer(twin int, what string, major byte, n int, i item) {
	content := i.data[1+shortest(uint64(n)):]
	for _, size := range sizes {
		if size > shortest(uint64(n)) {
			b.bad(twin, fmt.Sprintf("%s, its head in %d bytes", what, 1+size), slices.Concat(headIn(size, major, uint64(n)), content), "shortest")
		}
	}
}

func (b cborBuilder) cuts() {
	b.items("Items cut off at every byte, and byte strings longer than what is left")
	for _, i := range []item{
		uintItem(0x1817), uintItem(0x0102030405060708), nintItem(0x10000), bytesItem([]byte{1, 2, 3}),
		bytesItem(draw("cbor/cuts/24", 24)),
		arrayItem(uintItem(1), arrayItem(uintItem(2), uintItem(3)), boolItem(true)),
		mapItem(uintItem(1), bytesItem([]byte{0xff}), uintItem(24), mapItem(nintItem(0), arrayItem())),
	} {
		twin := b.good("whole: "+i.diagnostic, i, "cut-off")
		for n := range i.data {
			if n > 0 && (n < 4 || n > len(i.data)-3 || n%2 == 0) {
				b.bad(twin, fmt.Sprintf("the first %d of %d bytes", n, len(i.data)), i.data[:n], "cut-off")
			}
		}
	}
	b.bad(0, "no bytes", nil, "cut-off")
	twin := b.good("byte string of 4 bytes", bytesItem([]byte{1, 2, 3, 4}), "cut-off")
	for _, n := range []uint64{5, 23, 24, 255, 256, 65535, 65536, 1<<31 - 1, 1 << 31, 1<<32 - 4, 1<<32 - 1, 1 << 32, 1<<63 - 1, 1 << 63, math.MaxUint64 - 3, math.MaxUint64} {
		b.bad(twin, "4 bytes of a byte string of "+decimal(n), append(head(majorBytes, n), 1, 2, 3, 4), "cut-off")
	}
	b.bad(twin, "4 bytes of a byte string of 5 in an array", append([]byte{0x81, 0x45}, 1, 2, 3, 4), "cut-off")
}

func (b cborBuilder) trailing() {
	b.items("Bytes after the item")
	for _, i := range []item{
		uintItem(7), nintItem(7), bytesItem([]byte{7}), bytesItem(nil), arrayItem(uintItem(7)), arrayItem(), mapItem(uintItem(7), uintItem(7)), mapItem(),
		boolItem(false), boolItem(true),
	} {
		twin := b.good(i.diagnostic, i, "trailing")
		b.bad(twin, i.diagnostic+", then 00", slices.Concat(i.data, []byte{0}), "trailing")
		b.bad(twin, i.diagnostic+", then a break", slices.Concat(i.data, []byte{0xff}), "trailing")
		b.bad(twin, i.diagnostic+" twice", slices.Concat(i.data, i.data), "trailing")
	}
}

func (b cborBuilder) indefinite() {
	b.items("Indefinite lengths and breaks")
	for _, c := range []struct {
		comment string
		twin    item
		data    []byte
	}{
		{"empty byte string", bytesItem(nil), []byte{0x5f, 0xff}},
		{"byte string of one part", bytesItem([]byte{1, 2}), []byte{0x5f, 0x42, 1, 2, 0xff}},
		{"byte string of two parts", bytesItem([]byte{1, 2, 3}), []byte{0x5f, 0x42, 1, 2, 0x41, 3, 0xff}},
		{"empty array", arrayItem(), []byte{0x9f, 0xff}},
		{"array of one element", arrayItem(uintItem(1)), []byte{0x9f, 1, 0xff}},
		{"empty map", mapItem(), []byte{0xbf, 0xff}},
		{"map of one pair", mapItem(uintItem(1), uintItem(2)), []byte{0xbf, 1, 2, 0xff}},
		{"array within an array", arrayItem(arrayItem()), []byte{0x81, 0x9f, 0xff}},
		{"byte string as a value", mapItem(uintItem(1), bytesItem(nil)), []byte{0xa1, 1, 0x5f, 0xff}},
		{"byte string as a key", mapItem(bytesItem(nil), uintItem(1)), []byte{0xa1, 0x5f, 0xff, 1}},
	} {
		b.bad(b.good(c.comment+" of definite length", c.twin, "indefinite"), c.comment+" of indefinite length", c.data, "indefinite")
	}
	for _, c := range []struct {
		comment string
		data    []byte
	}{
		{"break alone", []byte{0xff}},
		{"break as an element", []byte{0x82, 1, 0xff}},
		{"break as a key", []byte{0xa1, 0xff, 1}},
		{"break as a value", []byte{0xa1, 1, 0xff}},
		{"unsigned integer of indefinite length", []byte{0x1f}},
		{"negative integer of indefinite length", []byte{0x3f}},
		{"tag of indefinite length", []byte{0xdf, 0}},
		{"text string of indefinite length", []byte{0x7f, 0xff}},
	} {
		b.bad(0, c.comment, c.data, "indefinite")
	}
}

func (b cborBuilder) reserved() {
	b.items("Additional information that RFC 8949 reserves")
	twin := b.good("0", uintItem(0), "reserved")
	for major := range byte(8) {
		for info := byte(28); info <= 30; info++ {
			b.bad(twin, fmt.Sprintf("major type %d, additional information %d", major, info), []byte{major<<5 | info}, "reserved")
		}
	}
}

func decimal(v uint64) string { return strconv.FormatUint(v, 10) }
