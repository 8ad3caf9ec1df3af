package lock

import "math"

// plan says how a ring of some geometry keeps room for the next commit.
//
// Call B(i) the bytes of the i oldest records, as they would stand in a new
// commit, and W(i) the bytes of payload in the pages from the head to the commit
// that holds the next one.  After every commit of the caller's there is a rate,
// at most that of the plan, with which for every i
//
//	B(i) + B(i) / rate <= W(i) - reserve
//
// So the i oldest records can be copied, and commits that write 1/rate as much
// beside them, before the head comes nearer than the reserve to what is not yet
// copied.  A commit that writes b bytes and copies the oldest records of rate*b
// bytes with them leaves this as it was: W falls by (1+rate)*b for all that are
// left, and B by rate*b.  So does one that copies everything, since all that is
// alive then stands right behind the head, a whole round away, as long as
//
//	V + V / rate <= state
//
// for all bytes V that are alive.  A commit takes the lowest rate that keeps
// both.  It copies at most rate times what it writes, rounded up to whole records
// and pages, and nothing while there is room: the fuller a ring, the higher the
// rate.
//
// Where one commit does not hold all of this, others without a change go before
// it.  Each two of those that follow each other gain at least twice what they
// lose by their heads and their last pages.
type plan struct {
	rate  int // greatest, in quarters
	most  int // pages of the greatest commit
	state int // bytes, all pages but for what commits on their way may take
}

// greatestRate bounds the work of a commit, in quarters.  A higher one would
// serve a flash that is filled by more than eight ninths.
const greatestRate = 8 * 4

// reserve returns the pages ahead of the head that hold nothing alive when a
// commit begins.  During it one page may be lost to the ends of commits.
func (p plan) reserve() int { return p.most + 1 }

// planFor returns the plan with the lowest rate for which so many pages suffice,
// and the fewest pages for which one exists.  The rate is 0 where they do not
// suffice.
func (c capacity) planFor(pages, room int) (p plan, least int) {
	least = math.MaxInt
	alive := c.values + c.cells*cellHead
	change := upTo(commitHead+c.change, room)
	for rate := 1; rate <= greatestRate; rate++ {
		p := plan{rate: rate, most: max(change, upTo(commitHead+rate*c.loss(room), room))}
		if p.most > math.MaxUint8 {
			break
		}
		moving := p.most + p.reserve() + change // and a commit that copies, while the change is written
		want := moving + upTo(alive+upTo(4*alive, rate)+2*c.loss(room), room)
		if want <= pages {
			p.state = (pages-moving)*room - 2*c.loss(room)
			return p, want
		}
		least = min(least, want)
	}
	return plan{}, least
}

// loss returns the most bytes that a commit loses by its head and its last page.
func (c capacity) loss(room int) int { return commitHead + min(room, recordSize(c.value)) }

// upTo divides and rounds up.
func upTo(n, by int) int { return (n + by - 1) / by }

// rate returns the rate, in quarters, at which the changes are to be committed.
func (r *ring) rate(changes []record) int {
	before, kept := 0, 0
	rate := int64(1)
	atLeast := func(alive, room int64) {
		switch {
		case alive == 0:
		case alive >= room:
			rate = int64(r.plan.rate)
		default:
			rate = max(rate, (4*alive+room-alive-1)/(room-alive))
		}
	}
	for i, h := range r.index {
		atLeast(int64(before), int64(r.way(i)-r.plan.reserve())*int64(r.room()))
		before += recordSize(int(h.size))
		kept += r.moving(h, changes)
	}
	atLeast(int64(max(before, kept+sizeOf(changes))), int64(r.plan.state))
	return int(min(rate, int64(r.plan.rate)))
}

// choose returns how many of the oldest cells go with a commit of size bytes, of
// at least so many, so that the plan's inequality, times the rate, holds after it
// with so many bytes to spare: the fewest that do.  Where no number is enough, it
// returns the greatest that leaves room for one more commit, and false.
func (r *ring) choose(size, rate, least, spare int, changes []record) (k int, ok bool) {
	before := 0
	for _, h := range r.index {
		before += r.moving(h, changes)
	}
	page := int64(rate) * int64(r.room())
	room := min(r.plan.most, r.way(0)) // less than most only after damage, or where the capacity has risen
	worst := int64(math.MinInt64)
	for i := len(r.index); i >= least; i-- {
		if i < len(r.index) {
			before -= r.moving(r.index[i], changes)
		}
		way := r.way(i)
		worst = max(worst, int64(4+rate)*int64(before)-page*int64(way-r.plan.reserve()))
		n := r.pagesFor(size + before)
		if n > room || way-n < room {
			continue
		}
		if int64(4+rate)*int64(before)-page*int64(n) >= worst+4*int64(spare) {
			k, ok = i, true
		} else if !ok {
			k = max(k, i)
		}
	}
	return k, ok
}

// way returns the pages from the head to the commit of the i-th oldest cell, or
// all pages where there is no such cell.
func (r *ring) way(i int) int {
	if i < len(r.index) {
		return r.ahead(int(r.index[i].page))
	}
	return r.flash.Pages()
}

// moving returns the bytes that a cell takes in a commit with the changes, in
// which it goes unless it changes.
func (r *ring) moving(h held, changes []record) int {
	if changed(changes, h.cell) {
		return 0
	}
	return recordSize(int(h.size))
}

// whole returns the most bytes of a commit of size bytes with the oldest values
// that must go with it.
func (r *ring) whole(size, rate int) int {
	return size + upTo(rate*(size+r.room()), 4) + recordSize(r.need.value)
}

// excess returns by how much that could be longer than the greatest commit.
func (r *ring) excess(size, rate int) int {
	return r.whole(size, rate) - r.plan.most*r.room()
}

// most returns the pages that a commit of records of so many bytes erases and
// programs at most at the rate, those of the commits before it included.
func (r *ring) most(records, rate int) int {
	size := commitHead + records
	whole, over := r.whole(size, rate), r.excess(size, rate)
	if over <= 0 {
		return r.pagesFor(whole)
	}
	lost := upTo(r.need.loss(r.room())*(4+rate), 4)
	gain := r.plan.most*r.room() - commitHead - upTo(r.need.loss(r.room())*rate, 2) // of two that follow each other
	return r.pagesFor(whole + r.room() + 2*upTo(over, gain)*lost)
}
