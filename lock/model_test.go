package lock

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

// plain is a lock's memory as a person would describe it, without flash.
type plain struct {
	floor       credential.Time
	sequence    uint32
	log         []Entry
	authorities []knownAuthority
	grants      []credential.Fingerprint
	slots       []slot
}

// after returns the memory after a change.
func (m plain) after(c change) plain {
	m.floor = max(m.floor, c.floor)
	if c.entry != nil {
		m.sequence = c.entry.Sequence
		m.log = last(append(slices.Clone(m.log), *c.entry), 64)
	}
	if c.authority != nil {
		rest := []knownAuthority{}
		full := len(m.authorities) == 4
		for _, a := range m.authorities {
			if a.fingerprint != c.authority.fingerprint && !(full && a.expires <= m.floor) {
				rest = append(rest, a)
			}
		}
		m.authorities = last(append(rest, *c.authority), 4)
	}
	if c.grant != nil {
		m.grants = last(append(slices.Clone(m.grants), *c.grant), 8)
	}
	if c.slot != nil {
		m.slots = last(append(m.withoutSlot(c.slot.id), *c.slot), 8)
	}
	if c.step != nil {
		for _, s := range m.slots {
			if s.id != c.step.id {
				continue
			}
			m.slots = m.withoutSlot(s.id)
			if s.secret, s.left = c.step.secret, c.step.left; s.left > 0 {
				m.slots = append(m.slots, s)
			}
			break
		}
	}
	return m
}

func (m plain) withoutSlot(id slotID) []slot {
	return slices.DeleteFunc(slices.Clone(m.slots), func(s slot) bool { return s.id == id })
}

func last[T any](list []T, most int) []T { return list[max(0, len(list)-most):] }

// is reports whether a state is the memory.
func (m plain) is(s *state) bool {
	sameAuthority := func(a, b knownAuthority) bool {
		return a.fingerprint == b.fingerprint && a.expires == b.expires && bytes.Equal(a.certificate, b.certificate)
	}
	sameSlot := func(a, b slot) bool {
		return a.id == b.id && a.secret == b.secret && a.left == b.left && a.fingerprint == b.fingerprint && bytes.Equal(a.credential, b.credential)
	}
	return m.floor == s.floor && m.sequence == s.sequence && slices.Equal(m.log, s.log) &&
		slices.EqualFunc(m.authorities, s.authorities, sameAuthority) && slices.Equal(m.grants, s.grants) &&
		slices.EqualFunc(m.slots, s.slots, sameSlot)
}

// randomChange returns a change that a tap could make.
func randomChange(r *rand.Rand, m plain) change {
	var c change
	if r.IntN(3) == 0 {
		c.floor = m.floor + credential.Time(r.IntN(3))
	}
	if r.IntN(6) > 0 {
		c.entry = &Entry{
			Sequence: m.sequence + 1, Floor: max(m.floor, c.floor), Operation: credential.Operation(r.IntN(6)),
			Outcome: LogStarted, Role: Role(1 + r.IntN(3)), Service: credential.Service(r.IntN(4)), Grant: credential.Tag{byte(r.Uint32())},
		}
	}
	if r.IntN(20) == 0 {
		c.authority = &knownAuthority{
			credential.Fingerprint{byte(r.IntN(7))}, m.floor + credential.Time(r.IntN(5)), bytes.Repeat([]byte{byte(r.Uint32())}, 150+r.IntN(60)),
		}
	}
	if r.IntN(4) == 0 {
		c.grant = &credential.Fingerprint{byte(r.Uint32()), 1}
	}
	switch r.IntN(4) {
	case 0:
		c.slot = &slot{
			id: slotID{byte(r.IntN(12))}, secret: [32]byte{byte(r.Uint32())}, left: uint8(1 + r.IntN(3)),
			fingerprint: credential.Fingerprint{byte(r.Uint32())}, credential: bytes.Repeat([]byte{byte(r.Uint32())}, 1+r.IntN(250)),
		}
	case 1:
		if len(m.slots) > 0 {
			s := m.slots[r.IntN(len(m.slots))]
			c.step = &step{s.id, [32]byte{byte(r.Uint32()), 1}, s.left - 1}
		}
	}
	return c
}

// powered is a lock's memory under power.
func powered(t *testing.T, r *ram) *Lock {
	t.Helper()
	j, err := newLockJournal(r)
	require.NoError(t, err)
	l := &Lock{journal: j, state: new(state)}
	require.NoError(t, j.load(l.state.apply))
	return l
}

// TestMemoryAgainstAPlainModel carries out random commits with random power cuts
// and losses of power, and holds the lock's memory against a plain one after
// every one.
func TestMemoryAgainstAPlainModel(t *testing.T) {
	commits := 100_000
	if testing.Short() {
		commits = 3_000
	}
	r := rand.New(rand.NewPCG(2027, 3))
	flash := newRAM(256, 128)
	require.NoError(t, Format(flash))
	l, m := powered(t, flash), plain{}
	cuts := 0
	for i := range commits {
		c := randomChange(r, m)
		next := m.after(c)
		if r.IntN(10) == 0 {
			flash.left, flash.torn = r.IntN(8), r.IntN(129)
		}
		err := l.commit(c)
		cut := flash.left == 0 && err != nil
		flash.left = -1
		if err == nil {
			m = next
			if r.IntN(8) == 0 {
				l = powered(t, flash)
			}
		} else {
			require.True(t, cut, "commit %d: %v", i, err)
			cuts++
			l = powered(t, flash)
			if next.is(l.state) {
				m = next
			}
		}
		require.True(t, m.is(l.state), "commit %d: the lock's memory is not the plain one", i)
	}
	t.Logf("%d commits, %d of them cut", commits, cuts)
	require.Greater(t, cuts, commits/50)
}
