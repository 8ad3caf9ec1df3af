package lock

import (
	"context"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
)

// turns bounds the turns of one tap by binding R: every request, and a full
// exchange that follows a resumption.
const turns = wire.LimitRequests + 8

// Meet serves a phone or a card that a powered lock, being the reader, has found
// in its field (binding R, chapter 21): it hands over the lock's answers and
// fetches the phone's commands, which are those of binding L, until the phone
// has no more of them.
//
// What the lock decided is told to Config.Observe.  The error is an *Error with
// the reason link where the link failed, status-word where the other side is no
// phone of this standard, and malformed or limit for what it sends.
func (l *Lock) Meet(ctx context.Context, t apdu.Transceiver) error {
	l.Reset()
	l.reading = true
	defer func() {
		l.reading = false
		l.Reset()
	}()
	options := apdu.Options{Extended: l.config.ExtendedLength}
	if _, err := turn(ctx, t, apdu.Select([]byte(message.ReaderAID)), options); err != nil {
		return err
	}
	h := handler{l}
	answer := h.Handle(message.SelectCommand())
	for range turns {
		next, err := turn(ctx, t, apdu.Command{
			CLA: message.Class, INS: wire.InsTurn, P1: byte(answer.SW >> 8), P2: byte(answer.SW), Data: answer.Data, Ne: 256,
		}, options)
		if err != nil || len(next) == 0 {
			return err
		}
		if len(next) == 1 {
			return &Error{Reason: credential.ReasonMalformed, Detail: "TURN: the phone's command is cut short"}
		}
		command := apdu.Command{CLA: message.Class, INS: next[0], P1: next[1], Data: next[2:], Ne: wire.LimitResponseBytes}
		if command.INS == wire.InsSelect {
			command.CLA = 0x00
		}
		answer = h.Handle(command)
	}
	return &Error{Reason: credential.ReasonLimit, Detail: "TURN: the phone does not come to an end"}
}

// Reading returns the lock as Meet has it, command by command: it takes the
// phone's commands as by binding L, in channels of binding R.  It is for makers
// whose reader cannot wait, who send SELECT and TURN themselves.
func (l *Lock) Reading() apdu.Processor { return reading{l} }

type reading struct{ lock *Lock }

func (r reading) Process(command []byte) []byte {
	r.lock.reading = true
	defer func() { r.lock.reading = false }()
	return r.lock.Process(command)
}

func (r reading) Reset() { r.lock.Reset() }

// turn sends one command to the phone.
func turn(ctx context.Context, t apdu.Transceiver, c apdu.Command, o apdu.Options) ([]byte, error) {
	r, err := apdu.Exchange(ctx, t, c, o)
	switch {
	case err != nil:
		return nil, &Error{Reason: credential.ReasonLink, Detail: "binding R", Err: err}
	case !r.SW.IsOK():
		return nil, &Error{Reason: credential.ReasonStatusWord, Detail: "binding R: " + r.SW.String()}
	}
	return r.Data, nil
}
