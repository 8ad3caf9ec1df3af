package lock

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// chip is a flash for tests inside the package.  It counts, and loses its power
// where it is told to.
type chip struct {
	size    int
	pages   [][]byte
	clean   []byte // an erased page
	erased  []int  // how often each page was
	reads   int
	left    int  // erases and programs until the power goes; negative: never
	torn    torn // what becomes of the page then
	dark    bool // the power is gone
	pretend bool // the operation in which it goes is done, and only told to have failed
}

// torn returns what is left of a page that the power left, as locktest.Torn does.
type torn func(before, after []byte) []byte

var errDarkness = errors.New("power lost")

func newChip(pages, size int) *chip {
	c := &chip{size: size, left: -1, erased: make([]int, pages), clean: blank(size)}
	for range pages {
		c.pages = append(c.pages, blank(size))
	}
	return c
}

func blank(size int) []byte { return bytes.Repeat([]byte{0xFF}, size) }

func (c *chip) PageSize() int { return c.size }
func (c *chip) Pages() int    { return len(c.pages) }

func (c *chip) Read(page int, p []byte) error {
	if c.dark {
		return errDarkness
	}
	c.reads++
	copy(p, c.pages[page])
	return nil
}

func (c *chip) Erase(page int) error {
	c.erased[page]++
	return c.do(page, c.clean)
}

func (c *chip) Program(page int, p []byte) error {
	if !c.dark && !bytes.Equal(c.pages[page], c.clean) {
		return errors.New("page is not erased")
	}
	return c.do(page, p)
}

func (c *chip) do(page int, p []byte) error {
	if c.dark {
		return errDarkness
	}
	if c.left == 0 {
		c.dark = !c.pretend
		c.left = -1
		copy(c.pages[page], c.torn(bytes.Clone(c.pages[page]), p))
		return errDarkness
	}
	c.left--
	copy(c.pages[page], p)
	return nil
}

// total returns how many pages were erased.
func (c *chip) total() int {
	n := 0
	for _, e := range c.erased {
		n += e
	}
	return n
}

// copyOf returns a chip with the same content, under power.
func (c *chip) copyOf() *chip {
	d := newChip(len(c.pages), c.size)
	for i, p := range c.pages {
		copy(d.pages[i], p)
	}
	return d
}

// ringTears returns the ways in which a page can be left: the first bytes
// changed, or some bits.
func ringTears() []torn {
	all := []torn{firstBytes(0), firstBytes(1), firstBytes(9), firstBytes(pageHead), firstBytes(127), firstBytes(128)}
	step, seeds := 16, uint64(3)
	if testing.Short() {
		step, seeds = 64, 1
	}
	for n := step; n < 128; n += step {
		all = append(all, firstBytes(n))
	}
	for of8 := range uint64(7) {
		for seed := range seeds {
			all = append(all, someBits(of8+1, seed))
		}
	}
	return all
}

func firstBytes(n int) torn {
	return func(before, after []byte) []byte {
		copy(before, after[:n])
		return before
	}
}

func someBits(of8, seed uint64) torn {
	return func(before, after []byte) []byte {
		r := rand.New(rand.NewPCG(of8, seed))
		for i := range before {
			var mask byte
			for bit := range 8 {
				if r.Uint64N(8) < of8 {
					mask |= 1 << bit
				}
			}
			before[i] = before[i]&^mask | after[i]&mask
		}
		return before
	}
}

// keeper is what the lock is to its ring: all values, in RAM.
type keeper struct {
	*ring
	values map[cell]string
	loaded loaded
}

// requireSame checks that a ring that was loaded knows what the one knew that
// wrote.
func (k *keeper) requireSame(t testing.TB, again *keeper, at string) {
	t.Helper()
	require.Equal(t, k.values, again.values, at)
	require.Equal(t, k.index, again.index, at)
	require.Equal(t, []int{k.head, int(k.number), int(k.newest.number), k.newest.pages},
		[]int{again.head, int(again.number), int(again.newest.number), again.newest.pages}, at)
	require.Equal(t, loaded{anchor: k.anchor}, again.loaded, at)
}

// keep powers up on a flash.
func keep(f Flash, need capacity) (*keeper, error) {
	r, err := newRing(f, need)
	if err != nil {
		return nil, err
	}
	k := &keeper{ring: r, values: map[cell]string{}}
	k.loaded, err = r.load(func(c cell, value []byte) error {
		if delete(k.values, c); len(value) > 0 {
			k.values[c] = string(value)
		}
		return nil
	})
	return k, err
}

// commit makes changes in flash, and then in RAM.
func (k *keeper) commit(a anchor, changes ...record) error {
	err := k.ring.commit(a, changes, func(c cell) []byte { return []byte(k.values[c]) })
	if err == nil {
		k.values = after(k.values, changes)
	}
	return err
}

// after returns the values after changes.
func after(values map[cell]string, changes []record) map[cell]string {
	next := map[cell]string{}
	for c, v := range values {
		next[c] = v
	}
	for _, c := range changes {
		if delete(next, c.cell); len(c.value) > 0 {
			next[c.cell] = string(c.value)
		}
	}
	return next
}

// blankRing returns a formatted flash.
func blankRing(t testing.TB, pages, size int, need capacity) *chip {
	t.Helper()
	c := newChip(pages, size)
	r, err := newRing(c, need)
	require.NoError(t, err)
	require.NoError(t, r.format())
	clear(c.erased)
	return c
}

// fewest returns the fewest pages that a need takes at a rate of at most so much.
func fewest(need capacity, size, rate int) int {
	for pages := 1; ; pages++ {
		if p, _ := need.planFor(pages, size-pageHead); p.rate > 0 && p.rate <= rate {
			return pages
		}
	}
}

// requirePlan checks what holds of a ring after every commit.
func requirePlan(t testing.TB, r *ring) {
	t.Helper()
	require.Greater(t, r.way(0), r.plan.most)
	before := 0
	for i := 0; i <= len(r.index); i++ {
		// Asked millions of times, so require is called for what fails alone.
		if needed, there := (4+r.plan.rate)*before, r.plan.rate*r.room()*(r.way(i)-r.plan.reserve()); needed > there {
			require.LessOrEqual(t, needed, there, "cell %d of %d, %+v", i, len(r.index), r.plan)
		}
		if i < len(r.index) {
			before += recordSize(int(r.index[i].size))
		}
	}
}
