package home_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/credential/holder/home"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/lock"
)

// street is a world whose lock is vacant, for owners' apps.
type street struct {
	*worldtest.World
	now time.Time
}

func newStreet(t testing.TB) *street {
	t.Helper()
	w := worldtest.New(t)
	require.NoError(t, lock.Format(w.Flash))
	w.PowerUp(t)
	return &street{w, w.Now.Time()}
}

// shelf is where an app keeps a Box.
type shelf struct {
	saved home.Saved
	kept  int
	fail  error
}

func (s *shelf) keep(saved home.Saved) error {
	if s.fail != nil {
		return s.fail
	}
	s.kept++
	if saved.State != nil {
		s.saved.State = saved.State
	}
	if saved.History != nil {
		s.saved.History = saved.History
	}
	if saved.Vault != nil {
		s.saved.Vault = saved.Vault
	}
	return nil
}

func key(t testing.TB, name string) holder.Key {
	t.Helper()
	k, err := holder.NewKey(worldtest.Key(name))
	require.NoError(t, err)
	return k
}

// newBox returns the named one's Box for the street's lock.
func (s *street) newBox(t testing.TB, name string) (*home.Box, *shelf) {
	t.Helper()
	on := new(shelf)
	b, err := home.New(key(t, name), s.LockID, on.keep)
	require.NoError(t, err)
	return b, on
}

// moveIn makes the named one the owner.
func (s *street) moveIn(t testing.TB, name string) (*home.Box, *shelf) {
	t.Helper()
	b, on := s.newBox(t, name)
	_, r, err := b.MoveIn(context.Background(), s.Phone(t, name, nil), s.Link(), worldtest.Setup, s.now)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeDone, r.Outcome)
	return b, on
}

// phoneWith returns the named one's phone with what a pass brings.
func (s *street) phoneWith(t testing.TB, name string, pass credential.Pass) *holder.Phone {
	t.Helper()
	return s.Phone(t, name, nil).With(pass)
}

// requireOpens has a phone open the lock.
func (s *street) requireOpens(t testing.TB, p *holder.Phone) holder.Result {
	t.Helper()
	r, err := p.Open(context.Background(), s.Link(), credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome, r.Reason)
	return r
}

// requireRefused has a phone be refused for the reason.
func (s *street) requireRefused(t testing.TB, p *holder.Phone, reason credential.Reason) holder.Result {
	t.Helper()
	r, err := p.Open(context.Background(), s.Link(), credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeRefused, r.Outcome)
	require.Equal(t, reason, r.Reason)
	return r
}

// visit has the owner open the lock.
func (s *street) visit(t testing.TB, b *home.Box, name string) {
	t.Helper()
	r, err := b.Visit(context.Background(), s.Phone(t, name, nil), s.Link(), credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome, r.Reason)
}

// month are the terms of a guest who may open for 30 days.
func (s *street) month() home.Terms { return home.Terms{Until: s.Now + 30*worldtest.Day} }

// twin returns another phone with the owner's key, as the first one was kept.
func twin(t *testing.T, on *shelf) *home.Box {
	two, err := home.Load(key(t, "owner"), on.saved, new(shelf).keep)
	require.NoError(t, err)
	return two
}
