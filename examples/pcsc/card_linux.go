//go:build linux && !android && (amd64 || arm64 || loong64 || ppc64le || riscv64)

package pcsc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// pollInterval is the time between two looks for a card.
const pollInterval = 100 * time.Millisecond

// Readers returns the names of the readers that PC/SC knows, none where none
// is plugged in.  The error is an [*Error], or that of the library's loading.
func Readers() ([]string, error) {
	s, err := dial()
	if err != nil {
		return nil, err
	}
	names, err := s.readers()
	return names, errors.Join(err, s.close())
}

// Card is the link to one card: an [apdu.Transceiver] for one user at a time.
type Card struct {
	reader   string
	commands chan request // to the worker, which alone uses the handle
	closed   chan error   // the worker's last word
	ended    error        // why no command is taken any more
	waiting  bool         // the worker may still be busy with a command that was given up
}

// request is one command for the worker.
type request struct {
	command []byte
	reply   chan<- reply // has room for it
}

// reply is what came of one command.
type reply struct {
	response []byte
	err      error
}

// Connect waits for a card in a reader whose name contains the given one, the
// empty name standing for any reader, and connects to it alone: no other
// program reaches the card until Close.  It returns ctx.Err, wrapped, when ctx
// is done before.
func Connect(ctx context.Context, reader string) (*Card, error) {
	s, err := dial()
	if err != nil {
		return nil, err
	}
	c, err := s.wait(ctx, reader)
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return c, nil
}

// wait looks for a card until there is one or ctx is done.
func (s *service) wait(ctx context.Context, reader string) (*Card, error) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("pcsc: waiting for a card: %w", ctx.Err())
		case <-timer.C:
		}
		if c, err := s.look(reader); c != nil || err != nil {
			return c, err
		}
		timer.Reset(pollInterval)
	}
}

// look tries every reader with the name once.  It returns nil and no error
// where there is no card.
func (s *service) look(reader string) (*Card, error) {
	names, err := s.readers()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if !strings.Contains(name, reader) {
			continue
		}
		handle, err := s.power(name)
		switch {
		case err == nil:
			c := &Card{reader: name, commands: make(chan request), closed: make(chan error, 1)}
			go s.work(handle, c.commands, c.closed)
			return c, nil
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
// to itself.  After any error the link takes no further command.
func (c *Card) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	if c.ended != nil {
		return nil, c.ended
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("pcsc: %w", err)
	}
	answered := make(chan reply, 1)
	c.commands <- request{bytes.Clone(command), answered}
	select {
	case r := <-answered:
		if r.err != nil {
			c.ended = ErrClosed
		}
		return r.response, r.err
	case <-ctx.Done():
		c.ended, c.waiting = ErrClosed, true
		return nil, fmt.Errorf("pcsc: %w", ctx.Err())
	}
}

// Close switches the card's field off and ends the link.  Where a command was
// given up, Close does not wait for it: the link ends when PC/SC has done so.
// A second Close returns ErrClosed.
func (c *Card) Close() error {
	if c.commands == nil {
		return ErrClosed
	}
	close(c.commands)
	c.commands, c.ended = nil, ErrClosed
	if c.waiting {
		return nil
	}
	return <-c.closed
}

// work carries out commands until there are no more, and then disconnects.
func (s *service) work(handle uintptr, commands <-chan request, closed chan<- error) {
	response := make([]byte, maxResponse)
	for r := range commands {
		n, err := s.exchange(handle, r.command, response)
		r.reply <- reply{bytes.Clone(response[:n]), err}
	}
	closed <- errors.Join(s.unpower(handle), s.close())
}
