package main

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"strings"
)

// Major types of RFC 8949, section 3.1.
const (
	majorUint = iota
	majorNint
	majorBytes
	majorText
	majorArray
	majorMap
	majorTag
	majorOther
)

// item is one CBOR item with its diagnostic notation.  The code here writes
// CBOR on its own, because it also has to write what no encoder would.
type item struct {
	data       []byte
	diagnostic string
}

// headIn returns a head whose argument takes size bytes after the initial
// byte: 0, 1, 2, 4 or 8.
func headIn(size int, major byte, argument uint64) []byte {
	initial := major << 5
	switch size {
	case 0:
		return []byte{initial | byte(argument)}
	case 1:
		return []byte{initial | 24, byte(argument)}
	case 2:
		return binary.BigEndian.AppendUint16([]byte{initial | 25}, uint16(argument))
	case 4:
		return binary.BigEndian.AppendUint32([]byte{initial | 26}, uint32(argument))
	}
	return binary.BigEndian.AppendUint64([]byte{initial | 27}, argument)
}

// shortest returns the number of bytes that an argument needs after the
// initial byte.
func shortest(argument uint64) int {
	switch {
	case argument < 24:
		return 0
	case argument < 1<<8:
		return 1
	case argument < 1<<16:
		return 2
	case argument < 1<<32:
		return 4
	}
	return 8
}

func head(major byte, argument uint64) []byte { return headIn(shortest(argument), major, argument) }

func uintItem(v uint64) item { return item{head(majorUint, v), decimal(v)} }

// nintItem is the integer -1 - v.
func nintItem(v uint64) item {
	if v == 1<<64-1 {
		return item{head(majorNint, v), "-18446744073709551616"}
	}
	return item{head(majorNint, v), "-" + decimal(v+1)}
}

func bytesItem(v []byte) item {
	return item{append(head(majorBytes, uint64(len(v))), v...), "h'" + hex.EncodeToString(v) + "'"}
}

func boolItem(v bool) item {
	if v {
		return item{[]byte{0xf5}, "true"}
	}
	return item{[]byte{0xf4}, "false"}
}

func arrayItem(elements ...item) item {
	return item{
		append(head(majorArray, uint64(len(elements))), joined(elements)...),
		"[" + notation(elements) + "]",
	}
}

// mapItem is a map of keys and values in turn, in the order given.
func mapItem(pairs ...item) item {
	var s []string
	for i := 0; i < len(pairs); i += 2 {
		s = append(s, pairs[i].diagnostic+": "+pairs[i+1].diagnostic)
	}
	return item{
		append(head(majorMap, uint64(len(pairs)/2)), joined(pairs)...),
		"{" + strings.Join(s, ", ") + "}",
	}
}

// rawItem is what nothing admits: bytes without a notation.
func rawItem(b ...byte) item { return item{data: b} }

// joined returns the bytes of items one after the other.
func joined(items []item) []byte {
	var b [][]byte
	for _, i := range items {
		b = append(b, i.data)
	}
	return bytes.Join(b, nil)
}

// notation returns the notation of items one after the other.
func notation(items []item) string {
	var s []string
	for _, i := range items {
		s = append(s, i.diagnostic)
	}
	return strings.Join(s, ", ")
}

// nest returns depth arrays, or maps with the inner one as value or as key,
// around each other.
func nest(depth int, around func(item) item, innermost item) item {
	inner := innermost
	for range depth - 1 {
		inner = around(inner)
	}
	return inner
}

// repeat returns n items.
func repeat(n int, at func(i int) item) []item {
	items := make([]item, n)
	for i := range items {
		items[i] = at(i)
	}
	return items
}
