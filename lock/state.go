package lock

import (
	"encoding/binary"
	"errors"
	"slices"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/wire"
)

// state is everything that the lock keeps in flash (section 7.1), as it stands
// in RAM under power.  It changes only by records that were committed: load and
// commit both go through set, but for a policy, which the commit brings along.
type state struct {
	anchor
	owner       owner
	policy      *policy // nil before the first one
	log         [wire.LimitLogEntries]logged
	authorities [wire.LimitAuthorities]knownAuthority
	grants      [knownGrants]knownGrant
	slots       [wire.LimitSlots]slot
	uses        [wire.LimitUseRecords]use
	lists       [keptLists]list
	forgotten   [2]credential.Time // latest exp of a counted grant whose account gave way: of owners', of operators'
}

// knownGrants is how many verified grants the lock remembers: each one saves a
// signature verification when it comes again.
const knownGrants = 8

// The kinds of cells.  What is kept once has the index 0.
const (
	cellOwner = 1 + iota
	cellPolicy
	cellEntry
	cellAuthority
	cellGrant
	cellSlot
	cellSecret
	cellUse
	cellList
	cellForgotten
)

// needed is the most that a lock keeps.
var needed = capacity{
	cells: 4 + wire.LimitLogEntries + wire.LimitAuthorities + knownGrants + 2*wire.LimitSlots + wire.LimitUseRecords + keptLists,
	values: ownerMost + policyMost + 2*4 + wire.LimitLogEntries*entryMost + wire.LimitAuthorities*authorityMost +
		knownGrants*grantSize + wire.LimitSlots*(slotMost+lineSize) + wire.LimitUseRecords*useSize + keptLists*listMost,
	value: policyMost,
	// A policy that hands the lock over, with all that it wipes.
	change: recordSize(policyMost) + recordSize(ownerMost) + recordSize(entryMost) +
		cellHead*(wire.LimitLogEntries+2*wire.LimitSlots+knownGrants+wire.LimitUseRecords+1),
}

// Greatest lengths in bytes of what stands in a cell.
const (
	claimsSetMost = 1 + 48 // its length, and the claims set of a P-256 key
	ownerMost     = len(edhoc.LogKey{}) + 4 + 2 + claimsSetMost
	policyMost    = claimsSetMost + wire.LimitPolicyBytes
	entryMost     = loggedSize + wire.LimitReferenceBytes
	grantSize     = 4 + len(credential.Fingerprint{})
	authorityMost = authorityHead + wire.LimitObjectBytes
	slotMost      = slotHead + wire.LimitObjectBytes
	listMost      = 4 + 2*claimsSetMost + wire.LimitObjectBytes
)

var errRecord = errors.New("flash holds a record that this version does not write")

// change is what one commit does to the state.
type change struct {
	anchor  // numbers that rise; zero ones stay
	records []record
	policy  *policy // that of its record, which need not be read again then
}

// put adds a record, in the place of one of the same cell.
func (c *change) put(kind byte, index int, value []byte) {
	r := record{cell{kind, byte(index)}, value}
	if i := slices.IndexFunc(c.records, func(o record) bool { return o.cell == r.cell }); i >= 0 {
		c.records[i] = r
		return
	}
	c.records = append(c.records, r)
}

// empty reports whether the change changes nothing.
func (c *change) empty() bool { return c.anchor == anchor{} && len(c.records) == 0 }

// set takes over the value of a cell; an empty one clears it.
func (s *state) set(c cell, value []byte) error {
	i := int(c.index)
	switch {
	case c.kind == cellOwner && i == 0:
		return set(&s.owner, value)
	case c.kind == cellPolicy && i == 0:
		return s.setPolicy(value)
	case c.kind == cellEntry && i < len(s.log):
		return set(&s.log[i], value)
	case c.kind == cellAuthority && i < len(s.authorities):
		return set(&s.authorities[i], value)
	case c.kind == cellGrant && i < len(s.grants):
		return set(&s.grants[i], value)
	case c.kind == cellSlot && i < len(s.slots):
		return set(&s.slots[i].holder, value)
	case c.kind == cellSecret && i < len(s.slots):
		return set(&s.slots[i].line, value)
	case c.kind == cellUse && i < len(s.uses):
		return set(&s.uses[i], value)
	case c.kind == cellList && i < len(s.lists):
		return set(&s.lists[i], value)
	case c.kind == cellForgotten && i < len(s.forgotten) && (len(value) == 0 || len(value) == 4):
		s.forgotten[i] = 0
		if len(value) > 0 {
			s.forgotten[i] = credential.Time(binary.BigEndian.Uint32(value))
		}
		return nil
	}
	return errRecord
}

// get returns the value of a cell as it is to stand in flash.
func (s *state) get(c cell) []byte {
	i := int(c.index)
	switch c.kind {
	case cellOwner:
		return s.owner.value()
	case cellPolicy:
		return s.policy.value()
	case cellEntry:
		return s.log[i].value()
	case cellAuthority:
		return s.authorities[i].value()
	case cellGrant:
		return s.grants[i].value()
	case cellSlot:
		return s.slots[i].holder.value()
	case cellSecret:
		return s.slots[i].line.value()
	case cellUse:
		return s.uses[i].value()
	case cellList:
		return s.lists[i].value()
	}
	return binary.BigEndian.AppendUint32(nil, uint32(s.forgotten[i]))
}

// kept is what stands in a cell: value and read are each other's inverse, and
// the zero value is an empty cell.
type kept[T any] interface {
	*T
	value() []byte
	read([]byte) error
}

// set replaces what is kept by a value from flash.
func set[T any, P kept[T]](at P, value []byte) error {
	var v T
	if len(value) > 0 {
		if err := P(&v).read(value); err != nil {
			return err
		}
	}
	*at = v
	return nil
}

// oldest returns the index of the element that was used longest ago, an empty
// one first.
func oldest[T any](list []T, used func(*T) uint64) int {
	best := 0
	for i := range list {
		if used(&list[i]) < used(&list[best]) {
			best = i
		}
	}
	return best
}

// knownGrant is a signature that was verified before.
type knownGrant struct {
	used        uint32 // sequence number of the entry with which it was learnt; 0 where there is none
	fingerprint credential.Fingerprint
}

func (k *knownGrant) value() []byte {
	if k.used == 0 {
		return nil
	}
	return append(binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(k.fingerprint)), k.used), k.fingerprint[:]...)
}

func (k *knownGrant) read(b []byte) error {
	if len(b) != 4+len(k.fingerprint) {
		return errRecord
	}
	*k = knownGrant{binary.BigEndian.Uint32(b), credential.Fingerprint(b[4:])}
	return nil
}

// knownAuthority is an authority certificate that was verified once.
type knownAuthority struct {
	knownGrant
	expires     credential.Time
	certificate []byte
}

// authorityHead is the length in bytes of what stands before the certificate.
const authorityHead = 4 + len(credential.Fingerprint{}) + 4

func (k *knownAuthority) value() []byte {
	if k.used == 0 {
		return nil
	}
	b := append(make([]byte, 0, authorityHead+len(k.certificate)), k.knownGrant.value()...)
	return append(binary.BigEndian.AppendUint32(b, uint32(k.expires)), k.certificate...)
}

func (k *knownAuthority) read(b []byte) error {
	if len(b) <= authorityHead {
		return errRecord
	}
	k.expires = credential.Time(binary.BigEndian.Uint32(b[authorityHead-4:]))
	k.certificate = slices.Clone(b[authorityHead:])
	return k.knownGrant.read(b[:authorityHead-4])
}

// knows reports whether a signature was verified before.
func (s *state) knows(f credential.Fingerprint) bool {
	return slices.ContainsFunc(s.grants[:], func(k knownGrant) bool { return k.used != 0 && k.fingerprint == f }) ||
		slices.ContainsFunc(s.authorities[:], func(k knownAuthority) bool { return k.used != 0 && k.fingerprint == f })
}

// learnGrants adds verified signatures to a change that also holds the entry of
// the number, in the places of those that were learnt first.
func (s *state) learnGrants(c *change, all []credential.Fingerprint, sequence uint32) {
	known := s.grants
	for _, f := range all {
		i := oldest(known[:], func(k *knownGrant) uint64 { return uint64(k.used) })
		known[i] = knownGrant{sequence, f}
		c.put(cellGrant, i, known[i].value())
	}
}

// learnAuthority adds a verified certificate to a change that also holds the
// entry of the number.  Where there is no room, those that have expired go
// first, then the one that was learnt first.
func (s *state) learnAuthority(c *change, a *credential.Authority, sequence uint32) {
	i := oldest(s.authorities[:], func(k *knownAuthority) uint64 {
		if k.expires > s.floor {
			return 1<<32 + uint64(k.used)
		}
		return uint64(k.used)
	})
	k := knownAuthority{knownGrant{sequence, a.Fingerprint()}, a.Expires(), a.Bytes()}
	c.put(cellAuthority, i, k.value())
}
