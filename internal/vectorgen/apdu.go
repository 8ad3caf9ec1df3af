package main

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// apduBuilder makes area apdu.
type apduBuilder struct {
	*builder[vectors.APDUParams, vectors.APDUTest, *vectors.APDUTest]
}

var apduNotes = map[string]vectors.Note{
	"form":       note("none", "Misreads a good command.", "PST-APDU-001", "PST-APDU-011"),
	"length":     note("memory-safety", "Reads behind the command, or leaves bytes of it unread.", "PST-APDU-033"),
	"extended":   note("interoperability", "Extended fields where the lock announced none, or none where it did.", "PST-APDU-011"),
	"class":      note("confusion", "A class that means something else is carried out, or a phone's own probe ends the transaction.", "PST-APDU-033", "PST-APDU-034"),
	"ins":        note("confusion", "An instruction runs in a class that does not have it, or a phone's own probe ends the transaction.", "PST-APDU-033", "PST-APDU-034"),
	"parameters": note("confusion", "A command is carried out whose parameters mean another one.", "PST-APDU-013", "PST-APDU-033"),
	"chain":      note("interoperability", "Long commands fail.", "PST-APDU-001", "PST-APDU-016"),
	"dropped":    note("confusion", "Data of a chain that was given up join the next one.", "PST-APDU-016"),
	"foreign":    note("confusion", "Links of two commands are joined.", "PST-APDU-016"),
	"link":       note("exhaustion", "A chain never ends or outgrows its memory.", "PST-APDU-016"),
	"fetch":      note("interoperability", "Long answers fail.", "PST-APDU-001", "PST-APDU-023"),
	"stale":      note("confusion", "An answer is taken for that of another command.", "PST-APDU-023"),
	"order":      note("confusion", "Two faults, of which another one is named.", "PST-APDU-033"),
	"select":     note("confusion", "Another application's phone is served, or the right one is not.", "PST-APDU-008", "PST-APDU-013", "PST-APDU-034"),
	"state":      note("confusion", "A command runs out of its order, or a refusal leaves the transaction open.", "PST-APDU-034", "PST-DEC-001"),
}

func apduArea() (output, error) {
	b := apduBuilder{begin[vectors.APDUParams, vectors.APDUTest]("apdu", apduNotes)}
	b.reason = wire.StatusName
	b.shortForms()
	b.extendedForms()
	b.noExtended()
	b.lone()
	b.answers()
	b.chains()
	b.brokenChains()
	b.unknown()
	b.order()
	b.extendedLinks()
	b.lockSelect()
	b.lockState()
	return b.end()
}

// apduCommand is a command to be encoded.  An le of noLe means none.
type apduCommand struct {
	cla, ins, p1, p2 byte
	data             []byte
	le               int
}

const noLe = 0

// short encodes with short length fields; le is 1 to 256.
func (c apduCommand) short() []byte {
	b := []byte{c.cla, c.ins, c.p1, c.p2}
	if len(c.data) > 0 {
		b = append(append(b, byte(len(c.data))), c.data...)
	}
	if c.le != noLe {
		b = append(b, byte(c.le))
	}
	return b
}

// extended encodes with extended length fields; le is 1 to 65536.
func (c apduCommand) extended() []byte {
	b := []byte{c.cla, c.ins, c.p1, c.p2, 0}
	if len(c.data) > 0 {
		b = append(binary.BigEndian.AppendUint16(b, uint16(len(c.data))), c.data...)
	}
	if c.le != noLe {
		b = binary.BigEndian.AppendUint16(b, uint16(c.le))
	}
	return b
}

func (c apduCommand) fields() *vectors.APDUFields {
	return &vectors.APDUFields{
		CLA: vectors.Hex{c.cla}, INS: vectors.Hex{c.ins}, P1: vectors.Hex{c.p1}, P2: vectors.Hex{c.p2}, Data: vectors.Hex(c.data), Ne: c.le,
	}
}

// selectCommand is the SELECT that phones send.
var selectCommand = apduCommand{0x00, wire.InsSelect, 0x04, 0x00, []byte("\xf0POSTERN\x01"), 256}

func (b apduBuilder) parsed(comment string, command []byte, c apduCommand, flags ...string) int {
	return b.valid(comment, vectors.APDUTest{Command: command, Fields: c.fields()}, flags...)
}

func (b apduBuilder) unparsed(twin int, comment string, command []byte, flags ...string) {
	b.invalid(twin, wire.StatusWrongLength, comment, vectors.APDUTest{Command: command}, flags...)
}

func (b apduBuilder) shortForms() {
	b.group("Short length fields", vectors.APDUParams{Kind: "command"})
	header := apduCommand{cla: 0x80, ins: 0x14}
	bare := b.parsed("header alone", header.short(), header, "form")
	for n := range 4 {
		b.unparsed(bare, fmt.Sprintf("%d bytes", n), header.short()[:n], "length")
	}
	for _, le := range []int{1, 2, 127, 128, 255, 256} {
		c := header
		c.le = le
		b.parsed(fmt.Sprintf("no data, %d bytes expected", le), c.short(), c, "form")
	}
	for _, n := range []int{1, 2, 3, 9, 254, 255} {
		c := header
		c.data = draw(fmt.Sprintf("apdu/short/%d", n), n)
		without := b.parsed(fmt.Sprintf("%d bytes of data, no Le", n), c.short(), c, "form")
		c.le = 256
		with := b.parsed(fmt.Sprintf("%d bytes of data, Le 00", n), c.short(), c, "form")
		b.unparsed(with, fmt.Sprintf("%d bytes of data, Le of two bytes", n), append(c.short(), 0), "length")
		if n > 3 {
			b.unparsed(without, fmt.Sprintf("%d bytes of data, the last one missing", n), c.short()[:4+n], "length")
			fewer := c.short()
			fewer[4]--
			b.unparsed(with, fmt.Sprintf("%d bytes of data, Lc %d", n, n-1), fewer, "length")
		}
	}
	whole := b.parsed("SELECT", selectCommand.short(), selectCommand, "form")
	for n := 6; n < 14; n++ {
		b.unparsed(whole, fmt.Sprintf("SELECT, the first %d bytes", n), selectCommand.short()[:n], "length")
	}
	for _, c := range []apduCommand{
		{0xff, 0xff, 0xff, 0xff, []byte{0xff}, 255},
		{0x01, 0x02, 0x03, 0x04, []byte{0x05}, 6},
		{0x90, 0x12, 0x00, 0x00, []byte{0x00}, noLe},
	} {
		b.parsed(fmt.Sprintf("class %02X: what a class means is no matter of form", c.cla), c.short(), c, "form")
	}
}

func (b apduBuilder) extendedForms() {
	b.group("Extended length fields, in a lock that takes them", vectors.APDUParams{Kind: "command", Extended: true})
	header := apduCommand{cla: 0x80, ins: 0x12}
	for _, le := range []int{1, 255, 256, 257, 1026, 65535, 65536} {
		c := header
		c.le = le
		b.parsed(fmt.Sprintf("no data, %d bytes expected", le), c.extended(), c, "form", "extended")
	}
	for _, n := range []int{1, 2, 9, 255, 256, 257, 1024, 1025} {
		c := header
		c.data = draw(fmt.Sprintf("apdu/extended/%d", n), n)
		without := b.parsed(fmt.Sprintf("%d bytes of data, no Le", n), c.extended(), c, "form", "extended")
		c.le = 65536
		with := b.parsed(fmt.Sprintf("%d bytes of data, Le 0000", n), c.extended(), c, "form", "extended")
		if n == 9 || n == 256 || n == 1024 {
			b.unparsed(with, fmt.Sprintf("%d bytes of data, Le of one byte", n), c.extended()[:7+n+1], "length", "extended")
			b.unparsed(with, fmt.Sprintf("%d bytes of data, Le of three bytes", n), append(c.extended(), 0), "length", "extended")
			b.unparsed(without, fmt.Sprintf("%d bytes of data, the last one missing", n), c.extended()[:7+n-1], "length", "extended")
			fewer := c.extended()
			binary.BigEndian.PutUint16(fewer[5:], uint16(n-1))
			b.unparsed(with, fmt.Sprintf("%d bytes of data, Lc %d", n, n-1), fewer, "length", "extended")
			none := c.extended()
			binary.BigEndian.PutUint16(none[5:], 0)
			b.unparsed(with, fmt.Sprintf("%d bytes of data, Lc 0", n), none, "length", "extended")
		}
	}
	whole := b.parsed("SELECT", selectCommand.extended(), withLe(selectCommand, 256), "form", "extended")
	for _, n := range []int{6, 8, 9, 10, 11, 12, 13, 14, 15, 17} {
		b.unparsed(whole, fmt.Sprintf("SELECT, the first %d bytes", n), selectCommand.extended()[:n], "length", "extended")
	}
	b.parsed("SELECT with short fields", selectCommand.short(), selectCommand, "form")
}

func withLe(c apduCommand, le int) apduCommand {
	c.le = le
	return c
}

func (b apduBuilder) noExtended() {
	b.group("Extended length fields, in a lock that does not take them", vectors.APDUParams{Kind: "command"})
	data := draw("apdu/none/9", 9)
	c := apduCommand{0x80, 0x14, 0x00, 0x00, data, 256}
	twin := b.parsed("short", c.short(), c, "form")
	b.unparsed(twin, "extended", c.extended(), "extended")
	b.unparsed(twin, "extended, no Le", withLe(c, noLe).extended(), "extended")
	b.unparsed(twin, "extended, 300 bytes of data", apduCommand{0x80, 0x14, 0x00, 0x00, draw("apdu/none/300", 300), 256}.extended(), "extended")
	b.unparsed(twin, "extended, no data", apduCommand{cla: 0x80, ins: 0x14, le: 65536}.extended(), "extended")
	b.unparsed(twin, "SELECT, extended", selectCommand.extended(), "extended", "select")
}

// steps adds a test of kind "link" or "lock".  It is invalid if a command of
// it is refused, by the first such status word.
func (b apduBuilder) steps(twin int, comment string, flags []string, steps ...vectors.APDUStep) int {
	test := vectors.APDUTest{Steps: steps}
	for _, s := range steps {
		answer := slices.Concat(s.Response, s.Status)
		status := binary.BigEndian.Uint16(answer[len(answer)-2:])
		if status != wire.StatusOk && status>>8 != wire.StatusMoreData>>8 {
			return b.invalid(twin, int64(status), comment, test, flags...)
		}
	}
	return b.valid(comment, test, flags...)
}

func flags(flags ...string) []string { return flags }
