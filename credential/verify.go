package credential

// Verifier checks signatures for somebody who trusts Roots.  Its zero value
// trusts nobody.
type Verifier struct {
	Roots []PublicKey // keys of the schemes that are trusted
	Meter *Meter      // counts the public-key operations; nil counts none
	// Known, where it is not nil, reports whether the signature with this
	// fingerprint was verified before: it is not verified again then.  Every
	// other rule holds as before.
	Known func(Fingerprint) bool
}

// Authority verifies an authority certificate: one of the roots signed it.
//
// Errors: issuer-unknown where no root has the key id; algorithm, signature.
func (v *Verifier) Authority(u *UnverifiedAuthority) (*Authority, error) {
	if u == nil {
		return nil, absent(authorityName)
	}
	f, err := v.verify(authorityName, &u.object, v.Roots...)
	if err != nil {
		return nil, err
	}
	return &Authority{u.object, u.claims, f}, nil
}

// LockCertificate verifies a lock certificate: the manufacturer signed it, and
// had the right lock while its own certificate ran.
//
// Errors: issuer-unknown, algorithm, signature, authority-right, and
// authority-expired where the certificate was issued outside that time.
func (v *Verifier) LockCertificate(u *UnverifiedLockCertificate, maker *Authority) (*LockCertificate, error) {
	if u == nil {
		return nil, absent(lockName)
	}
	f, err := v.verifyUnder(maker, RightLock, lockName, &u.object, u.claims.IssuedAt)
	if err != nil {
		return nil, err
	}
	return &LockCertificate{u.object, u.claims, f}, nil
}

// verifyUnder checks that an authority signed the object, and had the right to
// while its certificate ran.
func (v *Verifier) verifyUnder(by *Authority, right Rights, what string, o *object, iat Time) (Fingerprint, error) {
	if by == nil {
		return Fingerprint{}, fault(ReasonIssuerUnknown, "%s: kid: signed by key %s, whose certificate is missing", what, o.signer)
	}
	f, err := v.verify(what, o, by.Key())
	if err != nil {
		return Fingerprint{}, err
	}
	if !by.Rights().Has(right) {
		return Fingerprint{}, fault(ReasonAuthorityRight, "%s: its signer has the rights %s, not %s", what, by.Rights(), right)
	}
	if err := by.Covers(iat); err != nil {
		return Fingerprint{}, err
	}
	return f, nil
}

// OperatorGrant verifies a grant that an operator signed, and that the operator
// may grant it: right, time, length and service.
//
// Errors: issuer-unknown, algorithm, signature; then, with all signatures good,
// delegation where the grant has a parent, authority-right, authority-expired,
// grant-too-long, service.
func (v *Verifier) OperatorGrant(u *UnverifiedGrant, by *Authority) (*Grant, error) {
	switch {
	case u == nil:
		return nil, absent(grantName)
	case by == nil:
		return nil, fault(ReasonIssuerUnknown, "%s: kid: signed by key %s, whose certificate is missing", grantName, u.signer)
	}
	f, err := v.verify(grantName, &u.object, by.Key())
	if err != nil {
		return nil, err
	}
	if err := by.Allows(u.claims); err != nil {
		return nil, err
	}
	return &Grant{u.object, u.claims, nil, by, f}, nil
}

// OwnerGrant verifies a grant that the owner with the given key signed.
//
// Errors: issuer-unknown, algorithm, signature; then, with the signature good,
// delegation where the grant has a parent, and service where it names one, which
// an owner has not.
func (v *Verifier) OwnerGrant(u *UnverifiedGrant, owner PublicKey) (*Grant, error) {
	if u == nil {
		return nil, absent(grantName)
	}
	f, err := v.verify(grantName, &u.object, owner)
	if err != nil {
		return nil, err
	}
	if err := u.claims.OwnerMayGrant(); err != nil {
		return nil, err
	}
	return &Grant{u.object, u.claims, nil, nil, f}, nil
}

// absent says that there is no object to verify.
func absent(what string) error { return fault(ReasonMalformed, "%s: there is none to verify", what) }
