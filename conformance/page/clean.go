package page

import (
	"strings"
	"unicode"
)

// The most letters of what is shown.
const (
	maxName = 200
	maxText = 4000
)

// clean returns a text from outside as it can be shown: within the bound, without
// what does not print or turns the direction of writing.
func clean(s string, most int) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		if n++; n > most {
			b.WriteString(" … (cut short)")
			break
		}
		if r != '\n' && !unicode.IsPrint(r) {
			r = unicode.ReplacementChar
		}
		b.WriteRune(r)
	}
	return b.String()
}

// line is clean for what stands in one line.
func line(s string, most int) string {
	return clean(strings.Join(strings.Fields(s), " "), most)
}
