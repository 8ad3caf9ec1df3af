package holder

import (
	"context"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
)

// exchange is one try of one tap, from SELECT on.
type exchange struct {
	phone     *Phone
	grant     *credential.UnverifiedGrant // nil for an owner
	key       credential.PublicKey        // the holder's
	link      *counter
	operation credential.Operation
	byValue   bool // ask for the lock's certificate even if it is remembered

	selection message.Selection
	context   [32]byte // hash of the SELECT command and its answer
	known     KnownLock
	recalled  *credential.LockCertificate // verified, of this lock and suite; nil where none is remembered
	resolved  *credential.LockCertificate // verified, named in message_2; the lock has yet to prove that it is its own
	maker     *credential.Authority       // under whom the last certificate was verified
	proved    *credential.LockCertificate // the lock's own
	channel   *edhoc.Channel
	exporter  *edhoc.Exporter // after a full exchange
	resumed   bool            // the lock proved itself by a slot that it shares with the phone
	tried     bool            // a status word answered RESUME: no other try may follow, and the box may be open
	handed    bool            // a request was handed over: no other try may follow
	unsure    bool            // the lock may have carried it out, and no answer says otherwise
}

// run carries out the steps of chapter 8 and says what came of them.
func (x *exchange) run(ctx context.Context) (Result, *Error) {
	response, err := x.ask(ctx)
	result := Result{Outcome: credential.OutcomeRefused, Cost: x.link.cost}
	switch {
	case x.proved != nil:
		result.Lock = x.proved.ID()
	case x.resumed:
		result.Lock = x.selection.Lock
	}
	switch {
	case err == nil:
		result.Outcome, result.Reason = response.Outcome, response.Reason
		result.State = State(response.State)
		result.Advice = advise(response.Outcome, response.Reason)
		return result, nil
	case (x.unsure || x.tried) && x.operation != credential.OperationStatus:
		result.Outcome = credential.OutcomeUnconfirmed
		err.Advice = AdviceLook
	}
	result.Reason, result.Advice = err.Reason, err.Advice
	return result, err
}

// ask goes from SELECT to the last answer.
func (x *exchange) ask(ctx context.Context) (message.Response, *Error) {
	if err := x.selectLock(ctx); err != nil {
		return message.Response{}, err
	}
	if response, done, err := x.resume(ctx); done || err != nil {
		return response, err
	}
	if !x.byValue {
		x.recall()
	}
	initiator, err := x.handshake1(ctx)
	if err != nil {
		return message.Response{}, err
	}
	response, err := x.handshake2(ctx, initiator)
	if err != nil {
		return message.Response{}, err
	}
	x.remember()
	if response, err = x.follow(ctx, response); err == nil {
		x.keepSlot(response)
	}
	return response, err
}

// suite returns the cipher suite that the holder's key belongs to.
func (x *exchange) suite() int {
	if x.key.Algorithm() == wire.AlgEsp256 {
		return wire.SuiteP256Es256
	}
	return wire.SuiteX25519Ed25519
}

// extended reports whether both sides carry extended APDUs.
func (x *exchange) extended() bool {
	return x.phone.Extended && x.selection.Capabilities&wire.CapabilityExtendedLength != 0
}

// send exchanges one logical command and returns the data of a good answer.
func (x *exchange) send(ctx context.Context, step string, c apdu.Command) ([]byte, *Error) {
	r, err := apdu.Exchange(ctx, x.link, c, apdu.Options{Extended: x.extended()})
	if err != nil {
		return nil, linkFault(step, err)
	}
	if !r.SW.IsOK() {
		return nil, &Error{Reason: credential.ReasonStatusWord, Detail: step + ": " + r.SW.String(), Advice: adviseStatus(r.SW)}
	}
	return r.Data, nil
}
