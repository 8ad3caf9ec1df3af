package demo

import (
	"context"
	"errors"
	"time"

	"github.com/postern-lock/postern/lock"
)

// errFieldLost says that the phone no longer feeds the lock: it was pulled away,
// or another one came.
var errFieldLost = errors.New("demo: the box has left the field")

// Field is a phone's field while it feeds one box: an apdu.Transceiver, as
// IsoDep of Android is.  It ends with Leave, or when another phone comes.
type Field struct {
	box  *Box
	lock *lock.Lock
	left int // commands until the phone is pulled away; negative: it is held still
}

// Approach brings a phone's field to the box, which powers the lock up.  The phone
// is pulled away when so many commands were carried out; with 0 it is held still.
func (b *Box) Approach(commands int) (*Field, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if commands == 0 {
		commands = -1
	}
	begin, pressed := time.Now(), b.pressed
	b.pressed = false
	config := b.config
	config.Button = func() bool { return pressed }
	// An oscillator runs while the lock has power: it tells whether a minute has passed.
	config.Elapsed = func() time.Duration { return time.Since(begin) }
	l, err := lock.New(config)
	if err != nil {
		return nil, err
	}
	b.field = &Field{box: b, lock: l, left: commands}
	return b.field, nil
}

// Transceive sends a command to the lock.  When the phone is pulled away, the lock
// may have carried out the command whose answer never comes.
func (f *Field) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	f.box.mu.Lock()
	defer f.box.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if f.box.field != f {
		return nil, errFieldLost
	}
	erases, written := f.box.flash.Erases, f.box.flash.Programmed
	response := append([]byte(nil), f.lock.Process(command)...)
	// No answer leaves before what it tells of is kept, this time or the last.
	if f.box.unsaved || f.box.flash.Erases != erases || f.box.flash.Programmed != written {
		if err := f.box.save(); err != nil {
			return nil, err
		}
	}
	if f.left--; f.left == 0 {
		f.box.field = nil
		return nil, errFieldLost
	}
	return response, nil
}

// Leave takes the phone away.
func (f *Field) Leave() {
	f.box.mu.Lock()
	defer f.box.mu.Unlock()
	if f.box.field == f {
		f.box.field = nil
	}
}
