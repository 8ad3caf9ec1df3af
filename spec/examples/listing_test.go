package examples_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// shape says what an item of CBOR is, for people.
type shape struct {
	name   string
	say    func(v value) string // what the value means; nil says nothing
	items  []shape              // of an array, in order; the last one also stands for those after it
	pairs  map[int64]shape      // of a map, by key
	inside []shape              // of a byte string that holds CBOR
	whole  bool                 // printed in one piece, whatever is in it
}

// value is the head of an item, and what a byte string holds.
type value struct {
	number  int64
	content []byte
}

// The major types of CBOR (RFC 8949, section 3.1).
const (
	majorUint = iota
	majorInt
	majorBytes
	majorText
	majorArray
	majorMap
)

// listing prints bytes on the left and what they are on the right.
type listing struct {
	t   testing.TB
	out strings.Builder
}

// column is where notes begin, and fold the most bytes on a line.
const (
	column = 54
	fold   = 16
)

// line prints the parts with the note beside them; the last part is folded.
func (l *listing) line(depth int, note string, parts ...[]byte) {
	indent := strings.Repeat("  ", depth)
	text := indent
	for _, b := range parts[:len(parts)-1] {
		if len(b) > 0 {
			text += fmt.Sprintf("%X ", b)
		}
	}
	last := parts[len(parts)-1]
	text += fmt.Sprintf("%X", last[:min(len(last), fold)])
	require.Less(l.t, len(text), column)
	l.print(fmt.Sprintf("%-*s%s", column, text, note))
	for len(last) > fold {
		last = last[fold:]
		l.print(indent + fmt.Sprintf("%X", last[:min(len(last), fold)]))
	}
}

func (l *listing) print(line string) { l.out.WriteString(strings.TrimRight(line, " ") + "\n") }

// items prints a sequence, which must be of as many items as there are shapes.
func (l *listing) items(data []byte, depth int, shapes ...shape) {
	l.t.Helper()
	for _, s := range shapes {
		data = l.item(nil, data, depth, s)
	}
	require.Empty(l.t, data, "bytes that no shape explains")
}

// item prints the first item of data, behind the key that it has in a map, and
// returns what follows it.
func (l *listing) item(key, data []byte, depth int, s shape) (rest []byte) {
	l.t.Helper()
	require.NotEmpty(l.t, s.name, "no shape for %X", data)
	major, n, size := head(data)
	v := value{number: int64(n)}
	if major == majorInt {
		v.number = -1 - v.number
	}
	end := size
	if major == majorBytes {
		end = size + n
		v.content = data[size:end]
	}
	if s.whole {
		end = length(data)
		l.line(depth, s.note(v), key, data[:end])
		return data[end:]
	}
	switch {
	case major == majorArray:
		l.line(depth, fmt.Sprintf("%s: array of %d", s.note(v), n), key, data[:size])
		data = data[size:]
		for i := range n {
			require.NotEmpty(l.t, s.items, s.name)
			data = l.item(nil, data, depth+1, s.items[min(i, len(s.items)-1)])
		}
		return data
	case major == majorMap:
		l.line(depth, fmt.Sprintf("%s: map of %d", s.note(v), n), key, data[:size])
		data = data[size:]
		for range n {
			data = l.pair(data, depth+1, s)
		}
		return data
	case s.inside != nil:
		l.line(depth, fmt.Sprintf("%s: %d bytes that hold CBOR", s.note(v), n), key, data[:size])
		l.items(v.content, depth+1, s.inside...)
	case major == majorBytes:
		l.line(depth, s.note(v), key, data[:size], v.content)
	default:
		l.line(depth, s.note(v), key, data[:size])
	}
	return data[end:]
}

// pair prints a key with its value.
func (l *listing) pair(data []byte, depth int, s shape) (rest []byte) {
	l.t.Helper()
	major, n, size := head(data)
	key := int64(n)
	if major == majorInt {
		key = -1 - key
	}
	of, ok := s.pairs[key]
	require.True(l.t, ok, "%s has no shape for the key %d", s.name, key)
	return l.item(data[:size], data[size:], depth, of)
}

func (s shape) note(v value) string {
	if s.say == nil {
		return s.name
	}
	return s.name + ": " + s.say(v)
}

// head decodes the head of an item.
func head(data []byte) (major, argument, size int) {
	major, info := int(data[0]>>5), int(data[0]&31)
	switch info {
	case 24:
		return major, int(data[1]), 2
	case 25:
		return major, int(binary.BigEndian.Uint16(data[1:])), 3
	case 26:
		return major, int(binary.BigEndian.Uint32(data[1:])), 5
	}
	return major, info, 1
}

// length returns the length of the first item of data.
func length(data []byte) int {
	major, n, size := head(data)
	switch major {
	case majorBytes, majorText:
		return size + n
	case majorArray, majorMap:
		for range n * (major - majorText) {
			size += length(data[size:])
		}
	}
	return size
}
