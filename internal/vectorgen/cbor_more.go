package main

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

func (b cborBuilder) maps() {
	b.items("Keys of maps: their order and that each stands once")
	zero := uintItem(0)
	for _, keys := range [][]item{
		{uintItem(1), uintItem(2)},
		{uintItem(23), uintItem(24)},
		{uintItem(24), nintItem(0)},
		{uintItem(1 << 32), nintItem(0)},
		{nintItem(0), nintItem(1)},
		{nintItem(99), bytesItem(nil)},
		{bytesItem([]byte{1}), bytesItem([]byte{2})},
		{bytesItem([]byte{0xff}), bytesItem([]byte{0, 0})},
		{bytesItem([]byte{0x7a}), arrayItem()},
		{arrayItem(uintItem(1)), arrayItem(uintItem(2))},
		{arrayItem(uintItem(100)), mapItem()},
		{mapItem(), boolItem(false)},
		{boolItem(false), boolItem(true)},
	} {
		first, second := keys[0], keys[1]
		twin := b.good("keys "+notation(keys), mapItem(first, zero, second, zero), "key-order")
		b.bad(twin, "the same, exchanged", mapItem(second, zero, first, zero).data, "key-order")
		b.bad(twin, "the first key twice", mapItem(first, zero, first, zero).data, "key-twice")
	}
	six := []item{uintItem(10), uintItem(100), nintItem(0), bytesItem([]byte{0x7a}), arrayItem(uintItem(100)), boolItem(false)}
	pairs := func(keys []item) item {
		return mapItem(repeat(2*len(keys), func(i int) item {
			if i%2 == 0 {
				return keys[i/2]
			}
			return uintItem(uint64(i / 2))
		})...)
	}
	twin := b.good("keys of every type", pairs(six), "key-order")
	b.bad(twin, "ordered by length first", pairs([]item{six[0], six[2], six[5], six[1], six[3], six[4]}).data, "key-order")
	b.bad(twin, "the last two exchanged", pairs([]item{six[0], six[1], six[2], six[3], six[5], six[4]}).data, "key-order")
	b.bad(twin, "the last key twice", pairs(append(slices.Clone(six), six[5])).data, "key-twice")

	twin = b.good("map in an array", arrayItem(uintItem(0), mapItem(uintItem(1), zero, uintItem(2), zero)), "key-order")
	b.bad(twin, "its keys exchanged", arrayItem(uintItem(0), mapItem(uintItem(2), zero, uintItem(1), zero)).data, "key-order")
	b.bad(twin, "its first key twice, with two values", arrayItem(uintItem(0), mapItem(uintItem(1), zero, uintItem(1), uintItem(1))).data, "key-twice")
	twin = b.good("map as a value", mapItem(uintItem(5), mapItem(uintItem(1), zero, uintItem(2), zero)), "key-order")
	b.bad(twin, "its keys exchanged", mapItem(uintItem(5), mapItem(uintItem(2), zero, uintItem(1), zero)).data, "key-order")
	twin = b.good("map as a key", mapItem(mapItem(uintItem(1), zero, uintItem(2), zero), zero), "key-order")
	b.bad(twin, "its keys exchanged", mapItem(mapItem(uintItem(2), zero, uintItem(1), zero), zero).data, "key-order")
}

func (b cborBuilder) types() {
	b.items("Types that the standard does not use, alone and within")
	admitted := bytesItem([]byte{0x61})
	alone := b.good("byte string", admitted, "type")
	element := b.good("byte string as an element", arrayItem(uintItem(1), admitted), "type")
	value := b.good("byte string as a value", mapItem(uintItem(1), admitted), "type")
	key := b.good("byte string as a key", mapItem(admitted, uintItem(1)), "type")
	for _, c := range []struct {
		comment string
		item    item
	}{
		{"text string", rawItem(0x61, 0x61)},
		{"tag 0", rawItem(0xc0, 0x00)},
		{"half-precision 1.0", rawItem(0xf9, 0x3c, 0x00)},
		{"null", rawItem(0xf6)},
		{"undefined", rawItem(0xf7)},
		{"simple value 0", rawItem(0xe0)},
	} {
		b.bad(alone, c.comment, c.item.data, "type")
		b.bad(element, c.comment+" as an element", arrayItem(uintItem(1), c.item).data, "type")
		b.bad(value, c.comment+" as a value", mapItem(uintItem(1), c.item).data, "type")
		b.bad(key, c.comment+" as a key", mapItem(c.item, uintItem(1)).data, "type")
	}
	for _, c := range []struct {
		comment string
		data    []byte
	}{
		{"empty text string", []byte{0x60}},
		{"text string of 24 bytes", append([]byte{0x78, 24}, "abcdefghijklmnopqrstuvwx"...)},
		{"text string of UTF-8", []byte{0x63, 0xe2, 0x82, 0xac}},
		{"text string that is not UTF-8", []byte{0x62, 0xc3, 0x28}},
		{"tag 1, a time", []byte{0xc1, 0x1a, 0x51, 0x4b, 0x67, 0xb0}},
		{"tag 2, a great integer", []byte{0xc2, 0x49, 1, 0, 0, 0, 0, 0, 0, 0, 0}},
		{"tag 3, a great negative integer", []byte{0xc3, 0x41, 1}},
		{"tag 18, COSE_Sign1", []byte{0xd2, 0x84, 0x40, 0xa0, 0x40, 0x40}},
		{"tag 24, encoded CBOR", []byte{0xd8, 0x18, 0x41, 0x00}},
		{"tag 61, CWT", []byte{0xd8, 0x3d, 0xa0}},
		{"tag 55799, self-described CBOR", []byte{0xd9, 0xd9, 0xf7, 0x00}},
		{"half-precision 0.0", []byte{0xf9, 0x00, 0x00}},
		{"half-precision NaN", []byte{0xf9, 0x7e, 0x00}},
		{"half-precision infinity", []byte{0xf9, 0x7c, 0x00}},
		{"single-precision 100000.0", []byte{0xfa, 0x47, 0xc3, 0x50, 0x00}},
		{"double-precision 1.1", []byte{0xfb, 0x3f, 0xf1, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a}},
		{"simple value 16", []byte{0xf0}},
		{"simple value 19", []byte{0xf3}},
		{"simple value 32", []byte{0xf8, 32}},
		{"simple value 255", []byte{0xf8, 255}},
		{"false in two bytes", []byte{0xf8, 20}},
		{"true in two bytes", []byte{0xf8, 21}},
		{"simple value 31 in two bytes", []byte{0xf8, 31}},
	} {
		b.bad(alone, c.comment, c.data, "type")
	}
	b.good("byte string that holds a text string", bytesItem([]byte{0x61, 0x61}), "type")
	b.good("byte string that holds a break", bytesItem([]byte{0xff}), "type")
}

func (b cborBuilder) depths() {
	b.items("Nesting of arrays and maps")
	const most = wire.LimitCborDepth
	inArray := func(i item) item { return arrayItem(i) }
	asValue := func(i item) item { return mapItem(uintItem(0), i) }
	asKey := func(i item) item { return mapItem(i, uintItem(0)) }
	turn := 0
	inTurn := func(i item) item {
		turn++
		if turn%2 == 0 {
			return arrayItem(i)
		}
		return asValue(i)
	}
	for _, c := range []struct {
		comment   string
		around    func(item) item
		innermost item
	}{
		{"arrays", inArray, arrayItem()},
		{"maps as values", asValue, mapItem()},
		{"maps as keys", asKey, mapItem()},
		{"arrays and maps", inTurn, arrayItem()},
		{"arrays around an integer", inArray, arrayItem(uintItem(0))},
		{"arrays as the last element", func(i item) item { return arrayItem(uintItem(0), i) }, arrayItem()},
		{"arrays around an empty map", inArray, mapItem()},
		{"arrays around a byte string with an array", inArray, arrayItem(bytesItem([]byte{0x80}))},
	} {
		for _, depth := range []int{2, most - 1} {
			b.good(fmt.Sprintf("%d %s", depth, c.comment), nest(depth, c.around, c.innermost), "depth")
		}
		twin := b.good(fmt.Sprintf("%d %s", most, c.comment), nest(most, c.around, c.innermost), "depth")
		for _, depth := range []int{most + 1, 2 * most, 64} {
			b.over(twin, fmt.Sprintf("%d %s", depth, c.comment), nest(depth, c.around, c.innermost), "depth")
		}
	}
}

func (b cborBuilder) counts() {
	b.items("Elements of an array, pairs of a map")
	const most = wire.LimitCborItems
	array := func(n int) item { return arrayItem(repeat(n, func(int) item { return boolItem(true) })...) }
	pairs := func(n int) item { return mapItem(repeat(2*n, func(i int) item { return uintItem(uint64(i) / 2) })...) }
	for _, c := range []struct {
		comment string
		of      func(int) item
	}{
		{"array of %d elements", array},
		{"map of %d pairs", pairs},
		{"array of %d elements in an array", func(n int) item { return arrayItem(array(n)) }},
		{"map of %d pairs as a value", func(n int) item { return mapItem(uintItem(0), pairs(n)) }},
		{"array of %d elements as a key", func(n int) item { return mapItem(array(n), uintItem(0)) }},
		{"array of %d maps", func(n int) item { return arrayItem(repeat(n, func(int) item { return mapItem() })...) }},
	} {
		twin := b.good(fmt.Sprintf(c.comment, most), c.of(most), "count")
		for _, n := range []int{most + 1, 2 * most, 256} {
			b.over(twin, fmt.Sprintf(c.comment, n), c.of(n), "count")
		}
	}
}

func (b cborBuilder) sequences() {
	b.group("Sequences: each item by the same rules (section 3.5)", vectors.CBORParams{Form: "sequence"})
	sequence := func(items ...item) item { return item{joined(items), notation(items)} }
	b.good("one item", sequence(uintItem(1)))
	twin := b.good("four items, as in message_1", sequence(uintItem(0), uintItem(2), bytesItem(draw("cbor/sequences", 32)), nintItem(0)), "cut-off")
	whole := sequence(uintItem(0), uintItem(2), bytesItem(draw("cbor/sequences", 32)), nintItem(0)).data
	b.bad(twin, "cut off within the third", whole[:20], "cut-off")
	b.bad(twin, "the second not in its shortest form", slices.Concat([]byte{0x00, 0x18, 0x02}, whole[2:]), "shortest")
	b.bad(twin, "the last a text string", append(slices.Clone(whole[:len(whole)-1]), 0x60), "type")
	b.bad(twin, "a break at the end", append(slices.Clone(whole), 0xff), "indefinite")
	twin = b.good("40 items", sequence(repeat(40, func(int) item { return arrayItem() })...), "count")
	b.over(twin, "40 items, the last an array of 33", sequence(append(repeat(39, func(int) item { return arrayItem() }),
		arrayItem(repeat(33, func(int) item { return uintItem(0) })...))...), "count")
	b.bad(twin, "40 items, the last of indefinite length", append(bytes.Repeat([]byte{0x80}, 39), 0x9f, 0xff), "indefinite")
	deep := func(depth int) item { return nest(depth, func(i item) item { return arrayItem(i) }, arrayItem()) }
	twin = b.good("two items nested 8 deep", sequence(deep(8), deep(8)), "depth")
	b.over(twin, "two items, the second nested 9 deep", sequence(deep(8), deep(9)), "depth")
}
