package lock

import (
	"slices"

	"github.com/postern-lock/postern/credential"
)

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
func (l *Lock) verify(chain []*credential.UnverifiedAuthority) (missing *credential.KeyID, err error) {
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
// knows and that covers the grant, or else the first of the phone's with the
// key id; nil where there is none.
func (l *Lock) authority(v *credential.Verifier, chain []*credential.UnverifiedAuthority) (*credential.Authority, error) {
	if a := l.knownAuthority(v); a != nil {
		return a, nil
	}
	for _, u := range chain {
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

// knownAuthority looks among the certificates from manufacture and those that
// the lock remembers for the one that signed the grant and covers it; of
// several it takes the one that ends last.  What does not cover the grant is
// not found, so that the phone is asked for a newer certificate.
func (l *Lock) knownAuthority(v *credential.Verifier) *credential.Authority {
	known := slices.Clone(l.authorities)
	for _, k := range l.state.authorities {
		u, err := credential.ParseAuthority(k.certificate)
		if err != nil {
			continue
		}
		if a, err := v.Authority(u); err == nil {
			known = append(known, a)
		}
	}
	grant := l.tx.holder.unverified
	var best *credential.Authority
	for _, a := range known {
		covers := credential.KeyIDOf(a.Key()) == grant.Signer() && a.Covers(grant.Claims.IssuedAt) == nil && l.state.floor < a.Expires()
		if covers && (best == nil || best.Expires() < a.Expires()) {
			best = a
		}
	}
	return best
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
