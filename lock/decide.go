package lock

import (
	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
)

// request takes a protected request, the first or a further one, and answers
// it over the channel.
func (l *Lock) request(sealed []byte) ([]byte, apdu.Status) {
	l.tx.requests++
	if l.tx.requests > wire.LimitRequests {
		l.refuse(credential.ReasonLimit, nil)
		return nil, apdu.StatusRefused
	}
	plain, err := l.tx.channel.Open(sealed)
	if err != nil {
		l.refuse(credential.ReasonChannel, err)
		return nil, apdu.StatusRefused
	}
	return l.take(plain)
}

// take handles the plaintext of a request.
func (l *Lock) take(plain []byte) ([]byte, apdu.Status) {
	r, err := message.ParseRequest(plain)
	if err != nil {
		l.refuse(credential.ReasonMalformed, err)
		return nil, apdu.StatusRefused
	}
	missing, err := l.verify(r.Chain)
	if err != nil {
		l.refuse(reasonOf(err, credential.ReasonSignature), err)
		return nil, apdu.StatusRefused
	}
	if missing != nil {
		err := l.tx.holder.forged
		l.observe(Event{Asked: true, Operation: r.Operation, Outcome: credential.OutcomePending, Reason: reasonOf(err, credential.ReasonNone), Err: err})
		return l.answer(message.Response{Missing: []credential.KeyID{*missing}})
	}
	return l.decide(r)
}

// answer seals a response.
func (l *Lock) answer(r message.Response) ([]byte, apdu.Status) {
	plain, err := r.Encode()
	if err == nil {
		var sealed []byte
		if sealed, err = l.tx.channel.Seal(plain); err == nil {
			return sealed, apdu.StatusOK
		}
	}
	l.refuse(credential.ReasonChannel, err)
	return nil, apdu.StatusFailure
}

// decision is a request on its way through the judgement.
type decision struct {
	operation credential.Operation
	role      Role
	service   credential.Service
	tag       credential.Tag
	resumable bool   // the phone wants a slot
	change    change // what is to be committed besides the log entry
}

// decide judges a request of a phone whose right is verified (section 7.5).
func (l *Lock) decide(r message.Request) ([]byte, apdu.Status) {
	h := &l.tx.holder
	d := decision{operation: r.Operation, resumable: r.Resumable}
	switch {
	case h.owner:
		d.role = RoleOwner
	case h.fault != nil:
		d.tag = h.unverified.Tag()
		return l.conclude(d, credential.OutcomeRefused, h.fault)
	case h.grant != nil:
		d.role, d.tag = RoleGuest, h.grant.Tag()
		if h.grant.Authority() != nil {
			d.role = RoleOperator
		}
		d.change = l.evidence(h)
	default:
		l.refuse(credential.ReasonPossession, nil)
		return nil, apdu.StatusRefused
	}
	if r.Unknown {
		return l.conclude(d, credential.OutcomeRefused, &Error{
			Reason: credential.ReasonOperationUnknown, Detail: "request: the operation or a field is not one of this version",
		})
	}
	if err := l.judge(&d); err != nil {
		return l.conclude(d, credential.OutcomeRefused, err)
	}
	if _, moves := r.Operation.Action(); !moves {
		return l.conclude(d, credential.OutcomeDone, nil)
	}
	return l.open(d)
}

// judge decides whether the holder may do what is asked, here and now.
func (l *Lock) judge(d *decision) error {
	h := &l.tx.holder
	action, _ := d.operation.Action()
	switch {
	case h.owner:
		return nil
	case h.grant != nil:
		permission, err := h.grant.Judge(action, l.place(d.change))
		d.service = permission.Service
		return err
	}
	return &Error{Reason: credential.ReasonPossession, Detail: "nothing was verified"}
}

// evidence returns what the verified grant teaches the lock: that it is at
// least the time of issue, where the authority may say so, and which signatures
// need not be verified again.
func (l *Lock) evidence(h *holder) change {
	var c change
	a := h.grant.Authority()
	if a != nil && a.Rights().Has(credential.RightTime) && l.state.floor < h.grant.IssuedAt() {
		c.floor = h.grant.IssuedAt()
	}
	if f := h.grant.Fingerprint(); !l.state.knows(f) {
		c.grant = &f
	}
	if h.learnt != nil && !l.state.knows(h.learnt.Fingerprint()) {
		c.authority = &knownAuthority{h.learnt.Fingerprint(), h.learnt.Expires(), h.learnt.Bytes()}
	}
	return c
}

// place returns what a grant is judged against, with the evidence taken in.
func (l *Lock) place(c change) credential.Place {
	return credential.Place{
		Lock:          l.config.ID,
		Area:          l.config.Area,
		PolicyVersion: l.state.policyVersion,
		Floor:         max(l.state.floor, c.floor),
	}
}

// conclude answers a request that does not move the bolt.  Of what it taught
// the lock, only the time floor is kept: it stays even after a refusal, so
// that what has expired does not come back.
func (l *Lock) conclude(d decision, outcome credential.Outcome, cause error) ([]byte, apdu.Status) {
	if err := l.commit(change{floor: d.change.floor}); err != nil && outcome != credential.OutcomeRefused {
		outcome, cause = credential.OutcomeFailed, &Error{Reason: credential.ReasonState, Detail: "commit of the time floor", Err: err}
	}
	return l.reply(d, message.Response{Outcome: outcome}, cause)
}

// reply completes a response with reason and state, tells the maker's code and
// seals it.
func (l *Lock) reply(d decision, r message.Response, cause error) ([]byte, apdu.Status) {
	if cause != nil {
		r.Reason = reasonOf(cause, credential.ReasonState)
	}
	if r.Outcome != credential.OutcomeRefused {
		r.State = message.State{PolicyVersion: l.state.policyVersion, Floor: l.state.floor}
		if d.role == RoleOwner {
			r.State.Sequence = l.state.sequence
		}
	}
	l.observe(Event{
		Operation: d.operation, Outcome: r.Outcome, Reason: r.Reason,
		Role: d.role, Service: d.service, Grant: d.tag, Err: cause,
	})
	return l.answer(r)
}
