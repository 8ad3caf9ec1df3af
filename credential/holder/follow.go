package holder

import (
	"context"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
)

// follow asks again as long as the answer is not the last one: it sends the
// certificates that the lock lacks, and waits while the lock gathers energy.
func (x *exchange) follow(ctx context.Context, operation credential.Operation, response message.Response) (message.Response, *Error) {
	const step = "REQUEST"
	sent := false
	for asked := 1; asked < wire.LimitRequests; asked++ {
		again := message.Request{Operation: operation}
		switch {
		case len(response.Missing) > 0:
			again.Chain = x.chain(response.Missing)
			if len(again.Chain) == 0 || sent {
				return message.Response{}, &Error{
					Reason: credential.ReasonIssuerUnknown, Advice: AdviceRenew,
					Detail: step + ": the lock lacks the certificate of key " + response.Missing[0].String() + ", and so does Phone.Authorities",
				}
			}
			sent = true
		case response.Outcome == credential.OutcomePending:
			if x.phone.Progress != nil {
				x.phone.Progress(Progress{Percent: response.Charge})
			}
			if err := x.phone.wait(ctx, response.Wait); err != nil {
				return message.Response{}, &Error{Reason: credential.ReasonBusy, Detail: step + ": given up while the lock gathered energy", Advice: AdviceTapAgain, Err: err}
			}
		default:
			return response, nil
		}
		next, err := x.ask(ctx, step, wire.InsRequest, nil, again)
		if err != nil {
			return message.Response{}, err
		}
		response = next
	}
	return message.Response{}, &Error{Reason: credential.ReasonBusy, Detail: step + ": the lock did not gather enough energy", Advice: AdviceTapAgain}
}

// chain returns the certificates for the key ids, of those that the phone has.
func (x *exchange) chain(missing []credential.KeyID) [][]byte {
	var chain [][]byte
	for _, certificate := range x.phone.Authorities {
		u, err := credential.ParseAuthority(certificate)
		if err != nil {
			continue
		}
		for _, kid := range missing {
			if credential.KeyIDOf(u.Claims.Key) == kid && len(chain) < wire.LimitChainCertificates {
				chain = append(chain, certificate)
			}
		}
	}
	return chain
}
