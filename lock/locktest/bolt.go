package locktest

import (
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/lock"
)

// Bolt is a simulated bolt.  Its zero value has all the energy it needs and no
// sensor, so that every opening is unconfirmed; with Motion lock.Moved it is opened.
type Bolt struct {
	// Charges are the percentages that the lock finds, one each time it asks;
	// when they are used up it finds 100.
	Charges []int
	// Motion is what comes of driving the bolt.
	Motion lock.Motion
	// Driven counts how often the bolt was driven, and Door is the compartment
	// for which it last was.
	Driven int
	Door   uint8
}

// Charge returns the next of Charges, and 50 ms to wait where it is not enough.
func (b *Bolt) Charge() (percent int, wait time.Duration) {
	if len(b.Charges) == 0 {
		return 100, 0
	}
	percent = b.Charges[0]
	b.Charges = b.Charges[1:]
	return percent, 50 * time.Millisecond
}

// Drive counts and returns Motion.
func (b *Bolt) Drive(_ credential.Operation, resource uint8) lock.Motion {
	b.Driven++
	b.Door = resource
	return b.Motion
}
