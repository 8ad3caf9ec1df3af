package postern

import (
	"context"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential/holder"
)

// Tap asks the lock in the field, and hands over the phone's documents.  It blocks
// until the tap is over, for a second or, where the lock gathers energy, a minute:
// do not call it on the main thread.  Stop can be null.
//
// A tap that was begun has a [Result], also where the lock refused, the link broke
// or the person did not let the key sign.  It throws where no tap was begun:
// argument, cancelled; and internal.
func (p *Phone) Tap(tag Tag, ask *Ask, stop *Stop) (*Result, error) {
	return p.tap(tag, stop, func(ctx context.Context, phone *holder.Phone, t apdu.Transceiver) (*Result, error) {
		return newResult(phone.Do(ctx, t, ask.value())), nil
	})
}

// Open asks the lock for an operation, one of the constants Operation…, and
// nothing else.  See [Phone.Tap].
func (p *Phone) Open(tag Tag, operation string, stop *Stop) (*Result, error) {
	ask, err := NewAsk(operation)
	if err != nil {
		return nil, err
	}
	return p.Tap(tag, ask, stop)
}

// FetchLog takes the whole log along, sealed for the owner, whoever the phone's
// holder is.  See [Phone.Tap].
func (p *Phone) FetchLog(tag Tag, stop *Stop) (*Result, error) {
	return p.tap(tag, stop, func(ctx context.Context, phone *holder.Phone, t apdu.Transceiver) (*Result, error) {
		return newResult(phone.FetchLog(ctx, t)), nil
	})
}

// ReadLog reads the whole log in clear: an owner, or the holder of a grant with the
// action read-log.  See [Phone.Tap].
func (p *Phone) ReadLog(tag Tag, stop *Stop) (*Result, error) {
	return p.tap(tag, stop, func(ctx context.Context, phone *holder.Phone, t apdu.Transceiver) (*Result, error) {
		return newResult(phone.ReadLog(ctx, t)), nil
	})
}

// tap carries out one tap in its turn.
func (p *Phone) tap(tag Tag, stop *Stop, work func(context.Context, *holder.Phone, apdu.Transceiver) (*Result, error)) (*Result, error) {
	return guarded(func() (*Result, error) {
		if tag == nil {
			return nil, argument("Tag is missing")
		}
		ctx := stop.context()
		phone, end, err := p.begin(ctx)
		if err != nil {
			return nil, err
		}
		defer end()
		return work(ctx, phone, link{tag})
	})
}
