package lock

import (
	"encoding/binary"
	"slices"

	"github.com/postern-lock/postern/credential"
)

// use is the account of one counted grant (section 17.4).
type use struct {
	grant    credential.Tag
	entry    uint8 // of the grant's scope
	operator bool  // an operator granted it
	used     uint8 // uses begun
	starts   uint8 // of the newest one; 0 when it is confirmed
	expires  credential.Time
}

const useSize = len(credential.Tag{}) + 1 + 1 + 1 + 1 + 4

func (u *use) empty() bool { return u.used == 0 }

func (u *use) value() []byte {
	if u.empty() {
		return nil
	}
	b := append(make([]byte, 0, useSize), u.grant[:]...)
	var operator byte
	if u.operator {
		operator = 1
	}
	b = append(b, u.entry, operator, u.used, u.starts)
	return binary.BigEndian.AppendUint32(b, uint32(u.expires))
}

func (u *use) read(b []byte) error {
	if len(b) != useSize {
		return errRecord
	}
	u.grant = credential.Tag(b)
	b = b[len(u.grant):]
	u.entry, u.operator, u.used, u.starts = b[0], b[1] == 1, b[2], b[3]
	u.expires = credential.Time(binary.BigEndian.Uint32(b[4:]))
	return nil
}

// Whose accounts they are: what owners granted ends with the owner, what operators
// granted does not.
const (
	owners = iota
	operators
)

func whose(operator bool) int {
	if operator {
		return operators
	}
	return owners
}

// counted is a use that is about to be started.
type counted struct {
	index int
	use   use
}

// start returns the accounts of the grant's links after one more start each, or
// the reason why there is none.  A use that was started and not confirmed is
// started again, as often as the grant says.  The account of a grant that ended
// gives way; one that is still worth something never does.
func (s *state) start(floor credential.Time, counts []credential.Count) ([]counted, error) {
	var started []counted
	for _, c := range counts {
		i, err := s.account(floor, c, started)
		if err != nil {
			return nil, err
		}
		u := s.uses[i]
		if u.grant != c.Grant || u.entry != c.Entry || u.empty() {
			u = use{grant: c.Grant, entry: c.Entry, operator: c.Operator, expires: c.Expires}
		}
		switch {
		case u.starts > 0 && u.starts < c.Uses.Starts:
			u.starts++
		case u.used >= c.Uses.Count:
			return nil, &Error{Reason: credential.ReasonUsesSpent, Detail: "grant " + c.Grant.String() + " was used as often as it may be"}
		default:
			u.used, u.starts = u.used+1, 1
		}
		started = append(started, counted{i, u})
	}
	return started, nil
}

// account returns the place of a counted grant's account: an old one, or a new
// one, that of a grant that ended only where none is empty.
func (s *state) account(floor credential.Time, c credential.Count, taken []counted) (int, error) {
	empty, ended := -1, -1
	for i := range s.uses {
		u := &s.uses[i]
		if !u.empty() && u.grant == c.Grant && u.entry == c.Entry {
			return i, nil
		}
		switch busy := slices.ContainsFunc(taken, func(t counted) bool { return t.index == i }); {
		case busy:
		case u.empty() && empty < 0:
			empty = i
		case !u.empty() && u.expires <= floor && ended < 0:
			ended = i
		}
	}
	switch {
	case c.Expires <= s.forgotten[whose(c.Operator)]:
		return 0, &Error{Reason: credential.ReasonUsesSpent, Detail: "grant " + c.Grant.String() + " ended before the floor was reset, and its account with it"}
	case empty >= 0:
		return empty, nil
	case ended >= 0:
		return ended, nil
	}
	return 0, &Error{Reason: credential.ReasonTableFull, Detail: "the lock keeps account of as many counted grants as it can"}
}

// putUses adds started uses to a change, and the end of the accounts that give way
// to them.
func (s *state) putUses(c *change, started []counted) {
	forgotten := s.forgotten
	var gone [2]bool
	for i := range started {
		n := &started[i]
		if old := s.uses[n.index]; !old.empty() && (old.grant != n.use.grant || old.entry != n.use.entry) {
			who := whose(old.operator)
			forgotten[who], gone[who] = max(forgotten[who], old.expires), true
		}
		c.put(cellUse, n.index, n.use.value())
	}
	for who := range forgotten {
		if gone[who] {
			c.put(cellForgotten, who, binary.BigEndian.AppendUint32(nil, uint32(forgotten[who])))
		}
	}
}
