package postern_test

import (
	"bytes"
	"errors"
	"maps"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	postern "github.com/postern-lock/postern/examples/mobile"
	"github.com/postern-lock/postern/examples/mobile/simulated"
)

// shelf is a Vault and a Memory in RAM.
type shelf struct {
	mu     sync.Mutex
	all    map[string][]byte
	closed bool // every call fails
}

var errClosed = errors.New("the phone is locked")

func newShelf() *shelf { return &shelf{all: make(map[string][]byte)} }

func (s *shelf) setClosed(closed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = closed
}

func (s *shelf) Load(name string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errClosed
	}
	return bytes.Clone(s.all[name]), nil
}

func (s *shelf) Store(name string, b []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errClosed
	}
	s.all[name] = bytes.Clone(b)
	return nil
}

func (s *shelf) Delete(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, name)
	return nil
}

func (s *shelf) names() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	sizes := make(map[string]int)
	for name := range maps.Keys(s.all) {
		sizes[name] = len(s.all[name])
	}
	return sizes
}

// worldClock is a clock that shows the world's time.
type worldClock struct{ w *simulated.World }

func (c worldClock) Now() (int64, error) { return c.w.Now(), nil }

// tagFunc is a Tag by a function.
type tagFunc func([]byte) ([]byte, error)

func (f tagFunc) Transceive(command []byte) ([]byte, error) { return f(command) }

// scene is a world with a lock and a phone.
type scene struct {
	w        *simulated.World
	lock     *simulated.Lock
	platform *postern.Platform
	trust    *postern.Trust
	vault    *shelf
	memory   *shelf
	phone    *postern.Phone
}

func newScene(t testing.TB, vacant bool) *scene {
	t.Helper()
	s := &scene{w: simulated.NewWorld(), vault: newShelf(), memory: newShelf()}
	var err error
	s.lock, err = simulated.NewLock(s.w, vacant)
	require.NoError(t, err)
	s.trust, err = postern.NewTrust(blobs(t, s.w.Root()), blobs(t, s.w.Maker()))
	require.NoError(t, err)
	s.platform = &postern.Platform{Vault: s.vault, Memory: s.memory, Clock: worldClock{s.w}, Extended: true}
	s.phone = s.newPhone(t, false)
	return s
}

// newPhone makes a phone with a new key.
func (s *scene) newPhone(t testing.TB, ed bool) *postern.Phone {
	t.Helper()
	key, err := simulated.NewKey(ed)
	require.NoError(t, err)
	platform := *s.platform
	platform.Key = key
	phone, err := postern.NewPhone(&platform, s.trust)
	require.NoError(t, err)
	return phone
}

// guest gives the phone a pass to open.
func (s *scene) guest(t testing.TB, phone *postern.Phone) {
	t.Helper()
	grant, err := s.w.Guest(phone.RequestLink())
	require.NoError(t, err)
	s.pass(t, phone, grant)
}

// pass gives the phone a pass of one grant.
func (s *scene) pass(t testing.TB, phone *postern.Phone, grant []byte, authorities ...[]byte) {
	t.Helper()
	pass, err := postern.NewPass(blobs(t, grant), blobs(t, authorities...), nil)
	require.NoError(t, err)
	require.NoError(t, phone.SetPass(pass))
}

func blobs(t testing.TB, all ...[]byte) *postern.Blobs {
	t.Helper()
	list := postern.NewBlobs()
	for _, b := range all {
		require.NoError(t, list.Add(b))
	}
	return list
}

// requireCode requires an error whose message begins with the code.
func requireCode(t testing.TB, code string, err error) {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, code, postern.ErrorCode(err.Error()), "%v", err)
}
