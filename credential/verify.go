package credential

import (
	"crypto/sha256"
	"time"
)

// Verifier checks signatures for somebody who trusts Roots.  Its zero value
// trusts nobody.
type Verifier struct {
	Roots []PublicKey // keys of the schemes that are trusted
	Meter *Meter      // counts the public-key operations; nil counts none
	// Known, where it is not nil, reports whether the signature with this
	// fingerprint was verified before: it is not verified again then.
	Known func(Fingerprint) bool
}

// Fingerprint names a signature that was verified: SHA-256 over the digest of
// what was signed and the key that signed it, 32 bytes.
type Fingerprint [sha256.Size]byte

// verify checks the object's signature with the key, unless it is known.
func (v *Verifier) verify(what string, o *object, key PublicKey) (Fingerprint, error) {
	if err := o.names(what, key); err != nil {
		return Fingerprint{}, err
	}
	f := o.fingerprint(key)
	if v.Known != nil && v.Known(f) {
		return f, nil
	}
	return f, o.verify(what, key, v.Meter)
}

// Authority verifies an authority certificate: one of the roots signed it.
//
// Errors: issuer-unknown where no root has the key id, signature where it does
// not verify.
func (v *Verifier) Authority(u *UnverifiedAuthority) (*Authority, error) {
	for _, root := range v.Roots {
		if KeyIDOf(root) != u.signer {
			continue
		}
		f, err := v.verify(authorityName, &u.object, root)
		if err != nil {
			return nil, err
		}
		return &Authority{u, f}, nil
	}
	return nil, fault(ReasonIssuerUnknown, "%s: no trusted root has the key id %s", authorityName, u.signer)
}

// LockCertificate verifies a lock certificate: the manufacturer signed it, and
// had the right lock while its own certificate ran.
//
// Errors: issuer-unknown, algorithm, signature, authority-right, and
// authority-expired where the certificate was issued outside that time.
func (v *Verifier) LockCertificate(u *UnverifiedLockCertificate, maker *Authority) (*LockCertificate, error) {
	if maker == nil {
		return nil, fault(ReasonIssuerUnknown, "%s: signed by key %s, whose certificate is missing", lockName, u.signer)
	}
	if _, err := v.verify(lockName, &u.object, maker.Key()); err != nil {
		return nil, err
	}
	if !maker.Rights().Has(RightLock) {
		return nil, fault(ReasonAuthorityRight, "%s: its signer has the rights %s, not lock", lockName, maker.Rights())
	}
	if err := maker.Covers(u.Claims.IssuedAt); err != nil {
		return nil, err
	}
	return &LockCertificate{u}, nil
}

// OperatorGrant verifies a grant that an operator signed, and that the operator
// may grant it: right, time, length and service.
//
// Errors: issuer-unknown, algorithm, signature; then, with all signatures good,
// authority-right, authority-expired, grant-too-long, service.
func (v *Verifier) OperatorGrant(u *UnverifiedGrant, by *Authority) (*Grant, error) {
	if by == nil {
		return nil, fault(ReasonIssuerUnknown, "%s: signed by key %s, whose certificate is missing", grantName, u.signer)
	}
	f, err := v.verify(grantName, &u.object, by.Key())
	if err != nil {
		return nil, err
	}
	if err := by.Allows(u.Claims); err != nil {
		return nil, err
	}
	return &Grant{u, by, f}, nil
}

// OwnerGrant verifies a grant that the owner with the given key signed.
//
// Errors: issuer-unknown, algorithm, signature; service where the grant names
// one, which an owner has not.
func (v *Verifier) OwnerGrant(u *UnverifiedGrant, owner PublicKey) (*Grant, error) {
	f, err := v.verify(grantName, &u.object, owner)
	if err != nil {
		return nil, err
	}
	if err := u.Claims.OwnerMayGrant(); err != nil {
		return nil, err
	}
	return &Grant{u, nil, f}, nil
}

// OwnerMayGrant checks that an owner may issue a grant with these claims: an
// owner acts in no service's name.
func (c GrantClaims) OwnerMayGrant() error {
	for _, e := range c.Scope {
		if e.Service != ServiceNone {
			return fault(ReasonService, "%s: an owner grants in no service's name, this names %s", grantName, e.Service)
		}
	}
	return nil
}

// Allows checks that the authority may issue a grant with these claims: it has
// the right issue, its certificate covers the time of issue, the grant is not
// longer than its longest, and every entry is in the name of a service of its
// own.
func (a *Authority) Allows(c GrantClaims) error {
	if !a.Rights().Has(RightIssue) {
		return fault(ReasonAuthorityRight, "%s: its signer has the rights %s, not issue", grantName, a.Rights())
	}
	if err := a.Covers(c.IssuedAt); err != nil {
		return err
	}
	if long := time.Duration(c.Expires-c.IssuedAt) * time.Second; long > a.LongestGrant() {
		return fault(ReasonGrantTooLong, "%s: lasts %s, its authority may grant %s at most", grantName, long, a.LongestGrant())
	}
	for _, e := range c.Scope {
		if err := a.serves(e.Service); err != nil {
			return err
		}
	}
	return nil
}

// Covers checks that something issued at iat was issued while the authority's
// certificate ran, both ends included.
func (a *Authority) Covers(iat Time) error {
	if iat < a.IssuedAt() || iat > a.Expires() {
		return fault(ReasonAuthorityExpired, "issued at %s, outside its authority's %s to %s", iat, a.IssuedAt(), a.Expires())
	}
	return nil
}

// serves checks that an entry may be in the name of the service.
func (a *Authority) serves(s Service) error {
	held := a.u.Claims.Services
	if s == ServiceNone {
		if len(held) == 1 {
			return nil
		}
		return fault(ReasonService, "%s: its authority holds %d services, so each entry must name one", grantName, len(held))
	}
	for _, h := range held {
		if h == s {
			return nil
		}
	}
	return fault(ReasonService, "%s: its authority does not hold the service %s", grantName, s)
}
