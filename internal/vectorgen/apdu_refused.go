package main

import (
	"fmt"
	"slices"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

func (b apduBuilder) brokenChains() {
	b.links("Chains that break", false)
	c := request(wire.InsRequest, 40, 256)
	first, last := asLink(c, c.data[:20]), asLast(c, c.data[20:])
	begin := sent(first, sw(wire.StatusOk))
	twin := b.steps(0, "whole", flags("chain"), chained(c, 20)...)

	// What comes while the chain is open, and is neither its continuation nor
	// SELECT.  What was the last link is a whole command then.
	foreign := func(comment string, change func(*apduCommand)) {
		other := last
		change(&other)
		b.steps(twin, comment, flags("foreign"), begin, refused(other, wire.StatusChainExpected), served(last))
	}
	foreign("the last link of another INS", func(c *apduCommand) { c.ins = wire.InsHandshake2 })
	foreign("a link of another INS", func(c *apduCommand) { c.cla, c.ins, c.le = 0x90, wire.InsHandshake1, noLe })
	foreign("the last link with another P1", func(c *apduCommand) { c.p1 = 1 })
	foreign("the last link with another P2", func(c *apduCommand) { c.p2 = 1 })
	foreign("a link with another P1", func(c *apduCommand) { c.cla, c.p1, c.le = 0x90, 1, noLe })
	foreign("the last link of class 00", func(c *apduCommand) { c.cla = 0x00 })
	foreign("GET RESPONSE of class 00", func(c *apduCommand) { *c = getResponse(256) })
	foreign("GET RESPONSE of class 80", func(c *apduCommand) { *c = getResponse(256); c.cla = 0x80 })
	foreign("an unknown instruction of class 80", func(c *apduCommand) { c.ins = 0x99 })
	foreign("an unknown instruction of class 00", func(c *apduCommand) { *c = apduCommand{ins: 0xb0, le: 256} })
	foreign("an unknown instruction of class 90", func(c *apduCommand) { c.cla, c.ins = 0x90, 0x99 })
	foreign("SELECT of class 80", func(c *apduCommand) { *c = selectCommand; c.cla = 0x80 })
	foreign("SELECT of class 90", func(c *apduCommand) { *c = selectCommand; c.cla = 0x90 })
	foreign("TURN", func(c *apduCommand) { c.ins = wire.InsTurn })

	end := refused(getResponse(256), wire.StatusOutOfOrder)
	b.steps(twin, "the first link has no data", flags("link"), refused(asLink(c, nil), wire.StatusWrongLength))
	b.steps(twin, "the second link has no data", flags("link"), begin, refused(asLink(c, nil), wire.StatusWrongLength), served(last))
	b.steps(twin, "the last link has no data", flags("link"), begin, refused(asLast(c, nil), wire.StatusWrongLength), served(last))
	b.steps(twin, "the first link has Le and no data", flags("link"), refused(withLe(asLink(c, nil), 256), wire.StatusWrongLength))
	b.steps(twin, "a command that is none ends the chain", flags("link", "length"),
		begin, vectors.APDUStep{Command: last.short()[:10], Response: sw(wire.StatusWrongLength), Ends: true}, served(last))
	b.steps(twin, "an unknown class leaves the chain open", flags("chain", "class"),
		append([]vectors.APDUStep{begin, sent(apduCommand{cla: 0x84, ins: wire.InsRequest}, sw(wire.StatusClaUnknown))}, chained(c, 20)[1])...)
	b.steps(twin, "an unknown class with data leaves the chain open", flags("chain", "class"),
		append([]vectors.APDUStep{begin, sent(apduCommand{0xa0, 0xa4, 0, 0, []byte{1, 2}, 256}, sw(wire.StatusClaUnknown))}, chained(c, 20)[1])...)
	b.steps(twin, "after the last link the chain is over", flags("chain", "stale"), append(chained(c, 20), end)...)

	whole := b.steps(0, "1024 bytes", flags("chain"), chained(request(wire.InsRequest, 1024, 256), 255)...)
	for _, total := range []int{1025, 1275} {
		c := request(wire.InsRequest, total, 256)
		steps := chained(c, 255)[:4]
		b.steps(whole, fmt.Sprintf("%d bytes, the last link is too much", total), flags("link"),
			append(slices.Clone(steps), refused(asLast(c, c.data[1020:]), wire.StatusWrongLength), served(last))...)
		b.steps(whole, fmt.Sprintf("%d bytes, a link before the last is too much", total), flags("link"),
			append(slices.Clone(steps), refused(asLink(c, c.data[1020:]), wire.StatusWrongLength), served(last))...)
	}
}

func (b apduBuilder) unknown() {
	b.links("Classes and instructions that are none of the standard's", false)
	c := request(wire.InsRequest, 20, 256)
	twin := b.steps(0, "REQUEST", flags("class"), served(c))
	for _, cla := range []byte{0x01, 0x03, 0x04, 0x0c, 0x10, 0x40, 0x60, 0x7f, 0x81, 0x83, 0x84, 0x88, 0x8c, 0x91, 0x94, 0xa0, 0xb0, 0xc0, 0xe0, 0xff} {
		other := c
		other.cla = cla
		b.steps(twin, fmt.Sprintf("class %02X", cla), flags("class"), sent(other, sw(wire.StatusClaUnknown)), served(c))
	}
	for _, other := range []struct{ cla, ins byte }{
		{0x80, 0x00}, {0x80, 0x11}, {0x80, 0x13}, {0x80, 0x15}, {0x80, 0x17}, {0x80, wire.InsTurn}, {0x80, 0x1a}, {0x80, 0xa4}, {0x80, 0xb0}, {0x80, 0xff},
		{0x00, 0x10}, {0x00, 0x12}, {0x00, 0x14}, {0x00, 0x16}, {0x00, wire.InsTurn}, {0x00, 0x00}, {0x00, 0x70}, {0x00, 0xb0}, {0x00, 0xca}, {0x00, 0xff},
		{0x90, 0xa4}, {0x90, 0xc0}, {0x90, wire.InsTurn}, {0x90, 0x11}, {0x90, 0xff},
	} {
		o := c
		o.cla, o.ins = other.cla, other.ins
		b.steps(twin, fmt.Sprintf("class %02X, INS %02X", o.cla, o.ins), flags("ins"), sent(o, sw(wire.StatusInsUnknown)), served(c))
	}
	refusal := sent(c, sw(wire.StatusRefused))
	refusal.Carried = &vectors.APDUCarried{
		CLA: vectors.Hex{c.cla}, INS: vectors.Hex{c.ins}, P1: vectors.Hex{0}, P2: vectors.Hex{0}, Data: c.data, Answer: sw(wire.StatusRefused),
	}
	b.steps(twin, "refused by the application", flags("state"), refusal, refused(getResponse(256), wire.StatusOutOfOrder))
}

func (b apduBuilder) order() {
	b.links("Two faults: the one that is checked first is named", false)
	c := request(wire.InsRequest, 40, 256)
	begin := sent(asLink(c, c.data[:20]), sw(wire.StatusOk))
	b.steps(0, "whole", flags("chain"), chained(c, 20)...)
	none := func(b ...byte) vectors.APDUStep {
		return vectors.APDUStep{Command: b, Response: sw(wire.StatusWrongLength), Ends: true}
	}
	b.steps(0, "no command, of an unknown class", flags("order", "length"), none(0xff, 0x14, 0x00))
	b.steps(0, "no command, of an unknown instruction", flags("order", "length"), none(0x80, 0x99, 0x00, 0x00, 0x05, 0x01))
	b.steps(0, "no command, while a chain is open", flags("order", "length"), begin, none(0x80, 0x12, 0x00, 0x00, 0x05, 0x01))
	b.steps(0, "extended length fields and an unknown class", flags("order", "extended"), none(0xff, 0x14, 0x00, 0x00, 0x00, 0x00, 0x01, 0xaa))
	b.steps(0, "an unknown class and an unknown instruction", flags("order", "class"), sent(apduCommand{cla: 0x01, ins: 0x99}, sw(wire.StatusClaUnknown)))
	b.steps(0, "an unknown class while a chain is open", flags("order", "class"),
		begin, sent(apduCommand{cla: 0x01, ins: wire.InsHandshake1}, sw(wire.StatusClaUnknown)), chained(c, 20)[1])
	b.steps(0, "an unknown instruction without data in a link", flags("order", "ins"), sent(apduCommand{cla: 0x90, ins: 0x99}, sw(wire.StatusInsUnknown)))
	p1 := asLink(c, nil)
	p1.p1 = 7
	b.steps(0, "a link without data and with a wrong P1", flags("order", "link"), refused(p1, wire.StatusWrongLength))
	b.steps(0, "a foreign link without data", flags("order", "foreign"), begin, refused(apduCommand{cla: 0x90, ins: wire.InsHandshake1}, wire.StatusChainExpected))
	b.steps(0, "GET RESPONSE with data while a chain is open", flags("order", "foreign"),
		begin, refused(apduCommand{0x00, wire.InsGetResponse, 0, 0, []byte{1}, 1}, wire.StatusChainExpected))
	b.steps(0, "GET RESPONSE without Le when nothing is left", flags("order", "stale"), refused(getResponse(noLe), wire.StatusWrongLength))
}

func (b apduBuilder) extendedLinks() {
	b.links("Extended length fields on the link", true)
	c := request(wire.InsHandshake2, 300, 65536)
	twin := b.steps(0, "300 bytes in one APDU", flags("extended"), long(served(c), c))
	most := request(wire.InsHandshake2, 1024, 1026)
	answer := draw("apdu/answer", 1024)
	b.steps(0, "1024 bytes in one APDU, 1024 in answer", flags("extended"), long(carried(most, most.data, answer, 1024, wire.StatusOk), most))
	b.steps(0, "1024 bytes in answer, 512 at once", flags("extended", "fetch"),
		long(carried(withLe(c, 512), c.data, answer, 512, left(512)), withLe(c, 512)),
		long(sent(getResponse(512), sw(wire.StatusOk, answer[512:]...)), getResponse(512)))
	half := asLink(most, most.data[:512])
	b.steps(0, "1024 bytes in two extended links", flags("extended", "chain"),
		long(sent(half, sw(wire.StatusOk)), half),
		long(carried(asLast(most, most.data[512:]), most.data, answer, 1024, wire.StatusOk), asLast(most, most.data[512:])))
	b.steps(0, "short and extended links mixed", flags("extended", "chain"),
		sent(asLink(c, c.data[:20]), sw(wire.StatusOk)), long(carried(asLast(c, c.data[20:]), c.data, answer, 1024, wire.StatusOk), asLast(c, c.data[20:])))
	b.steps(0, "short length fields", flags("extended"), served(request(wire.InsRequest, 20, 256)))
	over := request(wire.InsHandshake2, 1025, 65536)
	b.steps(twin, "1025 bytes in one APDU", flags("extended", "link"), long(refused(over, wire.StatusWrongLength), over))
	b.steps(twin, "513 bytes after 512", flags("extended", "link"),
		long(sent(half, sw(wire.StatusOk)), half), long(refused(asLast(over, over.data[512:]), wire.StatusWrongLength), asLast(over, over.data[512:])))
	b.steps(twin, "a link of 1025 bytes", flags("extended", "link"),
		long(refused(asLink(over, over.data), wire.StatusWrongLength), asLink(over, over.data)))
}
