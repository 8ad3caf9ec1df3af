package issuer

import (
	"crypto"

	"github.com/postern-lock/postern/credential"
)

// Operator grants to its own staff, in the name of its services.
type Operator struct{ certified }

// NewOperator returns the operator with the key and the authority certificate
// that a scheme has signed for it, with the right issue.
func NewOperator(key crypto.Signer, authority *credential.Authority) (*Operator, error) {
	c, err := newCertified(key, authority, credential.RightIssue)
	if err != nil {
		return nil, err
	}
	return &Operator{c}, nil
}

// Grant signs a grant, of about 160 bytes for one target.
//
// Errors: what the operator's certificate does not allow, by its reason:
// authority-expired, grant-too-long, service; and malformed or limit for claims
// that every lock would refuse.
func (o *Operator) Grant(c credential.GrantClaims) ([]byte, error) {
	if err := o.authority.Allows(c); err != nil {
		return nil, err
	}
	u, err := credential.NewGrant(c, o.PublicKey())
	if err != nil {
		return nil, err
	}
	return o.sign(u)
}
