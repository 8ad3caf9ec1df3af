package hsm

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// MostSessions is the greatest number of sessions of a Token.
const MostSessions = 256

// Config says which token is meant, and how to work with it.
type Config struct {
	// Label and Serial name the token; one of them can be empty.
	Label, Serial string
	// PIN returns the user's PIN.  It is asked at every log-in, so that the PIN need
	// not stay in memory, and nothing here keeps or prints what it returns.  It is not
	// wiped: a string of Go cannot be, nor is the copy that goes to the module.
	PIN func() (string, error)
	// Sessions is how many calls the token is given at once, 1 to MostSessions.
	Sessions int
	// Patience is how long a call may take, the wait for a session included.
	Patience time.Duration
	// Restored takes keys of which the token does not say that they were made in it
	// and always stayed there, as after a backup was brought back.  They must not be
	// extractable all the same.
	Restored bool
}

// Token is a token that is logged in to.  It is safe for concurrent use.
type Token struct {
	module Module
	config Config

	idle   chan *session // those that nobody uses, open or not
	silent atomic.Int32  // sessions whose calls hang beyond their time
	closed atomic.Bool

	age   atomic.Int64 // how often the token was lost; it rises while place is held
	place chan place   // held while sessions are opened
}

// Open finds the token and logs in.  Errors: ErrToken, ErrPIN, ErrSilent, or that
// of the module.
func Open(m Module, c Config) (*Token, error) {
	switch {
	case m == nil:
		return nil, fmt.Errorf("%w: it is missing", ErrModule)
	case c.Label == "" && c.Serial == "":
		return nil, fmt.Errorf("%w: give its label or its serial number", ErrToken)
	case c.PIN == nil:
		return nil, fmt.Errorf("%w: nobody gives one", ErrPIN)
	case c.Sessions < 1 || c.Sessions > MostSessions:
		return nil, fmt.Errorf("hsm: %d sessions, want 1 to %d", c.Sessions, MostSessions)
	case c.Patience <= 0:
		return nil, errors.New("hsm: no patience: say how long a call may take")
	}
	t := &Token{module: m, config: c, idle: make(chan *session, c.Sessions), place: make(chan place, 1)}
	t.place <- place{}
	for range c.Sessions {
		t.idle <- &session{}
	}
	if _, err := do(t, "log-in", func(*session) (struct{}, error) { return struct{}{}, nil }); err != nil {
		go func() { _ = t.Close() }() // a log-in that hangs comes back, perhaps, and nobody has the token then
		return nil, err
	}
	return t, nil
}

// Serial returns the serial number of the token.
func (t *Token) Serial() (string, error) {
	return do(t, "serial number", func(s *session) (string, error) { return s.serial, nil })
}

// Close closes the sessions, and with the last one the token logs out.  It waits
// for calls under way as long as for a call; the error is ErrSilent where one
// hangs, and its session stays open then.
func (t *Token) Close() error {
	if t.closed.Swap(true) {
		return ErrClosed
	}
	timer := time.NewTimer(t.config.Patience)
	defer timer.Stop()
	done := make(chan error, 1)
	go func() {
		var errs []error
		for range t.config.Sessions {
			if s := <-t.idle; t.current(s) {
				errs = append(errs, t.module.CloseSession(s.handle))
			}
		}
		done <- errors.Join(errs...)
	}()
	select {
	case err := <-done:
		return err
	case <-timer.C:
		return fmt.Errorf("%w: closing: a call came not back within %v", ErrSilent, t.config.Patience)
	}
}
