package target

import (
	"bytes"
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/spec/vectors"
)

// Issuer is the reference issuer as a device: package issuer.
type Issuer struct {
	key       crypto.Signer         // nil until it is appointed
	authority *credential.Authority // nil of a scheme and of an owner
	parents   [][]byte              // of a holder who delegates
	lists     uint32                // version of the last revocation list
	policies  map[credential.LockID]uint32
}

// NewIssuer returns a reference issuer.
func NewIssuer() *Issuer { return &Issuer{} }

// Hello returns what the issuer says of itself.
func (i *Issuer) Hello() shim.Hello {
	return shim.Hello{Protocol: shim.Protocol, Role: shim.RoleIssuer, Product: "Postern reference issuer", Version: "1", Verbs: shim.Verbs(shim.RoleIssuer)}
}

// Close lets go of the issuer.
func (i *Issuer) Close() error { return nil }

// Do carries out a request.
func (i *Issuer) Do(_ context.Context, r shim.Request) (any, error) {
	switch r := r.(type) {
	case shim.Appoint:
		return &shim.Nothing{}, i.appoint(r)
	case shim.Issue:
		if i.key == nil {
			return nil, errors.New("target: the issuer was not provisioned")
		}
		object, err := i.issue(r)
		if err != nil {
			return &shim.Issued{Refused: err.Error()}, nil
		}
		return &shim.Issued{Object: object}, nil
	}
	return nil, shim.ErrUnsupported
}

// appoint makes the issuer anew.
func (i *Issuer) appoint(a shim.Appoint) error {
	key, err := private(a.Key)
	if err != nil {
		return err
	}
	*i = Issuer{key: key, parents: raw(a.Parents), policies: map[credential.LockID]uint32{}}
	if len(a.Certificate) == 0 {
		return nil
	}
	u, err := credential.ParseAuthority(a.Certificate)
	if err != nil {
		return err
	}
	root, err := world.ParseCOSEKey(a.Root)
	if err != nil {
		return err
	}
	v := credential.Verifier{Roots: []credential.PublicKey{root}}
	i.authority, err = v.Authority(u)
	return err
}

// issue signs an object.
func (i *Issuer) issue(r shim.Issue) ([]byte, error) {
	c := new(vectors.Claims)
	d := json.NewDecoder(bytes.NewReader(r.Claims))
	d.DisallowUnknownFields()
	if err := d.Decode(c); err != nil {
		return nil, fmt.Errorf("claims: %w", err)
	}
	switch r.Kind {
	case "authority":
		return i.certifyAuthority(c)
	case "lock-certificate":
		return i.certifyLock(c)
	case "grant":
		return i.grant(c)
	case "policy":
		return i.policy(c)
	case "revocation-list":
		return i.revoke(c)
	case "time-token":
		return i.tell(c)
	}
	return nil, fmt.Errorf("an issuer signs no object of the kind %q", r.Kind)
}

func (i *Issuer) certifyAuthority(c *vectors.Claims) ([]byte, error) {
	if i.authority != nil {
		return nil, errors.New("a scheme alone certifies authorities")
	}
	s, err := issuer.NewScheme(i.key)
	if err != nil {
		return nil, err
	}
	claims, err := authorityClaims(c)
	if err != nil {
		return nil, err
	}
	return s.Certify(claims)
}

func (i *Issuer) certifyLock(c *vectors.Claims) ([]byte, error) {
	m, err := issuer.NewMaker(i.key, i.authority)
	if err != nil {
		return nil, err
	}
	claims, err := lockClaims(c)
	if err != nil {
		return nil, err
	}
	return m.Certify(claims)
}

func (i *Issuer) grant(c *vectors.Claims) ([]byte, error) {
	claims, err := grantClaims(c)
	if err != nil {
		return nil, err
	}
	if i.authority != nil {
		o, err := issuer.NewOperator(i.key, i.authority)
		if err != nil {
			return nil, err
		}
		return o.Grant(claims)
	}
	if i.parents != nil {
		key, err := holder.NewKey(i.key)
		if err != nil {
			return nil, err
		}
		return holder.Delegate(key, i.parents, claims)
	}
	o, err := issuer.NewOwner(i.key)
	if err != nil {
		return nil, err
	}
	i.underPolicy(claims.Scope)
	return o.Grant(claims)
}

// underPolicy names in each entry the highest version of policy that the owner
// signed for its lock.  A higher one in the claims was given to the owner, or seen.
func (i *Issuer) underPolicy(scope []credential.Entry) {
	for n := range scope {
		if lock, ok := scope[n].Target.Lock(); ok {
			scope[n].PolicyVersion = max(scope[n].PolicyVersion, i.policies[lock])
		}
	}
}

// policy signs policies of rising versions alone.
func (i *Issuer) policy(c *vectors.Claims) ([]byte, error) {
	claims, err := policyClaims(c)
	if err != nil {
		return nil, err
	}
	if i.authority != nil {
		return nil, errors.New("an owner alone signs policies")
	}
	if claims.Version != 0 && claims.Version <= i.policies[claims.Lock] {
		return nil, fmt.Errorf("version %d of a policy, after %d for this lock", claims.Version, i.policies[claims.Lock])
	}
	o, err := issuer.NewOwner(i.key)
	if err != nil {
		return nil, err
	}
	sign := o.Policy
	if claims.Owner != o.PublicKey() {
		sign = func(c credential.PolicyClaims) ([]byte, error) { // without the settings (section 18.7)
			return o.Transfer(credential.PolicyClaims{Lock: c.Lock, Version: c.Version, IssuedAt: c.IssuedAt, Reset: c.Reset}, c.Owner)
		}
	}
	b, err := sign(claims)
	if err == nil {
		i.policies[claims.Lock] = claims.Version
	}
	return b, err
}

// revoke signs lists of rising versions alone.
func (i *Issuer) revoke(c *vectors.Claims) ([]byte, error) {
	claims, err := revocationClaims(c)
	if err != nil {
		return nil, err
	}
	if claims.Version != 0 && claims.Version <= i.lists {
		return nil, fmt.Errorf("version %d of a revocation list, after %d", claims.Version, i.lists)
	}
	b, err := i.list(claims)
	if err == nil {
		i.lists = claims.Version
	}
	return b, err
}

func (i *Issuer) list(c credential.RevocationClaims) ([]byte, error) {
	if i.authority != nil {
		r, err := issuer.NewRevoker(i.key, i.authority)
		if err != nil {
			return nil, err
		}
		return r.Revoke(c)
	}
	s, err := issuer.NewScheme(i.key)
	if err != nil {
		return nil, err
	}
	return s.Revoke(c)
}

func (i *Issuer) tell(c *vectors.Claims) ([]byte, error) {
	s, err := issuer.NewTimeSource(i.key, i.authority)
	if err != nil {
		return nil, err
	}
	if c.Exp != 0 || c.Cnf != nil || c.Version != 0 {
		return nil, errors.New("a time token has a time, an offset and perhaps a nonce")
	}
	if c.Offset == nil || *c.Offset != int(int16(*c.Offset)) {
		return nil, errors.New("offset is missing or out of range")
	}
	at, offset := credential.Time(c.Iat), int16(*c.Offset)
	if c.Nonce == nil {
		return s.State(at, offset)
	}
	if len(c.Nonce) != 16 {
		return nil, fmt.Errorf("nonce of %d bytes", len(c.Nonce))
	}
	return s.Live(at, offset, [16]byte(c.Nonce))
}
