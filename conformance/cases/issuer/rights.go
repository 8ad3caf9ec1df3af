package issuer

import (
	"crypto"
	"fmt"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
)

// certified makes the issuer one with the key and a certificate of altered claims.
func certified(name string, alter func(t *cases.T, c *credential.AuthorityClaims)) func(t *cases.T) {
	return func(t *cases.T) {
		c := t.World.PostClaims()
		c.Key = t.World.Public(name)
		alter(t, &c)
		a, err := t.World.Certify(c)
		t.OK(err)
		t.Issuer.Appoint(t.World.Key(name), a.Bytes())
	}
}

// unentitled are the cases on an issuer whose certificate does not let it sign what
// it is asked for.  Whatever it signs all the same, no receiver takes.
func unentitled() []cases.Case {
	without := func(right credential.Rights) func(*cases.T, *credential.AuthorityClaims) {
		return func(_ *cases.T, c *credential.AuthorityClaims) {
			if c.Rights = (c.Rights | credential.RightTime) &^ right; right == credential.RightIssue {
				c.Services, c.LongestGrant = nil, 0
			}
		}
	}
	barred := func(k kind, number int, what string, appoint func(*cases.T), alter func(*cases.T, cases.Wish), shows ...string) cases.Case {
		return cases.Case{
			ID: fmt.Sprintf("ISSUER-%s-%03d", k.area, number), Revision: 1, Title: k.name + ": " + what, Fault: what, Requirements: shows,
			Setup: k.appoint, Passes: []cases.Outcome{cases.Signed}, Allowed: []cases.Outcome{cases.Refuses},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				k.appoint(t)
				c := k.claims(t)
				if !faulty {
					return k.issue(t, c, k.want(t))
				}
				appoint(t)
				if alter != nil {
					alter(t, c)
				}
				return t.Issuer.Issue(k.name, c, nil, k.key(t), func(b []byte) error { return fmt.Errorf("its certificate does not let it sign %x", b) })
			},
		}
	}
	several := func(_ *cases.T, c *credential.AuthorityClaims) { c.Services = []credential.Service{1, 2} }
	short := func(_ *cases.T, c *credential.AuthorityClaims) { c.LongestGrant = 3600 * 1e9 }
	over := func(t *cases.T, c *credential.AuthorityClaims) {
		c.IssuedAt, c.Expires = t.World.Now-80*world.Day, t.World.Now-world.Day
	}
	early := func(t *cases.T, c *credential.AuthorityClaims) { c.IssuedAt = t.World.Now + world.Day }
	maker := func(alter func(*cases.T, *credential.AuthorityClaims)) func(t *cases.T) {
		return certified("maker", func(t *cases.T, c *credential.AuthorityClaims) {
			c.Services, c.LongestGrant, c.Rights, c.IssuedAt = nil, 0, credential.RightLock, t.World.Now-90*world.Day
			alter(t, c)
		})
	}
	operator, list, token, lock, authority := operatorGrant(), listKind(), tokenKind(), lockKind(), authorityKind()
	return []cases.Case{
		barred(operator, 60, "an operator without the right to issue", certified("post", without(credential.RightIssue)), nil, "PST-OBJ-047"),
		barred(operator, 61, "an entry that names no service, where the operator has two", certified("post", several), nil, "PST-OBJ-047"),
		barred(operator, 62, "a grant of half a day, where the operator may grant an hour", certified("post", short), nil, "PST-OBJ-047"),
		barred(operator, 63, "the operator's certificate ended yesterday", certified("post", over), nil, "PST-OBJ-047"),
		barred(operator, 64, "the operator's certificate begins tomorrow", certified("post", early), nil, "PST-OBJ-047"),
		barred(operator, 65, "an operator signs below another grant", operator.appoint, func(_ *cases.T, c cases.Wish) {
			c["parent"] = hex(append(make([]byte, 31), 1))
		}, "PST-OBJ-047"),
		barred(operator, 66, "a second entry in the name of another's service", operator.appoint, func(_ *cases.T, c cases.Wish) {
			e := c["entries"].([]cases.Wish)[0]
			c["entries"] = []cases.Wish{e, {"area": e["area"], "actions": e["actions"], "service": 2}}
		}, "PST-OBJ-047"),
		barred(list, 60, "an operator without the right to revoke", certified("post", without(credential.RightRevoke)), nil, "PST-OBJ-046"),
		barred(list, 61, "the operator's certificate ended yesterday", certified("post", over), nil, "PST-OBJ-046"),
		barred(token, 60, "an operator without the right to tell the time", certified("post", without(credential.RightTime)), nil, "PST-OBJ-046"),
		barred(token, 61, "the operator's certificate ended yesterday", certified("post", over), nil, "PST-OBJ-046"),
		barred(token, 62, "a scheme, which tells no time by itself", func(t *cases.T) { t.Issuer.Appoint(t.World.Key("post"), nil) }, nil, "PST-OBJ-046"),
		barred(lock, 60, "an authority without the right to certify locks", maker(func(_ *cases.T, c *credential.AuthorityClaims) { c.Rights = credential.RightTime }), nil, "PST-OBJ-046"),
		barred(lock, 61, "the manufacturer's certificate ended before", maker(func(t *cases.T, c *credential.AuthorityClaims) {
			c.IssuedAt, c.Expires = t.World.Now-80*world.Day, t.World.Now-60*world.Day
		}), nil, "PST-OBJ-046"),
		barred(lock, 62, "the manufacturer's certificate began later", maker(func(t *cases.T, c *credential.AuthorityClaims) { c.IssuedAt = t.World.Now }), nil, "PST-OBJ-046"),
		barred(authority, 60, "an operator, who certifies nobody", func(t *cases.T) {
			certified("scheme", func(*cases.T, *credential.AuthorityClaims) {})(t)
		}, nil, "PST-OBJ-046"),
	}
}

// owner2 is an owner with a key on P-256.
func owner2(t *cases.T) crypto.Signer { return t.World.Key2("owner") }

// p256 are the cases on issuers with a key on P-256.
func p256() []cases.Case {
	appoint := func(t *cases.T) { t.Issuer.Appoint(owner2(t), nil) }
	own := func(t *cases.T) *issuer.Owner {
		o, err := issuer.NewOwner(owner2(t))
		t.OK(err)
		return o
	}
	grant, policy := ownerGrant(), policyKind()
	return []cases.Case{{
		ID: "ISSUER-OWNER-003", Revision: 1, Title: "an owner with a key on P-256 signs a grant", Setup: appoint, Requirements: []string{"PST-OBJ-001", "PST-OBJ-001#4", "PST-OBJ-001#5", "PST-OBJ-046", "PST-ENC-001"},
		Run: func(t *cases.T) {
			want := t.Made(own(t).Grant(credential.GrantClaims{
				Holder: t.World.Public("neighbour"), IssuedAt: t.World.Now, Expires: t.World.Now + 30*world.Day,
				Scope: []credential.Entry{{Target: credential.LockTarget(t.World.Lock), Actions: credential.ActionOpen}},
			}))
			t.Expect("the issuer", t.Issuer.Issue("grant", grant.claims(t), want, owner2(t), func(b []byte) error {
				u, err := credential.ParseGrant(b)
				if err == nil {
					_, err = t.Issuer.Verifier().OwnerGrant(u, t.World.Public2("owner"))
				}
				return err
			}), cases.Signed)
		},
	}, {
		ID: "ISSUER-POLICY-003", Revision: 1, Title: "an owner with a key on P-256 signs a policy without settings", Setup: appoint,
		Requirements: []string{"PST-OBJ-001", "PST-OBJ-001#4", "PST-OWN-001", "PST-OBJ-046"},
		Run: func(t *cases.T) {
			claims := cases.Wish{"iat": t.World.Now, "cnf": world.KeyJSON(t.World.Public2("owner")), "lock": hex(t.World.Lock[:]), "version": 1}
			want := t.Made(own(t).Policy(credential.PolicyClaims{Lock: t.World.Lock, Version: 1, IssuedAt: t.World.Now}))
			t.Expect("the issuer", t.Issuer.Issue(policy.name, claims, want, owner2(t), func(b []byte) error {
				u, err := credential.ParsePolicy(b)
				if err == nil {
					_, err = t.Issuer.Verifier().Policy(u, t.World.Public2("owner"))
				}
				return err
			}), cases.Signed)
		},
	}}
}
