package message

import (
	"errors"
	"fmt"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

// State is what the lock tells a phone whose right it has verified.
//
//	state = [ policy-version: uint32, floor: uint32, log-sequence: uint32 ]
type State struct {
	PolicyVersion uint32
	Floor         credential.Time
	Sequence      uint32 // of the newest log entry, 0 where there is none
}

// Response is a protected response (section 6.8).  Either Missing is filled and
// nothing else, or the rest.
//
//	response = { 4: [ 1*2 kid ] } / { 1: refused, 2: reason } / { 1: failed, 2: reason, 3: state } /
//	           { 1: pending, 3: state, 5: [ percent, milliseconds ] } /
//	           { 1: done / opened / unconfirmed, 3: state }
//
// With every outcome there can be ? 6: notice and ? 9: [ 1*4 reason ]; with those
// of a drive that was begun ? 8: taps; with those and with done ? 7: receipt; with
// done ? 10: log.
type Response struct {
	Missing []credential.KeyID

	Outcome credential.Outcome
	Reason  credential.Reason // of refused and failed
	State   State             // of every outcome but refused
	Charge  int               // percent, 0 to 100, of pending
	Wait    time.Duration     // whole milliseconds, at most ten seconds, of pending
	Slot    int               // taps that the slot just kept is good for, at most 32; 0 where none was kept

	Notice    credential.Notice   // of the owner, without Roles; zero where there is none
	Receipt   []byte              // the object as it is; nil where there is none
	Documents []credential.Reason // what became of each document that was handed over, none where the lock holds it now
	Log       []byte              // a page of the log, 768 bytes in clear or 792 sealed; nil where there is none

	// Unknown is set on a decoded response that holds something which this
	// version does not know: a field, which is passed over; an outcome, which is
	// taken for unconfirmed; a reason, a kind of notice or an instruction that
	// does not fit its type and becomes the greatest that does.
	Unknown bool
}

var errResponse = errors.New("response is malformed")

const (
	fullCharge = 100 // percent
	maxWait    = wire.LimitWaitMilliseconds * time.Millisecond
	clearLog   = wire.LimitLogPageBytes // bytes
	sealedLog  = clearLog + 16 + 8      // bytes, with salt and tag
)

// Encode returns the plaintext of the response.  It brings Charge and Wait
// within their bounds, with Wait rounded up to whole milliseconds; any other
// breach of the form is an error.
func (r Response) Encode() ([]byte, error) {
	if len(r.Missing) > 0 {
		return r.encodeMissing()
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	fields := 1
	for _, has := range [...]bool{
		r.withReason(), r.withState(), r.withCharge(), r.Notice.Kind > 0, len(r.Receipt) > 0, r.Slot > 0, len(r.Documents) > 0, len(r.Log) > 0,
	} {
		if has {
			fields++
		}
	}
	b := dcbor.AppendMap(make([]byte, 0, 32), fields)
	b = dcbor.AppendUint(dcbor.AppendInt(b, wire.ResponseOutcome), uint64(r.Outcome))
	if r.withReason() {
		b = dcbor.AppendUint(dcbor.AppendInt(b, wire.ResponseReason), uint64(r.Reason))
	}
	if r.withState() {
		b = r.appendState(b)
	}
	if r.withCharge() {
		b = r.appendCharge(b)
	}
	if r.Notice.Kind > 0 {
		b = appendNotice(dcbor.AppendInt(b, wire.ResponseNotice), r.Notice)
	}
	if len(r.Receipt) > 0 {
		b = append(dcbor.AppendInt(b, wire.ResponseReceipt), r.Receipt...)
	}
	if r.Slot > 0 {
		b = dcbor.AppendUint(dcbor.AppendInt(b, wire.ResponseResumption), uint64(r.Slot))
	}
	if len(r.Documents) > 0 {
		b = appendReasons(dcbor.AppendInt(b, wire.ResponseDocuments), r.Documents)
	}
	if len(r.Log) > 0 {
		b = dcbor.AppendBytes(dcbor.AppendInt(b, wire.ResponseLog), r.Log)
	}
	return b, nil
}

// appendState appends the field state.
func (r Response) appendState(b []byte) []byte {
	b = dcbor.AppendArray(dcbor.AppendInt(b, wire.ResponseState), 3)
	b = dcbor.AppendUint(b, uint64(r.State.PolicyVersion))
	b = dcbor.AppendUint(b, uint64(r.State.Floor))
	return dcbor.AppendUint(b, uint64(r.State.Sequence))
}

// appendCharge appends the field charge.
func (r Response) appendCharge(b []byte) []byte {
	wait := min(max(r.Wait, 0), maxWait)
	b = dcbor.AppendArray(dcbor.AppendInt(b, wire.ResponseCharge), 2)
	b = dcbor.AppendUint(b, uint64(min(max(r.Charge, 0), fullCharge)))
	return dcbor.AppendUint(b, uint64((wait+time.Millisecond-1)/time.Millisecond))
}

// encodeMissing returns the response that names missing certificates alone.
func (r Response) encodeMissing() ([]byte, error) {
	if r.Outcome != 0 || r.Reason != 0 || r.State != (State{}) || r.Slot != 0 || r.withMore() {
		return nil, fmt.Errorf("%w: missing certificates stand alone", errResponse)
	}
	if len(r.Missing) > wire.LimitMissing {
		return nil, fmt.Errorf("%w: %d missing certificates, at most %d are allowed", errResponse, len(r.Missing), wire.LimitMissing)
	}
	b := dcbor.AppendArray(dcbor.AppendInt(dcbor.AppendMap(nil, 1), wire.ResponseMissing), len(r.Missing))
	for _, kid := range r.Missing {
		b = dcbor.AppendBytes(b, kid[:])
	}
	return b, nil
}

// check applies the rules of a decision that concern several fields.
func (r Response) check() error {
	if r.Outcome > credential.OutcomeFailed {
		return fmt.Errorf("%w: outcome %d is not one of this version", errResponse, uint8(r.Outcome))
	}
	if r.withReason() != (r.Reason != credential.ReasonNone) {
		return fmt.Errorf("%w: a reason goes with refused and failed, and only with them", errResponse)
	}
	if r.Slot != 0 && !r.drove() {
		return fmt.Errorf("%w: a slot goes with what a drive came to", errResponse)
	}
	if r.Slot < 0 || r.Slot > wire.LimitSlotTaps {
		return fmt.Errorf("%w: a slot is good for 1 to %d openings, not %d", errResponse, wire.LimitSlotTaps, r.Slot)
	}
	done := r.Outcome == credential.OutcomeDone
	if len(r.Receipt) > 0 && !done && !r.drove() {
		return fmt.Errorf("%w: a receipt goes with done and with what a drive came to", errResponse)
	}
	if n := len(r.Log); n > 0 && (!done || n != clearLog && n != sealedLog) {
		return fmt.Errorf("%w: a page of the log goes with done, in %d bytes or sealed in %d", errResponse, clearLog, sealedLog)
	}
	if len(r.Documents) > wire.LimitDocuments {
		return fmt.Errorf("%w: over %d documents", errResponse, wire.LimitDocuments)
	}
	return checkNotice(r.Notice)
}

// drove reports whether the outcome is that of a drive that was begun.
func (r Response) drove() bool {
	switch r.Outcome {
	case credential.OutcomeOpened, credential.OutcomeUnconfirmed:
		return true
	}
	return r.Outcome == credential.OutcomeFailed && r.Reason == credential.ReasonDrive
}

// withMore reports whether a field is there that can go with a decision of any
// outcome, or with all but two.
func (r Response) withMore() bool {
	return r.Notice != (credential.Notice{}) || len(r.Receipt) > 0 || len(r.Documents) > 0 || len(r.Log) > 0
}

// withReason reports whether a reason goes with the outcome.
func (r Response) withReason() bool {
	return r.Outcome == credential.OutcomeRefused || r.Outcome == credential.OutcomeFailed
}

// withState reports whether the state goes with the outcome.
func (r Response) withState() bool { return r.Outcome != credential.OutcomeRefused }

// withCharge reports whether a charge goes with the outcome.
func (r Response) withCharge() bool { return r.Outcome == credential.OutcomePending }
