package postern_test

import (
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	postern "github.com/postern-lock/postern/examples/mobile"
	"github.com/postern-lock/postern/examples/mobile/simulated"
)

// told is a Done that keeps what it is told.
type told struct{ results []*postern.Result }

func (d *told) Done(r *postern.Result) error {
	d.results = append(d.results, r)
	return nil
}

// threads hands each command over on a thread of its own, as the platform's calls
// come: locked to it.
type threads struct{ card *postern.Card }

func (c threads) Process(command []byte) (answer []byte, err error) {
	var wait sync.WaitGroup
	wait.Go(func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with it
		answer, err = c.card.Process(command)
	})
	wait.Wait()
	return answer, err
}

// cut is a reader that goes away after some commands.
type cut struct {
	card *postern.Card
	left int
}

func (c *cut) Process(command []byte) ([]byte, error) {
	if c.left--; c.left < 0 {
		return nil, errClosed
	}
	return c.card.Process(command)
}

func TestPoweredLockReadsThePhone(t *testing.T) {
	s := newScene(t, false)
	s.guest(t, s.phone)
	require.NoError(t, s.phone.Expect(s.w.LockID()))
	ask, err := postern.NewAsk(postern.OperationOpen)
	require.NoError(t, err)
	var done told
	card, err := s.phone.Card(ask, nil, &done)
	require.NoError(t, err)
	for n := range 2 {
		require.NoError(t, s.lock.Read(threads{card}))
		require.Len(t, done.results, n+1)
		require.True(t, done.results[n].Opened(), done.results[n].Detail())
	}
	require.Equal(t, 2, s.lock.Driven())
}

func TestReaderGoesAway(t *testing.T) {
	s := newScene(t, false)
	s.guest(t, s.phone)
	require.NoError(t, s.phone.Expect(s.w.LockID()))
	ask, err := postern.NewAsk(postern.OperationOpen)
	require.NoError(t, err)
	var done told
	card, err := s.phone.Card(ask, nil, &done)
	require.NoError(t, err)
	require.Error(t, s.lock.Read(&cut{card, 2}))
	require.Empty(t, done.results)
	require.NoError(t, card.Reset())
	require.Len(t, done.results, 1)
	require.False(t, done.results[0].Opened())
	require.Equal(t, "link", done.results[0].Code())
	require.NoError(t, s.lock.Read(card))
	require.True(t, done.results[1].Opened())
}

func TestCardOpensNoLockThatWasNotChosen(t *testing.T) {
	s := newScene(t, false)
	s.guest(t, s.phone)
	ask, err := postern.NewAsk(postern.OperationOpen)
	require.NoError(t, err)
	var done told
	card, err := s.phone.Card(ask, nil, &done)
	require.NoError(t, err)
	require.Error(t, s.lock.Read(card))
	require.Equal(t, postern.OutcomeRefused, done.results[0].Outcome())
	require.Zero(t, s.lock.Driven())
}

func TestCardTakesAnything(t *testing.T) {
	s := newScene(t, false)
	card, err := s.phone.Card(nil, nil, nil)
	require.NoError(t, err)
	for _, command := range [][]byte{nil, {0}, make([]byte, 5), make([]byte, 70000)} {
		answer, err := card.Process(command)
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(answer), 2)
	}
	_, err = new(postern.Card).Process(nil)
	requireCode(t, postern.CodeArgument, err)
}

// TestPanicInACardEndsTheTapAlone: it does not cross, and the next reader is served.
func TestPanicInACardEndsTheTapAlone(t *testing.T) {
	s := newScene(t, false)
	key, err := simulated.NewKey(false)
	require.NoError(t, err)
	mad := true
	s.platform.Key = keyOf{key.PublicKey, func(message []byte) ([]byte, error) {
		if mad {
			panic("a secret")
		}
		return key.Sign(message)
	}}
	phone, err := postern.NewPhone(s.platform, s.trust)
	require.NoError(t, err)
	s.guest(t, phone)
	require.NoError(t, phone.Expect(s.w.LockID()))
	ask, err := postern.NewAsk(postern.OperationOpen)
	require.NoError(t, err)
	var done told
	card, err := phone.Card(ask, nil, &done)
	require.NoError(t, err)
	err = s.lock.Read(threads{card})
	require.Error(t, err)
	require.NotContains(t, err.Error(), "a secret")
	require.Zero(t, s.lock.Driven())
	mad = false
	require.NoError(t, card.Reset())
	require.NoError(t, s.lock.Read(threads{card}))
	require.True(t, done.results[len(done.results)-1].Opened())
	require.Equal(t, 1, s.lock.Driven())
}
