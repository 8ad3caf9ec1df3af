package issuer

import (
	"crypto"
	"fmt"

	"github.com/postern-lock/postern/credential"
)

// Scheme is a root of trust: it certifies operators, manufacturers and time
// sources, and withdraws their certificates.  Its
// public key is installed in locks and apps.
type Scheme struct{ signer }

// NewScheme returns the scheme whose root key is key.
func NewScheme(key crypto.Signer) (*Scheme, error) {
	s, err := newSigner(key)
	if err != nil {
		return nil, err
	}
	return &Scheme{s}, nil
}

// Certify signs an authority certificate, of about 155 bytes.
//
// Errors: malformed, limit or algorithm for claims that every lock would refuse.
func (s *Scheme) Certify(c credential.AuthorityClaims) ([]byte, error) {
	u, err := credential.NewAuthority(c, s.PublicKey())
	if err != nil {
		return nil, err
	}
	return s.sign(u)
}

// Revoke signs a list of the authority certificates that the scheme denies, of
// about 100 bytes and 15 more for each.  It is the whole of what the scheme denies.
//
// Errors: malformed or limit for claims that every lock would refuse.
func (s *Scheme) Revoke(c credential.RevocationClaims) ([]byte, error) {
	u, err := credential.NewRevocationList(c, s.PublicKey())
	if err != nil {
		return nil, err
	}
	return s.sign(u)
}

// certified is a key together with the authority certificate for it.
type certified struct {
	signer
	authority *credential.Authority
}

// newCertified checks that the certificate is for the key and gives the right.
func newCertified(key crypto.Signer, authority *credential.Authority, right credential.Rights) (certified, error) {
	s, err := newSigner(key)
	switch {
	case err != nil:
		return certified{}, err
	case authority == nil:
		return certified{}, fmt.Errorf("%w: its authority certificate is missing", ErrKey)
	case authority.Key() != s.PublicKey():
		return certified{}, fmt.Errorf("%w: the authority certificate is for the key %s", ErrKey, credential.KeyIDOf(authority.Key()))
	case !authority.Rights().Has(right):
		return certified{}, fmt.Errorf("%w: the authority certificate gives %s, not %s", ErrKey, authority.Rights(), right)
	}
	return certified{s, authority}, nil
}

// signAt finishes an object that is issued at iat, while the certificate runs.
// One that no certificate stands behind was refused before, for want of a key.
func (c certified) signAt(u credential.Unsigned, iat credential.Time) ([]byte, error) {
	if err := c.authority.Covers(iat); err != nil {
		return nil, err
	}
	return c.sign(u)
}

// Authority returns the certificate that the signer acts under.
func (c certified) Authority() *credential.Authority { return c.authority }
