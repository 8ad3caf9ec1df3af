package holder

import (
	"context"
	"io"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
)

// resume tries to resume with the slot that the phone keeps for this lock and
// credential, with the oldest secret that the lock may hold first (section
// 15.4).  Done is false where a full exchange has to follow, from SELECT on.
func (x *exchange) resume(ctx context.Context) (response message.Response, done bool, err *Error) {
	if x.phone.Slots == nil || x.selection.Capabilities&wire.CapabilityResumption == 0 {
		return message.Response{}, false, nil
	}
	id := x.slotID()
	slot, ok := x.phone.Slots.Load(id)
	if !ok || !slot.usable() {
		return message.Response{}, false, nil
	}
	for steps, most := 0, slot.Ahead; steps <= most; steps++ {
		// The lock may take a step with this try whose answer is lost, so
		// the phone notes that first.
		slot.Ahead = max(slot.Ahead, steps+1)
		if x.phone.Slots.Store(id, slot) != nil {
			return message.Response{}, false, nil
		}
		response, refused, err := x.tryResume(ctx, slot, steps)
		if err == nil {
			x.resumed = true
			return response, true, x.settle(id, slot, steps, response)
		}
		if !refused {
			return message.Response{}, true, err
		}
		if err := x.selectLock(ctx); err != nil {
			return message.Response{}, true, err
		}
	}
	return message.Response{}, false, nil
}

// tryResume sends RESUME with one secret and follows the answer to the last one.
// Refused says that the lock answered with a status word: it has no slot with
// this secret, or somebody wants it to seem so.
func (x *exchange) tryResume(ctx context.Context, slot Slot, steps int) (response message.Response, refused bool, err *Error) {
	const step = "RESUME"
	own := func(cause error) (message.Response, bool, *Error) {
		return message.Response{}, false, ownFault(step, AdviceTapAgain, cause)
	}
	secret, cause := slot.secretAt(steps)
	if cause != nil {
		return own(cause)
	}
	var nonce edhoc.ResumptionNonce
	if _, cause := io.ReadFull(x.phone.Rand, nonce[:]); cause != nil {
		return own(cause)
	}
	resumed, cause := secret.Resume(nonce, x.context[:])
	if cause != nil {
		return own(cause)
	}
	id, cause := resumed.ID()
	if cause != nil {
		return own(cause)
	}
	if x.channel, cause = resumed.Channel(true); cause != nil {
		return own(cause)
	}
	response, err = x.request(ctx, step, wire.InsResume, edhoc.AppendResume(nil, nonce, id), x.asks())
	if err != nil {
		refused = err.Reason == credential.ReasonStatusWord
		x.handed = x.handed && !refused
		return message.Response{}, refused, err
	}
	response, err = x.follow(ctx, response)
	return response, false, err
}

// settle takes the authenticated answer to a resumption over into the slot: the
// lock held the secret so many steps on, and has taken one more if it committed
// an opening.
func (x *exchange) settle(id SlotID, slot Slot, steps int, r message.Response) *Error {
	if committed(r) {
		steps++
		slot.Taps--
	}
	secret, cause := slot.secretAt(steps)
	if cause != nil {
		return nil // the slot stays as it was noted before the try
	}
	slot.Secret, slot.Ahead = *secret, 0
	_ = x.phone.Slots.Store(id, slot)
	return nil
}

// committed reports whether the answer says that a log entry was written.
func committed(r message.Response) bool {
	switch r.Outcome {
	case credential.OutcomeOpened, credential.OutcomeUnconfirmed:
		return true
	case credential.OutcomeFailed:
		return r.Reason == credential.ReasonDrive
	}
	return false
}

// keepSlot keeps what a full exchange left to resume with.
func (x *exchange) keepSlot(r message.Response) {
	if x.phone.Slots == nil || r.Slot == 0 || x.exporter == nil {
		return
	}
	secret, err := x.exporter.Resumption(x.context[:])
	if err != nil {
		return
	}
	_ = x.phone.Slots.Store(x.slotID(), Slot{Secret: *secret, Taps: min(r.Slot, wire.LimitSlotTaps)})
}
