package issuer

import (
	"crypto"

	"github.com/postern-lock/postern/credential"
)

// Owner is the owner of a lock, who grants to guests.  The key need not leave
// the owner's phone.
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
