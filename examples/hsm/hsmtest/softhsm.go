// Package hsmtest gives tests a hardware module in software, SoftHSM 2, with an
// empty store of its own.
package hsmtest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/miekg/pkcs11"
	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/examples/hsm"
)

// PIN is the user's PIN of every token.
const PIN = "4711-0815"

// SoftHSM is SoftHSM, started.
type SoftHSM struct {
	Path    string // of the module
	Library *hsm.Library
}

// places are where systems put the module.
var places = []string{
	"/usr/lib/softhsm/libsofthsm2.so",
	"/usr/lib/*/softhsm/libsofthsm2.so",
	"/usr/lib64/pkcs11/libsofthsm2.so",
	"/usr/local/lib/softhsm/libsofthsm2.so",
	"/opt/homebrew/lib/softhsm/libsofthsm2.so",
}

// Path returns where the module is.  Without one it skips the test.
func Path(t testing.TB) string {
	t.Helper()
	for _, pattern := range places {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return found[0]
		}
	}
	t.Skip("SoftHSM 2 is not installed: apt-get install softhsm2")
	return ""
}

// Store gives SoftHSM an empty store until the test ends.  It is one for the
// process, so such tests do not run in parallel.
func Store(t testing.TB) {
	t.Helper()
	dir, err := os.MkdirTemp(memory(), "softhsm") // not t.TempDir: SoftHSM takes no path with "="
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	conf := filepath.Join(dir, "softhsm2.conf")
	text := fmt.Sprintf("directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n", dir)
	require.NoError(t, os.WriteFile(conf, []byte(text), 0o600))
	t.Setenv("SOFTHSM2_CONF", conf)
}

// memory returns a folder in memory where the system has one, and "" where not:
// SoftHSM waits for the disk at every attribute that it writes.
func memory() string {
	const shared = "/dev/shm"
	if info, err := os.Stat(shared); err == nil && info.IsDir() {
		return shared
	}
	return ""
}

// Start starts SoftHSM with an empty store, until the test ends.
func Start(t testing.TB) *SoftHSM {
	t.Helper()
	path := Path(t)
	Store(t)
	l, err := hsm.Load(path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	return &SoftHSM{path, l}
}

// Token makes a token with the label, and returns how to open it.
func (s *SoftHSM) Token(t testing.TB, label string) hsm.Config {
	t.Helper()
	require.NoError(t, s.Library.InitToken(s.blank(t), "security officer", label))
	slot := s.Slot(t, label)
	session, err := s.Library.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
	require.NoError(t, err)
	require.NoError(t, s.Library.Login(session, pkcs11.CKU_SO, "security officer"))
	require.NoError(t, s.Library.InitPIN(session, PIN))
	require.NoError(t, s.Library.CloseSession(session))
	return hsm.Config{Label: label, PIN: func() (string, error) { return PIN, nil }, Sessions: 2, Patience: 20 * time.Second}
}

// Open makes a token with the label and opens it, until the test ends.
func (s *SoftHSM) Open(t testing.TB, label string) *hsm.Token {
	t.Helper()
	token, err := hsm.Open(s.Library, s.Token(t, label))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, token.Close()) })
	return token
}

// Slot returns the slot of the token with the label.
func (s *SoftHSM) Slot(t testing.TB, label string) uint {
	t.Helper()
	return s.slot(t, func(i pkcs11.TokenInfo) bool { return i.Label == label })
}

// blank returns the slot of a token that nobody has made yet.
func (s *SoftHSM) blank(t testing.TB) uint {
	t.Helper()
	return s.slot(t, func(i pkcs11.TokenInfo) bool { return i.Flags&pkcs11.CKF_TOKEN_INITIALIZED == 0 })
}

func (s *SoftHSM) slot(t testing.TB, is func(pkcs11.TokenInfo) bool) uint {
	t.Helper()
	slots, err := s.Library.GetSlotList(true)
	require.NoError(t, err)
	for _, slot := range slots {
		if info, err := s.Library.GetTokenInfo(slot); err == nil && is(info) {
			return slot
		}
	}
	require.Fail(t, "no such slot")
	return 0
}

// Machine makes a machine of its own with tokens of these labels, and returns its
// module and what turns the process to it.  SoftHSM is not started then.
func Machine(t testing.TB, labels ...string) (path string, turn func()) {
	t.Helper()
	path = Path(t)
	Store(t)
	conf := os.Getenv("SOFTHSM2_CONF")
	l, err := hsm.Load(path)
	require.NoError(t, err)
	s := &SoftHSM{path, l}
	for _, label := range labels {
		s.Token(t, label)
	}
	require.NoError(t, l.Close())
	return path, func() { t.Setenv("SOFTHSM2_CONF", conf) }
}
