package issuer

import (
	"crypto"
	"fmt"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
)

// operatorGrant is a grant of the post.
func operatorGrant() kind {
	return kind{
		area: "OPERATOR", name: "grant", appoint: asPost, key: post,
		claims: func(t *cases.T) cases.Wish {
			return cases.Wish{
				"exp": t.World.Now + world.Day/2, "iat": t.World.Now, "cnf": key(t, "postman"),
				"entries": []cases.Wish{{"area": hex(t.World.Area), "actions": int(credential.ActionDeliver | credential.ActionCollect)}},
			}
		},
		want: func(t *cases.T) []byte { return t.Made(t.World.Round(nil)) },
		judge: func(t *cases.T, b []byte) error {
			u, err := credential.ParseGrant(b)
			if err == nil {
				_, err = t.Issuer.Verifier().OperatorGrant(u, t.World.Post.Authority())
			}
			return err
		},
	}
}

// ownerGrant is a grant of the lock's owner.
func ownerGrant() kind {
	return kind{
		area: "OWNER", name: "grant", appoint: asOwner, key: owner,
		claims: func(t *cases.T) cases.Wish {
			return cases.Wish{
				"exp": t.World.Now + 30*world.Day, "iat": t.World.Now, "cnf": key(t, "neighbour"),
				"entries": []cases.Wish{{"lock": hex(t.World.Lock[:]), "actions": int(credential.ActionOpen)}},
			}
		},
		want: func(t *cases.T) []byte { return t.Made(t.World.Guest(nil)) },
		judge: func(t *cases.T, b []byte) error {
			u, err := credential.ParseGrant(b)
			if err == nil {
				_, err = t.Issuer.Verifier().OwnerGrant(u, t.World.Public("owner"))
			}
			return err
		},
	}
}

// put sets a member of an entry.
func put(name string, value any) func(cases.Wish) {
	return func(e cases.Wish) { e[name] = value }
}

// operators are the cases on grants that an operator signs (sections 4.8 and
// 4.8.1).
func operators() []cases.Case {
	k := operatorGrant()
	before := func(_ *cases.T, c cases.Wish) { c["nbf"] = c["iat"] }
	all := k.refuses(
		later(10, "the grant is longer than the certificate allows", "exp", "iat", 84*3600+1, "PST-OBJ-047"),
		wish{11, "the grant is signed before the operator's certificate", []string{"PST-OBJ-047"}, func(t *cases.T, c cases.Wish) {
			c["iat"], c["exp"] = t.World.Now-11*world.Day, t.World.Now-10*world.Day-world.Day/2
		}},
		wish{12, "the grant is signed after the operator's certificate has ended", []string{"PST-OBJ-047"}, func(t *cases.T, c cases.Wish) {
			c["iat"], c["exp"] = t.World.Now+81*world.Day, t.World.Now+81*world.Day+3600
		}},
		entry(13, "the service is none of the operator's", put("service", 2), "PST-OBJ-047"),
		wish{20, "nbf is iat", []string{"PST-OBJ-034#1", "PST-OBJ-034#2"}, before},
		later(21, "nbf is before iat", "nbf", "iat", -1, "PST-OBJ-034#2"),
		later(22, "nbf is exp", "nbf", "exp", 0, "PST-OBJ-034#3"),
		later(23, "exp is iat", "exp", "iat", 0, "PST-OBJ-034#3"),
		entry(24, "an entry has no actions", put("actions", 0), "PST-OBJ-034#4"),
		entry(25, "an action is in no registry", put("actions", 1<<20), "PST-OBJ-034#5", "PST-REG-004"),
		entry(26, "a condition is in no registry", put("unknown", []string{"99"}), "PST-OBJ-034#7", "PST-REG-004"),
		entry(27, "the evidence is in no registry", put("evidence", 9), "PST-OBJ-034#8", "PST-REG-004"),
		entry(28, "the compartment is 256", put("resource", 256), "PST-OBJ-034#8"),
		entry(29, "three links may hang below", put("delegation", 3), "PST-OBJ-034#8"),
		entry(30, "there are no uses", put("uses", cases.Wish{"count": 0, "starts": 1}), "PST-OBJ-034#8"),
		entry(31, "there are 256 uses", put("uses", cases.Wish{"count": 256, "starts": 1}), "PST-OBJ-034#8"),
		entry(32, "a use may start four times", put("uses", cases.Wish{"count": 1, "starts": 4}), "PST-OBJ-034#8"),
		sets(33, "the parent is 32 zero bytes", "parent", hex(make([]byte, 32)), "PST-OBJ-034#9"),
		sets(34, "there are no entries", "entries", []cases.Wish{}, "PST-OBJ-001#7"),
		wish{35, "there are five entries", []string{"PST-OBJ-001#7"}, func(_ *cases.T, c cases.Wish) {
			e := c["entries"].([]cases.Wish)[0]
			c["entries"] = []cases.Wish{e, e, e, e, e}
		}},
		entry(36, "the area has no byte", put("area", ""), "PST-OBJ-001#7"),
		entry(37, "the area has 17 bytes", put("area", hex(make([]byte, 17))), "PST-OBJ-001#7"),
		lacks(38, "cnf", "PST-OBJ-001#7"),
		sets(39, "the holder's key is of small order", "cnf", smallOrder(), "PST-OBJ-001#7"),
		entry(40, "the policy version is 2^32", put("policy", int64(1)<<32), "PST-OBJ-034#8"),
		sets(41, "exp is 2^32", "exp", int64(1)<<32, "PST-OBJ-001#8", "PST-ENC-001"),
	)
	return append(append(all, schedules()...), k.signs("PST-OBJ-034", "PST-OBJ-047"), cases.Case{
		ID: "ISSUER-OPERATOR-002", Revision: 1, Title: "a grant with every condition, nbf and a key on P-256", Setup: asPost, Requirements: []string{"PST-OBJ-034", "PST-OBJ-047", "PST-TIME-018", "PST-ENC-001"},
		Run: func(t *cases.T) { t.Expect("the issuer", everything(t), cases.Signed) },
	}, cases.Case{
		ID: "ISSUER-OPERATOR-003", Revision: 1, Title: "a grant with one target is small", Setup: asPost, Requirements: []string{"PST-OBJ-053"},
		Run: func(t *cases.T) {
			t.Expect("the issuer", k.issue(t, k.claims(t), k.want(t)), cases.Signed)
			if n := len(t.Issuer.Object); n > 166 {
				t.Warnf("the grant has %d bytes, where 166 let an opening go in one short command", n)
			}
		},
	})
}

// everything asks for a grant with all that one can have.
func everything(t *cases.T) cases.Outcome {
	k := operatorGrant()
	c := k.claims(t)
	c["nbf"], c["cnf"] = t.World.Now+60, worldKey2(t)
	c["entries"] = []cases.Wish{{
		"lock": hex(t.World.Lock[:]), "actions": int(credential.ActionDeliver), "schedule": []cases.Wish{{"days": 31, "from": 480, "until": 1080}},
		"uses": cases.Wish{"count": 3, "starts": 2}, "delegation": 1, "evidence": 2, "policy": 7, "resource": 5, "service": 1,
	}}
	return k.issue(t, c, t.Made(t.World.Round(func(g *credential.GrantClaims) {
		g.NotBefore, g.Holder = t.World.Now+60, t.World.Public2("postman")
		g.Scope = []credential.Entry{{
			Target: credential.LockTarget(t.World.Lock), Actions: credential.ActionDeliver, Schedule: credential.Schedule{{Days: 31, From: 480, Until: 1080}},
			Uses: credential.Uses{Count: 3, Starts: 2}, Delegation: 1, Evidence: credential.EvidenceLive, PolicyVersion: 7, Resource: 5, Service: 1,
		}}
	})))
}

func worldKey2(t *cases.T) any { return world.KeyJSON(t.World.Public2("postman")) }

// schedules are the cases on schedules (section 16.7).
func schedules() []cases.Case {
	w := func(days, from, until int) cases.Wish {
		return cases.Wish{"days": days, "from": from, "until": until}
	}
	s := func(number int, what string, all ...cases.Wish) wish {
		if all == nil {
			all = []cases.Wish{}
		}
		return entry(number, "a schedule "+what, put("schedule", all), "PST-TIME-018", "PST-OBJ-034#8")
	}
	return operatorGrant().refuses(
		s(50, "without windows"),
		s(51, "with nine windows", times(9, func(i int) cases.Wish { return w(1, 10*i, 10*i+5) })...),
		s(52, "on no day", w(0, 0, 60)),
		s(53, "on an eighth day", w(128, 0, 60)),
		s(54, "that ends when it begins", w(1, 60, 60)),
		s(55, "that ends before it begins", w(1, 60, 30)),
		s(56, "that ends behind midnight", w(1, 60, 1441)),
		s(57, "that begins at minute 1440", w(1, 1440, 1440)),
	)
}

// owners are the cases on grants that an owner signs (section 4.8.2).
func owners() []cases.Case {
	k := ownerGrant()
	all := k.refuses(
		entry(10, "the owner grants in the name of a service", put("service", 1), "PST-OBJ-034"),
		sets(11, "the owner's grant hangs below another", "parent", hex(append(make([]byte, 31), 1)), "PST-OBJ-034"),
		later(12, "exp is iat", "exp", "iat", 0, "PST-OBJ-034#3"),
		entry(13, "an entry has no actions", put("actions", 0), "PST-OBJ-034#4"),
		entry(14, "a lock id of 7 bytes", put("lock", "01020304050607"), "PST-OBJ-001#7"),
		entry(15, "the version of a policy is 2^32", put("policy", int64(1)<<32), "PST-OBJ-034#8"),
	)
	return append(all, k.signs("PST-OBJ-034"))
}

// delegations are the cases on holders who delegate (section 17.1).
func delegations() []cases.Case {
	parent := func(t *cases.T, links uint8) []byte {
		return t.Made(t.World.Guest(func(c *credential.GrantClaims) { c.Scope[0].Delegation = links }))
	}
	child := func(t *cases.T) credential.GrantClaims {
		return credential.GrantClaims{
			Holder: t.World.Public("child"), IssuedAt: t.World.Now + 10, Expires: t.World.Now + world.Day,
			Scope: []credential.Entry{{Target: credential.LockTarget(t.World.Lock), Actions: credential.ActionOpen}},
		}
	}
	delegate := func(t *cases.T, name string, chain [][]byte, c credential.GrantClaims) []byte {
		k, err := holder.NewKey(t.World.Key(name))
		t.OK(err)
		return t.Made(holder.Delegate(k, chain, c))
	}
	k := kind{
		area: "DELEGATE", name: "grant",
		appoint: func(t *cases.T) { t.Issuer.Delegate(t.World.Key("neighbour"), parent(t, 2)) },
		key:     func(t *cases.T) crypto.Signer { return t.World.Key("neighbour") },
		claims: func(t *cases.T) cases.Wish {
			return cases.Wish{
				"exp": t.World.Now + world.Day, "iat": t.World.Now + 10, "cnf": key(t, "child"),
				"entries": []cases.Wish{{"lock": hex(t.World.Lock[:]), "actions": int(credential.ActionOpen)}},
			}
		},
		want: func(t *cases.T) []byte { return delegate(t, "neighbour", [][]byte{parent(t, 2)}, child(t)) },
	}
	// under judges a link below the grant, as a lock does.
	under := func(links uint8) func(t *cases.T, b []byte) error {
		return func(t *cases.T, b []byte) error {
			v := t.Issuer.Verifier()
			u, err := credential.ParseGrant(parent(t, links))
			t.OK(err)
			root, err := v.OwnerGrant(u, t.World.Public("owner"))
			t.OK(err)
			link, err := credential.ParseGrant(b)
			if err == nil {
				_, err = v.DelegatedGrant(link, root)
			}
			return err
		}
	}
	k.judge = under(2)
	all := k.refuses(
		entry(10, "a link in the name of a service", put("service", 1), "PST-DLG-004#2"),
		later(11, "a link older than its parent", "iat", "iat", -20, "PST-DLG-004#3"),
		wish{12, "a link that is signed after its parent has ended", []string{"PST-DLG-004#3"}, func(t *cases.T, c cases.Wish) {
			c["iat"], c["exp"] = t.World.Now+31*world.Day, t.World.Now+32*world.Day
		}},
	)
	barred := func(number int, what, shows string, appoint func(t *cases.T), by string) cases.Case {
		return cases.Case{
			ID: fmt.Sprintf("ISSUER-DELEGATE-%03d", number), Revision: 1, Title: what, Fault: what,
			Requirements: []string{shows}, Setup: k.appoint, Passes: []cases.Outcome{cases.Signed}, Allowed: []cases.Outcome{cases.Refuses},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				k.appoint(t)
				if !faulty {
					return k.issue(t, k.claims(t), k.want(t))
				}
				appoint(t)
				return t.Issuer.Issue("grant", k.claims(t), nil, t.World.Key(by), func([]byte) error { return nil })
			},
		}
	}
	return append(all, k.signs("PST-DLG-004"),
		barred(20, "a link below a grant that lets nobody delegate", "PST-DLG-004#4", func(t *cases.T) {
			t.Issuer.Delegate(t.World.Key("neighbour"), parent(t, 0))
		}, "neighbour"),
		barred(21, "a fourth link", "PST-DLG-004#1", func(t *cases.T) {
			root := parent(t, 2)
			two := child(t)
			two.Scope[0].Delegation = 1
			second := delegate(t, "neighbour", [][]byte{root}, two)
			three := child(t)
			three.Holder = t.World.Public("grandchild")
			third := delegate(t, "child", [][]byte{root, second}, three)
			t.Issuer.Delegate(t.World.Key("grandchild"), root, second, third)
		}, "grandchild"),
	)
}
