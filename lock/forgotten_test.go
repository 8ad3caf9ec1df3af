package lock

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

// TestTwoAccountsThatGiveWayAtOnce remembers the later end, in whatever order
// they go.
func TestTwoAccountsThatGiveWayAtOnce(t *testing.T) {
	for _, ends := range [][2]credential.Time{{10, 5}, {5, 10}} {
		var s state
		s.uses[0] = use{grant: credential.Tag{1}, used: 1, expires: ends[0]}
		s.uses[1] = use{grant: credential.Tag{2}, used: 1, expires: ends[1]}
		for i := 2; i < len(s.uses); i++ {
			s.uses[i] = use{grant: credential.Tag{3, byte(i)}, used: 1, expires: 1000}
		}
		once := credential.Uses{Count: 1, Starts: 1}
		started, err := s.start(20, []credential.Count{
			{Grant: credential.Tag{4}, Uses: once, Expires: 100}, {Grant: credential.Tag{5}, Uses: once, Expires: 100},
		})
		require.NoError(t, err)
		var c change
		s.putUses(&c, started)
		for _, r := range c.records {
			require.NoError(t, s.set(r.cell, r.value))
		}
		require.Equal(t, credential.Time(10), s.forgotten[owners])
	}
}
