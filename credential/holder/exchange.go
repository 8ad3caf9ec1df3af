package holder

import (
	"context"
	"errors"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
)

const capabilityExtended = wire.CapabilityExtendedLength

// exchange is one try of one tap.
type exchange struct {
	phone     *Phone
	link      *apdu.Tracer
	selection message.Selection
	context   [32]byte // hash of the SELECT command and its answer
	known     KnownLock
	resolved  *credential.LockCertificate // of the lock, once it is verified
	channel   *edhoc.Channel
	byValue   bool // ask for the lock's certificate even if it is known
	handed    bool // a request was handed over: no other try may follow
	unsure    bool // the lock may have carried it out, and no status word says otherwise
}

// run carries out the steps of chapter 8.
func (x *exchange) run(ctx context.Context, operation credential.Operation) (message.Response, *Error) {
	if err := x.selectLock(ctx); err != nil {
		return message.Response{}, err
	}
	initiator, err := x.handshake1(ctx)
	if err != nil {
		return message.Response{}, err
	}
	response, err := x.handshake2(ctx, initiator, message.Request{Operation: operation})
	if err != nil {
		return message.Response{}, err
	}
	x.remember()
	return x.follow(ctx, operation, response)
}

// repeatable reports whether a try that ended with err may be begun again:
// nothing can have happened, and another try may end otherwise.
func (x *exchange) repeatable(err *Error) bool {
	if x.handed {
		return false
	}
	return err.Reason == credential.ReasonLink || err.Reason == credential.ReasonStatusWord || errors.Is(err, errOtherCertificate)
}

// selectLock sends SELECT and looks the lock up.
func (x *exchange) selectLock(ctx context.Context) *Error {
	const step = "SELECT"
	data, err := x.send(ctx, step, message.SelectCommand())
	if err != nil {
		return err
	}
	s, cause := message.ParseSelection(data)
	if cause != nil {
		return &Error{Reason: credential.ReasonMalformed, Detail: step, Advice: AdviceReport, Err: cause}
	}
	x.selection, x.context = s, message.SelectionHash(data)
	if x.phone.Locks != nil {
		x.known, _ = x.phone.Locks.Recall(s.Lock)
	}
	switch {
	case s.Version < wire.LimitVersion:
		return &Error{Reason: credential.ReasonVersion, Detail: step + ": the lock offers a version that this app does not speak", Advice: AdviceUpdate}
	case s.Version < x.known.Version:
		return &Error{Reason: credential.ReasonDowngrade, Detail: step + ": the lock proved a newer version before", Advice: AdviceReport}
	case x.suite() == wire.SuiteP256Es256 && s.Capabilities&wire.CapabilitySuite2 == 0:
		return &Error{Reason: credential.ReasonSuite, Detail: step + ": the lock does not speak suite 2, which the holder's P-256 key needs", Advice: AdviceUpdate}
	}
	return nil
}

// suite returns the cipher suite that the holder's key belongs to.
func (x *exchange) suite() int {
	if x.phone.Key.PublicKey().Algorithm() == wire.AlgEsp256 {
		return wire.SuiteP256Es256
	}
	return wire.SuiteX25519Ed25519
}

// handshake1 exchanges message_1 for message_2 and authenticates the lock.
func (x *exchange) handshake1(ctx context.Context) (*edhoc.Initiator2, *Error) {
	const step = "HANDSHAKE-1"
	start, message1, cause := edhoc.Start(edhoc.InitiatorConfig{Suites: []int{x.suite()}, Rand: x.phone.Rand})
	if cause != nil {
		return nil, &Error{Reason: credential.ReasonState, Detail: step + ": message_1", Advice: AdviceReport, Err: cause}
	}
	form := byte(wire.CertificateFormValue)
	if x.known.Certificate != nil && !x.byValue {
		form = wire.CertificateFormKid
	}
	message2, err := x.send(ctx, step, apdu.Command{CLA: message.Class, INS: wire.InsHandshake1, P1: form, Data: message1, Ne: 256})
	if err != nil {
		return nil, err
	}
	next, cause := start.ReadMessage2(message2, x.resolveLock)
	if cause != nil {
		reason := credential.ReasonPossession
		var r credential.Reason
		if errors.As(cause, &r) {
			reason = r
		}
		var peer *edhoc.PeerError
		if errors.As(cause, &peer) {
			reason = credential.ReasonSuite
		}
		return nil, &Error{Reason: reason, Detail: step + ": message_2", Advice: AdviceReport, Err: cause}
	}
	return next, nil
}

// handshake2 sends message_3 with the first request and returns its answer.
func (x *exchange) handshake2(ctx context.Context, initiator *edhoc.Initiator2, r message.Request) (message.Response, *Error) {
	const step = "HANDSHAKE-2"
	fail := func(cause error) (message.Response, *Error) {
		return message.Response{}, &Error{Reason: credential.ReasonPossession, Detail: step + ": message_3", Advice: AdviceReport, Err: cause}
	}
	message3, exporter, cause := initiator.WriteMessage3(x.local())
	if cause != nil {
		return fail(cause)
	}
	if x.channel, cause = edhoc.NewChannel(exporter, x.context[:], true); cause != nil {
		return fail(cause)
	}
	return x.ask(ctx, step, wire.InsHandshake2, message3, r)
}

// local returns what the holder proves the right with.
func (x *exchange) local() edhoc.Local {
	if grant := x.phone.Grant; grant != nil {
		id := message.IDCred{Header: wire.HeaderKcwt, Value: grant}
		return edhoc.Local{IDCred: id.Encode(), Cred: grant, Signer: x.phone.Key}
	}
	bare := credential.AppendClaimsSet(nil, x.phone.Key.PublicKey())
	id := message.IDCred{Header: wire.HeaderKccs, Value: bare}
	return edhoc.Local{IDCred: id.Encode(), Cred: bare, Signer: x.phone.Key}
}

// ask sends one protected request, behind the prefix, and opens the answer.
// From here on the bolt may move.
func (x *exchange) ask(ctx context.Context, step string, ins byte, prefix []byte, r message.Request) (message.Response, *Error) {
	sealed, cause := x.channel.Seal(r.Encode())
	if cause != nil {
		return message.Response{}, &Error{Reason: credential.ReasonChannel, Detail: step, Advice: AdviceReport, Err: cause}
	}
	data, err := x.send(ctx, step, apdu.Command{CLA: message.Class, INS: ins, Data: append(prefix, sealed...), Ne: 256})
	x.handed = x.handed || err == nil || err.sent()
	x.unsure = x.handed && (err == nil || err.Reason != credential.ReasonStatusWord)
	if err != nil {
		return message.Response{}, err
	}
	plain, cause := x.channel.Open(data)
	if cause != nil {
		return message.Response{}, &Error{Reason: credential.ReasonChannel, Detail: step, Advice: AdviceReport, Err: cause}
	}
	response, cause := message.ParseResponse(plain)
	if cause != nil {
		return message.Response{}, &Error{Reason: credential.ReasonMalformed, Detail: step, Advice: AdviceReport, Err: cause}
	}
	x.unsure = false
	return response, nil
}

// send exchanges one logical command and returns the data of a good answer.
func (x *exchange) send(ctx context.Context, step string, c apdu.Command) ([]byte, *Error) {
	r, err := apdu.Exchange(ctx, x.link, c, x.phone.options(x.selection))
	if err != nil {
		return nil, linkError(step, err)
	}
	if !r.SW.IsOK() {
		return nil, &Error{Reason: credential.ReasonStatusWord, Detail: step + ": " + r.SW.String(), Advice: statusAdvice(step, r.SW)}
	}
	return r.Data, nil
}

// statusAdvice returns the advice for a status word, which anybody could have
// sent.
func statusAdvice(step string, sw apdu.Status) Advice {
	switch {
	case step == "SELECT":
		return AdviceWrongBox
	case sw == apdu.StatusRefused:
		return AdviceRenew
	}
	return AdviceTapAgain
}
