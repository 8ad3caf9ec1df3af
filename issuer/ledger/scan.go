package ledger

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/postern-lock/postern/credential"
)

// inForce reads the records of a ledger that are not over at a time, whether they stand
// or not.
type inForce struct {
	store   Store
	longest time.Duration // from issue to end of any grant; zero where it is not known, which reads all
	at      credential.Time
}

// records reads them, ascending.
func (w inForce) records(ctx context.Context) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		serial, err := w.start(ctx)
		for err == nil {
			var records []Record
			if records, err = w.store.Since(ctx, serial, MaxNewest); err != nil || len(records) == 0 {
				break
			}
			for _, r := range records {
				serial = r.Serial
				if w.at < r.Expires && !yield(r, nil) {
					return
				}
			}
		}
		if err != nil {
			yield(Record{}, fmt.Errorf("ledger: reading what is in force: %w", err))
		}
	}
}

// start returns a serial up to which all grants are over, by some 60 single reads.  It
// relies on what Commit promises: times of issue rise with the serials, but for
// ClockTolerance.
func (w inForce) start(ctx context.Context) (uint64, error) {
	longest := int64(w.longest / time.Second)
	if longest <= 0 {
		return 0, nil
	}
	var fault error
	over := func(serial uint64) bool { // the record behind the serial, and all before it
		records, err := w.store.Since(ctx, serial, 1)
		if err != nil {
			fault = err
		}
		return len(records) == 1 && int64(records[0].IssuedAt)+longest+int64(ClockTolerance) < int64(w.at)
	}
	low, high := uint64(0), uint64(1)
	for fault == nil && high < 1<<62 && over(high) {
		low, high = high, 2*high
	}
	for fault == nil && low < high {
		if mid := low + (high-low)/2; over(mid) {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low, fault
}
