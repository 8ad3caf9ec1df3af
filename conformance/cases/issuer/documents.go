package issuer

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/spec/vectors"
)

// tag returns the JSON form of a tag of equal bytes.
func tag(b byte) string { return strings.Repeat(string("0123456789abcdef"[b]), 16) }

// policyKind is a policy.
func policyKind() kind {
	return kind{
		area: "POLICY", name: "policy", appoint: asOwner, key: owner,
		claims: func(t *cases.T) cases.Wish {
			return cases.Wish{
				"iat": t.World.Now, "cnf": key(t, "owner"), "lock": hex(t.World.Lock[:]), "version": 5, "block": 2, "least": 2, "reset": true,
				"admissions": []cases.Wish{{"service": 1, "actions": 2}, {"service": 2, "actions": 2, "evidence": 1, "schedule": []cases.Wish{{"days": 31, "from": 480, "until": 1080}}}},
				"denied":     []string{tag(1), tag(2)}, "coOwners": []vectors.Key{key(t, "partner")}, "anchors": []vectors.Key{key(t, "club")},
				"notice": cases.Wish{"kind": 1, "from": t.World.Now, "until": t.World.Now + world.Day, "instruction": 0, "roles": 1},
			}
		},
		want: func(t *cases.T) []byte {
			one, two := credential.Tag{}, credential.Tag{}
			for i := range one {
				one[i], two[i] = 0x11, 0x22
			}
			return t.Made(t.World.Owner.Policy(credential.PolicyClaims{
				Lock: t.World.Lock, Version: 5, IssuedAt: t.World.Now, Block: 2, Least: 2, Reset: true,
				Services: []credential.Admission{{Service: 1, Actions: 2}, {Service: 2, Actions: 2, Evidence: 1, Hours: credential.Schedule{{Days: 31, From: 480, Until: 1080}}}},
				Denied:   []credential.Tag{one, two}, CoOwners: []credential.PublicKey{t.World.Public("partner")}, Anchors: []credential.PublicKey{t.World.Public("club")},
				Notice: credential.Notice{Kind: 1, From: t.World.Now, Until: t.World.Now + world.Day, Roles: 1},
			}))
		},
		judge: func(t *cases.T, b []byte) error {
			u, err := credential.ParsePolicy(b)
			if err == nil {
				_, err = t.Issuer.Verifier().Policy(u, t.World.Public("owner"))
			}
			return err
		},
	}
}

// keys is a wish with a list of so many keys.
func keys(number int, what, name string, n int, shows ...string) wish {
	return wish{number, what, shows, func(t *cases.T, c cases.Wish) {
		c[name] = times(n, func(i int) vectors.Key { return key(t, fmt.Sprint(i)) })
	}}
}

// policies are the cases on policies (section 18.1).
func policies() []cases.Case {
	k := policyKind()
	notice := func(from, until int) cases.Wish {
		return cases.Wish{"kind": 1, "from": from, "until": until, "instruction": 0, "roles": 1}
	}
	admission := func(service int) cases.Wish { return cases.Wish{"service": service, "actions": 2} }
	all := k.refuses(
		sets(10, "the block is 4", "block", 4, "PST-OWN-001#1", "PST-REG-004"),
		sets(11, "there are nine admissions", "admissions", times(9, func(i int) cases.Wish { return admission(i + 1) }), "PST-OWN-001#2"),
		sets(30, "there are 17 tags", "denied", times(17, func(i int) string { return fmt.Sprintf("%016x", i+1) }), "PST-OWN-001#4"),
		keys(13, "there are five co-owners", "coOwners", 5, "PST-OWN-001#5"),
		keys(14, "there are three anchors", "anchors", 3, "PST-OWN-001#7"),
		sets(15, "the admissions are not in order", "admissions", []cases.Wish{admission(2), admission(1)}, "PST-OWN-001#10"),
		sets(16, "a service is admitted twice", "admissions", []cases.Wish{admission(1), admission(1)}, "PST-OWN-001#10"),
		sets(17, "an admission has no actions", "admissions", []cases.Wish{{"service": 1, "actions": 0}}, "PST-OWN-001#11"),
		sets(18, "an admission has an action of no registry", "admissions", []cases.Wish{{"service": 1, "actions": 1 << 20}}, "PST-OWN-001#11", "PST-REG-004"),
		sets(19, "the tags are not in order", "denied", []string{tag(2), tag(1)}, "PST-OWN-001#12"),
		sets(20, "a tag occurs twice", "denied", []string{tag(1), tag(1)}, "PST-OWN-001#12"),
		sets(21, "a tag has 7 bytes", "denied", []string{"01020304050607"}, "PST-OWN-001#12"),
		wish{22, "a co-owner occurs twice", []string{"PST-OWN-001#13"}, func(t *cases.T, c cases.Wish) {
			c["coOwners"] = []vectors.Key{key(t, "partner"), key(t, "partner")}
		}},
		wish{23, "the owner is a co-owner", []string{"PST-OWN-001#14"}, func(t *cases.T, c cases.Wish) {
			c["coOwners"] = []vectors.Key{key(t, "owner")}
		}},
		sets(24, "a notice ends before it begins", "notice", notice(20, 10), "PST-OWN-001#15"),
		sets(25, "a notice ends when it begins", "notice", notice(20, 20), "PST-OWN-001#15"),
		sets(31, "a notice is of a kind that no registry lists", "notice", cases.Wish{"kind": 99, "from": 0, "until": 0, "instruction": 0, "roles": 1}, "PST-OWN-001#6", "PST-REG-004"),
		sets(32, "an admission has evidence and no schedule", "admissions", []cases.Wish{{"service": 1, "actions": 2, "evidence": 1}}, "PST-OWN-001#9"),
		sets(33, "an admission has a schedule and no evidence", "admissions", []cases.Wish{{"service": 1, "actions": 2, "schedule": []cases.Wish{{"days": 1, "from": 0, "until": 60}}}}, "PST-OWN-001#9"),
		sets(34, "the service of an admission is 0", "admissions", []cases.Wish{{"service": 0, "actions": 2}}, "PST-OWN-001#10"),
		wish{35, "an anchor occurs twice", []string{"PST-OWN-001#13"}, func(t *cases.T, c cases.Wish) {
			c["anchors"] = []vectors.Key{key(t, "club"), key(t, "club")}
		}},
		sets(36, "the least is 0", "least", 0, "PST-OWN-001#3"),
		sets(26, "the version is 0", "version", 0, "PST-OBJ-001#7"),
		sets(27, "the version is 2^32", "version", int64(1)<<32, "PST-OBJ-001#8"),
		sets(28, "a schedule of an admission has no windows", "admissions", []cases.Wish{{"service": 1, "actions": 2, "evidence": 1, "schedule": []cases.Wish{}}}, "PST-TIME-018", "PST-OWN-001#9"),
		lacks(29, "lock", "PST-OBJ-001#7"),
	)
	return append(all, k.signs("PST-OWN-001", "PST-OWN-007", "PST-TIME-018"), rising(k, "PST-OWN-007"), givenAway(k), cases.Case{
		ID: "ISSUER-POLICY-002", Revision: 1, Title: "a policy without settings has none", Setup: k.appoint, Requirements: []string{"PST-OWN-001", "PST-OBJ-001#7"},
		Run: func(t *cases.T) {
			c := cases.Wish{"iat": t.World.Now, "cnf": key(t, "owner"), "lock": hex(t.World.Lock[:]), "version": 1}
			want := t.Made(t.World.Owner.Policy(credential.PolicyClaims{Lock: t.World.Lock, Version: 1, IssuedAt: t.World.Now}))
			t.Expect("the issuer", k.issue(t, c, want), cases.Signed)
		},
	})
}

// givenAway is a policy that gives the lock to another owner, with settings that
// should not come along.
func givenAway(k kind) cases.Case {
	return cases.Case{
		ID: "ISSUER-POLICY-090", Revision: 1, Title: "a policy that gives the lock away takes no settings along", Setup: k.appoint, Requirements: []string{"PST-OWN-023"},
		Run: func(t *cases.T) {
			c := k.claims(t)
			c["cnf"] = key(t, "heir")
			o := k.issue(t, c, nil)
			t.Expect("the issuer", o, cases.Signed, cases.Mended, cases.Refuses)
			if o == cases.Refuses { // it takes the claims as they should be
				bare := cases.Wish{"iat": c["iat"], "cnf": c["cnf"], "lock": c["lock"], "version": c["version"]}
				t.Expect("the issuer, without settings", k.issue(t, bare, nil), cases.Signed, cases.Mended)
				return
			}
			u, err := credential.ParsePolicy(t.Issuer.Object)
			t.OK(err)
			p, err := t.Issuer.Verifier().Policy(u, t.World.Public("owner"))
			t.OK(err)
			bare := credential.PolicyClaims{Lock: u.Claims.Lock, Version: u.Claims.Version, IssuedAt: u.Claims.IssuedAt, Owner: u.Claims.Owner, Reset: u.Claims.Reset}
			if !reflect.DeepEqual(u.Claims, bare) {
				t.Warnf("policy %d gives the lock to another owner with settings of the one before; they should be empty: %+v", p.Version(), u.Claims)
			}
		},
	}
}

// rising is the case that versions only rise, of policies and of lists.
func rising(k kind, shows string) cases.Case {
	return cases.Case{
		ID: "ISSUER-" + k.area + "-040", Revision: 1, Title: k.name + ": the version was signed before", Fault: "other claims have a version that was signed before",
		Requirements: []string{shows}, Setup: k.appoint, Passes: []cases.Outcome{cases.Signed}, Allowed: []cases.Outcome{cases.Refuses, "a higher version"},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			k.appoint(t)
			o := k.issue(t, k.claims(t), k.want(t))
			if !faulty {
				return o
			}
			for _, version := range []int{5, 4} {
				again := k.claims(t)
				again["version"], again["iat"] = version, t.World.Now+60
				if k.issue(t, again, nil) == cases.Refuses {
					continue
				}
				t.Check(versionOf(t, k, t.Issuer.Object) > 5, "version %d is signed after version 5", version)
				return "a higher version"
			}
			return cases.Refuses
		},
	}
}

// versionOf reads the version of a policy or of a list.
func versionOf(t *cases.T, k kind, b []byte) uint32 {
	if k.name == "policy" {
		u, err := credential.ParsePolicy(b)
		t.OK(err)
		return u.Claims.Version
	}
	u, err := credential.ParseRevocationList(b)
	t.OK(err)
	return u.Claims.Version
}

// denial is an entry of a list.
func denial(b byte) cases.Wish { return cases.Wish{"tag": tag(b), "exp": 1900000000} }

// listKind is a revocation list.
func listKind() kind {
	return kind{
		area: "LIST", name: "revocation-list", appoint: asPost, key: post,
		claims: func(t *cases.T) cases.Wish {
			return cases.Wish{"iat": t.World.Now, "version": 5, "least": t.World.Now - world.Day, "denials": []cases.Wish{denial(1), denial(2)}}
		},
		want: func(t *cases.T) []byte {
			one, two := credential.Denial{Expires: 1900000000}, credential.Denial{Expires: 1900000000}
			for i := range one.Tag {
				one.Tag[i], two.Tag[i] = 0x11, 0x22
			}
			r, err := issuer.NewRevoker(t.World.Key("post"), t.World.Post.Authority())
			t.OK(err)
			return t.Made(r.Revoke(credential.RevocationClaims{IssuedAt: t.World.Now, Version: 5, Least: t.World.Now - world.Day, Denied: []credential.Denial{one, two}}))
		},
		judge: func(t *cases.T, b []byte) error {
			u, err := credential.ParseRevocationList(b)
			if err == nil {
				_, err = t.Issuer.Verifier().RevocationList(u, t.World.Post.Authority())
			}
			return err
		},
	}
}

// lists are the cases on revocation lists (section 18.8).
func lists() []cases.Case {
	k := listKind()
	all := k.refuses(
		sets(10, "there are 25 entries", "denials", times(25, func(i int) cases.Wish {
			return cases.Wish{"tag": "00000000000000" + string("0123456789abcdef"[i/16]) + string("0123456789abcdef"[i%16]), "exp": 1900000000}
		}), "PST-REV-001#1"),
		sets(11, "the entries are not in order", "denials", []cases.Wish{denial(2), denial(1)}, "PST-REV-001#2"),
		sets(12, "a tag occurs twice", "denials", []cases.Wish{denial(1), denial(1)}, "PST-REV-001#2"),
		later(13, "the least is later than iat", "least", "iat", 1, "PST-REV-001#3"),
		sets(14, "the version is 0", "version", 0, "PST-OBJ-001#7"),
		sets(15, "the version is 2^32", "version", int64(1)<<32, "PST-OBJ-001#8"),
		sets(16, "a tag has 9 bytes", "denials", []cases.Wish{{"tag": "010203040506070809", "exp": 1900000000}}, "PST-OBJ-001#7"),
		wish{17, "the list is signed before the operator's certificate", []string{"PST-OBJ-046"}, func(t *cases.T, c cases.Wish) {
			c["iat"], c["least"] = t.World.Now-11*world.Day, 0
		}},
	)
	return append(all, k.signs("PST-REV-001", "PST-REV-004"), rising(k, "PST-REV-004"))
}

// tokenKind is a time token.
func tokenKind() kind {
	return kind{
		area: "TIME", name: "time-token", appoint: asPost, key: post,
		claims: func(t *cases.T) cases.Wish {
			return cases.Wish{"iat": t.World.Now, "offset": -840, "nonce": strings.Repeat("5a", 16)}
		},
		want: func(t *cases.T) []byte {
			s, err := issuer.NewTimeSource(t.World.Key("post"), t.World.Post.Authority())
			t.OK(err)
			return t.Made(s.Live(t.World.Now, -840, [16]byte([]byte(strings.Repeat("Z", 16)))))
		},
		judge: func(t *cases.T, b []byte) error {
			u, err := credential.ParseTimeToken(b)
			if err == nil {
				_, err = t.Issuer.Verifier().TimeToken(u, t.World.Post.Authority())
			}
			return err
		},
	}
}

// tokens are the cases on time tokens (section 16.3).
func tokens() []cases.Case {
	k := tokenKind()
	all := k.refuses(
		sets(10, "the offset is 841", "offset", 841, "PST-TIME-014"),
		sets(11, "the offset is -841", "offset", -841, "PST-TIME-014"),
		sets(12, "the offset is 65536", "offset", 65536, "PST-TIME-014"),
		sets(13, "the nonce has 15 bytes", "nonce", strings.Repeat("5a", 15), "PST-OBJ-001#7"),
		sets(14, "the nonce has 17 bytes", "nonce", strings.Repeat("5a", 17), "PST-OBJ-001#7"),
		sets(15, "the token is to end", "exp", 1900000000, "PST-OBJ-001#7"),
		sets(16, "iat is 2^32", "iat", int64(1)<<32, "PST-OBJ-001#8"),
		wish{17, "the time is after the end of the operator's certificate", []string{"PST-OBJ-046"}, func(t *cases.T, c cases.Wish) {
			c["iat"] = t.World.Now + 81*world.Day
		}},
	)
	return append(all, k.signs("PST-TIME-014", "PST-OBJ-049"))
}
