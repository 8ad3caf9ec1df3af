package examples_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/internal/suite"
)

// script says how a tap is explained.
type script struct {
	title       string
	suite       suite.Curve
	certificate []byte // of the lock, for the suite
	credential  shape  // ID_CRED_I
	chain       []shape
	says        []string // about each command, after what holds for every tap
	slot        bool     // whether a secret is kept to resume
}

// byGrant is ID_CRED_I of a holder, byKey of an owner (section 6.3).
func byGrant(name string) shape {
	return shape{name: "ID_CRED_I", pairs: map[int64]shape{13: {name: "kcwt: " + name + ", as above", whole: true}}}
}

func byKey(whose string) shape {
	return shape{name: "ID_CRED_I", pairs: map[int64]shape{14: {name: "kccs: claims set", pairs: map[int64]shape{8: confirmation(whose)}}}}
}

// instructionNames are those of section 5.2.
var instructionNames = map[byte]string{0xA4: "SELECT", 0x10: "HANDSHAKE-1", 0x12: "HANDSHAKE-2", 0x14: "REQUEST", 0x16: "RESUME"}

// glance prints the pairs of all taps of the page with their bytes.
func (p *page) glance(taps ...tap) {
	p.heading(2, "At a glance")
	p.text("Bytes are those of commands and responses with headers and status words.")
	p.row("| tap | pair | command | command bytes | response bytes |\n|---|---|---|---|---|")
	var sums []string
	for i, x := range taps {
		pairs, bytes := 0, 0
		for _, c := range x.commands(p.t) {
			for n, pair := range c.pairs {
				p.pairs, pairs = p.pairs+1, pairs+1
				bytes += len(pair.Command) + len(pair.Response)
				p.row("| %d | %d | %s%s | %d | %d |", i+1, p.pairs, instructionNames[c.INS], linkName(n, len(c.pairs)), len(pair.Command), len(pair.Response))
			}
		}
		p.bytes += bytes
		sums = append(sums, fmt.Sprintf("Tap %d: %d pairs, %d bytes.", i+1, pairs, bytes))
	}
	p.end()
	p.text("%s", strings.Join(sums, " "))
}

func linkName(n, of int) string {
	switch {
	case of == 1:
		return ""
	case n == of-1:
		return ", last link"
	}
	return fmt.Sprintf(", link %d", n+1)
}

// command prints one command and its answer; data and answer explain what they
// carry.
func (p *page) command(c command, data, answer func(*listing)) {
	p.t.Helper()
	for n, pair := range c.pairs {
		part := func(l *listing) { data(l) }
		if len(c.pairs) > 1 {
			link, err := apdu.ParseCommand(pair.Command)
			require.NoError(p.t, err)
			part = func(l *listing) { l.line(0, "part of the data", link.Data) }
		}
		label := linkName(n, len(c.pairs))
		p.bytesOf("Command"+label, len(pair.Command), "", func(l *listing) { frame(l, pair.Command, part) })
		if n < len(c.pairs)-1 {
			p.bytesOf("Response"+label, len(pair.Response), "", func(l *listing) { l.line(0, "status word: "+pairStatus(l.t, pair), pair.Response) })
		}
	}
	if len(c.pairs) > 1 {
		p.bytesOf("Joined data", len(c.Data), "", data)
	}
	last := c.pairs[len(c.pairs)-1]
	p.bytesOf("Response"+linkName(len(c.pairs)-1, len(c.pairs)), len(last.Response), "", func(l *listing) {
		if len(c.answer) > 0 {
			answer(l)
		}
		l.line(0, "status word: "+pairStatus(l.t, last), last.Response[len(last.Response)-2:])
	})
}

func pairStatus(t testing.TB, pair apdu.Pair) string {
	r, err := apdu.ParseResponse(pair.Response)
	require.NoError(t, err)
	return one("status-words")(value{number: int64(r.SW)})
}

// frame prints header and length fields of a command APDU.
func frame(l *listing, b []byte, data func(*listing)) {
	class := map[byte]string{0x00: "that of ISO/IEC 7816-4", 0x80: "that of this standard", 0x90: "that of this standard, more links follow"}
	l.line(0, "CLA: "+class[b[0]], b[:1])
	l.line(0, "INS: "+instructionNames[b[1]], b[1:2])
	switch {
	case b[1] == 0xA4:
		l.line(0, "P1, P2: by name, first or only one", b[2:4])
	case b[1] == 0x10:
		l.line(0, "P1: certificate by "+one("certificate-forms")(value{number: int64(b[2])}), b[2:3])
		l.line(0, "P2", b[3:4])
	default:
		l.line(0, "P1, P2", b[2:4])
	}
	if b[4] == 0 {
		l.line(0, fmt.Sprintf("Lc, extended: %d bytes of data", int(b[5])<<8|int(b[6])), b[4:7])
		data(l)
		l.line(0, fmt.Sprintf("Le, extended: up to %d bytes", int(b[len(b)-2])<<8|int(b[len(b)-1])), b[len(b)-2:])
		return
	}
	n := int(b[4])
	l.line(0, fmt.Sprintf("Lc: %d bytes of data", n), b[4:5])
	data(l)
	if len(b) > 5+n {
		l.line(0, "Le: up to 256 bytes", b[5+n:])
	}
}

// start prints the heading of a command's pairs and what there is to say.
func (p *page) start(c command, i int, says []string) {
	name := instructionNames[c.INS]
	p.pair += len(c.pairs)
	if n := len(c.pairs); n > 1 {
		p.heading(3, "Pairs %d to %d: %s in %d links", p.pair-n+1, p.pair, name, n)
	} else {
		p.heading(3, "Pair %d: %s", p.pair, name)
	}
	if i < len(says) && says[i] != "" {
		p.text("%s", says[i])
	}
}

// sealed prints a sealed message; the tag is its end.
func sealed(l *listing, what string, b []byte) {
	l.line(0, what+", encrypted", b[:len(b)-8])
	l.line(0, "tag", b[len(b)-8:])
}
