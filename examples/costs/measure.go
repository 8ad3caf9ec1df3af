package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/lock"
	"github.com/postern-lock/postern/lock/locktest"
)

// watch is told when the lock begins and ends to work on a command.
type watch interface {
	begin() error
	end() error
}

// watched is the link to a lock with somebody who looks on.
type watched struct {
	next  apdu.Transceiver
	watch watch
}

// Transceive has the lock carry out a command.
func (w watched) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	if err := w.watch.begin(); err != nil {
		return nil, err
	}
	response, err := w.next.Transceive(ctx, command)
	return response, errors.Join(err, w.watch.end())
}

// measure plays the tap of the kind and counts what can be seen from outside the
// lock.  It fails unless the tap ends as the kind says.
func (k kind) measure(w watch) (counts, error) {
	s, err := newStage(k.suite2)
	if err != nil {
		return counts{}, fmt.Errorf("%s: %w", k.name, err)
	}
	t, err := k.prepare(s)
	if err != nil {
		return counts{}, fmt.Errorf("%s: %w", k.name, err)
	}
	if t == nil {
		return s.start(w)
	}
	l, err := lock.New(s.config)
	if err != nil {
		return counts{}, fmt.Errorf("%s: %w", k.name, err)
	}
	link := apdu.NewTracer(apdu.Direct(l))
	before := *s.flash
	s.events = nil
	r, err := t(watched{link, w})
	if err != nil {
		return counts{}, fmt.Errorf("%s: %w", k.name, err)
	}
	if err := k.check(s, r); err != nil {
		return counts{}, err
	}
	c := s.flashed(before)
	ops := l.Operations()
	c.X25519, c.Ed25519Sign, c.Ed25519Verify = int(ops.X25519), int(ops.Ed25519Sign), int(ops.Ed25519Verify)
	c.P256DH, c.P256Sign, c.P256Verify = int(ops.P256DH), int(ops.P256Sign), int(ops.P256Verify)
	c.Pairs, c.Bytes = link.Cost().Pairs, link.Cost().Bytes
	return c, nil
}

// start counts what the lock does when it gets power.
func (s *stage) start(w watch) (counts, error) {
	before := *s.flash
	if err := w.begin(); err != nil {
		return counts{}, err
	}
	_, err := lock.New(s.config)
	return s.flashed(before), errors.Join(err, w.end())
}

// flashed returns what was done to the flash.
func (s *stage) flashed(since locktest.Flash) counts {
	return counts{
		FlashReads:  s.flash.Reads - since.Reads,
		FlashErases: s.flash.Erases - since.Erases, FlashBytes: s.flash.Programmed - since.Programmed,
	}
}

// check holds the result of a tap to what the kind says.
func (k kind) check(s *stage, r holder.Result) error {
	if reason := s.reason(); r.Outcome != k.outcome || reason != k.reason {
		return fmt.Errorf("%s ended as %v, %v, and must end as %v, %v", k.name, r.Outcome, reason, k.outcome, k.reason)
	}
	var fates []credential.Reason
	for _, d := range r.Documents {
		fates = append(fates, d.Reason)
	}
	if !slices.Equal(fates, k.documents) {
		return fmt.Errorf("%s: the lock says %v of the documents, and must say %v", k.name, fates, k.documents)
	}
	return nil
}

// reason is the one of the lock's last decision.
func (s *stage) reason() credential.Reason {
	if len(s.events) == 0 {
		return credential.ReasonNone
	}
	return s.events[len(s.events)-1].Reason
}

// unwatched looks on and does nothing.
type unwatched struct{}

func (unwatched) begin() error { return nil }
func (unwatched) end() error   { return nil }

// measureAll counts all kinds.
func measureAll() (map[string]counts, error) {
	all := map[string]counts{}
	for _, k := range kinds {
		c, err := k.measure(unwatched{})
		if err != nil {
			return nil, err
		}
		all[k.name] = c
	}
	return all, nil
}

// complete takes what cannot be seen from outside from the golden counts.  It
// fails where the golden counts and what was measured now differ.
func complete(measured map[string]counts, g *goldenFile) error {
	for _, k := range kinds {
		now := measured[k.name]
		held, ok := g.counts[k.name]
		if !ok {
			return fmt.Errorf("%s is not in the golden counts; %s", k.name, anew)
		}
		_, outside := now.cells()
		insideHeld, outsideHeld := held.cells()
		for i, cell := range outside {
			if *cell.value != *outsideHeld[i].value {
				return fmt.Errorf("%s: %s is %d now and %d in the golden counts; %s",
					k.name, cell.name, *cell.value, *outsideHeld[i].value, anew)
			}
		}
		inside, _ := now.cells()
		for i, cell := range inside {
			*cell.value = *insideHeld[i].value
		}
		measured[k.name] = now
	}
	return nil
}
