package edhoc

import "sync/atomic"

// A stage holds the state of a run until it is taken, which succeeds once. That
// includes calls at the same time: with a signature that is random, two
// message_3 of one run would be two plaintexts under one key and nonce. See RFC
// 9528, section 7. The zero stage holds nothing.
type stage[T any] struct {
	state atomic.Pointer[T]
}

// take returns the state and forgets it. Every later call is [ErrUsed].
func (s *stage[T]) take() (*T, error) {
	state := s.state.Swap(nil)
	if state == nil {
		return nil, &Error{Kind: ErrUsed}
	}
	return state, nil
}
