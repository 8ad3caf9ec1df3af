package credential

import (
	"slices"

	"github.com/postern-lock/postern/internal/wire"
)

// PolicyClaims is all that an owner wants of one lock (section 18.1).  A policy
// is a whole, not a change: whatever a newer one does not say is over.
type PolicyClaims struct {
	Lock     LockID
	Version  uint32      // at least 1; a lock takes no policy that is not newer than its own
	IssuedAt Time        // iat: the time of signing, by a trusted clock; it raises the lock's floor
	Owner    PublicKey   // the owner's key from now on; another than the signer's gives the lock away
	Block    Block       // who does not open for now
	Services []Admission // the services admitted, 0 to 8, ascending, none twice
	Least    uint32      // least policy version that an owner's grant must have been issued under; zero asks for none
	Denied   []Tag       // grants withdrawn, 0 to 16, ascending, none twice
	CoOwners []PublicKey // keys that do what the owner does, but hand no policy over: 0 to 4
	Anchors  []PublicKey // keys trusted like a scheme's, at this lock: 0 to 2
	Notice   Notice      // what visitors are told; the zero Notice is none
	Reset    bool        // the lock's floor falls to IssuedAt
}

// Block says who does not open for now, a bit mask of the registry block-modes.
// It never stops the owner.
type Block uint8

// The modes of the registry.
const (
	BlockServices Block = wire.BlockServices // operators' staff
	BlockGuests   Block = wire.BlockGuests   // whoever comes by a grant of the owner's
)

// allBlocks are the modes that a policy can hold.
const allBlocks = BlockServices | BlockGuests

// Has reports whether the set holds every mode of m.
func (b Block) Has(m Block) bool { return b&m == m }

// String returns the names of the modes joined by "+".
func (b Block) String() string { return maskString(uint32(b), wire.BlockName) }

// Admission says what operators' staff may do in the name of a service, and
// when.
type Admission struct {
	Service Service
	Actions Actions
	// Hours are those in which they may; nil for all.  They need Evidence, the
	// least that the lock must have of the time, stated or more.  Without hours
	// Evidence is zero.
	Hours    Schedule
	Evidence Evidence
}

// UnverifiedPolicy is a policy as parsed: nobody vouches for its claims yet.
type UnverifiedPolicy struct {
	object
	claims PolicyClaims
	// Claims is a copy to read.  What is changed in it is not verified, and no
	// verified type ever shows it.
	Claims PolicyClaims
}

// Policy is a policy that the owner has signed.  Only a [Verifier] makes one.
// No policy, which is nil or the zero value, admits no service; it blocks and
// denies nothing.
type Policy struct {
	object
	claims      PolicyClaims
	fingerprint Fingerprint
}

const policyName = "policy"

// ParsePolicy decodes a policy of at most 768 bytes.  It checks everything but
// the signature, and whether the policy is for this lock and new to it.
//
// Errors: malformed, limit, object-type, algorithm, by section 4.5.
func ParsePolicy(data []byte) (*UnverifiedPolicy, error) { return readPolicy(data, anyone) }

func readPolicy(data []byte, from origin) (*UnverifiedPolicy, error) {
	u := new(UnverifiedPolicy)
	payload, err := u.open(policyName, wire.TypePolicy, data)
	if err != nil {
		return nil, err
	}
	if err := u.claims.read(payload, from); err != nil {
		return nil, err
	}
	var again [wire.LimitPolicyBytes]byte
	if err := u.same(policyName, wire.TypePolicy, u.claims.append(again[:0])); err != nil {
		return nil, err
	}
	u.Claims = u.claims.clone()
	return u, nil
}

// NewPolicy builds the policy that the owner with the public key signer is to
// sign.  It refuses claims that every lock would refuse, with the reason that the
// lock would have.
func NewPolicy(c PolicyClaims, signer PublicKey) (Unsigned, error) {
	if err := c.check(); err != nil {
		return Unsigned{}, err
	}
	return newUnsigned(policyName, wire.TypePolicy, signer, c.append(make([]byte, 0, 256)))
}

// clone returns a copy that shares nothing with c.
func (c *PolicyClaims) clone() PolicyClaims {
	d := *c
	d.Services = slices.Clone(c.Services)
	for i := range d.Services {
		d.Services[i].Hours = slices.Clone(d.Services[i].Hours)
	}
	d.Denied = slices.Clone(c.Denied)
	d.CoOwners = slices.Clone(c.CoOwners)
	d.Anchors = slices.Clone(c.Anchors)
	return d
}

// Claims returns a copy of everything that the policy says.
func (p *Policy) Claims() PolicyClaims { return p.claims.clone() }

// Version returns the policy's version, and zero for no policy.
func (p *Policy) Version() uint32 {
	if p == nil {
		return 0
	}
	return p.claims.Version
}

// IssuedAt returns the policy's iat.
func (p *Policy) IssuedAt() Time { return p.claims.IssuedAt }

// Owner returns the key that is the owner's from now on.
func (p *Policy) Owner() PublicKey { return p.claims.Owner }

// CoOwners returns the keys of the co-owners.
func (p *Policy) CoOwners() []PublicKey { return slices.Clone(p.claims.CoOwners) }

// Anchors returns the keys that the lock is to trust like a scheme's.
func (p *Policy) Anchors() []PublicKey { return slices.Clone(p.claims.Anchors) }

// Notice returns the notice to visitors; [Notice.For] says who is shown it.
func (p *Policy) Notice() Notice { return p.claims.Notice }

// Fingerprint names the verified signature, for [Verifier.Known].
func (p *Policy) Fingerprint() Fingerprint { return p.fingerprint }
