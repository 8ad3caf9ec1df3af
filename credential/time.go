package credential

import "time"

// Time is a moment in whole seconds since 1970-01-01T00:00:00Z, the only unit
// of time in the standard (section 4.1).  It ends in February 2106.  Zero is no
// moment: in a claim it is refused, as a lock's floor it means that the lock
// has seen no signed time yet.
type Time uint32

// At returns the moment of t, rounded down to whole seconds, and zero where t
// lies outside what a Time can hold.
func At(t time.Time) Time {
	s := t.Unix()
	if s <= 0 || s > int64(^Time(0)) {
		return 0
	}
	return Time(s)
}

// Time returns t in UTC.
func (t Time) Time() time.Time { return time.Unix(int64(t), 0).UTC() }

// String returns t as RFC 3339 in UTC, or "none" for zero.
func (t Time) String() string {
	if t == 0 {
		return "none"
	}
	return t.Time().Format(time.RFC3339)
}
