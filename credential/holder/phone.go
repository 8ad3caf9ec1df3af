package holder

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
)

// Phone is what a holder opens locks with.  Key, Roots, Makers and Rand are
// mandatory.  A Phone may be used for many taps, one at a time, and may be
// copied.
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
	// Slots keeps the secrets with which known locks are opened in two pairs;
	// nil keeps none, and every tap is a full exchange.
	Slots Slots
	// Expect, where it is not zero, is the lock that the person chose: any
	// other one is refused before it is told anything.
	Expect credential.LockID

	Rand io.Reader // cryptographically strong, such as crypto/rand.Reader
	// Extended says that the NFC stack and the reader carry extended APDUs.
	// They are used only where the lock says that it takes them.
	Extended bool
	// Progress, where it is not nil, is told whenever the lock says that it is
	// still gathering energy.
	Progress func(Progress)
	// Wait, where it is not nil, waits in place of a timer.  An error of it
	// ends the tap.
	Wait func(context.Context, time.Duration) error

	parsed *credential.UnverifiedGrant // Grant as it was at the last tap
}

// Open asks the lock in the field for the operation: open for an owner or a
// guest; deliver, collect, return or service for an operator's staff.
//
// A Result without an error is the lock's own answer, also where it refused.
// With an error, of type *Error, nothing the lock said could be believed; the
// outcome in the Result then says what may have happened all the same:
// unconfirmed where the request had been handed over, refused where nothing can
// have happened.
//
// Open begins again by itself, once, where the link failed before anything was
// asked of the lock, and where the lock has another certificate than the one
// remembered.  It asks again while the lock gathers energy, for a minute at
// most.  It never asks for a second opening: after unconfirmed only the person
// can know.  One case is beyond it: where a status word answers a resumption, the
// full exchange follows, though the lock may have carried the first one out.  When ctx is done it ends with the next command.
func (p *Phone) Open(ctx context.Context, t apdu.Transceiver, operation credential.Operation) (Result, error) {
	grant, err := p.check(t)
	if err != nil {
		return Result{Outcome: credential.OutcomeRefused, Reason: err.Reason, Advice: err.Advice}, err
	}
	link := &counter{next: t}
	repeated, byValue := false, false
	for {
		x := &exchange{phone: p, grant: grant, key: p.Key.PublicKey(), link: link, operation: operation, byValue: byValue}
		result, err := x.run(ctx)
		switch {
		case err == nil:
			return result, nil
		case ctx.Err() != nil || x.handed || x.tried:
			return result, err
		case errors.Is(err, errOtherCertificate) && !byValue:
			byValue = true
		case err.Reason == credential.ReasonLink && !repeated:
			repeated = true
		default:
			return result, err
		}
	}
}

// Status asks the lock for its state.  It moves nothing and needs a right that
// is good at this lock now.
func (p *Phone) Status(ctx context.Context, t apdu.Transceiver) (Result, error) {
	return p.Open(ctx, t, credential.OperationStatus)
}

// check refuses a Phone that lacks what it needs.  It returns the grant, or nil
// where there is none.
func (p *Phone) check(t apdu.Transceiver) (*credential.UnverifiedGrant, *Error) {
	missing := ""
	switch {
	case t == nil:
		missing = "link to a lock"
	case p.Key == nil:
		missing = "Key"
	case p.Key.PublicKey().IsZero():
		missing = "public key in its Key"
	case p.Rand == nil:
		missing = "Rand"
	case len(p.Roots) == 0:
		missing = "Roots"
	case len(p.Makers) == 0:
		missing = "Makers"
	}
	if missing != "" {
		return nil, ownFault("the Phone has no "+missing, AdviceUpdate, nil)
	}
	if p.Grant == nil {
		return nil, nil
	}
	if p.parsed == nil || !bytes.Equal(p.parsed.Bytes(), p.Grant) {
		u, err := credential.ParseGrant(p.Grant)
		if err != nil {
			return nil, &Error{Reason: reasonOf(err, credential.ReasonMalformed), Detail: "Phone.Grant", Advice: AdviceRenew, Err: err}
		}
		p.parsed = u
	}
	if p.parsed.Claims.Holder != p.Key.PublicKey() {
		return nil, &Error{Reason: credential.ReasonPossession, Detail: "Phone.Grant is for another key than Phone.Key", Advice: AdviceRenew}
	}
	return p.parsed, nil
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
