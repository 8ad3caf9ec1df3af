package target

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
)

// link is a phone's end of a link to a device.
type link struct{ shim.Device }

func (l link) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	a, err := shim.Call[shim.Answer](ctx, l.Device, shim.Transceive{APDU: command})
	if err == nil && a.Silent {
		err = io.ErrUnexpectedEOF
	}
	return a.APDU, err
}

// scene is a lock with its world.
type scene struct {
	*testing.T
	*Lock
	w *world.World
}

func newScene(t *testing.T, f Features) scene {
	t.Helper()
	w, err := world.New(5)
	require.NoError(t, err)
	s := scene{t, NewLock(f, w.Rand("lock")), w}
	p, err := w.Factory(3)
	require.NoError(t, err)
	s.set(p)
	s.set(shim.Power{On: true})
	return s
}

func (s scene) set(r shim.Request) {
	s.Helper()
	_, err := shim.Call[shim.Nothing](s.Context(), s.Lock, r)
	require.NoError(s, err)
}

func ask[R any](s scene, r shim.Request) R {
	s.Helper()
	reply, err := shim.Call[R](s.Context(), s.Lock, r)
	require.NoError(s, err)
	return reply
}

// owner returns the owner's phone.
func (s scene) owner() *holder.Phone { return owner(s.T, s.w) }

func owner(t *testing.T, w *world.World) *holder.Phone {
	t.Helper()
	key, err := holder.NewKey(w.Key("owner"))
	require.NoError(t, err)
	return &holder.Phone{
		Key: key, Roots: []credential.PublicKey{w.Scheme.PublicKey()}, Makers: [][]byte{w.Maker.Authority().Bytes()}, Rand: w.Rand("phone"),
	}
}

// commission makes the owner the lock's owner.
func (s scene) commission() {
	_, r, err := s.owner().Commission(s.Context(), link{s.Lock}, s.w.Setup)
	require.NoError(s, err)
	require.Equal(s, credential.OutcomeDone, r.Outcome)
}

func (s scene) open() (holder.Result, error) {
	return s.owner().Open(s.Context(), link{s.Lock}, credential.OperationOpen)
}

func TestHooks(t *testing.T) {
	s := newScene(t, AllFeatures())
	require.True(t, ask[shim.Kept](s, shim.State{}).Vacant)
	require.Empty(t, ask[shim.Driven](s, shim.Bolt{}).Moves)
	require.Equal(t, shim.Counted{}, ask[shim.Counted](s, shim.Operations{}))
	s.commission()
	k := ask[shim.Kept](s, shim.State{})
	require.False(t, k.Vacant)
	require.Equal(t, uint64(1), k.Sequence)
	require.Equal(t, uint64(s.w.Now-50*world.Day), k.Floor)
	before := ask[shim.Counted](s, shim.Operations{}).Flash
	require.Positive(t, before)

	r, err := s.open()
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome)
	require.Equal(t, []shim.Move{{Resource: 0, Count: 1}}, ask[shim.Driven](s, shim.Bolt{}).Moves)
	require.Greater(t, ask[shim.Counted](s, shim.Operations{}).Flash, before)

	for motion, outcome := range map[shim.Motion]credential.Outcome{
		shim.Moves: credential.OutcomeOpened, shim.Sticks: credential.OutcomeFailed, shim.Unseen: credential.OutcomeUnconfirmed,
	} {
		s.set(shim.Drive{Motion: motion, Percent: 100})
		r, err := s.open()
		require.NoError(t, err)
		require.Equal(t, outcome, r.Outcome)
	}
	sequence := ask[shim.Kept](s, shim.State{}).Sequence
	s.set(shim.Tamper{})
	require.Equal(t, sequence+1, ask[shim.Kept](s, shim.State{}).Sequence)

	s.set(shim.Random{Source: shim.Fails})
	require.Equal(t, shim.Hex{0x6F, 0x00}, ask[shim.Answer](s, selects).APDU)
	s.set(shim.Random{Source: shim.Equal})
	require.Equal(t, shim.Hex{0x6F, 0x00}, ask[shim.Answer](s, selects).APDU)
	require.NotZero(t, ask[shim.Refused](s, shim.Refusal{}).Reason)
	s.set(shim.Random{Source: shim.Good})
	require.Len(t, ask[shim.Answer](s, selects).APDU, 36)

	p, err := s.w.Factory(0)
	require.NoError(t, err)
	s.set(p)
	require.True(t, ask[shim.Answer](s, selects).Silent, "the power is off")
	s.set(shim.Power{On: true})
	require.True(t, ask[shim.Kept](s, shim.State{}).Vacant)
	require.Empty(t, ask[shim.Driven](s, shim.Bolt{}).Moves)
}

var selects = shim.Transceive{APDU: shim.Hex("\x00\xA4\x04\x00\x09\xF0POSTERN\x01\x00")}

// TestCut cuts an opening at every operation of the memory: the lock falls
// silent, and afterwards it is as before or as after.
func TestCut(t *testing.T) {
	for _, torn := range []shim.Torn{shim.TornBefore, shim.TornHalf, shim.TornAfter} {
		for n := 0; ; n++ {
			s := newScene(t, Features{})
			s.commission()
			sequence := ask[shim.Kept](s, shim.State{}).Sequence
			s.set(shim.Cut{After: &n, Torn: torn})
			s.set(shim.Power{On: false})
			s.set(shim.Power{On: true}) // it outlasts the field
			_, err := s.open()
			if !ask[shim.Counted](s, shim.Operations{}).Cut {
				require.NoError(t, err)
				require.Positive(t, n)
				break
			}
			require.Error(t, err)
			require.True(t, ask[shim.Answer](s, selects).Silent)
			s.set(shim.Power{On: true})
			require.True(t, ask[shim.Answer](s, selects).Silent, "the field has to go first")
			s.set(shim.Power{On: false})
			s.set(shim.Power{On: true})
			require.Contains(t, []uint64{sequence, sequence + 1}, ask[shim.Kept](s, shim.State{}).Sequence)
			r, err := s.open()
			require.NoError(t, err, "the cut comes but once")
			require.Equal(t, credential.OutcomeOpened, r.Outcome)
		}
	}
}

// TestCutTakenBack takes a cut back after the power went by it: the memory comes
// back with the field all the same.
func TestCutTakenBack(t *testing.T) {
	s := newScene(t, Features{})
	s.commission()
	n := 0
	s.set(shim.Cut{After: &n, Torn: shim.TornBefore})
	_, err := s.open()
	require.Error(t, err)
	s.set(shim.Cut{})
	require.True(t, ask[shim.Answer](s, selects).Silent, "the field has to go first")
	s.set(shim.Power{On: false})
	s.set(shim.Power{On: true})
	r, err := s.open()
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome)
}

// TestOwnClockAndButton reads the clock, and resets by the button.
func TestOwnClockAndButton(t *testing.T) {
	s := newScene(t, AllFeatures())
	s.commission()
	stranger := s.owner()
	key, err := holder.NewKey(s.w.Key("stranger"))
	require.NoError(t, err)
	stranger.Key = key
	_, _, err = stranger.Commission(t.Context(), link{s.Lock}, s.w.Setup)
	require.Error(t, err)
	s.set(shim.Button{Pressed: true})
	_, r, err := stranger.Commission(t.Context(), link{s.Lock}, s.w.Setup)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeDone, r.Outcome)
	unix, offset := uint64(s.w.Now), 60
	s.set(shim.Clock{Unix: &unix, Offset: &offset})
	r, err = stranger.Open(t.Context(), link{s.Lock}, credential.OperationOpen)
	require.NoError(t, err)
	log := s.lock.Log()
	require.Equal(t, credential.EvidenceClock, log[len(log)-1].Evidence)
	require.Equal(t, s.w.Now, log[len(log)-1].Time)
	s.set(shim.Clock{})
	_, _, known := s.now()
	require.False(t, known)
	s.set(shim.Advance{Milliseconds: 1500})
	require.Equal(t, 1500*time.Millisecond, s.elapsed)
	require.Equal(t, credential.OutcomeOpened, r.Outcome)
}

// TestMeet has the lock read a phone.
func TestMeet(t *testing.T) {
	s := newScene(t, AllFeatures())
	s.commission()
	var got holder.Result
	phone := s.owner()
	phone.Expect = s.w.Lock
	card := phone.Card(t.Context(), holder.Ask{Operation: credential.OperationOpen}, func(r holder.Result, err error) {
		require.NoError(t, err)
		got = r
	})
	s.set(shim.Meet{Ask: func(_ context.Context, command []byte) ([]byte, error) { return card.Process(command), nil }})
	require.Equal(t, credential.OutcomeOpened, got.Outcome)
	s.set(shim.Meet{Ask: func(context.Context, []byte) ([]byte, error) { return nil, io.EOF }}) // the phone's fault, not the rig's
	s.set(shim.Deselect{})
}

// TestPresent has the reference phone wait for a lock that never comes, and for one
// that reads it.
func TestPresent(t *testing.T) {
	s := newScene(t, AllFeatures())
	s.commission()
	app := NewApp(s.w.Rand("app"))
	_, err := app.Do(t.Context(), shim.Present{Operation: 1})
	require.ErrorContains(t, err, "not provisioned")
	_, err = app.Do(t.Context(), shim.Install{
		Key: shim.Private{Private: world.Private(s.w.Key("owner"))}, Roots: []shim.Hex{world.COSEKey(s.w.Scheme.PublicKey())},
		Makers: []shim.Hex{s.w.Maker.Authority().Bytes()},
	})
	require.NoError(t, err)
	say := func(command []byte) shim.Answer {
		a, err := shim.Call[shim.Answer](t.Context(), app, shim.Command{APDU: command})
		require.NoError(t, err)
		return a
	}
	leave := func() shim.Told {
		told, err := shim.Call[shim.Told](t.Context(), app, shim.Leave{})
		require.NoError(t, err)
		return told
	}
	require.True(t, say([]byte{0, 0xA4, 4, 0}).Silent, "nobody presented it")
	present := shim.Present{Operation: int(credential.OperationOpen), Lock: s.w.Lock[:]}
	_, err = app.Do(t.Context(), present)
	require.NoError(t, err)
	require.Equal(t, shim.Told{Outcome: int(credential.OutcomeRefused), Reason: int(credential.ReasonLink)}, leave())
	_, err = app.Do(t.Context(), present)
	require.NoError(t, err)
	s.set(shim.Meet{Ask: func(_ context.Context, command []byte) ([]byte, error) { return say(command).APDU, nil }})
	require.Equal(t, shim.Told{Outcome: int(credential.OutcomeOpened), Believed: true}, leave())
}

func TestProvisionRefuses(t *testing.T) {
	w, err := world.New(0)
	require.NoError(t, err)
	for _, change := range []func(*shim.Provision){
		func(p *shim.Provision) { p.Roots[0] = shim.Hex{1} },
		func(p *shim.Provision) { p.Identities[0].Private = shim.Hex{1} },
		func(p *shim.Provision) { p.Identities[1].Private = make(shim.Hex, 32) },
		func(p *shim.Provision) { p.Setup = make(shim.Hex, 17) },
	} {
		p, err := w.Factory(0)
		require.NoError(t, err)
		change(&p)
		_, err = NewLock(AllFeatures(), w.Rand("")).Do(t.Context(), p)
		require.Error(t, err)
	}
	l := NewLock(AllFeatures(), w.Rand(""))
	for _, r := range []shim.Request{shim.Power{On: true}, shim.State{}, shim.Tamper{}, shim.Meet{}, shim.Tap{}} {
		_, err := l.Do(t.Context(), r)
		require.Error(t, err, "%T", r)
	}
	require.NoError(t, l.Close())
}

func TestExecThatEndsBadly(t *testing.T) {
	_, err := Exec(t.Context(), shim.Options{}, "/does/not/exist")
	require.ErrorContains(t, err, "it does not start")
}

func TestTail(t *testing.T) {
	var tl tail
	_, err := tl.Write([]byte(strings.Repeat("a", 5000) + "\x1b[31mred\nend\n"))
	require.NoError(t, err)
	require.LessOrEqual(t, len(tl.String()), maxComplaint)
	require.True(t, strings.HasSuffix(tl.String(), "[31mred end"))
}
