package holdertest

import (
	"context"
	"slices"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
)

// Answer is the answer to a request.
type Answer struct {
	Reply
	Plain    []byte // what was sealed; nil where a status word came, or it did not open
	Response        // decoded; zero where it does not decode
}

// Request sends a further request in the channel.
func (p *Phone) Request(ctx context.Context, r Request) (*Answer, error) {
	return p.request(ctx, wire.InsRequest, r)
}

// request seals a request, sends it, and opens the answer.
func (p *Phone) request(ctx context.Context, ins byte, r Request) (*Answer, error) {
	if p.Channel == nil {
		return nil, errStep
	}
	plain := p.pass(Plaintext, r.Encode())
	if sent, err := message.ParseRequest(plain); err == nil {
		r = sent // the answer is held to what was asked in truth
	}
	sealed, err := p.Channel.Out.Seal(plain)
	if err != nil {
		return nil, err
	}
	return p.SendSealed(ctx, ins, p.pass(Sealed, sealed), r)
}

// SendSealed sends a sealed request as it is, again for example, in the command
// with the instruction; HANDSHAKE-2 (12) and RESUME (16) take along what stands
// before the request.  The answer is held to what the request asks for.
func (p *Phone) SendSealed(ctx context.Context, ins byte, sealed []byte, r Request) (*Answer, error) {
	if p.Channel == nil {
		return nil, errStep
	}
	data := sealed
	if ins == p.carrier {
		data = slices.Concat(p.prefix, sealed)
		p.carrier = 0
	}
	ne := maxShortNe
	if p.Extended && p.has(wire.CapabilityExtendedLength) && (r.Log || r.Receipt || r.Operation == credential.OperationReadLog) {
		ne = wire.LimitResponseBytes
	}
	reply, err := p.Send(ctx, command(ins, 0, data, ne))
	if err != nil {
		return nil, err
	}
	a := &Answer{Reply: *reply}
	if a.Lost == nil && a.SW == apdu.StatusOK {
		p.open(a, r)
	}
	return a, nil
}

// open opens and judges an answer.
func (p *Phone) open(a *Answer, r Request) {
	var err error
	if a.Plain, err = p.Channel.In.Open(a.Data); err != nil {
		a.fault("PST-CHAN-001", "the answer does not open: %v", err)
		return
	}
	if a.Response, err = message.ParseResponse(a.Plain); err != nil {
		a.fault("PST-REQ-004", "%v", err)
		return
	}
	if a.Unknown {
		a.fault("PST-REQ-004", "it holds a field, an outcome or a number that the registries have not: %X", a.Plain)
	}
	p.judge(a, r)
}
