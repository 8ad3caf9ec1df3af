package main

import (
	"fmt"
	"io"
	"time"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/lock"
)

// bolt is a simulated bolt that gathers energy from the moment on at which the
// field was switched on.
type bolt struct {
	motion  lock.Motion
	harvest time.Duration // for one drive; 0 needs none
	now     func() time.Time
	since   time.Time
}

// fieldOn begins to gather energy anew.
func (b *bolt) fieldOn() { b.since = b.now() }

// Charge returns the energy gathered, in percent of one drive, and the time
// until it is enough, rounded up to hundredths of a second.
func (b *bolt) Charge() (percent int, wait time.Duration) {
	elapsed := b.now().Sub(b.since)
	if elapsed >= b.harvest {
		return 100, 0
	}
	const grain = 10 * time.Millisecond
	return int(100 * elapsed / b.harvest), (b.harvest - elapsed + grain - 1).Truncate(grain)
}

// Drive uses up the energy.
func (b *bolt) Drive(credential.Operation, uint8) lock.Motion {
	b.fieldOn()
	return b.motion
}

// motion returns what the flag -bolt names.
func motion(name string) (lock.Motion, error) {
	switch name {
	case "moves":
		return lock.Moved, nil
	case "sticks":
		return lock.Stuck, nil
	case "unseen":
		return lock.Unseen, nil
	}
	return 0, fmt.Errorf("-bolt %s: want moves, sticks or unseen", name)
}

// watched is the lock with somebody who looks on.
type watched struct {
	lock    apdu.Processor
	bolt    *bolt
	out     io.Writer
	verbose bool
}

// Process has the lock carry out a command and says so.
func (w *watched) Process(command []byte) []byte {
	response := w.lock.Process(command)
	if w.verbose {
		name := "not a command"
		if c, err := apdu.ParseCommand(command); err == nil {
			name = c.Name()
		}
		status := "no status word"
		if r, err := apdu.ParseResponse(response); err == nil {
			status = r.SW.String()
		}
		fmt.Fprintf(w.out, "  %s, %d bytes -> %s, %d bytes\n", name, len(command), status, len(response))
	}
	return response
}

// Reset tells the lock that the field was switched.
func (w *watched) Reset() {
	w.lock.Reset()
	w.bolt.fieldOn()
}

// describe tells a decision of the lock in one line.
func describe(e lock.Event) string {
	s := fmt.Sprintf("%v: %v", e.Operation, e.Outcome)
	switch {
	case e.Document && e.Reason == credential.ReasonNone:
		return "a document is taken"
	case e.Document:
		s = "a document is not taken"
	case e.Asked:
		s = fmt.Sprintf("%v: the issuer's certificate is asked for", e.Operation)
	case e.Role == 0: // no request was read
		s = e.Outcome.String()
	}
	if e.Reason != credential.ReasonNone {
		s += fmt.Sprintf(", %v", e.Reason)
	}
	if e.Role != 0 {
		s += fmt.Sprintf(", right of %v", e.Role)
	}
	if e.Service != credential.ServiceNone {
		s += fmt.Sprintf(" (%v)", e.Service)
	}
	switch {
	case e.Who == credential.Tag{}:
	case e.Role == credential.RoleOwner:
		s += fmt.Sprintf(", key %v", e.Who)
	default:
		s += fmt.Sprintf(", grant %v", e.Who)
	}
	if e.Reference != (credential.Reference{}) {
		s += fmt.Sprintf(", reference %v", e.Reference)
	}
	if e.Err != nil {
		s += fmt.Sprintf(": %v", e.Err)
	}
	return s
}
