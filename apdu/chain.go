package apdu

import "github.com/postern-lock/postern/internal/wire"

// Instructions that this package carries out or must tell apart.
const (
	insSelect      = wire.InsSelect
	insGetResponse = wire.InsGetResponse
)

// Classes of the standard (spec section 5.6).
const (
	classInterindustry = 0x00
	classProprietary   = 0x80
	classLink          = classProprietary | chainBit
)

func knownClass(cla byte) bool {
	return cla == classInterindustry || cla == classProprietary || cla == classLink
}

// knownInstruction tells whether the standard has ins in this class.  SELECT
// and GET RESPONSE cannot be chained.
func knownInstruction(cla, ins byte) bool {
	switch ins {
	case insSelect:
		return cla == classInterindustry
	case insGetResponse:
		return cla == classInterindustry || cla == classProprietary
	case wire.InsHandshake1, wire.InsHandshake2, wire.InsRequest, wire.InsResume, wire.InsTurn:
		return cla == classProprietary || cla == classLink
	}
	return false
}

// serves tells whether a card of binding L, or one of binding R, has the
// instruction: of the protected ones, the latter has TURN and the former has
// the others.
func (c *Card) serves(cla, ins byte) bool {
	both := ins == insSelect || ins == insGetResponse
	return knownInstruction(cla, ins) && (both || c.turned == (ins == wire.InsTurn))
}

func isSelect(c Command) bool { return c.CLA == classInterindustry && c.INS == insSelect }

// isLink tells whether c is a link of a chain other than its last.
func isLink(c Command) bool { return c.CLA&chainBit != 0 }

// chain is a command chain under way (spec section 5.4).
type chain struct {
	open        bool
	ins, p1, p2 byte
	length      int // bytes of data so far
}

func chainOf(c Command, length int) chain {
	return chain{open: true, ins: c.INS, p1: c.P1, p2: c.P2, length: length}
}

func (ch chain) continuedBy(c Command) bool {
	return c.CLA&^chainBit == classProprietary && ch == chainOf(c, ch.length)
}
