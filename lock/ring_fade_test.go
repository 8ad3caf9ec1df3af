package lock

import (
	"errors"
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// past is a ring with all states that it had.
type past struct {
	*keeper
	flash  *chip
	states map[uint32]loadedState // by the number of the commit
	values map[cell]map[string]bool
}

type loadedState struct {
	anchor anchor
	values map[cell]string
}

var fadeNeed = capacity{cells: 15, values: 1050, value: 200, change: 350}

// newPast makes random commits, at least twice around.
func newPast(t *testing.T, r *rand.Rand) *past {
	t.Helper()
	flash := blankRing(t, fewest(fadeNeed, 128, greatestRate), 128, fadeNeed)
	k, err := keep(flash, fadeNeed)
	require.NoError(t, err)
	p := &past{k, flash, map[uint32]loadedState{}, map[cell]map[string]bool{}}
	p.note(1)
	for flash.total() < 5*len(flash.pages) {
		p.step(t, r)
	}
	return p
}

// step makes a random commit.
func (p *past) step(t *testing.T, r *rand.Rand) {
	t.Helper()
	before := p.number
	changes := []record{{cell{1, byte(r.IntN(12))}, value(30+r.IntN(21), byte(before))}}
	if r.IntN(3) == 0 {
		changes = append(changes, record{cell{2, byte(r.IntN(3))}, value(min(r.IntN(300), 1)*(50+r.IntN(101)), byte(before))})
	}
	require.NoError(t, p.commit(anchor{sequence: p.anchor.sequence + 1}, changes...))
	for n := before + 1; n < p.number; n++ {
		p.states[n] = p.states[before]
	}
	p.note(p.number)
}

func (p *past) note(number uint32) {
	p.states[number] = loadedState{p.anchor, maps.Clone(p.keeper.values)}
	for c, v := range p.keeper.values {
		if p.values[c] == nil {
			p.values[c] = map[string]bool{}
		}
		p.values[c][v] = true
	}
}

// fade damages pages.
func fade(flash *chip, r *rand.Rand, pages ...int) *chip {
	damaged := flash.copyOf()
	for _, page := range pages {
		damaged.pages[page][r.IntN(128)] ^= 1 << r.IntN(8)
	}
	return damaged
}

// requireHonest powers up on a damaged flash.  What it holds is a state that was,
// or it says that something is lost, and every value is one that the cell had.
func (p *past) requireHonest(t *testing.T, damaged *chip) *keeper {
	t.Helper()
	k, err := keep(damaged, fadeNeed)
	if err != nil {
		require.ErrorIs(t, err, ErrUnformatted)
		return nil
	}
	was := p.states[k.newest.number]
	require.Equal(t, was.anchor, k.anchor, "the newest commit that is left has the anchor of its time")
	if k.loaded.lost == 0 {
		require.Equal(t, was.values, k.values, "nothing is said to be lost")
	}
	for c, v := range k.values {
		require.True(t, p.values[c][v], "%v never had the value", c)
	}
	return k
}

// requireWorks goes on with a ring that has lost something, and around it.
func requireWorks(t *testing.T, k *keeper, damaged *chip, r *rand.Rand) {
	t.Helper()
	start := damaged.total()
	for i := 0; damaged.total()-start < 2*len(damaged.pages); i++ {
		require.NoError(t, k.commit(anchor{sequence: k.anchor.sequence + 1}, record{cell{1, byte(i % 12)}, value(1+r.IntN(30), byte(i))}))
		requirePlan(t, k.ring)
		if i%7 == 0 {
			again, err := keep(damaged, fadeNeed)
			require.NoError(t, err)
			require.Equal(t, k.values, again.values)
			require.Equal(t, k.anchor, again.anchor)
		}
	}
	again, err := keep(damaged, fadeNeed)
	require.NoError(t, err)
	require.Zero(t, again.loaded.lost, "the loss is forgotten after a round")
	requirePlan(t, again.ring)
}

// requireSurvivesCuts cuts the power in the first commit after a loss, which may
// have to copy far more than another.
func requireSurvivesCuts(t *testing.T, k *keeper, damaged *chip) {
	t.Helper()
	changes := []record{{cell{2, 1}, value(200, 0xCC)}, {cell{1, 1}, value(20, 0xCC)}}
	for operation := 0; ; operation++ {
		dark := damaged.copyOf()
		cut, err := keep(dark, fadeNeed)
		require.NoError(t, err)
		dark.left, dark.torn = operation, firstBytes(40)
		if cut.commit(k.anchor, changes...) == nil {
			return
		}
		dark.dark = false
		cut, err = keep(dark, fadeNeed)
		require.NoError(t, err)
		require.Equal(t, k.values, cut.values)
		require.NoError(t, cut.commit(k.anchor, changes...))
		cut, err = keep(dark, fadeNeed)
		require.NoError(t, err)
		require.Equal(t, after(k.values, changes), cut.values)
	}
}

// TestRingWithAPageThatFaded damages every single page of a ring in many states.
// The anchor must not fall, but for that of the newest commit itself, which looks
// like one that was cut.
func TestRingWithAPageThatFaded(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	p := newPast(t, r)
	states, silent, told := 60, 0, 0
	if testing.Short() {
		states = 15
	}
	for range states {
		for page := range p.flash.pages {
			damaged := fade(p.flash, r, page)
			k := p.requireHonest(t, damaged)
			require.NotNil(t, k)
			if p.ahead(page) < len(p.flash.pages)-p.newest.pages {
				require.Equal(t, p.newest, k.newest)
				require.Equal(t, p.anchor, k.anchor)
			} else {
				require.Equal(t, p.anchor.sequence-uint32(p.tries()), k.anchor.sequence)
			}
			if first := p.firstOf(t, page); p.ahead(first) >= p.plan.most && p.ahead(first) < len(p.flash.pages)-p.newest.pages {
				require.Positive(t, k.loaded.lost, "the next commit cannot have come so far")
			}
			if k.loaded.lost > 0 {
				told++
			} else {
				silent++
			}
			requireWorks(t, k, damaged, r)
		}
		p.step(t, r)
	}
	t.Logf("%d pages lost: told of %d, %d held nothing of the state or were the newest", told+silent, told, silent)
	require.Positive(t, told)
	require.Positive(t, silent)
}

// firstOf returns the page at which the commit on a page begins.
func (p *past) firstOf(t *testing.T, page int) int {
	t.Helper()
	h, good, err := p.readPage(page)
	require.NoError(t, err)
	require.True(t, good)
	return (page - h.index + len(p.flash.pages)) % len(p.flash.pages)
}

// tries returns by how much the sequence falls when the newest commit is lost.
func (p *past) tries() int {
	return int(p.anchor.sequence - p.states[p.newest.number-1].anchor.sequence)
}

// TestRingWithManyPagesThatFaded damages some pages by chance.
func TestRingWithManyPagesThatFaded(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	p := newPast(t, r)
	tries := 3000
	if testing.Short() {
		tries = 300
	}
	for range tries {
		pages := r.Perm(len(p.flash.pages))[:1+r.IntN(len(p.flash.pages))/(1+r.IntN(8))]
		damaged := fade(p.flash, r, pages...)
		if k := p.requireHonest(t, damaged); k != nil {
			requireSurvivesCuts(t, k, damaged)
			requireWorks(t, k, damaged, r)
		}
		p.step(t, r)
	}
}

// TestRingDropsWhatALostCommitHadChanged loses a commit that changed a cell whose
// older value still stands in the pages that come next.
func TestRingDropsWhatALostCommitHadChanged(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	p := newPast(t, r)
	dropped := 0
	for range 300 {
		for page := range p.flash.pages {
			damaged := fade(p.flash, r, page)
			given := map[cell]bool{}
			ring, err := newRing(damaged, fadeNeed)
			require.NoError(t, err)
			_, err = ring.load(func(c cell, value []byte) error {
				if given[c] && len(value) == 0 {
					dropped++
				}
				given[c] = len(value) > 0
				return nil
			})
			require.NoError(t, err)
			for _, h := range ring.index {
				require.GreaterOrEqual(t, ring.ahead(int(h.page)), ring.plan.most)
			}
		}
		p.step(t, r)
	}
	require.Positive(t, dropped)
}

func TestRingStopsWhereAPageFailsForGood(t *testing.T) {
	flash := &failing{chip: blankRing(t, 32, 128, smallNeed), page: 9}
	k, err := keep(flash, smallNeed)
	require.NoError(t, err)
	for err == nil {
		err = k.commit(anchor{sequence: k.anchor.sequence + 1}, record{cell{1, 1}, value(9, 9)})
	}
	require.ErrorIs(t, err, errWorn)
	require.ErrorContains(t, err, "erase page 9")
	again, err := keep(flash, smallNeed)
	require.NoError(t, err)
	require.Equal(t, k.anchor, again.anchor)
	require.Equal(t, k.values, again.values)
}

// failing is a flash of which a page cannot be erased.
type failing struct {
	*chip
	page int
}

var errWorn = errors.New("page is worn out")

func (f *failing) Erase(page int) error {
	if page == f.page {
		return errWorn
	}
	return f.chip.Erase(page)
}
