package lock

import "encoding/binary"

// loaded is what a ring told when it was read.
type loaded struct {
	anchor anchor // highest values of all commits
	lost   int    // places where commits are missing that had been whole
}

// load reads every page of the flash once, in order, and hands over the values of
// all cells.  Of a cell that it meets more than once it may hand over an older
// value first, and then the newest; the last one counts, and an empty one says
// that the cell is absent.  A value is valid until apply returns.
//
// After a loss of power only what was being written is missing, and lost is 0:
// the state is that of the newest commit.  It is 0 also when the newest commits
// themselves have faded since, which cannot be told from a cut, and the state is
// that of the commit before them.  Where flash has lost anything else, lost says
// in how many places: then cells can be absent or have an older value beside the
// newer values of other cells.  The anchor does not fall by that, as long as the
// newest commit is good.  A loss is told until the ring has gone round.
//
// The error is ErrUnformatted where there is no commit at all, errRecord for what
// no ring writes, or that of the flash or of apply.
func (r *ring) load(apply func(c cell, value []byte) error) (loaded, error) {
	l := loader{ring: r, apply: apply, numbers: make([]uint32, 0, r.need.cells)}
	r.index, r.anchor, r.newest, r.number = r.index[:0], anchor{}, link{}, 0
	if err := l.scan(); err != nil {
		return loaded{}, err
	}
	if r.newest.number == 0 {
		return loaded{}, errNoState
	}
	l.join(l.last, l.first)
	if err := l.settle(); err != nil {
		return loaded{}, err
	}
	return loaded{r.anchor, l.lost}, nil
}

// loader is a ring that is being read.  While it is, the index has a cell that
// was deleted too, with the size zero.
type loader struct {
	ring    *ring
	apply   func(cell, []byte) error
	numbers []uint32 // of the commits that the cells of the index stand in

	first, last span // of the good commits, in the order of the pages
	lost        int
}

// span is a good commit: where it stands, and what it says of the one before.
type span struct {
	link
	page   int
	before link
}

// piece is a commit of which some pages were read, one after the other.
type piece struct {
	ringPage
	next    int // index that comes next
	payload []byte
}

// follows reports whether the page comes next in the piece.
func (p *piece) follows(h ringPage) bool {
	return p.next > 0 && h.number == p.number && h.pages == p.pages && h.index == p.next
}

// begin makes the page the first one of the piece, and add the next one.
func (p *piece) begin(h ringPage, payload []byte) {
	*p = piece{h, h.index, p.payload[:0]}
	p.add(h, payload)
}

func (p *piece) add(h ringPage, payload []byte) {
	p.next = h.index + 1
	p.payload = append(p.payload, payload[pageHead:pageHead+h.size]...)
}

// scan reads all pages.  The end of a commit that began on the last pages is read
// first, and kept.
func (l *loader) scan() error {
	r := l.ring
	var now, tail piece
	for page := range r.flash.Pages() {
		h, good, err := r.readPage(page)
		if err != nil {
			return err
		}
		switch {
		case !good:
			now = piece{payload: now.payload}
			continue
		case h.index == 0:
			now.begin(h, r.page)
		case now.follows(h):
			now.add(h, r.page)
		case page == 0:
			tail.begin(h, r.page)
		case tail.follows(h):
			tail.add(h, r.page)
		default:
			now = piece{payload: now.payload}
		}
		r.number = max(r.number, h.number)
		if now.next == h.pages && now.number == h.number {
			if err := l.take(&now, page+1-h.pages); err != nil {
				return err
			}
		}
	}
	if tail.next == tail.pages && now.follows(tail.ringPage) {
		now.payload = append(now.payload, tail.payload...)
		return l.take(&now, r.flash.Pages()-now.next)
	}
	return nil
}

// take takes over a good commit that begins at the page.
func (l *loader) take(p *piece, page int) error {
	if len(p.payload) < commitHead {
		return errRecord
	}
	r := l.ring
	a, before := decodeHead(p.payload)
	r.anchor = r.anchor.raised(a)
	s := span{link{p.number, p.pages}, page, before}
	if l.first.number == 0 {
		l.first = s
	} else {
		l.join(l.last, s)
	}
	l.last = s
	if p.number > r.newest.number {
		r.newest = s.link
		r.head = (page + p.pages) % r.flash.Pages()
	}
	for b := p.payload[commitHead:]; len(b) > 0; {
		if len(b) < cellHead {
			return errRecord
		}
		size := recordSize(int(binary.BigEndian.Uint16(b[2:])))
		if len(b) < size {
			return errRecord
		}
		if err := l.meet(cell{b[0], b[1]}, b[cellHead:size], page, p.number); err != nil {
			return err
		}
		b = b[size:]
	}
	p.next = 0
	return nil
}

// meet hands over a record if it is the newest one of its cell so far.
func (l *loader) meet(c cell, value []byte, page int, number uint32) error {
	r := l.ring
	i := 0
	for i < len(r.index) && r.index[i].cell != c {
		i++
	}
	switch {
	case i == r.need.cells:
		return errRecord
	case i == len(r.index):
		r.index = append(r.index, held{cell: c})
		l.numbers = append(l.numbers, 0)
	case number <= l.numbers[i]:
		return nil
	}
	r.index[i].page, r.index[i].size, l.numbers[i] = uint16(page), uint16(len(value)), number
	return l.apply(c, value)
}

// join compares two good commits, of which b comes next in the pages after a, and
// after the last comes the first.  Each names the one before it.  Where b is the
// older, the next commits are going to be written between them, and one that was
// cut can have begun there: what is missing counts only if it stood out of its
// reach.
func (l *loader) join(a, b span) {
	r := l.ring
	if b.number > a.number {
		if b.before.number != a.number {
			l.lost++
		}
		return
	}
	n := r.flash.Pages()
	between := (b.page - a.page - a.pages + 2*n) % n
	if b.before.number != 0 && between-b.before.pages >= r.plan.most {
		l.lost++
	}
}

// settle leaves in the index what is there.  Nothing alive stands within a
// commit's length of the head: what is found there although something was lost
// has been changed since, by a commit that was lost.
func (l *loader) settle() error {
	r := l.ring
	kept := r.index[:0]
	for _, h := range r.index {
		if h.size == 0 {
			continue
		}
		if l.lost > 0 && r.ahead(int(h.page)) < r.plan.most {
			if err := l.apply(h.cell, nil); err != nil {
				return err
			}
			continue
		}
		kept = append(kept, h)
	}
	r.index = kept
	r.order()
	return nil
}
