package lock

import (
	"encoding/binary"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/wire"
)

// logged is an entry with the head of the log before it, from which head and
// pages can be had without the entries that are gone.
type logged struct {
	before credential.LogHead
	entry  credential.LogEntry
}

// loggedSize is the length in bytes of an entry without a reference.
const loggedSize = len(credential.LogHead{}) + 4 + 4 + 1 + 1 + 1 + 1 + 1 + 4 + wire.LimitTagBytes

func (l *logged) empty() bool { return l.entry.Sequence == 0 }

// value is the head, then the entry's fields in their order; what is none of
// its last field is left out.
func (l *logged) value() []byte {
	if l.empty() {
		return nil
	}
	e := &l.entry
	b := append(make([]byte, 0, loggedSize+len(e.Reference)), l.before[:]...)
	b = binary.BigEndian.AppendUint32(b, e.Sequence)
	b = binary.BigEndian.AppendUint32(b, uint32(e.Time))
	b = append(b, byte(e.Evidence)<<4|byte(e.Role), byte(e.Operation), byte(e.Outcome), byte(e.Reason), e.Resource)
	b = binary.BigEndian.AppendUint32(b, uint32(e.Service))
	b = append(b, e.Who[:]...)
	if e.Reference != (credential.Reference{}) {
		b = append(b, e.Reference[:]...)
	}
	return b
}

func (l *logged) read(b []byte) error {
	e := &l.entry
	switch len(b) {
	case loggedSize + len(e.Reference):
		copy(e.Reference[:], b[loggedSize:])
	case loggedSize:
	default:
		return errRecord
	}
	b = b[copy(l.before[:], b):]
	e.Sequence = binary.BigEndian.Uint32(b)
	e.Time = credential.Time(binary.BigEndian.Uint32(b[4:]))
	e.Evidence, e.Role = credential.Evidence(b[8]>>4), credential.Role(b[8]&0xF)
	e.Operation, e.Outcome = credential.Operation(b[9]), credential.LogOutcome(b[10])
	e.Reason, e.Resource = credential.Reason(b[11]), b[12]
	e.Service = credential.Service(binary.BigEndian.Uint32(b[13:]))
	copy(e.Who[:], b[17:])
	return nil
}

// at returns the place of an entry.
func (s *state) at(sequence uint32) *logged { return &s.log[sequence%wire.LimitLogEntries] }

// newest returns the newest entry, and nil where there is none.
func (s *state) newest() *logged {
	if l := s.at(s.sequence); s.sequence != 0 && l.entry.Sequence == s.sequence {
		return l
	}
	return nil
}

// head returns the head of the log.
func (s *state) head() credential.LogHead {
	if l := s.newest(); l != nil {
		return l.before.Next(l.entry)
	}
	return credential.LogHead{}
}

// entries returns what the log holds with sequence numbers from least to most,
// oldest first, without a gap.
func (s *state) entries(least, most uint32) []logged {
	var list []logged
	for n := most; n >= least && n > 0; n-- {
		l := s.at(n)
		if l.entry.Sequence != n {
			break
		}
		list = append(list, *l)
	}
	for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
	return list
}

// page returns a page of the log, 0 being the newest (section 19.3).
func (s *state) page(number uint8, id credential.LockID) credential.LogPage {
	p := credential.LogPage{Lock: id}
	skipped := uint32(number) * wire.LimitLogPageEntries
	if s.sequence <= skipped {
		return p
	}
	most := s.sequence - skipped
	least := uint32(1)
	if most > wire.LimitLogPageEntries {
		least = most - wire.LimitLogPageEntries + 1
	}
	for i, l := range s.entries(least, most) {
		if i == 0 {
			p.Base = l.before
		}
		p.Entries = append(p.Entries, l.entry)
	}
	return p
}

// enter adds an entry to a change: its number is the next one, and the log's
// head goes on with it.
func (s *state) enter(c *change, e credential.LogEntry) {
	e.Sequence = s.sequence + 1
	l := logged{s.head(), e}
	c.sequence = e.Sequence
	c.put(cellEntry, int(e.Sequence%wire.LimitLogEntries), l.value())
}
