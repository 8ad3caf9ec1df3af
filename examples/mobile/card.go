package postern

import (
	"bytes"
	"sync"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential/holder"
)

// Done is told when a tap that the lock began is over.
type Done interface {
	// Done is told what Tap would have returned.  What it throws is passed over.
	Done(result *Result) error
}

// Card is the phone as the card that a powered lock reads (binding R): on Android,
// a host card emulation service hands it what the reader sends.  It can be used
// from every thread.
type Card struct {
	mu   sync.Mutex
	card *apdu.Card
	done Done
	over []*Result // taps that ended and that Done is to be told of
}

// Card returns the phone as it is set now, to be read by a powered lock, which is
// then asked.  A reader comes to whoever passes by, so the phone opens only the lock
// that was chosen with [Phone.Expect].  Done can be null.
func (p *Phone) Card(ask *Ask, stop *Stop, done Done) (*Card, error) {
	return guarded(func() (*Card, error) {
		ctx := stop.context()
		phone, end, err := p.begin(ctx)
		if err != nil {
			return nil, err
		}
		end()
		c := &Card{done: done}
		c.card = phone.Card(ctx, ask.value(), func(r holder.Result, err error) { c.over = append(c.over, newResult(r, err)) })
		return c, nil
	})
}

// Process carries out one command APDU of the reader's and returns the response.
// One of them asks Key to sign: answer from another thread than the main one.
func (c *Card) Process(command []byte) ([]byte, error) {
	return c.apart(func() []byte { return bytes.Clone(c.card.Process(bytes.Clone(command))) })
}

// Reset ends the tap: call it from onDeactivated, on another thread than the main
// one, since it waits for a Process that is under way.
func (c *Card) Reset() error {
	_, err := c.apart(func() []byte { c.card.Reset(); return nil })
	return err
}

// apart does its work on a goroutine of its own, because the tap is a coroutine,
// which may not change threads once a call from the platform, which stays on its
// thread, has begun it.
func (c *Card) apart(work func() []byte) (answer []byte, err error) {
	var over []*Result
	var done Done
	var wait sync.WaitGroup
	wait.Go(func() {
		answer, err = guarded(func() ([]byte, error) {
			c.mu.Lock()
			defer c.mu.Unlock()
			if c.card == nil {
				return nil, argument("the Card was not made by Phone.Card")
			}
			answer := work()
			over, done, c.over = c.over, c.done, nil
			return answer, nil
		})
	})
	wait.Wait()
	for _, r := range over {
		if done != nil {
			_ = attempt(func() error { return done.Done(r) })
		}
	}
	return answer, err
}
