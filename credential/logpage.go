package credential

import (
	"bytes"

	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

// LogPage is a part of a lock's log, as it leaves the lock (section 19.3).
type LogPage struct {
	Lock    LockID
	Base    LogHead    // head of the log before the first entry of the page
	Entries []LogEntry // 0 to 16, oldest first, their numbers without a gap
}

const logPageName = "log page"

// Encode returns the page padded with zeros to 768 bytes, so that its length
// does not tell how much there is in it.  It returns nil for a page that
// [ParseLogPage] would refuse.
//
//	page = [ lock-id, base: bstr .size 32, [ 0*16 entry ] ]
func (p LogPage) Encode() []byte {
	if p.check() != nil {
		return nil
	}
	b := p.append(make([]byte, 0, wire.LimitLogPageBytes))
	return b[:wire.LimitLogPageBytes]
}

// append encodes the page without its padding.
func (p *LogPage) append(b []byte) []byte {
	b = dcbor.AppendArray(b, 3)
	b = dcbor.AppendBytes(b, p.Lock[:])
	b = dcbor.AppendBytes(b, p.Base[:])
	b = dcbor.AppendArray(b, len(p.Entries))
	for i := range p.Entries {
		b = p.Entries[i].append(b)
	}
	return b
}

// ParseLogPage decodes a page of exactly 768 bytes.  A page proves nothing of
// itself: it is as good as the channel, or the seal, that it came in.  Its
// entries belong to the head that follows from Base by [LogHead.Next].
//
// Errors: malformed, limit.
func ParseLogPage(plain []byte) (LogPage, error) {
	if len(plain) != wire.LimitLogPageBytes {
		return LogPage{}, fault(ReasonMalformed, "%s: must be %d bytes, has %d", logPageName, wire.LimitLogPageBytes, len(plain))
	}
	item, padding, err := dcbor.Next(plain)
	switch {
	case err != nil:
		return LogPage{}, undecodable(logPageName, err)
	case !zero(padding):
		return LogPage{}, fault(ReasonMalformed, "%s: padding: must be zeros", logPageName)
	}
	var p LogPage
	r := read(logPageName, item)
	r.array("fields", 3, 3, ReasonMalformed)
	p.Lock = LockID(r.sized("lock id", len(p.Lock)))
	p.Base = LogHead(r.sized("base", len(p.Base)))
	for range r.array("entries", 0, wire.LimitLogPageEntries, ReasonLimit) {
		r.array("entry", logEntryFields, logEntryFields, ReasonMalformed)
		var e LogEntry
		e.read(&r)
		p.Entries = append(p.Entries, e)
	}
	if err := r.close(); err != nil {
		return LogPage{}, err
	}
	if err := p.check(); err != nil {
		return LogPage{}, err
	}
	var again [wire.LimitLogPageBytes]byte
	if !bytes.Equal(p.append(again[:0]), item) {
		return LogPage{}, fault(ReasonMalformed, "%s: it does not encode to the same bytes", logPageName)
	}
	return p, nil
}

// check applies the rules that hold for every page.
func (p *LogPage) check() error {
	if n := len(p.Entries); n > wire.LimitLogPageEntries {
		return fault(ReasonLimit, "%s: entries: at most %d are allowed, this has %d", logPageName, wire.LimitLogPageEntries, n)
	}
	for i := range p.Entries {
		if err := p.Entries[i].check(logPageName+": entry", false); err != nil {
			return err
		}
		if i > 0 && p.Entries[i].Sequence != p.Entries[i-1].Sequence+1 {
			return fault(ReasonMalformed, "%s: sequence: %d does not follow %d", logPageName, p.Entries[i].Sequence, p.Entries[i-1].Sequence)
		}
	}
	return nil
}
