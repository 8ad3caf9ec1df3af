package cases

import (
	"fmt"

	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder/holdertest"
)

// Phone returns the phone of the named holder at the lock, step by step and with
// faults where the case wants them; without a grant it shows the bare key.  It
// draws the same random numbers each time, so that a tap and its twin are the same
// bytes as far as the lock's own allow.
func (t *T) Phone(name string, grant []byte) *holdertest.Phone {
	p := &holdertest.Phone{
		Rand: t.Rand("phone of " + name), Key: t.World.Key(name), Grant: grant,
		Roots: []credential.PublicKey{t.World.Scheme.PublicKey()}, Makers: [][]byte{t.World.Maker.Authority().Bytes()},
	}
	p.Link = link{t.Lock, p}
	return p
}

// Tap selects the lock, runs a full exchange and sends the request.  It ends with
// the first step that the lock refuses; what is against the standard in any of
// its answers fails the case.
func (t *T) Tap(p *holdertest.Phone, r holdertest.Request) Outcome {
	o, _ := t.TapFor(p, r)
	return o
}

// TapFor is Tap, and returns the whole answer; nil where the lock refused before
// it came to the request.
func (t *T) TapFor(p *holdertest.Phone, r holdertest.Request) (Outcome, *holdertest.Answer) {
	if o := t.Shake(p); o != OK {
		return o, nil
	}
	a, err := p.Handshake2(t.ctx, r)
	t.OK(err)
	return t.Answered(a), a
}

// OtherSuite is the EDHOC error message, which answers HANDSHAKE-1.
const OtherSuite Outcome = "an EDHOC error message"

// Shake selects the lock and has it prove itself: SELECT and HANDSHAKE-1.  It
// comes to OK where message_2 came.
func (t *T) Shake(p *holdertest.Phone) Outcome {
	s, err := p.Select(t.ctx)
	t.OK(err)
	if o, refused := t.replied(&s.Reply); refused {
		return o
	}
	proof, err := p.Handshake1(t.ctx)
	t.OK(err)
	t.plain("PLAINTEXT_2", p.Values()[holdertest.Plain2Hashed])
	o, _ := t.replied(&proof.Reply)
	if o == OK && proof.Suites != nil {
		return OtherSuite
	}
	return o
}

// Ask sends a further request in the channel.
func (t *T) Ask(p *holdertest.Phone, r holdertest.Request) Outcome {
	a, err := p.Request(t.ctx, r)
	t.OK(err)
	return t.Answered(a)
}

// Missing is the answer that names the issuers whose certificates the lock lacks.
const Missing Outcome = "missing"

// Answered returns what the lock said to a request, as an outcome, and fails the
// case where the answer is against the standard.
func (t *T) Answered(a *holdertest.Answer) Outcome {
	t.plain("response", a.Plain)
	o, refused := t.replied(&a.Reply)
	switch {
	case refused:
		return o
	case a.Plain == nil:
		t.Failf("an answer that does not open: %x", a.Data)
	case len(a.Missing) > 0:
		return Missing
	}
	return Said(a.Outcome, a.Reason)
}

// replied fails the case where a reply is against the standard, and says whether
// it is a refusal by a status word, or silence.
func (t *T) replied(r *holdertest.Reply) (o Outcome, refused bool) {
	for _, f := range r.Faults {
		t.Failf("an answer against the standard: %v", f)
	}
	switch {
	case r.Lost != nil:
		return Silence, true
	case r.Refused():
		return SW(r.SW), true
	}
	return OK, false
}

// Commission makes the world's owner the owner of the vacant lock.
func (t *T) Commission() { t.CommissionBy(t.Phone("owner", nil)) }

// CommissionBy makes the key of the phone the owner's, by the setup secret.
func (t *T) CommissionBy(p *holdertest.Phone) {
	t.Expect("commissioning: HANDSHAKE-1", t.Shake(p), OK)
	t.OK(p.Complete())
	secret, err := p.SetupProof(t.World.Setup[:])
	t.OK(err)
	a, err := p.Handshake2(t.ctx, holdertest.Request{Operation: credential.OperationConfigure, Proof: secret})
	t.OK(err)
	t.Expect("commissioning", t.Answered(a), Said(credential.OutcomeDone, credential.ReasonNone))
}

// Hand has the owner hand documents over, in a field of its own; the lock must
// take all of them.
func (t *T) Hand(documents ...[]byte) {
	t.Lock.Cycle()
	o, a := t.TapFor(t.Phone("owner", nil), holdertest.Request{Operation: credential.OperationStatus, Documents: documents})
	t.Expect("handing documents over", o, Said(credential.OutcomeDone, credential.ReasonNone))
	for i, reason := range a.Documents {
		t.Check(reason == credential.ReasonNone, "document %d of the set-up is not taken: %v", i+1, reason)
	}
}

// Owned is the Setup of most cases: the lock has an owner, whose first policy
// admits the post.  Where there are no hooks, the owner looks before and after a
// refused tap whether something changed.
func Owned(t *T) {
	t.Commission()
	t.Hand(t.Made(t.World.Policy(1, nil)))
	if !t.Lock.Has(shim.VerbState) {
		t.Witness("state that the owner is told", func(t *T) string {
			o, a := t.TapFor(t.Phone("owner", nil), holdertest.Request{Operation: credential.OperationStatus})
			t.Expect("the owner's tap", o, Said(credential.OutcomeDone, credential.ReasonNone))
			return fmt.Sprintf("%+v", a.State)
		})
	}
}
