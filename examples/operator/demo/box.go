package demo

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/lock"
	"github.com/postern-lock/postern/lock/locktest"
)

// Box is a letter box of the street.  What it keeps without power is in a file; a
// lock.Lock exists only while a field feeds it.
type Box struct {
	Number int
	ID     credential.LockID
	Area   string
	Setup  [16]byte // printed inside

	config lock.Config
	flash  *locktest.Flash
	bolt   *locktest.Bolt
	file   string

	mu      sync.Mutex
	field   *Field // the phone that feeds it; nil where none does
	pressed bool   // the button inside, for the next tap
	unsaved bool   // the flash holds what the file does not
}

// newBox has the maker build the box, or finds it in its file.
func newBox(p *Parties, folder string, number int, area string, founded time.Time) (*Box, error) {
	name := fmt.Sprintf("box %d", number)
	b := &Box{
		Number: number, Area: area, file: filepath.Join(folder, fmt.Sprintf("box-%d.flash", number)),
		ID: credential.LockID(p.derive("id of " + name)), Setup: [16]byte(p.derive("secret inside " + name)),
		flash: locktest.NewFlash(), bolt: &locktest.Bolt{Motion: lock.Moved},
	}
	key := p.key(name)
	public, err := credential.NewPublicKey(key.Public())
	if err != nil {
		return nil, err
	}
	certificate, err := p.Maker.Certify(credential.LockClaims{Key: public, IssuedAt: credential.At(founded), ID: b.ID, Profile: 1, Level: 1})
	if err != nil {
		return nil, err
	}
	b.config = lock.Config{
		ID: b.ID, Area: []byte(area), Setup: b.Setup,
		Identities: []lock.Identity{{Key: key, Certificate: certificate}},
		Roots:      []credential.PublicKey{p.Scheme},
		Flash:      b.flash, Actuator: b.bolt, Rand: rand.Reader, ExtendedLength: true,
	}
	return b, b.load()
}

// load reads what the lock's flash held, or formats it.
func (b *Box) load() error {
	content, err := os.ReadFile(b.file)
	size := b.flash.PageSize()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := lock.Format(b.flash); err != nil {
			return err
		}
		return b.save()
	case err != nil:
		return err
	case len(content) != size*b.flash.Pages():
		return fmt.Errorf("demo: %s is not the flash of a box; remove the folder to begin anew", b.file)
	}
	for i := range b.flash.Pages() {
		copy(b.flash.Page(i), content[i*size:])
	}
	return nil
}

// save writes what the flash holds.
func (b *Box) save() error {
	var content []byte
	for i := range b.flash.Pages() {
		content = append(content, b.flash.Page(i)...)
	}
	err := replace(b.file, content)
	b.unsaved = err != nil
	return err
}

// Press presses the button inside the box, for the next tap.
func (b *Box) Press() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pressed = true
}

// Vacant reports whether the box has no owner yet.
func (b *Box) Vacant() (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l, err := lock.New(b.config)
	if err != nil {
		return false, err
	}
	return l.Vacant(), nil
}

// replace writes a file as a whole or not at all, also where the power fails: what has
// its name is on the medium.
func replace(name string, content []byte) error {
	f, err := os.OpenFile(name+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
