package target

import (
	"bytes"
	"errors"
	"io"
	"time"

	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/lock"
)

// cut is a loss of power at an operation of the memory.
type cut struct {
	armed bool
	after int  // operations that are still done whole
	fired bool // since it was set
	dark  bool // the power is gone until the field goes and comes
	gone  bool // and the memory with it, until the lock starts again
}

// setCut lets the power go at the operation after the next n.
func (l *Lock) setCut(r shim.Cut) {
	l.cut = cut{dark: l.cut.dark, gone: l.cut.gone}
	if l.flash == nil || l.cut.gone {
		return
	}
	l.flash.Restore()
	if r.After != nil {
		l.cut.armed, l.cut.after = true, *r.After
		l.flash.CutPower(*r.After, torn(r.Torn))
	}
}

// torn returns what is left of a page.
func torn(t shim.Torn) func(before, after []byte) []byte {
	return func(before, after []byte) []byte {
		switch t {
		case shim.TornBefore:
			return before
		case shim.TornAfter:
			return after
		}
		half := len(after) / 2
		return append(bytes.Clone(after[:half]), before[half:]...)
	}
}

// operation is called before every operation of the memory.
func (l *Lock) operation() error {
	l.operations++
	if !l.cut.armed {
		return nil
	}
	if l.cut.after == 0 {
		l.cut = cut{fired: true, dark: true, gone: true}
		return nil
	}
	l.cut.after--
	return nil
}

// bolt is the bolt of the lock.
type bolt struct{ *Lock }

// Charge returns what the suite has set.
func (b bolt) Charge() (percent int, wait time.Duration) {
	return b.drive.Percent, time.Duration(b.drive.Wait) * time.Millisecond
}

// Drive counts, and says what the suite has set.
func (b bolt) Drive(_ credential.Operation, resource uint8) lock.Motion {
	if b.cut.dark {
		return lock.Unseen // without power nothing moves
	}
	b.moves[int(resource)]++
	switch b.drive.Motion {
	case shim.Moves:
		return lock.Moved
	case shim.Sticks:
		return lock.Stuck
	}
	return lock.Unseen
}

// random is the random source of the lock.
type random struct {
	good   io.Reader
	source shim.Source
}

var errRandom = errors.New("target: the random source fails")

// Read gives what the suite has set.
func (r *random) Read(p []byte) (int, error) {
	switch r.source {
	case shim.Fails:
		return 0, errRandom
	case shim.Equal:
		for i := range p {
			p[i] = 0x5A
		}
		return len(p), nil
	}
	return r.good.Read(p)
}
