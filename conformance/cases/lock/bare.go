package lock

import (
	"fmt"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/credential"
	ct "github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/credential/holder/holdertest"
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
				if o := t.Shake(p); o != cases.OK {
					return o
				}
				t.OK(p.Complete())
				proof, err := p.SetupProof(t.World.Setup[:])
				t.OK(err)
				a, err := p.Handshake2(t.Context(), holdertest.Request{Operation: credential.OperationConfigure, Proof: proof})
				t.OK(err)
				return ends(t, t.Answered(a))
			},
		})
	}
	return all
}
