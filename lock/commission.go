package lock

import (
	"crypto/subtle"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/message"
)

// commission takes the request of somebody who is not the owner and has to
// prove the setup secret: of a vacant lock, or with the inside button pressed
// (section 20.3).  Whatever is not such a proof is answered with a status word.
func (l *Lock) commission(r message.Request) ([]byte, apdu.Status) {
	if r.Operation != credential.OperationConfigure || r.Unknown || !l.takers() || !l.proves(r.Proof) {
		l.observe(Event{
			Operation: r.Operation, Outcome: credential.OutcomeRefused, Reason: credential.ReasonOwnerUnknown, Tamper: r.Proof != nil,
		})
		return nil, apdu.StatusRefused
	}
	logKey, err := l.tx.exporter.LogKey(l.tx.selection[:])
	if err != nil {
		l.refuse(credential.ReasonState, err)
		return nil, apdu.StatusFailure
	}
	outcome, since := credential.LogCommissioned, uint32(0)
	if l.state.used() {
		outcome, since = credential.LogReset, l.state.version+1
	}
	h := &l.tx.holder
	var c change
	l.hand(&c, owner{key: h.bare, logKey: *logKey, since: since}, outcome, h.tag())
	if l.state.policy != nil {
		c.put(cellPolicy, 0, nil)
	}
	d := decision{request: r, role: credential.RoleOwner, tag: h.tag()}
	if err := l.commit(c); err != nil {
		return l.reply(d, message.Response{Outcome: credential.OutcomeFailed}, &Error{Reason: credential.ReasonState, Detail: "commit of the new owner", Err: err})
	}
	h.taker, h.owner = false, true
	return l.reply(d, message.Response{Outcome: credential.OutcomeDone, Receipt: l.receipt(r, d)}, nil)
}

// proves reports whether the proof is that of the lock's setup secret, in this
// transaction.
func (l *Lock) proves(proof []byte) bool {
	if l.tx.exporter == nil || l.config.Setup == [16]byte{} {
		return false
	}
	want, err := l.tx.exporter.SetupProof(l.tx.selection[:], l.config.Setup[:])
	return err == nil && subtle.ConstantTimeCompare(proof, want) == 1
}

// configure agrees the log key anew, with the owner alone (section 20.4).
func (l *Lock) configure(d decision) ([]byte, apdu.Status) {
	if !l.tx.holder.owner {
		return l.conclude(d, credential.OutcomeRefused, &Error{Reason: credential.ReasonAction, Detail: "configure is for the owner alone"})
	}
	if l.tx.exporter == nil {
		return l.conclude(d, credential.OutcomeRefused, &Error{Reason: credential.ReasonOperationUnknown, Detail: "configure needs a full exchange"})
	}
	key, err := l.tx.exporter.LogKey(l.tx.selection[:])
	if err == nil {
		own := l.state.owner
		own.logKey = *key
		d.change.put(cellOwner, 0, own.value())
		err = l.commit(d.change)
	}
	if err != nil {
		return l.reply(d, message.Response{Outcome: credential.OutcomeFailed}, &Error{Reason: credential.ReasonState, Detail: "commit of the log key", Err: err})
	}
	d.change = change{}
	return l.conclude(d, credential.OutcomeDone, nil)
}

// takers reports whether the lock listens to somebody who may become its owner:
// while it is new, and with the button pressed.  A lock that had an owner and whose
// flash lost the key is not new.
func (l *Lock) takers() bool {
	return l.state.owner.vacant() && !l.state.used() || l.config.Button != nil && l.config.Button()
}

// noKey reports whether no log key was agreed yet.
func noKey(k edhoc.LogKey) bool { return k == edhoc.LogKey{} }
