package credential

import (
	"slices"
	"time"
)

// OwnerMayGrant checks that an owner may issue a grant with these claims: an
// owner acts in no service's name and below nobody (section 4.8.2).
//
// Errors: delegation where the claims have a parent, service.
func (c GrantClaims) OwnerMayGrant() error {
	if err := c.undelegated(); err != nil {
		return err
	}
	return c.inNoService("an owner")
}

// Allows checks that the authority may issue a grant with these claims, by the
// steps of section 4.8.1: it has the right issue, its certificate covers the
// time of issue, the grant is not longer than its longest, and every entry is
// in the name of a service of its own.
//
// Errors: malformed where the times are no grant's, delegation where the claims
// have a parent; then authority-right, authority-expired, grant-too-long,
// service.
func (a *Authority) Allows(c GrantClaims) error {
	if err := c.checkTimes(); err != nil {
		return err
	}
	if err := c.undelegated(); err != nil {
		return err
	}
	if !a.Rights().Has(RightIssue) {
		return fault(ReasonAuthorityRight, "%s: its signer has the rights %s, not issue", grantName, a.Rights())
	}
	if err := a.Covers(c.IssuedAt); err != nil {
		return err
	}
	if long := time.Duration(c.Expires-c.IssuedAt) * time.Second; long > a.LongestGrant() {
		return fault(ReasonGrantTooLong, "%s: lasts %s, its authority may grant %s at most", grantName, long, a.LongestGrant())
	}
	for _, e := range c.Scope {
		if err := a.serves(e.Service); err != nil {
			return err
		}
	}
	return nil
}

// Covers checks that something issued at iat was issued while the authority's
// certificate ran, both ends included.
func (a *Authority) Covers(iat Time) error {
	if iat < a.IssuedAt() || iat > a.Expires() {
		return fault(ReasonAuthorityExpired, "issued at %s, outside its authority's %s to %s", iat, a.IssuedAt(), a.Expires())
	}
	return nil
}

// serves checks that an entry may be in the name of the service.
func (a *Authority) serves(s Service) error {
	held := a.claims.Services
	switch {
	case s == ServiceNone && len(held) != 1:
		return fault(ReasonService, "%s: its authority holds %d services, so each entry must name one", grantName, len(held))
	case s != ServiceNone && !slices.Contains(held, s):
		return fault(ReasonService, "%s: its authority does not hold the service %s", grantName, s)
	}
	return nil
}
