package lock

import (
	"math"
	"slices"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/message"
)

// fullCharge is the charge in percent at which the bolt can be driven.
const fullCharge = 100

// open carries out an opening that was judged good: gather energy, commit the
// log entry and the use, drive the bolt, in this order (section 7.8).  It judges
// once more before the drive, so that no single comparison that goes wrong opens
// the box.  A transaction drives the bolt once.
func (l *Lock) open(d decision) ([]byte, apdu.Status) {
	if l.tx.driven {
		l.refuse(credential.ReasonSequence, nil)
		return nil, apdu.StatusOutOfOrder
	}
	started, err := l.state.start(max(l.state.floor, d.change.floor), l.accounts(d.permission.Counted))
	if err != nil {
		return l.conclude(d, credential.OutcomeRefused, err)
	}
	if percent, wait := l.config.Actuator.Charge(); percent < fullCharge {
		return l.reply(d, message.Response{Outcome: credential.OutcomePending, Charge: percent, Wait: wait}, nil)
	}
	taps, err := l.prepare(&d, started)
	if err != nil {
		return l.reply(d, message.Response{Outcome: credential.OutcomeFailed}, err)
	}
	l.tx.driven = true // also where the judgement differs now: what was committed is not committed twice
	if err := l.judge(&d); err != nil {
		return l.reply(d, message.Response{Outcome: credential.OutcomeRefused}, err)
	}
	r := message.Response{Outcome: credential.OutcomeOpened, Slot: taps}
	motion := l.config.Actuator.Drive(d.request.Operation, d.request.Resource)
	if motion == Stuck {
		r.Outcome = credential.OutcomeFailed
		return l.stuck(d, r)
	}
	if motion == Unseen {
		r.Outcome = credential.OutcomeUnconfirmed
	}
	l.confirm(started)
	l.attach(&r, &d)
	return l.reply(d, r, nil)
}

// accounts says of the counted links whose they are: those under an anchor of the
// owner's go when the owner does, as the owner's own.
func (l *Lock) accounts(counts []credential.Count) []credential.Count {
	for i := range counts {
		counts[i].Operator = counts[i].Operator && slices.Contains(l.config.Roots, l.rootOf(l.tx.holder.grant.Authority()))
	}
	return counts
}

// prepare commits all that has to be in flash before the bolt moves.
func (l *Lock) prepare(d *decision, started []counted) (taps int, err error) {
	if taps, err = l.secrets(&d.change, d.request.Resumable); err != nil {
		return 0, err
	}
	l.learn(&d.change)
	l.state.putUses(&d.change, started)
	return taps, l.commitEntry(d, credential.LogStarted, credential.ReasonNone)
}

// confirm ends the uses whose drive ended: the next start is another use.  Where
// it fails, the use can be started again, as if the power had gone.
func (l *Lock) confirm(started []counted) {
	if len(started) == 0 {
		return
	}
	var c change
	for i := range started {
		started[i].use.starts = 0
	}
	l.state.putUses(&c, started)
	if err := l.commit(c); err != nil {
		l.observe(Event{Outcome: credential.OutcomeFailed, Reason: credential.ReasonState, Err: err})
	}
}

// stuck answers where the bolt did not move.
func (l *Lock) stuck(d decision, r message.Response) ([]byte, apdu.Status) {
	d.change = change{}
	cause := &Error{Reason: credential.ReasonDrive, Detail: "the sensor saw no movement"}
	if err := l.commitEntry(&d, credential.LogFailed, credential.ReasonDrive); err != nil {
		cause.Err = err
	}
	l.attach(&r, &d)
	return l.reply(d, r, cause)
}

// commitEntry writes a log entry, together with all else that the decision
// changes.
func (l *Lock) commitEntry(d *decision, outcome credential.LogOutcome, reason credential.Reason) error {
	floor := max(l.state.floor, d.change.floor)
	moment := l.moment(floor)
	err := l.commitLogged(&d.change, credential.LogEntry{
		Time:      moment.time(floor),
		Evidence:  moment.Evidence,
		Operation: d.request.Operation,
		Outcome:   outcome,
		Reason:    reason,
		Role:      d.role,
		Service:   d.permission.Service,
		Who:       d.tag,
		Resource:  d.request.Resource,
		Reference: d.request.Reference,
	})
	d.change = change{}
	return err
}

// commitLogged commits a change with a log entry.
func (l *Lock) commitLogged(c *change, e credential.LogEntry) error {
	if l.state.sequence == math.MaxUint32 {
		return &Error{Reason: credential.ReasonState, Detail: "log: the sequence numbers are used up"}
	}
	l.state.enter(c, e)
	if err := l.commit(*c); err != nil {
		return &Error{Reason: credential.ReasonState, Detail: "commit of the log entry", Err: err}
	}
	return nil
}
