package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/lock"
)

// fullStage returns a stage whose lock has a full memory.
func fullStage(t *testing.T) *stage {
	t.Helper()
	s, err := newStage(false)
	require.NoError(t, err)
	require.NoError(t, s.fill())
	return s
}

// A full memory has no room for another counted grant, nor for another
// operator's list, and its log has gone round.
func TestFullMemoryIsFull(t *testing.T) {
	s := fullStage(t)
	l, err := lock.New(s.config)
	require.NoError(t, err)
	log := l.Log()
	require.Len(t, log, fullLog)
	require.Greater(t, log[0].Sequence, uint32(1))
	for _, e := range log {
		require.NotZero(t, e.Reference)
	}

	p, err := s.guestWith(func(e *credential.Entry) { e.Uses = credential.Uses{Count: 9, Starts: 1} })
	require.NoError(t, err)
	require.ErrorContains(t, s.play(opens(p, credential.OperationOpen)), "refused, table-full")
	require.ErrorIs(t, s.bringsList("operator of another post"), credential.ReasonTableFull)
}

// Grants of three links are too long for a slot.
func TestThreeLinksDoNotResume(t *testing.T) {
	for links, pairs := range map[int]int{1: 2, 2: 2, 3: 3} {
		k := kind{name: "links", outcome: credential.OutcomeOpened, prepare: linksResumed(links)}
		c, err := k.measure(unwatched{})
		require.NoError(t, err)
		require.Equal(t, pairs, c.Pairs, links)
	}
}

// Both rounds go once round the flash, and the dearest opening can be had again.
func TestRoundsGoRound(t *testing.T) {
	r, err := goRounds()
	require.NoError(t, err)
	for _, r := range []round{r.owner, r.guest} {
		require.GreaterOrEqual(t, r.pages, 256)
		require.Less(t, r.pages, 256+r.most)
		require.Greater(t, r.openings, 256/r.most)
		require.Zero(t, r.before.Programmed)
	}
	c, err := kindNamed(t, "full-owner").measure(unwatched{})
	require.NoError(t, err)
	require.Equal(t, r.owner.most, c.FlashErases)
}
