package credential

import (
	"encoding/hex"
	"fmt"

	"github.com/postern-lock/postern/internal/wire"
)

// LockID names one lock, for life: 8 bytes (section 4.7).
type LockID [wire.LimitLockIdBytes]byte

// String returns the id in hexadecimal.
func (id LockID) String() string { return hex.EncodeToString(id[:]) }

// ParseLockID reads a lock id from 16 hexadecimal digits, as a label prints it.
func ParseLockID(s string) (LockID, error) {
	var id LockID
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(id) {
		return id, fault(ReasonMalformed, "lock id: want %d hexadecimal digits, have %q", 2*len(id), s)
	}
	copy(id[:], b)
	return id, nil
}

// KeyID names a key: the first 8 bytes of its COSE Key Thumbprint with SHA-256
// (section 4.3, and RFC 9679, section 3).  It is a hint to find a key and proves
// nothing: two keys can share one.
type KeyID [wire.LimitKeyIdBytes]byte

// String returns the id in hexadecimal.
func (id KeyID) String() string { return hex.EncodeToString(id[:]) }

// Tag names a signed object in logs, deny lists and receipts: the first 8 bytes
// of SHA-256 over its Sig_structure (section 4.4).  Two signatures over the same
// content have the same tag.
type Tag [wire.LimitTagBytes]byte

// String returns the tag in hexadecimal.
func (t Tag) String() string { return hex.EncodeToString(t[:]) }

// Reference names what a tap is about, a parcel for example, by a number that
// whoever asks has chosen: 8 bytes.  Zero is none.
type Reference [wire.LimitReferenceBytes]byte

// String returns the reference in hexadecimal.
func (r Reference) String() string { return hex.EncodeToString(r[:]) }

// Service is the service in whose name an operator acts: a number of the
// registry services.
type Service uint32

// The services of the registry.
const (
	ServiceNone        Service = wire.ServiceNone
	ServicePost        Service = wire.ServicePost
	ServiceParcel      Service = wire.ServiceParcel
	ServicePress       Service = wire.ServicePress
	ServiceEnergy      Service = wire.ServiceEnergy
	ServiceWater       Service = wire.ServiceWater
	ServiceTelecom     Service = wire.ServiceTelecom
	ServiceEmergency   Service = wire.ServiceEmergency
	ServiceMaintenance Service = wire.ServiceMaintenance
)

// String returns the service's name in the registry.
func (s Service) String() string {
	if name := wire.ServiceName(int64(s)); name != "" {
		return name
	}
	return fmt.Sprintf("service-%d", uint32(s))
}
