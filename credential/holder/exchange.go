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
	phone *Phone
	grants
	key       credential.PublicKey // the holder's
	link      *counter
	asked     Ask
	configure *configuration // nil for every other operation
	byValue   bool           // ask for the lock's certificate even if it is remembered

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

	conversation
	pages [][]byte // of the log, as they came

	latest credential.Operation // of the last request
	tried  bool                 // RESUME was sent in this tap: once is all
	risked bool                 // a status word answered it, and the lock may have carried out what was asked
	handed bool                 // a request was handed over, and no status word answered RESUME: no other try may follow
	unsure bool                 // the lock may have carried it out, and no answer says otherwise
}

// run carries out the steps of chapter 8 and says what came of them.
func (x *exchange) run(ctx context.Context) (Result, *Error) {
	response, err := x.ask(ctx)
	if err == nil {
		err = x.takePages(ctx, response)
	}
	result := Result{Outcome: credential.OutcomeRefused, Documents: x.results, LogPages: x.pages, Cost: x.link.cost}
	result.inClear = x.asked.Operation == credential.OperationReadLog
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
		result.Notice = response.Notice
		result.Receipt = x.receipt(response.Receipt)
		result.Advice = advise(response.Outcome, response.Reason)
		return result, nil
	case x.unsure || x.risked:
		result.Outcome = credential.OutcomeUnconfirmed
		err.Advice = AdviceLook
		if x.configure != nil {
			err.Advice = AdviceFindOut
		}
	}
	result.Reason, result.Advice = err.Reason, err.Advice
	return result, err
}

// ask goes from SELECT to the last answer about the operation.
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
	if err == nil {
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

// has reports whether the lock announces the capability.
func (x *exchange) has(capability uint64) bool { return x.selection.Capabilities&capability != 0 }

// extended reports whether both sides carry extended APDUs.
func (x *exchange) extended() bool { return x.phone.Extended && x.has(wire.CapabilityExtendedLength) }

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
