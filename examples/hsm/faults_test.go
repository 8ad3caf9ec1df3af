package hsm_test

import (
	"crypto"
	"crypto/ed25519"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/pkcs11"
	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/examples/hsm"
)

const patience = 5 * time.Second

// open opens the fake's token and finds its key.
func open(t *testing.T, f *fake) (*hsm.Token, *hsm.Key) {
	t.Helper()
	token, err := hsm.Open(f, f.config())
	require.NoError(t, err)
	key, err := token.Find(hsm.Name{Label: "key"})
	require.NoError(t, err)
	return token, key
}

// sign has the key sign, and looks at the signature where there is one.
func sign(t *testing.T, key *hsm.Key) error {
	t.Helper()
	message := []byte("message")
	signature, err := key.Sign(nil, message, crypto.Hash(0))
	if err == nil {
		require.True(t, ed25519.Verify(key.Public().(ed25519.PublicKey), message, signature))
	}
	return err
}

func TestTokenThatHangsIsGivenUpInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		_, key := open(t, f)
		thaw := f.freeze("Sign")
		defer thaw()
		begin := time.Now()
		err := sign(t, key)
		require.ErrorIs(t, err, hsm.ErrSilent)
		require.ErrorContains(t, err, "nothing came within 5s")
		require.Equal(t, patience, time.Since(begin))
	})
}

func TestCallsThatHangAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		_, key := open(t, f)
		thaw := f.freeze("Sign")
		for range 2 { // one for each session
			require.ErrorIs(t, sign(t, key), hsm.ErrSilent)
		}
		begin := time.Now()
		for range 1000 {
			err := sign(t, key)
			require.ErrorIs(t, err, hsm.ErrSilent)
			require.ErrorContains(t, err, "refused")
		}
		require.Zero(t, time.Since(begin), "they are refused at once")
		thaw()
		synctest.Wait()
		require.Equal(t, 2, f.most)
		require.NoError(t, sign(t, key), "it answers again")

		thaw = f.freeze("Sign")
		errs := make(chan error, 3)
		for range cap(errs) {
			go func() { errs <- sign(t, key) }()
		}
		synctest.Wait()
		thaw()
		for range cap(errs) {
			require.NoError(t, <-errs, "and whoever finds no session waits for one again")
		}
	})
}

func TestWaitForSessionIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		_, key := open(t, f)
		thaw := f.freeze("Sign")
		defer thaw()
		errs := make(chan error, 20)
		for range cap(errs) {
			go func() { errs <- sign(t, key) }()
		}
		begin := time.Now()
		silent, busy := 0, 0
		for range cap(errs) {
			switch err := <-errs; {
			case errors.Is(err, hsm.ErrSilent):
				silent++
			case errors.Is(err, hsm.ErrBusy):
				busy++
			}
		}
		require.Equal(t, []int{2, 18}, []int{silent, busy})
		require.Equal(t, patience, time.Since(begin))
	})
}

func TestMessageMayChangeAfterTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		_, key := open(t, f)
		thaw := f.freeze("Sign")
		message := []byte("message")
		_, err := key.Sign(nil, message, crypto.Hash(0))
		require.ErrorIs(t, err, hsm.ErrSilent)
		message[0] = 'x'
		thaw()
		synctest.Wait()
		require.Equal(t, "message", string(f.signed))
	})
}

func TestCloseDoesNotWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		token, key := open(t, f)
		thaw := f.freeze("Sign")
		require.ErrorIs(t, sign(t, key), hsm.ErrSilent)
		require.ErrorIs(t, token.Close(), hsm.ErrSilent)
		require.ErrorIs(t, sign(t, key), hsm.ErrClosed)
		thaw()
		synctest.Wait()
		require.Empty(t, f.sessions, "it is closed once it came back")
	})
}

func TestTokenThatWasPulledIsFoundAgain(t *testing.T) {
	f := newFake()
	_, key := open(t, f)
	f.remove()
	for range 3 {
		err := sign(t, key)
		require.ErrorIs(t, err, hsm.ErrToken)
		require.ErrorContains(t, err, `"fake"`)
	}
	f.insert()
	for range 3 {
		require.NoError(t, sign(t, key))
	}
}

// After the token came back it gives out the same numbers again: a session that was
// not opened anew would work in another's.
func TestEachSessionIsOpenedAnew(t *testing.T) {
	for before := range 2 {
		f := newFake()
		_, key := open(t, f)
		for range before {
			require.NoError(t, sign(t, key))
		}
		f.remove()
		f.insert()
		for range 4 {
			require.NoError(t, sign(t, key))
		}
		require.Len(t, f.sessions, 2)
	}
}

func TestLogInThatHangsIsGivenUpInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		_, key := open(t, f)
		f.remove()
		f.insert()
		thaw := f.freeze("Login")
		for range 3 { // the second waits for the first, and the third is refused
			require.ErrorIs(t, sign(t, key), hsm.ErrSilent)
		}
		thaw()
		synctest.Wait()
		require.Equal(t, 1, f.most)
		require.NoError(t, sign(t, key))
		require.NoError(t, sign(t, key))
	})
}

// Nobody has the token then, so what comes back late is closed.
func TestTokenThatHangsAtFirstIsLeftClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		thaw := f.freeze("Login")
		_, err := hsm.Open(f, f.config())
		require.ErrorIs(t, err, hsm.ErrSilent)
		thaw()
		synctest.Wait()
		require.Empty(t, f.sessions)
	})
}

func TestAnotherTokenOfThatLabelIsNotTaken(t *testing.T) {
	f := newFake()
	_, key := open(t, f)
	f.remove()
	f.insert()
	f.serial = "0002"
	err := sign(t, key)
	require.ErrorIs(t, err, hsm.ErrToken)
	require.ErrorContains(t, err, `"0001"`)
}

func TestFaultsThatAPassingTroubleMakesAreMendedOnce(t *testing.T) {
	for _, call := range []string{"SignInit", "Sign"} {
		for name, fault := range map[string]pkcs11.Error{
			"CKR_SESSION_HANDLE_INVALID": pkcs11.CKR_SESSION_HANDLE_INVALID, "CKR_SESSION_CLOSED": pkcs11.CKR_SESSION_CLOSED,
			"CKR_DEVICE_REMOVED": pkcs11.CKR_DEVICE_REMOVED, "CKR_TOKEN_NOT_PRESENT": pkcs11.CKR_TOKEN_NOT_PRESENT,
			"CKR_USER_NOT_LOGGED_IN": pkcs11.CKR_USER_NOT_LOGGED_IN, "CKR_KEY_HANDLE_INVALID": pkcs11.CKR_KEY_HANDLE_INVALID,
			"CKR_OPERATION_ACTIVE": pkcs11.CKR_OPERATION_ACTIVE, "CKR_DEVICE_ERROR": pkcs11.CKR_DEVICE_ERROR,
		} {
			t.Run(call+" "+name, func(t *testing.T) {
				f := newFake()
				_, key := open(t, f)
				f.fail[call] = []pkcs11.Error{fault}
				require.NoError(t, sign(t, key))
				f.fail[call] = []pkcs11.Error{fault, fault}
				require.ErrorIs(t, sign(t, key), fault, "not for ever")
				require.NoError(t, sign(t, key), "the next one begins anew")
			})
		}
	}
}

func TestFaultThatIsForGoodIsNotTriedAgain(t *testing.T) {
	f := newFake()
	_, key := open(t, f)
	f.fail["Sign"] = []pkcs11.Error{pkcs11.CKR_KEY_FUNCTION_NOT_PERMITTED, pkcs11.CKR_OK}
	require.ErrorIs(t, sign(t, key), pkcs11.Error(pkcs11.CKR_KEY_FUNCTION_NOT_PERMITTED))
	require.Len(t, f.fail["Sign"], 1)
}

func TestWrongPINIsShownOnce(t *testing.T) {
	f := newFake()
	c := f.config()
	c.PIN = func() (string, error) { return "0000", nil }
	_, err := hsm.Open(f, c)
	require.ErrorIs(t, err, hsm.ErrPIN)
	require.NotContains(t, err.Error(), "0000")
	require.Equal(t, 1, f.tries)
}

func TestPINThatWasChangedIsShownOnce(t *testing.T) {
	f := newFake()
	_, key := open(t, f)
	f.pin = "changed"
	f.remove()
	f.insert()
	tries := f.tries
	for range 10 {
		err := sign(t, key)
		require.ErrorIs(t, err, hsm.ErrPIN)
		require.NotContains(t, err.Error(), "1234")
	}
	require.Equal(t, tries+1, f.tries, "the token would lock itself")
}

func TestPINThatCannotBeHadIsNoLogIn(t *testing.T) {
	f := newFake()
	c := f.config()
	away := errors.New("the officer is away")
	c.PIN = func() (string, error) { return "", away }
	_, err := hsm.Open(f, c)
	require.ErrorIs(t, err, hsm.ErrPIN)
	require.ErrorIs(t, err, away)
	require.Zero(t, f.tries)
}

func TestConfigurationWithoutBoundsIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(*hsm.Config){
		"no token":          func(c *hsm.Config) { c.Label = "" },
		"no PIN":            func(c *hsm.Config) { c.PIN = nil },
		"no sessions":       func(c *hsm.Config) { c.Sessions = 0 },
		"too many sessions": func(c *hsm.Config) { c.Sessions = hsm.MostSessions + 1 },
		"no patience":       func(c *hsm.Config) { c.Patience = 0 },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			c := f.config()
			spoil(&c)
			_, err := hsm.Open(f, c)
			require.Error(t, err)
			require.Empty(t, f.sessions)
		})
	}
	_, err := hsm.Open(nil, newFake().config())
	require.ErrorIs(t, err, hsm.ErrModule)
}

func TestKeyIsCheckedBeforeItIsUsed(t *testing.T) {
	other := ed25519.NewKeyFromSeed([]byte("another key, which is not there."))
	for _, c := range []struct {
		name  string
		spoil func(*fake)
		says  string
	}{
		{"public half of another", func(f *fake) { copy(f.public[pkcs11.CKA_EC_POINT][2:], other[32:]) }, "not that of the private one"},
		{"point of small order", func(f *fake) { copy(f.public[pkcs11.CKA_EC_POINT][2:], append([]byte{1}, make([]byte, 31)...)) }, "CKA_EC_POINT"},
		{"curve of another kind", func(f *fake) { f.public[pkcs11.CKA_EC_PARAMS] = []byte("\x06\x03\x2b\x65\x71") }, "CKA_EC_PARAMS"},
		{"no curve", func(f *fake) { f.public[pkcs11.CKA_EC_PARAMS] = nil }, "CKA_EC_PARAMS"},
		{"kind that is not known", func(f *fake) { f.private[pkcs11.CKA_KEY_TYPE] = []byte{1, 0, 0, 0, 0, 0, 0, 0} }, "CKA_KEY_TYPE"},
		{"kind of a wrong length", func(f *fake) { f.private[pkcs11.CKA_KEY_TYPE] = []byte{0x40} }, "CKA_KEY_TYPE"},
		{"not private", func(f *fake) { f.private[pkcs11.CKA_PRIVATE] = []byte{0} }, "CKA_PRIVATE is not true"},
		{"of use to decrypt", func(f *fake) { f.private[pkcs11.CKA_DECRYPT] = []byte{1} }, "CKA_DECRYPT is not false"},
		{"of use to unwrap", func(f *fake) { f.private[pkcs11.CKA_UNWRAP] = []byte{1} }, "CKA_UNWRAP is not false"},
		{"of use to derive", func(f *fake) { f.private[pkcs11.CKA_DERIVE] = []byte{1} }, "CKA_DERIVE is not false"},
		{"no answer about extraction", func(f *fake) { f.private[pkcs11.CKA_EXTRACTABLE] = nil }, "CKA_EXTRACTABLE is not false"},
		{"brought from elsewhere", func(f *fake) { f.private[pkcs11.CKA_LOCAL] = []byte{0} }, "CKA_LOCAL is not true"},
		{"no public half", func(f *fake) { f.public[pkcs11.CKA_ID] = []byte{9} }, "public half"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake()
			c.spoil(f)
			token, err := hsm.Open(f, f.config())
			require.NoError(t, err)
			key, err := token.Find(hsm.Name{Label: "key"})
			require.ErrorIs(t, err, hsm.ErrKey)
			require.ErrorContains(t, err, c.says)
			require.Nil(t, key)
		})
	}
}

func TestRestoredKeyIsTakenWhereItIsSaid(t *testing.T) {
	f := newFake()
	for _, history := range []uint{pkcs11.CKA_LOCAL, pkcs11.CKA_ALWAYS_SENSITIVE, pkcs11.CKA_NEVER_EXTRACTABLE} {
		f.private[history] = []byte{0}
	}
	c := f.config()
	c.Restored = true
	token, err := hsm.Open(f, c)
	require.NoError(t, err)
	_, err = token.Find(hsm.Name{Label: "key"})
	require.NoError(t, err)

	f.private[pkcs11.CKA_EXTRACTABLE] = []byte{1}
	_, err = token.Find(hsm.Name{Label: "key"})
	require.ErrorIs(t, err, hsm.ErrKey)
}

// A session that was not used since the token was lost before finds it all the same,
// where it is by now.
func TestTokenThatWasPulledTwiceIsFoundAtOnce(t *testing.T) {
	f := newFake()
	_, key := open(t, f)
	for range 6 { // the sessions take turns
		f.remove()
		f.insert()
		require.NoError(t, sign(t, key))
	}
}

// The numbers of sessions that were lost may be somebody else's by now.
func TestCloseLeavesTheSessionsOfOthers(t *testing.T) {
	f := newFake()
	token, key := open(t, f)
	f.remove()
	f.insert()
	require.NoError(t, sign(t, key)) // one session is opened anew, the other is lost
	other, err := f.OpenSession(f.slot, 0)
	require.NoError(t, err)
	require.NoError(t, token.Close())
	require.Len(t, f.sessions, 1)
	require.Contains(t, f.sessions, other)
}

// Somebody else in the process ended the module, and began it again: the numbers of its
// sessions are given out anew, to others first.
func TestModuleThatWasEndedIsFoundAgain(t *testing.T) {
	f := newFake()
	_, key := open(t, f)
	f.remove()
	f.here, f.ended = true, true
	require.ErrorIs(t, sign(t, key), pkcs11.Error(pkcs11.CKR_CRYPTOKI_NOT_INITIALIZED))
	f.ended, f.next = false, 0
	var others []pkcs11.SessionHandle
	for range 2 {
		h, err := f.OpenSession(f.slot, 0)
		require.NoError(t, err)
		others = append(others, h)
	}
	for range 3 {
		require.NoError(t, sign(t, key))
	}
	require.Len(t, f.sessions, 4)
	for _, h := range others {
		require.Contains(t, f.sessions, h)
	}
}

// Nothing was shown to the token, so it does not lock itself.
func TestPINThatCouldNotBeHadIsAskedForAgain(t *testing.T) {
	f := newFake()
	c := f.config()
	var away error
	c.PIN = func() (string, error) { return "1234", away }
	token, err := hsm.Open(f, c)
	require.NoError(t, err)
	key, err := token.Find(hsm.Name{Label: "key"})
	require.NoError(t, err)
	away = errors.New("the officer is away")
	f.remove()
	f.insert()
	require.ErrorIs(t, sign(t, key), away)
	away = nil
	require.NoError(t, sign(t, key))
}
