package lock

import (
	"encoding/binary"
	"slices"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/wire"
)

// list is a revocation list that was verified (section 18.9).
type list struct {
	by      keySet          // authority or scheme root that signed it
	root    keySet          // scheme root or anchor for whose sake it is believed
	expires credential.Time // of the authority's certificate; the end of time for a root
	*credential.UnverifiedRevocationList
}

// keySet is a key as its claims set: compared, and never decoded.
type keySet string

func setOf(key credential.PublicKey) keySet { return keySet(credential.AppendClaimsSet(nil, key)) }

func (l *list) empty() bool { return l.UnverifiedRevocationList == nil }

func (l *list) value() []byte {
	if l.empty() {
		return nil
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(l.expires))
	return appendSet(b, l.root, appendSet(nil, l.by, l.Bytes()))
}

func (l *list) read(b []byte) error {
	if len(b) < 4 {
		return errRecord
	}
	l.expires = credential.Time(binary.BigEndian.Uint32(b))
	root, rest, err := splitSet(b[4:])
	if err != nil {
		return err
	}
	by, raw, err := splitSet(rest)
	if err != nil {
		return err
	}
	l.by, l.root = by, root
	l.UnverifiedRevocationList, err = credential.ParseRevocationList(raw)
	return err
}

// supersedes reports whether the lock holds a list of the same key id that is as
// new.
func (s *state) supersedes(u *credential.UnverifiedRevocationList) bool {
	for i := range s.lists {
		l := &s.lists[i]
		if !l.empty() && l.Signer() == u.Signer() && l.Claims.Version >= u.Claims.Version {
			return true
		}
	}
	return false
}

// keptLists is how many lists a lock keeps: of operators and anchors, and one of
// each scheme root, which nobody else's can push out.
const keptLists = wire.LimitLists + wire.LimitRoots

// placeOf returns the index of the signer's list, or of a place for it; -1 where
// there is no room.  An empty place is taken first, then that of a list for whose
// sake nobody is believed any more, or that denies nothing any more.
func (l *Lock) placeOf(n *list) int {
	roots := make([]keySet, 0, wire.LimitRoots+wire.LimitAnchors)
	for i, root := range l.roots() {
		roots = append(roots, setOf(root))
		if i < len(l.config.Roots) && roots[i] == n.by {
			return wire.LimitLists + i
		}
	}
	lists := l.state.lists[:wire.LimitLists]
	for _, fits := range []func(*list) bool{
		func(o *list) bool { return !o.empty() && o.by == n.by },
		(*list).empty,
		func(o *list) bool { return !slices.Contains(roots, o.root) },
		l.outlived,
	} {
		for i := range lists {
			if fits(&lists[i]) {
				return i
			}
		}
	}
	return -1
}

// outlived reports whether a list denies nothing any more: its signer's
// certificate has ended and none that runs is held, and so have all that it
// denies.
func (l *Lock) outlived(o *list) bool {
	v := trusting
	v.Roots = l.roots()
	return o.expires <= l.state.floor &&
		!slices.ContainsFunc(o.Claims.Denied, func(d credential.Denial) bool { return d.Expires > l.state.floor }) &&
		l.heldAuthority(&v, o.Signer(), func(a *credential.Authority) bool { return l.state.floor < a.Expires() }) == nil
}

// rootOf returns the root or anchor under which an authority is believed.
func (l *Lock) rootOf(a *credential.Authority) credential.PublicKey {
	for _, root := range l.roots() {
		if credential.KeyIDOf(root) == a.Signer() {
			return root
		}
	}
	return credential.PublicKey{}
}

// revoked returns the reason where an operator or a scheme no longer stands for
// the grant.
func (s *state) revoked(g *credential.Grant) error {
	a := g.Authority()
	if a == nil {
		return nil
	}
	own := setOf(a.Key())
	for i := range s.lists {
		l := &s.lists[i]
		switch {
		case l.empty():
		case l.by == own:
			for _, link := range g.Links() {
				if l.Claims.Denies(link.Tag(), link.IssuedAt()) {
					return &Error{Reason: credential.ReasonDenied, Detail: "the operator withdrew grant " + link.Tag().String()}
				}
			}
		}
	}
	return s.revokedAuthority(a)
}

// revokedAuthority returns the reason where the scheme no longer stands for an
// authority.
func (s *state) revokedAuthority(a *credential.Authority) error {
	for i := range s.lists {
		l := &s.lists[i]
		if !l.empty() && l.by == l.root && l.Signer() == a.Signer() && l.Claims.Denies(a.Tag(), a.IssuedAt()) {
			return &Error{Reason: credential.ReasonDenied, Detail: "the scheme withdrew the certificate of key " + credential.KeyIDOf(a.Key()).String()}
		}
	}
	return nil
}
