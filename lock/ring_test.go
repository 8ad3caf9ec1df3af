package lock

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// smallNeed is what most of these tests keep.
var smallNeed = capacity{cells: 12, values: 700, value: 300, change: 350}

func value(n int, b byte) []byte { return bytes.Repeat([]byte{b}, n) }

func TestRingKeepsWhatWasCommitted(t *testing.T) {
	for _, size := range []int{128, 200, 256, 1024, 4096, 1 << 15} {
		for _, more := range []int{0, 1, 30} {
			pages := fewest(smallNeed, size, greatestRate) + more
			t.Run(fmt.Sprintf("%d x %d", pages, size), func(t *testing.T) {
				flash := blankRing(t, pages, size, smallNeed)
				want := map[cell]string{}
				for i := range 5 * pages {
					k, err := keep(flash, smallNeed)
					require.NoError(t, err)
					require.Equal(t, want, k.values)
					require.Equal(t, loaded{anchor: anchor{sequence: uint32(i)}}, k.loaded)
					changes := []record{{cell{1, byte(i % 11)}, value(1+i%50, byte(i))}, {cell{2, 0}, value(i*7%150, byte(i))}}
					require.NoError(t, k.commit(anchor{sequence: uint32(i + 1)}, changes...))
					want = after(want, changes)
				}
			})
		}
	}
}

// TestRingPage holds the bytes of a page against those that ring_page.go
// describes.
func TestRingPage(t *testing.T) {
	flash := blankRing(t, 32, 128, smallNeed)
	k, err := keep(flash, smallNeed)
	require.NoError(t, err)
	require.NoError(t, k.commit(anchor{0x0102, 0x03040506, 0x0708090A, 0x0B0C0D0E}, record{cell{0xAA, 0xBB}, []byte("value")}))
	page := flash.pages[1]
	require.Equal(t, "52"+"00"+"01"+"00000002"+"001c", hex.EncodeToString(page[:9]))
	require.Equal(t, "00000001"+"01"+"0102"+"03040506"+"0708090a"+"0b0c0d0e"+"aabb"+"0005"+hex.EncodeToString([]byte("value")),
		hex.EncodeToString(page[13:13+28]))
	require.Equal(t, blank(128-13-28), page[13+28:])

	require.NoError(t, k.commit(anchor{}, record{cell{0xAA, 0xBB}, nil}, record{cell{1, 2}, []byte{3}}))
	page = flash.pages[2]
	require.Equal(t, "52"+"00"+"01"+"00000003"+"001c", hex.EncodeToString(page[:9]))
	require.Equal(t, "00000002"+"01"+"0102"+"03040506"+"0708090a"+"0b0c0d0e"+"aabb"+"0000"+"0102"+"0001"+"03",
		hex.EncodeToString(page[13:13+28]))

	require.NoError(t, k.commit(anchor{}, record{cell{7, 7}, value(300, 7)}))
	require.Equal(t, "52"+"00"+"03"+"00000004"+"0073", hex.EncodeToString(flash.pages[3][:9]))
	require.Equal(t, "52"+"02"+"03"+"00000004", hex.EncodeToString(flash.pages[5][:7]))
}

// TestRingRefusesPagesThatNoRingWrites gives it pages with a good checksum.
func TestRingRefusesPagesThatNoRingWrites(t *testing.T) {
	head := anchor{}.head(link{})
	one := slices.Concat(head, []byte{1, 1, 0, 1, 0xFF})
	full := slices.Concat(head, []byte{1, 1, 0, 115 - commitHead - cellHead}, value(115-commitHead-cellHead, 1))
	many := head
	for i := range byte(smallNeed.cells) + 1 {
		many = slices.Concat(many, []byte{1, i, 0, 1, 0xFF})
	}
	type put func(page int, h ringPage, payload []byte)
	for name, c := range map[string]struct {
		craft func(put)
		err   error
	}{
		"good":               {func(p put) { p(0, ringPage{0, 1, 9, 0}, one) }, nil},
		"good, and two":      {func(p put) { p(0, ringPage{0, 2, 9, 0}, full); p(1, ringPage{1, 2, 9, 0}, one[commitHead:]) }, nil},
		"number zero":        {func(p put) { p(0, ringPage{0, 1, 0, 0}, one) }, ErrUnformatted},
		"number zero beside": {func(p put) { p(0, ringPage{0, 1, 0, 0}, many); p(1, ringPage{0, 1, 9, 0}, one) }, nil},
		"no pages":           {func(p put) { p(0, ringPage{0, 0, 9, 0}, one) }, ErrUnformatted},
		"index too high":     {func(p put) { p(0, ringPage{1, 1, 9, 0}, one) }, ErrUnformatted},
		"only the first":     {func(p put) { p(0, ringPage{0, 2, 9, 0}, full) }, ErrUnformatted},
		"first is not full":  {func(p put) { p(0, ringPage{0, 2, 9, 0}, one); p(1, ringPage{1, 2, 9, 0}, one[commitHead:]) }, ErrUnformatted},
		"numbers differ":     {func(p put) { p(0, ringPage{0, 2, 9, 0}, full); p(1, ringPage{1, 2, 8, 0}, one[commitHead:]) }, ErrUnformatted},
		"lengths differ":     {func(p put) { p(0, ringPage{0, 3, 9, 0}, full); p(1, ringPage{1, 2, 9, 0}, one[commitHead:]) }, ErrUnformatted},
		"wrong order":        {func(p put) { p(1, ringPage{0, 2, 9, 0}, full); p(0, ringPage{1, 2, 9, 0}, one[commitHead:]) }, ErrUnformatted},
		"other page between": {func(p put) {
			p(0, ringPage{0, 2, 9, 0}, full)
			p(1, ringPage{1, 2, 8, 0}, one)
			p(2, ringPage{1, 2, 9, 0}, one[commitHead:])
		}, ErrUnformatted},
		"page between":       {func(p put) { p(0, ringPage{0, 2, 9, 0}, full); p(2, ringPage{1, 2, 9, 0}, one[commitHead:]) }, ErrUnformatted},
		"longer than any":    {func(p put) { putLong(p, full) }, ErrUnformatted},
		"no head":            {func(p put) { p(0, ringPage{0, 1, 9, 0}, one[:commitHead-1]) }, errRecord},
		"record's head cut":  {func(p put) { p(0, ringPage{0, 1, 9, 0}, one[:commitHead+3]) }, errRecord},
		"record's value cut": {func(p put) { p(0, ringPage{0, 1, 9, 0}, one[:commitHead+4]) }, errRecord},
		"too many cells":     {func(p put) { p(0, ringPage{0, 1, 9, 0}, many) }, errRecord},
	} {
		flash := newChip(32, 128)
		c.craft(func(page int, h ringPage, payload []byte) {
			h.size = copy(flash.pages[page][pageHead:], payload)
			h.complete(flash.pages[page])
		})
		_, err := keep(flash, smallNeed)
		require.ErrorIs(t, err, c.err, name)
	}
}

// putLong puts a commit of more pages than a ring writes.
func putLong(put func(int, ringPage, []byte), payload []byte) {
	for i := range 30 {
		put(i, ringPage{i, 30, 9, 0}, payload)
	}
}

// TestRingRefusesPagesOfOthers changes what a header says of itself, checksum and
// all.
func TestRingRefusesPagesOfOthers(t *testing.T) {
	for name, change := range map[string]func(page []byte){
		"magic":            func(page []byte) { page[0] = ringMagic - 2 },
		"payload too long": func(page []byte) { page[7], page[8] = 0xFF, 0xFF },
	} {
		flash := blankRing(t, 32, 128, smallNeed)
		change(flash.pages[0])
		binary.BigEndian.PutUint32(flash.pages[0][9:], pageSum(flash.pages[0]))
		_, err := keep(flash, smallNeed)
		require.ErrorIs(t, err, ErrUnformatted, name)
	}
}

// TestRingTakesAGreaterCapacity loads a ring that is filled to its capacity with
// a greater one, as new software in an old lock does, and cuts the power in its
// first commit.
func TestRingTakesAGreaterCapacity(t *testing.T) {
	rounds := 300
	if testing.Short() {
		rounds = 60
	}
	r := rand.New(rand.NewPCG(8, 8))
	for range rounds {
		small := capacity{cells: 20, values: 1800, value: 1 + r.IntN(300)}
		small.change = recordSize(small.value) * (1 + r.IntN(3))
		large := capacity{cells: 25, values: 2200, value: 300 + r.IntN(300)}
		large.change = small.change + recordSize(large.value)
		pages := max(fewest(small, 128, greatestRate), fewest(large, 128, greatestRate))
		flash := blankRing(t, pages, 128, small)
		k, err := keep(flash, small)
		require.NoError(t, err)
		for range 50 + r.IntN(200) {
			require.NoError(t, k.commit(anchor{}, fill(k, func() int { return 1 + r.IntN(small.value) }, func(int) int { return r.IntN(20) })...))
		}
		values := k.values
		for operation := 0; ; operation++ {
			dark := flash.copyOf()
			k, err := keep(dark, large)
			require.NoError(t, err)
			require.Equal(t, loaded{}, k.loaded)
			require.Equal(t, values, k.values)
			changes := fill(k, func() int { return large.value }, func(int) int { return 20 + r.IntN(5) })
			dark.left, dark.torn = operation, firstBytes(128)
			if k.commit(anchor{}, changes...) == nil {
				requirePlan(t, k.ring)
				break
			}
			require.True(t, dark.dark)
			dark.dark = false
			k, err = keep(dark, large)
			require.NoError(t, err)
			if next := after(values, changes); len(k.values) != len(next) {
				require.Equal(t, values, k.values)
			}
			require.NoError(t, k.commit(anchor{}, changes...))
			requirePlan(t, k.ring)
		}
	}
}

func TestRingRefusesAFlashThatItCannotUse(t *testing.T) {
	_, err := newRing(nil, smallNeed)
	require.ErrorIs(t, err, ErrFlash)
	for _, geometry := range [][2]int{{100, 127}, {100, 1<<15 + 1}, {0, 128}, {maxPages + 1, 128}} {
		_, err := newRing(newChip(geometry[0], geometry[1]), smallNeed)
		require.ErrorIs(t, err, ErrFlash, geometry)
	}
	least := fewest(smallNeed, 128, greatestRate)
	_, err = newRing(newChip(least-1, 128), smallNeed)
	require.ErrorIs(t, err, ErrFlash)
	require.ErrorContains(t, err, fmt.Sprintf("12 cells with 700 bytes and commits of 350 bytes need %d pages of 128 bytes, not %d", least, least-1))
	_, err = newRing(newChip(least, 128), smallNeed)
	require.NoError(t, err)
	_, err = newRing(newChip(maxPages, 128), capacity{cells: 2, values: 60_000, value: 30_000, change: 30_004})
	require.ErrorIs(t, err, ErrFlash, "a commit has at most 255 pages")
}

func TestRingWithoutAStateIsRefused(t *testing.T) {
	_, err := keep(newChip(32, 128), smallNeed)
	require.ErrorIs(t, err, ErrUnformatted)
}

// TestRingRefusesEveryChangedByte changes every byte of the only commit.
func TestRingRefusesEveryChangedByte(t *testing.T) {
	flash := blankRing(t, 32, 128, smallNeed)
	for i := range 128 {
		for _, bit := range []byte{0x01, 0x80, 0xFF} {
			damaged := flash.copyOf()
			damaged.pages[0][i] ^= bit
			_, err := keep(damaged, smallNeed)
			require.ErrorIs(t, err, ErrUnformatted, "byte %d", i)
		}
	}
}

func TestRingFormatForgetsEverything(t *testing.T) {
	flash := blankRing(t, 32, 128, smallNeed)
	k, err := keep(flash, smallNeed)
	require.NoError(t, err)
	for i := range 40 {
		require.NoError(t, k.commit(anchor{floor: 9}, record{cell{1, byte(i % 5)}, value(40, 1)}))
	}
	require.NoError(t, k.format())
	k.values = map[cell]string{}
	for range 2 {
		require.NoError(t, k.commit(anchor{floor: 1}, record{cell{3, 3}, value(3, 3)}))
	}
	k, err = keep(flash, smallNeed)
	require.NoError(t, err)
	require.Equal(t, map[cell]string{{3, 3}: "\x03\x03\x03"}, k.values)
	require.Equal(t, loaded{anchor: anchor{floor: 1}}, k.loaded)
}

// TestRingRefusesWhatItHasNoRoomFor asks for more than the capacity, and for less
// again.
func TestRingRefusesWhatItHasNoRoomFor(t *testing.T) {
	flash := blankRing(t, 32, 128, smallNeed)
	k, err := keep(flash, smallNeed)
	require.NoError(t, err)
	require.NoError(t, k.commit(anchor{}, record{cell{1, 1}, value(300, 1)}))
	require.NoError(t, k.commit(anchor{}, record{cell{1, 2}, value(300, 1)}))
	before := flash.total()
	many := []record{}
	for i := range 12 {
		many = append(many, record{cell{2, byte(i)}, value(1, 1)})
	}
	for name, c := range map[string]struct {
		changes []record
		err     error
	}{
		"a value":  {[]record{{cell{1, 1}, value(301, 1)}}, errFull},
		"a commit": {[]record{{cell{1, 1}, value(290, 1)}, {cell{1, 2}, value(60, 1)}}, errFull},
		"values":   {[]record{{cell{1, 3}, value(101, 1)}}, errFull},
		"cells":    {many, errFull},
		"twice":    {[]record{{cell{1, 1}, value(1, 1)}, {cell{1, 1}, nil}}, errTwice},
	} {
		require.ErrorIs(t, k.commit(anchor{}, c.changes...), c.err, name)
		require.Equal(t, before, flash.total(), name)
	}
	require.NoError(t, k.commit(anchor{}, record{cell{1, 3}, value(100, 1)}))
	require.NoError(t, k.commit(anchor{}, record{cell{1, 2}, nil}, record{cell{1, 4}, value(300, 1)}))
	k.number = math.MaxUint32
	require.ErrorIs(t, k.commit(anchor{}), errFull)
}

// TestRingNeedsTheValuesThatWereCommitted gives it others for what it copies.
func TestRingNeedsTheValuesThatWereCommitted(t *testing.T) {
	flash := blankRing(t, 32, 128, smallNeed)
	k, err := keep(flash, smallNeed)
	require.NoError(t, err)
	require.NoError(t, k.commit(anchor{}, record{cell{1, 1}, value(20, 1)}))
	k.values[cell{1, 1}] = "longer than it was before"
	require.ErrorIs(t, k.commit(anchor{}, record{cell{1, 2}, value(20, 1)}), errCurrent)
	again, err := keep(flash, smallNeed)
	require.NoError(t, err)
	require.Equal(t, map[cell]string{{1, 1}: string(value(20, 1))}, again.values)
}

// TestRingDoesNotBringADeletedCellBack deletes a cell whose older values stand in
// many pages, and goes round until all of those are overwritten.
func TestRingDoesNotBringADeletedCellBack(t *testing.T) {
	flash := blankRing(t, 40, 128, smallNeed)
	k, err := keep(flash, smallNeed)
	require.NoError(t, err)
	for turn := range 30 {
		for i := range turn {
			require.NoError(t, k.commit(anchor{}, record{cell{1, 1}, value(30, byte(i))}, record{cell{1, 2}, value(30, byte(i))}))
		}
		require.NoError(t, k.commit(anchor{}, record{cell{1, 1}, nil}))
		for range 90 {
			k, err = keep(flash, smallNeed)
			require.NoError(t, err)
			require.NotContains(t, k.values, cell{1, 1})
			require.NoError(t, k.commit(anchor{}, record{cell{1, 3}, value(10, 3)}))
		}
	}
}

func TestAnchorNeverFalls(t *testing.T) {
	for name, c := range map[string]struct{ a, b, want anchor }{
		"higher":              {anchor{1, 10, 20, 30}, anchor{1, 11, 21, 31}, anchor{1, 11, 21, 31}},
		"lower":               {anchor{1, 10, 20, 30}, anchor{1, 9, 19, 29}, anchor{1, 10, 20, 30}},
		"each for itself":     {anchor{1, 10, 20, 30}, anchor{1, 9, 21, 29}, anchor{1, 10, 21, 30}},
		"reset":               {anchor{1, 10, 20, 30}, anchor{2, 5, 19, 31}, anchor{2, 5, 20, 31}},
		"from before a reset": {anchor{2, 5, 20, 30}, anchor{1, 10, 21, 29}, anchor{2, 5, 21, 30}},
	} {
		require.Equal(t, c.want, c.a.raised(c.b), name)
		require.Equal(t, c.want, c.b.raised(c.a), name)
	}
}

func TestRingRaisesItsAnchor(t *testing.T) {
	flash := blankRing(t, 32, 128, smallNeed)
	k, err := keep(flash, smallNeed)
	require.NoError(t, err)
	for _, a := range []anchor{{0, 10, 5, 7}, {0, 9, 6, 1}, {1, 3, 1, 1}, {0, 99, 0, 0}} {
		require.NoError(t, k.commit(a))
	}
	want := anchor{1, 3, 6, 7}
	require.Equal(t, want, k.anchor)
	for range 100 {
		require.NoError(t, k.commit(anchor{}))
		again, err := keep(flash, smallNeed)
		require.NoError(t, err)
		require.Equal(t, loaded{anchor: want}, again.loaded)
	}
}

func TestRingReadsEveryPageOnce(t *testing.T) {
	flash := blankRing(t, 37, 128, smallNeed)
	k, err := keep(flash, smallNeed)
	require.NoError(t, err)
	for i := range 200 {
		require.NoError(t, k.commit(anchor{}, record{cell{1, byte(i % 9)}, value(i%70, 1)}))
		flash.reads = 0
		_, err = keep(flash, smallNeed)
		require.NoError(t, err)
		require.Equal(t, 37, flash.reads)
	}
}

// TestRingNeverMixesTwoTries has the flash write a commit of three pages, tell of
// a failure at each of them, and cut the next commit of the same length.
func TestRingNeverMixesTwoTries(t *testing.T) {
	for failure := range 6 {
		for cut := range 6 {
			flash := blankRing(t, 32, 128, smallNeed)
			k, err := keep(flash, smallNeed)
			require.NoError(t, err)
			flash.left, flash.pretend, flash.torn = failure, true, firstBytes(128)
			require.ErrorIs(t, k.commit(anchor{}, record{cell{1, 1}, value(280, 0xAA)}), errDarkness)
			flash.left, flash.pretend, flash.torn = cut, false, firstBytes(0)
			require.ErrorIs(t, k.commit(anchor{}, record{cell{1, 1}, value(280, 0xBB)}), errDarkness)
			flash.dark = false
			again, err := keep(flash, smallNeed)
			require.NoError(t, err)
			if failure == 5 && cut == 0 {
				require.Equal(t, map[cell]string{{1, 1}: string(value(280, 0xAA))}, again.values)
			} else {
				require.Empty(t, again.values, "failure %d, cut %d", failure, cut)
			}
		}
	}
}

func TestRingPassesOnTheErrorsOfTheFlashAndOfTheCaller(t *testing.T) {
	flash := blankRing(t, 32, 128, smallNeed)
	k, err := keep(flash, smallNeed)
	require.NoError(t, err)
	require.NoError(t, k.commit(anchor{}, record{cell{1, 1}, value(3, 1)}))
	_, err = k.load(func(cell, []byte) error { return errRecord })
	require.ErrorIs(t, err, errRecord)
	flash.dark = true
	_, err = keep(flash, smallNeed)
	require.ErrorIs(t, err, errDarkness)
	require.ErrorIs(t, k.format(), errDarkness)
}
