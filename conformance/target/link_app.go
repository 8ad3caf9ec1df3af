package target

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/target/vpcd"
)

// Conns brings the next connection of vpcd: one that comes, or one that is made.
type Conns func(ctx context.Context) (net.Conn, error)

// maxConns is how often a reader may begin anew in one tap.
const maxConns = 50

// NewTapped returns an app whose commands come over vpcd: the suite is the card in
// the app's reader, there as long as a tap lasts.  The control shim makes the app
// and tells what its user is told.
func NewTapped(conns Conns, control shim.Device, patience time.Duration) shim.Device {
	return &tapped{Device: control, conns: conns, patience: patience}
}

type tapped struct {
	shim.Device // the control
	conns       Conns
	patience    time.Duration
}

// Do carries out a request.
func (d *tapped) Do(ctx context.Context, r shim.Request) (any, error) {
	if r, ok := r.(shim.Tap); ok {
		return d.tap(ctx, r)
	}
	return d.Device.Do(ctx, r)
}

// errOver says that the app has told what came of the tap.
var errOver = errors.New("target: the tap is over")

// tap plays the card until the control shim answers.  The suite's own functions are
// called here, one at a time, as over a shim.
func (d *tapped) tap(ctx context.Context, r shim.Tap) (any, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	c := &tapCard{ctx: ctx, ask: r.Ask}
	said := make(chan func() (any, error), 1)
	live := r.Live
	r.Ask = c.astray
	if live != nil {
		r.Live = func(ctx context.Context, nonce []byte) ([]byte, error) { return c.live(ctx, live, nonce) }
	}
	go func() {
		told, err := d.Device.Do(ctx, r)
		cancel(errOver)
		said <- func() (any, error) { return told, err }
	}()
	failed := d.serve(ctx, c)
	cancel(failed)
	told, err := (<-said)()
	if c.panicked != nil {
		panic(c.panicked)
	}
	switch {
	case failed != nil:
		return nil, failed
	case c.strays > 0:
		return nil, &shim.Fault{Kind: shim.Nonsense, Detail: "the control shim sends commands over its lines, where the link to the lock is vpcd"}
	case err != nil:
		return nil, err
	case !c.seen:
		return nil, &shim.Fault{Kind: shim.Silent, Detail: "the app answers to the tap, and meanwhile its reader has sent the card nothing: does the reader see it, and does the shim wait for it?"}
	}
	return told, nil
}

// serve is the card, until the tap is over.  The error is a *shim.Fault.
func (d *tapped) serve(ctx context.Context, c *tapCard) error {
	var left net.Conn
	for range maxConns {
		conn, err := following(ctx, d.conns, left, d.patience)
		if context.Cause(ctx) != nil {
			if err == nil {
				_ = conn.Close() // too late
			}
			return overOrFault(ctx)
		}
		if err != nil {
			return &shim.Fault{Kind: shim.Silent, Detail: "no reader for the card: " + err.Error()}
		}
		err = vpcd.Serve(ctx, conn, c)
		left = nil
		switch {
		case context.Cause(ctx) != nil:
			_ = conn.Close() // Serve may have left it open
			return overOrFault(ctx)
		case errors.Is(err, vpcd.ErrMute):
			left = conn
		case err != nil:
			return &shim.Fault{Kind: shim.Died, Detail: "the reader ended the connection in the middle of a message: " + err.Error()}
		}
	}
	if left != nil {
		_ = left.Close()
	}
	return &shim.Fault{Kind: shim.Died, Detail: fmt.Sprintf("the reader ended the connection %d times in one tap", maxConns)}
}

// beforehand is how long a new connection may take while the old one stands.
const beforehand = 20 * time.Millisecond

// following brings the next connection.  The one that the card leaves, nil for none,
// is ended when the new one stands, where that can be: pcscd loses a card for good
// that is away for less than it takes to look.
func following(ctx context.Context, conns Conns, left net.Conn, patience time.Duration) (net.Conn, error) {
	if left != nil {
		quick, cancel := context.WithTimeout(ctx, beforehand)
		conn, err := conns(quick)
		cancel()
		_ = left.Close()
		if err == nil {
			return conn, nil
		}
	}
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return conns(waiting)
}

// overOrFault tells the end of a tap from that of the case.
func overOrFault(ctx context.Context) error {
	if cause := context.Cause(ctx); !errors.Is(cause, errOver) {
		return &shim.Fault{Kind: shim.Failed, Detail: cause.Error()}
	}
	return nil
}

// tapCard is the suite's lock as a card, for one tap.
type tapCard struct {
	mu       sync.Mutex
	ctx      context.Context
	ask      shim.Ask
	seen     bool // the reader has sent it something
	strays   int  // commands that came over the control's lines
	panicked any  // out of live, in another goroutine
}

// Process hands the command to the suite's lock.  Where the link is to be lost, the
// card leaves the reader.
func (c *tapCard) Process(command []byte) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen = true
	response, err := c.ask(c.ctx, command)
	if err != nil {
		return nil
	}
	return response
}

// Reset has nothing to do: the suite's lock begins anew with each SELECT.
func (c *tapCard) Reset() {}

// astray counts the commands that came over the control's lines.
func (c *tapCard) astray(context.Context, []byte) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.strays++
	return nil, shim.ErrLost
}

// live asks the suite for a time token, from the control's goroutine.
func (c *tapCard) live(ctx context.Context, live shim.Ask, nonce []byte) (token []byte, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer func() {
		if p := recover(); p != nil {
			c.panicked, err = p, shim.ErrLost
		}
	}()
	return live(ctx, nonce)
}

// NewReaching returns the app with its commands sent over the link that reach
// brings at the first of each tap: an app with a reader of its own.
func NewReaching(app shim.Device, reach func(ctx context.Context) (Link, error)) shim.Device {
	return &reaching{Device: app, reach: reach}
}

type reaching struct {
	shim.Device
	reach func(ctx context.Context) (Link, error)
}

// Do carries out a request.
func (d *reaching) Do(ctx context.Context, r shim.Request) (any, error) {
	tap, ok := r.(shim.Tap)
	if !ok {
		return d.Device.Do(ctx, r)
	}
	l := &reached{reach: d.reach}
	tap.Ask = l.ask
	told, err := d.Device.Do(ctx, tap)
	l.leave()
	return told, err
}

// reached is the lock that a tap has found; after a loss it looks for it anew.
type reached struct {
	reach func(ctx context.Context) (Link, error)
	link  Link
}

func (l *reached) ask(ctx context.Context, command []byte) ([]byte, error) {
	if l.link == nil {
		link, err := l.reach(ctx)
		if err != nil {
			return nil, err
		}
		l.link = link
		if err := link.Power(ctx, true); err != nil {
			l.leave()
			return nil, err
		}
	}
	a, err := l.link.Transceive(ctx, command)
	if err == nil && a.Silent {
		err = shim.ErrLost
	}
	if err != nil {
		l.leave()
		return nil, err
	}
	return a.APDU, nil
}

// leave takes the phone out of the field.
func (l *reached) leave() {
	if l.link != nil {
		_ = l.link.Close() // what is wrong then matters to nobody
		l.link = nil
	}
}
