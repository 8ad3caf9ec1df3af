package postern

import (
	"bytes"

	"github.com/postern-lock/postern/credential"
)

// Right is what a holder may open with: a grant, the grants above it where
// somebody passed it on, and the certificates of the operator at its root.  An
// owner needs none: the lock knows the owner's key.
type Right struct {
	grant       []byte
	parents     [][]byte
	authorities [][]byte
	claims      credential.GrantClaims
	tag         credential.Tag
}

// NewRight returns the right of a grant.  Parents, the root's first, and
// authorities can be null.
func NewRight(grant []byte, parents, authorities *Blobs) (*Right, error) {
	return guarded(func() (*Right, error) {
		return newRight(bytes.Clone(grant), parents.slices(), authorities.slices())
	})
}

func newRight(grant []byte, parents, authorities [][]byte) (*Right, error) {
	for _, b := range parents {
		if _, err := credential.ParseGrant(b); err != nil {
			return nil, err
		}
	}
	for _, b := range authorities {
		if _, err := credential.ParseAuthority(b); err != nil {
			return nil, err
		}
	}
	u, err := credential.ParseGrant(grant)
	if err != nil {
		return nil, err
	}
	return &Right{grant: grant, parents: parents, authorities: authorities, claims: u.Claims, tag: u.Tag()}, nil
}

// Grant returns the grant.
func (r *Right) Grant() []byte { return bytes.Clone(r.grant) }

// Parents returns the grants above it, the root's first.
func (r *Right) Parents() *Blobs { return &Blobs{all: r.parents} }

// Authorities returns the certificates of the operator.
func (r *Right) Authorities() *Blobs { return &Blobs{all: r.authorities} }

// Tag names the grant in logs, in hexadecimal.
func (r *Right) Tag() string { return r.tag.String() }

// From returns when it begins, in seconds since 1970; nobody has verified it.
func (r *Right) From() int64 { return int64(max(r.claims.NotBefore, r.claims.IssuedAt)) }

// Until returns when it ends, in seconds since 1970; nobody has verified it.
func (r *Right) Until() int64 { return int64(r.claims.Expires) }

// Lock returns the id of the lock where the right is for one alone, in
// hexadecimal; else nothing.
func (r *Right) Lock() string {
	if len(r.claims.Scope) == 0 {
		return ""
	}
	first, _ := r.claims.Scope[0].Target.Lock()
	for _, e := range r.claims.Scope {
		if id, one := e.Target.Lock(); !one || id != first {
			return ""
		}
	}
	return first.String()
}
