package postern_test

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	postern "github.com/postern-lock/postern/examples/mobile"
	"github.com/postern-lock/postern/examples/mobile/simulated"
)

func TestGuestOpensWithEitherKind(t *testing.T) {
	for name, ed := range map[string]bool{"P-256 in DER": false, "Ed25519": true} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, false)
			phone := s.newPhone(t, ed)
			s.guest(t, phone)
			r, err := phone.Open(s.lock, postern.OperationOpen, nil)
			require.NoError(t, err)
			require.True(t, r.Opened(), r.Detail())
			require.True(t, r.Answered())
			require.Equal(t, postern.OutcomeOpened, r.Outcome())
			require.Equal(t, postern.AdviceNone, r.Advice())
			require.Equal(t, "none", r.Reason())
			require.Equal(t, s.w.LockID(), r.Lock())
			require.EqualValues(t, 1, r.PolicyVersion())
			require.Equal(t, 1, s.lock.Driven())
		})
	}
}

func TestSecondTapResumesFromTheVault(t *testing.T) {
	s := newScene(t, false)
	s.guest(t, s.phone)
	first, err := s.phone.Open(s.lock, postern.OperationOpen, nil)
	require.NoError(t, err)
	require.Len(t, s.vault.names(), 1)
	second, err := s.phone.Open(s.lock, postern.OperationOpen, nil)
	require.NoError(t, err)
	require.True(t, second.Opened())
	require.Greater(t, first.Pairs(), second.Pairs())
	require.Equal(t, 2, second.Pairs())
}

func TestTapGoesOnWhereTheVaultIsClosed(t *testing.T) {
	s := newScene(t, false)
	s.guest(t, s.phone)
	s.vault.closed = true
	for range 2 {
		r, err := s.phone.Open(s.lock, postern.OperationOpen, nil)
		require.NoError(t, err)
		require.True(t, r.Opened())
	}
}

func TestPostmanDeliversWithReceipt(t *testing.T) {
	s := newScene(t, false)
	grant, err := s.w.Postman(s.phone.PublicKey())
	require.NoError(t, err)
	right, err := postern.NewRight(grant, nil, blobs(t, s.w.Post()))
	require.NoError(t, err)
	require.Empty(t, right.Lock(), "a round is not one lock")
	require.NoError(t, s.phone.SetRight(right))
	ask, err := postern.NewAsk(postern.OperationDeliver)
	require.NoError(t, err)
	require.NoError(t, ask.SetReceipt(true))
	require.NoError(t, ask.SetReference([]byte("parcel 8")))
	require.NoError(t, ask.SetLogPages(1))
	r, err := s.phone.Tap(s.lock, ask, nil)
	require.NoError(t, err)
	require.True(t, r.Opened(), r.Reason())
	require.True(t, r.Receipt().Verified())
	require.False(t, r.Receipt().Broken())
	require.NotEmpty(t, r.Receipt().Bytes())
	require.Equal(t, 1, r.LogPages().Len())
	require.Len(t, r.LogPages().At(0), 792)
}

func TestDocumentsAreHandedOver(t *testing.T) {
	s := newScene(t, false)
	s.guest(t, s.phone)
	require.NoError(t, s.phone.SetDocuments(blobs(t, s.w.Policy(2), s.w.Policy(1)), nil))
	r, err := s.phone.Open(s.lock, postern.OperationStatus, nil)
	require.NoError(t, err)
	require.EqualValues(t, 2, r.PolicyVersion())
	require.Equal(t, 2, r.Documents().Len())
	reasons := map[string]bool{}
	for i := range r.Documents().Len() {
		require.True(t, r.Documents().At(i).Held())
		reasons[r.Documents().At(i).Reason()] = true
	}
	require.Contains(t, reasons, "none")
	require.Nil(t, r.Documents().At(2))
	require.Nil(t, r.Documents().At(-1))
}

func TestRefusalIsAnAnswerAndNoException(t *testing.T) {
	s := newScene(t, false)
	s.guest(t, s.phone)
	r, err := s.phone.Open(s.lock, postern.OperationDeliver, nil)
	require.NoError(t, err)
	require.True(t, r.Answered())
	require.Equal(t, postern.OutcomeRefused, r.Outcome())
	require.Equal(t, "action", r.Reason())
	require.Equal(t, postern.AdviceWrongBox, r.Advice())
	require.NotEmpty(t, r.AdviceText())
	require.Zero(t, s.lock.Driven())
}

func TestOtherLockThanExpectedIsRefused(t *testing.T) {
	s := newScene(t, false)
	s.guest(t, s.phone)
	require.NoError(t, s.phone.Expect("0011223344556677"))
	r, err := s.phone.Open(s.lock, postern.OperationOpen, nil)
	require.NoError(t, err)
	require.False(t, r.Answered())
	require.Equal(t, postern.OutcomeRefused, r.Outcome())
	require.Equal(t, postern.AdviceWrongBox, r.Advice())
	require.NoError(t, s.phone.Expect(s.w.LockID()))
	r, err = s.phone.Open(s.lock, postern.OperationOpen, nil)
	require.NoError(t, err)
	require.True(t, r.Opened())
}

// TestLostField loses the field at every command, before and after the lock has
// it: nothing is opened twice, the Result tells what may have happened, and the
// next tap opens.
func TestLostField(t *testing.T) {
	for _, after := range []bool{false, true} {
		s := newScene(t, false)
		s.guest(t, s.phone)
		s.vault.closed = true // every tap a full exchange
		for command := 1; command <= 3; command++ {
			driven := s.lock.Driven()
			s.lock.LoseAt(command, after)
			r, err := s.phone.Open(s.lock, postern.OperationOpen, nil)
			require.NoError(t, err)
			moved := s.lock.Driven() - driven
			switch {
			case r.Opened():
				require.Equal(t, 1, moved, "it began again by itself, at command %d", command)
			case r.Outcome() == postern.OutcomeRefused:
				require.Zero(t, moved)
			default:
				require.Equal(t, postern.OutcomeUnconfirmed, r.Outcome())
				require.Equal(t, "link", r.Code())
				require.Equal(t, postern.AdviceLook, r.Advice())
				require.LessOrEqual(t, moved, 1)
			}
			again, err := s.phone.Open(s.lock, postern.OperationOpen, nil)
			require.NoError(t, err)
			require.True(t, again.Opened(), again.Detail())
		}
	}
}

func TestProgressIsTold(t *testing.T) {
	s := newScene(t, false)
	var told []int
	s.platform.Progress = progressFunc(func(percent int) error { told = append(told, percent); return errors.New("passed over") })
	phone := s.newPhone(t, false)
	s.guest(t, phone)
	s.lock.Harvest(2)
	r, err := phone.Open(s.lock, postern.OperationOpen, nil)
	require.NoError(t, err)
	require.True(t, r.Opened())
	require.Equal(t, []int{10, 11}, told)
}

type progressFunc func(int) error

func (f progressFunc) Charging(percent int) error { return f(percent) }

type liveFunc func([]byte) ([]byte, error)

func (f liveFunc) Fetch(nonce []byte) ([]byte, error) { return f(nonce) }

func TestLiveTimeIsFetched(t *testing.T) {
	s := newScene(t, false)
	tap := func(live postern.Live) *postern.Result {
		s.platform.Live = live
		phone := s.newPhone(t, false)
		grant, err := s.w.Clocked(phone.PublicKey())
		require.NoError(t, err)
		right, err := postern.NewRight(grant, nil, nil)
		require.NoError(t, err)
		require.NoError(t, phone.SetRight(right))
		require.NoError(t, phone.SetDocuments(nil, blobs(t, s.w.Post())))
		r, err := phone.Open(s.lock, postern.OperationOpen, nil)
		require.NoError(t, err)
		return r
	}
	require.True(t, tap(liveFunc(s.w.Time)).Opened())
	r := tap(liveFunc(func([]byte) ([]byte, error) { return nil, errors.New("no network") }))
	require.Equal(t, postern.AdviceOnline, r.Advice())
	require.Equal(t, postern.AdviceOnline, tap(nil).Advice())
}

func TestKeyThatDoesNotSign(t *testing.T) {
	s := newScene(t, false)
	key, err := simulated.NewKey(false)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		sign func([]byte) ([]byte, error)
		code string
	}{
		"refused by the person": {func([]byte) ([]byte, error) { return nil, errors.New("no finger") }, postern.CodeKey},
		"no DER":                {func([]byte) ([]byte, error) { return make([]byte, 64), nil }, postern.CodePhone},
		"nothing":               {func([]byte) ([]byte, error) { return nil, nil }, postern.CodePhone},
	} {
		t.Run(name, func(t *testing.T) {
			s.platform.Key = keyOf{key.PublicKey, c.sign}
			phone, err := postern.NewPhone(s.platform, s.trust)
			require.NoError(t, err)
			s.guest(t, phone)
			r, err := phone.Open(s.lock, postern.OperationOpen, nil)
			require.NoError(t, err)
			require.False(t, r.Answered())
			require.Equal(t, postern.OutcomeRefused, r.Outcome())
			require.Equal(t, c.code, r.Code(), r.Detail())
			require.Equal(t, c.code == postern.CodeKey, strings.HasSuffix(r.Detail(), "no finger"))
			require.Zero(t, s.lock.Driven())
		})
	}
}

// keyOf is a Key by functions.
type keyOf struct {
	public func() ([]byte, error)
	sign   func([]byte) ([]byte, error)
}

func (k keyOf) PublicKey() ([]byte, error)          { return k.public() }
func (k keyOf) Sign(message []byte) ([]byte, error) { return k.sign(message) }

func TestPanicOfACallbackDoesNotCross(t *testing.T) {
	s := newScene(t, false)
	s.guest(t, s.phone)
	_, err := s.phone.Open(tagFunc(func([]byte) ([]byte, error) { panic("a secret") }), postern.OperationOpen, nil)
	requireCode(t, postern.CodeInternal, err)
	require.NotContains(t, err.Error(), "a secret")
	require.Contains(t, err.Error(), "TestPanicOfACallbackDoesNotCross")
	r, err := s.phone.Open(s.lock, postern.OperationOpen, nil)
	require.NoError(t, err, "the phone's turn is given back")
	require.True(t, r.Opened())
}

func TestCancel(t *testing.T) {
	t.Run("before the tap", func(t *testing.T) {
		s := newScene(t, false)
		stop := postern.NewStop()
		stop.Cancel()
		require.True(t, stop.Cancelled())
		_, err := s.phone.Open(s.lock, postern.OperationOpen, stop)
		requireCode(t, postern.CodeCancelled, err)
	})
	t.Run("in mid-tap", func(t *testing.T) {
		s := newScene(t, false)
		s.guest(t, s.phone)
		stop := postern.NewStop()
		n := 0
		tag := tagFunc(func(command []byte) ([]byte, error) {
			if n++; n == 2 {
				stop.Cancel()
			}
			return s.lock.Transceive(command)
		})
		r, err := s.phone.Open(tag, postern.OperationOpen, stop)
		require.NoError(t, err)
		require.Equal(t, 2, n, "nothing is sent any more")
		require.Equal(t, postern.CodeCancelled, r.Code())
		require.Equal(t, postern.OutcomeRefused, r.Outcome())
		require.Zero(t, s.lock.Driven())
	})
	t.Run("while another tap is under way", func(t *testing.T) {
		s := newScene(t, false)
		s.guest(t, s.phone)
		inside, leave := make(chan struct{}), make(chan struct{})
		var wait sync.WaitGroup
		var once sync.Once
		wait.Go(func() {
			r, err := s.phone.Open(tagFunc(func(command []byte) ([]byte, error) {
				once.Do(func() { close(inside); <-leave })
				return s.lock.Transceive(command)
			}), postern.OperationOpen, nil)
			require.NoError(t, err)
			require.True(t, r.Opened())
		})
		<-inside
		stop := postern.NewStop()
		require.NoError(t, stop.CancelAfter(1))
		_, err := s.phone.Open(s.lock, postern.OperationOpen, stop)
		requireCode(t, postern.CodeCancelled, err)
		close(leave)
		wait.Wait()
	})
}

// TestManyThreads taps, sets and delegates at the same time; the race detector
// looks on.
func TestManyThreads(t *testing.T) {
	s := newScene(t, false)
	s.guest(t, s.phone)
	ask, err := postern.NewAsk(postern.OperationOpen)
	require.NoError(t, err)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for range 5 {
				r, err := s.phone.Tap(s.lock, ask, postern.NewStop())
				require.NoError(t, err)
				require.True(t, r.Opened(), r.Detail())
			}
		})
		wait.Go(func() {
			for range 20 {
				require.NoError(t, s.phone.Expect(s.w.LockID()))
				require.NoError(t, s.phone.SetDocuments(nil, nil))
				require.NoError(t, ask.SetReceipt(true))
			}
		})
	}
	wait.Wait()
	require.Equal(t, 20, s.lock.Driven())
}

func TestDelegate(t *testing.T) {
	s := newScene(t, false)
	grant, err := s.w.Postman(s.phone.PublicKey())
	require.NoError(t, err)
	right, err := postern.NewRight(grant, nil, blobs(t, s.w.Post()))
	require.NoError(t, err)
	require.NoError(t, s.phone.SetRight(right))
	other := s.newPhone(t, true)
	passing := &postern.Passing{To: other.PublicKey(), Lock: s.w.LockID(), Actions: postern.ActionDeliver, Until: s.w.Now() + 3600}
	passed, err := s.phone.Delegate(passing)
	require.NoError(t, err)
	require.Equal(t, s.w.LockID(), passed.Lock())
	require.Equal(t, s.w.Now(), passed.From())
	require.Equal(t, s.w.Now()+3600, passed.Until())
	require.Equal(t, 1, passed.Parents().Len())
	require.NoError(t, other.SetRight(passed))
	r, err := other.Open(s.lock, postern.OperationDeliver, nil)
	require.NoError(t, err)
	require.True(t, r.Opened(), r.Reason())

	for code, change := range map[string]func(*postern.Passing){
		postern.CodeArgument: func(p *postern.Passing) { p.Until *= 1000 },
		"action":             func(p *postern.Passing) { p.Actions = postern.ActionOpen },
		"expired":            func(p *postern.Passing) { p.Until = s.w.Now() + 100*86400 },
	} {
		wrong := *passing
		change(&wrong)
		_, err := s.phone.Delegate(&wrong)
		requireCode(t, code, err)
	}
	_, err = other.Delegate(&postern.Passing{To: s.phone.PublicKey(), Lock: s.w.LockID(), Actions: postern.ActionDeliver, Until: passed.Until()})
	requireCode(t, "delegation", err)
}

func TestCommission(t *testing.T) {
	s := newScene(t, true)
	r, err := s.phone.Commission(s.lock, s.w.LockID(), bytes.Repeat([]byte{1}, 16), nil)
	require.NoError(t, err)
	require.Equal(t, postern.OutcomeRefused, r.Outcome())
	require.Equal(t, postern.AdviceSecret, r.Advice())
	require.Empty(t, s.vault.names())

	s.vault.closed = true
	_, err = s.phone.Commission(s.lock, s.w.LockID(), s.w.Setup(), nil)
	requireCode(t, postern.CodePlatform, err)
	s.vault.closed = false

	r, err = s.phone.Commission(s.lock, s.w.LockID(), s.w.Setup(), nil)
	require.NoError(t, err)
	require.Equal(t, postern.OutcomeDone, r.Outcome(), r.Detail())
	require.Equal(t, 32, s.vault.names()["log-"+s.w.LockID()])
	r, err = s.phone.Rekey(s.lock, s.w.LockID(), nil)
	require.NoError(t, err)
	require.Equal(t, postern.OutcomeDone, r.Outcome(), r.Detail())
	require.Equal(t, 64, s.vault.names()["log-"+s.w.LockID()])
	r, err = s.phone.Open(s.lock, postern.OperationOpen, nil)
	require.NoError(t, err)
	require.True(t, r.Opened(), "the owner opens with the bare key")
}

// TestCommissionWhoseKeyIsLost has a vault that closes in mid-tap: the lock is
// taken, the Result says so, and Rekey heals it.
func TestCommissionWhoseKeyIsLost(t *testing.T) {
	s := newScene(t, true)
	tag := tagFunc(func(command []byte) ([]byte, error) {
		s.vault.closed = true
		return s.lock.Transceive(command)
	})
	r, err := s.phone.Commission(tag, s.w.LockID(), s.w.Setup(), nil)
	require.NoError(t, err)
	require.Equal(t, postern.OutcomeDone, r.Outcome())
	require.False(t, r.Answered())
	require.Equal(t, postern.CodePlatform, r.Code())
	require.Equal(t, postern.AdviceFindOut, r.Advice())
	s.vault.closed = false
	r, err = s.phone.Rekey(s.lock, s.w.LockID(), nil)
	require.NoError(t, err)
	require.Equal(t, postern.OutcomeDone, r.Outcome())
	require.Equal(t, 32, s.vault.names()["log-"+s.w.LockID()])
}

func TestWrongArguments(t *testing.T) {
	s := newScene(t, false)
	for name, work := range map[string]func() error{
		"operation":      func() error { _, err := s.phone.Open(s.lock, "configure", nil); return err },
		"no tag":         func() error { _, err := s.phone.Open(nil, postern.OperationOpen, nil); return err },
		"zero phone":     func() error { _, err := new(postern.Phone).Open(s.lock, postern.OperationOpen, nil); return err },
		"no platform":    func() error { _, err := postern.NewPhone(nil, s.trust); return err },
		"no trust":       func() error { _, err := postern.NewTrust(nil, nil); return err },
		"zero trust":     func() error { _, err := postern.NewPhone(s.platform, new(postern.Trust)); return err },
		"zero right":     func() error { return s.phone.SetRight(new(postern.Right)) },
		"lock id":        func() error { return s.phone.Expect(strings.Repeat("z", 16)) },
		"setup secret":   func() error { _, err := s.phone.Commission(s.lock, s.w.LockID(), []byte("short"), nil); return err },
		"large item":     func() error { return postern.NewBlobs().Add(make([]byte, 4097)) },
		"compartment":    func() error { return new(postern.Ask).SetCompartment(256) },
		"reference":      func() error { return new(postern.Ask).SetReference(nil) },
		"no right":       func() error { _, err := s.phone.Delegate(&postern.Passing{}); return err },
		"never":          func() error { return postern.NewStop().CancelAfter(0) },
		"wrong key size": func() error { _, err := postern.NewTrust(blobs(t, []byte("key")), blobs(t, s.w.Maker())); return err },
	} {
		t.Run(name, func(t *testing.T) { requireCode(t, postern.CodeArgument, work()) })
	}
	_, err := postern.NewRight([]byte("no grant"), nil, nil)
	requireCode(t, "malformed", err)
}
