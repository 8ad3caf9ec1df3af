package credential

// Policy verifies a policy: the owner with the given key signed it.  Whether it
// is for this lock, and new to it, is for the lock to say.
//
// Errors: issuer-unknown where the key has another id; algorithm, signature.
func (v *Verifier) Policy(u *UnverifiedPolicy, owner PublicKey) (*Policy, error) {
	if u == nil {
		return nil, absent(policyName)
	}
	f, err := v.verify(policyName, &u.object, owner)
	if err != nil {
		return nil, err
	}
	return &Policy{u.object, u.claims, f}, nil
}

// RevocationList verifies a list that an operator signed, with the right revoke
// and while its certificate ran.
//
// Errors: issuer-unknown, algorithm, signature; then authority-right,
// authority-expired.
func (v *Verifier) RevocationList(u *UnverifiedRevocationList, by *Authority) (*RevocationList, error) {
	if u == nil {
		return nil, absent(listName)
	}
	f, err := v.verifyUnder(by, RightRevoke, listName, &u.object, u.claims.IssuedAt)
	if err != nil {
		return nil, err
	}
	return &RevocationList{u.object, u.claims, by, f}, nil
}

// SchemeList verifies a list that one of the roots signed.
//
// Errors: issuer-unknown where no root has the key id; algorithm, signature.
func (v *Verifier) SchemeList(u *UnverifiedRevocationList) (*RevocationList, error) {
	if u == nil {
		return nil, absent(listName)
	}
	f, err := v.verify(listName, &u.object, v.Roots...)
	if err != nil {
		return nil, err
	}
	return &RevocationList{u.object, u.claims, nil, f}, nil
}

// TimeToken verifies a time token: an authority signed it, with the right time
// and while its certificate ran.  Whether its nonce is that of the transaction is
// for the lock to say.
//
// Errors: issuer-unknown, algorithm, signature; then authority-right,
// authority-expired.
func (v *Verifier) TimeToken(u *UnverifiedTimeToken, by *Authority) (*TimeToken, error) {
	if u == nil {
		return nil, absent(tokenName)
	}
	f, err := v.verifyUnder(by, RightTime, tokenName, &u.object, u.claims.Time)
	if err != nil {
		return nil, err
	}
	return &TimeToken{u.object, u.claims, by, f}, nil
}

// Receipt verifies a receipt: the lock that it names signed it.
//
// Errors: issuer-unknown, algorithm, signature; lock-identity where the
// certificate is another lock's.
func (v *Verifier) Receipt(u *UnverifiedReceipt, lock *LockCertificate) (*Receipt, error) {
	switch {
	case u == nil:
		return nil, absent(receiptName)
	case lock == nil:
		return nil, fault(ReasonIssuerUnknown, "%s: kid: signed by key %s, whose certificate is missing", receiptName, u.signer)
	}
	f, err := v.verify(receiptName, &u.object, lock.Key())
	if err != nil {
		return nil, err
	}
	if u.claims.Lock != lock.ID() {
		return nil, fault(ReasonLockIdentity, "%s: lock id: is %s, the certificate is for %s", receiptName, u.claims.Lock, lock.ID())
	}
	return &Receipt{u.object, u.claims, f}, nil
}
