package lock

import (
	"fmt"
	"slices"
	"time"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	ct "github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/credential/holder/holdertest"
	"github.com/postern-lock/postern/issuer"
)

// signers are the cases of steps 10 to 12 of section 7.5, and of sections 4.6,
// 4.8.1, 4.8.2 and 7.5.1.
func signers() []cases.Case {
	return slices.Concat(found(), notFound(), badCertificates(), badGrants(), under(), places(), useless(), outlived())
}

// met is Owned, and the post has come once, so that the lock holds its certificate.
func met(t *cases.T) {
	cases.Owned(t)
	holds(t, post(t))
}

// holds has the post's staff come with a certificate, which the lock keeps.
func holds(t *cases.T, certificate []byte) {
	t.Lock.Cycle()
	t.Expect("the tap by which the lock learns the certificate", t.Tap(postman(t, nil), bringing(delivers, certificate)), cases.Opened...)
}

// found are grants whose signer is found.
func found() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-SIGNER-001", Revision: 1, Title: "a certificate that the lock lacks is named, and sent in a REQUEST", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-DEC-001#16", "PST-DEC-001#19", "PST-DEC-007#10", "PST-DEC-015#3", "PST-REQ-004#2", "PST-DEC-008", "PST-DEC-035", "PST-OBJ-033", "PST-OBJ-013"},
		Run: func(t *cases.T) {
			p := postman(t, nil)
			t.Expect("without the certificate", t.Tap(p, delivers), cases.Missing)
			t.Expect("without it again", t.Ask(p, delivers), cases.Missing)
			t.Expect("with it", t.Ask(p, bringing(delivers, post(t))), cases.Opened...)
		},
	}, {
		ID: "LOCK-SIGNER-002", Revision: 1, Title: "a certificate that the lock holds is not asked for again", Needs: keys, Setup: met,
		Requirements: []string{"PST-DEC-015#2", "PST-DEC-016", "PST-DEC-001#17"},
		Run: func(t *cases.T) {
			t.Expect("the postman's tap", t.Tap(postman(t, nil), delivers), cases.Opened...)
		},
	}, {
		ID: "LOCK-SIGNER-003", Revision: 1, Title: "the certificate of the grant's signer stands behind others", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-DEC-015#3", "PST-LIM-001"},
		Run: func(t *cases.T) {
			other := carrier(t, 0).Authority().Bytes()
			maker := t.World.Maker.Authority().Bytes()
			t.Expect("the postman's tap", t.Tap(postman(t, nil), bringing(delivers, other, maker, post(t))), cases.Opened...)
		},
	}, {
		ID: "LOCK-SIGNER-004", Revision: 1, Title: "an object of a chain that does not read, behind the certificate", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-DEC-015#3"},
		Run: func(t *cases.T) {
			t.Expect("the postman's tap", t.Tap(postman(t, nil), bringing(delivers, post(t), ct.Array())), cases.Opened...)
		},
	}}
}

// signing is a tap with one fault about who signed the grant.
type signing struct {
	what    string
	rows    []string
	allowed cases.Outcome
	alter   func(t *cases.T) (*holdertest.Phone, holdertest.Request)
}

// signed makes cases of taps whose twin is the good one of the postman, with the
// post's certificate where it is sent.
func signed(first int, setup func(*cases.T), sent bool, faults []signing) []cases.Case {
	var all []cases.Case
	for i, f := range faults {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-SIGNER-%03d", first+i), Revision: 1, Title: f.what, Fault: f.what, Needs: keys, Setup: setup,
			Requirements: f.rows, Passes: cases.Opened, Allowed: []cases.Outcome{f.allowed},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				p, r := postman(t, nil), delivers
				if sent {
					r = bringing(delivers, post(t))
				}
				if faulty {
					p, r = f.alter(t)
				}
				return ends(t, t.Tap(p, r))
			},
		})
	}
	return all
}

// regranted is the postman's phone with a grant that is altered as an object.
func regranted(t *cases.T, alter func(*ct.Object)) *holdertest.Phone {
	p := postman(t, nil)
	p.Grant = ct.OfObject(alter)(p.Grant)
	return p
}

// notFound are grants whose signer is not found, or did not sign them.
func notFound() []cases.Case {
	flipped := func(o *ct.Object) { o.Signature = ct.Flip(5)(o.Signature) }
	// unseen is a grant whose content the lock has never seen signed: one that it
	// remembers as verified need not be verified again.
	unseen := func(t *cases.T, alter func(*ct.Object)) *holdertest.Phone {
		p := postman(t, func(c *credential.GrantClaims) { c.Expires -= 60 })
		p.Grant = ct.OfObject(alter)(p.Grant)
		return p
	}
	algorithm := func(t *cases.T) func(*ct.Object) {
		return func(o *ct.Object) {
			o.Header(func(m *ct.Map) { m.Set(1, ct.Int(-9)) })
			o.Sign(t.World.Key("post"))
		}
	}
	known := []signing{
		{"the signature of a grant is wrong under a certificate that the lock holds", []string{"PST-DEC-007#11", "PST-DEC-008", "PST-MEM-006", "PST-OBJ-013"}, cases.Missing,
			func(t *cases.T) (*holdertest.Phone, holdertest.Request) { return unseen(t, flipped), delivers }},
		{"a stranger signed a grant with the kid of a certificate that the lock holds", []string{"PST-DEC-007#11", "PST-DEC-008", "PST-MEM-006", "PST-OBJ-013"}, cases.Missing,
			func(t *cases.T) (*holdertest.Phone, holdertest.Request) {
				return unseen(t, func(o *ct.Object) { o.Sign(t.World.Key("thief")) }), delivers
			}},
		{"alg of a grant is not that of the certificate that the lock holds", []string{"PST-DEC-007#11", "PST-DEC-008", "PST-OBJ-001#4"}, cases.Missing,
			func(t *cases.T) (*holdertest.Phone, holdertest.Request) {
				return regranted(t, algorithm(t)), delivers
			}},
	}
	owner := []signing{
		{"the signature of a grant is wrong under the owner's key", []string{"PST-DEC-007#11", "PST-DEC-008", "PST-DEC-015#1", "PST-OBJ-013"}, cases.Missing,
			func(t *cases.T) (*holdertest.Phone, holdertest.Request) {
				p := neighbour(t, 0)
				p.Grant = ct.OfObject(flipped)(p.Grant)
				return p, opens
			}},
		{"a stranger signed a grant with the owner's kid", []string{"PST-DEC-007#11", "PST-DEC-008", "PST-OBJ-013"}, cases.Missing,
			func(t *cases.T) (*holdertest.Phone, holdertest.Request) {
				p := neighbour(t, 0)
				p.Grant = ct.OfObject(func(o *ct.Object) { o.Sign(t.World.Key("thief")) })(p.Grant)
				return p, opens
			}},
		{"the scheme's root signed a grant", []string{"PST-DEC-007#10", "PST-DEC-015", "PST-DEC-016"}, cases.Missing,
			func(t *cases.T) (*holdertest.Phone, holdertest.Request) {
				return regranted(t, byKey(t, "scheme")), delivers
			}},
		{"a grant's signer is not known, and the chain has another's certificate", []string{"PST-DEC-007#10", "PST-DEC-015#3", "PST-DEC-016"}, cases.Missing,
			func(t *cases.T) (*holdertest.Phone, holdertest.Request) {
				return postman(t, nil), bringing(delivers, carrier(t, 0).Authority().Bytes())
			}},
	}
	sent := []signing{
		{"the signature of a grant is wrong under the certificate that was sent", []string{"PST-DEC-007#11", "PST-DEC-008", "PST-ERR-001", "PST-OBJ-013", "PST-DEC-035"}, cases.Denied,
			func(t *cases.T) (*holdertest.Phone, holdertest.Request) {
				return regranted(t, flipped), bringing(delivers, post(t))
			}},
		{"alg of a grant is not that of the certificate that was sent", []string{"PST-DEC-007#11", "PST-DEC-008", "PST-ERR-001", "PST-OBJ-001#4"}, cases.Denied,
			func(t *cases.T) (*holdertest.Phone, holdertest.Request) {
				return regranted(t, algorithm(t)), bringing(delivers, post(t))
			}},
		{"an object that does not read stands before the certificate", []string{"PST-DEC-015#3", "PST-DEC-008", "PST-DEC-007#10"}, cases.Denied,
			func(t *cases.T) (*holdertest.Phone, holdertest.Request) {
				return postman(t, nil), bringing(delivers, ct.Array(), post(t))
			}},
		{"a policy stands in the chain before the certificate", []string{"PST-DEC-015#3", "PST-DEC-008", "PST-DEC-007#10", "PST-OBJ-008#4"}, cases.Denied,
			func(t *cases.T) (*holdertest.Phone, holdertest.Request) {
				return postman(t, nil), bringing(delivers, t.Made(t.World.Policy(2, nil)), post(t))
			}},
	}
	return slices.Concat(signed(10, met, false, known), signed(20, cases.Owned, true, owner), signed(30, cases.Owned, true, sent))
}

// byKey has a key sign an object anew, with its kid.
func byKey(t *cases.T, name string) func(*ct.Object) {
	return func(o *ct.Object) {
		kid := credential.KeyIDOf(t.World.Public(name))
		o.Header(func(m *ct.Map) { m.Set(4, ct.Bytes(kid[:])) })
		o.Sign(t.World.Key(name))
	}
}

// badCertificates are certificates in the chain that do not verify.
func badCertificates() []cases.Case {
	rows := func(row string) []string {
		return []string{"PST-OBJ-033#" + row, "PST-DEC-007#11", "PST-DEC-008", "PST-ERR-001", "PST-DEC-035"}
	}
	sends := func(alter func(t *cases.T, o *ct.Object)) func(*cases.T) (*holdertest.Phone, holdertest.Request) {
		return func(t *cases.T) (*holdertest.Phone, holdertest.Request) {
			return postman(t, nil), bringing(delivers, ct.OfObject(func(o *ct.Object) { alter(t, o) })(post(t)))
		}
	}
	return signed(40, cases.Owned, true, []signing{
		{"no root signed the certificate", rows("2"), cases.Denied, sends(func(t *cases.T, o *ct.Object) { byKey(t, "thief")(o) })},
		{"the owner signed the certificate", rows("2"), cases.Denied, sends(func(t *cases.T, o *ct.Object) { byKey(t, "owner")(o) })},
		{"the authority signed its certificate itself", rows("2"), cases.Denied, sends(func(t *cases.T, o *ct.Object) { byKey(t, "post")(o) })},
		{"alg of the certificate is not that of the root", append(rows("3"), "PST-OBJ-001#4"), cases.Denied, sends(func(t *cases.T, o *ct.Object) {
			o.Header(func(m *ct.Map) { m.Set(1, ct.Int(-9)) })
			o.Sign(t.World.Key("scheme"))
		})},
		{"the signature of the certificate has a bit changed", append(rows("4"), "PST-OBJ-019#5"), cases.Denied, sends(func(_ *cases.T, o *ct.Object) { o.Signature = ct.Flip(5)(o.Signature) })},
		{"S of the certificate's signature is not below L", append(rows("4"), "PST-OBJ-019#2"), cases.Denied, sends(func(_ *cases.T, o *ct.Object) { o.Signature = cases.PlusL(o.Signature) })},
		{"a stranger signed the certificate with the kid of the root", append(rows("4"), "PST-OBJ-013"), cases.Denied, sends(func(t *cases.T, o *ct.Object) { o.Sign(t.World.Key("thief")) })},
		{"a root signed the certificate with the kid of a stranger", append(rows("2"), "PST-OBJ-001#5"), cases.Denied, sends(func(t *cases.T, o *ct.Object) {
			byKey(t, "thief")(o)
			o.Sign(t.World.Key("scheme"))
		})},
	})
}

// badGrants are not good under the certificate that comes with them: step 12.
func badGrants() []cases.Case {
	refused := func(r credential.Reason) cases.Outcome { return cases.Refused(r) }
	rows := []string{"PST-DEC-007#12", "PST-DEC-010", "PST-ERR-006", "PST-REQ-004#1", "PST-REQ-004#4"}
	under := func(certificate func(*credential.AuthorityClaims), grant func(t *cases.T, c *ct.Map)) func(*cases.T) (*holdertest.Phone, holdertest.Request) {
		return func(t *cases.T) (*holdertest.Phone, holdertest.Request) {
			p := postman(t, nil)
			if grant != nil {
				p = regranted(t, func(o *ct.Object) {
					o.Claims(func(m *ct.Map) { grant(t, m) })
					o.Sign(t.World.Key("post"))
				})
			}
			return p, bringing(delivers, certified(t, certificate))
		}
	}
	same := func(*credential.AuthorityClaims) {}
	times := func(iat, exp func(t *cases.T) credential.Time) func(t *cases.T, c *ct.Map) {
		return func(t *cases.T, c *ct.Map) {
			c.Set(6, ct.Uint(uint64(iat(t))))
			c.Set(4, ct.Uint(uint64(exp(t))))
		}
	}
	at := func(d int64) func(*cases.T) credential.Time {
		return func(t *cases.T) credential.Time { return credential.Time(int64(t.World.Now) + d) }
	}
	const day = int64(world.Day)
	return signed(50, cases.Owned, true, []signing{
		{"the certificate lacks the right to issue", rows, refused(credential.ReasonAuthorityRight), under(func(c *credential.AuthorityClaims) {
			c.Rights, c.Services, c.LongestGrant = credential.RightTime|credential.RightRevoke, nil, 0
		}, nil)},
		{"the certificate is a manufacturer's", rows, refused(credential.ReasonAuthorityRight), under(func(c *credential.AuthorityClaims) {
			c.Rights, c.Services, c.LongestGrant = credential.RightLock, nil, 0
		}, nil)},
		{"the grant was issued before the certificate", rows, refused(credential.ReasonAuthorityExpired), under(same, times(at(-10*day-1), at(-8*day)))},
		{"the grant was issued after the certificate had ended", rows, refused(credential.ReasonAuthorityExpired), under(same, times(at(80*day+1), at(80*day+100)))},
		{"the grant is a second longer than the certificate allows", rows, refused(credential.ReasonGrantTooLong), under(same, times(at(0), at(84*3600+1)))},
		{"the grant has a service that the certificate has not", rows, refused(credential.ReasonService), func(t *cases.T) (*holdertest.Phone, holdertest.Request) {
			return regranted(t, func(o *ct.Object) {
				conditioned(ct.Pair{Key: ct.Uint(7), Value: ct.Uint(77)})(o)
				o.Sign(t.World.Key("post"))
			}), bringing(delivers, post(t))
		}},
		{"the certificate has two services, and the grant names none", rows, refused(credential.ReasonService), under(func(c *credential.AuthorityClaims) {
			c.Services = append(c.Services, 77)
		}, nil)},
		{"the second entry of the grant has no service of the certificate", rows, refused(credential.ReasonService), func(t *cases.T) (*holdertest.Phone, holdertest.Request) {
			return regranted(t, func(o *ct.Object) {
				scope(func(b []byte) []byte {
					items, _ := ct.Items(b[1:])
					second, _ := ct.Items(items[0][1:])
					return ct.Array(items[0], ct.Array(append(second, ct.Map{{Key: ct.Uint(7), Value: ct.Uint(77)}}.Encode())...))
				})(o)
				o.Sign(t.World.Key("post"))
			}), bringing(delivers, post(t))
		}},
		{"the owner's grant names a service", rows, refused(credential.ReasonService), func(t *cases.T) (*holdertest.Phone, holdertest.Request) {
			p := neighbour(t, 0)
			p.Grant = ct.OfObject(func(o *ct.Object) {
				conditioned(ct.Pair{Key: ct.Uint(7), Value: ct.Uint(1)})(o)
				o.Sign(t.World.Key("owner"))
			})(p.Grant)
			return p, opens
		}},
	})
}

// under are grants that are just good under their certificate.
func under() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-SIGNER-070", Revision: 1, Title: "grants that are just good under their certificate", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-DEC-007#12", "PST-LIM-001"},
		Run: func(t *cases.T) {
			now := t.World.Now
			for what, alter := range sorted(map[string]func(*credential.GrantClaims){
				"as long as the certificate allows":             func(c *credential.GrantClaims) { c.Expires = now + 84*3600 },
				"the service of the certificate named":          func(c *credential.GrantClaims) { c.Scope[0].Service = credential.ServicePost },
				"issued when the certificate was":               func(c *credential.GrantClaims) { c.IssuedAt, c.Expires = now-10*world.Day, now-7*world.Day },
				"a first moment, and longer for it by a second": func(c *credential.GrantClaims) { c.NotBefore, c.Expires = now+1, now+84*3600 },
			}) {
				o := t.Tap(postman(t, alter), bringing(delivers, post(t)))
				t.Check(o == cases.Opened[0] || o == cases.Opened[1] || o == cases.Refused(credential.ReasonNotYetValid) || o == cases.Refused(credential.ReasonExpired),
					"%s: %s, where the grant is good under its certificate", what, o)
			}
		},
	}}
}

// places hold a key with the key id twice: which one the lock takes shows.
func places() []cases.Case {
	second := func(t *cases.T, alter func(*credential.AuthorityClaims)) []byte { return certified(t, alter) }
	lacking := func(c *credential.AuthorityClaims) {
		c.Rights, c.Services, c.LongestGrant = credential.RightTime, nil, 0
	}
	foreign := func(c *credential.AuthorityClaims) { c.Services = []credential.Service{77} }
	later := func(c *credential.AuthorityClaims) { foreign(c); c.Expires += world.Day }
	sooner := func(c *credential.AuthorityClaims) { foreign(c); c.Expires -= world.Day }
	return []cases.Case{{
		ID: "LOCK-SIGNER-080", Revision: 1, Title: "of two certificates in the chain for one key the first is taken", Fault: "the first certificate lacks the right to issue, the second has it",
		Requirements: []string{"PST-DEC-015#3", "PST-DEC-007#12"}, Needs: keys, Setup: cases.Owned, Passes: cases.Opened, Allowed: []cases.Outcome{cases.Refused(credential.ReasonAuthorityRight)},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			chain := [][]byte{post(t), second(t, lacking)}
			if faulty {
				slices.Reverse(chain)
			}
			return t.Tap(postman(t, nil), bringing(delivers, chain...))
		},
	}, {
		ID: "LOCK-SIGNER-081", Revision: 1, Title: "a certificate that the lock holds goes before one in the chain", Fault: "the lock does not hold the certificate that serves, and the one in the chain lacks the right to issue",
		Requirements: []string{"PST-DEC-015#2", "PST-DEC-015#3"}, Needs: keys, Setup: cases.Owned, Passes: cases.Opened, Allowed: []cases.Outcome{cases.Refused(credential.ReasonAuthorityRight)},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			if !faulty {
				t.Expect("the tap by which the lock learns the certificate", t.Tap(postman(t, nil), bringing(delivers, post(t))), cases.Opened...)
				t.Lock.Cycle()
			}
			return t.Tap(postman(t, nil), bringing(delivers, second(t, lacking)))
		},
	}, {
		ID: "LOCK-SIGNER-082", Revision: 1, Title: "an owner key goes before a certificate for the same key", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-DEC-015#1"},
		Run: func(t *cases.T) {
			for _, alter := range []func(*credential.AuthorityClaims){lacking, foreign} {
				p := neighbour(t, 0)
				certificate := certified(t, func(c *credential.AuthorityClaims) { alter(c); c.Key = t.World.Public("owner") })
				t.Expect("the guest's tap", t.Tap(p, bringing(opens, certificate)), cases.Opened...)
				t.Lock.Cycle()
			}
		},
	}, {
		ID: "LOCK-SIGNER-083", Revision: 1, Title: "of two certificates that the lock holds the one that ends later is taken", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-DEC-015#2"},
		Run: func(t *cases.T) {
			bothHeld(t, second(t, sooner))
			t.Lock.Cycle()
			t.Expect("the certificate with the service that is admitted ends later", t.Tap(postman(t, nil), delivers), cases.Opened...)
			t.Lock.Power(false)
			t.Lock.Fresh()
			cases.Owned(t)
			bothHeld(t, second(t, later))
			t.Lock.Cycle()
			t.Expect("the other one ends later", t.Tap(postman(t, nil), delivers), cases.Refused(credential.ReasonNotAdmitted))
		},
	}}
}

// bothHeld has the lock hold the post's certificate and another of the same key for
// service 77: by a grant each that only the one serves.
func bothHeld(t *cases.T, other []byte) {
	for _, c := range []struct {
		certificate []byte
		service     credential.Service
	}{{post(t), credential.ServicePost}, {other, 77}} {
		p := postman(t, nil)
		p.Grant = ct.OfObject(func(o *ct.Object) {
			conditioned(ct.Pair{Key: ct.Uint(7), Value: ct.Uint(uint64(c.service))})(o)
			o.Sign(t.World.Key("post"))
		})(p.Grant)
		t.Hand(t.Made(t.World.Policy(admitting(t), func(p *credential.PolicyClaims) {
			p.Services = append(p.Services[:1:1], credential.Admission{Service: c.service, Actions: credential.ActionDeliver})
			if c.service == credential.ServicePost {
				p.Services = p.Services[:1]
			}
		})))
		t.Lock.Cycle()
		t.Expect("the tap by which the lock learns a certificate", t.Tap(p, bringing(delivers, c.certificate)), cases.Opened...)
	}
	t.Hand(t.Made(t.World.Policy(admitting(t), nil)))
}

// admitting is the next version of the lock's policy.
func admitting(t *cases.T) uint32 {
	t.Lock.Cycle()
	o, a := t.TapFor(t.Phone("owner", nil), status)
	t.Expect("the owner's tap", o, done)
	return a.State.PolicyVersion + 1
}

// useless are certificates that the lock holds and that do not serve.
func useless() []cases.Case {
	var all []cases.Case
	const day = world.Day
	for i, f := range []struct {
		what  string
		alter func(t *cases.T, c *credential.GrantClaims)
	}{
		{"the grant is longer than it allows", func(_ *cases.T, c *credential.GrantClaims) { c.Expires = c.IssuedAt + 85*3600 }},
		{"the grant was issued before it", func(_ *cases.T, c *credential.GrantClaims) { c.IssuedAt -= 10*day + 1; c.Expires = c.IssuedAt + day }},
		{"the grant was issued after its end", func(_ *cases.T, c *credential.GrantClaims) { c.IssuedAt += 80*day + 1; c.Expires = c.IssuedAt + day }},
		{"the grant has a service that it has not", func(_ *cases.T, c *credential.GrantClaims) { c.Scope[0].Service = 77 }},
	} {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-SIGNER-%03d", 90+i), Revision: 1, Title: "the certificate that the lock holds does not serve: " + f.what, Fault: f.what,
			Requirements: []string{"PST-DEC-016", "PST-DEC-015#2", "PST-DEC-007#10"}, Needs: keys, Setup: met, Passes: cases.Opened, Allowed: []cases.Outcome{cases.Missing},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				c := t.World.PostClaims()
				c.IssuedAt, c.Expires, c.LongestGrant, c.Services = c.IssuedAt-100*day, c.Expires+100*day, 900*time.Hour, []credential.Service{credential.ServicePost, 77}
				a, err := t.World.Certify(c)
				t.OK(err)
				wide, err := issuer.NewOperator(t.World.Key("post"), a)
				t.OK(err)
				claims := credential.GrantClaims{
					Holder: t.World.Public("postman"), IssuedAt: t.World.Now, Expires: t.World.Now + day/2,
					Scope: []credential.Entry{{Target: credential.AreaTarget(t.World.Area), Actions: credential.ActionDeliver, Service: credential.ServicePost}},
				}
				if faulty {
					f.alter(t, &claims)
				}
				return t.Tap(t.Phone("postman", t.Made(wide.Grant(claims))), delivers)
			},
		})
	}
	return all
}

// outlived are certificates that the lock held, until the floor or a list took them.
func outlived() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-SIGNER-100", Revision: 1, Title: "a certificate that the lock holds is asked for anew when the floor has reached its end", Needs: keys, Setup: met,
		Requirements: []string{"PST-DEC-016", "PST-DEC-015#2"},
		Run: func(t *cases.T) {
			for _, c := range []struct {
				over    credential.Time
				version uint32
				want    []cases.Outcome
			}{{1, 2, []cases.Outcome{cases.Refused(credential.ReasonExpired)}}, {0, 3, []cases.Outcome{cases.Missing}}} {
				t.Hand(t.Made(t.World.Policy(c.version, func(p *credential.PolicyClaims) { p.IssuedAt = t.World.PostClaims().Expires - c.over })))
				t.Lock.Cycle()
				t.Expect(fmt.Sprintf("%d seconds before the end", c.over), t.Tap(postman(t, nil), delivers), c.want...)
			}
		},
	}, {
		ID: "LOCK-SIGNER-101", Revision: 1, Title: "a certificate that the lock holds is asked for anew when its scheme has taken it back", Needs: keys, Setup: met,
		Requirements: []string{"PST-DEC-016", "PST-DEC-015#2"},
		Run: func(t *cases.T) {
			list := t.Made(t.World.Scheme.Revoke(credential.RevocationClaims{
				IssuedAt: t.World.Now, Version: 1, Denied: []credential.Denial{{Tag: t.World.Post.Authority().Tag(), Expires: t.World.PostClaims().Expires}},
			}))
			t.Hand(list)
			t.Lock.Cycle()
			t.Expect("the postman's tap", t.Tap(postman(t, nil), delivers), cases.Missing)
		},
	}}
}
