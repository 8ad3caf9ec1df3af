package lock

import (
	"errors"
	"fmt"
)

// Flash is the lock's memory: pages that are erased to all ones and then
// programmed once, as microcontrollers have them.  The lock brings its own
// atomic commits; a Flash need only do what it is told or say that it failed.
//
// A lock needs an even number of pages of at least 128 bytes each, and room for
// two snapshots of its state: 32 KiB in pages of 128 bytes are enough.
type Flash interface {
	// PageSize returns the bytes of a page, at least 128, always the same.
	PageSize() int
	// Pages returns the number of pages, always the same.
	Pages() int
	// Read fills p with the start of the page; p is at most a page long.
	Read(page int, p []byte) error
	// Erase sets every byte of the page to 0xFF.
	Erase(page int) error
	// Program writes p, which is exactly a page long, to the erased page.
	Program(page int, p []byte) error
}

// Bounds of a flash that can be used.
const (
	minPageSize = 128
	maxPageSize = 1 << 15
	maxPages    = 1 << 16
)

// ErrUnformatted says that the flash holds no state of a lock: [Format] was never
// called on it, or what it holds is damaged beyond use.
var ErrUnformatted = errors.New("flash holds no state")

// ErrFlash says that a flash cannot be used: it is missing, has the wrong
// geometry, or is too small for what a lock keeps.
var ErrFlash = errors.New("flash cannot be used")

var (
	errNoState = fmt.Errorf("%w: format it at manufacture, and never after", ErrUnformatted)
	errFull    = fmt.Errorf("%w: it is too small for the state", ErrFlash)
)
