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

// Grant signs a grant, of about 160 bytes for one target.  IssuedAt is the time of
// signing, never a later one: an operator with the right time raises the floor
// of every lock that sees the grant to it, for good (PST-OBJ-049).  A grant for
// tomorrow has NotBefore.
//
// Errors: malformed, limit, algorithm, target or condition-unknown for claims
// that every lock would refuse; then what the operator's certificate does not
// allow: authority-expired, grant-too-long, service.
func (o *Operator) Grant(c credential.GrantClaims) ([]byte, error) {
	u, err := credential.NewGrant(c, o.PublicKey())
	if err != nil {
		return nil, err
	}
	if err := o.authority.Allows(c); err != nil {
		return nil, err
	}
	return o.sign(u)
}
