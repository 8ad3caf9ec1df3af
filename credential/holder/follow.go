package holder

import (
	"context"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
)

// patience bounds the time for which a phone waits in one tap, all told.
const patience = time.Minute

// follow asks again as long as the answer is not the last one: it sends the
// certificates that the lock lacks, once, and waits while the lock gathers
// energy.
func (x *exchange) follow(ctx context.Context, response message.Response) (message.Response, *Error) {
	const step = "REQUEST"
	var chain [][]byte
	var waited time.Duration
	for asked := 1; ; asked++ {
		again := x.asks()
		var err *Error
		switch {
		case len(response.Missing) > 0 && chain != nil:
			err = fault(credential.ReasonIssuerUnknown, step+": the lock does not take the certificates of Phone.Authorities", nil)
		case len(response.Missing) > 0:
			chain, err = x.chain(step, response.Missing)
			again.Chain = chain
		case response.Outcome != credential.OutcomePending:
			return response, nil
		case asked == wire.LimitRequests:
			err = fault(credential.ReasonBusy, step+": the lock did not gather enough energy", nil)
		default:
			waited += response.Wait
			err = x.gather(ctx, step, response, waited)
		}
		if err == nil {
			response, err = x.request(ctx, step, wire.InsRequest, nil, again)
		}
		if err != nil {
			return message.Response{}, err
		}
	}
}

// gather waits while the lock gathers energy.
func (x *exchange) gather(ctx context.Context, step string, response message.Response, waited time.Duration) *Error {
	if waited > patience {
		return fault(credential.ReasonBusy, step+": the lock asks to wait for more than "+patience.String(), nil)
	}
	if x.phone.Progress != nil {
		x.phone.Progress(Progress{Percent: min(response.Charge, 99)})
	}
	if err := x.phone.wait(ctx, response.Wait); err != nil {
		return fault(credential.ReasonBusy, step+": given up while the lock gathered energy", err)
	}
	return nil
}
