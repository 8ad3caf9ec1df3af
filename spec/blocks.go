package spec

import (
	"regexp"
	"strings"
)

// A block is a piece of a Markdown text that no sentence goes beyond.
type block struct {
	kind   blockKind
	text   string // on one line; the cells of a table row joined by " | "; code with its line ends
	number string // of an item of a numbered list, as the text has it
}

type blockKind int

const (
	paragraph blockKind = iota
	heading
	item     // of a list
	tableRow // but for the header of the table
	tableHeader
	code
)

// isRow reports whether the block can belong to a requirement that stands
// before it.
func (b block) isRow() bool { return b.kind == item || b.kind == tableRow || b.kind == code }

var sentenceEnd = regexp.MustCompile(`[.!?](\s|$)`)

// sentences returns the sentences of the block without their full stops.  A
// table cell is a text of its own; code has none.
func (b block) sentences() []string {
	var out []string
	for _, text := range b.texts() {
		for _, s := range sentenceEnd.Split(text, -1) {
			if s = strings.TrimSpace(s); s != "" {
				out = append(out, s)
			}
		}
	}
	return out
}

func (b block) texts() []string {
	switch b.kind {
	case code:
		return nil
	case tableRow, tableHeader:
		return strings.Split(b.text, " | ")
	}
	return []string{b.text}
}

var (
	itemHead = regexp.MustCompile(`^\s*(?:[*-]|([0-9]+)\.)\s+`)
	ruler    = regexp.MustCompile(`^\|[-| :]+\|$`)
)

// blocks returns the blocks of a Markdown text in their order.  Quoted
// paragraphs are left out.
func blocks(text string) []block {
	var out []block
	var open []string
	kind, number := paragraph, ""
	flush := func(next blockKind) {
		if len(open) > 0 {
			separator := " "
			if kind == code {
				separator = "\n"
			}
			out = append(out, block{kind, strings.Join(open, separator), number})
		}
		open, kind, number = nil, next, ""
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \r\n")
		trimmed := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(trimmed, "```"):
			if kind == code {
				flush(paragraph)
			} else {
				flush(code)
			}
		case kind == code:
			open = append(open, line)
		case trimmed == "", strings.HasPrefix(trimmed, ">"):
			flush(paragraph)
		case strings.HasPrefix(trimmed, "#"):
			flush(heading)
			open = []string{strings.TrimSpace(strings.TrimLeft(trimmed, "#"))}
			flush(paragraph)
		case ruler.MatchString(trimmed):
			if last := len(out) - 1; last >= 0 && out[last].kind == tableRow {
				out[last].kind = tableHeader
			}
		case strings.HasPrefix(trimmed, "|"):
			flush(tableRow)
			open = []string{cells(trimmed)}
			flush(paragraph)
		case itemHead.MatchString(line):
			flush(item)
			number = itemHead.FindStringSubmatch(line)[1]
			open = []string{itemHead.ReplaceAllString(line, "")}
		default:
			open = append(open, trimmed)
		}
	}
	flush(paragraph)
	return out
}

// cells returns the cells of a line of a table, joined by " | ".
func cells(line string) string {
	parts := strings.Split(strings.Trim(line, "|"), "|")
	for i, p := range parts {
		parts[i] = strings.TrimSpace(p)
	}
	return strings.Join(parts, " | ")
}
