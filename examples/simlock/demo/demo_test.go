package demo_test

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/simlock/demo"
	"github.com/postern-lock/postern/lock"
	"github.com/postern-lock/postern/lock/locktest"
)

var now = time.Date(2026, time.June, 1, 8, 0, 0, 0, time.UTC)

func TestWhoOpensTheLock(t *testing.T) {
	for _, tc := range []struct {
		name      string
		operation credential.Operation
		outcome   credential.Outcome
		reason    credential.Reason
	}{
		{"owner", credential.OperationOpen, credential.OutcomeOpened, credential.ReasonNone},
		{"neighbour", credential.OperationOpen, credential.OutcomeOpened, credential.ReasonNone},
		{"neighbour", credential.OperationDeliver, credential.OutcomeRefused, credential.ReasonAction},
		{"postman", credential.OperationDeliver, credential.OutcomeOpened, credential.ReasonNone},
		{"postman", credential.OperationCollect, credential.OutcomeOpened, credential.ReasonNone},
		{"postman", credential.OperationOpen, credential.OutcomeRefused, credential.ReasonAction},
	} {
		t.Run(tc.name+" "+tc.operation.String(), func(t *testing.T) {
			bolt, link := newLock(t)
			phone, err := newWorld(t).Phone(tc.name, now, rand.Reader)
			require.NoError(t, err)
			r, err := phone.Open(t.Context(), link, tc.operation)
			require.NoError(t, err)
			require.Equal(t, demo.LockID(), r.Lock)
			require.Equal(t, tc.outcome, r.Outcome)
			require.Equal(t, tc.reason, r.Reason)
			require.Equal(t, tc.outcome == credential.OutcomeOpened, bolt.Driven == 1)
		})
	}
}

// TestOwnerTakesTheVacantLock also shows that a vacant lock opens for nobody.
func TestOwnerTakesTheVacantLock(t *testing.T) {
	w, bolt := newWorld(t), &locktest.Bolt{Motion: lock.Moved}
	l, err := w.Vacant(lock.Config{Flash: locktest.NewFlash(), Actuator: bolt, Rand: rand.Reader})
	require.NoError(t, err)
	require.True(t, l.Vacant())
	phone, err := w.Phone("owner", now, rand.Reader)
	require.NoError(t, err)
	_, err = phone.Open(t.Context(), apdu.Direct(l), credential.OperationOpen)
	require.Error(t, err)
	_, _, err = phone.Commission(t.Context(), apdu.Direct(l), [16]byte{'g', 'u', 'e', 's', 's', 'e', 'd'})
	require.Error(t, err)
	require.True(t, l.Vacant())
	_, r, err := phone.Commission(t.Context(), apdu.Direct(l), demo.Setup())
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeDone, r.Outcome)
	require.False(t, l.Vacant())
	require.Zero(t, bolt.Driven)
}

func TestCommissioningIsNotObserved(t *testing.T) {
	var events []lock.Event
	_, err := newWorld(t).Lock(lock.Config{
		Flash: locktest.NewFlash(), Actuator: &locktest.Bolt{}, Rand: rand.Reader,
		Observe: func(e lock.Event) { events = append(events, e) },
	})
	require.NoError(t, err)
	require.Empty(t, events)
}

func TestStrangerIsToldNothing(t *testing.T) {
	bolt, link := newLock(t)
	phone, err := newWorld(t).Phone("stranger", now, rand.Reader)
	require.NoError(t, err)
	_, err = phone.Open(t.Context(), link, credential.OperationOpen)
	require.Error(t, err)
	require.Zero(t, bolt.Driven)
}

func TestNobodyElseHasAPhone(t *testing.T) {
	_, err := newWorld(t).Phone("burglar", now, rand.Reader)
	require.ErrorContains(t, err, "burglar")
	for _, name := range demo.People() {
		_, err := newWorld(t).Phone(name, now, rand.Reader)
		require.NoError(t, err)
	}
}

func TestLockNeedsItsParts(t *testing.T) {
	_, err := newWorld(t).Lock(lock.Config{})
	require.ErrorIs(t, err, lock.ErrConfig)
	_, err = newWorld(t).Vacant(lock.Config{})
	require.ErrorIs(t, err, lock.ErrConfig)
	_, err = newWorld(t).Lock(lock.Config{Flash: locktest.NewFlash()})
	require.ErrorIs(t, err, lock.ErrConfig)
}

func newWorld(t *testing.T) *demo.World {
	w, err := demo.New()
	require.NoError(t, err)
	return w
}

func newLock(t *testing.T) (*locktest.Bolt, apdu.Transceiver) {
	bolt := &locktest.Bolt{Motion: lock.Moved}
	l, err := newWorld(t).Lock(lock.Config{Flash: locktest.NewFlash(), Actuator: bolt, Rand: rand.Reader})
	require.NoError(t, err)
	return bolt, apdu.Direct(l)
}
