package page

import (
	"html"
	"html/template"
	"regexp"
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

// What the text of the standard has of Markdown in its sentences.
var (
	link   = regexp.MustCompile(`\[([^\]]+)\]\([^)]*\)`)
	inCode = regexp.MustCompile("`([^`]+)`")
)

// marked is a sentence of the standard, or what a report names as one, as HTML.
func marked(s string) template.HTML {
	s = html.EscapeString(line(link.ReplaceAllString(s, "$1"), maxText))
	return template.HTML(inCode.ReplaceAllString(s, "<code>$1</code>"))
}
