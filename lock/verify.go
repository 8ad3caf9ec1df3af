package lock

import (
	"slices"

	"github.com/postern-lock/postern/credential"
)

// holder is whoever holds the phone, as far as the lock has come to know.
type holder struct {
	bare       credential.PublicKey        // of somebody without a grant
	owner      bool                        // the bare key is an owner's, and possession of it is proved
	unverified *credential.UnverifiedGrant // of everybody else
	grant      *credential.Grant           // set once the signatures are verified
	tried      bool                        // what the lock holds itself was tried
	forged     error                       // what came of that, where the signature did not verify
	learnt     *credential.Authority       // certificate that the phone brought and that was verified
	fault      error                       // of a grant whose signatures are good and which its issuer may not grant
}

// verified reports whether the lock may tell the phone more than what it lacks.
func (h *holder) verified() bool { return h.owner || h.grant != nil || h.fault != nil }

// verify checks the signatures from the grant up to a key that the lock trusts:
// an owner's, or a scheme's by way of the operator's certificate.  It returns
// the key id of a certificate that the lock lacks, if it lacks one.  An error
// means that the phone is told nothing.
//
// Where an owner's key or a certificate that the lock holds bears the key id
// and the signature does not verify, the answer is that of a lock that never
// heard of it: nobody finds out whose box it is, or which operators came, by
// signing with a made-up key.  Such a key is tried once in a transaction.
func (l *Lock) verify(chain [][]byte) (missing *credential.KeyID, err error) {
	h := &l.tx.holder
	if h.verified() {
		return nil, nil
	}
	v := credential.Verifier{Roots: l.config.Roots, Meter: &l.meter, Known: l.state.knows}
	signer := h.unverified.Signer()
	if !h.tried {
		h.tried = true
		if l.verifyHeld(&v); h.verified() {
			return nil, nil
		}
	}
	authority, err := l.brought(&v, chain)
	if err != nil {
		return nil, err
	}
	if authority == nil {
		return &signer, nil
	}
	return nil, h.settle(v.OperatorGrant(h.unverified, authority))
}

// verifyHeld verifies the grant with what the lock holds itself: the key of an
// owner, or a certificate that serves the grant.
func (l *Lock) verifyHeld(v *credential.Verifier) {
	h := &l.tx.holder
	var err error
	if i := slices.IndexFunc(l.config.Owners, func(k credential.PublicKey) bool {
		return credential.KeyIDOf(k) == h.unverified.Signer()
	}); i >= 0 {
		err = h.settle(v.OwnerGrant(h.unverified, l.config.Owners[i]))
	} else if a := l.heldAuthority(v); a != nil {
		err = h.settle(v.OperatorGrant(h.unverified, a))
	}
	h.forged = err
}

// brought returns the first authority of the phone's that has the grant's key
// id, and nil where it brought none (section 7.5.1).
func (l *Lock) brought(v *credential.Verifier, chain [][]byte) (*credential.Authority, error) {
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
// the lock remembers for one that serves the grant; of several it takes the one
// that ends last.  What does not serve the grant is not found, so that the phone
// is asked for another certificate of the same key.
func (l *Lock) heldAuthority(v *credential.Verifier) *credential.Authority {
	var best *credential.Authority
	consider := func(a *credential.Authority) {
		if l.serves(a) && (best == nil || best.Expires() < a.Expires()) {
			best = a
		}
	}
	for _, a := range l.authorities {
		consider(a)
	}
	for _, k := range l.state.authorities {
		u, err := credential.ParseAuthority(k.certificate)
		if err != nil {
			continue
		}
		if a, err := v.Authority(u); err == nil {
			consider(a)
		}
	}
	return best
}

// serves reports whether the grant is good under the authority, and the
// authority has not ended by the floor that the grant brings about.
func (l *Lock) serves(a *credential.Authority) bool {
	grant, floor := l.tx.holder.unverified, l.state.floor
	if a.Rights().Has(credential.RightTime) {
		floor = max(floor, grant.Claims.IssuedAt)
	}
	return credential.KeyIDOf(a.Key()) == grant.Signer() && floor < a.Expires() && a.Allows(grant.Claims) == nil
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
