package apdu

import (
	"bytes"
	"context"
)

// Transceiver is the phone's end of a link to one card.
type Transceiver interface {
	// Transceive sends the bytes of one command APDU and returns those of the
	// response APDU, which are the caller's to keep.  It does not keep or
	// change command.  An error means that no response came and that the card
	// may or may not have received the command; it ends the link.  It returns
	// when ctx is done, with an error that wraps ctx.Err.
	Transceive(ctx context.Context, command []byte) (response []byte, err error)
}

// Processor is a card as its own end of the link sees it: bytes in, bytes out.
// [Card] is one.
type Processor interface {
	// Process carries out one command APDU and returns the response APDU,
	// which is valid until the next call.  It returns at least the two bytes
	// of a status word, whatever command holds, and does not keep command.
	Process(command []byte) (response []byte)
	// Reset says that the field was lost or the card was reset: everything
	// that belongs to a transaction is forgotten.
	Reset()
}

// Handler is what a [Card] serves: whole logical commands, whole answers.  It
// sees only commands whose class and instruction the standard has: SELECT (00)
// and HANDSHAKE-1, HANDSHAKE-2 and REQUEST (80).
type Handler interface {
	// Handle carries out one command.  Data of the command is valid only
	// during the call and at most 1024 bytes long.  Data of the answer is
	// copied before the next call, is at most 1024 bytes long, and goes out
	// with 9000 only.  A status word of 61xx or 6Cxx belongs to the card: a
	// handler that gives one, or one that is none, or too much data, is
	// answered for with 6F00.
	Handle(Command) Response
	// Reset is called when the field was lost, and when the card itself
	// answered with a status word that ends the transaction.
	Reset()
}

// Direct returns a transceiver that hands each command to p in this process.
// A context that is done before the command fails it; a command under way is
// not interrupted.  It is for one user at a time, as p is.
func Direct(p Processor) Transceiver { return direct{p} }

type direct struct{ p Processor }

func (d direct) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return bytes.Clone(d.p.Process(command)), nil
}
