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

// shortAnswer is how many bytes a short command can ask for.
const shortAnswer = 256

// handshake1 exchanges message_1 for message_2 and lets the lock prove itself.
func (x *exchange) handshake1(ctx context.Context) (*edhoc.Initiator2, *Error) {
	const step = "HANDSHAKE-1"
	start, message1, cause := edhoc.Start(edhoc.InitiatorConfig{Suites: []int{x.suite()}, Rand: x.phone.Rand})
	if cause != nil {
		return nil, ownFault(step+": message_1", AdviceTapAgain, cause)
	}
	command := apdu.Command{CLA: message.Class, INS: wire.InsHandshake1, P1: wire.CertificateFormValue, Data: message1, Ne: shortAnswer}
	switch {
	case x.recalled != nil:
		command.P1 = wire.CertificateFormKid
	case x.suite() == wire.SuiteP256Es256 && x.extended():
		command.Ne = wire.LimitResponseBytes // the certificate makes it 257 bytes or more
	}
	message2, err := x.send(ctx, step, command)
	if err != nil {
		return nil, err
	}
	next, cause := start.ReadMessage2(message2, x.resolveLock)
	if cause != nil {
		return nil, message2Fault(step+": message_2", message2, cause)
	}
	x.proved = x.resolved
	return next, nil
}

// message2Fault names what is wrong with message_2 (section 8.4).  Whatever does
// not prove the lock has the same reason: before its signature is verified,
// message_2 has no integrity, so how garbage fails is chance.
func message2Fault(step string, message2 []byte, cause error) *Error {
	var resolving *Error
	switch {
	case errors.As(cause, &resolving):
		return resolving
	case isErrorMessage(message2):
		return lockFault(credential.ReasonSuite, step, cause)
	}
	return lockFault(credential.ReasonPossession, step, cause)
}

// isErrorMessage reports whether the answer to HANDSHAKE-1 is an EDHOC error
// message, whatever stands in it: it begins with an integer (RFC 9528, section
// 6), and message_2 with a byte string.  The phone has one key and so one suite,
// and no other try to make.
func isErrorMessage(answer []byte) bool { return len(answer) > 0 && answer[0] < 0x40 }

// handshake2 sends message_3 with the first request behind it, and whatever
// follows up to the last answer.
func (x *exchange) handshake2(ctx context.Context, initiator *edhoc.Initiator2) (message.Response, *Error) {
	const step = "HANDSHAKE-2"
	message3, exporter, cause := initiator.WriteMessage3(x.local())
	if cause != nil { // the key did not sign
		return message.Response{}, ownFault(step+": message_3", AdviceTapAgain, cause)
	}
	if x.channel, cause = edhoc.NewChannel(exporter, x.context[:], true); cause != nil {
		return message.Response{}, ownFault(step+": channel", AdviceTapAgain, cause)
	}
	x.exporter = exporter
	if cause = x.configure.prove(exporter, x.context[:]); cause != nil {
		return message.Response{}, ownFault(step+": proof", AdviceTapAgain, cause)
	}
	x.begin(false)
	return x.converse(ctx, carrier{step: step, ins: wire.InsHandshake2, prefix: message3})
}

// local returns what the holder proves the right with.
func (x *exchange) local() edhoc.Local {
	id := message.IDCred{Header: wire.HeaderKccs}
	if x.grant != nil {
		id.Header, id.Value = wire.HeaderKcwt, x.grant.Bytes()
	} else {
		id.Value = credential.AppendClaimsSet(nil, x.key)
	}
	return edhoc.Local{IDCred: id.Encode(), Cred: id.Value, Signer: x.phone.Key}
}
