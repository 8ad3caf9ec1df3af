package hsm

import (
	"fmt"
	"time"
)

// do makes a call in a session of its own, and waits for it as long as the
// token's patience lasts.  Nothing that f reads may change afterwards: a call that
// hangs goes on reading it.
func do[T any](t *Token, what string, f func(*session) (T, error)) (T, error) {
	var none T
	timer := time.NewTimer(t.config.Patience)
	defer timer.Stop()
	s, err := t.take(what, timer.C)
	if err != nil {
		return none, err
	}
	var value T
	done := make(chan error, 1)
	go func() {
		v, err := attempt(t, s, f)
		value = v
		done <- err
	}()
	select {
	case err := <-done:
		t.idle <- s
		if err != nil {
			return none, fmt.Errorf("%s: %w", what, err)
		}
		return value, nil
	case <-timer.C:
		t.silent.Add(1)
		go t.await(s, done)
		return none, fmt.Errorf("%w: %s: nothing came within %v", ErrSilent, what, t.config.Patience)
	}
}

// await takes a session back once its call has come back.
func (t *Token) await(s *session, done <-chan error) {
	<-done
	t.silent.Add(-1)
	t.idle <- s
}

// take returns a session that nobody uses.
func (t *Token) take(what string, expired <-chan time.Time) (*session, error) {
	if t.closed.Load() {
		return nil, fmt.Errorf("%w: %s", ErrClosed, what)
	}
	select {
	case s := <-t.idle:
		return s, nil
	default:
	}
	if int(t.silent.Load()) == t.config.Sessions {
		return nil, fmt.Errorf("%w: %s: refused, since all %d sessions hang in calls of which none came back", ErrSilent, what, t.config.Sessions)
	}
	select {
	case s := <-t.idle:
		return s, nil
	case <-expired:
		return nil, fmt.Errorf("%w: %s: all %d were at work for %v", ErrBusy, what, t.config.Sessions, t.config.Patience)
	}
}

// attempt makes the call, once more where the session turned out to be lost:
// whatever is asked here can be asked twice.
func attempt[T any](t *Token, s *session, f func(*session) (T, error)) (T, error) {
	for first := true; ; first = false {
		err := t.ready(s)
		if err == nil {
			var value T
			if value, err = f(s); err == nil {
				return value, nil
			}
		}
		if again := t.mend(s, err); !again || !first {
			var none T
			return none, err
		}
	}
}
