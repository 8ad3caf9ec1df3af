package lock

import (
	"math"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/message"
)

// fullCharge is the charge in percent at which the bolt can be driven.
const fullCharge = 100

// open carries out an opening that was judged good: gather energy, commit the
// log entry, drive the bolt, in this order (section 7.8).  It judges once more
// before the drive, so that no single comparison that goes wrong opens the box.
// A transaction drives the bolt once.
func (l *Lock) open(d decision) ([]byte, apdu.Status) {
	if l.tx.driven {
		l.refuse(credential.ReasonSequence, nil)
		return nil, apdu.StatusOutOfOrder
	}
	if percent, wait := l.config.Actuator.Charge(); percent < fullCharge {
		return l.reply(d, message.Response{Outcome: credential.OutcomePending, Charge: percent, Wait: wait}, nil)
	}
	taps, err := l.secrets(&d.change, d.resumable)
	if err == nil {
		err = l.commitEntry(d, LogStarted, credential.ReasonNone)
	}
	if err != nil {
		return l.reply(d, message.Response{Outcome: credential.OutcomeFailed}, err)
	}
	if err := l.judge(&d); err != nil {
		return l.reply(d, message.Response{Outcome: credential.OutcomeRefused}, err)
	}
	l.tx.driven = true
	switch l.config.Actuator.Drive(d.operation) {
	case Moved:
		return l.reply(d, message.Response{Outcome: credential.OutcomeOpened, Slot: taps}, nil)
	case Unseen:
		return l.reply(d, message.Response{Outcome: credential.OutcomeUnconfirmed, Slot: taps}, nil)
	}
	d.change = change{}
	stuck := &Error{Reason: credential.ReasonDrive, Detail: "the sensor saw no movement"}
	if err := l.commitEntry(d, LogFailed, credential.ReasonDrive); err != nil {
		stuck.Err = err
	}
	return l.reply(d, message.Response{Outcome: credential.OutcomeFailed, Slot: taps}, stuck)
}

// commitEntry writes a log entry, together with what the grant taught the lock.
func (l *Lock) commitEntry(d decision, outcome LogOutcome, reason credential.Reason) error {
	if l.state.sequence == math.MaxUint32 {
		return &Error{Reason: credential.ReasonState, Detail: "log: the sequence numbers are used up"}
	}
	c := d.change
	c.entry = &Entry{
		Sequence:  l.state.sequence + 1,
		Floor:     max(l.state.floor, c.floor),
		Operation: d.operation,
		Outcome:   outcome,
		Reason:    reason,
		Role:      d.role,
		Service:   d.service,
		Grant:     d.tag,
	}
	if err := l.commit(c); err != nil {
		return &Error{Reason: credential.ReasonState, Detail: "commit of the log entry", Err: err}
	}
	return nil
}
