package cases

import (
	"context"
	"errors"
	"time"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/credential/holder/holdertest"
)

// Lock is the lock under test.  Everything that goes over the link is in the
// report.
type Lock struct{ t *T }

// Response is what a lock answered.
type Response struct {
	Silent bool
	Data   []byte
	SW     apdu.Status // 0 where it is silent, or gave no status word
	Bytes  []byte      // all of it
}

// Outcome returns the answer as an outcome: its status word, or silence.
func (r Response) Outcome() Outcome {
	switch {
	case r.Silent:
		return Silence
	case r.SW == 0:
		return "no status word"
	}
	return SW(r.SW)
}

// Power switches the field.
func (l *Lock) Power(on bool) { ask[shim.Nothing](l.t, shim.Power{On: on}) }

// Cycle takes the field away and brings it back.
func (l *Lock) Cycle() {
	l.Power(false)
	l.Power(true)
}

// Fresh makes the lock as it leaves its factory and switches the field on.
func (l *Lock) Fresh() { l.FreshWith(func(*shim.Provision) {}) }

// FreshWith is Fresh with other values.
func (l *Lock) FreshWith(alter func(*shim.Provision)) {
	p, err := l.t.World.Factory(3)
	l.t.OK(err)
	alter(&p)
	ask[shim.Nothing](l.t, p)
	l.Power(true)
}

// Send hands the lock the bytes of one command, as they are.
func (l *Lock) Send(what string, command []byte) Response {
	b, silent := l.send(l.t.ctx, what, command)
	if silent {
		return Response{Silent: true}
	}
	return parsed(b)
}

// parsed parts an answer from its status word.
func parsed(b []byte) Response {
	r, err := apdu.ParseResponse(b)
	if err != nil {
		return Response{Bytes: b}
	}
	return Response{Data: r.Data, SW: r.SW, Bytes: b}
}

// send hands over a command and keeps it for the report.
func (l *Lock) send(ctx context.Context, what string, command []byte) (response []byte, silent bool) {
	l.t.inTime()
	began := time.Now()
	a, err := shim.Call[shim.Answer](ctx, l.t.device, shim.Transceive{APDU: command})
	took := time.Since(began).Microseconds()
	if a.Microseconds != nil {
		took = *a.Microseconds
	}
	l.t.record(report.Exchange{What: what, Command: append(shim.Hex(nil), command...), Response: a.APDU, Silent: a.Silent, Took: took})
	l.t.rig(err)
	return a.APDU, a.Silent
}

// ErrSilent says that the lock did not answer.
var ErrSilent = errors.New("cases: the lock does not answer")

// Link is the phone's end of the link, for package holder and its like.  A lock
// that does not answer is an error that wraps ErrSilent.
func (l *Lock) Link() apdu.Transceiver { return link{l, nil} }

// link is the end of a phone, which knows what it sealed.
type link struct {
	*Lock
	phone *holdertest.Phone
}

func (l link) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	b, silent := l.send(ctx, "", command)
	if l.phone != nil {
		l.t.sealed(command, l.phone.Values())
	}
	if silent {
		return nil, ErrSilent
	}
	return b, nil
}

// Bolt returns how often each door was driven since the lock left its factory.
func (l *Lock) Bolt() []shim.Move { return ask[shim.Driven](l.t, shim.Bolt{}).Moves }

// Kept returns what stands in the lock's lasting memory.
func (l *Lock) Kept() shim.Kept { return ask[shim.Kept](l.t, shim.State{}) }

// Operations returns what was done to the lock's memory.
func (l *Lock) Operations() shim.Counted { return ask[shim.Counted](l.t, shim.Operations{}) }

// Reason returns why the lock refused last, also where it told nobody: a value of
// the registry reasons.
func (l *Lock) Reason() int { return ask[shim.Refused](l.t, shim.Refusal{}).Reason }

// CutAt lets the power go at the operation of the memory after the next n.
func (l *Lock) CutAt(n int, torn shim.Torn) { l.t.Set(shim.Cut{After: &n, Torn: torn}) }

// Has reports whether the shim has the verb.
func (l *Lock) Has(v shim.Verb) bool { return l.t.device.Hello().Has(v) }
