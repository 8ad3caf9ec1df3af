package lock

import (
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	ct "github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/credential/holder/holdertest"
)

// withoutArea is a lock without an area code.
func withoutArea(p *shim.Provision) { p.Area = nil }

// bounds are what just keeps the bounds of chapter 10, and good objects of every
// form.
func bounds() []cases.Case {
	return slices.Concat(fullObjects(), fullPolicies(), fullMessages(), overBounds())
}

// signedBy is an object with the alteration, signed anew by the key.
func signedBy(t *cases.T, object []byte, name string, alter func(*ct.Object)) []byte {
	return ct.OfObject(func(o *ct.Object) {
		alter(o)
		o.Sign(t.World.Key(name))
	})(object)
}

// fullObjects are grants and certificates at their bounds.
func fullObjects() []cases.Case {
	const bound = "PST-LIM-001"
	return []cases.Case{{
		ID: "LOCK-BOUND-001", Revision: 1, Title: "grants at their bounds", Needs: keys, Setup: cases.Owned,
		Requirements: []string{bound, "PST-ENC-010#5", "PST-ENC-002", "PST-ENC-014", "PST-OBJ-001", "PST-OBJ-008", "PST-OBJ-034"},
		Run: func(t *cases.T) {
			good := t.Made(t.World.Guest(nil))
			other := ct.Array(ct.Uint(2), ct.Bytes(make([]byte, 16)), ct.Uint(1))
			for what, alter := range sorted(map[string]func(*ct.Object){
				"512 bytes": func(o *ct.Object) { longGrant(o, 512) },
				"four entries, with areas of 16 bytes": scope(func(b []byte) []byte {
					items, _ := ct.Items(b[1:])
					return ct.Array(other, other, other, items[0])
				}),
				"exp 2^32 - 1":            claims(func(m *ct.Map) { m.Set(4, ct.Uint(1<<32-1)) }),
				"iat 1":                   claims(func(m *ct.Map) { m.Set(6, ct.Uint(1)) }),
				"a first moment past iat": claims(func(m *ct.Map) { m.Set(6, ct.Uint(1)); m.Set(5, ct.Uint(2)) }),
				"delegation and policy":   conditioned(ct.Pair{Key: ct.Uint(3), Value: ct.Uint(2)}, ct.Pair{Key: ct.Uint(5), Value: ct.Uint(1)}),
			}) {
				t.Expect(what, t.Tap(t.Phone("neighbour", signedBy(t, good, "owner", alter)), opens), cases.Opened...)
				t.Lock.Cycle()
			}
		},
	}, {
		ID: "LOCK-BOUND-002", Revision: 1, Title: "a grant to a key on P-256 in suite 2, and to a key of each sign", Needs: keys, Setup: cases.Owned, When: suiteOf[2],
		Requirements: []string{bound, "PST-OBJ-010", "PST-EDH-001", "PST-EDH-003"},
		Run: func(t *cases.T) {
			signs := map[byte]bool{}
			for i := 0; len(signs) < 2; i++ {
				name := fmt.Sprintf("holder %d", i)
				p := guest(t, 2, func(c *credential.GrantClaims) { c.Holder = t.World.Public2(name) })
				p.Key = t.World.Key2(name)
				key := world.COSEKey(t.World.Public2(name))
				if sign := key[len(key)-1]; !signs[sign] {
					signs[sign] = true
					t.Expect("the guest's tap", t.Tap(p, opens), cases.Opened...)
					t.Lock.Cycle()
				}
			}
		},
	}, {
		ID: "LOCK-BOUND-003", Revision: 2, Title: "authority certificates at their bounds", Needs: keys, Setup: cases.Owned,
		Requirements: []string{bound, "PST-OBJ-026", "PST-OBJ-033", "PST-OBJ-032"},
		Run: func(t *cases.T) {
			for what, alter := range sorted(map[string]func(*credential.AuthorityClaims){
				"eight services": func(c *credential.AuthorityClaims) { c.Services = services(8) },
				"every right":    func(c *credential.AuthorityClaims) { c.Rights |= credential.RightLock },
				"the greatest service": func(c *credential.AuthorityClaims) {
					c.Services = []credential.Service{credential.ServicePost, 1<<32 - 1}
				},
				"the last exp of all": func(c *credential.AuthorityClaims) { c.Expires = 1<<32 - 1 },
			}) {
				p := postman(t, func(c *credential.GrantClaims) { c.Scope[0].Service = credential.ServicePost })
				t.Expect(what, t.Tap(p, bringing(delivers, certified(t, alter))), cases.Opened...)
				t.Lock.Power(false)
				t.Lock.Fresh() // that holds no certificate, which would go before the next one
				cases.Owned(t)
				t.Lock.Cycle()
			}
		},
	}}
}

// sorted goes through a map in the order of its keys, so that a case does the same
// each time.
func sorted[V any](all map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, key := range slices.Sorted(maps.Keys(all)) {
			if !yield(key, all[key]) {
				return
			}
		}
	}
}

// services are the first n services, the post's among them.
func services(n int) (all []credential.Service) {
	for i := range n {
		all = append(all, credential.Service(i+1))
	}
	return all
}

// fullPolicies are documents at their bounds.
func fullPolicies() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-BOUND-010", Revision: 1, Title: "a policy of 768 bytes", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-LIM-001", "PST-ENC-010#4", "PST-OBJ-008", "PST-DOC-006#1"},
		Run: func(t *cases.T) {
			policy := signedBy(t, t.Made(t.World.Policy(2, nil)), "owner", func(o *ct.Object) { longPolicy(o, 768) })
			if len(policy) != 768 {
				t.Brokenf("the policy has %d bytes", len(policy))
			}
			t.Expect("the policy", handed(t, policy), taken...)
		},
	}, {
		ID: "LOCK-BOUND-011", Revision: 1, Title: "policies with every list at its bound", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-LIM-001", "PST-OBJ-008", "PST-OBJ-010", "PST-DOC-006#1"},
		Run: func(t *cases.T) {
			public := func(prefix string, n int) (all []credential.PublicKey) {
				for i := range n {
					all = append(all, t.World.Public(fmt.Sprintf("%s %d", prefix, i)))
				}
				return all
			}
			version := uint32(2)
			for what, alter := range sorted(map[string]func(*credential.PolicyClaims){
				"16 tags denied": func(c *credential.PolicyClaims) {
					for i := range 16 {
						c.Denied = append(c.Denied, credential.Tag{byte(i + 1)})
					}
				},
				"four co-owners":   func(c *credential.PolicyClaims) { c.CoOwners = public("co-owner", 4) },
				"two anchors":      func(c *credential.PolicyClaims) { c.Anchors = public("anchor", 2) },
				"eight admissions": func(c *credential.PolicyClaims) { c.Services = admissions(8) },
				"a step of 65536":  func(c *credential.PolicyClaims) { c.Version += 65535 },
			}) {
				t.Expect(what, handed(t, t.Made(t.World.Policy(version, func(c *credential.PolicyClaims) {
					alter(c)
					version = c.Version + 1
				}))), taken...)
				t.Lock.Cycle()
			}
		},
	}, {
		ID: "LOCK-BOUND-012", Revision: 1, Title: "a revocation list of 24 entries, and one without any", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-LIM-001", "PST-OBJ-008", "PST-DOC-006#1"},
		Run: func(t *cases.T) {
			for _, p := range probes() {
				if p.kind != "revocation list" {
					continue
				}
				for version, n := range []int{24, 0} {
					t.Lock.Cycle()
					list, _ := p.made(t)
					var denials [][]byte
					for i := range n {
						denials = append(denials, ct.Array(ct.Bytes([]byte{byte(i + 1), 0, 0, 0, 0, 0, 0, 0}), ct.Uint(1<<32-1)))
					}
					list = signedBy(t, list, "post", scope(ct.Replace(ct.Array(ct.Uint(uint64(version+1)), ct.Uint(0), ct.Array(denials...)))))
					t.Expect(fmt.Sprintf("%d entries", n), p.tap(t, list), taken...)
				}
			}
		},
	}}
}

// admissions are n services that may deliver.
func admissions(n int) (all []credential.Admission) {
	for _, s := range services(n) {
		all = append(all, credential.Admission{Service: s, Actions: credential.ActionDeliver})
	}
	return all
}

// overBounds are what keeps a bound, and with the fault goes over it by one.
func overBounds() []cases.Case {
	guestWith := func(alter func(over bool) func(*ct.Object)) func(*cases.T, bool) cases.Outcome {
		return func(t *cases.T, over bool) cases.Outcome {
			return ends(t, t.Tap(t.Phone("neighbour", signedBy(t, t.Made(t.World.Guest(nil)), "owner", alter(over))), opens))
		}
	}
	asking := func(alter func(m *ct.Map, over int)) func(*cases.T, bool) cases.Outcome {
		return func(t *cases.T, over bool) cases.Outcome {
			p := t.Phone("owner", nil)
			p.Alter = holdertest.Alter{holdertest.Plaintext: ct.OfMap(func(m *ct.Map) { alter(m, more(over)) })}
			return t.Tap(p, status)
		}
	}
	unknown, limit := []cases.Outcome{cases.Refused(credential.ReasonOperationUnknown)}, []cases.Outcome{judged(credential.ReasonLimit)}
	var all []cases.Case
	for i, b := range []struct {
		what, requirement string
		passes, allowed   []cases.Outcome
		act               func(t *cases.T, over bool) cases.Outcome
	}{
		{"a policy of 768 bytes, with one byte more", "PST-ENC-010#4", taken, limit, func(t *cases.T, over bool) cases.Outcome {
			return handed(t, signedBy(t, t.Made(t.World.Policy(2, nil)), "owner", func(o *ct.Object) { longPolicy(o, 768+more(over)) }))
		}},
		{"a policy that denies 16 tags, with one more", "PST-OBJ-008#3", taken, limit, func(t *cases.T, over bool) cases.Outcome {
			return handed(t, signedBy(t, t.Made(t.World.Policy(2, nil)), "owner", settings(func(m *ct.Map) { m.Set(4, ct.Bytes(tags(16+more(over)))) })))
		}},
		{"a grant of 512 bytes, with one byte more", "PST-ENC-010#5", cases.Opened, denied, guestWith(func(over bool) func(*ct.Object) {
			return func(o *ct.Object) { longGrant(o, 512+more(over)) }
		})},
		{"a grant of four entries, with one more", "PST-OBJ-008#3", cases.Opened, denied, guestWith(func(over bool) func(*ct.Object) {
			return scope(func(b []byte) []byte {
				items, _ := ct.Items(b[1:])
				return ct.Array(slices.Repeat(items, 4+more(over))...)
			})
		})},
		{"a condition nested as deep as may be, with one array more", "PST-ENC-010#1", []cases.Outcome{cases.Refused(credential.ReasonConditionUnknown)}, denied, guestWith(func(over bool) func(*ct.Object) {
			return conditioned(ct.Pair{Key: ct.Uint(9), Value: nested(5 + more(over))})
		})},
		{"eight conditions, with one more", "PST-OBJ-034#7", []cases.Outcome{cases.Refused(credential.ReasonConditionUnknown)}, denied, guestWith(func(over bool) func(*ct.Object) {
			return conditioned(numbered(8 + more(over))...)
		})},
		{"a request eight deep, with one array more", "PST-ENC-010#1", unknown, denied, asking(func(m *ct.Map, over int) { m.Set(99, nested(7+over)) })},
		{"an array of 32 in a request, with one element more", "PST-ENC-010#2", unknown, denied, asking(func(m *ct.Map, over int) {
			m.Set(99, ct.Array(slices.Repeat([][]byte{yes}, 32+over)...))
		})},
		{"a request of 32 fields, with one more", "PST-ENC-010#3", unknown, denied, asking(func(m *ct.Map, over int) { *m = append(*m, numbered(31+over)...) })},
		{"a chain of four objects, with one more", "PST-DEC-007#9", []cases.Outcome{done}, denied, asking(func(m *ct.Map, over int) {
			m.Set(3, ct.Array(slices.Repeat([][]byte{ct.Array()}, 4+over)...))
		})},
		{"page 3 of the log, and one more", "PST-DEC-007#9", []cases.Outcome{done}, denied, func(t *cases.T, over bool) cases.Outcome {
			return t.Tap(t.Phone("owner", nil), holdertest.Request{Operation: credential.OperationReadLog, Page: uint8(3 + more(over))})
		}},
		{"a HANDSHAKE-2 of 1024 bytes, with one more", "PST-APDU-016#6", unknown, []cases.Outcome{cases.WrongLength}, asking(func(m *ct.Map, over int) {
			const rest = 3 + 5 + 122 + 8 // operation, field and head, message_3, tag
			m.Set(99, ct.Bytes(make([]byte, 1024-rest+over)))
		})},
	} {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-BOUND-%03d", 30+i), Revision: 1, Title: b.what, Fault: "it is one over the bound", Needs: keys, Setup: cases.Owned,
			Requirements: unique([]string{"PST-LIM-001", b.requirement}), Passes: b.passes, Allowed: b.allowed, Act: b.act,
		})
	}
	return all
}

// more is one where something is to go over its bound.
func more(over bool) int {
	if over {
		return 1
	}
	return 0
}

// fullMessages are messages at their bounds.
func fullMessages() []cases.Case {
	return []cases.Case{{
		ID: "LOCK-BOUND-020", Revision: 1, Title: "four documents and four objects of a chain", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-LIM-001", "PST-DEC-007#9", "PST-REQ-004#10"},
		Run: func(t *cases.T) {
			short := ct.Array()
			r := status
			r.Chain, r.Documents = [][]byte{short, short, short, short}, [][]byte{short, short, short, short}
			o, a := t.TapFor(t.Phone("owner", nil), r)
			t.Expect("the owner's tap", o, done)
			for i, reason := range a.Documents {
				t.Check(reason == credential.ReasonMalformed, "document %d, an empty array: %v", i+1, reason)
			}
			t.Check(len(a.Documents) == 4, "four documents are answered with %d reasons", len(a.Documents))
		},
	}, {
		ID: "LOCK-BOUND-021", Revision: 1, Title: "a HANDSHAKE-2 of 1024 bytes", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-LIM-001", "PST-APDU-016#6", "PST-DEC-007#9"},
		Run: func(t *cases.T) {
			length := 0
			for _, pad := range []int{700, -1} {
				if pad < 0 {
					pad = 700 + 1024 - length
				}
				p := t.Phone("owner", nil)
				p.Alter = holdertest.Alter{
					holdertest.Plaintext: ct.OfMap(func(m *ct.Map) { m.Set(99, ct.Bytes(make([]byte, pad))) }),
					holdertest.Data:      func(b []byte) []byte { length = len(b); return b },
				}
				t.Expect("a request with an unknown field", t.Tap(p, status), cases.Refused(credential.ReasonOperationUnknown))
				t.Lock.Cycle()
			}
			if length != 1024 {
				t.Brokenf("HANDSHAKE-2 has %d bytes", length)
			}
		},
	}}
}
