package examples_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// What follows reads a page as a stranger would: it knows nothing of how the
// page was made.

// entry is a value or a block of bytes on a page.
type entry struct {
	name, how string
	bytes     []byte
	lines     []noted // of a block
	size      int     // of a block, as the page says it
	block     bool
	used      bool // whether a check has looked at it
}

// noted is an item of a block with its note.
type noted struct {
	bytes []byte
	note  string
}

// part is what stands below a heading of level 3, or between one of level 2 and
// the next heading.
type part struct {
	title   string
	entries []*entry
}

// section is what stands below a heading of level 2.
type section struct {
	title string
	parts []*part
	lines []string // that are neither headings nor in blocks
}

// get returns the entry with the name, and marks it as looked at.
func (p *part) get(name string) *entry {
	for _, e := range p.entries {
		if e.name == name {
			e.used = true
			return e
		}
	}
	panic(fmt.Sprintf("%q has no %q", p.title, name))
}

// get returns the first entry with the name in any part.
func (s *section) get(name string) *entry {
	for _, p := range s.parts {
		for _, e := range p.entries {
			if e.name == name {
				e.used = true
				return e
			}
		}
	}
	panic(fmt.Sprintf("%q has no %q", s.title, name))
}

var blockLabel = regexp.MustCompile(`^\*\*(.+)\*\*, ([0-9]+) bytes(?:, .*)?:$`)

// parse takes a page apart.
func parse(page string) []*section {
	var all []*section
	now := &section{}
	var label []string
	var fence []string
	inside := false
	add := func(e ...*entry) {
		last := now.parts[len(now.parts)-1]
		last.entries = append(last.entries, e...)
	}
	for line := range strings.Lines(page) {
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "```" && inside:
			if label != nil {
				add(parseBlock(label, fence))
			} else {
				add(parseValues(fence)...)
			}
			inside, label = false, nil
		case line == "```":
			inside, fence = true, nil
		case inside:
			fence = append(fence, line)
		case strings.HasPrefix(line, "## "):
			now = &section{title: line[3:], parts: []*part{{}}}
			all = append(all, now)
		case strings.HasPrefix(line, "### "):
			now.parts = append(now.parts, &part{title: line[4:]})
		case line != "":
			label = blockLabel.FindStringSubmatch(line)
			now.lines = append(now.lines, line)
		}
	}
	return all
}

// parseBlock reads bytes on the left and notes on the right.
func parseBlock(label, lines []string) *entry {
	e := &entry{name: label[1], size: decimal(label[2]), block: true}
	for _, line := range lines {
		left, note := line, ""
		if len(line) > column {
			left, note = line[:column], line[column:]
		}
		b := unhex(strings.ReplaceAll(left, " ", ""))
		e.bytes = append(e.bytes, b...)
		if note == "" {
			last := &e.lines[len(e.lines)-1]
			last.bytes = append(last.bytes, b...)
			continue
		}
		e.lines = append(e.lines, noted{b, note})
	}
	return e
}

// parseValues reads values by name.
func parseValues(lines []string) []*entry {
	var all []*entry
	for _, line := range lines {
		switch {
		case strings.HasPrefix(line, "  "):
			last := all[len(all)-1]
			last.bytes = append(last.bytes, unhex(line[2:])...)
		case line != "":
			name, how, _ := strings.Cut(line, " = ")
			all = append(all, &entry{name: name, how: how})
		}
	}
	return all
}

func decimal(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err)
	}
	return n
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// sent is a command as a page shows it: links joined.
type sent struct {
	part     *part
	name     string
	headers  [][]byte // of each link
	commands [][]byte
	answers  [][]byte
	data     []byte
	answer   []byte // without status word
	status   []byte
}

var pairTitle = regexp.MustCompile(`^Pairs? [0-9]+(?: to [0-9]+)?: ([A-Z0-9-]+)(?: in [0-9]+ links)?$`)

// read takes the APDUs of a part apart.
func (p *part) read() sent {
	m := pairTitle.FindStringSubmatch(p.title)
	if m == nil {
		panic(p.title + " is no heading of a pair")
	}
	s := sent{part: p, name: m[1]}
	for _, e := range p.entries {
		switch {
		case strings.HasPrefix(e.name, "Command"):
			e.used = true
			last := !strings.HasPrefix(e.name, "Command, link ")
			s.commands = append(s.commands, e.bytes)
			s.headers = append(s.headers, e.bytes[:4])
			s.data = append(s.data, dataOf(e.bytes, last)...)
		case strings.HasPrefix(e.name, "Response") && e.name != "Response opened":
			e.used = true
			s.answers = append(s.answers, e.bytes)
			s.answer, s.status = e.bytes[:len(e.bytes)-2], e.bytes[len(e.bytes)-2:]
			if len(s.answers) < len(s.commands) || strings.HasPrefix(e.name, "Response, link ") && !bytes.Equal(e.bytes, []byte{0x90, 0x00}) {
				panic(e.name + " is no answer to a link")
			}
		case e.name == "Joined data":
			e.used = true
			if !bytes.Equal(e.bytes, s.data) {
				panic("the joined data are not those of the links")
			}
		}
	}
	return s
}

// dataOf returns the data of a command, whose Le is 256; a link before the last
// has none.
func dataOf(b []byte, last bool) []byte {
	n, at, le := int(b[4]), 5, []byte{0}
	if n == 0 {
		n, at, le = int(b[5])<<8|int(b[6]), 7, []byte{1, 0}
	}
	if !last {
		le = nil
	}
	if !bytes.Equal(b[at+n:], le) {
		panic(fmt.Sprintf("length fields of %X", b))
	}
	return b[at : at+n]
}
