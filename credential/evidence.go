package credential

import (
	"fmt"

	"github.com/postern-lock/postern/internal/wire"
)

// Evidence says how well a lock knows the time: a number of the registry
// evidence (section 16.2).  A greater one is worth more.
type Evidence uint8

// The kinds of evidence of the registry.
const (
	EvidenceFloor  Evidence = wire.EvidenceFloor  // it is the floor or later
	EvidenceStated Evidence = wire.EvidenceStated // a signed time was handed over, which may be an old one
	EvidenceLive   Evidence = wire.EvidenceLive   // a signed time over the lock's nonce, at most a minute old
	EvidenceClock  Evidence = wire.EvidenceClock  // the lock's own clock
)

// String returns the name in the registry.
func (e Evidence) String() string {
	if name := wire.EvidenceName(int64(e)); name != "" {
		return name
	}
	return fmt.Sprintf("evidence-%d", uint8(e))
}

// Moment is what a lock knows of the time, besides its floor.
type Moment struct {
	Evidence Evidence
	// Now is the time that the evidence proves; zero with EvidenceFloor, which
	// proves no more than the floor.
	Now Time
	// Offset is what the region's local time is ahead of UTC, in minutes.
	Offset int16
}
