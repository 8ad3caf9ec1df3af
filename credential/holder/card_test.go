package holder_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
)

// told is what a Card told of its taps.
type told struct {
	results []holder.Result
	errs    []error
}

func (d *told) done(r holder.Result, err error) {
	d.results, d.errs = append(d.results, r), append(d.errs, err)
}

// reading is a lock's side of binding R, which a test drives step by step.
type reading struct {
	t      testing.TB
	card   *apdu.Card
	lock   apdu.Transceiver // by binding L
	answer apdu.Response    // of the lock, for the next TURN
}

// chosen returns the phone of somebody who chose the world's lock.
func chosen(w *worldtest.World, p *holder.Phone) *holder.Phone {
	p.Expect = w.LockID
	return p
}

// read begins to read a card for the world's lock.
func read(t testing.TB, w *worldtest.World, card *apdu.Card) *reading {
	return &reading{t: t, card: card, lock: apdu.Direct(w.Lock.Reading())}
}

// sent sends the phone one command, chained where it has to be.
func (r *reading) sent(c apdu.Command) apdu.Response {
	r.t.Helper()
	answer, err := apdu.Exchange(r.t.Context(), apdu.Direct(r.card), c, apdu.Options{})
	require.NoError(r.t, err)
	return answer
}

// carriedOut has the lock carry a command out, by binding L.
func (r *reading) carriedOut(c apdu.Command) {
	r.t.Helper()
	var err error
	r.answer, err = apdu.Exchange(r.t.Context(), r.lock, c, apdu.Options{})
	require.NoError(r.t, err)
}

// begin selects the phone and the lock.
func (r *reading) begin() {
	r.t.Helper()
	require.Equal(r.t, apdu.Response{SW: apdu.StatusOK}, r.sent(apdu.Select([]byte(message.ReaderAID))))
	r.carriedOut(message.SelectCommand())
}

// turn hands the lock's answer over and returns what the phone says.
func (r *reading) turn() apdu.Response {
	r.t.Helper()
	return r.sent(apdu.Command{
		CLA: message.Class, INS: wire.InsTurn, P1: byte(r.answer.SW >> 8), P2: byte(r.answer.SW), Data: r.answer.Data, Ne: 256,
	})
}

// step makes one turn, in which the phone sends the instruction, and has the lock
// carry it out.
func (r *reading) step(ins byte) {
	r.t.Helper()
	next := r.turn()
	require.Equal(r.t, apdu.StatusOK, next.SW)
	require.NotEmpty(r.t, next.Data)
	require.Equal(r.t, ins, next.Data[0])
	c := apdu.Command{CLA: message.Class, INS: ins, P1: next.Data[1], Data: next.Data[2:], Ne: 256}
	if ins == wire.InsSelect {
		c = message.SelectCommand()
	}
	r.carriedOut(c)
}

// steps of an owner's full tap, up to the answer that reports the opening.
var steps = []byte{wire.InsHandshake1, wire.InsHandshake2}

// end hands over the last answer.
func (r *reading) end() {
	r.t.Helper()
	require.Equal(r.t, apdu.Response{SW: apdu.StatusOK}, r.turn())
}

func TestCardTellsOfEachTap(t *testing.T) {
	w, d := worldtest.New(t), new(told)
	r := read(t, w, chosen(w, w.OwnerPhone(t)).Card(t.Context(), holder.Ask{Operation: credential.OperationOpen}, d.done))
	for n := range 3 {
		r.begin()
		for _, ins := range steps {
			r.step(ins)
			require.Len(t, d.results, n, "the tap goes on")
		}
		r.end()
		require.Len(t, d.results, n+1)
		require.NoError(t, d.errs[n])
		require.Equal(t, credential.OutcomeOpened, d.results[n].Outcome)
		require.Equal(t, w.LockID, d.results[n].Lock)
		require.Equal(t, n+1, w.Bolt.Driven)
	}
	r.card.Reset()
	require.Len(t, d.results, 3, "nothing is told twice")
}

// TestCardIsPulledAway tells the app at every step what may have happened.
func TestCardIsPulledAway(t *testing.T) {
	for _, c := range []struct {
		name      string
		steps     int
		operation credential.Operation
		outcome   credential.Outcome
		advice    holder.Advice
	}{
		{"selected", 0, credential.OperationOpen, credential.OutcomeRefused, holder.AdviceTapAgain},
		{"lock not proved", 1, credential.OperationOpen, credential.OutcomeRefused, holder.AdviceTapAgain},
		{"request handed over", 2, credential.OperationOpen, credential.OutcomeUnconfirmed, holder.AdviceLook},
		{"harmless request handed over", 2, credential.OperationStatus, credential.OutcomeRefused, holder.AdviceTapAgain},
	} {
		for name, away := range map[string]func(*reading){
			"field lost":               func(r *reading) { r.card.Reset() },
			"another application":      func(r *reading) { r.sent(apdu.Select([]byte(message.AID))) },
			"selected anew":            func(r *reading) { r.begin() },
			"command against the rule": func(r *reading) { r.sent(apdu.Command{CLA: 0x80, INS: wire.InsGetResponse, Ne: 256}) },
		} {
			t.Run(c.name+", "+name, func(t *testing.T) {
				w, d := worldtest.New(t), new(told)
				r := read(t, w, chosen(w, w.OwnerPhone(t)).Card(t.Context(), holder.Ask{Operation: c.operation}, d.done))
				r.begin()
				for _, ins := range steps[:c.steps] {
					r.step(ins)
				}
				require.Empty(t, d.results)
				away(r)
				require.Len(t, d.results, 1)
				requireFault(t, d.results[0], d.errs[0], c.outcome, credential.ReasonLink, c.advice)
			})
		}
	}
}

// TestSecondSelectBeginsAnotherTap, which is as good as one after a good end.
func TestSecondSelectBeginsAnotherTap(t *testing.T) {
	for n := range steps {
		w, d := worldtest.New(t), new(told)
		r := read(t, w, chosen(w, w.NeighbourPhone(t)).Card(t.Context(), holder.Ask{Operation: credential.OperationOpen}, d.done))
		r.begin()
		for _, ins := range steps[:n] {
			r.step(ins)
		}
		r.begin()
		require.Len(t, d.results, 1, "of the first tap")
		for _, ins := range steps {
			r.step(ins)
		}
		r.end()
		require.Len(t, d.results, 2)
		require.NoError(t, d.errs[1])
		require.Equal(t, credential.OutcomeOpened, d.results[1].Outcome)
		require.Equal(t, 1, w.Bolt.Driven)
	}
}

func TestCardThatTellsNobody(t *testing.T) {
	w := worldtest.New(t)
	r := read(t, w, chosen(w, w.OwnerPhone(t)).Card(t.Context(), holder.Ask{Operation: credential.OperationOpen}, nil))
	r.begin()
	r.card.Reset()
	r.begin()
	for _, ins := range steps {
		r.step(ins)
	}
	r.end()
	require.Equal(t, 1, w.Bolt.Driven)
}

// TestNothingIsLeftToSay: a phone whose tap has ended says so as often as it is
// asked, until it is selected again (section 21.1).
func TestNothingIsLeftToSay(t *testing.T) {
	for name, lacking := range map[string]bool{"opened": false, "phone without a key": true} {
		t.Run(name, func(t *testing.T) {
			w, d := worldtest.New(t), new(told)
			p := w.OwnerPhone(t)
			if lacking {
				p.Key = nil
			}
			r := read(t, w, chosen(w, p).Card(t.Context(), holder.Ask{Operation: credential.OperationOpen}, d.done))
			require.Equal(t, apdu.StatusOutOfOrder, r.turn().SW, "before SELECT")
			r.begin()
			if lacking {
				requireFault(t, d.results[0], d.errs[0], credential.OutcomeRefused, credential.ReasonNone, holder.AdviceUpdate)
			} else {
				for _, ins := range steps {
					r.step(ins)
				}
			}
			r.end()
			r.end()
			require.Len(t, d.results, 1)
			r.card.Reset()
			require.Equal(t, apdu.StatusOutOfOrder, r.turn().SW, "after the field")
		})
	}
}

func TestCardIsSelectedByItsNameAlone(t *testing.T) {
	w := worldtest.New(t)
	r := read(t, w, chosen(w, w.OwnerPhone(t)).Card(t.Context(), holder.Ask{}, nil))
	good := apdu.Select([]byte(message.ReaderAID))
	for name, c := range map[string]struct {
		change func(*apdu.Command)
		want   apdu.Status
	}{
		"by a part of the name": {func(c *apdu.Command) { c.Data = c.Data[:8] }, apdu.StatusNotFound},
		"of binding L":          {func(c *apdu.Command) { c.Data = []byte(message.AID) }, apdu.StatusNotFound},
		"with another P1":       {func(c *apdu.Command) { c.P1 = 0 }, apdu.StatusWrongP1P2},
		"with another P2":       {func(c *apdu.Command) { c.P2 = 4 }, apdu.StatusWrongP1P2},
	} {
		t.Run(name, func(t *testing.T) {
			command := good
			c.change(&command)
			require.Equal(t, c.want, r.sent(command).SW)
			require.Equal(t, apdu.StatusOutOfOrder, r.turn().SW)
		})
	}
}

// TestContextIsDone ends the tap with the next command; an answer that is there
// is still taken.
func TestContextIsDone(t *testing.T) {
	for after := range 3 {
		w, d := worldtest.New(t), new(told)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		r := read(t, w, chosen(w, w.OwnerPhone(t)).Card(ctx, holder.Ask{Operation: credential.OperationOpen}, d.done))
		r.begin()
		for _, ins := range steps[:after] {
			r.step(ins)
		}
		cancel()
		r.end()
		require.Len(t, d.results, 1)
		if after == 2 {
			require.NoError(t, d.errs[0])
			require.Equal(t, credential.OutcomeOpened, d.results[0].Outcome)
			continue
		}
		require.ErrorIs(t, d.errs[0], context.Canceled)
		requireFault(t, d.results[0], d.errs[0], credential.OutcomeRefused, credential.ReasonLink, holder.AdviceTapAgain)
		r.begin()
		r.end()
		require.Len(t, d.results, 2, "and so does the next one")
	}
}

// TestCardBeginsAgain where the lock has another certificate than the one that is
// remembered.
func TestCardBeginsAgain(t *testing.T) {
	w, d := worldtest.New(t), new(told)
	p := knowing(t, w, w.OwnerPhone(t))
	replace(t, w)
	r := read(t, w, chosen(w, p).Card(t.Context(), holder.Ask{Operation: credential.OperationOpen}, d.done))
	r.begin()
	for _, ins := range []byte{wire.InsHandshake1, wire.InsSelect, wire.InsHandshake1, wire.InsHandshake2} {
		r.step(ins)
	}
	r.end()
	require.NoError(t, d.errs[0])
	require.Equal(t, credential.OutcomeOpened, d.results[0].Outcome)
}

// TestCommandsFitTheAnswerToTurn has two bytes less room than binding L, for INS
// and P1 (section 21.1).
func TestCommandsFitTheAnswerToTurn(t *testing.T) {
	w := worldtest.New(t)
	const message3, overhead = 122, 8
	ask, full := holder.Ask{Operation: credential.OperationOpen}, 0
	for entries := range 24 {
		for _, version := range []uint32{1, 24, 256, 1 << 16} { // of 1, 2, 3 and 5 bytes
			for _, other := range []uint32{1, 24, 256, 1 << 16} {
				documents := [][]byte{list(t, w, "carrier", version, 24), list(t, w, "carrier", other, entries)}
				request := message.Request{Operation: ask.Operation, Documents: documents}
				if message3+len(request.Encode())+overhead <= wire.LimitCommandBytes-2 || message3+len(request.Encode())+overhead > wire.LimitCommandBytes {
					continue
				}
				full++
				p, d := w.OwnerPhone(t), new(told)
				p.Documents = documents
				w.PowerUp(t)
				require.NoError(t, w.Lock.Meet(t.Context(), apdu.Direct(chosen(w, p).Card(t.Context(), ask, d.done))))
				require.Len(t, d.results, 1)
				require.NoError(t, d.errs[0])
				require.Equal(t, credential.OutcomeOpened, d.results[0].Outcome)
				require.Len(t, d.results[0].Documents, 2)
			}
		}
	}
	require.Positive(t, full, "no request fills its command")
}

// TestCardIsResetByWhomItTells is what an app does that wants no other tap.
func TestCardIsResetByWhomItTells(t *testing.T) {
	w, d := worldtest.New(t), new(told)
	var r *reading
	r = read(t, w, chosen(w, w.OwnerPhone(t)).Card(t.Context(), holder.Ask{Operation: credential.OperationOpen}, func(result holder.Result, err error) {
		d.done(result, err)
		r.card.Reset()
	}))
	for n := range 2 {
		r.begin()
		for _, ins := range steps {
			r.step(ins)
		}
		r.end()
		require.Equal(t, apdu.StatusOutOfOrder, r.turn().SW)
		require.Equal(t, credential.OutcomeOpened, d.results[n].Outcome)
	}
}

// TestCardIsResetWhileItAsksForTheTime ends the tap, and nothing more is sent; as
// by binding L, the phone does not know that.
func TestCardIsResetWhileItAsksForTheTime(t *testing.T) {
	w, d := worldtest.New(t), new(told)
	f := wantsTime(t, w)
	f.aid = message.ReaderAID
	p := w.NeighbourPhone(t)
	var r *reading
	p.Live = func(_ context.Context, nonce [16]byte) ([]byte, error) {
		r.card.Reset()
		return token(t, w, "clock", nonce), nil
	}
	r = &reading{t: t, card: chosen(w, p).Card(t.Context(), holder.Ask{Operation: credential.OperationOpen}, d.done), lock: f.link()}
	r.begin()
	for _, ins := range steps {
		r.step(ins)
	}
	r.end()
	require.Len(t, f.requests, 1)
	require.Len(t, d.results, 1)
	requireFault(t, d.results[0], d.errs[0], credential.OutcomeUnconfirmed, credential.ReasonLink, holder.AdviceLook)
}
