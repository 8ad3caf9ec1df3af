package lock

import "github.com/postern-lock/postern/credential"

// holder is whoever holds the phone, as far as the lock has come to know.
type holder struct {
	owner      bool                        // by a bare key that the lock knows
	unverified *credential.UnverifiedGrant // of everybody else
	grant      *credential.Grant           // set once the signatures are verified
	learnt     *credential.Authority       // certificate that the phone brought and that was verified
	fault      error                       // of a grant whose signatures are good and which its issuer may not grant
}

// verified reports whether the lock may tell the phone more than what it lacks.
func (h *holder) verified() bool { return h.owner || h.grant != nil || h.fault != nil }

// verify checks the signatures from the grant up to a key that the lock trusts:
// an owner's, or a scheme's by way of the operator's certificate.  It returns
// the key id of a certificate that the lock lacks, if it lacks one.  An error
// means that the phone is told nothing.
func (l *Lock) verify(chain [][]byte) (missing *credential.KeyID, err error) {
	h := &l.tx.holder
	if h.verified() {
		return nil, nil
	}
	v := credential.Verifier{Roots: l.config.Roots, Meter: &l.meter, Known: l.state.knows}
	signer := h.unverified.Signer()
	for _, owner := range l.config.Owners {
		if credential.KeyIDOf(owner) == signer {
			return nil, h.settle(v.OwnerGrant(h.unverified, owner))
		}
	}
	authority, err := l.authority(&v, chain)
	if err != nil {
		return nil, err
	}
	if authority == nil {
		return &signer, nil
	}
	return nil, h.settle(v.OperatorGrant(h.unverified, authority))
}

// authority returns the authority that signed the grant: one that the lock
// holds and that serves the grant, or else the first of the phone's with the
// key id; nil where there is none (section 7.5.1).
func (l *Lock) authority(v *credential.Verifier, chain [][]byte) (*credential.Authority, error) {
	if a := l.heldAuthority(v); a != nil {
		return a, nil
	}
	for _, certificate := range chain {
		u, err := credential.ParseAuthority(certificate)
		if err != nil {
			return nil, err
		}
		if credential.KeyIDOf(u.Claims.Key) != l.tx.holder.unverified.Signer() {
			continue
		}
		a, err := v.Authority(u)
		if err != nil {
			return nil, err
		}
		l.tx.holder.learnt = a
		return a, nil
	}
	return nil, nil
}

// heldAuthority looks among the certificates from manufacture and those that
// the lock remembers.  What does not serve the grant is not found, so that the
// phone is asked for another certificate of the same key.
func (l *Lock) heldAuthority(v *credential.Verifier) *credential.Authority {
	grant := l.tx.holder.unverified
	serves := func(a *credential.Authority) bool {
		return credential.KeyIDOf(a.Key()) == grant.Signer() && l.state.floor < a.Expires() && a.Allows(grant.Claims) == nil
	}
	for _, a := range l.authorities {
		if serves(a) {
			return a
		}
	}
	for _, k := range l.state.authorities {
		u, err := credential.ParseAuthority(k.certificate)
		if err != nil {
			continue
		}
		if a, err := v.Authority(u); err == nil && serves(a) {
			return a
		}
	}
	return nil
}

// settle takes over the verified grant, or the reason for which its issuer may
// not grant it.  A signature that does not verify is returned as the error.
func (h *holder) settle(g *credential.Grant, err error) error {
	if err == nil {
		h.grant = g
		return nil
	}
	switch reasonOf(err, credential.ReasonSignature) {
	case credential.ReasonAuthorityRight, credential.ReasonAuthorityExpired, credential.ReasonGrantTooLong, credential.ReasonService:
		h.fault = err
		return nil
	}
	return err
}
