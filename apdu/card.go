package apdu

import "github.com/postern-lock/postern/internal/wire"

// CardConfig says what a card can do.
type CardConfig struct {
	// Extended admits extended length fields.  Without it a command that has
	// them is answered 6700.
	Extended bool
	// Turned says that the card is a phone, which a lock reads by binding R.
	Turned bool
}

// Card is the lock's side of the link: a [Processor] over a [Handler].  It
// joins command chains, splits answers that are longer than the command asked
// for, serves GET RESPONSE, and keeps the bounds of the standard.  The package
// comment says what it does where ISO/IEC 7816-4 leaves it open.
//
// It allocates nothing after NewCard and is not for concurrent use.
type Card struct {
	handler  Handler
	extended bool
	turned   bool

	chain chain
	rest  []byte // of the last answer, what GET RESPONSE can fetch

	// store holds the chain's data while a chain is under way, and the answer
	// after that: never both.
	store [max(wire.LimitCommandBytes, wire.LimitResponseBytes)]byte
	out   [wire.LimitResponseBytes + swBytes]byte
}

// NewCard returns a card that has been reset.  A card without a handler
// answers every command with 6F00.
func NewCard(h Handler, config CardConfig) *Card {
	return &Card{handler: h, extended: config.Extended, turned: config.Turned}
}

// Reset forgets the chain and the answer under way and resets the handler.
func (c *Card) Reset() {
	c.chain = chain{}
	c.rest = nil
	if c.handler != nil {
		c.handler.Reset()
	}
}

// Process carries out one command.  The response is valid until the next call.
// It makes the checks of spec section 5.6 in their order as far as step 6; the
// steps after that are the handler's, but for GET RESPONSE.
func (c *Card) Process(command []byte) []byte {
	if c.handler == nil {
		return c.end(StatusFailure)
	}
	cmd, err := ParseCommand(command)
	if err != nil || IsExtended(command) && !c.extended { // step 1
		return c.end(StatusWrongLength)
	}
	if !knownClass(cmd.CLA) { // step 2
		return c.answer(StatusClaUnknown)
	}
	if c.chain.open && !c.chain.continuedBy(cmd) { // step 3
		if !isSelect(cmd) {
			return c.end(StatusChainExpected)
		}
		c.chain = chain{}
	}
	if !c.serves(cmd.CLA, cmd.INS) { // step 4
		c.rest = nil
		return c.answer(StatusInsUnknown)
	}
	if cmd.INS == insGetResponse {
		return c.fetch(cmd)
	}
	c.rest = nil
	if isLink(cmd) || c.chain.open {
		return c.join(cmd)
	}
	if len(cmd.Data) > wire.LimitCommandBytes {
		return c.end(StatusWrongLength)
	}
	return c.handle(cmd)
}

// fetch serves GET RESPONSE (ISO/IEC 7816-4, 11.8.1; spec section 5.5).
func (c *Card) fetch(cmd Command) []byte {
	switch {
	case len(cmd.Data) != 0 || cmd.Ne == 0: // step 5
		return c.end(StatusWrongLength)
	case cmd.P1 != 0 || cmd.P2 != 0: // step 7
		return c.end(StatusWrongP1P2)
	case len(c.rest) == 0:
		return c.end(StatusOutOfOrder)
	}
	return c.piece(cmd.Ne)
}

// join takes one link of a chain (spec section 5.4), and carries the logical
// command out when it is the last.
func (c *Card) join(cmd Command) []byte {
	if len(cmd.Data) == 0 || len(cmd.Data) > wire.LimitCommandBytes-c.chain.length { // step 5
		return c.end(StatusWrongLength)
	}
	copy(c.store[c.chain.length:], cmd.Data)
	length := c.chain.length + len(cmd.Data)
	if isLink(cmd) { // step 6
		c.chain = chainOf(cmd, length)
		return c.answer(StatusOK)
	}
	c.chain = chain{}
	cmd.Data = c.store[:length:length]
	return c.handle(cmd)
}

// handle has a whole command carried out and gives the first piece of its
// answer.
func (c *Card) handle(cmd Command) []byte {
	r := c.handler.Handle(cmd)
	if len(r.Data) > wire.LimitResponseBytes || !r.SW.Valid() || r.SW.More() > 0 || r.SW.Available() > 0 {
		return c.end(StatusFailure)
	}
	if r.SW != StatusOK {
		return c.answer(r.SW)
	}
	c.rest = c.store[:copy(c.store[:], r.Data)]
	return c.piece(cmd.Ne)
}

// piece gives the next bytes of the answer, at most ne, with 61xx while some
// are left and with 9000 after the last.
func (c *Card) piece(ne int) []byte {
	n := min(ne, len(c.rest))
	data := c.rest[:n]
	c.rest = c.rest[n:]
	sw := StatusOK
	if left := len(c.rest); left > 0 {
		sw = StatusMoreData
		if left < maxShortNe {
			sw |= Status(left)
		}
	}
	return appendResponse(c.out[:0], data, sw)
}

// answer gives a status word alone and changes nothing.
func (c *Card) answer(sw Status) []byte {
	return appendResponse(c.out[:0], nil, sw)
}

// end gives a status word that ends the transaction: everything under way is
// forgotten.
func (c *Card) end(sw Status) []byte {
	c.Reset()
	return c.answer(sw)
}
