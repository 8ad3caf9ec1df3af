package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// width is the most columns of a line.
const width = 120

// printer prints for people and keeps the first error.
type printer struct {
	w   io.Writer
	err error
}

// line prints a line without spaces at its end.
func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.w, strings.TrimRight(fmt.Sprintf(format, args...), " "))
	}
}

// printTables prints everything for people.
func printTables(w io.Writer, f findings) error {
	p := &printer{w: w}
	p.line("What a tap costs the lock")
	p.line("")
	p.countTable(f)
	p.line("")
	p.timeTable(f.taps)
	p.line("")
	p.priceTable()
	p.line("")
	p.noteList()
	return p.err
}

// column is one column of the table of counts.
type column struct {
	group string // heading over it and its neighbours of the same group
	head  string
	width int
	cell  func(counts) string
}

// columns are those of the table of counts, behind the kind of tap.
var columns = []column{
	{"", "X25519", 7, func(c counts) string { return dot(c.X25519) }},
	{"Ed25519", "sign", 6, func(c counts) string { return dot(c.Ed25519Sign) }},
	{"Ed25519", "verify", 7, func(c counts) string { return dot(c.Ed25519Verify) }},
	{"P-256", "mult", 6, func(c counts) string { return dot(c.P256DH) }},
	{"P-256", "sign", 5, func(c counts) string { return dot(c.P256Sign) }},
	{"P-256", "verify", 7, func(c counts) string { return dot(c.P256Verify) }},
	{"", "points", 7, func(c counts) string { return dot(c.Ed25519Points + c.P256Points) }},
	{"SHA", "256", 6, func(c counts) string { return dot(c.SHA256Blocks) }},
	{"SHA", "512", 5, func(c counts) string { return dot(c.SHA512Blocks) }},
	{"", "AES", 6, func(c counts) string { return ciphers(c) }},
	{"link", "pairs", 7, func(c counts) string { return dot(c.Pairs) }},
	{"link", "bytes", 6, func(c counts) string { return dot(c.Bytes) }},
	{"flash", "read", 6, func(c counts) string { return dot(c.FlashReads) }},
	{"flash", "new", 6, func(c counts) string { return dot(c.FlashErases) }},
}

// ciphers prints key schedules and blocks of AES.
func ciphers(c counts) string {
	if c.AESKeys+c.AESBlocks == 0 {
		return dot(0)
	}
	return fmt.Sprintf("%d+%d", c.AESKeys, c.AESBlocks)
}

// countTable prints the counts.
func (p *printer) countTable(f findings) {
	p.line("Counted in runs of this library; points, SHA and AES with %s", f.version)
	p.line("")
	groups, heads := name(""), name("tap")
	for i, c := range columns {
		heads += fmt.Sprintf("%*s", c.width, c.head)
		if i > 0 && columns[i-1].group == c.group {
			continue
		}
		sum := 0
		for _, other := range columns[i:] {
			if other.group != c.group {
				break
			}
			sum += other.width
		}
		groups += over(c.group, sum)
	}
	p.line("%s", groups)
	p.line("%s", heads)
	p.rows(func(k kind) (line string) {
		for _, c := range columns {
			line += fmt.Sprintf("%*s", c.width, c.cell(f.taps[k.name]))
		}
		return line
	})
	p.line("")
	p.paragraph("", "mult: scalar multiplications of key agreement. points: public keys that are decoded outside of a verification. SHA: "+
		"blocks of 64 and 128 bytes; all of SHA-512 are inside Ed25519 and belong to its figures; with suite 2 some of SHA-256 make the "+
		"signature's nonce. AES: key schedules and blocks. bytes: of commands and responses. flash: pages of 128 bytes that are read, and "+
		"those that are erased and programmed anew. Every tap begins with a power-up, which is not in its line.")
	p.line("")
	owner, guest := f.rounds.owner, f.rounds.guest
	p.paragraph("", fmt.Sprintf("In a full memory a commit also copies old values out of the way. While the flash went round once, %d openings by the "+
		"owner programmed %.1f pages each and %d at most; %d by a guest who resumes, with a new slot after each 32, %.1f each and %d at most.", owner.openings, owner.mean(), owner.most, guest.openings, guest.mean(), guest.most))
}

// rows prints a table's lines: the kinds, in their groups.
func (p *printer) rows(cells func(kind) string) {
	p.rule()
	for i, k := range kinds {
		if i > 0 && kinds[i-1].group != k.group {
			p.line("")
		}
		p.line("%s", name(k.says)+cells(k))
	}
}

// name prints the first column.
func name(s string) string { return fmt.Sprintf("%-*s", nameWidth, s) }

// nameWidth is the width of the first column.
const nameWidth = 33

// over prints the heading of a group above columns of the width together, with
// a line beneath which they stand.
func over(group string, width int) string {
	if group == "" {
		return strings.Repeat(" ", width)
	}
	dashes := width - 2 - len([]rune(group)) - 2
	left := dashes / 2
	return "  " + strings.Repeat("─", left) + " " + group + " " + strings.Repeat("─", dashes-left)
}

// rule prints a line across the table.
func (p *printer) rule() { p.line("%s", strings.Repeat("─", width)) }

// dot prints a count, and a dot where there is none.
func dot(n int) string {
	if n == 0 {
		return "·"
	}
	return strconv.Itoa(n)
}

// timeTable prints the predicted times.
func (p *printer) timeTable(all map[string]counts) {
	p.line("Predicted milliseconds: ~ marks an estimate; air, flash and sum are estimates throughout [f, g]")
	p.line("")
	head := name("") + over("all cores", 15)
	under := name("tap") + fmt.Sprintf("%7s%8s", "air", "flash")
	for _, c := range cores {
		head += over(fmt.Sprintf("%s %g MHz", c.name, c.mhz), 24)
		under += fmt.Sprintf("%9s%7s%8s", "public", "symm.", "sum")
	}
	p.line("%s", head)
	p.line("%s", under)
	p.rows(func(k kind) string {
		predicted := predict(all[k.name])
		line := fmt.Sprintf("%7s%8s", plain(predicted[0].Air.Ms), plain(predicted[0].Flash.Ms))
		for _, c := range predicted {
			line += fmt.Sprintf("%9s%7s%8s", c.PublicKey, c.Symmetric, plain(c.Sum.Ms))
		}
		return line
	})
	p.line("")
	p.paragraph("", "public: operations with public keys. symm.: SHA-256, AES and CRC-32. Not predicted: CBOR, copying, the phone's own "+
		"time, gathering energy and driving the bolt.")
}

// String prints a time with its mark.
func (q quantity) String() string {
	if q.Basis == estimated {
		return "~" + plain(q.Ms)
	}
	return plain(q.Ms)
}

// plain prints milliseconds: tenths below ten, and none above.
func plain(ms float64) string {
	switch {
	case ms == 0:
		return "·"
	case ms < 9.95:
		return fmt.Sprintf("%.1f", ms)
	}
	return fmt.Sprintf("%.0f", ms)
}

// priceTable prints the figures of the model.
func (p *printer) priceTable() {
	p.line("Cycles of one operation: published [number], or estimated ~ [letter]")
	p.line("")
	head := name("operation")
	for _, c := range cores {
		head += fmt.Sprintf("%15s    ", c.name)
	}
	p.line("%s", head)
	p.rule()
	for _, price := range prices {
		line := name(price.says)
		for _, f := range price.figures {
			mark := ""
			if f.basis == estimated {
				mark = "~"
			}
			line += fmt.Sprintf("%15s [%s]", mark+thousands(f.cycles), f.note)
		}
		p.line("%s", line)
	}
}

// thousands prints a whole number with commas.
func thousands(f float64) string {
	s := strconv.FormatFloat(f, 'f', 0, 64)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// noteList prints sources and derivations.
func (p *printer) noteList() {
	p.line("Sources of what is published, and how estimates are made")
	p.line("")
	for _, n := range notes {
		p.paragraph("["+n.key+"] ", n.text)
	}
}

// paragraph prints a text in lines of the width, each after the first as far in
// as the label is long.
func (p *printer) paragraph(label, text string) {
	line := label
	indent := strings.Repeat(" ", len(label))
	for _, word := range strings.Fields(text) {
		if len([]rune(line))+1+len([]rune(word)) > width && line != indent {
			p.line("%s", line)
			line = indent
		}
		if line != label && line != indent {
			line += " "
		}
		line += word
	}
	p.line("%s", line)
}
