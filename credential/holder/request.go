package holder

import (
	"context"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
)

// carrier is the command that a request travels in.
type carrier struct {
	step   string // for people
	ins    byte
	prefix []byte // what stands before the sealed request
}

// further carries every request but the first of a channel.
var further = carrier{step: "REQUEST", ins: wire.InsRequest}

// room returns how many bytes a request may have in the carrier.
func (x *exchange) room(by carrier) int {
	return x.link.commandBytes() - len(by.prefix) - edhoc.ChannelOverhead
}

// asks returns the request of this tap, without chain and documents.  A full
// exchange that opens asks for a slot too, where the phone keeps slots and the
// lock has them.
func (x *exchange) asks() message.Request {
	r := message.Request{
		Operation: x.asked.Operation, Resource: x.asked.Resource, Reference: x.asked.Reference, Receipt: x.asked.Receipt,
		Log: x.asked.Operation == credential.OperationStatus && x.asked.LogPages > 0 && !x.asked.Receipt, // which goes alone
	}
	if x.configure != nil {
		r.Proof = x.configure.proof
		return r
	}
	r.Resumable = x.exporter != nil && x.phone.Slots != nil && x.has(wire.CapabilityResumption) && !harmless(r.Operation)
	return r
}

// request sends one protected request and opens the answer.  Once it has left,
// the bolt may move.
func (x *exchange) request(ctx context.Context, by carrier, r message.Request) (message.Response, *Error) {
	sealed, cause := x.channel.Seal(r.Encode())
	if cause != nil {
		return message.Response{}, ownFault(by.step, AdviceUpdate, cause)
	}
	data, err := x.send(ctx, by.step, apdu.Command{CLA: message.Class, INS: by.ins, Data: append(by.prefix, sealed...), Ne: x.expects(r)})
	handed := err == nil || err.sent()
	x.latest = r.Operation
	x.handed = x.handed || handed
	x.unsure = handed && !harmless(r.Operation) && (err == nil || err.Reason != credential.ReasonStatusWord)
	if err != nil {
		return message.Response{}, err
	}
	plain, cause := x.channel.Open(data)
	if cause != nil {
		return message.Response{}, fault(credential.ReasonChannel, by.step, cause)
	}
	response, cause := message.ParseResponse(plain)
	if cause != nil {
		return message.Response{}, fault(credential.ReasonMalformed, by.step, cause)
	}
	x.unsure = false
	return response, nil
}

// expects returns how many bytes to ask for in answer to the request.
func (x *exchange) expects(r message.Request) int {
	if x.extended() && (r.Log || r.Receipt || r.Operation == credential.OperationReadLog) {
		return wire.LimitResponseBytes
	}
	return shortAnswer
}
