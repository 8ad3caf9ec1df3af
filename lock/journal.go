package lock

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// A journal keeps commits in flash so that a commit is there whole or not at
// all (section 7.1).  The pages form two banks.  A bank begins with a snapshot of
// the whole state, and changes follow it; when a bank is full, the next commit
// is a snapshot at the start of the other bank.  A commit takes one or more
// pages, each with the header below; it counts only when all its pages are
// there and its number follows the number before.
//
//	0  magic         4  number of the commit, big-endian, rising by one
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

var (
	errGeometry = errors.New("flash has the wrong geometry: an even number of pages of at least 128 bytes")
	errNoState  = errors.New("flash holds no state: format it at manufacture, and never after")
	errFull     = errors.New("flash is too small for the state")
)

// newJournal checks the geometry of the flash.
func newJournal(f Flash) (*journal, error) {
	size, pages := f.PageSize(), f.Pages()
	if size < minPageSize || size > maxPageSize || pages < 2 || pages > maxPages || pages%2 != 0 {
		return nil, errGeometry
	}
	return &journal{flash: f, page: make([]byte, size)}, nil
}

// load finds the newest snapshot and hands it and every change after it to
// apply, in order.
func (j *journal) load(apply func(payload []byte) error) error {
	bank, number, found := 0, uint32(0), false
	for b := range 2 {
		head, err := j.readPage(b, 0)
		if err != nil {
			return err
		}
		if head.kind != kindSnapshot || found && head.number <= number {
			continue
		}
		if _, _, err := j.readCommit(b, 0, kindSnapshot, head.number); errors.Is(err, errNoCommit) {
			continue
		} else if err != nil {
			return err
		}
		bank, number, found = b, head.number, true
	}
	if !found {
		return errNoState
	}
	j.bank, j.next, j.number = bank, 0, number-1
	for kind := byte(kindSnapshot); j.next < j.bankPages(); kind = kindChange {
		payload, pages, err := j.readCommit(bank, j.next, kind, j.number+1)
		if errors.Is(err, errNoCommit) {
			break
		}
		if err != nil {
			return err
		}
		if err := apply(payload); err != nil {
			return err
		}
		j.next, j.number = j.next+pages, j.number+1
	}
	return nil
}

// commit writes a change; where the bank is full, it writes the snapshot, which
// must hold the change already, into the other bank.
func (j *journal) commit(change []byte, snapshot func() []byte) error {
	if j.next+j.pagesFor(change) <= j.bankPages() {
		return j.write(j.bank, j.next, kindChange, change)
	}
	return j.write(1-j.bank, 0, kindSnapshot, snapshot())
}

// write programs one commit and takes it over only when all of it is written.
func (j *journal) write(bank, at int, kind byte, payload []byte) error {
	pages := j.pagesFor(payload)
	if pages > j.bankPages()-at || pages > 255 {
		return errFull
	}
	for i := range pages {
		part := payload[:min(len(payload), j.room())]
		payload = payload[len(part):]
		j.encodePage(pageHeader{kind: kind, index: byte(i), pages: byte(pages), number: j.number + 1}, part)
		page := bank*j.bankPages() + at + i
		if err := j.flash.Erase(page); err != nil {
			return fmt.Errorf("erase page %d: %w", page, err)
		}
		if err := j.flash.Program(page, j.page); err != nil {
			return fmt.Errorf("program page %d: %w", page, err)
		}
	}
	j.bank, j.next, j.number = bank, at+pages, j.number+1
	return nil
}

func (j *journal) bankPages() int { return j.flash.Pages() / 2 }
func (j *journal) room() int      { return len(j.page) - journalHeader }

// pagesFor returns how many pages a payload takes.
func (j *journal) pagesFor(payload []byte) int {
	return max(1, (len(payload)+j.room()-1)/j.room())
}

// pageHeader is the header of one page.
type pageHeader struct {
	kind, index, pages byte
	number             uint32
	size               int
}

// encodePage fills the page buffer.
func (j *journal) encodePage(h pageHeader, payload []byte) {
	clear(j.page)
	j.page[0], j.page[1], j.page[2], j.page[3] = journalMagic, h.kind, h.index, h.pages
	binary.BigEndian.PutUint32(j.page[4:], h.number)
	binary.BigEndian.PutUint16(j.page[8:], uint16(len(payload)))
	copy(j.page[journalHeader:], payload)
	binary.BigEndian.PutUint32(j.page[10:], j.checksum(len(payload)))
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

// readCommit returns the payload of the commit at the page, and how many pages
// it takes.
func (j *journal) readCommit(bank, at int, kind byte, number uint32) ([]byte, int, error) {
	var payload []byte
	for i, pages := 0, 1; i < pages; i++ {
		if at+i >= j.bankPages() {
			return nil, 0, errNoCommit
		}
		h, err := j.readPage(bank, at+i)
		if err != nil {
			return nil, 0, err
		}
		if i == 0 {
			pages = int(h.pages)
		}
		if h.kind != kind || h.number != number || int(h.index) != i || h.pages == 0 || int(h.pages) != pages {
			return nil, 0, errNoCommit
		}
		payload = append(payload, j.page[journalHeader:journalHeader+h.size]...)
		if i == pages-1 {
			return payload, pages, nil
		}
	}
	return nil, 0, errNoCommit
}
