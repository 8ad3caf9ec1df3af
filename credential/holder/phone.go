package holder

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/message"
)

// Phone is what a holder opens locks with.  Key, Roots, Makers and Rand are
// mandatory.  A Phone may be used for many taps, one at a time.
type Phone struct {
	Key Key
	// Grant is the holder's grant; nil for an owner, whose bare key the lock
	// knows.
	Grant []byte
	// Authorities are the certificates of the grant's operator.  They are sent
	// only to a lock that says it lacks them.
	Authorities [][]byte

	// Roots are the keys of the schemes that the app trusts.
	Roots []credential.PublicKey
	// Makers are the certificates of the manufacturers, which the app ships.
	Makers [][]byte
	// Locks remembers locks; nil remembers none, and every tap is a first one.
	Locks Memory

	Rand io.Reader // cryptographically strong, such as crypto/rand.Reader
	// Extended says that the NFC stack and the reader carry extended APDUs.
	// They are used only where the lock says that it takes them.
	Extended bool
	// Progress, where it is not nil, is told whenever the lock says that it is
	// still gathering energy.
	Progress func(Progress)
	// Wait, where it is not nil, waits in place of a timer.
	Wait func(context.Context, time.Duration) error
}

// tries is how often a tap is begun while nothing can have happened yet.
const tries = 2

// Open asks the lock in the field for the operation: open for an owner or a
// guest; deliver, collect, return or service for an operator's staff.
//
// A Result without an error is the lock's own answer, also where it refused.
// With an error, of type *Error, nothing the lock said could be believed; the
// outcome in the Result then says what may have happened all the same:
// unconfirmed where the request had been handed over, refused where nothing
// can have happened.
//
// Open begins again by itself while nothing can have happened, and asks again
// while the lock gathers energy, until ctx is done.
func (p *Phone) Open(ctx context.Context, t apdu.Transceiver, operation credential.Operation) (Result, error) {
	if err := p.check(); err != nil {
		return Result{Outcome: credential.OutcomeRefused, Reason: err.Reason, Advice: err.Advice}, err
	}
	link := apdu.NewTracer(t)
	var result Result
	byValue := false
	for try := 1; ; try++ {
		x := &exchange{phone: p, link: link, byValue: byValue}
		result = Result{Outcome: credential.OutcomeRefused}
		response, err := x.run(ctx, operation)
		result.Lock, result.Cost = x.selection.Lock, link.Cost()
		if err == nil {
			result.Outcome, result.Reason = response.Outcome, response.Reason
			result.State = State{response.State.PolicyVersion, response.State.Floor, response.State.Sequence}
			result.Advice = advise(response.Outcome, response.Reason)
			return result, nil
		}
		if x.repeatable(err) && try < tries && ctx.Err() == nil {
			byValue = errors.Is(err, errOtherCertificate)
			continue
		}
		if x.unsure && movesBolt(operation) {
			result.Outcome = credential.OutcomeUnconfirmed
			err.Advice = AdviceLook
		}
		result.Reason, result.Advice = err.Reason, err.Advice
		return result, err
	}
}

// Status asks the lock for its state.  It moves nothing and needs a right that
// is good at this lock now.
func (p *Phone) Status(ctx context.Context, t apdu.Transceiver) (Result, error) {
	return p.Open(ctx, t, credential.OperationStatus)
}

// check refuses a Phone that lacks what it needs.
func (p *Phone) check() *Error {
	missing := ""
	switch {
	case p.Key == nil:
		missing = "Key"
	case p.Rand == nil:
		missing = "Rand"
	case len(p.Roots) == 0:
		missing = "Roots"
	case len(p.Makers) == 0:
		missing = "Makers"
	}
	if missing != "" {
		return &Error{Reason: credential.ReasonSequence, Detail: "the Phone has no " + missing, Advice: AdviceReport}
	}
	if p.Grant == nil {
		return nil
	}
	u, err := credential.ParseGrant(p.Grant)
	if err != nil {
		return &Error{Reason: credential.ReasonMalformed, Detail: "Phone.Grant", Advice: AdviceRenew, Err: err}
	}
	if u.Claims.Holder != p.Key.PublicKey() {
		return &Error{Reason: credential.ReasonPossession, Detail: "Phone.Grant is for another key than Phone.Key", Advice: AdviceRenew}
	}
	return nil
}

// wait lets the lock gather energy.
func (p *Phone) wait(ctx context.Context, d time.Duration) error {
	if p.Wait != nil {
		return p.Wait(ctx, d)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// movesBolt reports whether the operation moves the bolt.
func movesBolt(o credential.Operation) bool {
	_, moves := o.Action()
	return moves
}

// linkError returns the *Error for an exchange of APDUs that failed.
func linkError(step string, err error) *Error {
	reason := credential.ReasonLink
	if !errors.Is(err, apdu.ErrLink) {
		reason = credential.ReasonMalformed
	}
	return &Error{Reason: reason, Detail: step, Advice: AdviceTapAgain, Err: err}
}

// options returns how commands may be sent to the lock.
func (p *Phone) options(s message.Selection) apdu.Options {
	return apdu.Options{Extended: p.Extended && s.Capabilities&capabilityExtended != 0}
}
