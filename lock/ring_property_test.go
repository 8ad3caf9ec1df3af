package lock

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// habit is a way in which a caller changes cells.
type habit struct {
	name    string
	changes func(r *rand.Rand, k *keeper, step int) []record
}

// fill returns changes of the cells from the first on, in the order in which next
// names them, as many as one commit and the capacity take.
func fill(k *keeper, size func() int, next func(i int) int) []record {
	var changes []record
	room := k.need.change
	values := 0
	for _, v := range k.values {
		values += len(v)
	}
	for i := range k.need.cells {
		c := cell{0, byte(next(i) % k.need.cells)}
		n := min(size(), k.need.value, room-cellHead)
		if n < 0 || changed(changes, c) {
			break
		}
		n = min(n, k.need.values-values+len(k.values[c]))
		changes = append(changes, record{c, bytes.Repeat([]byte{byte(n)}, n)})
		values += n - len(k.values[c])
		room -= recordSize(n)
	}
	return changes
}

func habits() []habit {
	whole := func(k *keeper) func() int { return func() int { return k.need.value } }
	return []habit{
		{"one cell again and again", func(r *rand.Rand, k *keeper, step int) []record {
			if step < 3*k.need.cells {
				return fill(k, whole(k), func(i int) int { return i + step })
			}
			return fill(k, whole(k), func(int) int { return 0 })
		}},
		{"greatest commits, round and round", func(r *rand.Rand, k *keeper, step int) []record {
			return fill(k, whole(k), func(i int) int { return i + step*3 })
		}},
		{"single cells, round and round", func(r *rand.Rand, k *keeper, step int) []record {
			return fill(k, whole(k), func(i int) int { return i + step })[:1]
		}},
		{"nothing but the anchor", func(r *rand.Rand, k *keeper, step int) []record {
			if step < 3*k.need.cells {
				return fill(k, whole(k), func(i int) int { return i + step })
			}
			return nil
		}},
		{"all gone and all back", func(r *rand.Rand, k *keeper, step int) []record {
			if step%8 > 0 {
				return fill(k, whole(k), func(i int) int { return i + step*5 })
			}
			return fill(k, func() int { return 0 }, func(i int) int { return i + step })
		}},
		{"by chance", func(r *rand.Rand, k *keeper, step int) []record {
			from, stride := r.IntN(k.need.cells), 1+r.IntN(k.need.cells)
			changes := fill(k, func() int { return r.IntN(k.need.value + 1) }, func(i int) int { return from + i*stride })
			return changes[:r.IntN(len(changes)+1)]
		}},
		{"small beside large", func(r *rand.Rand, k *keeper, step int) []record {
			if r.IntN(4) == 0 {
				return fill(k, whole(k), func(i int) int { return r.IntN(k.need.cells) })
			}
			return fill(k, func() int { return 1 + r.IntN(20) }, func(i int) int { return r.IntN(k.need.cells) })[:1]
		}},
	}
}

// TestRingHasRoomForWhateverFitsItsCapacity makes rings of all kinds on the
// fewest pages that newRing accepts for them, fills them, and changes their cells
// in ways that are hard on them.  No commit may fail or take more pages than most
// says.
func TestRingHasRoomForWhateverFitsItsCapacity(t *testing.T) {
	rounds, commits := 40, 1500
	if testing.Short() {
		rounds, commits = 8, 300
	}
	r := rand.New(rand.NewPCG(7, 3))
	for range rounds {
		size := []int{128, 128, 128, 256, 1024}[r.IntN(5)]
		need := capacity{cells: 1 + r.IntN(60), value: 1 + r.IntN([]int{20, 60, 300, 1100}[r.IntN(4)])}
		need.values = min(need.cells*need.value, 1+r.IntN(20_000))
		need.change = min(recordSize(need.value)+r.IntN(2000), need.cells*recordSize(need.value))
		rate := 1 + r.IntN(greatestRate)
		pages := fewest(need, size, rate)
		for _, h := range habits() {
			t.Run(fmt.Sprintf("%s, %+v, %d x %d", h.name, need, pages, size), func(t *testing.T) {
				flash := blankRing(t, pages, size, need)
				k, err := keep(flash, need)
				require.NoError(t, err)
				for step := range commits {
					changes := h.changes(r, k, step)
					before, most := flash.total(), k.most(sizeOf(changes), k.rate(changes))
					require.NoError(t, k.commit(anchor{}, changes...), "commit %d", step)
					require.LessOrEqual(t, flash.total()-before, most, "commit %d of %d bytes", step, sizeOf(changes))
					requirePlan(t, k.ring)
				}
				again, err := keep(flash, need)
				require.NoError(t, err)
				k.requireSame(t, again, "loaded again")
			})
		}
	}
}
