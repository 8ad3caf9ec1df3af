package spec_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// annotate prints CBOR item by item, each head with a note.  A byte string
// whose note begins with "<<" holds CBOR itself and is entered.  The notes must
// be as many as the items.
func annotate(t *testing.T, data []byte, notes ...string) string {
	t.Helper()
	a := &annotator{t: t, notes: notes}
	for len(data) > 0 {
		data = a.item(data, 0)
	}
	require.Empty(t, a.notes, "notes left over")
	return a.out.String()
}

type annotator struct {
	t     *testing.T
	notes []string
	out   strings.Builder
}

// item prints the first item of data and returns what follows it.
func (a *annotator) item(data []byte, depth int) []byte {
	a.t.Helper()
	require.NotEmpty(a.t, a.notes, "a note is missing for % X", data)
	note := a.notes[0]
	a.notes = a.notes[1:]
	major, argument, head := head(data)
	switch major {
	case 2: // byte string
		content, rest := data[head:head+argument], data[head+argument:]
		if strings.HasPrefix(note, "<<") {
			a.line(data[:head], depth, note)
			for len(content) > 0 {
				content = a.item(content, depth+1)
			}
			return rest
		}
		a.line(data[:head+argument], depth, note)
		return rest
	case 4, 5: // array, map
		a.line(data[:head], depth, note)
		data = data[head:]
		for range argument * (major - 3) {
			data = a.item(data, depth+1)
		}
		return data
	}
	a.line(data[:head], depth, note)
	return data[head:]
}

// column is where notes begin.
const column = 56

// line prints bytes, folded at 16, with the note beside the first of them.
func (a *annotator) line(b []byte, depth int, note string) {
	for first := true; first || len(b) > 0; first = false {
		n := min(len(b), 16)
		text := strings.Repeat("  ", depth) + fmt.Sprintf("%X", b[:n])
		b = b[n:]
		if first {
			text = fmt.Sprintf("%-*s %s", column, text, note)
		}
		a.out.WriteString(strings.TrimRight(text, " ") + "\n")
	}
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
