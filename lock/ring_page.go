package lock

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"github.com/postern-lock/postern/credential"
)

// A commit takes one or more pages that follow each other, the first page
// following the last, and counts only when all of them are good.  Each page has a
// header of 13 bytes:
//
//	0  magic
//	1  index of the page in its commit
//	2  pages of the commit
//	3  number of the commit, big-endian, rising; not used again while a page bears it
//	7  bytes of payload in this page, big-endian
//	9  CRC-32 (IEEE) of all other bytes of the page
//
// What the payload leaves free is left erased.  The payloads of all pages
// together begin with 19 bytes:
//
//	0  number of the commit before this one, 0 in the first
//	4  pages of the commit before this one
//	5  anchor: resets (2 bytes), floor, sequence, version (4 bytes each)
//
// Records follow to the end: kind and index of the cell, length of the value in
// two bytes, the value.  A length of zero says that the cell is absent.
const (
	ringMagic  = 0x52
	pageHead   = 1 + 1 + 1 + 4 + 2 + 4
	linkHead   = 4 + 1
	commitHead = linkHead + 2 + 4 + 4 + 4
)

// ringPage is the header of one page.
type ringPage struct {
	index, pages int
	number       uint32
	size         int
}

// writer writes the payload of one commit page by page.
type writer struct {
	ring *ring
	head ringPage
}

// mark chooses what goes with a commit whose own payload is size bytes long: the
// k oldest cells, and of the others what fits into its last page, the older
// first.  What changes does not move.
func (r *ring) mark(k, size int, changes []record) {
	for i := range r.index {
		h := &r.index[i]
		if h.moved = i < k && !changed(changes, h.cell); h.moved {
			size += recordSize(int(h.size))
		}
	}
	free := r.pagesFor(size)*r.room() - size
	for i := k; i < len(r.index); i++ {
		h := &r.index[i]
		if n := recordSize(int(h.size)); n <= free && !changed(changes, h.cell) {
			h.moved = true
			free -= n
		}
	}
}

// write writes a commit: the changes, and the cells that are marked.  It counts
// only when all of it is written.  A number that failed is not used again, so
// that pages of two tries never make up one commit.
func (r *ring) write(a anchor, changes []record, current func(cell) []byte) error {
	size := commitHead + sizeOf(changes)
	for _, h := range r.index {
		if h.moved {
			size += recordSize(int(h.size))
		}
	}
	r.number++
	w := writer{r, ringPage{pages: r.pagesFor(size), number: r.number}}
	if err := w.addAll(a, changes, current); err != nil {
		return err
	}
	first := r.head
	r.head = (first + w.head.pages) % r.flash.Pages()
	r.newest = link{r.number, w.head.pages}
	r.anchor = a
	r.taken(first, changes)
	return nil
}

// addAll writes the payload.
func (w *writer) addAll(a anchor, changes []record, current func(cell) []byte) error {
	if err := w.add(a.head(w.ring.newest)); err != nil {
		return err
	}
	for _, c := range changes {
		if err := w.addRecord(c.cell, c.value); err != nil {
			return err
		}
	}
	for _, h := range w.ring.index {
		if !h.moved {
			continue
		}
		value := current(h.cell)
		if len(value) != int(h.size) {
			return fmt.Errorf("%w: %v has %d bytes, not %d", errCurrent, h.cell, len(value), h.size)
		}
		if err := w.addRecord(h.cell, value); err != nil {
			return err
		}
	}
	return w.program()
}

func (w *writer) addRecord(c cell, value []byte) error {
	head := [cellHead]byte{c.kind, c.index}
	binary.BigEndian.PutUint16(head[2:], uint16(len(value)))
	if err := w.add(head[:]); err != nil {
		return err
	}
	return w.add(value)
}

// add appends to the payload.
func (w *writer) add(part []byte) error {
	for len(part) > 0 {
		if w.head.size == w.ring.room() {
			if err := w.program(); err != nil {
				return err
			}
			w.head.index, w.head.size = w.head.index+1, 0
		}
		n := copy(w.ring.page[pageHead+w.head.size:], part)
		w.head.size, part = w.head.size+n, part[n:]
	}
	return nil
}

// program completes the page buffer and writes it to its place.
func (w *writer) program() error {
	r := w.ring
	w.head.complete(r.page)
	page := (r.head + w.head.index) % r.flash.Pages()
	if err := r.flash.Erase(page); err != nil {
		return fmt.Errorf("erase page %d: %w", page, err)
	}
	if err := r.flash.Program(page, r.page); err != nil {
		return fmt.Errorf("program page %d: %w", page, err)
	}
	return nil
}

// complete puts the header before the payload in a page, and leaves what is
// behind it erased.
func (h ringPage) complete(page []byte) {
	for i := pageHead + h.size; i < len(page); i++ {
		page[i] = 0xFF
	}
	page[0], page[1], page[2] = ringMagic, byte(h.index), byte(h.pages)
	binary.BigEndian.PutUint32(page[3:], h.number)
	binary.BigEndian.PutUint16(page[7:], uint16(h.size))
	binary.BigEndian.PutUint32(page[9:], pageSum(page))
}

// pageSum returns the CRC of a page.
func pageSum(page []byte) uint32 {
	sum := crc32.ChecksumIEEE(page[:9])
	return crc32.Update(sum, crc32.IEEETable, page[pageHead:])
}

// readPage reads a page into the page buffer.  It is not good if it was not
// written whole, or by nobody who writes commits as long as ours.
func (r *ring) readPage(page int) (h ringPage, good bool, err error) {
	if err := r.flash.Read(page, r.page); err != nil {
		return ringPage{}, false, fmt.Errorf("read page %d: %w", page, err)
	}
	b := r.page
	h = ringPage{int(b[1]), int(b[2]), binary.BigEndian.Uint32(b[3:]), int(binary.BigEndian.Uint16(b[7:]))}
	good = b[0] == ringMagic && h.number > 0 && binary.BigEndian.Uint32(b[9:]) == pageSum(b) && h.size <= r.room() &&
		h.pages <= min(r.plan.most, r.flash.Pages()) &&
		(h.index == h.pages-1 || h.size == r.room())
	return h, good, nil
}

// head returns the bytes that a commit begins with.
func (a anchor) head(before link) []byte {
	b := make([]byte, 0, commitHead)
	b = append(binary.BigEndian.AppendUint32(b, before.number), byte(before.pages))
	b = binary.BigEndian.AppendUint16(b, a.resets)
	b = binary.BigEndian.AppendUint32(b, uint32(a.floor))
	b = binary.BigEndian.AppendUint32(b, a.sequence)
	return binary.BigEndian.AppendUint32(b, a.version)
}

// decodeHead reads the first commitHead bytes of a commit.
func decodeHead(b []byte) (anchor, link) {
	before := link{binary.BigEndian.Uint32(b), int(b[4])}
	b = b[linkHead:]
	return anchor{
		resets:   binary.BigEndian.Uint16(b),
		floor:    credential.Time(binary.BigEndian.Uint32(b[2:])),
		sequence: binary.BigEndian.Uint32(b[6:]),
		version:  binary.BigEndian.Uint32(b[10:]),
	}, before
}

// room returns the bytes of payload that a page holds.
func (r *ring) room() int { return len(r.page) - pageHead }

// pagesFor returns how many pages a payload of the size takes.
func (r *ring) pagesFor(size int) int { return (size + r.room() - 1) / r.room() }
