package lock

import "math"

// plan says how a ring of some geometry keeps room for the next commit.
//
// Call B(i) the bytes of the i oldest records, as they would stand in a new
// commit, and W(i) the bytes of payload in the pages from the head to the commit
// that holds the next one.  After every commit of the caller's, for every i,
//
//	B(i) + B(i) / rate <= W(i) - reserve
//
// So the i oldest records can be copied, and commits that write 1/rate as much
// beside them, before the head comes nearer than the reserve to what is not yet
// copied.  A commit that writes b bytes and copies the oldest records of r*b bytes
// with them leaves this as it was: W falls by (1+rate)*b for all that are left,
// and B by rate*b.  So does one that copies everything, since all that is alive
// then stands right behind the head, a whole round away; the capacity is chosen
// so that this suffices.  A commit therefore copies at most rate times what it writes, rounded up to
// whole records and pages, and nothing at all while there is room.
//
// Commits without a change go first where one commit does not hold all of this.
// They are never longer than the greatest, and such that each two that follow each
// other gain at least twice what they lose by their heads and their last pages.
type plan struct {
	rate int // bytes of old records copied for one byte written, at most
	most int // pages of the greatest commit
}

// greatestRate bounds the work of a commit.  A higher one would serve a flash
// that is filled by more than eight ninths.
const greatestRate = 8

// reserve returns the pages ahead of the head that hold nothing alive when a
// commit begins.  During it one page may be lost to the ends of commits.
func (p plan) reserve() int { return p.most + 1 }

// planFor returns the plan with the lowest rate for which so many pages suffice, and
// the fewest pages for which one exists.  The rate is 0 where they do not suffice.
func (c capacity) planFor(pages, room int) (p plan, least int) {
	least = math.MaxInt
	state := c.values + c.cells*cellHead
	change := upTo(commitHead+c.change, room)
	lost := commitHead + min(room, recordSize(c.value)) // to the head and the last page of a commit
	for rate := 1; rate <= greatestRate; rate++ {
		most := max(change, upTo(commitHead+4*rate*lost, room))
		want := plan{rate, most}.reserve() + most + change + upTo(state+upTo(state, rate)+2*lost, room)
		if most > math.MaxUint8 {
			break
		}
		if want <= pages {
			return plan{rate, most}, want
		}
		least = min(least, want)
	}
	return plan{}, least
}

// upTo divides and rounds up.
func upTo(n, by int) int { return (n + by - 1) / by }

// choose returns how many of the oldest cells go with a commit of size bytes, of
// at least so many, so that the plan's inequality, times the rate, holds after it
// with so many bytes to spare: the fewest that do.  Where no number is enough, it returns the
// greatest that leaves room for one more commit, and false.
func (r *ring) choose(size, least, spare int, changes []record) (k int, ok bool) {
	rate, room := int64(r.plan.rate), int64(r.room())
	before := 0
	for _, h := range r.index {
		before += r.moving(h, changes)
	}
	worst := int64(math.MinInt64)
	for i := len(r.index); i >= least; i-- {
		if i < len(r.index) {
			before -= r.moving(r.index[i], changes)
		}
		way := r.way(i)
		worst = max(worst, (1+rate)*int64(before)-rate*room*int64(way-r.plan.reserve()))
		n := r.pagesFor(size + before)
		if n > min(r.plan.most, r.way(0)) || way-n < r.plan.most {
			continue
		}
		enough := (1+rate)*int64(before)-rate*room*int64(n) >= worst+int64(spare)
		if enough {
			k, ok = i, true
		} else if !ok {
			k = max(k, i)
		}
	}
	return k, ok
}

// way returns the pages from the head to the commit of the i-th oldest cell, or
// to the newest commit, which stays until the next one is whole.
func (r *ring) way(i int) int {
	if i < len(r.index) {
		return r.ahead(int(r.index[i].page))
	}
	return r.flash.Pages() - r.newest.pages
}

// moving returns the bytes that a cell takes in a commit with the changes, in
// which it goes unless it changes.
func (r *ring) moving(h held, changes []record) int {
	if changed(changes, h.cell) {
		return 0
	}
	return recordSize(int(h.size))
}

// excess returns by how much a commit of size bytes could exceed the pages of the
// greatest, if the oldest values that must go with it all did.
func (r *ring) excess(size int) int {
	return r.whole(size) - r.plan.most*r.room()
}

// whole returns the most bytes of a commit of size bytes with the oldest values
// that must go with it.
func (r *ring) whole(size int) int {
	return size + r.plan.rate*(size+r.room()) + recordSize(r.need.value)
}

// most returns the pages that a commit of records of so many bytes erases and
// programs at most, those of commits that go before it included.
func (r *ring) most(records int) int {
	size := commitHead + records
	whole := r.whole(size)
	over := r.excess(size)
	if over <= 0 {
		return r.pagesFor(whole)
	}
	lost := commitHead + min(r.room(), recordSize(r.need.value))
	gain := r.plan.most*r.room() - commitHead - 2*r.plan.rate*lost // of two commits that go before
	return r.pagesFor(whole + r.room() + 2*upTo(over, gain)*(1+r.plan.rate)*lost)
}
