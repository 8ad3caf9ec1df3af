package lock_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/worldtest"
)

// met is what came of a tap by binding R.
type met struct {
	result holder.Result
	err    error
	taps   int
}

// meet lets the lock read the phone.
func meet(t testing.TB, w *worldtest.World, p *holder.Phone, ask holder.Ask) (*met, apdu.Cost, error) {
	t.Helper()
	w.PowerUp(t)
	p.Expect = w.LockID
	m := new(met)
	card := p.Card(t.Context(), ask, func(r holder.Result, err error) {
		m.result, m.err = r, err
		m.taps++
	})
	tracer := apdu.NewTracer(apdu.Direct(card))
	err := w.Lock.Meet(t.Context(), tracer)
	return m, tracer.Cost(), err
}

func TestEverybodyOpensByBindingR(t *testing.T) {
	for name, c := range map[string]struct {
		phone     func(*worldtest.World) *holder.Phone
		operation credential.Operation
		pairs     int
	}{
		"owner":                {func(w *worldtest.World) *holder.Phone { return w.OwnerPhone(t) }, credential.OperationOpen, 4},
		"neighbour":            {func(w *worldtest.World) *holder.Phone { return w.NeighbourPhone(t) }, credential.OperationOpen, 4},
		"postman, first visit": {func(w *worldtest.World) *holder.Phone { return w.PostmanPhone(t) }, credential.OperationDeliver, 5},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			m, cost, err := meet(t, w, c.phone(w), holder.Ask{Operation: c.operation})
			require.NoError(t, err)
			require.NoError(t, m.err)
			require.Equal(t, 1, m.taps)
			require.Equal(t, credential.OutcomeOpened, m.result.Outcome)
			require.Equal(t, w.LockID, m.result.Lock)
			require.Equal(t, 1, w.Bolt.Driven)
			require.Equal(t, c.pairs, cost.Pairs)
		})
	}
}

// TestResumptionByBindingR makes a slot by one binding and uses it by the other.
func TestResumptionByBindingR(t *testing.T) {
	w := worldtest.New(t)
	p := resuming(w.NeighbourPhone(t))
	_, err := tap(t, w, p, credential.OperationOpen)
	require.NoError(t, err)
	m, cost, err := meet(t, w, p, holder.Ask{Operation: credential.OperationOpen})
	require.NoError(t, err)
	require.NoError(t, m.err)
	require.Equal(t, credential.OutcomeOpened, m.result.Outcome)
	require.Equal(t, 3, cost.Pairs)
	ops := w.Lock.Operations()
	require.Zero(t, ops.Total())
	r, err := tap(t, w, p, credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, 2, r.Cost.Pairs)
}

// TestPhonePulledAwayFromAReader ends the tap at every command.
func TestPhonePulledAwayFromAReader(t *testing.T) {
	for after := range 4 {
		w := worldtest.New(t)
		w.PowerUp(t)
		var got []error
		p := w.OwnerPhone(t)
		p.Expect = w.LockID
		card := p.Card(t.Context(), holder.Ask{Operation: credential.OperationOpen}, func(r holder.Result, err error) {
			require.NotEqual(t, credential.OutcomeOpened, r.Outcome)
			got = append(got, err)
		})
		err := w.Lock.Meet(t.Context(), lostAfter(apdu.Direct(card), after))
		require.ErrorIs(t, err, credential.ReasonLink)
		card.Reset()
		if after == 0 {
			require.Empty(t, got, "the tap did not begin")
			continue
		}
		require.Len(t, got, 1)
		require.ErrorIs(t, got[0], credential.ReasonLink)
	}
}

// TestTurnBelongsToBindingR sends TURN to a lock and to a phone that was not
// selected.
func TestTurnBelongsToBindingR(t *testing.T) {
	w := worldtest.New(t)
	turn := unhex(t, "80189000 01 00 00")
	require.Equal(t, apdu.StatusInsUnknown, status(t, w, turn))
	card := w.OwnerPhone(t).Card(t.Context(), holder.Ask{}, nil)
	for _, c := range []struct {
		command []byte
		want    apdu.Status
	}{{turn, apdu.StatusOutOfOrder}, {unhex(t, selectHex), apdu.StatusNotFound}, {unhex(t, "801000000100 00"), apdu.StatusInsUnknown}} {
		r, err := apdu.ParseResponse(card.Process(c.command))
		require.NoError(t, err)
		require.Equal(t, c.want, r.SW)
	}
}

// TestReaderThatIsAnImpostor has a lock that nobody certified read the phone.
func TestReaderThatIsAnImpostor(t *testing.T) {
	w := worldtest.New(t)
	p := w.NeighbourPhone(t)
	p.Makers = [][]byte{w.Post.Authority().Bytes()}
	m, _, err := meet(t, w, p, holder.Ask{Operation: credential.OperationOpen})
	require.NoError(t, err)
	require.Error(t, m.err)
	require.Equal(t, credential.OutcomeRefused, m.result.Outcome)
	require.Zero(t, w.Bolt.Driven)
}

// leaving is a link that is lost after so many commands.
type leaving struct {
	next apdu.Transceiver
	left int
}

func lostAfter(next apdu.Transceiver, commands int) *leaving { return &leaving{next, commands} }

func (l *leaving) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	if l.left == 0 {
		return nil, errDark
	}
	l.left--
	return l.next.Transceive(ctx, command)
}
