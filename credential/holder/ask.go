package holder

import (
	"context"
	"errors"
	"fmt"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/wire"
)

// Ask is what a phone asks of a lock.  Its zero value asks for the state.
type Ask struct {
	// Operation is open for an owner or a guest, and for staff whom the owner
	// admits to it; deliver, collect, return or service for an operator's staff;
	// status or read-log for whoever may.
	// Configure is asked by [Phone.Commission] and [Phone.Rekey] alone.
	Operation credential.Operation
	Resource  uint8                // compartment; 0 names none
	Reference credential.Reference // what the tap is about, a parcel for example; zero names none
	// Receipt asks the lock to sign what it did.
	Receipt bool
	// LogPages is how many pages of the log to take along, the newest first, 0 to
	// 4: with read-log in clear, 1 at the least; with any other operation sealed,
	// after it has been answered.
	LogPages int
}

// Open asks the lock in the field for the operation and nothing else.  See
// [Phone.Do].
func (p *Phone) Open(ctx context.Context, t apdu.Transceiver, operation credential.Operation) (Result, error) {
	return p.Do(ctx, t, Ask{Operation: operation})
}

// Status asks the lock for its state.  It moves nothing and needs a right that
// is good at this lock now.
func (p *Phone) Status(ctx context.Context, t apdu.Transceiver) (Result, error) {
	return p.Do(ctx, t, Ask{})
}

// Do asks the lock in the field, and hands over the Phone's documents.
//
// A Result without an error is the lock's own answer, also where it refused.
// With an error, of type *Error, nothing the lock said could be believed; the
// outcome in the Result then says what may have happened all the same:
// unconfirmed where the request had been handed over, refused where nothing can
// have happened.  What the Result says of documents and pages is the lock's own
// answer in either case.
//
// Do begins again by itself, once, where the link failed before anything was
// asked of the lock, and where the lock has another certificate than the one
// remembered.  It asks again while the lock gathers energy, for a minute at
// most, and once where the lock wants a live time.  It never asks for a second
// opening: after unconfirmed only the person can know.  One case is beyond it:
// where a status word answers a resumption, the full exchange follows, though the
// lock may have carried the first one out.  When ctx is done it ends with the
// next command.
func (p *Phone) Do(ctx context.Context, t apdu.Transceiver, ask Ask) (Result, error) {
	switch {
	case ask.Operation == credential.OperationConfigure:
		return refused(ownFault("configure is asked by Commission and Rekey, which keep the log key", AdviceUpdate, nil))
	case ask.LogPages < 0 || ask.LogPages > wire.LimitLogPages:
		return refused(ownFault(fmt.Sprintf("Ask.LogPages: 0 to %d are allowed", wire.LimitLogPages), AdviceUpdate, nil))
	}
	if ask.Operation == credential.OperationReadLog {
		ask.LogPages = max(ask.LogPages, 1)
	}
	return p.tap(ctx, t, ask, nil)
}

// refused returns what comes of a tap that did not begin.
func refused(err *Error) (Result, error) {
	return Result{Outcome: credential.OutcomeRefused, Reason: err.Reason, Advice: err.Advice}, err
}

// tap makes the tries of one tap.
func (p *Phone) tap(ctx context.Context, t apdu.Transceiver, ask Ask, c *configuration) (Result, error) {
	if err := p.check(t); err != nil {
		return refused(err)
	}
	holds, err := p.grants()
	if err != nil {
		return refused(err)
	}
	link := &counter{next: t}
	repeated, byValue := false, false
	tried, risked := false, false // of the tries before
	for {
		x := &exchange{phone: p, grants: holds, key: p.Key.PublicKey(), link: link, asked: ask, configure: c, byValue: byValue, tried: tried, risked: risked}
		result, err := x.run(ctx)
		switch {
		case err == nil:
			return result, nil
		case ctx.Err() != nil || x.handed:
			return result, err
		case errors.Is(err, errOtherCertificate) && !byValue:
			byValue = true
		case err.Reason == credential.ReasonLink && !repeated && !x.tried:
			repeated = true
		default:
			return result, err
		}
		tried, risked = x.tried, x.risked
	}
}

// harmless reports whether an operation changes nothing at the lock, so that it
// is no matter whether it was carried out.
func harmless(o credential.Operation) bool {
	return o == credential.OperationStatus || o == credential.OperationReadLog
}
