package lock_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/lock"
)

func TestOutcomesOfTheBolt(t *testing.T) {
	for _, c := range []struct {
		motion  lock.Motion
		outcome credential.Outcome
		reason  credential.Reason
		log     []credential.LogOutcome
	}{
		{lock.Moved, credential.OutcomeOpened, credential.ReasonNone, []credential.LogOutcome{credential.LogStarted}},
		{lock.Unseen, credential.OutcomeUnconfirmed, credential.ReasonNone, []credential.LogOutcome{credential.LogStarted}},
		{lock.Stuck, credential.OutcomeFailed, credential.ReasonDrive, []credential.LogOutcome{credential.LogStarted, credential.LogFailed}},
	} {
		w := worldtest.New(t)
		w.Bolt.Motion = c.motion
		r, err := tap(t, w, w.OwnerPhone(t), credential.OperationOpen)
		require.NoError(t, err)
		require.Equal(t, c.outcome, r.Outcome)
		require.Equal(t, c.reason, r.Reason)
		var outcomes []credential.LogOutcome
		for i, e := range w.Openings() {
			require.Equal(t, uint32(i+2), e.Sequence)
			require.Equal(t, credential.RoleOwner, e.Role)
			outcomes = append(outcomes, e.Outcome)
		}
		require.Equal(t, c.log, outcomes)
	}
}

func TestPendingWritesNothingUntilItOpens(t *testing.T) {
	w := worldtest.New(t)
	w.Bolt.Charges = []int{10, 55, 99}
	p := w.PostmanPhone(t)
	var seen []int
	p.Progress = func(g holder.Progress) { seen = append(seen, g.Percent) }
	p.Wait = func(context.Context, time.Duration) error {
		require.Equal(t, formatted, w.Flash.Programmed)
		require.Empty(t, w.Openings())
		return nil
	}
	r, err := tap(t, w, p, credential.OperationDeliver)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome)
	require.Equal(t, []int{10, 55, 99}, seen)
	require.Len(t, w.Openings(), 1)
}

// witness is a bolt that looks at the flash when it is driven.
type witness struct {
	lock.Actuator
	drive func()
}

func (b witness) Drive(o credential.Operation, resource uint8) lock.Motion {
	b.drive()
	return b.Actuator.Drive(o, resource)
}

func TestLogEntryIsInFlashBeforeTheBoltMoves(t *testing.T) {
	w := worldtest.New(t)
	looked := false
	w.Config.Actuator = witness{w.Bolt, func() {
		config := w.Config
		config.Flash = w.Flash.Clone()
		other, err := lock.New(config)
		require.NoError(t, err)
		require.Len(t, other.Log(), 2)
		looked = true
	}}
	_, err := tap(t, w, w.OwnerPhone(t), credential.OperationOpen)
	require.NoError(t, err)
	require.True(t, looked)
}

func TestBrokenFlashKeepsTheBoxShut(t *testing.T) {
	w := worldtest.New(t)
	w.Flash.Fail = func() error { return context.DeadlineExceeded }
	r, err := tap(t, w, w.OwnerPhone(t), credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeFailed, r.Outcome)
	require.Equal(t, credential.ReasonState, r.Reason)
	require.Equal(t, holder.AdviceRepair, r.Advice)
	require.Zero(t, w.Bolt.Driven)
	require.Empty(t, w.Openings())

	w.Flash.Fail = nil
	r, err = tap(t, w, w.OwnerPhone(t), credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome)
}

func TestStatusMovesAndWritesNothing(t *testing.T) {
	w := worldtest.New(t)
	_, err := tap(t, w, w.OwnerPhone(t), credential.OperationOpen)
	require.NoError(t, err)
	written := w.Flash.Programmed
	r, err := tap(t, w, w.NeighbourPhone(t), credential.OperationStatus)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeDone, r.Outcome)
	require.Equal(t, holder.State{PolicyVersion: 1, Floor: made(w)}, r.State, "how often the box was opened is the owner's to know")
	require.Equal(t, written, w.Flash.Programmed)
	r, err = tap(t, w, w.OwnerPhone(t), credential.OperationStatus)
	require.NoError(t, err)
	require.Equal(t, holder.State{PolicyVersion: 1, Floor: made(w), Sequence: 2}, r.State)
	require.Equal(t, 1, w.Bolt.Driven)
}

func TestLogSurvivesAndDropsTheOldest(t *testing.T) {
	w := worldtest.New(t)
	p := w.OwnerPhone(t)
	for range 150 {
		_, err := tap(t, w, p, credential.OperationOpen)
		require.NoError(t, err)
	}
	w.PowerUp(t)
	log := w.Openings()
	require.Len(t, log, 64)
	require.Equal(t, uint32(88), log[0].Sequence)
	require.Equal(t, uint32(151), log[63].Sequence)
}

func TestRememberedSignaturesAreNotVerifiedAgain(t *testing.T) {
	w := worldtest.New(t)
	p := w.PostmanPhone(t)
	for _, want := range []uint64{3, 1, 1} { // certificate, grant, message_3; then message_3 alone
		_, err := tap(t, w, p, credential.OperationDeliver)
		require.NoError(t, err)
		ops := w.Lock.Operations()
		require.Equal(t, want, ops.Ed25519Verify)
		require.Equal(t, uint64(2), ops.X25519)
		require.Equal(t, uint64(1), ops.Ed25519Sign)
	}
}
