package lock

import (
	"bytes"
	"io"
	"time"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
)

// stage is how far a transaction has come (section 7.2).
type stage uint8

const (
	idle      stage = iota // nothing selected
	selected               // SELECT answered
	handshake              // message_2 given, message_3 awaited
	open                   // the channel is open
)

// transaction is what the lock knows of the phone in its field.  It lives in
// RAM alone and ends with the field or with the first error.
type transaction struct {
	stage     stage
	selection [32]byte // hash of the SELECT command and its answer
	nonce     message.Nonce
	// selectedAt is when SELECT was answered, by the lock's own oscillator.
	selectedAt time.Duration
	responder  *edhoc.Responder1
	channel    *edhoc.Channel
	requests   int
	driven     bool // an opening was committed in this transaction
	holder     holder
	exporter   *edhoc.Exporter // after a full exchange
	resumed    bool            // by the slot of the index
	slot       int
	told       credential.Moment // by a time token
}

// handler takes whole commands from the card layer.
type handler struct{ *Lock }

// Reset ends the transaction.
func (h handler) Reset() { h.tx = transaction{} }

// Handle carries out one command.  Every error status ends the transaction, but
// for those of a command that is none of this protocol (section 5.6).
func (h handler) Handle(c apdu.Command) apdu.Response {
	data, status := h.dispatch(c)
	switch status {
	case apdu.StatusOK:
		return apdu.Response{Data: data, SW: status}
	case apdu.StatusClaUnknown, apdu.StatusInsUnknown:
	default:
		h.tx = transaction{}
	}
	return apdu.Response{SW: status}
}

// dispatch makes the checks of section 5.6 from step 7 on.
func (h handler) dispatch(c apdu.Command) ([]byte, apdu.Status) {
	if c.CLA == 0x00 && c.INS == wire.InsSelect {
		return h.selectApplication(c)
	}
	if c.CLA != message.Class {
		return nil, apdu.StatusClaUnknown
	}
	switch c.INS {
	case wire.InsHandshake1, wire.InsHandshake2, wire.InsRequest, wire.InsResume:
	default:
		return nil, apdu.StatusInsUnknown
	}
	if c.P2 != 0 || c.P1 != 0 && !(c.INS == wire.InsHandshake1 && c.P1 == wire.CertificateFormValue) {
		return nil, apdu.StatusWrongP1P2
	}
	switch {
	case c.INS == wire.InsHandshake1 && h.tx.stage == selected:
		return h.handshake1(c.Data, c.P1 == wire.CertificateFormValue)
	case c.INS == wire.InsHandshake2 && h.tx.stage == handshake:
		return h.handshake2(c.Data)
	case c.INS == wire.InsResume && h.tx.stage == selected:
		return h.resume(c.Data)
	case c.INS == wire.InsRequest && h.tx.stage == open:
		return h.request(c.Data)
	}
	h.refuse(credential.ReasonSequence, nil)
	return nil, apdu.StatusOutOfOrder
}

// selectApplication begins a transaction, whatever was before.
func (l *Lock) selectApplication(c apdu.Command) ([]byte, apdu.Status) {
	l.tx = transaction{}
	if c.P1 != 0x04 || c.P2 != 0x00 {
		return nil, apdu.StatusWrongP1P2
	}
	if !bytes.Equal(c.Data, []byte(message.AID)) {
		return nil, apdu.StatusNotFound
	}
	s := message.Selection{Version: wire.LimitVersion, Capabilities: l.capabilities(), Lock: l.config.ID}
	if _, err := io.ReadFull(l.config.Rand, s.Nonce[:]); err != nil {
		l.refuse(credential.ReasonState, err)
		return nil, apdu.StatusFailure
	}
	data := s.Encode()
	aid := message.AID
	if l.reading {
		aid = message.ReaderAID
	}
	l.tx.stage, l.tx.selection, l.tx.nonce = selected, message.SelectionHash(aid, data), s.Nonce
	if l.config.Elapsed != nil {
		l.tx.selectedAt = l.config.Elapsed()
	}
	return data, apdu.StatusOK
}

// refuse tells the maker's code why a phone was given a status word alone.
func (l *Lock) refuse(r credential.Reason, err error) {
	l.observe(Event{Outcome: credential.OutcomeRefused, Reason: r, Err: err})
}
