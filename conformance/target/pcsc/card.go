package pcsc

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// pollInterval is the time between two looks for a card.
const pollInterval = 100 * time.Millisecond

// farewell is how long the end of a link may take.
const farewell = 2 * time.Second

// Card is the link to one card: an [apdu.Transceiver] for one user at a time.
type Card struct {
	service *Service
	reader  string
	handle  int32
	on      bool
	broken  bool  // pcscd may still be busy with a command that was given up
	ended   error // why no command is taken any more
}

// Connect waits for a card in a reader whose name contains the given one, the
// empty name standing for any reader, and connects to it alone: no other
// program reaches the card until Close.  It returns ctx.Err, wrapped, when ctx
// is done before.
func Connect(ctx context.Context, reader string) (*Card, error) {
	s, err := Dial(ctx)
	if err != nil {
		return nil, err
	}
	c, err := s.Connect(ctx, reader)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return c, nil
}

// Connect is the function Connect on a connection that there is.  The card's
// Close ends the connection with it.
func (s *Service) Connect(ctx context.Context, reader string) (*Card, error) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("pcsc: waiting for a card: %w", ctx.Err())
		case <-timer.C:
		}
		if c, err := s.look(ctx, reader); c != nil || err != nil {
			return c, err
		}
		timer.Reset(pollInterval)
	}
}

// look tries every reader with the name once.  It returns nil and no error
// where there is no card.
func (s *Service) look(ctx context.Context, reader string) (*Card, error) {
	all, err := s.Readers(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		if !strings.Contains(r.Name, reader) {
			continue
		}
		handle, err := s.connect(ctx, r.Name)
		switch {
		case err == nil:
			return &Card{service: s, reader: r.Name, handle: handle, on: true}, nil
		case !errors.Is(err, ErrFieldLost):
			return nil, err
		}
	}
	return nil, nil
}

// Reader returns the name of the reader that the card is in.
func (c *Card) Reader() string { return c.reader }

// Transceive sends one command.  errors.Is(err, [ErrFieldLost]) tells that the
// card has gone.  PC/SC cannot interrupt a command: when ctx is done before
// the answer, Transceive returns with ctx.Err, wrapped, and leaves the command
// to itself.  After any error the link takes no further command; where the card
// has gone, PowerOff and PowerOn begin anew.
func (c *Card) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	if c.ended != nil {
		return nil, c.ended
	}
	response, err := c.service.transmit(ctx, c.handle, command)
	if err != nil {
		_, answered := errors.AsType[*Error](err)
		c.ended, c.broken = ErrClosed, !answered && !errors.Is(err, ErrFieldLost)
		return nil, err
	}
	return response, nil
}

// PowerOff switches the card's field off.
func (c *Card) PowerOff(ctx context.Context) error {
	if !c.on {
		return nil
	}
	c.on, c.ended = false, ErrClosed
	return c.service.disconnect(ctx, c.handle)
}

// PowerOn switches the field on again, after a PowerOff, and waits for a card in
// it as Connect does.
func (c *Card) PowerOn(ctx context.Context) error {
	again, err := c.service.Connect(ctx, c.reader)
	if err != nil {
		return err
	}
	*c = *again
	return nil
}

// Close switches the card's field off and ends the link.  Where a command was
// given up, Close does not wait for it: pcscd resets the card when it has done
// so.  A second Close returns ErrClosed.
func (c *Card) Close() error {
	if c.service == nil {
		return ErrClosed
	}
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	var err error
	if !c.broken {
		err = c.PowerOff(ctx)
	} // else pcscd resets the card when the connection ends
	err = errors.Join(err, c.service.Close())
	c.service, c.ended = nil, ErrClosed
	return err
}
