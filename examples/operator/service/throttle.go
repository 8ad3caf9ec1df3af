package service

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/postern-lock/postern/credential"
)

// throttle bounds how often each key may call, and how many of its requests are at
// work, those among them whose answers it is slow to read.  It remembers the keys of late, in
// two generations of bounded size, so that many keys cannot fill the memory; a key
// that it forgot begins anew.
type throttle struct {
	limit rate.Limit // calls a second
	burst int
	width int // requests of one key at work
	most  int // keys of one generation

	mu        sync.Mutex
	now, then map[credential.PublicKey]*caught
}

// caught is what is known of a key.
type caught struct {
	*rate.Limiter
	working int
}

func newThrottle(limit rate.Limit, burst, width int) *throttle {
	return &throttle{limit: limit, burst: burst, width: width, most: 1 << 14, now: make(map[credential.PublicKey]*caught)}
}

// allow counts a call of the key until it leaves, and refuses one too many.
func (t *throttle) allow(key credential.PublicKey, c *call) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.of(key)
	switch {
	case l.working >= t.width:
		return problemTooMany.because("at most %d are at work", t.width)
	case !l.AllowN(time.Unix(int64(c.now), 0), 1):
		return problemTooMany.because("at most %g a second, and %d in a row", float64(t.limit), t.burst)
	}
	l.working++
	c.leave = func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		l.working--
	}
	return nil
}

// of returns what is known of the key.
func (t *throttle) of(key credential.PublicKey) *caught {
	l := t.now[key]
	if l == nil {
		if l = t.then[key]; l == nil {
			l = &caught{Limiter: rate.NewLimiter(t.limit, t.burst)}
		}
		if len(t.now) >= t.most {
			t.then, t.now = t.now, make(map[credential.PublicKey]*caught)
		}
		t.now[key] = l
	}
	return l
}
