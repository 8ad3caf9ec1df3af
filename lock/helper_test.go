package lock_test

import (
	"context"
	"time"
)

// noWait is a Phone's Wait that does not.
func noWait(context.Context, time.Duration) error { return nil }
