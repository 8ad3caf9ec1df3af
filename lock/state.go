package lock

import (
	"encoding/binary"
	"errors"
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
}

// Records of a commit: a type of one byte, a length of two, the value.
const (
	recordFloor     = 1 // 4 bytes
	recordPolicy    = 2 // 4 bytes
	recordSequence  = 3 // 4 bytes: sequence of the newest entry
	recordEntry     = 4 // an entry
	recordAuthority = 5 // fingerprint, exp in 4 bytes, then the certificate
	recordGrant     = 6 // fingerprint
)

var errRecord = errors.New("flash holds a record that this version does not write")

// empty reports whether the change changes nothing.
func (c change) empty() bool {
	return c.floor == 0 && c.entry == nil && c.authority == nil && c.grant == nil
}

// encode returns the change as the payload of a commit.
func (c change) encode() []byte {
	var b []byte
	if c.floor != 0 {
		b = appendRecord(b, recordFloor, uint32Bytes(uint32(c.floor)))
	}
	if c.entry != nil {
		b = appendRecord(b, recordEntry, c.entry.encode())
	}
	if c.authority != nil {
		b = appendRecord(b, recordAuthority, c.authority.encode())
	}
	if c.grant != nil {
		b = appendRecord(b, recordGrant, c.grant[:])
	}
	return b
}

// encode returns the whole state as the payload of a snapshot.
func (s *state) encode() []byte {
	b := appendRecord(nil, recordFloor, uint32Bytes(uint32(s.floor)))
	b = appendRecord(b, recordPolicy, uint32Bytes(s.policyVersion))
	for i := range s.log {
		b = appendRecord(b, recordEntry, s.log[i].encode())
	}
	b = appendRecord(b, recordSequence, uint32Bytes(s.sequence))
	for i := range s.authorities {
		b = appendRecord(b, recordAuthority, s.authorities[i].encode())
	}
	for i := range s.grants {
		b = appendRecord(b, recordGrant, s.grants[i][:])
	}
	return b
}

// apply carries out the records of a commit.  The floor and the sequence never
// fall.
func (s *state) apply(payload []byte) error {
	for len(payload) > 0 {
		if len(payload) < 3 {
			return errRecord
		}
		kind, size := payload[0], int(binary.BigEndian.Uint16(payload[1:]))
		if len(payload) < 3+size {
			return errRecord
		}
		if err := s.applyRecord(kind, payload[3:3+size]); err != nil {
			return err
		}
		payload = payload[3+size:]
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

// clone returns a state that shares nothing that apply changes.
func (s *state) clone() *state {
	c := *s
	c.log, c.authorities, c.grants = slices.Clone(s.log), slices.Clone(s.authorities), slices.Clone(s.grants)
	return &c
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

func (k *knownAuthority) encode() []byte {
	b := append(k.fingerprint[:], uint32Bytes(uint32(k.expires))...)
	return append(b, k.certificate...)
}

func decodeAuthority(b []byte) (knownAuthority, error) {
	const head = len(credential.Fingerprint{}) + 4
	if len(b) <= head {
		return knownAuthority{}, errRecord
	}
	return knownAuthority{
		fingerprint: credential.Fingerprint(b),
		expires:     credential.Time(binary.BigEndian.Uint32(b[head-4:])),
		certificate: slices.Clone(b[head:]),
	}, nil
}

// remember appends to a list that drops its oldest element when it is full.
func remember[T any](list []T, v T, most int) []T {
	if len(list) >= most {
		list = slices.Delete(list, 0, len(list)-most+1)
	}
	return append(list, v)
}

func appendRecord(b []byte, kind byte, value []byte) []byte {
	b = append(b, kind)
	b = binary.BigEndian.AppendUint16(b, uint16(len(value)))
	return append(b, value...)
}

func uint32Bytes(v uint32) []byte { return binary.BigEndian.AppendUint32(nil, v) }
