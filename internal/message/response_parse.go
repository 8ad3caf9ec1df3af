package message

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

// ParseResponse decodes the plaintext of a response.  What this version does not
// know is no error; it sets Unknown.
func ParseResponse(data []byte) (Response, error) {
	var d decoding
	if err := readFields(errResponse, data, wire.ResponseName, d.read); err != nil {
		return Response{}, err
	}
	if err := d.finish(); err != nil {
		return Response{}, err
	}
	return d.response, nil
}

// decoding is a response on its way.
type decoding struct {
	response Response
	outcome  uint64 // of any number
	found    uint   // known fields that are there: bit n is field n
}

// has reports whether a known field is there.
func (d *decoding) has(field uint) bool { return d.found&(1<<field) != 0 }

// read reads the value of one field.
func (d *decoding) read(field uint64, value *dcbor.Reader) error {
	if field == 0 || field > wire.ResponseLog {
		d.response.Unknown = true
		value.Raw()
		return nil
	}
	d.found |= 1 << field
	switch field {
	case wire.ResponseOutcome:
		d.outcome = value.Uint()
		return nil
	case wire.ResponseReason:
		return d.readReason(value)
	case wire.ResponseState:
		return d.readState(value)
	case wire.ResponseMissing:
		return d.readMissing(value)
	case wire.ResponseCharge:
		return d.readCharge(value)
	case wire.ResponseNotice:
		return d.readNotice(value)
	case wire.ResponseReceipt:
		return d.readReceipt(value)
	case wire.ResponseResumption:
		return d.readSlot(value)
	case wire.ResponseDocuments:
		return d.readDocuments(value)
	}
	return d.readLog(value)
}

// readReason takes a reason of any number but none.
func (d *decoding) readReason(value *dcbor.Reader) error {
	reason := value.Uint()
	if reason > math.MaxUint32 || reason == 0 && value.Close() == nil {
		return errors.New("it is 0 or over 32 bits")
	}
	d.response.Reason = credential.Reason(d.narrow(reason))
	return nil
}

// narrow brings a number of a registry, which may be one of another version, into
// 8 bits.  One that does not fit becomes the greatest that does, which is not
// assigned, and never a known one.
func (d *decoding) narrow(v uint64) uint8 {
	d.response.Unknown = d.response.Unknown || v > math.MaxUint8
	return uint8(min(v, math.MaxUint8))
}

func (d *decoding) readState(value *dcbor.Reader) error {
	value.Array(3, 3)
	policy, floor, sequence := value.Uint(), value.Uint(), value.Uint()
	if max(policy, floor, sequence) > math.MaxUint32 {
		return errors.New("a number is over 32 bits")
	}
	d.response.State = State{uint32(policy), credential.Time(floor), uint32(sequence)}
	return nil
}

func (d *decoding) readMissing(value *dcbor.Reader) error {
	for range value.Array(1, wire.LimitMissing) {
		kid := value.Bytes()
		if kid == nil {
			break
		}
		if len(kid) != wire.LimitKeyIdBytes {
			return fmt.Errorf("a key id has %d bytes, this has %d", wire.LimitKeyIdBytes, len(kid))
		}
		d.response.Missing = append(d.response.Missing, credential.KeyID(kid))
	}
	return nil
}

// readSlot takes the number of taps that a slot is good for.
func (d *decoding) readSlot(value *dcbor.Reader) error {
	taps := value.Uint()
	if value.Close() == nil && (taps == 0 || taps > wire.LimitSlotTaps) {
		return fmt.Errorf("it is 1 to %d where it is there, this is %d", wire.LimitSlotTaps, taps)
	}
	d.response.Slot = int(taps)
	return nil
}

func (d *decoding) readCharge(value *dcbor.Reader) error {
	value.Array(2, 2)
	percent, wait := value.Uint(), value.Uint()
	if percent > fullCharge || wait > wire.LimitWaitMilliseconds {
		return fmt.Errorf("over %d percent, or a wait over %s", fullCharge, maxWait)
	}
	d.response.Charge, d.response.Wait = int(percent), time.Duration(wait)*time.Millisecond
	return nil
}

// finish applies the rules that concern several fields.
func (d *decoding) finish() error {
	r := &d.response
	switch {
	case d.has(wire.ResponseMissing):
		if d.found != 1<<wire.ResponseMissing {
			return fmt.Errorf("%w: missing certificates stand alone", errResponse)
		}
		return nil
	case !d.has(wire.ResponseOutcome):
		return fmt.Errorf("%w: field outcome is missing", errResponse)
	case d.outcome > wire.OutcomeFailed:
		// Whatever it is, it is not known to be no opening.
		*r = Response{Outcome: credential.OutcomeUnconfirmed, Reason: r.Reason, State: r.State, Unknown: true}
		return nil
	}
	r.Outcome = credential.Outcome(d.outcome)
	switch {
	case r.withState() != d.has(wire.ResponseState):
		return fmt.Errorf("%w: the state goes with every outcome but refused", errResponse)
	case r.withCharge() != d.has(wire.ResponseCharge):
		return fmt.Errorf("%w: a charge goes with pending, and only with it", errResponse)
	}
	return r.check()
}
