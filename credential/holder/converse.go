package holder

import (
	"context"
	"slices"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
)

// patience bounds the time for which a phone waits in one tap, all told.
const patience = time.Minute

// conversation is what is said in one channel, as far as it has got.
type conversation struct {
	answers   int                // that opened
	left      []document         // not yet handed over
	results   []DocumentResult   // of those that were
	supplied  [][]byte           // certificates that the lock said it lacks
	certified []credential.KeyID // whose they are
	shown     bool               // the last request had the chain in it
	accepted  bool               // the lock has verified the right, and needs no chain
	enlivened bool               // a live time was asked for
}

// begin begins what is said in a new channel.  In a resumed one the lock has
// the chain already.
func (x *exchange) begin(resumed bool) {
	x.conversation = conversation{accepted: resumed}
	x.left, x.results = x.documents()
}

// converse sends requests, the first by the given carrier, until the lock has
// answered for the operation.  What does not fit beside it is handed over ahead
// of it.  Converse asks again as long as the answer is not the last one: with the
// certificates that the lock lacks, when the lock has gathered energy, and with
// a live time, once.
func (x *exchange) converse(ctx context.Context, by carrier) (message.Response, *Error) {
	var waited time.Duration
	for n := 1; n <= wire.LimitRequests; n++ {
		r, last := x.next(by)
		response, err := x.request(ctx, by, r)
		if err != nil {
			return message.Response{}, err
		}
		if x.answers++; x.answers == 1 {
			x.remember()
		}
		x.heard(r, response)
		by = further
		switch {
		case len(response.Missing) > 0:
			err = x.supply(by.step, response.Missing)
		case response.Outcome == credential.OutcomePending && n < wire.LimitRequests:
			waited += response.Wait
			err = x.gather(ctx, by.step, response, waited)
		case response.Outcome == credential.OutcomePending || !last:
		case x.enliven(ctx, response):
		default:
			return response, nil
		}
		if err != nil {
			return message.Response{}, err
		}
	}
	return message.Response{}, fault(credential.ReasonBusy, by.step+": the lock did not gather enough energy", nil)
}

// heard takes down what an answer says of the documents in the request, and that
// the lock has verified the right.
func (x *exchange) heard(r message.Request, response message.Response) {
	if len(response.Missing) > 0 {
		return
	}
	x.accepted = true
	if response.Outcome == credential.OutcomePending && len(response.Documents) == 0 {
		return // they were not read yet
	}
	for i, reason := range response.Documents {
		if i < len(r.Documents) {
			x.results = append(x.results, DocumentResult{Document: r.Documents[i], Reason: reason})
		}
	}
	x.left = x.left[len(r.Documents):]
}

// next returns the request to send now, and whether it asks for the operation.
func (x *exchange) next(by carrier) (message.Request, bool) {
	for {
		r := x.asks()
		if x.load(&r, x.room(by)) {
			return r, true
		}
		ahead := message.Request{Operation: credential.OperationStatus}
		x.load(&ahead, x.room(by))
		if len(ahead.Documents) > 0 || len(ahead.Chain) > 0 || x.room(by) < x.room(further) {
			return ahead, false
		}
		x.skip() // nothing makes room for it
	}
}

// load puts the chain into the request, where it fits, and as many of the
// documents that are left as fit.  It reports whether all of them do.
func (x *exchange) load(r *message.Request, room int) bool {
	x.shown = false
	if chain := slices.Concat(x.parents, x.supplied); !x.accepted && len(chain) > 0 {
		with := *r
		with.Chain = chain
		if x.shown = fits(with, room); x.shown {
			*r = with
		}
	}
	for _, d := range x.left {
		with := *r
		with.Documents = append(slices.Clone(r.Documents), d.object)
		if c := x.certificate(d); c != nil && !holds(with.Chain, c) {
			with.Chain = append(slices.Clone(r.Chain), c)
		}
		if !fits(with, room) {
			return false
		}
		*r = with
	}
	return true
}

// fits reports whether a request is within its bounds.
func fits(r message.Request, room int) bool {
	return len(r.Chain) <= wire.LimitChain && len(r.Documents) <= wire.LimitDocuments && len(r.Encode()) <= room
}

// gather waits while the lock gathers energy.
func (x *exchange) gather(ctx context.Context, step string, response message.Response, waited time.Duration) *Error {
	if waited > patience {
		return fault(credential.ReasonBusy, step+": the lock asks to wait for more than "+patience.String(), nil)
	}
	if x.phone.Progress != nil {
		x.phone.Progress(Progress{Percent: min(response.Charge, 99)})
	}
	if err := x.phone.wait(ctx, response.Wait); err != nil {
		return fault(credential.ReasonBusy, step+": given up while the lock gathered energy", err)
	}
	return nil
}
