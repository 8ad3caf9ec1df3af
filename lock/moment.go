package lock

import (
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/wire"
)

// moment is what the lock knows of the time.
type moment struct{ credential.Moment }

// moment returns what the lock knows of the time now, with the floor in force
// (section 16.2): by its own clock, or by the token that was handed over in this
// transaction, as long as it is worth something.
func (l *Lock) moment(floor credential.Time) moment {
	if l.config.Clock != nil {
		if now, offset, ok := l.config.Clock(); ok && now >= floor {
			return moment{credential.Moment{Evidence: credential.EvidenceClock, Now: now, Offset: offset}}
		}
	}
	m := l.tx.told
	if m.Evidence == credential.EvidenceLive && !l.timely() {
		m.Evidence = credential.EvidenceStated
	}
	if m.Evidence == credential.EvidenceStated && m.Now < floor {
		return moment{}
	}
	return moment{m}
}

// timely reports whether SELECT was less than a minute ago, by the lock's own
// oscillator.  A lock without one, or with one that runs backwards, cannot tell.
func (l *Lock) timely() bool {
	if l.config.Elapsed == nil {
		return false
	}
	elapsed := l.config.Elapsed() - l.tx.selectedAt
	return elapsed >= 0 && elapsed <= wire.LimitLiveSeconds*time.Second
}

// time returns the time of a log entry: that of the evidence, or the floor.
func (m moment) time(floor credential.Time) credential.Time {
	if m.Evidence == credential.EvidenceFloor {
		return floor
	}
	return m.Now
}
