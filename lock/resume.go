package lock

import (
	"crypto/subtle"
	"slices"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/wire"
)

// resume takes RESUME: nonce and id of the phone, with the first request behind
// them (section 15.3).  No public-key operation takes part.  Whatever does not
// fit is answered with the same status word.
func (l *Lock) resume(data []byte) ([]byte, apdu.Status) {
	nonce, id, sealed, err := edhoc.SplitResume(data)
	if err != nil {
		l.refuse(credential.ReasonMalformed, err)
		return nil, apdu.StatusRefused
	}
	found, resumed, err := l.findSlot(nonce, id)
	if err != nil {
		l.refuse(credential.ReasonState, err)
		return nil, apdu.StatusFailure
	}
	if found == nil {
		l.refuse(credential.ReasonResumption, nil)
		return nil, apdu.StatusRefused
	}
	if l.tx.channel, err = resumed.Channel(false); err != nil {
		l.refuse(credential.ReasonState, err)
		return nil, apdu.StatusFailure
	}
	l.tx.stage, l.tx.requests = open, 1
	plain, err := l.tx.channel.Open(sealed)
	if err != nil {
		l.refuse(credential.ReasonChannel, err)
		return nil, apdu.StatusRefused
	}
	if err := l.revive(found); err != nil {
		l.refuse(credential.ReasonResumption, err)
		return nil, apdu.StatusRefused
	}
	return l.take(plain)
}

// findSlot returns the slot whose secret gives the id in this transaction, and
// nil where none does.  It tries all of them, so that the time does not tell
// which.
func (l *Lock) findSlot(nonce edhoc.ResumptionNonce, id edhoc.ResumptionID) (*slot, *edhoc.Resumed, error) {
	var found *slot
	var match *edhoc.Resumed
	for i := range l.state.slots {
		s := &l.state.slots[i]
		resumed, err := s.secret.Resume(nonce, l.tx.selection[:])
		if err != nil {
			return nil, nil, err
		}
		own, err := resumed.ID()
		if err != nil {
			return nil, nil, err
		}
		if subtle.ConstantTimeCompare(own[:], id[:]) == 1 && s.left > 0 {
			found, match = s, resumed
		}
	}
	return found, match, nil
}

// revive sets the holder as the full exchange did that made the slot.  Rights
// are judged afresh: an owner who is one no more, and a grant whose issuer the
// lock no longer holds, resume nothing.
func (l *Lock) revive(s *slot) error {
	h := &l.tx.holder
	if s.fingerprint == (credential.Fingerprint{}) {
		key, err := credential.ParseClaimsSet(s.credential)
		if err != nil {
			return err
		}
		if !slices.Contains(l.config.Owners, key) {
			return &Error{Reason: credential.ReasonOwnerUnknown, Detail: "the slot is of a former owner"}
		}
		h.bare, h.owner = key, true
	} else {
		u, err := credential.ParseGrant(s.credential)
		if err != nil {
			return err
		}
		h.unverified, h.tried = u, true
		l.verifyHeld(&credential.Verifier{
			Roots: l.config.Roots, Meter: &l.meter,
			Known: func(f credential.Fingerprint) bool { return f == s.fingerprint || l.state.knows(f) },
		})
		if !h.verified() {
			return &Error{Reason: credential.ReasonIssuerUnknown, Detail: "the lock no longer holds the issuer of the slot's grant"}
		}
	}
	l.tx.used = &slot{id: s.id, secret: s.secret, left: s.left}
	return nil
}

// secrets adds to the change of an opening what becomes of the resumption
// secrets: the next one of the slot that was used; after a full exchange a new
// slot where the phone asked for one, and otherwise the end of the one that it
// had, so that whoever stole its secret is shut out.  It returns the taps that a
// new slot is good for.
func (l *Lock) secrets(c *change, wanted bool) (taps int, err error) {
	if used := l.tx.used; used != nil {
		next, err := used.secret.Next()
		if err != nil {
			return 0, err
		}
		c.step = &step{used.id, *next, used.left - 1}
		return 0, nil
	}
	own := l.slotOfHolder()
	if !wanted {
		if l.state.hasSlot(own.id) {
			c.step = &step{id: own.id} // good for no opening: it goes
		}
		return 0, nil
	}
	secret, err := l.tx.exporter.Resumption(l.tx.selection[:])
	if err != nil {
		return 0, err
	}
	own.secret, own.left = *secret, wire.LimitSlotTaps
	c.slot = &own
	return wire.LimitSlotTaps, nil
}

// slotOfHolder returns the slot of the holder's credential, without a secret.
func (l *Lock) slotOfHolder() slot {
	h := &l.tx.holder
	if h.owner {
		set := credential.AppendClaimsSet(nil, h.bare)
		return slot{id: ownersSlot(set), credential: set}
	}
	return slot{id: slotID(h.grant.Tag()), fingerprint: h.grant.Fingerprint(), credential: h.grant.Bytes()}
}
