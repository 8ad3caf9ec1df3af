package home

import (
	"fmt"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
)

// change alters a copy of the state, has it kept, and only then takes it over.
func (b *Box) change(alter func(*state) error) error {
	next, err := b.state.clone()
	if err != nil {
		return err
	}
	if err := alter(next); err != nil {
		return err
	}
	return b.take(next, nil)
}

// changed alters the state at a time that was told, and returns what comes of it once
// that is kept: nothing with an error.
func changed[T any](b *Box, now time.Time, alter func(*state, credential.Time) (T, error)) (T, error) {
	var made, none T
	at, err := moment(now)
	if err != nil {
		return none, err
	}
	err = b.change(func(s *state) (err error) {
		made, err = alter(s, at)
		return err
	})
	if err != nil {
		return none, err
	}
	return made, nil
}

// take has a state kept, and the history where there is one, and takes them over.
func (b *Box) take(next *state, history *holder.History) error {
	var saved Saved
	var err error
	if saved.State, err = next.encode(); err != nil {
		return err
	}
	if next, err = parseState(saved.State); err != nil { // which shares nothing with what the app gave
		return err
	}
	if history != nil {
		if saved.History, err = encodeHistory(history); err != nil {
			return err
		}
	}
	if err := b.keep(saved); err != nil {
		return fmt.Errorf("%w: %w", ErrKeep, err)
	}
	b.state = next
	if history != nil {
		b.history = *history
	}
	return nil
}

// moment returns a time that was told.
func moment(now time.Time) (credential.Time, error) {
	at := credential.At(now)
	if at == 0 {
		return 0, fmt.Errorf("%w: it lies outside 1970 to 2106, or is missing", ErrTime)
	}
	return at, nil
}

// ready checks that the box is the key's, and was not given away.
func (s *state) ready() error {
	switch {
	case s.Heir != nil:
		return ErrGivenAway
	case s.Policy == nil:
		return ErrNotYours
	case s.Ousted:
		return fmt.Errorf("%w: the owner has ended the co-ownership", ErrCoOwner)
	}
	return nil
}

// before reports whether the box is not the key's yet: what there is came from a former
// key by Succeed, and the lock knows nothing of it.
func (s *state) before() bool { return s.Policy == nil && s.Heir == nil }

// mayDecide checks that the key is the owner's and knows what the lock holds.
func (s *state) mayDecide() error {
	if err := s.ready(); err != nil {
		return err
	}
	if s.Owner != s.Key {
		return ErrCoOwner
	}
	if s.Behind {
		return ErrBehind
	}
	return nil
}

// decide changes the state and signs the policy that follows from it.
func (b *Box) decide(now time.Time, alter func(*state) error) (Change, error) {
	return changed(b, now, func(s *state, at credential.Time) (Change, error) {
		if err := s.mayDecide(); err != nil {
			return Change{}, err
		}
		if err := alter(s); err != nil {
			return Change{}, err
		}
		return s.sign(b.signer, at, 1, false)
	})
}
