package lock

import (
	"encoding/binary"
	"slices"

	"github.com/postern-lock/postern/credential"
)

// list is a revocation list that was verified (section 18.9).
type list struct {
	by      credential.PublicKey // authority or scheme root that signed it
	expires credential.Time      // of the authority's certificate; 0 for a root, which has none
	*credential.UnverifiedRevocationList
}

func (l *list) empty() bool { return l.UnverifiedRevocationList == nil }

func (l *list) value() []byte {
	if l.empty() {
		return nil
	}
	return appendSigned(binary.BigEndian.AppendUint32(nil, uint32(l.expires)), l.by, l.Bytes())
}

func (l *list) read(b []byte) error {
	if len(b) < 4 {
		return errRecord
	}
	l.expires = credential.Time(binary.BigEndian.Uint32(b))
	by, raw, err := splitSigned(b[4:])
	if err != nil {
		return err
	}
	l.by = by
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

// listOf returns the index of the signer's list, or of a place for it: an empty
// one, else that of a list that has nothing more to deny.  It is -1 where there is
// no room.
func (s *state) listOf(by credential.PublicKey, over func(*list) bool) int {
	own := func(l list) bool { return !l.empty() && l.by == by }
	for _, fits := range []func(list) bool{own, func(l list) bool { return l.empty() }, func(l list) bool { return over(&l) }} {
		if i := slices.IndexFunc(s.lists[:], fits); i >= 0 {
			return i
		}
	}
	return -1
}

// over reports whether a list may give way: its signer's certificate has ended, or
// it is of a root that the lock trusts no more.
func (l *Lock) over(n *list) bool {
	if n.expires == 0 {
		return !slices.Contains(l.roots(), n.by)
	}
	return n.expires <= l.state.floor
}

// revoked returns the reason where an operator or a scheme no longer stands for
// the grant.
func (s *state) revoked(g *credential.Grant) error {
	a := g.Authority()
	if a == nil {
		return nil
	}
	for i := range s.lists {
		l := &s.lists[i]
		switch {
		case l.empty():
		case l.by == a.Key():
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
		if !l.empty() && credential.KeyIDOf(l.by) == a.Signer() && l.Claims.Denies(a.Tag(), a.IssuedAt()) {
			return &Error{Reason: credential.ReasonDenied, Detail: "the scheme withdrew the certificate of key " + credential.KeyIDOf(a.Key()).String()}
		}
	}
	return nil
}
