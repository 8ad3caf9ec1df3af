package credential

// Place is where and when a right is used: one lock and what it knows.
type Place struct {
	Lock          LockID
	Area          []byte // the lock's area code, at most 16 bytes; empty where it has none
	PolicyVersion uint32 // version of the owner's policy that the lock holds
	Floor         Time   // latest moment that a verified object has proved to the lock
	Resource      uint8  // compartment that is asked for; zero where none is named
	Moment        Moment // what the lock knows of the time besides; the zero value is no more than the floor
}

// latest returns the latest moment that is sure to have come.
func (p *Place) latest() Time {
	if p.Moment.proves() >= EvidenceLive {
		return max(p.Floor, p.Moment.Now)
	}
	return p.Floor
}

// proves returns what the moment is worth.  Without a time it proves nothing,
// whatever it says.
func (m Moment) proves() Evidence {
	if m.Now == 0 {
		return EvidenceFloor
	}
	return m.Evidence
}

// needed returns the evidence that these conditions ask for: a schedule that
// comes without one needs a live time.
func needed(least Evidence, hours Schedule) Evidence {
	if hours != nil && least == EvidenceFloor {
		return EvidenceLive
	}
	return least
}

// Permission is the outcome of a good judgement.
type Permission struct {
	Service       Service // service in whose name the holder acts; none for a guest
	PolicyVersion uint32  // version of the policy that the deciding entry of the root asks for; zero for none
	// Counted are the uses that this one counts against: one for each link whose
	// deciding entry is counted, the root's first.  Whether one is left is for
	// the lock to say, which keeps the account.
	Counted []Count
}

// Count is one use of a counted entry.
type Count struct {
	Grant    Tag   // the link
	Entry    uint8 // place of the entry in the link's scope, from 0
	Uses     Uses  // how many it has
	Expires  Time  // earliest exp of the link and those above it, until when the account has to be kept
	Operator bool  // an operator signed the root of the chain, not an owner
}

// Judge decides whether the grant is good for the action at the place, by the
// steps of section 7.7.  The error names the first rule broken, by its Reason.
//
// Each link of the chain is judged by itself, from the root down, and each must
// be good: a link can narrow what is above it and never widen it.  In each link
// the first entry of the scope that is good decides.  Where none is, the reason
// is that of the entry that came furthest.
//
// The end and the beginning of a link, and the end of the operator's
// certificate, are judged by the floor, and by a live time or the lock's own
// clock as well.  A time that is merely stated may be an old one: it counts for
// schedules that accept it, and never for these.
//
// The action zero asks for none: whether the grant is good at the place at all,
// so that its holder may know the state of the lock.  What restricts a use, its
// compartment, evidence, hours and count, does not restrict him then.  How far
// the links may delegate does: below a grant that lets nobody delegate there
// are no holders.
func (g *Grant) Judge(action Actions, at Place) (Permission, error) {
	var p Permission
	links := g.Links()
	operator := g.Authority() != nil
	ends := ^Time(0)
	for i, link := range links {
		if err := link.judgeTime(at.latest()); err != nil {
			return Permission{}, err
		}
		n, err := link.judgeScope(action, &at, len(links)-1-i)
		if err != nil {
			return Permission{}, err
		}
		ends = min(ends, link.Expires())
		e := &link.claims.Scope[n]
		if i == 0 {
			p.Service, p.PolicyVersion = link.service(e), e.PolicyVersion
		}
		if action != 0 && e.Uses != (Uses{}) {
			p.Counted = append(p.Counted, Count{link.Tag(), uint8(n), e.Uses, ends, operator})
		}
	}
	return p, nil
}

// judgeTime decides whether the link is in force where the lock knows that it
// is the moment or later.
func (g *Grant) judgeTime(latest Time) error {
	c := &g.claims
	switch {
	case g.authority != nil && latest >= g.authority.Expires():
		return fault(ReasonAuthorityExpired, "the operator's certificate ended at %s, the lock knows that it is %s or later; hand over a newer one", g.authority.Expires(), latest)
	case latest >= c.Expires:
		return fault(ReasonExpired, "the grant ended at %s, the lock knows that it is %s or later; ask for a new grant", c.Expires, latest)
	case c.NotBefore != 0 && latest < c.NotBefore:
		return fault(ReasonNotYetValid, "the grant begins at %s, the lock knows only that it is %s or later", c.NotBefore, latest)
	}
	return nil
}

// judgeScope returns the place of the entry that decides for the link, below
// which that many others hang.
func (g *Grant) judgeScope(action Actions, at *Place, below int) (int, error) {
	best, refusal := -1, error(nil)
	for i := range g.claims.Scope {
		step, err := g.claims.Scope[i].judge(action, at, below)
		if err == nil {
			return i, nil
		}
		if step > best {
			best, refusal = step, err
		}
	}
	return 0, refusal
}

// judge decides on one entry and returns how many steps it passed.
func (e *Entry) judge(action Actions, at *Place, below int) (int, error) {
	used := action != 0
	have, need := at.Moment.proves(), needed(e.Evidence, e.Schedule)
	switch {
	case !e.Target.Includes(*at):
		return 0, fault(ReasonTarget, "the grant is not for the lock %s", at.Lock)
	case !e.Actions.Has(action):
		return 1, fault(ReasonAction, "the grant allows %s here, not %s", e.Actions, action)
	case int(e.Delegation) < below:
		return 2, fault(ReasonDelegation, "the grant may be passed on through %d links here, not %d", e.Delegation, below)
	case used && e.Resource != 0 && e.Resource != at.Resource:
		return 3, fault(ReasonResource, "the grant is for compartment %d, not %d", e.Resource, at.Resource)
	case len(e.unknown) > 0:
		return 4, fault(ReasonConditionUnknown, "the lock does not implement condition %d", e.unknown[0].number)
	case at.PolicyVersion < e.PolicyVersion:
		return 5, fault(ReasonPolicyVersion, "the grant needs policy version %d, the lock holds %d; hand over the owner's policy first", e.PolicyVersion, at.PolicyVersion)
	case used && have < need:
		return 6, fault(ReasonEvidence, "the grant needs the time by %s, the lock knows it by %s; hand over a time token", need, have)
	case used && e.Schedule != nil && !e.Schedule.Admits(at.Moment):
		return 7, fault(ReasonHours, "the grant is good on %s, by local time; it is %s and %+d minutes", e.Schedule, at.Moment.Now, at.Moment.Offset)
	}
	return 8, nil
}

// service returns the service in whose name the entry of a root grants.
func (g *Grant) service(e *Entry) Service {
	if g.authority == nil {
		return ServiceNone
	}
	if e.Service != ServiceNone {
		return e.Service
	}
	return g.authority.claims.Services[0]
}
