package lock

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/postern-lock/postern/credential"
)

// A ring keeps the lock's state in flash so that a commit is there whole or not
// at all (section 7.1), that every commit takes a bounded number of pages, and
// that all pages wear alike.
//
// The state is a set of cells.  A commit writes the cells that changed to the
// pages behind the commit before it, and after the last page comes the first.
// Nothing is overwritten but the oldest pages, and what is alive in them was
// copied to a newer commit first: a commit takes with it as many of the oldest
// values as it must, and fills its last page with more of them.  How many it must
// is in ring_plan.go, the pages are in ring_page.go, and reading is in
// ring_load.go.
//
// Between power-ups the caller holds every value in RAM; a ring holds where each
// one stands and how long it is.
type ring struct {
	flash Flash
	page  []byte // buffer of one page
	need  capacity
	plan  plan
	index []held // cells that have a value, oldest commit first

	head   int    // page that the next commit begins at
	newest link   // newest commit
	number uint32 // highest number on any page, those of commits that were cut included
	anchor anchor // highest values of all commits
}

// cell names one part of the state.  What the two bytes mean is the caller's.
type cell struct{ kind, index byte }

// record is a cell with its value; without a value the cell is absent.
type record struct {
	cell  cell
	value []byte
}

// held says where the newest value of a cell stands.
type held struct {
	cell  cell
	page  uint16 // first page of the commit, all of whose pages the value needs
	size  uint16 // bytes of the value
	moved bool   // goes with the commit that is being written
}

// link names a commit and how many pages it takes.
type link struct {
	number uint32
	pages  int
}

// anchor is what never falls.  Every commit bears it, so that a commit that is
// lost does not take it along.  The floor falls only by a reset, which counts.
type anchor struct {
	resets   uint16
	floor    credential.Time
	sequence uint32 // of the newest log entry
	version  uint32 // of the policy
}

// raised returns the anchor with everything that is higher in b.  A floor counts
// only against floors since the same reset.
func (a anchor) raised(b anchor) anchor {
	switch {
	case b.resets > a.resets:
		a.resets, a.floor = b.resets, b.floor
	case b.resets == a.resets:
		a.floor = max(a.floor, b.floor)
	}
	a.sequence = max(a.sequence, b.sequence)
	a.version = max(a.version, b.version)
	return a
}

// capacity is the most that a ring is to hold.
type capacity struct {
	cells  int // different cells, those included that are absent at last
	values int // bytes of all values together
	value  int // bytes of one value
	change int // bytes of the records of one commit, recordSize for each
}

// recordSize returns the bytes that a value takes in a commit: the cell and the
// length, of two bytes each, stand before it.
func recordSize(value int) int { return cellHead + value }

const cellHead = 2 + 2

// Errors of a caller that breaks its word; the state in flash is as it was.
var (
	errTwice   = errors.New("a commit changes a cell twice")
	errCurrent = errors.New("the value of a cell is not the one that was committed")
)

// newRing checks that the flash can hold what is needed.  The error is ErrFlash.
//
// The capacity may rise from one version of a lock's software to the next, where
// the flash is large enough; the first commit then takes as many pages as it
// must.  The greatest change never falls, or commits of before could not be read.
func newRing(f Flash, need capacity) (*ring, error) {
	if f == nil {
		return nil, fmt.Errorf("%w: it is missing", ErrFlash)
	}
	size, pages := f.PageSize(), f.Pages()
	if size < minPageSize || size > maxPageSize || pages < 1 || pages > maxPages {
		return nil, fmt.Errorf("%w: %d pages of %d bytes; a page has %d to %d bytes, and there are at most %d",
			ErrFlash, pages, size, minPageSize, maxPageSize, maxPages)
	}
	p, least := need.planFor(pages, size-pageHead)
	if p.rate == 0 {
		return nil, fmt.Errorf("%w: %d cells with %d bytes and commits of %d bytes need %d pages of %d bytes, not %d",
			ErrFlash, need.cells, need.values, need.change, least, size, pages)
	}
	return &ring{flash: f, page: make([]byte, size), need: need, plan: p, index: make([]held, 0, need.cells)}, nil
}

// format erases the flash and writes a first commit without any cell.
func (r *ring) format() error {
	for page := range r.flash.Pages() {
		if err := r.flash.Erase(page); err != nil {
			return fmt.Errorf("erase page %d: %w", page, err)
		}
	}
	*r = ring{flash: r.flash, page: r.page, need: r.need, plan: r.plan, index: r.index[:0]}
	return r.write(anchor{}, nil, nil)
}

// commit makes the changes, all of them or none, and raises the anchor.  What
// current returns for a cell is its value as last committed or loaded, which is
// valid until current is called again.  A commit of n bytes of records programs
// at most r.most(n, r.rate(changes)) pages; a loss of power leaves the state
// before it or after it.
//
// Where the changes and the old values that must go with them are too long for
// one commit, commits without a change go before it, which move old values alone:
// a tap that is cut among them has less to do when it is repeated.
func (r *ring) commit(a anchor, changes []record, current func(cell) []byte) error {
	if err := r.check(changes); err != nil {
		return err
	}
	size, rate := commitHead+sizeOf(changes), r.rate(changes)
	for moved := 0; moved <= len(r.index); {
		if k, ok := r.choose(size, rate, 0, 0, changes); ok {
			r.mark(k, size, changes)
			return r.write(r.anchor.raised(a), changes, current)
		}
		k, _ := r.choose(commitHead, rate, 1, r.excess(size, rate), nil)
		if k == 0 {
			break
		}
		r.mark(k, commitHead, nil)
		if err := r.write(r.anchor, nil, current); err != nil {
			return err
		}
		moved += k
	}
	return fmt.Errorf("%w: no room for %d bytes", errFull, size)
}

// check holds the state after the changes to the capacity.
func (r *ring) check(changes []record) error {
	cells, values := 0, 0
	for _, h := range r.index {
		if !changed(changes, h.cell) {
			cells, values = cells+1, values+int(h.size)
		}
	}
	for i, c := range changes {
		if changed(changes[:i], c.cell) {
			return fmt.Errorf("%w: %v", errTwice, c.cell)
		}
		if len(c.value) > r.need.value {
			return fmt.Errorf("%w: a value of %d bytes, at most %d", errFull, len(c.value), r.need.value)
		}
		if len(c.value) > 0 {
			cells, values = cells+1, values+len(c.value)
		}
	}
	if size := sizeOf(changes); cells > r.need.cells || values > r.need.values || size > r.need.change {
		return fmt.Errorf("%w: %d cells, %d bytes, %d of them changed; at most %d, %d, %d", errFull,
			cells, values, size, r.need.cells, r.need.values, r.need.change)
	}
	if r.number == math.MaxUint32 {
		return fmt.Errorf("%w: commits are numbered to the end", errFull)
	}
	return nil
}

// taken brings the index to what a commit has written at the page: the changes,
// and the cells that were moved.
func (r *ring) taken(page int, changes []record) {
	r.index = slices.DeleteFunc(r.index, func(h held) bool { return changed(changes, h.cell) })
	for _, c := range changes {
		if len(c.value) > 0 {
			r.index = append(r.index, held{cell: c.cell, size: uint16(len(c.value)), moved: true})
		}
	}
	// What was written is the newest now, and the rest is in order already.
	slices.SortStableFunc(r.index, func(a, b held) int {
		switch {
		case a.moved == b.moved:
			return 0
		case a.moved:
			return 1
		}
		return -1
	})
	first := len(r.index)
	for first > 0 && r.index[first-1].moved {
		first--
		r.index[first].page, r.index[first].moved = uint16(page), false
	}
	slices.SortFunc(r.index[first:], func(a, b held) int {
		return cmp.Or(cmp.Compare(a.size, b.size), cmp.Compare(a.cell.kind, b.cell.kind), cmp.Compare(a.cell.index, b.cell.index))
	})
}

// order sorts the index by age, which is the way from the head, and within a
// commit in an order that does not hang on how the index came about.
func (r *ring) order() {
	slices.SortFunc(r.index, func(a, b held) int {
		return cmp.Or(
			cmp.Compare(r.ahead(int(a.page)), r.ahead(int(b.page))),
			cmp.Compare(a.size, b.size),
			cmp.Compare(a.cell.kind, b.cell.kind),
			cmp.Compare(a.cell.index, b.cell.index),
		)
	})
}

// ahead returns how many pages the head can go until it comes to the page.
func (r *ring) ahead(page int) int {
	if page < r.head {
		return page - r.head + r.flash.Pages()
	}
	return page - r.head
}

// changed reports whether the cell is among the changes.
func changed(changes []record, c cell) bool {
	return slices.ContainsFunc(changes, func(r record) bool { return r.cell == c })
}

// sizeOf returns the bytes of the records in a commit.
func sizeOf(records []record) int {
	size := 0
	for _, c := range records {
		size += recordSize(len(c.value))
	}
	return size
}
