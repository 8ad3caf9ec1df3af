package holder_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
)

// FuzzCard puts the fuzzer in the place of a powered lock: each byte of the script
// decides what the phone is sent, and what follows is used for it.
func FuzzCard(f *testing.F) {
	f.Add([]byte{0, 1, 1, 1}, false)
	f.Add([]byte{0, 1, 1, 2, 0x90, 0x00, 3, 4, 5, 6}, true)
	f.Add([]byte{0, 2, 0x61, 0x05, 1, 9, 0, 2, 0x6C, 0x10, 0, 4, 1}, false)
	f.Add([]byte{0, 1, 5, 0, 1, 1, 0, 1, 1, 5, 3, 0xFF, 1}, true)
	f.Add([]byte{1, 0, 1, 3, 5, 0x90, 0x18, 0x90, 0x00, 0x01, 0xAA, 0, 4, 0}, false)
	f.Fuzz(func(t *testing.T, script []byte, postman bool) {
		w, d := worldtest.New(t), new(told)
		p, operation := w.OwnerPhone(t), credential.OperationOpen
		if postman {
			p, operation = w.PostmanPhone(t), credential.OperationDeliver
		}
		p.Wait = noWait
		next := func(n int) []byte {
			n = min(n, len(script))
			b := script[:n:n]
			script = script[n:]
			return b
		}
		card := chosen(w, p).Card(t.Context(), holder.Ask{Operation: operation}, d.done)
		h := &hostile{lock: w.Lock.Reading(), card: card, next: next}
		for len(script) > 0 {
			h.act()
			require.LessOrEqual(t, len(d.results), h.selects, "a tap is told once")
		}
		card.Reset()
		require.Len(t, d.results, h.selects, "every tap is told")
		opened := 0
		for i, r := range d.results {
			switch {
			case d.errs[i] != nil:
				var e *holder.Error
				require.ErrorAs(t, d.errs[i], &e)
				require.NotEqual(t, credential.OutcomeOpened, r.Outcome)
				require.NotEqual(t, holder.AdviceNone, r.Advice)
			case r.Outcome == credential.OutcomeOpened:
				opened++
			}
		}
		require.LessOrEqual(t, opened, w.Bolt.Driven)
		w.Lock.Reset()
		require.NoError(t, w.Lock.Meet(t.Context(), apdu.Direct(card)))
		require.Equal(t, credential.OutcomeOpened, d.results[h.selects].Outcome)
	})
}

// hostile reads a phone by a script, with the answers of a true lock at hand.
type hostile struct {
	lock    apdu.Processor
	card    *apdu.Card
	next    func(n int) []byte
	answer  []byte // of the lock, with its status word
	selects int
}

// act sends one command and has the lock carry out what the phone says.
func (h *hostile) act() {
	var command []byte
	switch h.next(1)[0] & 7 {
	case 0:
		command, _ = apdu.Select([]byte(message.ReaderAID)).Bytes()
		h.process(command)
		command, _ = message.SelectCommand().Bytes()
		h.answer = bytes.Clone(h.lock.Process(command))
		return
	case 1: // the lock's answer
		command = turned(h.answer)
	case 2: // an answer that the lock never gave
		sw := h.next(2)
		command = turned(append(bytes.Clone(h.next(20)), sw...))
	case 3: // a command that is none of this binding, perhaps
		if length := h.next(1); len(length) == 1 {
			command = h.next(int(length[0]))
		}
	case 4:
		h.card.Reset()
		return
	default: // the lock's answer, altered on its way
		altered := bytes.Clone(h.answer)
		if where := h.next(2); len(where) == 2 && len(altered) > 0 {
			altered[int(where[0])%len(altered)] ^= where[1]
		}
		command = turned(altered)
	}
	if r := h.process(command); len(r.Data) > 1 {
		c := apdu.Command{CLA: message.Class, INS: r.Data[0], P1: r.Data[1], Data: bytes.Clone(r.Data[2:]), Ne: 256}
		command, _ = c.Bytes()
		h.answer = bytes.Clone(h.lock.Process(command))
	}
}

// process has the phone carry a command out, and counts the good SELECTs.
func (h *hostile) process(command []byte) apdu.Response {
	r, err := apdu.ParseResponse(h.card.Process(command))
	if err == nil && instruction(command) == wire.InsSelect && r.SW == apdu.StatusOK {
		h.selects++
	}
	return r
}

// turned returns TURN with a whole response, extended where it is long.
func turned(response []byte) []byte {
	r, err := apdu.ParseResponse(response)
	if err != nil {
		r = apdu.Response{Data: response}
	}
	c := apdu.Command{CLA: message.Class, INS: wire.InsTurn, P1: byte(r.SW >> 8), P2: byte(r.SW), Data: r.Data, Ne: wire.LimitResponseBytes}
	b, _ := c.Bytes()
	return b
}
