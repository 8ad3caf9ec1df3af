package issuer

import (
	"crypto"
	"fmt"

	"github.com/postern-lock/postern/credential"
)

// Owner is the owner of a lock, who grants to guests and says what the lock
// admits besides.  The key need not leave the owner's phone.
type Owner struct{ signer }

// NewOwner returns the owner with the key, of which the lock knows the public
// half.
func NewOwner(key crypto.Signer) (*Owner, error) {
	s, err := newSigner(key)
	if err != nil {
		return nil, err
	}
	return &Owner{s}, nil
}

// OwnerBy returns the owner with a key that signs by itself, such as the one that
// a phone opens locks with.
func OwnerBy(key Key) (*Owner, error) {
	if key == nil || key.PublicKey().IsZero() {
		return nil, fmt.Errorf("%w: it is missing", ErrKey)
	}
	return &Owner{signer{key: key, foreign: true}}, nil
}

// Grant signs a grant, of about 160 bytes for one target.
//
// Errors: malformed, limit, algorithm, target or condition-unknown for claims
// that every lock would refuse; service where an entry names one, which an
// owner has not.
func (o *Owner) Grant(c credential.GrantClaims) ([]byte, error) {
	u, err := credential.NewGrant(c, o.PublicKey())
	if err != nil {
		return nil, err
	}
	if err := c.OwnerMayGrant(); err != nil {
		return nil, err
	}
	return o.sign(u)
}

// Policy signs a policy for one lock, of about 200 bytes.  The owner stays the
// owner: Owner is zero, or the owner's own key.  IssuedAt is the time of signing,
// by a clock that is right: the lock's floor rises to it, for good.
//
// Errors: malformed, limit or algorithm for claims that every lock would refuse;
// [ErrKey] where Owner is another key, which is for [Owner.Transfer].
func (o *Owner) Policy(c credential.PolicyClaims) ([]byte, error) {
	if c.Owner.IsZero() {
		c.Owner = o.PublicKey()
	}
	if c.Owner != o.PublicKey() {
		return nil, fmt.Errorf("%w: policy: the owner is to be the key %s, which is not this one; use Transfer to give the lock away", ErrKey, credential.KeyIDOf(c.Owner))
	}
	return o.policy(c)
}

// Transfer signs a policy that gives the lock to another owner: once it arrives,
// every grant of this one is over and the lock has forgotten its log.  The claims
// are the policy that the new owner begins with.
//
// Errors: malformed, limit or algorithm for claims that every lock would refuse;
// [ErrKey] where the new owner's key is missing, or is the owner's own.
func (o *Owner) Transfer(c credential.PolicyClaims, to credential.PublicKey) ([]byte, error) {
	switch {
	case to.IsZero():
		return nil, fmt.Errorf("%w: policy: the new owner's is missing", ErrKey)
	case to == o.PublicKey():
		return nil, fmt.Errorf("%w: policy: the new owner's is the owner's own; use Policy to keep the lock", ErrKey)
	case !c.Owner.IsZero() && c.Owner != to:
		return nil, fmt.Errorf("%w: policy: the claims name the owner %s, the lock is to go to %s", ErrKey, credential.KeyIDOf(c.Owner), credential.KeyIDOf(to))
	}
	c.Owner = to
	return o.policy(c)
}

func (o *Owner) policy(c credential.PolicyClaims) ([]byte, error) {
	u, err := credential.NewPolicy(c, o.PublicKey())
	if err != nil {
		return nil, err
	}
	return o.sign(u)
}
