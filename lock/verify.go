package lock

import (
	"slices"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/wire"
)

// holder is whoever holds the phone, as far as the lock has come to know.
type holder struct {
	bare    credential.PublicKey // of somebody without a grant
	owner   bool                 // the bare key is the owner's, and possession of it is proved
	coOwner bool                 // the same for a co-owner's
	taker   bool                 // the bare key is nobody's, and may become the owner's

	// links are the grants of everybody else as they were read: the holder's
	// own, then its parents as far as they are known, up to the root's.
	links  []*credential.UnverifiedGrant
	root   *credential.Grant     // set once the root's signature is verified
	grant  *credential.Grant     // the holder's own, set once all signatures are
	tried  bool                  // what the lock holds itself was tried
	forged error                 // what came of that, where the signature did not verify
	learnt *credential.Authority // certificate that the phone brought and that was verified
	fault  error                 // of a grant whose signatures are good and which its issuer may not grant
}

// verified reports whether the lock may tell the phone more than what it lacks.
func (h *holder) verified() bool { return h.owner || h.coOwner || h.grant != nil || h.fault != nil }

// top returns the topmost link that is known.
func (h *holder) top() *credential.UnverifiedGrant { return h.links[len(h.links)-1] }

// tag returns the tag of the grant or the key id of the bare key: who it is, for
// the log.
func (h *holder) tag() credential.Tag {
	if len(h.links) > 0 {
		return h.links[0].Tag()
	}
	return credential.Tag(credential.KeyIDOf(h.bare))
}

// verify checks the signatures from the grant up to a key that the lock trusts:
// an owner's, or a scheme's by way of the operator's certificate.  It returns
// the key id of the signer that the lock lacks, if it lacks one.  An error
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
	h.links = h.links[:1] // parents that an earlier request brought are not kept
	if whole, err := h.climb(chain); err != nil || !whole {
		signer := h.top().Signer()
		return &signer, err
	}
	v := credential.Verifier{Roots: l.roots(), Meter: &l.meter, Known: l.state.knows}
	if !h.tried {
		h.tried = true
		l.verifyHeld(&v)
	}
	if h.root == nil && h.fault == nil {
		authority, err := l.brought(&v, chain)
		if err != nil {
			return nil, err
		}
		if authority == nil {
			signer := h.top().Signer()
			return &signer, nil
		}
		if err := h.settle(v.OperatorGrant(h.top(), authority)); err != nil {
			return nil, err
		}
	}
	return nil, l.descend(&v)
}

// climb follows the parents of the grant up to the root's, as far as the chain
// brings them.  It reports whether the root is reached.
func (h *holder) climb(chain [][]byte) (whole bool, err error) {
	for h.top().Claims.Parent != [32]byte{} {
		if len(h.links) == wire.LimitLinks {
			return false, &Error{Reason: credential.ReasonDelegation, Detail: "the chain has more links than are allowed"}
		}
		parent, err := find(chain, h.top().Claims.Parent)
		if parent == nil || err != nil {
			return false, err
		}
		h.links = append(h.links, parent)
	}
	return true, nil
}

// find returns the grant with the digest, nil where the chain has none.
func find(chain [][]byte, digest [32]byte) (*credential.UnverifiedGrant, error) {
	for _, object := range chain {
		if kind, err := credential.TypeOf(object); err != nil || kind != wire.TypeGrant {
			continue
		}
		u, err := credential.ParseGrant(object)
		if err != nil {
			return nil, err
		}
		if u.Digest() == digest {
			return u, nil
		}
	}
	return nil, nil
}

// descend verifies the links below the root, down to the holder's own.
func (l *Lock) descend(v *credential.Verifier) error {
	h := &l.tx.holder
	if h.fault != nil {
		if len(h.links) > 1 { // nothing vouches for the links below
			return h.fault
		}
		return nil
	}
	g := h.root
	for i := len(h.links) - 2; i >= 0; i-- {
		child, err := v.DelegatedGrant(h.links[i], g)
		if err != nil && i > 0 { // nothing vouches for the links below
			return err
		}
		if err != nil {
			return h.blame(err)
		}
		g = child
	}
	h.grant = g
	return nil
}

// verifyHeld verifies the root's grant with what the lock holds itself: the key
// of an owner, or a certificate that serves the grant.
func (l *Lock) verifyHeld(v *credential.Verifier) {
	h := &l.tx.holder
	owners := l.state.grantors()
	if i := slices.IndexFunc(owners, func(k credential.PublicKey) bool {
		return credential.KeyIDOf(k) == h.top().Signer()
	}); i >= 0 {
		h.forged = h.settle(v.OwnerGrant(h.top(), owners[i]))
	} else if a := l.heldAuthority(v, h.top().Signer(), l.serves); a != nil {
		h.forged = h.settle(v.OperatorGrant(h.top(), a))
	}
}

// brought returns the first authority of the phone's that has the root grant's
// key id, and nil where it brought none (section 7.5.1).
func (l *Lock) brought(v *credential.Verifier, chain [][]byte) (*credential.Authority, error) {
	for _, object := range chain {
		if kind, err := credential.TypeOf(object); err == nil && kind == wire.TypeGrant {
			continue
		}
		u, err := credential.ParseAuthority(object)
		if err != nil {
			return nil, err
		}
		if credential.KeyIDOf(u.Claims.Key) != l.tx.holder.top().Signer() {
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
// the lock remembers for one of the key id that will do; of several it takes the
// one that ends last.
func (l *Lock) heldAuthority(v *credential.Verifier, signer credential.KeyID, does func(*credential.Authority) bool) *credential.Authority {
	var best *credential.Authority
	consider := func(a *credential.Authority) {
		if credential.KeyIDOf(a.Key()) == signer && does(a) && (best == nil || best.Expires() < a.Expires()) {
			best = a
		}
	}
	for _, a := range l.authorities {
		consider(a)
	}
	for i := range l.state.authorities {
		k := &l.state.authorities[i]
		if k.used == 0 {
			continue
		}
		u, err := credential.RereadAuthority(k.certificate)
		if err != nil {
			continue
		}
		if a, err := v.Authority(u); err == nil {
			consider(a)
		}
	}
	return best
}

// serves reports whether the root's grant is good under the authority, and the
// authority has not ended by the floor that the grant brings about.  What does
// not serve the grant is not found, so that the phone is asked for another
// certificate of the same key.
func (l *Lock) serves(a *credential.Authority) bool {
	grant, floor := l.tx.holder.top(), l.state.floor
	if a.Rights().Has(credential.RightTime) {
		floor = max(floor, grant.Claims.IssuedAt)
	}
	return floor < a.Expires() && a.Allows(grant.Claims) == nil && l.state.revokedAuthority(a) == nil
}

// roots returns the keys that are trusted as a scheme's: those from manufacture
// and the anchors of the owner's policy.
func (l *Lock) roots() []credential.PublicKey {
	return slices.Concat(l.config.Roots, l.state.anchors())
}

// settle takes over the verified root's grant, or the reason for which its
// issuer may not grant it.  A signature that does not verify is returned as the
// error.
func (h *holder) settle(g *credential.Grant, err error) error {
	if err != nil {
		return h.blame(err)
	}
	h.root = g
	return nil
}

// blame keeps the fault of a grant whose signature is good; any other one is
// returned.
func (h *holder) blame(err error) error {
	switch reasonOf(err, credential.ReasonSignature) {
	case credential.ReasonAuthorityRight, credential.ReasonAuthorityExpired, credential.ReasonGrantTooLong,
		credential.ReasonService, credential.ReasonDelegation:
		h.fault = err
		return nil
	}
	return err
}

// again looks, where a policy came in this transaction, whether the holder still
// has what was verified: it may have given the lock to another owner, or taken a
// co-owner or an anchor away.  Who has lost it is refused from then on, for what
// is left of the transaction.  No signature is verified again for that.
func (l *Lock) again() {
	h := &l.tx.holder
	switch {
	case h.owner || h.coOwner:
		h.owner, h.coOwner = l.state.isOwner(h.bare), l.state.isCoOwner(h.bare)
		if h.owner || h.coOwner {
			return
		}
	case h.root == nil || l.stands(h.root):
		return
	}
	h.root, h.grant = nil, nil
	h.fault = &Error{Reason: credential.ReasonDenied, Detail: "a new policy left nobody whom the lock trusts behind the holder's right"}
}

// stands reports whether the lock still trusts who signed the root's grant: as an
// owner, or by a certificate under one of the roots.  Whether that certificate
// still runs is for the judgement.
func (l *Lock) stands(root *credential.Grant) bool {
	a := root.Authority()
	v := credential.Verifier{Roots: l.roots(), Known: func(f credential.Fingerprint) bool {
		return f == root.Fingerprint() || a != nil && f == a.Fingerprint()
	}}
	if a == nil {
		return slices.ContainsFunc(l.state.grantors(), func(k credential.PublicKey) bool {
			_, err := v.OwnerGrant(l.tx.holder.top(), k)
			return err == nil
		})
	}
	u, err := credential.RereadAuthority(a.Bytes())
	if err != nil {
		return false
	}
	_, err = v.Authority(u)
	return err == nil
}
