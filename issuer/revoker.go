package issuer

import (
	"crypto"

	"github.com/postern-lock/postern/credential"
)

// Revoker withdraws grants: those that were signed with its own key, and what was
// delegated below them.  An operator revokes with the key that it grants with.
type Revoker struct{ certified }

// NewRevoker returns the revoker with the key and the authority certificate that
// a scheme has signed for it, with the right revoke.
func NewRevoker(key crypto.Signer, authority *credential.Authority) (*Revoker, error) {
	c, err := newCertified(key, authority, credential.RightRevoke)
	if err != nil {
		return nil, err
	}
	return &Revoker{c}, nil
}

// Revoke signs a revocation list, of about 100 bytes and 15 more for each grant.  It is
// the whole of what the revoker denies: what it does not name is good again.  The
// tags are those of the grants, ascending ([credential.RevocationClaims]).
//
// Errors: malformed or limit for claims that every lock would refuse;
// authority-expired where the revoker's own certificate does not cover the time
// of issue.
func (r *Revoker) Revoke(c credential.RevocationClaims) ([]byte, error) {
	u, err := credential.NewRevocationList(c, r.PublicKey())
	if err != nil {
		return nil, err
	}
	return r.signAt(u, c.IssuedAt)
}
