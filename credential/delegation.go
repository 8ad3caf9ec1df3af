package credential

import (
	"slices"

	"github.com/postern-lock/postern/internal/wire"
)

// DelegatedGrant verifies a grant that the holder of the parent signed, and
// that he may hang below it: it names the parent by its digest, was issued
// while the parent ran, names no service, and makes the chain no longer than 3
// grants, the root's and this one counted.
//
// How far the conditions of the parent let it delegate is judged with the
// chain, by [Grant.Judge], for each action and place.
//
// Errors: issuer-unknown, algorithm, signature; then, with all signatures good,
// delegation, service.
func (v *Verifier) DelegatedGrant(u *UnverifiedGrant, parent *Grant) (*Grant, error) {
	switch {
	case u == nil:
		return nil, absent(grantName)
	case parent == nil:
		return nil, fault(ReasonIssuerUnknown, "%s: kid: signed by key %s, whose own grant is missing", grantName, u.signer)
	}
	f, err := v.verify(grantName, &u.object, parent.Holder())
	if err != nil {
		return nil, err
	}
	if err := parent.Allows(u.claims); err != nil {
		return nil, err
	}
	return &Grant{u.object, u.claims, parent, nil, f}, nil
}

// Allows checks that the grant's holder may hang a grant with these claims
// below it, as [Verifier.DelegatedGrant] does.
//
// Errors: delegation, service.
func (g *Grant) Allows(c GrantClaims) error {
	switch {
	case !c.delegated():
		return fault(ReasonDelegation, "%s: parent: is missing, so its issuer has no right to pass on", grantName)
	case c.Parent != g.digest:
		return fault(ReasonDelegation, "%s: parent: %x is not the grant %s", grantName, c.Parent[:len(Tag{})], g.Tag())
	case len(g.Links()) >= wire.LimitLinks:
		return fault(ReasonDelegation, "%s: parent: ends a chain of %d grants, no more can follow", grantName, wire.LimitLinks)
	case c.IssuedAt < g.IssuedAt() || c.IssuedAt > g.Expires():
		return fault(ReasonDelegation, "%s: iat: %s is outside its parent's %s to %s", grantName, c.IssuedAt, g.IssuedAt(), g.Expires())
	}
	return c.inNoService("a holder")
}

// delegated reports whether the grant hangs below another.
func (c *GrantClaims) delegated() bool { return c.Parent != [len(c.Parent)]byte{} }

// undelegated refuses a grant that hangs below another where somebody signs it
// who has nothing above him.
func (c *GrantClaims) undelegated() error {
	if c.delegated() {
		return fault(ReasonDelegation, "%s: parent: the holder of the grant %x alone can sign this", grantName, c.Parent[:len(Tag{})])
	}
	return nil
}

// inNoService refuses entries in the name of a service.
func (c *GrantClaims) inNoService(issuer string) error {
	for i := range c.Scope {
		if s := c.Scope[i].Service; s != ServiceNone {
			return fault(ReasonService, "%s: %s grants in no service's name, this names %s", grantName, issuer, s)
		}
	}
	return nil
}

// Parent returns the grant that this one hangs below, and nil where an owner or
// an operator signed it.
func (g *Grant) Parent() *Grant { return g.parent }

// Root returns the grant at the top of the chain, which an owner or an operator
// signed: the grant itself where it has no parent.
func (g *Grant) Root() *Grant {
	for g.parent != nil {
		g = g.parent
	}
	return g
}

// Links returns the 1 to 3 grants of the chain, the root first and the grant
// itself last.
func (g *Grant) Links() []*Grant {
	links := make([]*Grant, 0, wire.LimitLinks)
	for ; g != nil; g = g.parent {
		links = append(links, g)
	}
	slices.Reverse(links)
	return links
}
