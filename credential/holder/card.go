package holder

import (
	"bytes"
	"context"
	"errors"
	"iter"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
)

// Card returns the phone as the card that a powered lock reads (binding R,
// chapter 21): its Process takes the lock's commands, in Android from a host
// card emulation service.  Each SELECT begins a tap with the ask; when it has
// come to an end, done is told what Do would have returned; done can be nil.  A
// Result's Cost is what the same tap takes by binding L.
//
// The tap goes on within Process and nowhere else, and done is called there or in
// Reset.  A Card is not for concurrent use, and Reset has to be called when the
// field goes: the tap that it ends is told like one whose link was lost.
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

	selected bool // by the reader, whether or not the tap goes on
	next     func() ([]byte, bool)
	stop     func()
	link     *inverted
}

// turnHead is how many bytes of an answer to TURN stand before the command's data:
// INS and P1.
const turnHead = 2

// Reset ends the tap: the field was lost.
func (h *turned) Reset() {
	if h.link != nil {
		h.link.lost = true
	}
	stop := h.stop
	h.selected, h.next, h.stop, h.link = false, nil, nil, nil
	if stop != nil {
		stop()
	}
}

// Handle carries out SELECT and TURN.
func (h *turned) Handle(c apdu.Command) apdu.Response {
	switch {
	case c.INS == wire.InsSelect:
		return h.begin(c)
	case !h.selected:
		return apdu.Response{SW: apdu.StatusOutOfOrder}
	case h.next == nil:
		return apdu.Response{SW: apdu.StatusOK} // the tap has ended
	}
	h.link.answer = apdu.Response{Data: bytes.Clone(c.Data), SW: apdu.Status(c.P1)<<8 | apdu.Status(c.P2)}
	return apdu.Response{Data: h.goOn(), SW: apdu.StatusOK}
}

// goOn lets the exchange go on to its next command, and returns it; nil where it
// has come to its end.  Meanwhile there is nothing to stop, for it is the exchange
// that runs, and the app whom it calls can reset the card.
func (h *turned) goOn() []byte {
	next, stop := h.next, h.stop
	h.next, h.stop = nil, nil
	command, more := next()
	if more {
		h.next, h.stop = next, stop
	}
	return command
}

// meant reports whether the person chose the lock that is to be opened.  A reader
// comes to the phone of whoever passes by, so here a phone without Expect opens
// nothing.
func (h *turned) meant() bool {
	if h.phone.Expect != (credential.LockID{}) || harmless(h.ask.Operation) {
		return true
	}
	if h.done != nil {
		h.done(refused(ownFault("Phone.Expect: a lock that reads the phone opens only if it is the one that was chosen", AdviceUpdate, nil)))
	}
	return false
}

// begin starts a tap.  The exchange's first command is SELECT of binding L, which
// the lock has answered without being asked.
func (h *turned) begin(c apdu.Command) apdu.Response {
	h.Reset()
	switch {
	case c.P1 != 0x04 || c.P2 != 0x00:
		return apdu.Response{SW: apdu.StatusWrongP1P2}
	case !bytes.Equal(c.Data, []byte(message.ReaderAID)):
		return apdu.Response{SW: apdu.StatusNotFound}
	}
	if !h.meant() {
		return apdu.Response{SW: apdu.StatusRefused}
	}
	link := new(inverted)
	link.card = apdu.NewCard(link, apdu.CardConfig{Extended: true})
	h.selected, h.link = true, link
	h.next, h.stop = iter.Pull(func(yield func([]byte) bool) {
		link.yield = yield
		result, err := h.phone.Do(h.ctx, link, h.ask)
		if h.done != nil {
			h.done(result, err)
		}
	})
	h.goOn()
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

// aid returns the name of the application that the channel is bound to: what the
// phone says to a lock that reads it is nothing to a lock that it would read.
func (x *exchange) aid() string {
	if _, turned := x.link.next.(*inverted); turned {
		return message.ReaderAID
	}
	return message.AID
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
