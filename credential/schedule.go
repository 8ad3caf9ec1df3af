package credential

import (
	"fmt"
	"strings"

	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

// Days is a set of days of the week: bit 0 is Monday, bit 6 Sunday.
type Days uint8

// The days of the week, and sets of them.
const (
	Monday Days = 1 << iota
	Tuesday
	Wednesday
	Thursday
	Friday
	Saturday
	Sunday

	Weekdays = Monday | Tuesday | Wednesday | Thursday | Friday
	EveryDay = Weekdays | Saturday | Sunday
)

// String returns the days' names, three letters each.
func (d Days) String() string {
	const names = "MonTueWedThuFriSatSun"
	var b strings.Builder
	for i := range 7 {
		if d&(1<<i) != 0 {
			b.WriteString(names[3*i : 3*i+3])
		}
	}
	return b.String()
}

// Window is a span of local time on some days of the week.  One that crosses
// midnight is two windows.
type Window struct {
	Days  Days
	From  uint16 // minute of the day that is the first in the window, 0 to 1439
	Until uint16 // minute of the day that is the first behind it, 1 to 1440
}

// Schedule is a list of 1 to 8 windows; in one of them the time has to fall.  A
// nil Schedule is none: it restricts nothing.
type Schedule []Window

// Admits reports whether the moment falls into a window, by local time.
func (s Schedule) Admits(m Moment) bool {
	local := int64(m.Now) + int64(m.Offset)*60
	if m.Now == 0 || local < 0 {
		return false
	}
	day := (local/86400 + 3) % 7 // 1970-01-01 was a Thursday
	minute := uint16(local % 86400 / 60)
	for _, w := range s {
		if w.Days&(1<<day) != 0 && w.From <= minute && minute < w.Until {
			return true
		}
	}
	return false
}

// String returns the windows, such as "MonTue 06:00-24:00".
func (s Schedule) String() string {
	var parts []string
	for _, w := range s {
		parts = append(parts, fmt.Sprintf("%s %02d:%02d-%02d:%02d", w.Days, w.From/60, w.From%60, w.Until/60, w.Until%60))
	}
	return strings.Join(parts, ", ")
}

// check applies the rules of section 16.4 to a schedule that is there.  An empty
// one is refused: it could mean always or never.
func (s Schedule) check(what string) error {
	if s != nil && len(s) == 0 || len(s) > wire.LimitWindows {
		return fault(ReasonLimit, "%s: 1 to %d windows are allowed, this has %d", what, wire.LimitWindows, len(s))
	}
	for _, w := range s {
		if w.Days == 0 || w.Days > EveryDay || w.From >= w.Until || w.Until > wire.LimitDayMinutes {
			return fault(ReasonMalformed, "%s: days %d from minute %d until %d is no window", what, w.Days, w.From, w.Until)
		}
	}
	return nil
}

// read decodes a schedule.
//
//	schedule = [ 1*8 [ days: 1..127, from: 0..1439, until: 1..1440 ] ]
func (s *Schedule) read(r *reader, field string) {
	n := r.array(field, 1, wire.LimitWindows, ReasonLimit)
	for range n {
		r.array(field+": window", 3, 3, ReasonMalformed)
		*s = append(*s, Window{
			Days:  Days(r.small(field+": days", uint32(EveryDay))),
			From:  uint16(r.small(field+": from", wire.LimitDayMinutes)),
			Until: uint16(r.small(field+": until", wire.LimitDayMinutes)),
		})
	}
}

// append encodes a schedule that is there.
func (s Schedule) append(b []byte) []byte {
	b = dcbor.AppendArray(b, len(s))
	for _, w := range s {
		b = dcbor.AppendArray(b, 3)
		b = dcbor.AppendUint(b, uint64(w.Days))
		b = dcbor.AppendUint(b, uint64(w.From))
		b = dcbor.AppendUint(b, uint64(w.Until))
	}
	return b
}
