package apdu

import (
	"bytes"
	"context"
)

// Pair is one command APDU and the response APDU that came back.
type Pair struct {
	// Command and Response are the bytes as they went over the link.
	// Response is nil where none came.
	Command, Response []byte
	// Err is the transceiver's error, or nil.
	Err error
}

// Cost is what an exchange took: command-response pairs, and the bytes of
// commands and responses with headers and status words, without the radio's
// framing.  A command that got no response counts as a pair.
type Cost struct {
	Pairs, Bytes int
}

// Tracer is a [Transceiver] that passes everything on and keeps a copy, for
// people and for counting.  It keeps every pair until Reset.  It is for one
// user at a time.
type Tracer struct {
	// Annotate, where it is not nil, returns lines that explain a pair, for
	// the layers above this one.  [Tracer.Print] calls it.
	Annotate func(Pair) []string

	next  Transceiver
	pairs []Pair
	cost  Cost
}

// NewTracer returns a tracer in front of next.
func NewTracer(next Transceiver) *Tracer { return &Tracer{next: next} }

// Transceive passes the command on and records the pair.
func (t *Tracer) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	response, err := t.next.Transceive(ctx, command)
	p := Pair{Command: bytes.Clone(command), Response: bytes.Clone(response), Err: err}
	t.pairs = append(t.pairs, p)
	t.cost.Pairs++
	t.cost.Bytes += len(command) + len(response)
	return response, err
}

// Pairs returns what went over the link since the last Reset, in order.  The
// slice is the tracer's own.
func (t *Tracer) Pairs() []Pair { return t.pairs }

// Cost returns the sums since the last Reset.
func (t *Tracer) Cost() Cost { return t.cost }

// Reset forgets the pairs and begins to count anew.
func (t *Tracer) Reset() {
	t.pairs = nil
	t.cost = Cost{}
}
