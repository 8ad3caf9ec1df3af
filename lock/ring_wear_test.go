package lock

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRingWearsAllPagesAlike makes commits of one to four pages, whose values
// come and go, on a small flash.
func TestRingWearsAllPagesAlike(t *testing.T) {
	commits := 100_000
	if testing.Short() {
		commits = 5_000
	}
	need := capacity{cells: 40, values: 2400, value: 300, change: 400}
	flash := blankRing(t, 64, 128, need)
	k, err := keep(flash, need)
	require.NoError(t, err)
	for i := range commits {
		changes := []record{{cell{1, byte(i % 32)}, value(30+i%20, byte(i))}}
		if i%5 == 0 {
			changes = append(changes, record{cell{2, byte(i % 3)}, value(i%290, byte(i))})
		}
		require.NoError(t, k.commit(anchor{}, changes...))
	}
	least, most := slices.Min(flash.erased), slices.Max(flash.erased)
	t.Logf("%d commits, %+v: pages erased %d to %d times, ratio %.4f; %.3f pages a commit", commits, k.plan,
		least, most, float64(most)/float64(least), float64(flash.total())/float64(commits))
	require.LessOrEqual(t, 10*most, 11*least)
	require.LessOrEqual(t, most-least, 1)
}

// TestRingWorkByUtilisation makes commits of one log entry each on rings that are
// filled to some part, half of it with log entries that are written round and
// round and half with values that stay, and measures the pages of a commit.
func TestRingWorkByUtilisation(t *testing.T) {
	commits := 20_000
	if testing.Short() {
		commits = 2_000
	}
	const entry, lasting = 45, 250
	for _, pages := range []int{256, 1024} {
		for _, percent := range []int{25, 50, 75} {
			t.Run(fmt.Sprintf("%d pages, %d percent", pages, percent), func(t *testing.T) {
				alive := pages * (128 - pageHead) * percent / 100
				entries, others := alive/2/recordSize(entry), alive/2/recordSize(lasting)
				need := capacity{cells: entries + others, values: entries*entry + others*lasting, value: lasting, change: recordSize(lasting)}
				if _, least := need.planFor(pages, 128-pageHead); least > pages {
					t.Skipf("needs %d pages", least)
				}
				flash := blankRing(t, pages, 128, need)
				k, err := keep(flash, need)
				require.NoError(t, err)
				for i := range others {
					require.NoError(t, k.commit(anchor{}, record{cell{2 + byte(i>>8), byte(i)}, value(lasting, 1)}))
				}
				histogram := map[int]int{}
				for i := range entries + commits {
					before := flash.total()
					n := i % entries
					bound := k.most(recordSize(entry), k.plan.rate)
					require.NoError(t, k.commit(anchor{}, record{cell{100 + byte(n>>8), byte(n)}, value(entry, byte(i))}))
					if i >= entries {
						histogram[flash.total()-before]++
						require.LessOrEqual(t, flash.total()-before, bound)
					}
				}
				sum, most := 0, 0
				for n, times := range histogram {
					sum, most = sum+n*times, max(most, n)
				}
				t.Logf("%+v: %.2f pages a commit, at most %d, bound %d; %v", k.plan, float64(sum)/float64(commits), most,
					k.most(recordSize(entry), k.plan.rate), histogram)
			})
		}
	}
}
