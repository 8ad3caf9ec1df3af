package holder_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
)

// requireOpened opens and requires that the bolt moved once more.
func requireOpened(t *testing.T, w *worldtest.World, p *holder.Phone, link apdu.Transceiver, operation credential.Operation) holder.Result {
	t.Helper()
	before := w.Bolt.Driven
	r, err := p.Open(t.Context(), link, operation)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome, r.Reason)
	require.Equal(t, holder.AdviceNone, r.Advice)
	require.Equal(t, w.LockID, r.Lock)
	require.Equal(t, before+1, w.Bolt.Driven)
	return r
}

// requireFault requires an *Error that agrees with the Result.
func requireFault(t *testing.T, r holder.Result, err error, outcome credential.Outcome, reason credential.Reason, advice holder.Advice) *holder.Error {
	t.Helper()
	var e *holder.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, reason, e.Reason, "%v", err)
	require.Equal(t, advice, e.Advice, "%v", err)
	require.Equal(t, outcome, r.Outcome, "%v", err)
	require.Equal(t, reason, r.Reason)
	require.Equal(t, advice, r.Advice)
	require.Zero(t, r.State)
	if reason != credential.ReasonNone {
		require.ErrorIs(t, err, reason)
	}
	return e
}

// requireUntouched requires that nothing happened at the lock since it was
// commissioned.
func requireUntouched(t *testing.T, w *worldtest.World) {
	t.Helper()
	require.Zero(t, w.Bolt.Driven, "bolt driven")
	require.Empty(t, w.Openings(), "log")
}

// starts returns how often the lock's log says that an opening was started.
func starts(w *worldtest.World) int {
	n := 0
	for _, e := range w.Lock.Log() {
		if e.Outcome == credential.LogStarted {
			n++
		}
	}
	return n
}

// noWait is a Phone's Wait that does not.
func noWait(context.Context, time.Duration) error { return nil }

// errField is what an NFC stack says when the tag is gone.
var errField = errors.New("tag was lost")

// wire is a link that can be tampered with.  Every function may be nil.
type tampered struct {
	next     apdu.Transceiver
	n        int // commands so far
	command  func(n int, command []byte) ([]byte, error)
	response func(n int, command, response []byte) ([]byte, error)
}

func (l *tampered) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	l.n++
	var err error
	if command = bytes.Clone(command); l.command != nil {
		if command, err = l.command(l.n, command); err != nil {
			return nil, err
		}
	}
	response, err := l.next.Transceive(ctx, command)
	if err == nil && l.response != nil {
		return l.response(l.n, command, response)
	}
	return response, err
}

// instruction returns the INS of a command.
func instruction(command []byte) byte {
	if len(command) < 2 {
		return 0
	}
	return command[1]
}

// sent counts the commands with the instruction.
func sent(tr *apdu.Tracer, ins byte) int {
	n := 0
	for _, p := range tr.Pairs() {
		if instruction(p.Command) == ins {
			n++
		}
	}
	return n
}

// requireNothingToldOfTheHolder requires that the phone has sent nothing that
// could tell who it is: SELECT and message_1, nothing else, and in them neither
// the holder's key nor a part of the grant.
func requireNothingToldOfTheHolder(t *testing.T, p *holder.Phone, tr *apdu.Tracer) {
	t.Helper()
	var all []byte
	for _, pair := range tr.Pairs() {
		c, err := apdu.ParseCommand(pair.Command)
		require.NoError(t, err)
		switch c.INS {
		case wire.InsSelect:
			require.Equal(t, unhex(t, "00A4040009F0504F535445524E0100"), pair.Command)
		case wire.InsHandshake1:
			want := 1 + 1 + 2 + 32 + 1 // METHOD, SUITES_I, G_X, C_I
			require.Len(t, c.Data, want, "message_1 holds nothing but its four items")
			require.Equal(t, byte(0), c.Data[0])
			require.Equal(t, byte(0), c.Data[want-1], "C_I is the same for everybody")
		case wire.InsGetResponse:
			require.Len(t, pair.Command, 5)
		default:
			t.Errorf("the phone sent %X", pair.Command)
		}
		all = append(all, pair.Command...)
	}
	key := p.Key.PublicKey().X()
	require.False(t, bytes.Contains(all, key[:8]), "the holder's key is in what was sent")
	for i := 0; i+8 <= len(p.Grant); i++ {
		require.False(t, bytes.Contains(all, p.Grant[i:i+8]), "the grant is in what was sent")
	}
}
