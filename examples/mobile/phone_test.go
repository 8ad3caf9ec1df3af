package postern_test

import (
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
	grant, err := s.w.Postman(s.phone.RequestLink())
	require.NoError(t, err)
	s.pass(t, s.phone, grant, s.w.Post())
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
	require.NoError(t, r.LogPages().Add([]byte("not of the Result")))
	require.Equal(t, 1, r.LogPages().Len())
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
		grant, err := s.w.Clocked(phone.RequestLink())
		require.NoError(t, err)
		s.pass(t, phone, grant)
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
	grant, err := s.w.Postman(s.phone.RequestLink())
	require.NoError(t, err)
	s.pass(t, s.phone, grant, s.w.Post())
	other := s.newPhone(t, true)
	hour, err := postern.NewTerms(postern.ActionDeliver, s.w.Now()+3600)
	require.NoError(t, err)
	for _, lock := range []string{"", s.w.LockID()} {
		passed, err := s.phone.Delegate(other.RequestLink(), lock, hour)
		require.NoError(t, err)
		require.Equal(t, lock, passed.Lock())
		require.Equal(t, s.w.Now(), passed.From())
		require.Equal(t, s.w.Now()+3600, passed.Until())
		link, err := passed.Link()
		require.NoError(t, err)
		brought, err := postern.ParsePass(link)
		require.NoError(t, err)
		require.NoError(t, other.SetPass(brought))
		r, err := other.Open(s.lock, postern.OperationDeliver, nil)
		require.NoError(t, err)
		require.True(t, r.Opened(), r.Reason())
	}
	for code, c := range map[string]struct {
		actions int
		until   int64
	}{
		"action":  {postern.ActionOpen, 3600},
		"expired": {postern.ActionDeliver, 100 * 86400},
	} {
		wrong, err := postern.NewTerms(c.actions, s.w.Now()+c.until)
		require.NoError(t, err)
		_, err = s.phone.Delegate(other.RequestLink(), s.w.LockID(), wrong)
		requireCode(t, code, err)
	}
	_, err = other.Delegate(s.phone.RequestLink(), s.w.LockID(), hour)
	requireCode(t, "delegation", err)
}

func TestPassIsKeptInBytes(t *testing.T) {
	s := newScene(t, false)
	grant, err := s.w.Guest(s.phone.RequestLink())
	require.NoError(t, err)
	pass, err := postern.NewPass(blobs(t, grant), nil, blobs(t, s.w.Policy(2)))
	require.NoError(t, err)
	b, err := pass.Bytes()
	require.NoError(t, err)
	again, err := postern.OpenPass(b)
	require.NoError(t, err)
	require.Equal(t, pass.Tag(), again.Tag())
	require.Equal(t, s.w.LockID(), again.Lock())
	require.NoError(t, s.phone.SetPass(again))
	r, err := s.phone.Open(s.lock, postern.OperationOpen, nil)
	require.NoError(t, err)
	require.True(t, r.Opened())
	require.EqualValues(t, 2, r.PolicyVersion(), "the pass brings the policy")
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
		"zero pass":      func() error { return s.phone.SetPass(new(postern.Pass)) },
		"lock id":        func() error { return s.phone.Expect(strings.Repeat("z", 16)) },
		"large item":     func() error { return postern.NewBlobs().Add(make([]byte, 4097)) },
		"compartment":    func() error { return new(postern.Ask).SetCompartment(256) },
		"reference":      func() error { return new(postern.Ask).SetReference(nil) },
		"no pass":        func() error { _, err := s.phone.Delegate("", "", nil); return err },
		"milliseconds":   func() error { _, err := postern.NewTerms(postern.ActionOpen, 1_800_000_000_000); return err },
		"never":          func() error { return postern.NewStop().CancelAfter(0) },
		"wrong key size": func() error { _, err := postern.NewTrust(blobs(t, []byte("key")), blobs(t, s.w.Maker())); return err },
	} {
		t.Run(name, func(t *testing.T) { requireCode(t, postern.CodeArgument, work()) })
	}
	_, err := postern.ParsePass("postern:pass/AAAA")
	requireCode(t, "malformed", err)
}
