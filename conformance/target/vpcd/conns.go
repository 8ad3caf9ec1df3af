package vpcd

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"
)

// Address is where vpcd listens for the card of its first reader.
const Address = "127.0.0.1:35963"

// retryInterval is the time between two tries to connect.
const retryInterval = 200 * time.Millisecond

// Connect connects to the other side at address, a host and a port.  While nobody
// listens there it tries again, until ctx is done.  A reader sees a card once the
// connection is served.
func Connect(ctx context.Context, address string) (net.Conn, error) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	var d net.Dialer
	var last error
	for {
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("vpcd: nobody listens at %s: %w", address, errors.Join(ctx.Err(), last))
		case <-timer.C:
		}
		conn, err := d.DialContext(ctx, "tcp", address)
		if err == nil {
			return conn, nil
		}
		last = err
		timer.Reset(retryInterval)
	}
}

// Listener waits for the other side to connect.
type Listener struct{ l *net.TCPListener }

// Listen listens at address, a host and a port.
func Listen(address string) (*Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("vpcd: %w", err)
	}
	return &Listener{l.(*net.TCPListener)}, nil
}

// Address is where it listens.
func (l *Listener) Address() string { return l.l.Addr().String() }

// Accept waits for a connection until ctx is done.
func (l *Listener) Accept(ctx context.Context) (net.Conn, error) {
	_ = l.l.SetDeadline(time.Time{}) // a closed one waits for nothing
	stop := context.AfterFunc(ctx, func() { _ = l.l.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	conn, err := l.l.Accept()
	switch {
	case err == nil:
		return conn, nil
	case ctx.Err() != nil:
		return nil, fmt.Errorf("vpcd: nobody connected to %s: %w", l.Address(), ctx.Err())
	}
	return nil, fmt.Errorf("vpcd: %w", err)
}

// Close ends the listening.
func (l *Listener) Close() error { return l.l.Close() }
