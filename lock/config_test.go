package lock_test

import (
	"crypto"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/lock"
	"github.com/postern-lock/postern/lock/locktest"
)

// noHash tells an Ed25519 key to sign the message itself.
const noHash = crypto.Hash(0)

func TestConfigThatCannotMakeALock(t *testing.T) {
	for name, alter := range map[string]func(*lock.Config){
		"zero":             func(c *lock.Config) { *c = lock.Config{} },
		"no id":            func(c *lock.Config) { c.ID = credential.LockID{} },
		"long area":        func(c *lock.Config) { c.Area = make([]byte, 17) },
		"no roots":         func(c *lock.Config) { c.Roots = nil },
		"zero root":        func(c *lock.Config) { c.Roots = append(c.Roots, credential.PublicKey{}) },
		"no setup secret":  func(c *lock.Config) { c.Setup = [16]byte{} },
		"no flash":         func(c *lock.Config) { c.Flash = nil },
		"no actuator":      func(c *lock.Config) { c.Actuator = nil },
		"no random source": func(c *lock.Config) { c.Rand = nil },
		"no identity":      func(c *lock.Config) { c.Identities = nil },
		"identity twice":   func(c *lock.Config) { c.Identities = append(c.Identities, c.Identities[0]) },
		"no key":           func(c *lock.Config) { c.Identities[0].Key = nil },
		"other key":        func(c *lock.Config) { c.Identities[0].Key = worldtest.Key("other") },
		"other lock":       func(c *lock.Config) { c.ID[0]++ },
		"no certificate":   func(c *lock.Config) { c.Identities[0].Certificate = nil },
		"bad authority":    func(c *lock.Config) { c.Authorities = [][]byte{{1}} },
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			alter(&w.Config)
			_, err := lock.New(w.Config)
			require.ErrorIs(t, err, lock.ErrConfig)
		})
	}
}

func TestFlashThatWasNotFormattedIsRefused(t *testing.T) {
	w := worldtest.New(t)
	w.Config.Flash = locktest.NewFlash()
	_, err := lock.New(w.Config)
	require.ErrorIs(t, err, lock.ErrUnformatted)
}

func TestFlashThatIsTooSmallIsRefused(t *testing.T) {
	require.ErrorIs(t, lock.Format(locktest.NewFlashOf(16, 128)), lock.ErrFlash)
	require.ErrorIs(t, lock.Format(nil), lock.ErrFlash)
	w := worldtest.New(t)
	w.Config.Flash = locktest.NewFlashOf(16, 128)
	_, err := lock.New(w.Config)
	require.ErrorIs(t, err, lock.ErrFlash)
}

func TestFormatForgetsEverything(t *testing.T) {
	w := worldtest.New(t)
	_, err := w.OwnerPhone(t).Open(t.Context(), w.Link(), credential.OperationOpen)
	require.NoError(t, err)
	require.NoError(t, lock.Format(w.Flash))
	w.PowerUp(t)
	require.Empty(t, w.Openings())
}
