package issuer

import (
	"crypto"

	"github.com/postern-lock/postern/credential"
)

// Maker is a manufacturer: it certifies the keys of its locks.
type Maker struct{ certified }

// NewMaker returns the manufacturer with the key and the authority certificate
// that a scheme has signed for it, with the right lock.
func NewMaker(key crypto.Signer, authority *credential.Authority) (*Maker, error) {
	c, err := newCertified(key, authority, credential.RightLock)
	if err != nil {
		return nil, err
	}
	return &Maker{c}, nil
}

// Certify signs a lock certificate, of about 152 bytes.
//
// Errors: malformed or algorithm for claims that every phone would refuse;
// authority-expired where the maker's own certificate does not cover the time of
// issue.
func (m *Maker) Certify(c credential.LockClaims) ([]byte, error) {
	u, err := credential.NewLockCertificate(c, m.PublicKey())
	if err != nil {
		return nil, err
	}
	return m.signAt(u, c.IssuedAt)
}
