package lock

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

// lockNeed is about the most that a lock keeps: 64 log entries, 32 counts, and
// some 40 certificates, slots and lists.
var lockNeed = capacity{cells: 140, values: 14_000, value: 1100, change: 2000}

// randomChanges returns changes that a lock could make, within the capacity.
func randomChanges(r *rand.Rand, k *keeper) []record {
	changes := []record{}
	add := func(c cell, n int) {
		if !changed(changes, c) {
			changes = append(changes, record{c, value(n, byte(r.Uint32()))})
		}
	}
	add(cell{1, byte(r.IntN(64))}, 45)
	if r.IntN(4) == 0 {
		add(cell{2, byte(r.IntN(32))}, r.IntN(2)*20)
	}
	if r.IntN(4) == 0 {
		add(cell{3, byte(r.IntN(12))}, r.IntN(300))
	}
	if r.IntN(20) == 0 {
		add(cell{4, byte(r.IntN(8))}, r.IntN(2)*r.IntN(1101))
	}
	if r.IntN(20) == 0 {
		changes = changes[1:]
	}
	for sizeOf(changes) > k.need.change || total(after(k.values, changes)) > k.need.values {
		changes = changes[:len(changes)-1]
	}
	return changes
}

func total(values map[cell]string) int {
	n := 0
	for _, v := range values {
		n += len(v)
	}
	return n
}

// TestRingAgainstAPlainMap makes random commits with random power cuts, further
// cuts in their repetitions, and losses of power, and holds the ring against a
// map after every one.
func TestRingAgainstAPlainMap(t *testing.T) {
	commits := 100_000
	if testing.Short() {
		commits = 3_000
	}
	r := rand.New(rand.NewPCG(2027, 11))
	flash := blankRing(t, 256, 128, lockNeed)
	k, err := keep(flash, lockNeed)
	require.NoError(t, err)
	tears, cuts, greatest := ringTears(), 0, 0
	bound := k.most(lockNeed.change, k.plan.rate)
	for i := range commits {
		changes, a := randomChanges(r, k), anchor{floor: k.anchor.floor + credential.Time(r.IntN(2)), sequence: k.anchor.sequence + 1}
		before, next := k.values, after(k.values, changes)
		if r.IntN(10) == 0 {
			flash.left, flash.torn = r.IntN(12), tears[r.IntN(len(tears))]
		}
		erased, most := flash.total(), k.most(sizeOf(changes), k.rate(changes))
		err := k.commit(a, changes...)
		require.LessOrEqual(t, flash.total()-erased, min(bound, most))
		greatest = max(greatest, flash.total()-erased)
		flash.left = -1
		switch {
		case err != nil:
			require.True(t, flash.dark, "commit %d: %v", i, err)
			flash.dark = false
			cuts++
			k, err = keep(flash, lockNeed)
			require.NoError(t, err)
			if k.anchor.sequence == a.sequence {
				before = next
			}
			require.Equal(t, before, k.values, "commit %d", i)
		case r.IntN(8) == 0:
			again, err := keep(flash, lockNeed)
			require.NoError(t, err)
			k.requireSame(t, again, fmt.Sprintf("commit %d", i))
			require.Equal(t, next, again.values)
			require.Equal(t, a, again.anchor)
			k = again
		}
		require.Zero(t, k.loaded.lost)
		requirePlan(t, k.ring)
	}
	t.Logf("%d commits, %d of them cut; %+v; at most %d pages, bound %d", commits, cuts, k.plan, greatest, bound)
	require.Greater(t, cuts, commits/60)
}
