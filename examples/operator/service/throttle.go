package service

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/postern-lock/postern/credential"
)

// throttle bounds how often each key may call.  It remembers the keys of late, in
// two generations of bounded size, so that many keys cannot fill the memory; a key
// that it forgot begins anew.
type throttle struct {
	limit rate.Limit // calls a second
	burst int
	most  int // keys of one generation

	mu        sync.Mutex
	now, then map[credential.PublicKey]*rate.Limiter
}

func newThrottle(limit rate.Limit, burst int) *throttle {
	return &throttle{limit: limit, burst: burst, most: 1 << 14, now: make(map[credential.PublicKey]*rate.Limiter)}
}

// allow counts a call of the key, and refuses one too many.
func (t *throttle) allow(key credential.PublicKey, c *call) error {
	if t.limiter(key).AllowN(time.Unix(int64(c.now), 0), 1) {
		return nil
	}
	return problemTooMany.because("at most %g a second, and %d at once", float64(t.limit), t.burst)
}

func (t *throttle) limiter(key credential.PublicKey) *rate.Limiter {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.now[key]
	if l == nil {
		if l = t.then[key]; l == nil {
			l = rate.NewLimiter(t.limit, t.burst)
		}
		if len(t.now) >= t.most {
			t.then, t.now = t.now, make(map[credential.PublicKey]*rate.Limiter)
		}
		t.now[key] = l
	}
	return l
}
