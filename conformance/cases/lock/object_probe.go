package lock

import (
	"crypto"
	"fmt"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/issuer"
)

// flaw is one fault of an object, whose signature is made after it, so that
// nothing else is wrong.
type flaw struct {
	what   string
	rows   []string          // requirements, with their rows
	reason credential.Reason // that section 4.5 gives
	before func(*credentialtest.Object)
	after  func([]byte) []byte // where the fault is in the signature or around it
}

// probe is a kind of object that is handed to the lock in a good tap.
type probe struct {
	area, kind string
	number     uint64 // typ
	told       bool   // the lock names the reason
	requires   []string
	// made returns a good object and the key that signs it.
	made func(t *cases.T) ([]byte, crypto.Signer)
	// tap brings it.
	tap func(t *cases.T, object []byte) cases.Outcome
	// passes is what the tap comes to with the good one.
	passes []cases.Outcome
}

// taken is what becomes of a good document.
var taken = []cases.Outcome{judged(credential.ReasonNone)}

// probes are the kinds of objects that a lock reads.
func probes() []probe {
	return []probe{{
		area: "POLICY", kind: "policy", number: 65004, told: true, requires: []string{"PST-DOC-006#4", "PST-ERR-006"}, passes: taken,
		made: func(t *cases.T) ([]byte, crypto.Signer) { return t.Made(t.World.Policy(2, nil)), t.World.Key("owner") },
		tap:  func(t *cases.T, object []byte) cases.Outcome { return handed(t, object) },
	}, {
		area: "GRANT", kind: "grant", number: 65003, requires: []string{"PST-DEC-007#4", "PST-DEC-008", "PST-ERR-001"}, passes: cases.Opened,
		made: func(t *cases.T) ([]byte, crypto.Signer) { return t.Made(t.World.Guest(nil)), t.World.Key("owner") },
		tap: func(t *cases.T, object []byte) cases.Outcome {
			return ends(t, t.Tap(t.Phone("neighbour", object), opens))
		},
	}, {
		area: "AUTHORITY", kind: "authority certificate", number: 65001, requires: []string{"PST-DEC-007#11", "PST-DEC-008", "PST-ERR-001", "PST-OBJ-033#1"}, passes: cases.Opened,
		made: func(t *cases.T) ([]byte, crypto.Signer) { return post(t), t.World.Key("scheme") },
		tap: func(t *cases.T, object []byte) cases.Outcome {
			return ends(t, t.Tap(postman(t, nil), bringing(delivers, object)))
		},
	}, {
		area: "LIST", kind: "revocation list", number: 65005, told: true, requires: []string{"PST-DOC-006#4", "PST-ERR-006"}, passes: taken,
		made: func(t *cases.T) ([]byte, crypto.Signer) {
			r, err := issuer.NewRevoker(t.World.Key("post"), t.World.Post.Authority())
			t.OK(err)
			return t.Made(r.Revoke(credential.RevocationClaims{
				IssuedAt: t.World.Now, Version: 1, Denied: []credential.Denial{{Tag: credential.Tag{1}, Expires: t.World.Now + world.Day}},
			})), t.World.Key("post")
		},
		tap: func(t *cases.T, object []byte) cases.Outcome { return handed(t, object, post(t)) },
	}, {
		area: "TOKEN", kind: "time token", number: 65006, told: true, requires: []string{"PST-DOC-006#4", "PST-ERR-006"}, passes: taken,
		made: func(t *cases.T) ([]byte, crypto.Signer) {
			s, err := issuer.NewTimeSource(t.World.Key("post"), t.World.Post.Authority())
			t.OK(err)
			return t.Made(s.State(t.World.Now+60, 60)), t.World.Key("post")
		},
		tap: func(t *cases.T, object []byte) cases.Outcome { return handed(t, object, post(t)) },
	}}
}

// flawed makes a case of each flaw for the kind of object.
func (p probe) flawed(first int, flaws []flaw) []cases.Case {
	var all []cases.Case
	for i, f := range flaws {
		allowed := denied
		requires := append(append([]string{"PST-OBJ-008"}, f.rows...), p.requires...)
		if p.told {
			allowed = []cases.Outcome{judged(f.reason)}
		}
		all = append(all, cases.Case{
			ID: fmt.Sprintf("LOCK-OBJ%s-%03d", p.area, first+i), Revision: 1, Title: "a " + p.kind + ": " + f.what, Fault: f.what,
			Requirements: unique(requires), Needs: keys, Setup: cases.Owned, Passes: p.passes, Allowed: allowed,
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				object, key := p.made(t)
				if faulty {
					object = f.put(t, object, key)
				}
				return p.tap(t, object)
			},
		})
	}
	return all
}

// put puts the flaw into a good object.
func (f flaw) put(t *cases.T, object []byte, key crypto.Signer) []byte {
	o, err := credentialtest.ParseObject(object)
	t.OK(err)
	if f.before != nil {
		f.before(o)
		o.Sign(key)
	}
	b := o.Encode()
	if f.after != nil {
		b = f.after(b)
	}
	return b
}

// unique drops what stands twice, and the whole requirement where a row of it
// stands beside it.
func unique(ids []string) []string {
	var out []string
	for _, id := range ids {
		twice := false
		for _, other := range out {
			twice = twice || other == id
		}
		if !twice {
			out = append(out, id)
		}
	}
	return out
}
