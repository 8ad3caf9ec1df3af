package credential

import (
	"bytes"
	"slices"

	"github.com/postern-lock/postern/internal/wire"
)

// check applies the rules that hold for every policy.
func (c *PolicyClaims) check() error {
	switch {
	case c.Owner.IsZero():
		return fault(ReasonAlgorithm, "%s: cnf: the owner's key is missing", policyName)
	case c.IssuedAt == 0:
		return fault(ReasonMalformed, "%s: iat: is missing", policyName)
	case c.Version == 0:
		return fault(ReasonMalformed, "%s: version: counts from 1", policyName)
	case c.Block&^allBlocks != 0:
		return fault(ReasonMalformed, "%s: block: %s are not all in the registry", policyName, c.Block)
	}
	if err := c.checkServices(); err != nil {
		return err
	}
	if err := c.checkDenied(); err != nil {
		return err
	}
	if err := checkKeys("co-owners", c.CoOwners, wire.LimitCoOwners); err != nil {
		return err
	}
	if slices.Contains(c.CoOwners, c.Owner) {
		return fault(ReasonMalformed, "%s: co-owners: the owner's own key is among them", policyName)
	}
	if err := checkKeys("anchors", c.Anchors, wire.LimitAnchors); err != nil {
		return err
	}
	if c.Notice == (Notice{}) {
		return nil
	}
	return c.Notice.check(policyName + ": notice")
}

// checkServices applies the rules for the services admitted.
func (c *PolicyClaims) checkServices() error {
	if n := len(c.Services); n > wire.LimitAdmissions {
		return fault(ReasonLimit, "%s: services: at most %d are allowed, this has %d", policyName, wire.LimitAdmissions, n)
	}
	for i, a := range c.Services {
		if a.Service == ServiceNone || i > 0 && c.Services[i-1].Service >= a.Service {
			return fault(ReasonMalformed, "%s: services: must ascend from 1 without repetition", policyName)
		}
		if err := a.check(); err != nil {
			return err
		}
	}
	return nil
}

// check applies the rules for what one service may.
func (a *Admission) check() error {
	switch {
	case a.Actions == 0 || a.Actions&^allActions != 0:
		return fault(ReasonMalformed, "%s: services: actions: %s are none or not in the registry", policyName, a.Actions)
	case (len(a.Hours) > 0) != (a.Evidence != EvidenceFloor):
		return fault(ReasonMalformed, "%s: services: hours and evidence go together", policyName)
	case a.Evidence > EvidenceClock:
		return fault(ReasonMalformed, "%s: services: evidence: %s is not in the registry", policyName, a.Evidence)
	}
	return a.Hours.check(policyName + ": services: hours")
}

// checkDenied applies the rules for the tags denied.
func (c *PolicyClaims) checkDenied() error {
	if n := len(c.Denied); n > wire.LimitDenied {
		return fault(ReasonLimit, "%s: denied: at most %d are allowed, this has %d; a higher least version denies all that are older", policyName, wire.LimitDenied, n)
	}
	for i := 1; i < len(c.Denied); i++ {
		if bytes.Compare(c.Denied[i-1][:], c.Denied[i][:]) >= 0 {
			return fault(ReasonMalformed, "%s: denied: tags must ascend without repetition", policyName)
		}
	}
	return nil
}

// checkKeys applies the rules for a list of keys.
func checkKeys(field string, keys []PublicKey, most int) error {
	if len(keys) > most {
		return fault(ReasonLimit, "%s: %s: at most %d are allowed, this has %d", policyName, field, most, len(keys))
	}
	for i, k := range keys {
		switch {
		case k.IsZero():
			return fault(ReasonAlgorithm, "%s: %s: a key is missing", policyName, field)
		case slices.Contains(keys[:i], k):
			return fault(ReasonMalformed, "%s: %s: the key %s stands twice", policyName, field, KeyIDOf(k))
		}
	}
	return nil
}
