package lock

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPolicyThatFaded is told from one that never was, and from the time between
// a reset and the first policy.
func TestPolicyThatFaded(t *testing.T) {
	var s state
	require.False(t, s.lostPolicy(), "a new lock")
	s.version = 2
	require.True(t, s.lostPolicy())
	s.owner.since = 3
	require.False(t, s.lostPolicy(), "after a reset")
}

// TestLockThatLostItsOwnerIsNotNew: it wants the button.
func TestLockThatLostItsOwnerIsNotNew(t *testing.T) {
	l := &Lock{state: new(state)}
	require.True(t, l.takers())
	l.state.sequence = 1
	require.False(t, l.takers())
	pressed := false
	l.config.Button = func() bool { return pressed }
	require.False(t, l.takers())
	pressed = true
	require.True(t, l.takers())
}
