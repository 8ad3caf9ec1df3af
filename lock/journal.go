package lock

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"iter"
	"slices"
)

// A journal keeps commits in flash so that a commit is there whole or not at
// all (section 7.1).  The pages form two banks.  A bank begins with a snapshot of
// the whole state, and changes follow it; when a bank is full, the next commit
// is a snapshot at the start of the other bank.  A commit takes one or more
// pages, each with the header below; it counts only when all its pages are
// there.
//
//	0  magic         4  number of the commit, big-endian, rising
//	1  kind          8  bytes of payload in this page, big-endian
//	2  index        10  CRC-32 (IEEE) of bytes 0 to 9 and the payload
//	3  pages        14  payload
type journal struct {
	flash  Flash
	page   []byte // buffer of one page
	bank   int    // active bank
	next   int    // next free page of the bank, counted from its start
	number uint32 // number of the newest commit
}

const (
	journalMagic  = 0x50
	kindSnapshot  = 1
	kindChange    = 2
	journalHeader = 14
	minPageSize   = 128
	maxPageSize   = 1 << 15
	maxPages      = 1 << 16
)

// ErrUnformatted says that the flash holds no state of a lock: [Format] was never
// called on it, or what it holds is damaged beyond use.
var ErrUnformatted = errors.New("flash holds no state")

// ErrFlash says that a flash cannot be used: it is missing, has the wrong
// geometry, or is too small for what a lock keeps.
var ErrFlash = errors.New("flash cannot be used")

var (
	errGeometry = fmt.Errorf("%w: want an even number of pages of at least 128 bytes", ErrFlash)
	errNoState  = fmt.Errorf("%w: format it at manufacture, and never after", ErrUnformatted)
	errFull     = fmt.Errorf("%w: it is too small for the state", ErrFlash)
)

// newJournal checks the geometry of the flash.
func newJournal(f Flash) (*journal, error) {
	if f == nil {
		return nil, fmt.Errorf("%w: it is missing", ErrFlash)
	}
	size, pages := f.PageSize(), f.Pages()
	if size < minPageSize || size > maxPageSize || pages < 2 || pages > maxPages || pages%2 != 0 {
		return nil, errGeometry
	}
	return &journal{flash: f, page: make([]byte, size)}, nil
}

// load hands the newest snapshot and every change after it to apply, in the
// order of their numbers.
//
// After a loss of power only what was being written can be missing.  Where
// flash has lost more than that, by age or by an attack on a half-written page,
// load does not fall back to an older state: it leaves out what is lost and
// goes on with what came after, in either bank, so that what rises by the
// commits does not fall.
func (j *journal) load(apply func(payload []byte) error) error {
	found, highest, err := j.scan()
	if err != nil {
		return err
	}
	base := -1
	for i, c := range found {
		if c.kind == kindSnapshot && (base < 0 || c.number > found[base].number) {
			base = i
		}
	}
	if base < 0 {
		return errNoState
	}
	start := found[base]
	later := slices.DeleteFunc(found, func(c commit) bool { return c.number < start.number })
	slices.SortFunc(later, func(a, b commit) int { return cmp.Compare(a.number, b.number) })
	j.bank, j.next = start.bank, 0
	for _, c := range later {
		payload, _, err := j.readCommit(c.bank, c.at)
		if err != nil {
			return err
		}
		if err := apply(payload); err != nil {
			return err
		}
		if c.bank == start.bank {
			j.next = c.at + c.pages
		} else {
			j.next = j.bankPages() // its bank lost its snapshot: write a new one, over the older bank
			j.bank = c.bank
		}
	}
	j.number = highest
	return nil
}

// commit is where a whole commit stands.
type commit struct {
	kind            byte
	number          uint32
	bank, at, pages int
}

// scan finds all whole commits of both banks, and the highest number on any
// page.  Numbers are not used twice, not even those of commits that were cut.
func (j *journal) scan() (found []commit, highest uint32, err error) {
	for bank := range 2 {
		for at := 0; at < j.bankPages(); at++ {
			h, err := j.readPage(bank, at)
			if err != nil {
				return nil, 0, err
			}
			highest = max(highest, h.number)
			if h.kind == 0 || h.index != 0 {
				continue
			}
			if _, pages, err := j.readCommit(bank, at); err == nil {
				found = append(found, commit{h.kind, h.number, bank, at, pages})
			} else if !errors.Is(err, errNoCommit) {
				return nil, 0, err
			}
		}
	}
	return found, highest, nil
}

// holds reports whether a bank holds a snapshot and a change of these lengths.
func (j *journal) holds(snapshot, change int) bool {
	return j.pagesFor(snapshot)+j.pagesFor(change) <= j.bankPages()
}

// add writes a change; where the bank is full, it writes the snapshot of the
// state before it, of the size, and the change behind that into the other bank.
func (j *journal) add(change []byte, size int, snapshot iter.Seq[[]byte]) error {
	if j.next+j.pagesFor(len(change)) <= j.bankPages() {
		return j.write(j.bank, j.next, kindChange, len(change), func(yield func([]byte) bool) { yield(change) })
	}
	return j.write(1-j.bank, 0, kindSnapshot, size+len(change), func(yield func([]byte) bool) {
		for part := range snapshot {
			if !yield(part) {
				return
			}
		}
		yield(change)
	})
}

// write programs one commit, whose payload comes in parts and is size bytes
// long, page by page.  It takes it over only when all of it is written.  A number
// that failed is not used again, so that pages of two tries never make up one
// commit.
func (j *journal) write(bank, at int, kind byte, size int, payload iter.Seq[[]byte]) error {
	pages := j.pagesFor(size)
	if pages > j.bankPages()-at || pages > 255 {
		return errFull
	}
	j.number++
	h := pageHeader{kind: kind, pages: byte(pages), number: j.number}
	for part := range payload {
		for len(part) > 0 {
			if h.size == j.room() {
				if err := j.program(bank, at, h); err != nil {
					return err
				}
				h.index, h.size = h.index+1, 0
			}
			n := copy(j.page[journalHeader+h.size:], part)
			h.size, part = h.size+n, part[n:]
		}
	}
	if err := j.program(bank, at, h); err != nil {
		return err
	}
	j.bank, j.next = bank, at+pages
	return nil
}

// program completes the page buffer and writes it to its place in the commit at
// the page of the bank.
func (j *journal) program(bank, at int, h pageHeader) error {
	j.encodePage(h)
	page := bank*j.bankPages() + at + int(h.index)
	if err := j.flash.Erase(page); err != nil {
		return fmt.Errorf("erase page %d: %w", page, err)
	}
	if err := j.flash.Program(page, j.page); err != nil {
		return fmt.Errorf("program page %d: %w", page, err)
	}
	return nil
}

func (j *journal) bankPages() int { return j.flash.Pages() / 2 }
func (j *journal) room() int      { return len(j.page) - journalHeader }

// pagesFor returns how many pages a payload of the size takes.
func (j *journal) pagesFor(size int) int {
	return max(1, (size+j.room()-1)/j.room())
}

// pageHeader is the header of one page.
type pageHeader struct {
	kind, index, pages byte
	number             uint32
	size               int
}

// encodePage puts the header before the payload in the page buffer, and zeros
// behind it.
func (j *journal) encodePage(h pageHeader) {
	clear(j.page[journalHeader+h.size:])
	j.page[0], j.page[1], j.page[2], j.page[3] = journalMagic, h.kind, h.index, h.pages
	binary.BigEndian.PutUint32(j.page[4:], h.number)
	binary.BigEndian.PutUint16(j.page[8:], uint16(h.size))
	binary.BigEndian.PutUint32(j.page[10:], j.checksum(h.size))
}

// checksum returns the CRC of the page buffer with a payload of the size.
func (j *journal) checksum(size int) uint32 {
	sum := crc32.ChecksumIEEE(j.page[:10])
	return crc32.Update(sum, crc32.IEEETable, j.page[journalHeader:journalHeader+size])
}

// readPage reads a page of the bank into the page buffer.  A page that was not
// written whole has the kind zero.
func (j *journal) readPage(bank, at int) (pageHeader, error) {
	page := bank*j.bankPages() + at
	if err := j.flash.Read(page, j.page); err != nil {
		return pageHeader{}, fmt.Errorf("read page %d: %w", page, err)
	}
	size := int(binary.BigEndian.Uint16(j.page[8:]))
	if j.page[0] != journalMagic || size > j.room() || binary.BigEndian.Uint32(j.page[10:]) != j.checksum(size) {
		return pageHeader{}, nil
	}
	return pageHeader{
		kind: j.page[1], index: j.page[2], pages: j.page[3],
		number: binary.BigEndian.Uint32(j.page[4:]), size: size,
	}, nil
}

// errNoCommit says that no whole commit stands where one was looked for.
var errNoCommit = errors.New("no commit")

// readCommit returns the payload of the commit that begins at the page, and how
// many pages it takes.
func (j *journal) readCommit(bank, at int) (payload []byte, pages int, err error) {
	first, err := j.readPage(bank, at)
	if err != nil {
		return nil, 0, err
	}
	pages = int(first.pages)
	if first.kind == 0 || first.index != 0 || pages == 0 || pages > j.bankPages()-at {
		return nil, 0, errNoCommit
	}
	payload = append(make([]byte, 0, pages*j.room()), j.page[journalHeader:journalHeader+first.size]...)
	for i := 1; i < pages; i++ {
		h, err := j.readPage(bank, at+i)
		if err != nil {
			return nil, 0, err
		}
		if h.kind != first.kind || h.number != first.number || h.pages != first.pages || int(h.index) != i {
			return nil, 0, errNoCommit
		}
		payload = append(payload, j.page[journalHeader:journalHeader+h.size]...)
	}
	return payload, pages, nil
}
