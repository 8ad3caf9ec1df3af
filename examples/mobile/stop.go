package postern

import (
	"context"
	"sync"
	"time"
)

// Stop ends taps: the app cancels it when the person leaves the screen, or when
// the platform ends the NFC session.  A tap ends with the next command; where
// Transceive itself waits, close the tag too.
type Stop struct {
	mu     sync.Mutex
	ctx    context.Context
	cancel context.CancelFunc
}

// NewStop returns a Stop that lets taps go on.
func NewStop() *Stop { return &Stop{} }

// context returns the one to pass on; of null, one that never ends.
func (s *Stop) context() context.Context {
	if s == nil {
		return context.Background()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx == nil {
		s.ctx, s.cancel = context.WithCancel(context.Background())
	}
	return s.ctx
}

// Cancel ends the taps under way, and all that begin with this Stop.
func (s *Stop) Cancel() {
	if s == nil {
		return
	}
	s.context()
	s.cancel()
}

// CancelAfter cancels when so many milliseconds have passed, from 1 to 600000.
func (s *Stop) CancelAfter(milliseconds int64) error {
	if s == nil || milliseconds < 1 || milliseconds > 600_000 {
		return argument("CancelAfter: want 1 to 600000 milliseconds")
	}
	time.AfterFunc(time.Duration(milliseconds)*time.Millisecond, s.Cancel)
	return nil
}

// Cancelled reports whether it was cancelled.
func (s *Stop) Cancelled() bool { return s != nil && s.context().Err() != nil }
