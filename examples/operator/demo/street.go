package demo

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/postern-lock/postern/credential"
)

// Round is the area of the street's boxes: country, postal code, round.
const Round = "FR75011-07"

// boxes is how many boxes the street has.
const boxes = 3

// Street is everything that stands outside of the service.
type Street struct {
	*Parties
	Clock *Clock
	Boxes []*Box

	folder  string
	moving  sync.Mutex
	founded founding
}

// founding is what the street's file holds.
type founding struct {
	Secret  []byte        `json:"secret"` // 32 bytes, of which all keys are made
	Founded time.Time     `json:"founded"`
	Ahead   time.Duration `json:"ahead"` // of the street's clock, in nanoseconds
}

// Open finds the street in the folder, or founds one there; the folder is made
// where there is none.
func Open(folder string) (*Street, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	s := &Street{folder: folder, Clock: new(Clock)}
	if err := s.load(); err != nil {
		return nil, err
	}
	s.Clock.Move(s.founded.Ahead)
	var err error
	if s.Parties, err = newParties(s.founded.Secret, s.founded.Founded); err != nil {
		return nil, err
	}
	for i := range boxes {
		b, err := newBox(s.Parties, folder, i+1, Round, s.founded.Founded)
		if err != nil {
			return nil, err
		}
		s.Boxes = append(s.Boxes, b)
	}
	return s, nil
}

// load reads the street's file, or writes it.
func (s *Street) load() error {
	content, err := os.ReadFile(s.file())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		s.founded = founding{Secret: make([]byte, 32), Founded: time.Now().UTC().Truncate(time.Second)}
		if _, err := rand.Read(s.founded.Secret); err != nil {
			return err
		}
		return s.save(s.founded)
	case err != nil:
		return err
	}
	if err := json.Unmarshal(content, &s.founded); err != nil || len(s.founded.Secret) != 32 {
		return fmt.Errorf("demo: %s is not the file of a street; remove the folder to begin anew", s.file())
	}
	return nil
}

func (s *Street) file() string { return filepath.Join(s.folder, "street.json") }

// save writes the street's file.
func (s *Street) save(f founding) error {
	content, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return replace(s.file(), content)
}

// mostAhead bounds the street's clock: then its certificates end.
const mostAhead = certified

// later moves the clock on, once that is kept: it must not go back with the next
// start.
func (s *Street) later(d time.Duration) error {
	s.moving.Lock()
	defer s.moving.Unlock()
	next := s.founded
	if next.Ahead += d; next.Ahead > mostAhead {
		return errors.New("demo: the street's certificates do not run that long; remove the folder to begin anew")
	}
	if err := s.save(next); err != nil {
		return err
	}
	s.founded = next
	s.Clock.Move(d)
	return nil
}

// Box returns the box with the id, and whether there is one.
func (s *Street) Box(id credential.LockID) (*Box, bool) {
	for _, b := range s.Boxes {
		if b.ID == id {
			return b, true
		}
	}
	return nil, false
}
