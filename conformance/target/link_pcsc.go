package target

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/target/pcsc"
)

// PCSC returns the link to the lock on a reader of the PC/SC service whose name
// contains the given one.  It waits for the lock as long as the patience lasts.
// The error is a *shim.Fault.
func PCSC(ctx context.Context, reader string, patience time.Duration) (Link, error) {
	s, err := pcsc.Dial(ctx)
	if err != nil {
		return nil, pcscFault(err)
	}
	l := &pcscLink{patience: patience}
	if err := l.find(ctx, s, reader); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return l, nil
}

// field is a field with a card in it, a *pcsc.Card.
type field interface {
	Reader() string
	PowerOn(ctx context.Context) error
	PowerOff(ctx context.Context) error
	Transceive(ctx context.Context, command []byte) ([]byte, error)
	Close() error
}

type pcscLink struct {
	card     field
	patience time.Duration
	dark     bool // the lock did not answer: so it is until the field goes and comes
}

// find waits for the lock, and switches its field off.
func (l *pcscLink) find(ctx context.Context, s *pcsc.Service, reader string) error {
	all, err := s.Readers(ctx)
	if err != nil {
		return pcscFault(err)
	}
	var names []string
	for _, r := range all {
		names = append(names, r.Name)
	}
	if !slices.ContainsFunc(names, func(name string) bool { return strings.Contains(name, reader) }) {
		return &shim.Fault{Kind: shim.Failed, Detail: fmt.Sprintf("PC/SC has no reader whose name contains %q: is it plugged in? It has %d readers: %q", reader, len(names), names)}
	}
	waiting, cancel := context.WithTimeout(ctx, l.patience)
	defer cancel()
	card, err := s.Connect(waiting, reader)
	if err != nil {
		return absent(err)
	}
	l.card = card
	return l.Power(ctx, false)
}

func (l *pcscLink) About() string { return "PC/SC, reader " + l.card.Reader() }

// Close ends the link.  What is wrong then matters to nobody.
func (l *pcscLink) Close() error {
	_ = l.card.Close()
	return nil
}

// Power switches the field.
func (l *pcscLink) Power(ctx context.Context, on bool) error {
	l.dark = false
	if !on {
		if err := l.card.PowerOff(ctx); err != nil {
			return pcscFault(err)
		}
		return nil
	}
	waiting, cancel := context.WithTimeout(ctx, l.patience)
	defer cancel()
	if err := l.card.PowerOn(waiting); err != nil {
		return absent(err)
	}
	return nil
}

// Transceive hands the command over.
func (l *pcscLink) Transceive(ctx context.Context, command []byte) (*shim.Answer, error) {
	if l.dark {
		return &shim.Answer{Silent: true}, nil
	}
	waiting, cancel := context.WithTimeout(ctx, l.patience)
	defer cancel()
	b, err := l.card.Transceive(waiting, command)
	switch {
	case err == nil:
		return answered(b)
	case !errors.Is(err, pcsc.ErrFieldLost):
		return nil, pcscFault(err)
	}
	return l.silence(ctx, err)
}

// silence finds out why the lock did not answer: where it starts anew in the same
// field it was silent, and else it has gone.
func (l *pcscLink) silence(ctx context.Context, lost error) (*shim.Answer, error) {
	if err := l.card.PowerOff(ctx); err != nil {
		return nil, pcscFault(err)
	}
	waiting, cancel := context.WithTimeout(ctx, back)
	defer cancel()
	if err := l.card.PowerOn(waiting); err != nil {
		return nil, absent(errors.Join(lost, err))
	}
	l.dark = true
	return &shim.Answer{Silent: true}, nil
}

// absent is the fault of a field without a lock.
func absent(err error) error {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, pcsc.ErrFieldLost) {
		return &shim.Fault{Kind: shim.Failed, Detail: fmt.Sprintf("the lock is not in the reader's field: lay it there, fasten it and begin again (%v)", err)}
	}
	return pcscFault(err)
}

// pcscFault is a fault of the reader or of its service.
func pcscFault(err error) error {
	kind := shim.Failed
	if errors.Is(err, context.DeadlineExceeded) {
		kind = shim.Silent
	}
	return &shim.Fault{Kind: kind, Detail: err.Error()}
}
