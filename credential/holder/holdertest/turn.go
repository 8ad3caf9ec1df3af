package holdertest

import (
	"bytes"
	"context"
	"errors"
	"iter"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
)

// Card is the tester's phone as the card that a lock reads (binding R, chapter
// 21).  It is an apdu.Processor.
type Card struct {
	// Script is the tap: it is given the link to the lock, over which the commands
	// of binding L go, SELECT first.  The Phone in it has Turned set.
	Script func(link apdu.Transceiver)
	// Answer alters what answers the lock's commands: SELECT and TURN.
	Answer func(command apdu.Command, answer *apdu.Response)
	// Faults are what the lock said against chapter 21.
	Faults []Fault

	card   *apdu.Card
	next   func() ([]byte, bool)
	stop   func()
	answer apdu.Response
	lost   bool
}

// Process carries out one command of the lock's.
func (c *Card) Process(command []byte) []byte {
	if c.card == nil {
		c.card = apdu.NewCard((*turned)(c), apdu.CardConfig{Extended: true, Turned: true})
	}
	return c.card.Process(command)
}

// Reset ends the script: the field was lost.
func (c *Card) Reset() {
	c.lost = true
	if c.stop != nil {
		c.stop()
	}
	c.next, c.stop = nil, nil
}

// turned takes whole commands of the lock's.
type turned Card

// Reset ends the script.
func (t *turned) Reset() { (*Card)(t).Reset() }

// Handle carries out SELECT and TURN.
func (t *turned) Handle(command apdu.Command) apdu.Response {
	c := (*Card)(t)
	r := c.handle(command)
	if c.Answer != nil {
		c.Answer(command, &r)
	}
	return r
}

func (c *Card) handle(command apdu.Command) apdu.Response {
	if command.INS == wire.InsSelect {
		if !bytes.Equal(command.Data, []byte(message.ReaderAID)) || command.P1 != 0x04 || command.P2 != 0 {
			c.Faults = append(c.Faults, Fault{Requirement: "PST-RDR-001", Text: "SELECT is not that of binding R"})
		}
		c.Reset()
		c.lost = false
		c.next, c.stop = iter.Pull(c.play)
		c.next() // SELECT of binding L, which the lock answers unasked
		return apdu.Response{SW: apdu.StatusOK}
	}
	if c.next == nil {
		return apdu.Response{SW: apdu.StatusOutOfOrder}
	}
	c.answer = apdu.Response{Data: bytes.Clone(command.Data), SW: apdu.Status(command.P1)<<8 | apdu.Status(command.P2)}
	data, _ := c.next()
	return apdu.Response{Data: data, SW: apdu.StatusOK}
}

// play runs the script as a coroutine: each of its commands is what TURN fetches.
func (c *Card) play(yield func([]byte) bool) {
	l := &turnLink{card: c, yield: yield}
	l.whole = apdu.NewCard(l, apdu.CardConfig{Extended: true})
	c.Script(l)
}

var errGone = errors.New("holdertest: the lock is gone")

// turnLink is the link to the lock as the script sees it: it joins what the
// script sends to whole commands.
type turnLink struct {
	card  *Card
	yield func([]byte) bool
	whole *apdu.Card
}

// Transceive hands one command over and waits for the answer.
func (l *turnLink) Transceive(_ context.Context, command []byte) ([]byte, error) {
	answer := bytes.Clone(l.whole.Process(command))
	if l.card.lost {
		return nil, errGone
	}
	return answer, nil
}

// Handle hands a whole command over.
func (l *turnLink) Handle(c apdu.Command) apdu.Response {
	if l.card.lost || !l.yield(append([]byte{c.INS, c.P1}, c.Data...)) {
		l.card.lost = true
		return apdu.Response{SW: apdu.StatusFailure}
	}
	return l.card.answer
}

// Reset has nothing to forget.
func (l *turnLink) Reset() {}
