package lock

import (
	"bytes"
	"time"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder/holdertest"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/spec"
)

// keys is what a case needs in which somebody proves a key.
var keys = []shim.Verb{shim.VerbProvision}

// The requests of most cases.
var (
	opens    = holdertest.Request{Operation: credential.OperationOpen}
	delivers = holdertest.Request{Operation: credential.OperationDeliver}
	status   = holdertest.Request{Operation: credential.OperationStatus}
)

// done is what a request for the state comes to.
var done = cases.Said(credential.OutcomeDone, credential.ReasonNone)

// denied is a refusal that tells nothing.
var denied = []cases.Outcome{cases.Denied}

// suiteOf says for which products a case in a cipher suite is.
var suiteOf = map[int]spec.Profile{0: "", 2: "capability(suite-2)"}

// neighbour is the phone of the guest with a key of the suite and the owner's
// grant to it.
func neighbour(t *cases.T, suite int) *holdertest.Phone {
	return guest(t, suite, nil)
}

// guest is neighbour with other claims in the grant.
func guest(t *cases.T, suite int, alter func(*credential.GrantClaims)) *holdertest.Phone {
	p := t.Phone("neighbour", t.Made(t.World.Guest(func(c *credential.GrantClaims) {
		if suite == 2 {
			c.Holder = t.World.Public2("neighbour")
		}
		if alter != nil {
			alter(c)
		}
	})))
	if suite == 2 {
		p.Key = t.World.Key2("neighbour")
	}
	return p
}

// postman is the phone of the post's staff with the post's grant.
func postman(t *cases.T, alter func(*credential.GrantClaims)) *holdertest.Phone {
	return t.Phone("postman", t.Made(t.World.Round(alter)))
}

// post is the post's certificate, which the lock of a case does not know yet.
func post(t *cases.T) []byte { return bytes.Clone(t.World.Post.Authority().Bytes()) }

// with returns a request that brings a chain.
func bringing(r holdertest.Request, chain ...[]byte) holdertest.Request {
	r.Chain = chain
	return r
}

// certified is a certificate of the scheme for the post's key, with claims that
// are altered.
func certified(t *cases.T, alter func(*credential.AuthorityClaims)) []byte {
	c := t.World.PostClaims()
	alter(&c)
	a, err := t.World.Certify(c)
	t.OK(err)
	return a.Bytes()
}

// carrier is a parcel service whose key is of the suite, with a certificate of its
// own for a service that the owner's first policy does not admit, but for the post.
func carrier(t *cases.T, suite int) *issuer.Operator {
	c := credential.AuthorityClaims{
		Key: t.World.Public("carrier"), IssuedAt: t.World.Now - 10*world.Day, Expires: t.World.Now + 80*world.Day,
		Services: []credential.Service{credential.ServicePost}, Rights: credential.RightIssue, LongestGrant: 84 * time.Hour,
	}
	key := t.World.Key("carrier")
	if suite == 2 {
		c.Key, key = t.World.Public2("carrier"), t.World.Key2("carrier")
	}
	a, err := t.World.Certify(c)
	t.OK(err)
	o, err := issuer.NewOperator(key, a)
	t.OK(err)
	return o
}

// ends lets the outcome through, and checks where the lock refused by a status
// word that it has forgotten the transaction.
func ends(t *cases.T, o cases.Outcome) cases.Outcome {
	if o == cases.Denied {
		tap{t}.ended()
	}
	return o
}

// handed has the owner hand one document over, and returns what became of it.
func handed(t *cases.T, document []byte, chain ...[]byte) cases.Outcome {
	o, a := t.TapFor(t.Phone("owner", nil), holdertest.Request{Operation: credential.OperationStatus, Documents: [][]byte{document}, Chain: chain})
	switch {
	case o != done && a != nil && len(a.Documents) == 1:
		return o + ", " + judged(a.Documents[0])
	case o != done:
		return o
	}
	t.Check(len(a.Documents) == 1, "one document is answered with %d reasons", len(a.Documents))
	return judged(a.Documents[0])
}

// judged is what became of a document, as an outcome.
func judged(r credential.Reason) cases.Outcome { return cases.Outcome("document: " + r.String()) }
