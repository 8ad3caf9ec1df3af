// Package locktest holds simulated parts for a lock, a flash memory and a bolt,
// and a lock for testers of phones, [Peer], which answers as they want it.
// Tests, examples and simulators build a lock from them; no product does.
package locktest

import (
	"errors"
	"fmt"
)

// Flash is a flash memory in RAM that counts what is done to it and insists
// that a page is erased before it is programmed.
type Flash struct {
	pageSize int
	pages    [][]byte

	Erases     int // pages erased
	Programmed int // bytes programmed
	Reads      int // pages read
	// Fail, where it is not nil, is asked before every erase and every program
	// and fails it with the error that it returns.
	Fail func() error

	cut *cut
}

// A Torn says what is left of a page when the power goes while it is erased or
// programmed: it returns the page's bytes, given what they were and what they
// were to become.
type Torn func(before, after []byte) []byte

// cut is a power cut to come.
type cut struct {
	after int // operations that are still done whole
	torn  Torn
	gone  bool
}

// ErrPower says that the power is gone.
var ErrPower = errors.New("locktest: the power is gone")

// CutPower lets the power go at the erase or program after the next n: that one is
// done as torn says, and nothing is read or written from then on, until Restore.
func (f *Flash) CutPower(n int, torn Torn) { f.cut = &cut{after: n, torn: torn} }

// Restore brings the power back.  It returns whether it was gone.
func (f *Flash) Restore() bool {
	gone := f.cut != nil && f.cut.gone
	f.cut = nil
	return gone
}

// ErrNotErased says that a page was programmed that had not been erased.
var ErrNotErased = errors.New("locktest: page is not erased")

// NewFlash returns an erased flash of 256 pages of 128 bytes, 32 KiB.
func NewFlash() *Flash { return NewFlashOf(256, 128) }

// NewFlashOf returns an erased flash of the given geometry.
func NewFlashOf(pages, pageSize int) *Flash {
	f := &Flash{pageSize: pageSize, pages: make([][]byte, pages)}
	for i := range f.pages {
		f.pages[i] = make([]byte, pageSize)
		fill(f.pages[i])
	}
	return f
}

// PageSize returns the bytes of a page.
func (f *Flash) PageSize() int { return f.pageSize }

// Pages returns the number of pages.
func (f *Flash) Pages() int { return len(f.pages) }

// Read fills p with the start of the page.
func (f *Flash) Read(page int, p []byte) error {
	if err := f.check(page, len(p)); err != nil {
		return err
	}
	if f.cut != nil && f.cut.gone {
		return ErrPower
	}
	f.Reads++
	copy(p, f.pages[page])
	return nil
}

// Erase sets the page to all ones.
func (f *Flash) Erase(page int) error {
	if err := f.check(page, 0); err != nil {
		return err
	}
	if err := f.failure(); err != nil {
		return err
	}
	erased := make([]byte, f.pageSize)
	fill(erased)
	if err := f.write(page, erased); err != nil {
		return err
	}
	f.Erases++
	return nil
}

// Program writes the page, which must be erased.
func (f *Flash) Program(page int, p []byte) error {
	if err := f.check(page, len(p)); err != nil {
		return err
	}
	if err := f.failure(); err != nil {
		return err
	}
	for _, b := range f.pages[page] {
		if b != 0xFF {
			return ErrNotErased
		}
	}
	if err := f.write(page, p); err != nil {
		return err
	}
	f.Programmed += len(p)
	return nil
}

// write changes a page, unless the power goes.
func (f *Flash) write(page int, p []byte) error {
	if c := f.cut; c != nil {
		if c.gone {
			return ErrPower
		}
		if c.after == 0 {
			c.gone = true
			copy(f.pages[page], c.torn(append([]byte(nil), f.pages[page]...), p))
			return ErrPower
		}
		c.after--
	}
	copy(f.pages[page], p)
	return nil
}

func (f *Flash) failure() error {
	if f.Fail == nil {
		return nil
	}
	return f.Fail()
}

func (f *Flash) check(page, size int) error {
	if page < 0 || page >= len(f.pages) || size > f.pageSize {
		return fmt.Errorf("locktest: no page %d of %d bytes", page, size)
	}
	return nil
}

func fill(p []byte) {
	for i := range p {
		p[i] = 0xFF
	}
}

// Clone returns a flash with the same content, whose counters begin at zero.
func (f *Flash) Clone() *Flash {
	c := NewFlashOf(len(f.pages), f.pageSize)
	for i := range f.pages {
		copy(c.pages[i], f.pages[i])
	}
	return c
}

// Page returns the bytes of a page, which the caller may change to damage it.
func (f *Flash) Page(page int) []byte { return f.pages[page] }
