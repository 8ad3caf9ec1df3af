package lock

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// ringOf returns a ring of 64 pages of 128 bytes, with the head at page 0 and
// commits of six pages at most, that holds cells of the sizes in commits at the
// pages.
func ringOf(at ...[2]int) *ring {
	r := &ring{flash: newChip(64, 128), page: make([]byte, 128), plan: plan{rate: 8, most: 6, state: 5000}}
	for i, a := range at {
		r.index = append(r.index, held{cell: cell{1, byte(i)}, page: uint16(a[0]), size: uint16(a[1])})
	}
	return r
}

// TestChooseLeavesRoomForOneMoreCommit asks for more than one commit can take
// along: what is taken must free at least as much as it takes.
func TestChooseLeavesRoomForOneMoreCommit(t *testing.T) {
	for name, c := range map[string]struct {
		ring *ring
		k    int
	}{
		"a commit, but not half of the next":  {ringOf([2]int{6, 400}, [2]int{10, 150}, [2]int{10, 150}, [2]int{10, 150}), 1},
		"more where there is room":            {ringOf([2]int{8, 400}, [2]int{12, 150}, [2]int{12, 150}, [2]int{12, 150}), 2},
		"two commits":                         {ringOf([2]int{6, 200}, [2]int{9, 200}, [2]int{12, 600}), 2},
		"no more than what is free":           {ringOf([2]int{3, 200}, [2]int{6, 200}, [2]int{9, 600}), 1},
		"nothing, if it is longer than that":  {ringOf([2]int{2, 300}, [2]int{6, 200}), 0},
		"all of them, if there are no others": {ringOf([2]int{6, 200}, [2]int{9, 200}), 2},
	} {
		k, ok := c.ring.choose(commitHead, 8, 1, 1_000_000, nil)
		require.Equal(t, c.k, k, name)
		require.False(t, ok, name)
	}
}

// TestChooseTakesNoMoreThanItMust has the oldest of three cells on the reserve,
// or before it.
func TestChooseTakesNoMoreThanItMust(t *testing.T) {
	for name, c := range map[string]struct {
		ring    *ring
		changes []record
		k       int
	}{
		"far away":             {ringOf([2]int{20, 50}, [2]int{30, 50}, [2]int{40, 50}), nil, 0},
		"one more page":        {ringOf([2]int{8, 50}, [2]int{30, 50}, [2]int{40, 50}), nil, 0},
		"the oldest":           {ringOf([2]int{7, 50}, [2]int{30, 50}, [2]int{40, 50}), nil, 1},
		"a whole commit":       {ringOf([2]int{7, 50}, [2]int{7, 50}, [2]int{40, 50}), nil, 2},
		"two, soon to be full": {ringOf([2]int{7, 50}, [2]int{8, 300}, [2]int{40, 50}), nil, 2},
		"one that changes":     {ringOf([2]int{7, 50}, [2]int{30, 50}, [2]int{40, 50}), []record{{cell{1, 0}, value(50, 1)}}, 1},
	} {
		k, ok := c.ring.choose(commitHead+54, 4, 0, 0, c.changes)
		require.Equal(t, c.k, k, name)
		require.True(t, ok, name)
	}
}

func TestRateRisesAsRoomGetsScarce(t *testing.T) {
	for name, c := range map[string]struct {
		ring *ring
		want int
	}{
		"nothing there":               {ringOf(), 1},
		"little, and far away":        {ringOf([2]int{30, 50}, [2]int{40, 50}), 1},
		"on the reserve, but alone":   {ringOf([2]int{7, 300}), 1},
		"half of the room":            {ringOf([2]int{7, 341}, [2]int{13, 50}), 4},
		"all of the room":             {ringOf([2]int{7, 700}, [2]int{13, 50}), 8},
		"more than the plan provides": {ringOf([2]int{7, 620}, [2]int{13, 50}), 8},
		"much in all":                 {ringOf([2]int{60, 600}, [2]int{60, 600}, [2]int{60, 400}), 2},
	} {
		require.Equal(t, c.want, c.ring.rate(nil), name)
	}
}
