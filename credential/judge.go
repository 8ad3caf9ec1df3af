package credential

// Place is where a right is used: one lock and what it knows.
type Place struct {
	Lock          LockID
	Area          []byte // the lock's area code, at most 16 bytes; empty where it has none
	PolicyVersion uint32 // version of the owner's policy that the lock holds
	Floor         Time   // latest moment that a verified object has proved to the lock
	Moment        Moment // what the lock knows of the time now
}

// Permission is the outcome of a good judgement.
type Permission struct {
	Service       Service // service in whose name the holder acts; none for a guest
	PolicyVersion uint32  // policy version that the deciding entry of the root's grant was issued under
}

// Judge decides whether the grant is good for the action at the place, by the
// steps of section 7.7.  The error names the first rule broken, by its Reason.
//
// The action zero asks for none: whether the grant is good at the place at all.
// An entry of the scope that is good decides.  Where none is, the reason is
// that of the entry that came furthest.
func (g *Grant) Judge(action Actions, at Place) (Permission, error) {
	c := &g.claims
	switch {
	case g.authority != nil && at.Floor >= g.authority.Expires():
		return Permission{}, fault(ReasonAuthorityExpired, "the operator's certificate ended at %s, the lock knows that it is %s or later; hand over a newer one", g.authority.Expires(), at.Floor)
	case at.Floor >= c.Expires:
		return Permission{}, fault(ReasonExpired, "the grant ended at %s, the lock knows that it is %s or later; ask for a new grant", c.Expires, at.Floor)
	case c.NotBefore != 0 && at.Floor < c.NotBefore:
		return Permission{}, fault(ReasonNotYetValid, "the grant begins at %s, the lock knows only that it is %s or later", c.NotBefore, at.Floor)
	}
	best, refusal := -1, error(nil)
	for _, e := range c.Scope {
		step, err := e.judge(action, at)
		if err == nil {
			return Permission{Service: g.service(e)}, nil
		}
		if step > best {
			best, refusal = step, err
		}
	}
	return Permission{}, refusal
}

// judge decides on one entry and returns how many steps it passed.
func (e Entry) judge(action Actions, at Place) (int, error) {
	switch {
	case !e.Target.Includes(at):
		return 0, fault(ReasonTarget, "the grant is not for the lock %s", at.Lock)
	case !e.Actions.Has(action):
		return 1, fault(ReasonAction, "the grant allows %s here, not %s", e.Actions, action)
	case len(e.unknown) > 0:
		return 2, fault(ReasonConditionUnknown, "the lock does not implement condition %d", e.unknown[0].number)
	case at.PolicyVersion < e.PolicyVersion:
		return 3, fault(ReasonPolicyVersion, "the grant needs policy version %d, the lock holds %d; hand over the owner's policy first", e.PolicyVersion, at.PolicyVersion)
	}
	return 4, nil
}

// service returns the service in whose name the entry grants.
func (g *Grant) service(e Entry) Service {
	if g.authority == nil {
		return ServiceNone
	}
	if e.Service != ServiceNone {
		return e.Service
	}
	return g.authority.claims.Services[0]
}
