package postern

import (
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder/home"
)

// Lines are what was read of the log, the oldest first, with the names that this
// phone knows.
func (b *Box) Lines() *Lines {
	return &Lines{look(b, func(box *home.Box) []home.Line { return box.Lines() })}
}

// Missing is how many entries between the first and the last that were read nobody
// has read.
func (b *Box) Missing() int64 {
	return look(b, func(box *home.Box) int64 { return int64(box.Missing()) })
}

// Brought reads sealed pages of the log that a courier brought, which
// [Result.LogPages] gave the courier's phone.  Every good one is taken, also where
// it throws for another.
func (b *Box) Brought(pages *Blobs) error {
	return b.mind(func(box *home.Box, _ time.Time) error { return box.Brought(pages.slices()...) })
}

// Name gives a name to who a line shows and this phone does not know: [Line.Tag],
// 16 hexadecimal digits.  An empty name takes it away.
func (b *Box) Name(tag, name string) error {
	return b.mind(func(box *home.Box, _ time.Time) error {
		id, err := parseID(tag)
		if err != nil {
			return err
		}
		return box.Name(credential.Tag(id), name)
	})
}

// Erase removes what was read of the log before a time, in seconds since 1970.
func (b *Box) Erase(before int64) error {
	return b.mind(func(box *home.Box, _ time.Time) error {
		t, err := moment(before)
		if err != nil {
			return err
		}
		return box.Erase(t.Time())
	})
}

// mind is decide for what gives nothing out.
func (b *Box) mind(work func(box *home.Box, now time.Time) error) error {
	_, err := decide(b, func(box *home.Box, now time.Time) (struct{}, error) { return struct{}{}, work(box, now) })
	return err
}

// Lines is a list of lines of the log.
type Lines struct{ all []home.Line }

// Len returns how many there are.
func (l *Lines) Len() int { return len(l.all) }

// At returns the one with the index, from 0; null where there is none.
func (l *Lines) At(i int) *Line {
	if i < 0 || i >= len(l.all) {
		return nil
	}
	return &Line{l.all[i]}
}

// Line is one line of the log.
type Line struct{ l home.Line }

// Text is the line in English: when, who, what came of it.
func (l *Line) Text() string { return l.l.String() }

// Sequence is its number in the log.
func (l *Line) Sequence() int64 { return int64(l.l.Entry.Sequence) }

// Time is when it was, in seconds since 1970, as far as the lock knew.
func (l *Line) Time() int64 { return int64(l.l.Entry.Time) }

// Exact reports whether the lock knew the time; where it did not, it was at Time or
// later.
func (l *Line) Exact() bool { return l.l.Entry.Evidence > credential.EvidenceStated }

// Operation is what was asked, one of the constants Operation…, or "configure".
func (l *Line) Operation() string { return l.l.Entry.Operation.String() }

// Outcome is what came of it: started, failed, commissioned, transferred, reset or
// tamper.
func (l *Line) Outcome() string { return l.l.Entry.Outcome.String() }

// Who is lock, you, owner, co-owner, guest, known, unknown or staff.
func (l *Line) Who() string {
	return [...]string{"lock", "you", "owner", "co-owner", "guest", "known", "unknown", "staff"}[l.l.Who&7]
}

// Name is who it was, by the owner's own book; nothing where it does not know.
func (l *Line) Name() string { return l.l.Name }

// Service is the service of staff, one of the constants Service…; else "none".
func (l *Line) Service() string { return l.l.Entry.Service.String() }

// Tag names the grant or the key, 16 hexadecimal digits.
func (l *Line) Tag() string { return l.l.Entry.Who.String() }

// Lost is how many entries before this one nobody has read.
func (l *Line) Lost() int64 { return int64(l.l.Lost) }
