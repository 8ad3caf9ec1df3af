package lock

import (
	"fmt"
	"math/big"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/credential"
	ct "github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/credential/holder/holdertest"
	"github.com/postern-lock/postern/issuer"
)

// bareKeys are faults of the owner's credential.
func bareKeys() []cases.Case {
	inSet := func(alter func(*ct.Map)) func([]byte) []byte {
		return ct.OfMap(func(m *ct.Map) { m.Set(14, ct.OfMap(alter)(m.Get(14))) })
	}
	inKey := func(alter func(*ct.Map)) func([]byte) []byte {
		return inSet(func(m *ct.Map) {
			m.Set(8, ct.OfMap(func(c *ct.Map) { c.Set(1, ct.OfMap(alter)(c.Get(1))) })(m.Get(8)))
		})
	}
	const step4 = "PST-DEC-007#4"
	id := holdertest.IDCredI
	var all []cases.Case
	for i, f := range []spoilt{
		altered("the claims set holds a further claim", id, inSet(func(m *ct.Map) { m.Set(1, ct.Uint(1)) }), step4),
		altered("the claims set is empty", id, inSet(func(m *ct.Map) { m.Delete(8) }), step4),
		altered("the claims set stands in a byte string", id, ct.OfMap(func(m *ct.Map) { m.Set(14, ct.Bytes(m.Get(14))) }), step4),
		altered("the claims set stands under the label 13", id, ct.OfMap(func(m *ct.Map) { (*m)[0].Key = ct.Uint(13) }), step4),
		altered("the claims set holds a key id beside the key", id, inSet(func(m *ct.Map) {
			m.Set(8, ct.OfMap(func(c *ct.Map) { c.Set(3, ct.Bytes(make([]byte, 8))) })(m.Get(8)))
		}), step4, "PST-OBJ-010#1"),
		altered("the bare key has alg", id, inKey(func(m *ct.Map) { m.Set(3, ct.Int(-19)) }), step4, "PST-OBJ-010#1"),
		altered("the bare key has kid", id, inKey(func(m *ct.Map) { m.Set(2, ct.Bytes(nil)) }), step4, "PST-OBJ-010#1"),
		altered("the bare key has a sign", id, inKey(func(m *ct.Map) { m.Set(-3, yes) }), step4, "PST-OBJ-010#1"),
		{"the bare key is a stranger's", []string{"PST-DEC-007#6"}, func(t *cases.T, p *holdertest.Phone) { p.Key = t.World.Key("stranger") }},
		{"the bare key is the lock's own", []string{"PST-DEC-007#5"}, func(t *cases.T, p *holdertest.Phone) { p.Key = t.World.Key("lock") }},
		{"the bare key is the scheme's", []string{"PST-DEC-007#6"}, func(t *cases.T, p *holdertest.Phone) { p.Key = t.World.Key("scheme") }},
		{"another key signs than the bare key", []string{"PST-DEC-007#6"}, func(t *cases.T, p *holdertest.Phone) {
			set := credential.AppendClaimsSet(nil, t.World.Public("owner"))
			p.Key = t.World.Key("thief")
			p.Alter = holdertest.Alter{id: ct.Replace(ct.Map{{Key: ct.Uint(14), Value: set}}.Encode()), holdertest.CredI: ct.Replace(set)}
		}},
		altered("the claims set holds a further claim behind the key", id, inSet(func(m *ct.Map) { m.Set(9, ct.Uint(1)) }), step4),
	} {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-BARE-%03d", 10+i), Revision: 1, Title: "an owner's tap: " + f.what, Fault: f.what,
			Requirements: unique(append(f.rows, untold...)), Needs: keys, Setup: cases.Owned, Passes: []cases.Outcome{done}, Allowed: denied,
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				p := t.Phone("owner", nil)
				if faulty {
					f.spoil(t, p)
					follows(p)
				}
				return ends(t, t.Tap(p, status))
			},
		})
	}
	return append(all, cases.Case{
		ID: "LOCK-BARE-040", Revision: 1, Title: "a guest's grant to the lock's own key", Fault: "the key of the grant is the lock's own, and signs",
		Requirements: unique(append([]string{"PST-DEC-007#5"}, untold...)), Needs: keys, Setup: cases.Owned, Passes: cases.Opened, Allowed: denied,
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			p := guest(t, 0, func(c *credential.GrantClaims) {
				if faulty {
					c.Holder = t.World.Public("lock")
				}
			})
			if faulty {
				p.Key = t.World.Key("lock")
			}
			return ends(t, t.Tap(p, opens))
		},
	})
}

// follows has CRED_I be the claims set that ID_CRED_I holds, so that a lock which
// is blind for the fault finds nothing else wrong.
func follows(p *holdertest.Phone) {
	if p.Alter == nil || p.Alter[holdertest.IDCredI] == nil || p.Alter[holdertest.CredI] != nil {
		return
	}
	p.Alter[holdertest.CredI] = func(good []byte) []byte {
		m, err := ct.ParseMap(p.Values()[holdertest.IDCredI])
		if err != nil || m.Get(14) == nil || m.Get(14)[0]>>5 != ct.MajorMap {
			return good
		}
		return m.Get(14)
	}
}

// weak has the phone prove a key of small order, which needs no private key: R is
// the neutral point and S is 0.
func weak(p *holdertest.Phone, key []byte) {
	set := ct.OfMap(func(m *ct.Map) {
		m.Set(8, ct.OfMap(func(c *ct.Map) { c.Set(1, ct.OfMap(func(k *ct.Map) { k.Set(-2, key) })(c.Get(1))) })(m.Get(8)))
	})
	p.Alter = holdertest.Alter{
		holdertest.IDCredI:    ct.OfMap(func(m *ct.Map) { m.Set(14, set(m.Get(14))) }),
		holdertest.Signature3: ct.Replace(append(neutral[:32:32], make([]byte, 32)...)),
	}
	follows(p)
}

// strangers have a key come to the vacant lock that can be nobody's.
func strangers() []cases.Case {
	var all []cases.Case
	for i, f := range []spoilt{
		{"the lock's own", []string{"PST-DEC-007#5"}, func(t *cases.T, p *holdertest.Phone) { p.Key = t.World.Key("lock") }},
		{"the neutral point", []string{"PST-DEC-007#4", "PST-OBJ-010#4", "PST-OBJ-019#4"}, func(_ *cases.T, p *holdertest.Phone) { weak(p, point(1, 0, 0)) }},
		{"the neutral point in another encoding", []string{"PST-DEC-007#4", "PST-OBJ-010#3", "PST-OBJ-019#3"}, func(_ *cases.T, p *holdertest.Phone) { weak(p, point(0xEE, 0xFF, 0x7F)) }},
		{"the neutral point with the sign bit", []string{"PST-DEC-007#4", "PST-OBJ-010#3", "PST-OBJ-019#3"}, func(_ *cases.T, p *holdertest.Phone) { weak(p, point(1, 0, 0x80)) }},
	} {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-BARE-%03d", 50+i), Revision: 1, Title: "a key comes to the vacant lock that is " + f.what, Fault: "the bare key is " + f.what + ", with the right proof",
			Requirements: unique(append(f.rows, untold...)), Needs: keys, Passes: []cases.Outcome{done}, Allowed: denied,
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				p := t.Phone("owner", nil)
				if faulty {
					f.spoil(t, p)
				}
				return ends(t, commissions(t, p))
			},
		})
	}
	return all
}

// commissions has a key become the owner of the vacant lock, by the right proof.
func commissions(t *cases.T, p *holdertest.Phone) cases.Outcome {
	if o := t.Shake(p); o != cases.OK {
		return o
	}
	t.OK(p.Complete())
	proof, err := p.SetupProof(t.World.Setup[:])
	t.OK(err)
	a, err := p.Handshake2(t.Context(), holdertest.Request{Operation: credential.OperationConfigure, Proof: proof})
	t.OK(err)
	return t.Answered(a)
}

// owner256 is the phone of an owner whose key is on P-256.
func owner256(t *cases.T) *holdertest.Phone {
	p := t.Phone("owner", nil)
	p.Key = t.World.Key2("owner")
	return p
}

// owned256 is a lock of that owner.
func owned256(t *cases.T) {
	t.Expect("commissioning in suite 2", commissions(t, owner256(t)), done)
}

// policy256 has that owner hand over a policy of its own, altered.
func policy256(t *cases.T, alter func([]byte) []byte) cases.Outcome {
	o, err := issuer.NewOwner(t.World.Key2("owner"))
	t.OK(err)
	policy := t.Made(o.Policy(credential.PolicyClaims{Lock: t.World.Lock, Version: 1, IssuedAt: t.World.Now}))
	outcome, a := t.TapFor(owner256(t), holdertest.Request{Operation: credential.OperationStatus, Documents: [][]byte{signature(alter)(policy)}})
	if outcome != done {
		return outcome
	}
	t.Check(len(a.Documents) == 1, "one document is answered with %d reasons", len(a.Documents))
	return judged(a.Documents[0])
}

// owners256 are an owner's taps and objects in suite 2.
func owners256() []cases.Case {
	same := func(b []byte) []byte { return b }
	all := []cases.Case{{
		ID: "LOCK-BARE-060", Revision: 1, Title: "an owner with a key on P-256 commissions, opens and hands a policy over", When: suiteOf[2], Needs: keys, Setup: owned256,
		Requirements: []string{"PST-EDH-001", "PST-OBJ-010", "PST-OBJ-021", "PST-OBJ-024", "PST-DEC-007#6"},
		Run: func(t *cases.T) {
			t.Expect("the owner's tap", t.Tap(owner256(t), opens), cases.Opened...)
			t.Lock.Cycle()
			t.Expect("the policy", policy256(t, same), taken...)
		},
	}}
	for i, f := range []spoilt{
		altered("the bare key has the other sign", holdertest.IDCredI, func(b []byte) []byte { return ct.Flip(-1)(b) }, "PST-DEC-007#6", "PST-OBJ-010"),
		altered("the bare key has no sign", holdertest.IDCredI, ct.OfMap(func(m *ct.Map) {
			m.Set(14, ct.OfMap(func(s *ct.Map) {
				s.Set(8, ct.OfMap(func(c *ct.Map) { c.Set(1, ct.OfMap(func(k *ct.Map) { k.Delete(-3) })(c.Get(1))) })(s.Get(8)))
			})(m.Get(14)))
		}), "PST-DEC-007#4", "PST-OBJ-010#1"),
		{"the bare key is a stranger's", []string{"PST-DEC-007#6"}, func(t *cases.T, p *holdertest.Phone) { p.Key = t.World.Key2("stranger") }},
		{"the bare key is the lock's own", []string{"PST-DEC-007#5"}, func(t *cases.T, p *holdertest.Phone) { p.Key = t.World.Key2("lock") }},
	} {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-BARE-%03d", 61+i), Revision: 1, Title: "an owner's tap in suite 2: " + f.what, Fault: f.what, When: suiteOf[2],
			Requirements: unique(append(f.rows, untold...)), Needs: keys, Setup: owned256, Passes: []cases.Outcome{done}, Allowed: denied,
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				p := owner256(t)
				if faulty {
					f.spoil(t, p)
					follows(p)
				}
				return ends(t, t.Tap(p, status))
			},
		})
	}
	for i, f := range []struct {
		what  string
		alter func([]byte) []byte
	}{{"r is 0", half(0, new(big.Int))}, {"s is 0", half(32, new(big.Int))}, {"s is n", half(32, orderN)}, {"a bit is changed", ct.Flip(9)}} {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-BARE-%03d", 70+i), Revision: 1, Title: "a policy signed with P-256: " + f.what, Fault: f.what, When: suiteOf[2],
			Requirements: []string{"PST-OBJ-021", "PST-OBJ-024", "PST-DOC-006#4"}, Needs: keys, Setup: owned256, Passes: taken, Allowed: []cases.Outcome{judged(credential.ReasonSignature)},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				if faulty {
					return policy256(t, f.alter)
				}
				return policy256(t, same)
			},
		})
	}
	return all
}
