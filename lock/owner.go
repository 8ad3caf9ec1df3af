package lock

import (
	"encoding/binary"
	"slices"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/edhoc"
)

// owner is whose lock it is.  A lock without one is vacant (section 20.1).
type owner struct {
	key    credential.PublicKey
	logKey edhoc.LogKey // zero until the owner has agreed one
	// since is the least policy version that an owner's grant must have been
	// issued under: what was granted before the lock changed hands is dead, also
	// where it comes back to the same hands.  Zero for the first owner.
	since uint32
	// reset is the anchor's number of resets with which this stands: each change of
	// hands raises it, so an owner of before that comes to light where the page of
	// the newest has faded is not taken for the owner.
	reset uint16
}

// vacant reports whether the lock has no owner.
func (o *owner) vacant() bool { return o.key.IsZero() }

// value is the log key, the version, the number of resets, then the claims set of
// the owner's key.
func (o *owner) value() []byte {
	if o.vacant() {
		return nil
	}
	b := binary.BigEndian.AppendUint32(slices.Clone(o.logKey[:]), o.since)
	b = binary.BigEndian.AppendUint16(b, o.reset)
	return credential.AppendClaimsSet(b, o.key)
}

func (o *owner) read(b []byte) (err error) {
	n := len(o.logKey)
	if len(b) < n+4+2 {
		return errRecord
	}
	copy(o.logKey[:], b)
	o.since = binary.BigEndian.Uint32(b[n:])
	o.reset = binary.BigEndian.Uint16(b[n+4:])
	o.key, err = credential.RereadClaimsSet(b[n+4+2:])
	return err
}

// policy is the owner's policy in force.
type policy struct {
	*credential.Policy
	by credential.PublicKey // who signed it: the owner, or the one before
}

// version returns the policy's version, 0 where there is none.
func (p *policy) version() uint32 {
	if p == nil {
		return 0
	}
	return p.Version()
}

// lostPolicy reports whether flash has lost the policy in force, or holds an older
// one in its place: guests and operators are blocked then, until a policy comes.
func (s *state) lostPolicy() bool {
	return s.version >= s.owner.since && s.policy.version() < s.version
}

// used reports whether the lock had an owner before.
func (s *state) used() bool { return s.sequence > 0 }

// judged returns what rights are judged against: no policy admits no service.
func (p *policy) judged() *credential.Policy {
	if p == nil {
		return nil
	}
	return p.Policy
}

func (p *policy) value() []byte {
	if p == nil {
		return nil
	}
	return appendSet(nil, setOf(p.by), p.Bytes())
}

// setPolicy takes over a policy that was verified when it came.
func (s *state) setPolicy(value []byte) error {
	if len(value) == 0 {
		s.policy = nil
		return nil
	}
	set, raw, err := splitSet(value)
	if err != nil {
		return err
	}
	by, err := credential.RereadClaimsSet([]byte(set))
	if err != nil {
		return err
	}
	u, err := credential.RereadPolicy(raw)
	if err != nil {
		return err
	}
	p, err := trusting.Policy(u, by)
	if err != nil {
		return err
	}
	s.policy = &policy{p, by}
	return nil
}

// trusting takes what the lock's own flash holds as verified.
var trusting = credential.Verifier{Known: func(credential.Fingerprint) bool { return true }}

// appendSet appends a key's claims set and what comes behind it.
func appendSet(b []byte, set keySet, rest []byte) []byte {
	b = append(slices.Grow(b, 1+len(set)+len(rest)), byte(len(set)))
	return append(append(b, set...), rest...)
}

// splitSet takes apart what appendSet made.
func splitSet(b []byte) (set keySet, rest []byte, err error) {
	if len(b) == 0 || len(b) <= 1+int(b[0]) {
		return "", nil, errRecord
	}
	return keySet(b[1 : 1+b[0]]), b[1+b[0]:], nil
}

// isOwner reports whether a bare key is the owner's.
func (s *state) isOwner(key credential.PublicKey) bool {
	return !s.owner.vacant() && s.owner.key == key
}

// isCoOwner reports whether a bare key is a co-owner's.
func (s *state) isCoOwner(key credential.PublicKey) bool {
	return slices.Contains(s.coOwners(), key)
}

// coOwners returns the keys of the co-owners.  In a policy that gave the lock away
// the former owner names none.
func (s *state) coOwners() []credential.PublicKey {
	if s.policy == nil || s.policy.by != s.owner.key || s.lostPolicy() {
		return nil
	}
	return s.policy.CoOwners()
}

// anchors returns the keys that the owner trusts as a scheme's, of whom a former
// owner names none either.
func (s *state) anchors() []credential.PublicKey {
	if s.policy == nil || s.policy.by != s.owner.key || s.lostPolicy() {
		return nil
	}
	return s.policy.Anchors()
}

// grantors returns the keys whose grants the lock takes as an owner's.
func (s *state) grantors() []credential.PublicKey {
	if s.owner.vacant() {
		return nil
	}
	return append([]credential.PublicKey{s.owner.key}, s.coOwners()...)
}

// wipe adds to a change the end of everything that a former owner had: the log,
// the slots, the verified grants, and the account of owners' grants (section
// 18.7).  Floor, sequence number, head and version stay, and so do revocation
// lists, certificates and the account of operators' grants.
func (s *state) wipe(c *change) {
	for i := range s.log {
		if !s.log[i].empty() {
			c.put(cellEntry, i, nil)
		}
	}
	for i := range s.slots {
		s.dropSlot(c, i)
	}
	for i := range s.grants {
		if s.grants[i].used != 0 {
			c.put(cellGrant, i, nil)
		}
	}
	for i := range s.uses {
		if !s.uses[i].empty() && !s.uses[i].operator {
			c.put(cellUse, i, nil)
		}
	}
	if s.forgotten[owners] != 0 {
		c.put(cellForgotten, owners, nil)
	}
}
