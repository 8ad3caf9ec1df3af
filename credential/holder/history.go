package holder

import (
	"errors"
	"fmt"

	"github.com/postern-lock/postern/credential"
)

// History is what an owner has read of one lock's log.  Every entry is bound to
// those before it, so the lock cannot take back what was read once, and what it
// overwrote before anybody read it shows as a gap.
//
// The zero History has read nothing.  Its fields are for the app to keep, as JSON
// for example; what was spoilt meanwhile does not fit the next page.
type History struct {
	Lock credential.LockID // of the first page that was taken
	// Runs are the entries by number, the oldest first.  Between two runs there
	// are entries that were not read.
	Runs []Run
}

// Run is a part of a log without a gap.
type Run struct {
	Base    credential.LogHead // head of the log before the first entry
	Entries []credential.LogEntry
}

// What can be wrong with a page, beside its form.  An error wraps one of them.
var (
	// ErrLogAltered says that a page does not fit what was read before: the lock
	// changed entries, or it is another one in its place.
	ErrLogAltered = errors.New("holder: the log was altered")
	// ErrLogFellBack says that a lock's newest entry is older than one that was
	// read: it lost entries.
	ErrLogFellBack = errors.New("holder: the log fell back")
	// ErrLogLock says that a page is of another lock.
	ErrLogLock = errors.New("holder: the page is of another lock")
)

// Take reads all pages of a Result, and what its State says of the log.  It
// takes every page that is good, and returns the errors of the others together.
// Of several pages one tells of entries that another lacks, so Gaps are worth
// looking at when all have been taken.
//
// The error ErrLogFellBack can come of State, which tells a number to the owner by
// the bare key alone, and of pages in clear, of which the first has the newest
// entry.  Sealed pages that somebody carries about are often old, and harmless.
func (h *History) Take(r Result, keys LogKeys) error {
	var faults []error
	newest := h.Newest()
	for i, page := range r.LogPages {
		page, err := opened(page, keys, r.inClear)
		var last uint32
		if err == nil {
			last, err = h.add(page)
		}
		if err == nil && i == 0 && r.inClear && last < newest {
			err = fmt.Errorf("%w: from entry %d to %d", ErrLogFellBack, newest, last)
		}
		faults = append(faults, err)
	}
	if s := r.State.Sequence; r.Lock == h.Lock && s != 0 && s < newest {
		faults = append(faults, fmt.Errorf("%w: from entry %d to %d", ErrLogFellBack, newest, s))
	}
	return errors.Join(faults...)
}

// Add reads one sealed page.  Pages can come in any order, at any time, and more
// than once.
//
// Errors: ErrLogKey, ErrLogLock, ErrLogAltered, and the *credential.Error of
// [credential.ParseLogPage].  A page with an error leaves the History as it was.
func (h *History) Add(page []byte, keys LogKeys) error {
	page, err := opened(page, keys, false)
	if err == nil {
		_, err = h.add(page)
	}
	return err
}

// AddClear reads one page in clear.  Nothing but the channel that it came in
// vouches for such a page: it is for apps that keep what they themselves read
// from the lock, and never for a page that somebody brings.
func (h *History) AddClear(page []byte) error {
	_, err := h.add(page)
	return err
}

// opened returns a page in clear.
func opened(page []byte, keys LogKeys, inClear bool) ([]byte, error) {
	if inClear {
		return page, nil
	}
	return keys.Open(page)
}

// add reads one page and returns the number of its last entry, 0 where it is
// empty.
func (h *History) add(page []byte) (uint32, error) {
	p, err := credential.ParseLogPage(page)
	switch {
	case err != nil:
		return 0, err
	case h.Lock != credential.LockID{} && h.Lock != p.Lock:
		return 0, fmt.Errorf("%w: %s, not %s", ErrLogLock, p.Lock, h.Lock)
	case len(p.Entries) == 0:
		return 0, nil // there is nothing in it that could be compared
	}
	run := Run{Base: p.Base, Entries: p.Entries}
	runs, err := merge(h.Runs, run)
	if err != nil {
		return 0, err
	}
	h.Lock, h.Runs = p.Lock, runs
	return run.last(), nil
}

// Newest returns the number of the newest entry that was read, 0 where none was.
func (h *History) Newest() uint32 {
	if len(h.Runs) == 0 {
		return 0
	}
	return h.Runs[len(h.Runs)-1].last()
}

// lost returns how many entries are missing before the run with the index.
func (h *History) lost(i int) uint32 {
	if i == 0 || len(h.Runs[i].Entries) == 0 || len(h.Runs[i-1].Entries) == 0 {
		return 0
	}
	return h.Runs[i].first() - h.Runs[i-1].last() - 1
}

// Line is one line of a log for people.
type Line struct {
	Entry credential.LogEntry
	Name  string // of whom the entry is about, by the app's own book; empty where it does not know
	// Lost is how many entries before this one were overwritten before anybody
	// read them.
	Lost uint32
}

// Lines returns what was read, the oldest first.  Name tells who is meant by the
// tag of a grant or the key id of an owner's key; it can be nil, and is not asked
// about entries that name nobody.
func (h *History) Lines(name func(credential.Tag) string) []Line {
	var lines []Line
	for i, run := range h.Runs {
		for j, entry := range run.Entries {
			line := Line{Entry: entry}
			if j == 0 {
				line.Lost = h.lost(i)
			}
			if name != nil && entry.Who != (credential.Tag{}) {
				line.Name = name(entry.Who)
			}
			lines = append(lines, line)
		}
	}
	return lines
}

// Gaps returns how many entries are missing between the first and the last that
// were read.
func (h *History) Gaps() (missing uint32) {
	for i := range h.Runs {
		missing += h.lost(i)
	}
	return missing
}

// first returns the number of the first entry, 0 where there is none.
func (r Run) first() uint32 {
	if len(r.Entries) == 0 {
		return 0
	}
	return r.Entries[0].Sequence
}

// last returns the number of the last entry, 0 where there is none.
func (r Run) last() uint32 {
	if len(r.Entries) == 0 {
		return 0
	}
	return r.Entries[len(r.Entries)-1].Sequence
}
