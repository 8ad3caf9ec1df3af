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
//	state = [ policy-version: uint, floor: uint, log-sequence: uint ]
type State struct {
	_             struct{} `cbor:",toarray"`
	PolicyVersion uint32
	Floor         credential.Time
	Sequence      uint32
}

// Response is a protected response.  Either Missing is filled and nothing else,
// or the rest.
//
//	response = { 4: [ 1*2 kid ] } / { 1: refused, 2: reason } /
//	           { 1: outcome, ? 2: reason, 3: state, ? 5: [ percent, milliseconds ] }
type Response struct {
	Missing []credential.KeyID

	Outcome credential.Outcome
	Reason  credential.Reason // of refused and failed
	State   State             // of every outcome but refused
	Charge  int               // percent, of pending
	Wait    time.Duration     // of pending, whole milliseconds
}

// response is the map.
type response struct {
	Outcome *uint64  `cbor:"1,keyasint,omitempty"`
	Reason  uint64   `cbor:"2,keyasint,omitempty"`
	State   *State   `cbor:"3,keyasint,omitempty"`
	Missing [][]byte `cbor:"4,keyasint,omitempty"`
	Charge  []uint64 `cbor:"5,keyasint,omitempty"`
}

var errResponse = errors.New("response is malformed")

// maxWait bounds the time after which a lock may ask to be asked again.
const maxWait = wire.LimitWaitMilliseconds * time.Millisecond

// Encode returns the plaintext of the response.
func (r Response) Encode() ([]byte, error) {
	var w response
	if len(r.Missing) > 0 {
		for _, kid := range r.Missing {
			w.Missing = append(w.Missing, kid[:])
		}
		return dcbor.Marshal(w)
	}
	outcome := uint64(r.Outcome)
	w.Outcome, w.Reason = &outcome, uint64(r.Reason)
	if r.Outcome != credential.OutcomeRefused {
		w.State = &r.State
	}
	if r.Outcome == credential.OutcomePending {
		w.Charge = []uint64{uint64(min(max(r.Charge, 0), 100)), uint64(min(max(r.Wait, 0), maxWait) / time.Millisecond)}
	}
	return dcbor.Marshal(w)
}

// ParseResponse decodes the plaintext of a response.
func ParseResponse(data []byte) (Response, error) {
	var w response
	if err := dcbor.Unmarshal(data, &w); err != nil {
		return Response{}, fmt.Errorf("%w: %w", errResponse, err)
	}
	if len(w.Missing) > 0 {
		return w.missing()
	}
	if w.Outcome == nil {
		return Response{}, fmt.Errorf("%w: outcome is missing", errResponse)
	}
	r := Response{Outcome: credential.Outcome(min(*w.Outcome, uint64(^credential.Outcome(0)))), Reason: credential.Reason(min(w.Reason, uint64(^credential.Reason(0))))}
	if w.State != nil {
		r.State = *w.State
	}
	withReason := r.Outcome == credential.OutcomeRefused || r.Outcome == credential.OutcomeFailed
	pending := r.Outcome == credential.OutcomePending
	switch {
	case *w.Outcome > wire.OutcomeFailed:
		return Response{}, fmt.Errorf("%w: outcome %d is not one of this version", errResponse, *w.Outcome)
	case (w.State != nil) != (r.Outcome != credential.OutcomeRefused):
		return Response{}, fmt.Errorf("%w: the state goes with every outcome but refused", errResponse)
	case withReason != (w.Reason != 0):
		return Response{}, fmt.Errorf("%w: a reason goes with refused and failed, and only with them", errResponse)
	case pending != (len(w.Charge) == 2) || !pending && len(w.Charge) != 0:
		return Response{}, fmt.Errorf("%w: a charge goes with pending, and only with it", errResponse)
	}
	if pending {
		if w.Charge[0] > 100 || w.Charge[1] > uint64(maxWait/time.Millisecond) {
			return Response{}, fmt.Errorf("%w: charge over 100 percent, or a wait over %s", errResponse, maxWait)
		}
		r.Charge, r.Wait = int(w.Charge[0]), time.Duration(w.Charge[1])*time.Millisecond
	}
	return r, nil
}

// missing returns the response that names missing certificates alone.
func (w response) missing() (Response, error) {
	if w.Outcome != nil || w.Reason != 0 || w.State != nil || len(w.Charge) != 0 {
		return Response{}, fmt.Errorf("%w: missing certificates stand alone", errResponse)
	}
	if len(w.Missing) > wire.LimitChainCertificates {
		return Response{}, fmt.Errorf("%w: %d missing certificates, at most %d are allowed", errResponse, len(w.Missing), wire.LimitChainCertificates)
	}
	var r Response
	for _, kid := range w.Missing {
		if len(kid) != wire.LimitKeyIdBytes {
			return Response{}, fmt.Errorf("%w: a key id has %d bytes, this has %d", errResponse, wire.LimitKeyIdBytes, len(kid))
		}
		r.Missing = append(r.Missing, credential.KeyID(kid))
	}
	return r, nil
}
