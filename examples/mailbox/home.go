package main

import (
	"slices"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
)

// home is what the owner's app keeps of the box.
type home struct {
	keys    holder.LogKeys            // open the pages of the log that others carry
	history holder.History            // what was read of the log
	book    map[credential.Tag]string // whose grants and keys they are
	policy  credential.PolicyClaims   // the newest, signed already or about to be
}

// write notes whose grant it is.  The book is nobody else's: no lock and no
// server knows a name.
func (h *home) write(grant []byte, name string) error {
	u, err := credential.ParseGrant(grant)
	if err != nil {
		return err
	}
	h.book[u.Tag()] = name
	return nil
}

// tagOf returns the tag under which the book has the name.
func (h *home) tagOf(name string) credential.Tag {
	for tag, n := range h.book {
		if n == name {
			return tag
		}
	}
	return credential.Tag{}
}

// sign has the owner sign a policy that differs from the one before in what is
// changed, and in number and date.  A policy is a whole: it repeats what stays.
func (s *story) sign(d day, hour int, change func(*credential.PolicyClaims)) ([]byte, error) {
	c := &s.home.policy
	c.Version++
	c.IssuedAt = credential.At(at(d, hour, 0))
	c.Services = slices.Clone(c.Services)
	change(c)
	return s.owner.Policy(*c)
}

// firstPolicy admits those who bring post and parcels.
func firstPolicy(c *credential.PolicyClaims) {
	bring := credential.ActionDeliver | credential.ActionCollect
	c.Lock = boxID
	c.Services = []credential.Admission{
		{Service: credential.ServicePost, Actions: bring},
		{Service: credential.ServiceParcel, Actions: bring},
	}
}
