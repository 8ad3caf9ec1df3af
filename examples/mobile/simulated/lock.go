package simulated

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"time"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/lock"
	"github.com/postern-lock/postern/lock/locktest"
)

// errField is what an NFC stack says when the tag is gone.
var errField = errors.New("the field was lost")

// Lock is the world's lock in the phone's field.
type Lock struct {
	mu       sync.Mutex
	lock     *lock.Lock
	bolt     *locktest.Bolt
	commands int
	loseAt   int // the command that is lost, 0 for none
	after    bool
}

// NewLock makes the world's lock, which has the world's owner and its first
// policy; or no owner, as it comes from the factory.
func NewLock(w *World, vacant bool) (*Lock, error) {
	l := &Lock{bolt: &locktest.Bolt{Motion: lock.Moved}}
	config := lock.Config{
		ID: w.w.LockID, Area: w.w.Area, Setup: w.w.Setup, Roots: w.w.Roots(),
		Flash: locktest.NewFlash(), Actuator: l.bolt, Rand: rand.Reader, ExtendedLength: true,
		Elapsed: func() time.Duration { return time.Second },
	}
	for _, suite := range []int{0, 2} {
		key, certificate := w.w.Identity(suite)
		config.Identities = append(config.Identities, lock.Identity{Key: key, Certificate: certificate})
	}
	if err := lock.Format(config.Flash); err != nil {
		return nil, err
	}
	var err error
	if l.lock, err = lock.New(config); err != nil || vacant {
		return l, err
	}
	return l, l.moveIn(w)
}

// moveIn has the world's owner take the lock.
func (l *Lock) moveIn(w *World) error {
	key, err := holder.NewKey(w.w.Key("owner"))
	if err != nil {
		return err
	}
	phone := &holder.Phone{Key: key, Roots: w.w.Roots(), Makers: w.w.Makers(), Rand: rand.Reader}
	ctx, link := context.Background(), apdu.Direct(l.lock)
	if _, _, err := phone.Commission(ctx, link, w.w.Setup); err != nil {
		return err
	}
	phone.Documents = [][]byte{w.Policy(1)}
	r, err := phone.Status(ctx, link)
	if err == nil && r.Documents[0].Reason != credential.ReasonNone {
		err = r.Documents[0].Reason
	}
	return err
}

// Transceive has the lock carry out a command APDU.
func (l *Lock) Transceive(command []byte) ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.commands++
	lost := l.commands == l.loseAt
	if lost && !l.after {
		l.leave()
		return nil, errField
	}
	response := append([]byte(nil), l.lock.Process(command)...)
	if lost {
		l.leave()
		return nil, errField
	}
	return response, nil
}

// Leave takes the phone out of the field.
func (l *Lock) Leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.leave()
}

func (l *Lock) leave() {
	l.lock.Reset()
	l.commands, l.loseAt = 0, 0
}

// LoseAt loses the field at a command of the next tap, from 1: before the lock has
// it, or after, with its answer.
func (l *Lock) LoseAt(command int, after bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.commands, l.loseAt, l.after = 0, command, after
}

// Harvest has the lock find too little energy, so many times.
func (l *Lock) Harvest(times int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range times {
		l.bolt.Charges = append(l.bolt.Charges, 10+i)
	}
}

// Driven is how often the bolt was driven.
func (l *Lock) Driven() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bolt.Driven
}

// Card is a phone that a powered lock reads.
type Card interface {
	Process(command []byte) ([]byte, error)
}

// Read has the lock read a phone, as a powered lock does by binding R.
func (l *Lock) Read(phone Card) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lock.Meet(context.Background(), reader{phone})
}

// reader is the link from a powered lock to a phone.
type reader struct{ phone Card }

func (r reader) Transceive(_ context.Context, command []byte) ([]byte, error) {
	return r.phone.Process(command)
}
