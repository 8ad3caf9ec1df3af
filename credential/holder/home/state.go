package home

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/postern-lock/postern/credential"
)

// stateFormat is the number of the form in which a state is kept.
const stateFormat = 1

// state is what a Box knows besides log and log keys.  It is kept as JSON.
type state struct {
	Format int                  `json:"format"`
	Lock   credential.LockID    `json:"lock"`
	Key    credential.PublicKey `json:"key"`   // the phone's own
	Owner  credential.PublicKey `json:"owner"` // another one in a co-owner's phone

	Version   uint32          `json:"version"`             // highest one signed, given or seen
	Issued    credential.Time `json:"issued,omitempty"`    // of the newest policy signed
	Policy    []byte          `json:"policy,omitempty"`    // newest one of the owner's; nil before there is one
	Held      uint32          `json:"held"`                // version that the lock was last known to hold
	Confirmed bool            `json:"confirmed,omitempty"` // it holds Policy itself, and no other one of the version
	Doubt     bool            `json:"doubt,omitempty"`     // a receipt named another policy of this version
	Behind    bool            `json:"behind,omitempty"`    // there may be one that this phone does not know
	Restored  bool            `json:"restored,omitempty"`  // and it may be under way still: Behind until Box.Heal
	Learnt    uint32          `json:"learnt,omitempty"`    // newest version that another phone signed, or may have; see Box.Learn
	Reset     bool            `json:"reset,omitempty"`     // Policy lets the lock's floor fall
	Ousted    bool            `json:"ousted,omitempty"`    // a co-owner whom the newest policy does not name

	Transfer []byte                `json:"transfer,omitempty"` // policy by which the lock changes hands, until it has
	Heir     *credential.PublicKey `json:"heir,omitempty"`     // whom the lock was given to

	Settings Settings            `json:"settings"`
	Least    uint32              `json:"least,omitempty"`
	Denied   []credential.Denial `json:"denied,omitempty"`

	Guests []Guest                   `json:"guests,omitempty"`
	Book   map[credential.Tag]string `json:"book,omitempty"` // names of other tags and key ids
	Seen   []sight                   `json:"seen,omitempty"` // ascending
}

// sight is a policy version that the lock held, and which entries were its newest
// when that was seen first and last.
type sight struct {
	Version uint32 `json:"version"`
	First   uint32 `json:"first"`
	Last    uint32 `json:"last"`
}

// encode returns the state as it is kept.
func (s *state) encode() ([]byte, error) {
	b, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrState, err)
	}
	return b, nil
}

// clone returns a copy that shares nothing.
func (s *state) clone() (*state, error) {
	b, err := s.encode()
	if err != nil {
		return nil, err
	}
	return parseState(b)
}

// parseState reads a state that was kept, and refuses one that no Box writes.
func parseState(data []byte) (*state, error) {
	s := new(state)
	if err := decode(data, s); err != nil {
		return nil, err
	}
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrState, err)
	}
	return s, nil
}

// decode reads JSON strictly: one value, no field that is not known.
func decode(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("%w: %w", ErrState, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: something follows it", ErrState)
	}
	return nil
}

// check refuses what does not hang together.
func (s *state) check() error {
	switch {
	case s.Format != stateFormat:
		return fmt.Errorf("it has the form %d, want %d", s.Format, stateFormat)
	case s.Lock == credential.LockID{}:
		return errors.New("the lock id is missing")
	case s.Key.IsZero() || s.Owner.IsZero():
		return errors.New("a key is missing")
	case s.Owner != s.Key && s.Policy == nil:
		return errors.New("it is a co-owner's without a policy")
	case s.Heir != nil && s.Transfer == nil:
		return errors.New("the lock was given away by no policy")
	case s.Held > s.Version:
		return errors.New("the lock holds a version that is not known")
	}
	if err := s.checkPolicies(); err != nil {
		return err
	}
	seen := map[credential.KeyID]bool{}
	for i := range s.Guests {
		if err := s.Guests[i].check(); err != nil {
			return err
		}
		id := s.Guests[i].ID()
		if seen[id] {
			return errors.New("two guests have one key id")
		}
		seen[id] = true
	}
	for i := 1; i < len(s.Denied); i++ {
		if bytes.Compare(s.Denied[i-1].Tag[:], s.Denied[i].Tag[:]) >= 0 {
			return errors.New("the denied grants are out of order")
		}
	}
	return nil
}

// checkPolicies refuses policies that are not of this lock, and settings that are not the
// owner's.  Their signatures were verified, or made, before they were kept.
func (s *state) checkPolicies() error {
	for _, policy := range [][]byte{s.Policy, s.Transfer} {
		if policy == nil {
			continue
		}
		u, err := credential.ParsePolicy(policy)
		switch {
		case err != nil:
			return err
		case u.Claims.Lock != s.Lock || u.Claims.Version > s.Version,
			bytes.Equal(policy, s.Policy) && (u.Claims.Owner != s.Owner || u.Signer() != credential.KeyIDOf(s.Owner)):
			return errors.New("its policy does not fit it")
		}
	}
	return nil
}

// signed returns the version of the policy, 0 before there is one.
func (s *state) signed() uint32 { return versionOf(s.Policy) }

// versionOf returns the version of a policy that parsed before, 0 for none.
func versionOf(policy []byte) uint32 {
	u, err := credential.ParsePolicy(policy)
	if err != nil {
		return 0
	}
	return u.Claims.Version
}

// checkName refuses a name that would not come back from JSON as it was.
func checkName(name string) error {
	if len(name) == 0 || len(name) > 256 || !utf8.ValidString(name) {
		return fmt.Errorf("%w: a name has 1 to 256 bytes of UTF-8", ErrGuest)
	}
	return nil
}
