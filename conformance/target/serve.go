package target

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/target/vpcd"
)

// Shared lets several channels use a device, one at a time.
func Shared(d shim.Device) shim.Device { return &shared{Device: d} }

type shared struct {
	mu sync.Mutex
	shim.Device
}

// Do carries out a request when no other is under way.
func (s *shared) Do(ctx context.Context, r shim.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Device.Do(ctx, r)
}

const (
	// pause is the time for which a card is out of a reader that ended the
	// connection, before it comes again.
	pause = 50 * time.Millisecond
	// always is longer than any run.
	always = 1000 * time.Hour
)

// ServeCard puts a lock into the readers at the other end of the connections, one
// after the other, until ctx is done or there is none any more.
func ServeCard(ctx context.Context, conns Conns, lock shim.Device) error {
	var left net.Conn
	for {
		conn, err := following(ctx, conns, left, always)
		if err != nil {
			return err
		}
		left = nil
		if err := vpcd.Serve(ctx, conn, &lockCard{ctx, lock}); errors.Is(err, vpcd.ErrMute) {
			left = conn
			continue
		}
		select { // the next one begins anew
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// lockCard is a lock as a card.
type lockCard struct {
	ctx  context.Context
	lock shim.Device
}

// Process hands the command to the lock.
func (c *lockCard) Process(command []byte) []byte {
	a, err := shim.Call[shim.Answer](c.ctx, c.lock, shim.Transceive{APDU: command})
	if err != nil {
		return nil
	}
	return a.APDU
}

// Power switches the lock; one that was not provisioned stays dark.
func (c *lockCard) Power(on bool) {
	_, _ = shim.Call[shim.Nothing](c.ctx, c.lock, shim.Power{On: on})
}

// Reset is a field that goes and comes.
func (c *lockCard) Reset() {
	c.Power(false)
	c.Power(true)
}
