package lock

import (
	"encoding/binary"
	"errors"
	"iter"
	"slices"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/wire"
)

// state is everything that the lock keeps in flash.  It changes only by
// applying a change that was committed.
type state struct {
	floor         credential.Time
	policyVersion uint32
	sequence      uint32                   // of the newest log entry; 0 before the first
	log           []Entry                  // oldest first, at most LimitLogEntries
	authorities   []knownAuthority         // least recently learnt first, at most LimitAuthorities
	grants        []credential.Fingerprint // verified grants, least recently learnt first
	slots         []slot                   // least recently used first, at most LimitSlots
}

// knownAuthority is an authority certificate that was verified once.
type knownAuthority struct {
	fingerprint credential.Fingerprint
	expires     credential.Time
	certificate []byte
}

// knownGrants is how many verified grants the lock remembers: each one saves a
// signature verification when it comes again.
const knownGrants = 8

// change is what one commit does to the state.  Zero fields change nothing.
type change struct {
	floor     credential.Time
	entry     *Entry
	authority *knownAuthority
	grant     *credential.Fingerprint
	slot      *slot // a new one
	step      *step // of a slot that was used
}

// Records of a commit: a type of one byte, a length of two, the value.
const (
	recordFloor     = 1 // 4 bytes
	recordPolicy    = 2 // 4 bytes
	recordSequence  = 3 // 4 bytes: sequence of the newest entry
	recordEntry     = 4 // an entry
	recordAuthority = 5 // fingerprint, exp in 4 bytes, then the certificate
	recordGrant     = 6 // fingerprint
	recordSlot      = 7 // a slot
	recordStep      = 8 // a step
)

// Lengths in bytes of what stands before a record's value, and before the
// certificate in a recordAuthority.
const (
	recordHead    = 1 + 2
	authorityHead = len(credential.Fingerprint{}) + 4
)

var errRecord = errors.New("flash holds a record that this version does not write")

// empty reports whether the change changes nothing.
func (c change) empty() bool {
	return c.floor == 0 && c.entry == nil && c.authority == nil && c.grant == nil && c.slot == nil && c.step == nil
}

// encode returns the change as the payload of a commit.
func (c change) encode() []byte {
	b := make([]byte, 0, 128)
	if c.floor != 0 {
		b = appendNumber(b, recordFloor, uint32(c.floor))
	}
	if c.entry != nil {
		b = c.entry.appendTo(appendRecord(b, recordEntry, entrySize))
	}
	if c.authority != nil {
		b = c.authority.appendRecord(b)
	}
	if c.grant != nil {
		b = append(appendRecord(b, recordGrant, len(c.grant)), c.grant[:]...)
	}
	if c.slot != nil {
		b = c.slot.appendRecord(b)
	}
	if c.step != nil {
		b = c.step.appendRecord(b)
	}
	return b
}

// size returns the length of the snapshot that records gives, in bytes.
func (s *state) size() int {
	size := 3*(recordHead+4) + len(s.log)*(recordHead+entrySize) + len(s.grants)*fingerprintRecord
	for i := range s.authorities {
		size += recordHead + authorityHead + len(s.authorities[i].certificate)
	}
	for i := range s.slots {
		size += recordHead + slotHead + len(s.slots[i].credential)
	}
	return size
}

// records gives the whole state as the payload of a snapshot, record by record.
// A record is valid until the next one is asked for.
func (s *state) records() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		b := make([]byte, 0, 256)
		b = appendNumber(b, recordFloor, uint32(s.floor))
		b = appendNumber(b, recordPolicy, s.policyVersion)
		if !yield(b) {
			return
		}
		for i := range s.log {
			if !yield(s.log[i].appendTo(appendRecord(b[:0], recordEntry, entrySize))) {
				return
			}
		}
		if !yield(appendNumber(b[:0], recordSequence, s.sequence)) {
			return
		}
		for i := range s.authorities {
			if !yield(s.authorities[i].appendRecord(b[:0])) {
				return
			}
		}
		for i := range s.grants {
			if !yield(append(appendRecord(b[:0], recordGrant, len(s.grants[i])), s.grants[i][:]...)) {
				return
			}
		}
		for i := range s.slots {
			if !yield(s.slots[i].appendRecord(b[:0])) {
				return
			}
		}
	}
}

// Greatest lengths in bytes of a change and of a snapshot with a change behind it.
const (
	fingerprintRecord = recordHead + len(credential.Fingerprint{})
	authorityRecord   = recordHead + authorityHead + wire.LimitObjectBytes
	slotRecord        = recordHead + slotHead + wire.LimitObjectBytes
	greatestChange    = recordHead + 4 + recordHead + entrySize + authorityRecord + fingerprintRecord + slotRecord
	greatestSnapshot  = 3*(recordHead+4) + wire.LimitLogEntries*(recordHead+entrySize) +
		wire.LimitAuthorities*authorityRecord + knownGrants*fingerprintRecord + wire.LimitSlots*slotRecord + greatestChange
)

// apply carries out the records of a commit.  The floor and the sequence never
// fall.
func (s *state) apply(payload []byte) error {
	for len(payload) > 0 {
		if len(payload) < recordHead {
			return errRecord
		}
		kind, size := payload[0], int(binary.BigEndian.Uint16(payload[1:]))
		if len(payload) < recordHead+size {
			return errRecord
		}
		if err := s.applyRecord(kind, payload[recordHead:recordHead+size]); err != nil {
			return err
		}
		payload = payload[recordHead+size:]
	}
	return nil
}

func (s *state) applyRecord(kind byte, value []byte) error {
	switch kind {
	case recordFloor, recordPolicy, recordSequence:
		if len(value) != 4 {
			return errRecord
		}
		v := binary.BigEndian.Uint32(value)
		switch kind {
		case recordFloor:
			s.floor = max(s.floor, credential.Time(v))
		case recordPolicy:
			s.policyVersion = max(s.policyVersion, v)
		case recordSequence:
			s.sequence = max(s.sequence, v)
		}
	case recordEntry:
		e, err := decodeEntry(value)
		if err != nil {
			return err
		}
		s.sequence = max(s.sequence, e.Sequence)
		s.log = remember(s.log, e, wire.LimitLogEntries)
	case recordAuthority:
		k, err := decodeAuthority(value)
		if err != nil {
			return err
		}
		s.learn(k)
	case recordGrant:
		if len(value) != len(credential.Fingerprint{}) {
			return errRecord
		}
		s.grants = remember(s.grants, credential.Fingerprint(value), knownGrants)
	case recordSlot:
		v, err := decodeSlot(value)
		if err != nil {
			return err
		}
		s.keep(v)
	case recordStep:
		v, err := decodeStep(value)
		if err != nil {
			return err
		}
		s.take(v)
	default:
		return errRecord
	}
	return nil
}

// knows reports whether a signature was verified before.
func (s *state) knows(f credential.Fingerprint) bool {
	return slices.Contains(s.grants, f) ||
		slices.ContainsFunc(s.authorities, func(k knownAuthority) bool { return k.fingerprint == f })
}

// learn takes an authority certificate in.  Where there is no room, those that
// have expired go first, then the one that was learnt first.
func (s *state) learn(k knownAuthority) {
	s.authorities = slices.DeleteFunc(s.authorities, func(o knownAuthority) bool {
		full := len(s.authorities) >= wire.LimitAuthorities
		return o.fingerprint == k.fingerprint || full && o.expires <= s.floor
	})
	s.authorities = remember(s.authorities, k, wire.LimitAuthorities)
}

func (k *knownAuthority) appendRecord(b []byte) []byte {
	b = appendRecord(b, recordAuthority, authorityHead+len(k.certificate))
	b = append(b, k.fingerprint[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(k.expires))
	return append(b, k.certificate...)
}

func decodeAuthority(b []byte) (knownAuthority, error) {
	if len(b) <= authorityHead {
		return knownAuthority{}, errRecord
	}
	return knownAuthority{
		fingerprint: credential.Fingerprint(b),
		expires:     credential.Time(binary.BigEndian.Uint32(b[authorityHead-4:])),
		certificate: slices.Clone(b[authorityHead:]),
	}, nil
}

// remember appends to a list that drops its oldest element when it is full.
func remember[T any](list []T, v T, most int) []T {
	if len(list) >= most {
		list = slices.Delete(list, 0, len(list)-most+1)
	}
	return append(list, v)
}

// appendRecord appends the head of a record whose value has the size.
func appendRecord(b []byte, kind byte, size int) []byte {
	return binary.BigEndian.AppendUint16(append(b, kind), uint16(size))
}

// appendNumber appends a record of four bytes.
func appendNumber(b []byte, kind byte, v uint32) []byte {
	return binary.BigEndian.AppendUint32(appendRecord(b, kind, 4), v)
}
