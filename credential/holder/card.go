package holder

import (
	"bytes"
	"context"
	"errors"
	"iter"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
)

// Card returns the phone as the card that a powered lock reads (binding R,
// chapter 21): its Process takes the lock's commands, in Android from a host
// card emulation service.  Each SELECT begins a tap with the ask; when it has
// come to an end, done is told what Do would have returned.
//
// The tap goes on within Process and nowhere else.  A Card is not for concurrent
// use, and Reset has to be called when the field goes.
func (p *Phone) Card(ctx context.Context, ask Ask, done func(Result, error)) *apdu.Card {
	return apdu.NewCard(&turned{phone: p, ctx: ctx, ask: ask, done: done}, apdu.CardConfig{Extended: true, Turned: true})
}

// turned is a phone whose taps are driven by the lock.  The exchange of binding
// L runs in a coroutine: each of its commands is what TURN fetches, and what
// TURN brings is the answer.
type turned struct {
	phone *Phone
	ctx   context.Context
	ask   Ask
	done  func(Result, error)

	next func() ([]byte, bool)
	stop func()
	link *inverted
}

// Reset ends the tap: the field was lost.
func (h *turned) Reset() {
	if h.stop != nil {
		h.link.lost = true
		h.stop()
	}
	h.next, h.stop, h.link = nil, nil, nil
}

// Handle carries out SELECT and TURN.
func (h *turned) Handle(c apdu.Command) apdu.Response {
	switch {
	case c.INS == wire.InsSelect && !bytes.Equal(c.Data, []byte(message.ReaderAID)):
		h.Reset()
		return apdu.Response{SW: apdu.StatusNotFound}
	case c.INS == wire.InsSelect:
		return h.begin()
	case h.next == nil:
		return apdu.Response{SW: apdu.StatusOutOfOrder}
	}
	h.link.answer = apdu.Response{Data: bytes.Clone(c.Data), SW: apdu.Status(c.P1)<<8 | apdu.Status(c.P2)}
	command, more := h.next()
	if !more {
		h.next, h.stop = nil, nil
	}
	return apdu.Response{Data: command, SW: apdu.StatusOK}
}

// begin starts a tap.  The exchange's first command is SELECT of binding L, which
// the lock has answered without being asked.
func (h *turned) begin() apdu.Response {
	h.Reset()
	link := new(inverted)
	link.card = apdu.NewCard(link, apdu.CardConfig{Extended: true})
	h.link = link
	h.next, h.stop = iter.Pull(func(yield func([]byte) bool) {
		link.yield = yield
		result, err := h.phone.Do(h.ctx, link, h.ask)
		if h.done != nil {
			h.done(result, err)
		}
	})
	if _, more := h.next(); !more {
		h.next, h.stop = nil, nil
	}
	return apdu.Response{SW: apdu.StatusOK}
}

// inverted is the link to the lock, as the exchange sees it: it joins what the
// exchange sends to whole commands, hands each over to whoever fetches it, and
// waits for the answer.
type inverted struct {
	card   *apdu.Card
	yield  func([]byte) bool
	answer apdu.Response
	lost   bool
}

var errGone = errors.New("the lock is gone")

// Transceive carries one command out.
func (l *inverted) Transceive(_ context.Context, command []byte) ([]byte, error) {
	response := l.card.Process(command)
	if l.lost {
		return nil, errGone
	}
	return bytes.Clone(response), nil
}

// Reset has nothing to forget.
func (l *inverted) Reset() {}

// Handle hands a command over.
func (l *inverted) Handle(c apdu.Command) apdu.Response {
	if l.lost || !l.yield(append([]byte{c.INS, c.P1}, c.Data...)) {
		l.lost = true
		return apdu.Response{SW: apdu.StatusFailure}
	}
	return l.answer
}
