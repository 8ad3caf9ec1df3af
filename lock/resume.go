package lock

import (
	"crypto/subtle"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/dcbor"
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
	if found < 0 {
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
	if err := l.revive(&l.state.slots[found].holder); err != nil {
		l.refuse(credential.ReasonResumption, err)
		return nil, apdu.StatusRefused
	}
	l.tx.resumed, l.tx.slot = true, found
	return l.take(plain)
}

// findSlot returns the index of the slot whose secret gives the id in this
// transaction, and -1 where none does.  It tries all of them, so that the time
// does not tell which.
func (l *Lock) findSlot(nonce edhoc.ResumptionNonce, id edhoc.ResumptionID) (int, *edhoc.Resumed, error) {
	found, match := -1, (*edhoc.Resumed)(nil)
	for i := range l.state.slots {
		s := &l.state.slots[i]
		if s.empty() {
			continue
		}
		resumed, err := s.line.secret.Resume(nonce, l.tx.selection[:])
		if err != nil {
			return -1, nil, err
		}
		own, err := resumed.ID()
		if err != nil {
			return -1, nil, err
		}
		if subtle.ConstantTimeCompare(own[:], id[:]) == 1 {
			found, match = i, resumed
		}
	}
	return found, match, nil
}

// revive sets the holder as the full exchange did that made the slot.  Rights
// are judged afresh: an owner who is one no more, and a grant whose issuer the
// lock no longer holds, resume nothing.
func (l *Lock) revive(s *slotHolder) error {
	h := &l.tx.holder
	if s.fingerprint == (credential.Fingerprint{}) {
		key, err := credential.RereadClaimsSet(s.credential)
		if err != nil {
			return err
		}
		h.bare = key
		if l.recognise(); !h.verified() {
			return &Error{Reason: credential.ReasonOwnerUnknown, Detail: "the slot is of a former owner"}
		}
		return nil
	}
	for rest := s.credential; len(rest) > 0; {
		var item []byte
		var err error
		if item, rest, err = dcbor.Next(rest); err != nil {
			return err
		}
		u, err := credential.RereadGrant(item)
		if err != nil {
			return err
		}
		h.links = append(h.links, u)
	}
	h.tried = true
	l.verifyHeld(&credential.Verifier{
		Roots: l.roots(), Meter: &l.meter,
		Known: func(f credential.Fingerprint) bool { return f == s.fingerprint || l.state.knows(f) },
	})
	if h.root == nil && h.fault == nil {
		return &Error{Reason: credential.ReasonIssuerUnknown, Detail: "the lock no longer holds the issuer of the slot's grant"}
	}
	return l.descend(&trusting)
}

// secrets adds to the change of an opening what becomes of the resumption
// secrets: the next one of the slot that was used; after a full exchange a new
// slot where the phone asked for one, and otherwise the end of the one that it
// had, so that whoever stole its secret is shut out.  It returns the taps that a
// new slot is good for.
func (l *Lock) secrets(c *change, wanted bool) (taps int, err error) {
	if l.tx.resumed {
		if l.state.slots[l.tx.slot].empty() { // a policy of this transaction has ended it
			return 0, nil
		}
		line := l.state.slots[l.tx.slot].line
		next, err := line.secret.Next()
		if err != nil {
			return 0, err
		}
		line = slotLine{*next, line.left - 1, l.state.sequence + 1}
		c.put(cellSecret, l.tx.slot, line.value())
		return 0, nil
	}
	own := l.slotOfHolder()
	if !wanted || !roomInSlot(own.credential) {
		if i := l.state.slotOf(own.id); i >= 0 {
			l.state.dropSlot(c, i)
		}
		return 0, nil
	}
	secret, err := l.tx.exporter.Resumption(l.tx.selection[:])
	if err != nil {
		return 0, err
	}
	l.state.keepSlot(c, own, slotLine{*secret, wire.LimitSlotTaps, l.state.sequence + 1})
	return wire.LimitSlotTaps, nil
}

// slotOfHolder returns the slot of the holder's credential, without a secret.
func (l *Lock) slotOfHolder() slotHolder {
	h := &l.tx.holder
	if h.links == nil {
		set := credential.AppendClaimsSet(nil, h.bare)
		return slotHolder{id: ownersSlot(set), credential: set}
	}
	s := slotHolder{id: slotID(h.grant.Tag()), fingerprint: h.root.Fingerprint()}
	for _, link := range h.links {
		s.credential = append(s.credential, link.Bytes()...)
	}
	return s
}
