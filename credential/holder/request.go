package holder

import (
	"context"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
)

// asks returns the request of this tap.  A full exchange that opens asks for a
// slot too, where the phone keeps slots and the lock has them.
func (x *exchange) asks() message.Request {
	resumable := x.exporter != nil && x.phone.Slots != nil && x.selection.Capabilities&wire.CapabilityResumption != 0
	return message.Request{Operation: x.operation, Resumable: resumable && x.operation != credential.OperationStatus}
}

// request sends one protected request, behind the prefix, and opens the answer.
// Once it has left, the bolt may move.
func (x *exchange) request(ctx context.Context, step string, ins byte, prefix []byte, r message.Request) (message.Response, *Error) {
	sealed, cause := x.channel.Seal(r.Encode())
	if cause != nil {
		return message.Response{}, ownFault(step, AdviceUpdate, cause)
	}
	data, err := x.send(ctx, step, apdu.Command{CLA: message.Class, INS: ins, Data: append(prefix, sealed...), Ne: shortAnswer})
	handed := err == nil || err.sent()
	x.handed = x.handed || handed
	x.unsure = handed && (err == nil || err.Reason != credential.ReasonStatusWord)
	if err != nil {
		return message.Response{}, err
	}
	plain, cause := x.channel.Open(data)
	if cause != nil {
		return message.Response{}, fault(credential.ReasonChannel, step, cause)
	}
	response, cause := message.ParseResponse(plain)
	if cause != nil {
		return message.Response{}, fault(credential.ReasonMalformed, step, cause)
	}
	x.unsure = false
	return response, nil
}
