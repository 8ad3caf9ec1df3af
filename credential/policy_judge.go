package credential

import "slices"

// Judge decides whether the owner's policy lets somebody do the action at the
// place, with a grant that [Grant.Judge] found good and the permission that this
// gave (section 18.5).  The first rule broken is named, in this order: denied,
// blocked, not-admitted, evidence, hours.
//
// The action zero, which asks for none, can be denied and nothing else.
func (p *Policy) Judge(g *Grant, permission Permission, action Actions, at Place) error {
	if p == nil {
		p = new(Policy)
	}
	c, operator := &p.claims, g.Authority() != nil
	for _, link := range g.Links() {
		if p.Denies(link.Tag()) {
			return fault(ReasonDenied, "the owner withdrew the grant %s; ask for a new one", link.Tag())
		}
	}
	switch {
	case !operator && permission.PolicyVersion < c.Least:
		return fault(ReasonDenied, "the owner withdrew all grants issued under a policy before version %d, this was under %d; ask for a new one", c.Least, permission.PolicyVersion)
	case action == 0:
		return nil
	case operator && c.Block.Has(BlockServices), !operator && c.Block.Has(BlockGuests):
		return fault(ReasonBlocked, "the owner blocked the box for %s, until a newer policy says otherwise", c.Block)
	case !operator:
		return nil
	}
	return p.admits(permission.Service, action, at)
}

// admits decides whether the policy admits the service for the action now.
func (p *Policy) admits(s Service, action Actions, at Place) error {
	services := p.claims.Services
	i := slices.IndexFunc(services, func(a Admission) bool { return a.Service == s })
	if i < 0 {
		return fault(ReasonNotAdmitted, "the owner does not admit the service %s", s)
	}
	switch a := services[i]; {
	case !a.Actions.Has(action):
		return fault(ReasonNotAdmitted, "the owner admits the service %s for %s, not for %s", s, a.Actions, action)
	case len(a.Hours) == 0:
		return nil
	case at.Moment.proves() < a.Evidence:
		return fault(ReasonEvidence, "the owner admits the service %s by hours that need the time %s, the lock knows it by %s; hand over a time token", s, a.Evidence, at.Moment.proves())
	case !a.Hours.Admits(at.Moment):
		return fault(ReasonHours, "the owner admits the service %s at %s", s, a.Hours)
	}
	return nil
}

// Denies reports whether the owner withdrew the grant with the tag.
func (p *Policy) Denies(tag Tag) bool { return p != nil && slices.Contains(p.claims.Denied, tag) }
