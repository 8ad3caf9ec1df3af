// Package locktest holds simulated parts for a lock: a flash memory and a bolt.
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
	f.Erases++
	fill(f.pages[page])
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
	f.Programmed += len(p)
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
