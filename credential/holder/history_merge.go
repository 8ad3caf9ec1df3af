package holder

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/postern-lock/postern/credential"
)

// heads returns the head before the first entry of a run and the one after each.
func (r Run) heads() []credential.LogHead {
	heads := make([]credential.LogHead, 1, len(r.Entries)+1)
	heads[0] = r.Base
	for _, entry := range r.Entries {
		heads = append(heads, heads[len(heads)-1].Next(entry))
	}
	return heads
}

// sound reports whether a run that the app kept is still one: it has entries,
// whose numbers follow one another.
func (r Run) sound() bool {
	for i, entry := range r.Entries {
		if entry.Sequence == 0 || i > 0 && entry.Sequence != r.Entries[i-1].Sequence+1 {
			return false
		}
	}
	return len(r.Entries) > 0
}

// merge returns runs with one more among them.  Runs that meet become one; where
// they do not fit, or are none, the error wraps ErrLogAltered.
func merge(runs []Run, with Run) ([]Run, error) {
	var merged []Run
	for i, run := range runs {
		if !run.sound() || i > 0 && run.first() <= runs[i-1].last() {
			return nil, fmt.Errorf("%w: what was kept of it is spoilt", ErrLogAltered)
		}
		if !run.meets(with) {
			merged = append(merged, run)
			continue
		}
		var err error
		if with, err = run.join(with); err != nil {
			return nil, err
		}
	}
	merged = append(merged, with)
	slices.SortFunc(merged, func(a, b Run) int { return cmp.Compare(a.first(), b.first()) })
	return merged, nil
}

// meets reports whether two runs have an entry in common, or one begins behind
// the other without a gap.
func (r Run) meets(other Run) bool {
	return uint64(r.first()) <= uint64(other.last())+1 && uint64(other.first()) <= uint64(r.last())+1
}

// join makes one run of two that meet.  Every head that both have must be the
// same, for each binds all entries before it.
func (r Run) join(other Run) (Run, error) {
	if other.first() < r.first() {
		r, other = other, r
	}
	shift := int(other.first() - r.first()) // where other begins in r
	mine, theirs := r.heads(), other.heads()
	for i := range min(len(mine)-shift, len(theirs)) {
		if mine[shift+i] != theirs[i] {
			return Run{}, fmt.Errorf("%w: it does not fit at entry %d", ErrLogAltered, other.first()+uint32(max(i, 1)-1))
		}
	}
	if other.last() <= r.last() {
		return r, nil
	}
	entries := slices.Concat(r.Entries, other.Entries[len(r.Entries)-shift:])
	return Run{Base: r.Base, Entries: entries}, nil
}
