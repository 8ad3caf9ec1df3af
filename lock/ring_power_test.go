package lock

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

// course is a series of commits that is cut everywhere.
type course struct {
	name    string
	need    capacity
	pages   int
	commits int
	changes func(k *keeper, i int) []record
}

func courses() []course {
	full := capacity{cells: 20, values: 1000, value: 60, change: 200}
	large := capacity{cells: 30, values: 1500, value: 60, change: 900}
	return []course{
		{"one page each", smallNeed, 32, 70, func(k *keeper, i int) []record {
			return []record{{cell{1, byte(i % 11)}, value(1+i%60, byte(i+1))}}
		}},
		{"one to four pages, values that go", smallNeed, 32, 40, func(k *keeper, i int) []record {
			return []record{{cell{1, byte(i % 7)}, value(i*5%60, byte(i+1))}, {cell{2, 1}, value(i*37%280, byte(i+1))}}
		}},
		{"as full as can be, on the fewest pages", full, fewest(full, 128, greatestRate), 60, func(k *keeper, i int) []record {
			return fill(k, func() int { return 50 }, func(n int) int { return n + i*3 })[:1+i%3]
		}},
		{"commits without a change before them", large, fewest(large, 128, greatestRate), 60, func(k *keeper, i int) []record {
			return fill(k, func() int { return 60 }, func(n int) int { return n + i*3 })
		}},
	}
}

// TestRingSurvivesPowerCuts cuts the power at every erase and program of every
// commit of some courses, each of which goes round the ring, in every way.
// After each cut the ring must hold the state before the commit or after it, miss
// nothing, and go on working.
func TestRingSurvivesPowerCuts(t *testing.T) {
	cuts := 0
	for _, c := range courses() {
		t.Run(c.name, func(t *testing.T) {
			flash := blankRing(t, c.pages, 128, c.need)
			k, err := keep(flash, c.need)
			require.NoError(t, err)
			cleaned := 0
			for i := range c.commits {
				changes := c.changes(k, i)
				for _, tear := range ringTears() {
					for operation := 0; cutRing(t, flash, c, k, changes, operation, tear, fmt.Sprintf("commit %d, operation %d", i, operation)); operation++ {
						cuts++
					}
				}
				before, number, most := flash.total(), k.number, k.most(sizeOf(changes), k.rate(changes))
				require.NoError(t, k.commit(anchor{floor: credential.Time(i + 1)}, changes...))
				require.LessOrEqual(t, flash.total()-before, most)
				cleaned += int(k.number-number) - 1
			}
			require.Greater(t, flash.total(), c.pages, "not once around")
			if c.name == "commits without a change before them" {
				require.Positive(t, cleaned)
			}
		})
	}
	t.Logf("%d power cuts", cuts)
	require.Greater(t, cuts, 5000)
}

// cutRing makes the commit on a copy of the flash with one cut, and reports
// whether it came as far as the cut.
func cutRing(t *testing.T, flash *chip, c course, before *keeper, changes []record, operation int, tear torn, at string) bool {
	t.Helper()
	dark := flash.copyOf()
	k, err := keep(dark, c.need)
	require.NoError(t, err)
	raised := anchor{floor: before.anchor.floor + 1}
	dark.left, dark.torn = operation, tear
	if k.commit(raised, changes...) == nil {
		return false
	}
	dark.dark = false
	again, err := keep(dark, c.need)
	require.NoError(t, err, at)
	require.Zero(t, again.loaded.lost, at)
	next := after(before.values, changes)
	if again.loaded.anchor == raised {
		require.Equal(t, next, again.values, at)
	} else {
		require.Equal(t, before.values, again.values, at)
		require.Equal(t, before.anchor, again.loaded.anchor, at)
		require.NoError(t, again.commit(raised, changes...), at)
	}
	last, err := keep(dark, c.need)
	require.NoError(t, err, at)
	require.Equal(t, loaded{anchor: raised}, last.loaded, at)
	require.Equal(t, next, last.values, at)
	return true
}
