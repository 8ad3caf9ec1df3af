package demo

import (
	"sync"
	"time"
)

// Clock is the time of the street, which can be moved on by hours.  It never
// goes back: neither locks nor ledgers would follow.
type Clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

// Now returns the time of the street, in whole seconds.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead).UTC().Truncate(time.Second)
}

// Ahead returns by how much the street is ahead of the world.
func (c *Clock) Ahead() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ahead
}

// Move moves the clock on; it does nothing where d is not positive.
func (c *Clock) Move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += max(d, 0)
}
