package issuer

import (
	"fmt"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
)

// underPolicies are the cases on the version of policy that an owner's grants name
// (section 18.10): the owner has signed version 5 for the lock.
func underPolicies() []cases.Case {
	grant, policy := ownerGrant(), policyKind()
	appoint := func(t *cases.T) {
		asOwner(t)
		t.Expect("the issuer, asked for a policy", policy.issue(t, policy.claims(t), policy.want(t)), cases.Signed)
	}
	// asks has the owner grant the lock, and another one, under these versions.
	asks := func(t *cases.T, versions ...int) cases.Outcome {
		c := grant.claims(t)
		var entries []cases.Wish
		scope := []credential.Entry{}
		for _, v := range versions {
			e := cases.Wish{"lock": hex(t.World.Lock[:]), "actions": int(credential.ActionOpen)}
			if v > 0 {
				e["policy"] = v
			}
			entries = append(entries, e)
			scope = append(scope, credential.Entry{Target: credential.LockTarget(t.World.Lock), Actions: credential.ActionOpen, PolicyVersion: uint32(v)})
		}
		c["entries"] = entries
		o := grant.issue(t, c, t.Made(t.World.Guest(func(g *credential.GrantClaims) { g.Scope = scope })))
		if o == cases.Refuses {
			return o
		}
		u, err := credential.ParseGrant(t.Issuer.Object)
		t.OK(err)
		for i, e := range u.Claims.Scope {
			t.Check(e.PolicyVersion >= 5, "entry %d of the grant names the policy version %d, where the owner has signed 5", i+1, e.PolicyVersion)
		}
		return o
	}
	var all []cases.Case
	for i, c := range []struct {
		what     string
		versions []int
	}{
		{"an entry that names no version of policy", []int{0}},
		{"an entry that names the version before the last", []int{4}},
		{"a second entry that names no version of policy", []int{5, 0}},
		{"a last entry that names version 1", []int{5, 5, 5, 1}},
	} {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("ISSUER-OWNER-%03d", 20+i), Revision: 1, Title: "an owner who has signed policy 5: " + c.what, Fault: c.what, Requirements: []string{"PST-OWN-026"},
			Setup: appoint, Passes: []cases.Outcome{cases.Signed}, Allowed: []cases.Outcome{cases.Refuses, cases.Mended},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				appoint(t)
				if faulty {
					return asks(t, c.versions...)
				}
				return asks(t, 5)
			},
		})
	}
	return append(all, cases.Case{
		ID: "ISSUER-OWNER-004", Revision: 1, Title: "an owner who has signed a policy for one lock grants for another as before", Setup: appoint, Requirements: []string{"PST-OWN-026"},
		Run: func(t *cases.T) {
			other := t.World.Lock
			other[0] ^= 1
			c := grant.claims(t)
			c["entries"] = []cases.Wish{{"lock": hex(other[:]), "actions": int(credential.ActionOpen)}}
			want := t.Made(t.World.Guest(func(g *credential.GrantClaims) {
				g.Scope, g.Expires = []credential.Entry{{Target: credential.LockTarget(other), Actions: credential.ActionOpen}}, t.World.Now+30*world.Day
			}))
			t.Expect("the issuer", grant.issue(t, c, want), cases.Signed)
		},
	})
}
