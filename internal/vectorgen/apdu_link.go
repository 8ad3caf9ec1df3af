package main

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// sw appends a status word to data.
func sw(status uint16, data ...byte) []byte {
	return binary.BigEndian.AppendUint16(slices.Clone(data), status)
}

// sent is a step: a command with short length fields and what the lock answers.
func sent(c apduCommand, response []byte) vectors.APDUStep {
	return vectors.APDUStep{Command: c.short(), Ne: &c.le, Response: response}
}

// long is the same with extended length fields.
func long(s vectors.APDUStep, c apduCommand) vectors.APDUStep {
	s.Command = c.extended()
	return s
}

// refused is a step that the lock refuses and that ends the transaction.
func refused(c apduCommand, status uint16) vectors.APDUStep {
	s := sent(c, sw(status))
	s.Ends = true
	return s
}

// carried is a step with which a whole command goes on, to be answered with
// data and 9000, of which the lock gives first data and status.
func carried(c apduCommand, joined, answer []byte, first int, status uint16) vectors.APDUStep {
	s := sent(c, sw(status, answer[:first]...))
	s.Carried = &vectors.APDUCarried{
		CLA: vectors.Hex{c.cla}, INS: vectors.Hex{c.ins}, P1: vectors.Hex{c.p1}, P2: vectors.Hex{c.p2},
		Data: slices.Clone(joined), Answer: sw(wire.StatusOk, answer...),
	}
	return s
}

// served is a step with a command that is whole and answered at once.
func served(c apduCommand) vectors.APDUStep {
	answer := draw("apdu/answer", 5)
	return carried(c, c.data, answer, len(answer), wire.StatusOk)
}

// request is a REQUEST of n bytes, or another command by its INS.
func request(ins byte, n, le int) apduCommand {
	return apduCommand{0x80, ins, 0x00, 0x00, draw(fmt.Sprintf("apdu/request/%02x/%d", ins, n), n), le}
}

// asLink returns the command as a link other than the last.
func asLink(c apduCommand, data []byte) apduCommand {
	c.cla, c.data, c.le = 0x90, data, noLe
	return c
}

// asLast returns the command as the last link.
func asLast(c apduCommand, data []byte) apduCommand {
	c.data = data
	return c
}

func getResponse(le int) apduCommand { return apduCommand{cla: 0x00, ins: wire.InsGetResponse, le: le} }

func (b apduBuilder) links(comment string, extended bool) {
	b.group(comment, vectors.APDUParams{Kind: "link", Extended: extended})
}

// protected are the instructions of class 80 that can be chained.
var protected = []byte{wire.InsHandshake1, wire.InsHandshake2, wire.InsRequest, wire.InsResume}

func (b apduBuilder) lone() {
	b.links("Commands of one APDU, answered at once", false)
	b.steps(0, "SELECT", flags("form", "select"), served(selectCommand))
	for _, ins := range protected {
		for _, n := range []int{1, 255} {
			b.steps(0, fmt.Sprintf("INS %02X, %d bytes", ins, n), flags("form", "ins"), served(request(ins, n, 256)))
		}
	}
	c := request(wire.InsHandshake1, 40, 256)
	c.p1 = wire.CertificateFormValue
	b.steps(0, "HANDSHAKE-1 with P1 01", flags("form", "parameters"), served(c))
	for _, n := range []int{0, 1, 255, 256} {
		c := request(wire.InsRequest, 20, 256)
		b.steps(0, fmt.Sprintf("an answer of %d bytes", n), flags("form"), carried(c, c.data, draw("apdu/answer", n), n, wire.StatusOk))
	}
	c = request(wire.InsRequest, 20, 16)
	b.steps(0, "an answer of as many bytes as Le allows", flags("form", "fetch"), carried(c, c.data, draw("apdu/answer", 16), 16, wire.StatusOk))
	c = request(wire.InsRequest, 20, noLe)
	b.steps(0, "no Le and an answer without data", flags("form"), carried(c, c.data, nil, 0, wire.StatusOk))
}

// left is 61xx for so many bytes.
func left(n int) uint16 {
	if n >= 256 {
		return wire.StatusMoreData
	}
	return wire.StatusMoreData | uint16(n)
}

// fetched adds steps: a command with this le whose answer is n bytes long, and
// GET RESPONSE with each le of les.
func fetched(n, le int, les ...int) []vectors.APDUStep {
	answer := draw("apdu/answer", n)
	c := request(wire.InsRequest, 20, le)
	first := min(n, le)
	status := func(off int) uint16 {
		if off == n {
			return wire.StatusOk
		}
		return left(n - off)
	}
	steps := []vectors.APDUStep{carried(c, c.data, answer, first, status(first))}
	for _, le := range les {
		next := min(n, first+le)
		steps = append(steps, sent(getResponse(le), sw(status(next), answer[first:next]...)))
		first = next
	}
	return steps
}

func (b apduBuilder) answers() {
	b.links("Answers longer than Le, and GET RESPONSE", false)
	for _, c := range []struct {
		comment string
		steps   []vectors.APDUStep
	}{
		{"257 bytes", fetched(257, 256, 1)},
		{"257 bytes, the last fetched with Le 00", fetched(257, 256, 256)},
		{"511 bytes", fetched(511, 256, 255)},
		{"512 bytes", fetched(512, 256, 256)},
		{"513 bytes", fetched(513, 256, 256, 1)},
		{"1024 bytes", fetched(1024, 256, 256, 256, 256)},
		{"40 bytes, Le 16, then all", fetched(40, 16, 24)},
		{"40 bytes, Le 16, then Le 00", fetched(40, 16, 256)},
		{"40 bytes in five parts", fetched(40, 16, 10, 1, 1, 12)},
		{"40 bytes, no Le", fetched(40, noLe, 40)},
		{"256 bytes, no Le", fetched(256, noLe, 256)},
		{"300 bytes, no Le", fetched(300, noLe, 256, 44)},
		{"1 byte, no Le", fetched(1, noLe, 1)},
	} {
		b.steps(0, c.comment, flags("fetch"), c.steps...)
	}
	steps := fetched(40, 16, 24)
	steps[1].Command[0] = 0x80
	twin := b.steps(0, "GET RESPONSE of class 80", flags("fetch"), steps...)

	begun := fetched(40, 16)
	after := func(c apduCommand, status uint16) []vectors.APDUStep {
		return slices.Concat(begun, []vectors.APDUStep{refused(c, status), refused(getResponse(24), wire.StatusOutOfOrder)})
	}
	withData, p1, p2 := getResponse(24), getResponse(24), getResponse(24)
	withData.data, p1.p1, p2.p2 = []byte{0}, 1, 1
	b.steps(twin, "GET RESPONSE with data", flags("stale"), after(withData, wire.StatusWrongLength)...)
	b.steps(twin, "GET RESPONSE without Le", flags("stale"), after(getResponse(noLe), wire.StatusWrongLength)...)
	b.steps(twin, "GET RESPONSE with P1 01", flags("parameters"), after(p1, wire.StatusWrongP1P2)...)
	b.steps(twin, "GET RESPONSE with P2 01", flags("parameters"), after(p2, wire.StatusWrongP1P2)...)
	b.steps(0, "GET RESPONSE as the first command", flags("stale"), refused(getResponse(256), wire.StatusOutOfOrder))
	b.steps(0, "GET RESPONSE as the first command, class 80", flags("stale"), refused(apduCommand{cla: 0x80, ins: wire.InsGetResponse, le: 1}, wire.StatusOutOfOrder))
	b.steps(twin, "GET RESPONSE after the last data", flags("stale"), append(fetched(40, 16, 24), refused(getResponse(1), wire.StatusOutOfOrder))...)
	b.steps(0, "GET RESPONSE after an answer given at once", flags("stale"), served(request(wire.InsRequest, 20, 256)), refused(getResponse(1), wire.StatusOutOfOrder))
	b.steps(twin, "GET RESPONSE after another command", flags("stale"),
		append(slices.Clone(begun), served(request(wire.InsRequest, 21, 256)), refused(getResponse(24), wire.StatusOutOfOrder))...)
	b.steps(twin, "GET RESPONSE after SELECT", flags("stale"),
		append(slices.Clone(begun), served(selectCommand), refused(getResponse(24), wire.StatusOutOfOrder))...)
	b.steps(twin, "GET RESPONSE after an unknown instruction, which discards the data", flags("stale", "ins"),
		append(slices.Clone(begun), sent(apduCommand{cla: 0x80, ins: 0x99}, sw(wire.StatusInsUnknown)), refused(getResponse(24), wire.StatusOutOfOrder))...)
	rest := fetched(40, 16, 24)
	b.steps(twin, "GET RESPONSE after an unknown class, which leaves the data", flags("fetch", "class"),
		begun[0], sent(apduCommand{cla: 0xff, ins: 0x99}, sw(wire.StatusClaUnknown)), rest[1])
	b.steps(twin, "GET RESPONSE after a command that is none", flags("stale", "length"),
		append(slices.Clone(begun), vectors.APDUStep{Command: vectors.Hex{0x00}, Response: sw(wire.StatusWrongLength), Ends: true}, refused(getResponse(24), wire.StatusOutOfOrder))...)
}

func (b apduBuilder) chains() {
	b.links("Command chains", false)
	for _, ins := range protected {
		b.steps(0, fmt.Sprintf("INS %02X in two links", ins), flags("chain"), chained(request(ins, 300, 256), 255)...)
	}
	value := request(wire.InsHandshake1, 37, 256)
	value.p1 = wire.CertificateFormValue
	b.steps(0, "HANDSHAKE-1 with P1 01 in two links", flags("chain"), chained(value, 20)...)
	for _, c := range []struct{ n, each int }{{2, 1}, {3, 1}, {40, 8}, {255, 254}, {256, 255}, {510, 255}, {765, 255}, {1020, 255}, {1023, 255}, {1024, 255}, {1024, 200}} {
		b.steps(0, fmt.Sprintf("%d bytes in links of %d", c.n, c.each), flags("chain"), chained(request(wire.InsHandshake2, c.n, 256), c.each)...)
	}
	c := request(wire.InsRequest, 40, 256)
	steps := chained(c, 20)
	steps[0] = sent(withLe(asLink(c, c.data[:20]), 256), sw(wire.StatusOk))
	b.steps(0, "Le in the first link is passed over", flags("chain"), steps...)
	answer := draw("apdu/answer", 300)
	b.steps(0, "a long answer to a chain", flags("chain", "fetch"),
		sent(asLink(c, c.data[:20]), sw(wire.StatusOk)),
		carried(asLast(c, c.data[20:]), c.data, answer, 256, left(44)),
		sent(getResponse(44), sw(wire.StatusOk, answer[256:]...)))
	last := withLe(asLast(c, c.data[20:]), noLe)
	b.steps(0, "no Le in the last link", flags("chain", "fetch"),
		sent(asLink(c, c.data[:20]), sw(wire.StatusOk)),
		carried(last, c.data, answer, 0, left(300)),
		sent(getResponse(256), sw(left(44), answer[:256]...)), sent(getResponse(256), sw(wire.StatusOk, answer[256:]...)))
	b.steps(0, "SELECT drops the chain and is carried out", flags("chain", "select", "dropped"),
		sent(asLink(c, c.data[:20]), sw(wire.StatusOk)), served(selectCommand), served(c))
	b.steps(0, "what was the last link is a whole command after SELECT", flags("chain", "select", "dropped"),
		sent(asLink(c, c.data[:20]), sw(wire.StatusOk)), served(selectCommand), served(asLast(c, c.data[20:])))
	b.steps(0, "two chains after each other", flags("chain"), append(chained(c, 20), chained(request(wire.InsHandshake2, 30, 256), 10)...)...)
}

// chained cuts a command into links of so many bytes and has it answered.
func chained(c apduCommand, each int) []vectors.APDUStep {
	var steps []vectors.APDUStep
	rest := c.data
	for len(rest) > each {
		steps = append(steps, sent(asLink(c, rest[:each]), sw(wire.StatusOk)))
		rest = rest[each:]
	}
	answer := draw("apdu/answer", 5)
	return append(steps, carried(asLast(c, rest), c.data, answer, len(answer), wire.StatusOk))
}
