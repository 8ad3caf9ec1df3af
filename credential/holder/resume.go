package holder

import (
	"context"
	"crypto/sha256"
	"io"
	"slices"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
)

// resume tries to resume with the slot that the phone keeps for this lock and
// credential (section 15.4).  Done is false where a full exchange has to follow,
// from SELECT on.
//
// It sends RESUME once in a tap: somebody who swallows the lock's answers and
// puts status words in their place gains one opening by it, and not one for each
// secret that could be tried.
func (x *exchange) resume(ctx context.Context) (response message.Response, done bool, err *Error) {
	if x.phone.Slots == nil || x.configure != nil || x.tried || !x.has(wire.CapabilityResumption) {
		return message.Response{}, false, nil
	}
	id := x.slotID()
	slot, ok := x.phone.Slots.Load(id)
	if !ok || slot.Taps <= 0 || !x.trusts(slot) {
		return message.Response{}, false, nil
	}
	x.tried = true
	response, refused, err := x.sendResume(ctx, slot)
	switch {
	case err == nil:
		x.resumed = true
		x.settle(id, slot, response)
		return response, true, nil
	case !refused:
		return message.Response{}, true, err
	}
	// The lock has no such slot, or somebody wants it to seem so: the request
	// may have been carried out all the same.
	x.risked, x.handed = !harmless(x.latest), false
	return message.Response{}, false, x.selectLock(ctx)
}

// trusts reports whether the phone still has the manufacturer's certificate under
// which the lock was proved when the slot was made, and trusts the scheme above it.
func (x *exchange) trusts(slot Slot) bool {
	return slices.ContainsFunc(x.phone.Makers, func(maker []byte) bool { return sha256.Sum256(maker) == slot.Maker }) &&
		slices.ContainsFunc(x.phone.Roots, func(root credential.PublicKey) bool { return credential.KeyIDOf(root) == slot.Scheme })
}

// sendResume sends RESUME and follows the answer to the last one.  Refused says
// that a status word answered RESUME.
func (x *exchange) sendResume(ctx context.Context, slot Slot) (response message.Response, refused bool, err *Error) {
	const step = "RESUME"
	own := func(cause error) (message.Response, bool, *Error) {
		return message.Response{}, false, ownFault(step, AdviceTapAgain, cause)
	}
	var nonce edhoc.ResumptionNonce
	if _, cause := io.ReadFull(x.phone.Rand, nonce[:]); cause != nil {
		return own(cause)
	}
	secret := edhoc.ResumptionSecret(slot.Secret)
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
	x.begin(true)
	response, err = x.converse(ctx, carrier{step: step, ins: wire.InsResume, prefix: edhoc.AppendResume(nil, nonce, id)})
	return response, err != nil && err.Reason == credential.ReasonStatusWord && x.answers == 0, err
}

// settle takes the last sealed answer of a resumed tap over into the slot: the
// lock has stepped where it committed an opening, and only there.
func (x *exchange) settle(id SlotID, slot Slot, r message.Response) {
	if !committed(r) {
		return
	}
	secret := edhoc.ResumptionSecret(slot.Secret)
	next, err := secret.Next()
	if err != nil {
		return // the next tap is a full exchange
	}
	slot.Secret, slot.Taps = *next, slot.Taps-1
	_ = x.phone.Slots.Store(id, slot)
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
	if x.phone.Slots == nil || x.exporter == nil || x.maker == nil || x.configure != nil || !committed(r) {
		return
	}
	if r.Slot == 0 { // the lock has ended the one that it had
		_ = x.phone.Slots.Delete(x.slotID())
		return
	}
	secret, err := x.exporter.Resumption(x.context[:])
	if err != nil {
		return
	}
	_ = x.phone.Slots.Store(x.slotID(), Slot{Secret: *secret, Taps: min(r.Slot, wire.LimitSlotTaps), Maker: sha256.Sum256(x.maker.Bytes()), Scheme: x.maker.Signer()})
}
