package lock

import (
	"fmt"

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
	if l.tx.holder.taker {
		return l.commission(r)
	}
	missing, err := l.verify(r.Chain)
	if err != nil {
		l.refuse(reasonOf(err, credential.ReasonSignature), err)
		return nil, apdu.StatusRefused
	}
	if missing != nil {
		err := l.tx.holder.forged
		l.observe(Event{
			Asked: true, Operation: r.Operation, Outcome: credential.OutcomePending,
			Reason: reasonOf(err, credential.ReasonNone), Tamper: err != nil, Err: err,
		})
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
	request    message.Request
	role       credential.Role
	tag        credential.Tag
	permission credential.Permission
	documents  []credential.Reason // what became of the documents
	willed     bool                // the grant is good but for the owner's will: its holder is shown the notice
	change     change              // what is to be committed besides the log entry
}

// decide judges a request of a phone whose right is verified (section 7.5).
func (l *Lock) decide(r message.Request) ([]byte, apdu.Status) {
	h := &l.tx.holder
	d := decision{request: r, tag: h.tag(), documents: l.documents(r)}
	switch {
	case h.owner || h.coOwner:
		d.role = credential.RoleOwner
	case h.fault != nil:
		return l.conclude(d, credential.OutcomeRefused, h.fault)
	case h.grant != nil:
		d.role = credential.RoleGuest
		if h.grant.Authority() != nil {
			d.role = credential.RoleOperator
		}
		l.evidence(&d.change, h)
	default:
		l.refuse(credential.ReasonPossession, nil)
		return nil, apdu.StatusRefused
	}
	if err := l.implements(&r); err != nil {
		return l.conclude(d, credential.OutcomeRefused, err)
	}
	if err := l.judge(&d); err != nil {
		return l.conclude(d, credential.OutcomeRefused, err)
	}
	switch r.Operation {
	case credential.OperationStatus, credential.OperationReadLog:
		return l.conclude(d, credential.OutcomeDone, nil)
	case credential.OperationConfigure:
		return l.configure(d)
	}
	return l.open(d)
}

// implements refuses what this lock has not, and fields that do not fit the
// operation (step 14).
func (l *Lock) implements(r *message.Request) error {
	status, read := r.Operation == credential.OperationStatus, r.Operation == credential.OperationReadLog
	switch {
	case r.Unknown:
		return &Error{Reason: credential.ReasonOperationUnknown, Detail: "request: the operation or a field is not one of this version"}
	case r.Log && (!status || r.Receipt), r.Paged && !r.Log && !read, r.Proof != nil:
		return &Error{Reason: credential.ReasonOperationUnknown, Detail: "request: a field does not go with the operation"}
	case r.Resource > l.config.Compartments:
		return &Error{Reason: credential.ReasonResource, Detail: "request: the lock has no compartment of this number"}
	}
	return nil
}

// judge decides whether the holder may do what is asked, here and now: by the
// grant, by who no longer stands for it, and by the owner's will.
func (l *Lock) judge(d *decision) error {
	h := &l.tx.holder
	switch {
	case h.owner || h.coOwner:
		return nil
	case h.grant == nil:
		return &Error{Reason: credential.ReasonPossession, Detail: "nothing was verified"}
	}
	action, _ := d.request.Operation.Action()
	at := l.place(d)
	var err error
	if d.permission, err = h.grant.Judge(action, at); err != nil {
		return err
	}
	if err := l.stillGranted(d.permission); err != nil {
		return err
	}
	if err := l.state.revoked(h.grant); err != nil {
		return err
	}
	if l.state.lostPolicy() {
		err = &Error{Reason: credential.ReasonBlocked, Detail: "the lock has lost the owner's policy; the owner has to hand it over again"}
	} else {
		err = l.state.policy.judged().Judge(h.grant, d.permission, action, at)
	}
	switch reasonOf(err, credential.ReasonNone) {
	case credential.ReasonNone, credential.ReasonBlocked, credential.ReasonHours, credential.ReasonEvidence:
		d.willed = true
	}
	return err
}

// stillGranted refuses what an owner granted before the lock changed hands.
func (l *Lock) stillGranted(p credential.Permission) error {
	if l.tx.holder.grant.Authority() != nil || p.PolicyVersion >= l.state.owner.since {
		return nil
	}
	return &Error{
		Reason: credential.ReasonDenied,
		Detail: fmt.Sprintf("the lock changed hands with policy version %d, the grant was issued under %d", l.state.owner.since, p.PolicyVersion),
	}
}

// evidence adds what the verified grant teaches the lock: that it is at least
// the time of issue, where the authority may say so, and which signatures need
// not be verified again.
func (l *Lock) evidence(c *change, h *holder) {
	a := h.grant.Authority()
	if a != nil && a.Rights().Has(credential.RightTime) && l.state.floor < h.root.IssuedAt() && l.state.revokedAuthority(a) == nil {
		c.floor = h.root.IssuedAt()
	}
}

// learn adds the signatures that were verified in this transaction, to a change
// that also holds an entry.
func (l *Lock) learn(c *change) {
	h := &l.tx.holder
	if h.grant == nil {
		return
	}
	var fresh []credential.Fingerprint
	for _, link := range h.grant.Links() {
		if f := link.Fingerprint(); !l.state.knows(f) {
			fresh = append(fresh, f)
		}
	}
	l.state.learnGrants(c, fresh, l.state.sequence+1)
	if h.learnt != nil && !l.state.knows(h.learnt.Fingerprint()) {
		l.state.learnAuthority(c, h.learnt, l.state.sequence+1)
	}
}

// place returns what a grant is judged against, with the evidence taken in.
func (l *Lock) place(d *decision) credential.Place {
	floor := max(l.state.floor, d.change.floor)
	return credential.Place{
		Lock:          l.config.ID,
		Area:          l.config.Area,
		Resource:      d.request.Resource,
		PolicyVersion: l.state.version,
		Floor:         floor,
		Moment:        l.moment(floor).Moment,
	}
}

// conclude answers a request that does not move the bolt.  Of what it taught
// the lock, only the time floor is kept: it stays even after a refusal, so
// that what has expired does not come back.
func (l *Lock) conclude(d decision, outcome credential.Outcome, cause error) ([]byte, apdu.Status) {
	if err := l.commit(change{anchor: anchor{floor: d.change.floor}}); err != nil && outcome != credential.OutcomeRefused {
		outcome, cause = credential.OutcomeFailed, &Error{Reason: credential.ReasonState, Detail: "commit of the time floor", Err: err}
	}
	r := message.Response{Outcome: outcome}
	if outcome == credential.OutcomeDone {
		l.attach(&r, &d)
	}
	return l.reply(d, r, cause)
}

// reply completes a response with reason, state, notice and the fate of the
// documents, tells the maker's code and seals it.
func (l *Lock) reply(d decision, r message.Response, cause error) ([]byte, apdu.Status) {
	if cause != nil {
		r.Reason = reasonOf(cause, credential.ReasonState)
	}
	if r.Outcome != credential.OutcomeRefused {
		r.State = message.State{PolicyVersion: l.state.version, Floor: l.state.floor}
		if d.role == credential.RoleOwner {
			r.State.Sequence = l.state.sequence
		}
	}
	r.Documents = d.documents
	if p := l.state.policy; p != nil && d.willed {
		r.Notice = p.Notice().For(d.role)
	}
	l.observe(Event{
		Operation: d.request.Operation, Outcome: r.Outcome, Reason: r.Reason, Role: d.role, Service: d.permission.Service,
		Resource: d.request.Resource, Reference: d.request.Reference, Who: d.tag, Err: cause,
	})
	return l.answer(r)
}
