package lock

import (
	"slices"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	ct "github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/credential/holder/holdertest"
	"github.com/postern-lock/postern/issuer"
)

// steps are the cases of single steps of section 7.5 that are not about bytes: who
// is asked for, what stays, and what comes first.
func steps() []cases.Case {
	return slices.Concat(climbs(), links(), handedOver(), anchored(), doors(), uncharged(), unconfigured(), documentSigners(), moments(), policies(), furthest())
}

// below is a chain of two: the root's grant, which the carrier signed and which lets
// its holder delegate, and the leaf of the holder's son.
func below(t *cases.T) (p *holdertest.Phone, root []byte) {
	root = t.Made(carrier(t, 0).Grant(credential.GrantClaims{
		Holder: t.World.Public("neighbour"), IssuedAt: t.World.Now, Expires: t.World.Now + 3600,
		Scope: []credential.Entry{{Target: credential.AreaTarget(t.World.Area), Actions: credential.ActionDeliver, Delegation: 1}},
	}))
	leaf := visit{t}.delegates("neighbour", root, "son", func(c *credential.GrantClaims) {
		c.Scope = []credential.Entry{{Target: credential.AreaTarget(t.World.Area), Actions: credential.ActionDeliver}}
	})
	return t.Phone("son", leaf), root
}

// climbs are the ways up a chain of which not all is there.
func climbs() []cases.Case {
	lacks := func(t *cases.T, what string, p *holdertest.Phone, r holdertest.Request, key string) {
		var a *holdertest.Answer
		var o cases.Outcome
		if p.Channel == nil {
			o, a = t.TapFor(p, r)
		} else {
			var err error
			a, err = p.Request(t.Context(), r)
			t.OK(err)
			o = t.Answered(a)
		}
		t.Expect(what, o, cases.Missing)
		want := credential.KeyIDOf(t.World.Public(key))
		t.Check(a.Missing[0] == want, "%s: the lock asks for %x, where %x is right, the key id of the %s", what, a.Missing[0], want, key)
	}
	return []cases.Case{{
		ID: "LOCK-STEP-001", Revision: 1, Title: "the lock asks for the signer of the topmost link that it knows", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-DEC-007#10", "PST-DLG-005#1", "PST-REQ-004#2"},
		Run: func(t *cases.T) {
			p, root := below(t)
			lacks(t, "the leaf alone", p, delivers, "neighbour")
			lacks(t, "with the root's grant", p, bringing(delivers, root), "carrier")
			t.Expect("with all of the chain", t.Ask(p, bringing(delivers, root, carrier(t, 0).Authority().Bytes())), cases.Opened...)
			t.Lock.Cycle()
			root = t.Made(t.World.Guest(func(c *credential.GrantClaims) { c.Scope[0].Delegation = 2 }))
			middle := visit{t}.delegates("neighbour", root, "son", func(c *credential.GrantClaims) { c.Scope[0].Delegation = 1 })
			p = t.Phone("friend", visit{t}.delegates("son", middle, "friend", nil))
			lacks(t, "three links without the root's grant", p, bringing(opens, middle), "neighbour")
		},
	}, {
		ID: "LOCK-STEP-002", Revision: 1, Title: "a parent that an earlier request brought is not kept", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-DEC-007#10", "PST-DLG-005#1", "PST-REQ-004#2"},
		Run: func(t *cases.T) {
			p, root := below(t)
			lacks(t, "with the root's grant", p, bringing(delivers, root), "carrier")
			lacks(t, "with the certificate alone", p, bringing(delivers, carrier(t, 0).Authority().Bytes()), "neighbour")
		},
	}}
}

// links are faults of the signature of a link below the root.
func links() []cases.Case {
	var all []cases.Case
	for i, f := range []struct {
		what  string
		alter func(t *cases.T, o *ct.Object)
	}{
		{"the signature of the leaf has a bit changed", func(_ *cases.T, o *ct.Object) { o.Signature = ct.Flip(5)(o.Signature) }},
		{"a stranger signed the leaf, with the kid of the parent's holder", func(t *cases.T, o *ct.Object) { o.Sign(t.World.Key("thief")) }},
		{"a stranger signed the leaf, with a kid of its own", func(t *cases.T, o *ct.Object) { byKey(t, "thief")(o) }},
		{"the operator who signed the parent signed the leaf", func(t *cases.T, o *ct.Object) { byKey(t, "carrier")(o) }},
	} {
		all = append(all, cases.Case{
			ID: caseID("STEP", 10+i), Revision: 1, Title: "a chain of two links: " + f.what, Fault: f.what, Needs: keys, Setup: cases.Owned,
			Requirements: []string{"PST-DEC-007#11", "PST-DLG-005#3", "PST-DEC-008", "PST-DEC-035", "PST-OBJ-013"},
			Passes:       cases.Opened, Allowed: denied,
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				p, root := below(t)
				if faulty {
					p.Grant = ct.OfObject(func(o *ct.Object) { f.alter(t, o) })(p.Grant)
				}
				return ends(t, t.Tap(p, bringing(delivers, root, carrier(t, 0).Authority().Bytes())))
			},
		})
	}
	return all
}

// handedOver are documents of visitors who are refused, which stay.
func handedOver() []cases.Case {
	stays := func(t *cases.T, outcome cases.Outcome, p *holdertest.Phone, r holdertest.Request) {
		r.Documents = [][]byte{ct.OfObject(func(o *ct.Object) { o.Signature = ct.Flip(5)(o.Signature) })(t.Made(t.World.Policy(2, nil))), t.Made(t.World.Policy(3, nil))}
		o, a := t.TapFor(p, r)
		t.Expect("the visitor's tap", o, outcome)
		t.Check(slices.Equal(a.Documents, []credential.Reason{credential.ReasonSignature, credential.ReasonNone}),
			"two documents, of which the first has a wrong signature, come to %v, where [signature none] is right", a.Documents)
		t.Lock.Cycle()
		o, a = t.TapFor(t.Phone("owner", nil), status)
		t.Expect("the owner's tap", o, done)
		t.Check(a.State.PolicyVersion == 3, "the policy version is %d, where 3 is right, that of the second document", a.State.PolicyVersion)
	}
	cites := []string{"PST-DEC-007#13", "PST-DOC-001#2", "PST-DOC-001#4", "PST-DOC-006#1", "PST-DOC-006#4", "PST-REQ-004#10", "PST-ERR-006"}
	return []cases.Case{{
		ID: "LOCK-STEP-020", Revision: 1, Title: "documents of a guest who may not do what he asks for", Needs: keys, Setup: cases.Owned, Requirements: cites,
		Run: func(t *cases.T) { stays(t, cases.Refused(credential.ReasonAction), neighbour(t, 0), delivers) },
	}, {
		ID: "LOCK-STEP-021", Revision: 1, Title: "documents of a visitor whose grant is not good under its certificate", Needs: keys, Setup: cases.Owned, Requirements: cites,
		Run: func(t *cases.T) {
			long := regranted(t, func(o *ct.Object) {
				o.Claims(func(m *ct.Map) { m.Set(4, ct.Uint(uint64(t.World.Now+84*3600+1))) })
				o.Sign(t.World.Key("post"))
			})
			stays(t, cases.Refused(credential.ReasonGrantTooLong), long, bringing(delivers, post(t)))
		},
	}, {
		ID: "LOCK-STEP-022", Revision: 1, Title: "the state is what stands in lasting memory when the lock answers", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-REQ-004#5"},
		Run: func(t *cases.T) {
			at := t.World.Now - world.Day
			r := status
			r.Documents = [][]byte{t.Made(t.World.Policy(77, func(c *credential.PolicyClaims) { c.IssuedAt = at }))}
			o, a := t.TapFor(neighbour(t, 0), r)
			t.Expect("a guest's status with a policy", o, done)
			t.Check(a.State.PolicyVersion == 77 && a.State.Floor == at, "the state has policy version %d and floor %d, where 77 and %d are right", a.State.PolicyVersion, a.State.Floor, at)
			if t.Lock.Has(shim.VerbState) {
				k := t.Lock.Kept()
				t.Check(k.Policy == 77 && k.Floor == uint64(at), "lasting memory has policy version %d and floor %d, where the answer said 77 and %d", k.Policy, k.Floor, at)
			}
		},
	}}
}

// club is the certificate of the post's key by a root that no scheme has.
func club(t *cases.T) []byte {
	s, err := issuer.NewScheme(t.World.Key("club"))
	t.OK(err)
	return t.Made(s.Certify(t.World.PostClaims()))
}

// anchored are operators under a root that the owner's policy names.
func anchored() []cases.Case {
	anchors := func(t *cases.T, version uint32, keep bool) []byte {
		return t.Made(t.World.Policy(version, func(c *credential.PolicyClaims) {
			if keep {
				c.Anchors = []credential.PublicKey{t.World.Public("club")}
			}
		}))
	}
	return []cases.Case{{
		ID: "LOCK-STEP-030", Revision: 1, Title: "the operator's staff bring the policy that no longer names its anchor", Fault: "the policy that comes with the request does not name the anchor",
		Requirements: []string{"PST-DEC-007#14", "PST-DOC-001#3", "PST-DOC-001#4"}, Needs: keys,
		Setup: func(t *cases.T) {
			cases.Owned(t)
			t.Hand(anchors(t, 2, true))
		},
		Passes: cases.Opened, Allowed: []cases.Outcome{cases.Refused(credential.ReasonDenied)},
		Changes: []string{cases.SeesPolicy, cases.SeesMemory, cases.SeesFloor, ownerSees},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			version := admitting(t)
			t.Lock.Cycle()
			if !faulty && version > 3 { // after the fault: the anchor comes back first
				t.Hand(anchors(t, version, true))
				version++
				t.Lock.Cycle()
			}
			r := bringing(delivers, club(t))
			r.Documents = [][]byte{anchors(t, version, !faulty)}
			return t.Tap(postman(t, nil), r)
		},
	}, {
		ID: "LOCK-STEP-031", Revision: 1, Title: "a certificate that was verified under an anchor that is one no more", Fault: "the anchor that signed the certificate is named no more",
		Requirements: []string{"PST-MEM-006", "PST-OBJ-033#2", "PST-DEC-007#11", "PST-DEC-008"}, Needs: keys,
		Setup: func(t *cases.T) {
			cases.Owned(t)
			t.Hand(anchors(t, 2, true))
			holds(t, club(t))
			t.Hand(anchors(t, 3, false))
		},
		Passes: cases.Opened, Allowed: denied,
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			if faulty {
				return ends(t, t.Tap(postman(t, nil), bringing(delivers, club(t))))
			}
			return t.Tap(postman(t, nil), bringing(delivers, post(t)))
		},
	}}
}
