package lock_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
)

// TestWhatBindingRCarries has a tap by binding R say all that one by binding L
// says.
func TestWhatBindingRCarries(t *testing.T) {
	open := holder.Ask{Operation: credential.OperationOpen}
	for name, c := range map[string]struct {
		phone func(*worldtest.World) *holder.Phone
		ask   holder.Ask
		check func(*testing.T, *worldtest.World, holder.Result)
	}{
		"a policy, by a guest whom it shuts out": {func(w *worldtest.World) *holder.Phone {
			p := w.NeighbourPhone(t)
			p.Documents = [][]byte{w.Policy(t, func(c *credential.PolicyClaims) { c.Version, c.Block = 2, credential.BlockGuests })}
			return p
		}, open, func(t *testing.T, w *worldtest.World, r holder.Result) {
			require.Equal(t, credential.ReasonBlocked, r.Reason)
			require.Len(t, r.Documents, 1)
			require.Equal(t, credential.ReasonNone, r.Documents[0].Reason)
			require.Equal(t, uint32(2), w.Lock.PolicyVersion())
		}},
		"live time, in a second request": {func(w *worldtest.World) *holder.Phone {
			now := w.Now + 6*worldtest.Day
			return liveAt(t, w, guest(t, w, func(c *credential.GrantClaims) { c.Scope[0].Schedule = sundays }), &now)
		}, open, func(t *testing.T, w *worldtest.World, r holder.Result) {
			require.Equal(t, credential.OutcomeOpened, r.Outcome, r.Reason)
			require.Equal(t, credential.EvidenceLive, w.Openings()[0].Evidence)
		}},
		"a chain of three": {func(w *worldtest.World) *holder.Phone {
			child := passed(t, w, delegable(t, w, 2), "child", func(c *credential.GrantClaims) { c.Scope[0].Delegation = 1 })
			return passed(t, w, child, "friend", unchanged)
		}, open, func(t *testing.T, _ *worldtest.World, r holder.Result) {
			require.Equal(t, credential.OutcomeOpened, r.Outcome, r.Reason)
		}},
		"a chain under an operator that the lock lacks": {func(w *worldtest.World) *holder.Phone {
			return driver(t, w)
		}, holder.Ask{Operation: credential.OperationDeliver}, func(t *testing.T, w *worldtest.World, r holder.Result) {
			require.Equal(t, credential.OutcomeOpened, r.Outcome, r.Reason)
		}},
		"the log, and a receipt": {func(w *worldtest.World) *holder.Phone {
			return w.PostmanPhone(t)
		}, holder.Ask{Operation: credential.OperationDeliver, Receipt: true, LogPages: 4}, func(t *testing.T, w *worldtest.World, r holder.Result) {
			require.True(t, r.Receipt.Verified)
			require.Len(t, r.LogPages, 4)
			require.Equal(t, w.Lock.Log(), entriesOf(read(t, w, r.LogPages...)))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			m, _, err := meet(t, w, c.phone(w), c.ask)
			require.NoError(t, err)
			require.NoError(t, m.err)
			require.Equal(t, 1, m.taps)
			c.check(t, w, m.result)
		})
	}
}

// garbling is a link on which every answer to the phone's card, or command to
// it, is garbled from one on.
type garbling struct {
	next   apdu.Transceiver
	from   int
	garble func([]byte) []byte
}

func (g *garbling) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	if g.from--; g.from < 0 {
		command = g.garble(bytes.Clone(command))
	}
	return g.next.Transceive(ctx, command)
}

// TestReaderThatSendsGarbage garbles what comes to the phone's card, at every
// step: the phone comes to an end, and the lock too.
func TestReaderThatSendsGarbage(t *testing.T) {
	for name, garble := range map[string]func(*rand.Rand) func([]byte) []byte{
		"one byte": func(r *rand.Rand) func([]byte) []byte {
			return func(c []byte) []byte { c[r.IntN(len(c))] ^= byte(1 + r.IntN(255)); return c }
		},
		"all bytes": func(r *rand.Rand) func([]byte) []byte {
			return func(c []byte) []byte { return random(r, 1+r.IntN(300)) }
		},
		"data of TURN": func(r *rand.Rand) func([]byte) []byte {
			return func(c []byte) []byte {
				return append([]byte{message.Class, wire.InsTurn, 0x90, 0x00, 40}, append(random(r, 40), 0)...)
			}
		},
		"cut off": func(r *rand.Rand) func([]byte) []byte { return func(c []byte) []byte { return c[:r.IntN(len(c))] } },
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			ended := 0
			for seed := range uint64(60) {
				r := rand.New(rand.NewPCG(seed, 21))
				w.PowerUp(t)
				driven, told := w.Bolt.Driven, 0
				card := w.NeighbourPhone(t).Card(t.Context(), holder.Ask{Operation: credential.OperationOpen}, func(r holder.Result, err error) {
					told++
					require.True(t, err != nil || r.Outcome == credential.OutcomeOpened)
				})
				_ = w.Lock.Meet(t.Context(), &garbling{apdu.Direct(card), r.IntN(4), garble(r)})
				card.Reset()
				require.LessOrEqual(t, told, 2, "a tap, and one begun anew at the most")
				require.LessOrEqual(t, w.Bolt.Driven, driven+1)
				ended += told
			}
			require.Positive(t, ended)
		})
	}
}

func random(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// script is a card that answers TURN by what it is told, over and over.
type script struct {
	turns   int
	answers func(turn int, c apdu.Command) apdu.Response
}

func (*script) Reset() {}

func (s *script) Handle(c apdu.Command) apdu.Response {
	if c.INS != wire.InsTurn {
		return apdu.Response{SW: apdu.StatusOK}
	}
	s.turns++
	return s.answers(s.turns, c)
}

// played has the lock read a card that goes by a script.
func played(t testing.TB, w *worldtest.World, answers func(int, apdu.Command) apdu.Response) (*script, error) {
	t.Helper()
	w.PowerUp(t)
	s := &script{answers: answers}
	err := w.Lock.Meet(t.Context(), apdu.Direct(apdu.NewCard(s, apdu.CardConfig{Extended: true, Turned: true})))
	return s, err
}

// TestCardThatNeverEnds has a bound.
func TestCardThatNeverEnds(t *testing.T) {
	again := append([]byte{0xA4, 0x04}, message.AID...)
	for name, answer := range map[string][]byte{
		"SELECT again and again": again,
		"an instruction unknown": {0xB0, 0x00, 0x01},
		"a request too early":    {wire.InsRequest, 0x00, 0x01},
		"nonsense in RESUME":     append([]byte{wire.InsResume, 0x00}, make([]byte, 40)...),
	} {
		w := worldtest.New(t)
		s, err := played(t, w, func(int, apdu.Command) apdu.Response { return apdu.Response{Data: answer, SW: apdu.StatusOK} })
		require.ErrorIs(t, err, credential.ReasonLimit, name)
		require.Equal(t, 72, s.turns, name)
		require.Zero(t, w.Flash.Programmed)
		require.Zero(t, w.Bolt.Driven)
	}
}

// endless is a card that always has more data to fetch.
type endless struct{ commands int }

func (e *endless) Transceive(context.Context, []byte) ([]byte, error) {
	e.commands++
	return append(make([]byte, 200), 0x61, 0x00), nil
}

func TestCardWhoseAnswerNeverEnds(t *testing.T) {
	w := worldtest.New(t)
	e := new(endless)
	require.Error(t, w.Lock.Meet(t.Context(), e))
	require.Less(t, e.commands, 10)
}

// TestCardThatIsNoPhoneOfThisStandard ends the tap.
func TestCardThatIsNoPhoneOfThisStandard(t *testing.T) {
	for name, c := range map[string]struct {
		answer apdu.Response
		want   credential.Reason
	}{
		"one byte":          {apdu.Response{Data: []byte{wire.InsHandshake1}, SW: apdu.StatusOK}, credential.ReasonMalformed},
		"a status word":     {apdu.Response{SW: apdu.StatusRefused}, credential.ReasonStatusWord},
		"nothing more":      {apdu.Response{SW: apdu.StatusOK}, credential.ReasonNone},
		"TURN unknown":      {apdu.Response{SW: apdu.StatusInsUnknown}, credential.ReasonStatusWord},
		"not selected, and": {apdu.Response{SW: apdu.StatusOutOfOrder}, credential.ReasonStatusWord},
	} {
		w := worldtest.New(t)
		s, err := played(t, w, func(int, apdu.Command) apdu.Response { return c.answer })
		require.Equal(t, 1, s.turns, name)
		if c.want == credential.ReasonNone {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorIs(t, err, c.want, name)
	}
}

// TestTurnIsTreatedAsTheCommandOfBindingL sends commands that are not ones: the
// status words in the next TURN are those of binding L, and so is the state that
// is left.
func TestTurnIsTreatedAsTheCommandOfBindingL(t *testing.T) {
	handshake := record(t, ownerOpens(t))[1]
	c, err := apdu.ParseCommand(handshake)
	require.NoError(t, err)
	good := append([]byte{c.INS, c.P1}, c.Data...)
	for name, c := range map[string]struct {
		command []byte
		want    apdu.Status
		next    apdu.Status // of HANDSHAKE-1 after it
	}{
		"SELECT":                    {append([]byte{0xA4, 0x04}, message.AID...), apdu.StatusOK, apdu.StatusOK},
		"SELECT of another":         {append([]byte{0xA4, 0x04}, message.ReaderAID...), apdu.StatusNotFound, apdu.StatusOutOfOrder},
		"SELECT by something else":  {append([]byte{0xA4, 0x00}, message.AID...), apdu.StatusWrongP1P2, apdu.StatusOutOfOrder},
		"instruction unknown":       {[]byte{0xB0, 0x00, 1, 2}, apdu.StatusInsUnknown, apdu.StatusOK},
		"TURN":                      {[]byte{wire.InsTurn, 0x90, 1, 2}, apdu.StatusInsUnknown, apdu.StatusOK},
		"GET RESPONSE":              {[]byte{wire.InsGetResponse, 0x00}, apdu.StatusInsUnknown, apdu.StatusOK},
		"REQUEST too early":         {[]byte{wire.InsRequest, 0x00, 1, 2}, apdu.StatusOutOfOrder, apdu.StatusOutOfOrder},
		"HANDSHAKE-1 with P1":       {[]byte{wire.InsHandshake1, 0x02, 1, 2}, apdu.StatusWrongP1P2, apdu.StatusOutOfOrder},
		"HANDSHAKE-1 with nonsense": {[]byte{wire.InsHandshake1, 0x00, 1, 2}, apdu.StatusRefused, apdu.StatusOutOfOrder},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			var heard []apdu.Status
			_, err := played(t, w, func(turn int, turned apdu.Command) apdu.Response {
				heard = append(heard, apdu.Status(turned.P1)<<8|apdu.Status(turned.P2))
				return apdu.Response{Data: [][]byte{nil, c.command, good, nil}[turn], SW: apdu.StatusOK}
			})
			require.NoError(t, err)
			require.Equal(t, []apdu.Status{apdu.StatusOK, c.want, c.next}, heard)
		})
	}
}
