package app

import (
	"bytes"
	"crypto"
	"slices"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/lock/locktest"
)

// passing are the verbs of a case of chapter 27.
var passing = []shim.Verb{shim.VerbAsk, shim.VerbTake}

// passes are the cases of chapter 27, for apps that ask for rights and take passes.
func passes() []cases.Case {
	all := slices.Concat(requests(), taking(), passForms(), passObjects(), passChains(), passCounts(), passesOfOthers(), strangers(), badLinks())
	for i := range all {
		all[i].Needs = passing
	}
	return all
}

// pass is a pass laid open, in which anything can stand.
type pass struct{ chain, authorities, documents [][]byte }

// fields returns its map.
func (p *pass) fields() credentialtest.Map {
	var m credentialtest.Map
	for i, list := range [][][]byte{p.chain, p.authorities, p.documents} {
		if len(list) > 0 {
			m.Set(int64(i+1), credentialtest.Array(list...))
		}
	}
	return m
}

// bytes returns it as it is sent.
func (p *pass) bytes() []byte { return p.fields().Encode() }

// asked is the key for which the app asks for a right.
func asked(t *cases.T) (key credential.PublicKey) {
	t.SetUp(func() { key = t.App.Request() })
	return key
}

// root is the owner's grant to the key, to be passed on so often, altered.  It is
// another one than the grant with which an app is installed, also for its key.
func root(t *cases.T, to credential.PublicKey, links uint8, alter func(*credential.GrantClaims)) []byte {
	return t.Made(t.World.Guest(func(c *credential.GrantClaims) {
		c.Holder, c.Scope[0].Delegation = to, links
		c.Expires += world.Day
		if alter != nil {
			alter(c)
		}
	}))
}

// below has the last holder of the chain, who has the name, pass it on to the key.
func below(t *cases.T, name string, chain [][]byte, to credential.PublicKey, links uint8) []byte {
	key, err := holder.NewKey(t.World.Key(name))
	t.OK(err)
	return t.Made(holder.Delegate(key, chain, credential.GrantClaims{
		Holder: to, IssuedAt: t.World.Now + 10, Expires: t.World.Now + 20*world.Day,
		Scope: []credential.Entry{{Target: credential.LockTarget(t.World.Lock), Actions: credential.ActionOpen, Delegation: links}},
	}))
}

// chainOf is a chain of 1 to 3 grants, the last of which is for the key.
func chainOf(t *cases.T, n int, to credential.PublicKey) [][]byte {
	holders := []string{"deputy", "helper"}
	var chain [][]byte
	for i := range n {
		next, left := to, uint8(n-1-i)
		if i < n-1 {
			next = t.World.Public(holders[i])
		}
		if i == 0 {
			chain = append(chain, root(t, next, left, nil))
		} else {
			chain = append(chain, below(t, holders[i-1], chain, next, left))
		}
	}
	return chain
}

// usual is the pass of most cases: a chain of two for the key, the post's certificate
// and a policy.
func usual(t *cases.T, to credential.PublicKey) *pass {
	return &pass{chain: chainOf(t, 2, to), authorities: [][]byte{t.World.Post.Authority().Bytes()}, documents: [][]byte{policy(t, 2)}}
}

// policy is the owner's of the version.
func policy(t *cases.T, version uint32) []byte { return t.Made(t.World.Policy(version, nil)) }

// opensBy fails the case unless a tap for the operation opens by the pass: the phone
// shows the last grant, sends those above it and the root's certificate where the lock
// misses them, and hands the documents over.
func opensBy(t *cases.T, operation credential.Operation, p *pass) {
	last, parents := p.chain[len(p.chain)-1], p.chain[:len(p.chain)-1]
	t.Expect("the tap after it", t.App.Tap(shim.Tap{Operation: int(operation)}, func(d *cases.Door) {
		takes(credential.ReasonNone)(d)
		next := d.Respond
		d.Respond = func(r locktest.Request) locktest.Response {
			if lacks := lacking(t, p, r); len(lacks) > 0 && len(d.Requests()) == 1 {
				return locktest.Response{Missing: lacks}
			}
			return next(r)
		}
	}), opened...)
	t.Check(shows(t, last), "the phone does not show the last grant of the pass")
	t.Check(sent(t, parents, func(r locktest.Request) [][]byte { return r.Chain }), "no request has the %d grants above the last one in its chain", len(parents))
	var handed [][]byte
	for _, r := range t.App.Door.Requests() {
		handed = append(handed, r.Documents...)
	}
	for i, d := range p.documents {
		t.Check(holds(handed, d), "document %d of the pass is not handed over", i+1)
	}
}

// lacking are the key ids of those whose certificate or grant the lock misses in a
// request by the pass: that of the root's signer, where the pass has his certificate,
// and that of whom the root is for.
func lacking(t *cases.T, p *pass, r locktest.Request) (ids []credential.KeyID) {
	first, err := credential.ParseGrant(p.chain[0])
	t.OK(err)
	for _, c := range p.authorities {
		if u, err := credential.ParseAuthority(c); err == nil && credential.KeyIDOf(u.Claims.Key) == first.Signer() && !holds(r.Chain, c) {
			ids = append(ids, first.Signer())
		}
	}
	if len(p.chain) > 1 && !holds(r.Chain, p.chain[0]) {
		ids = append(ids, credential.KeyIDOf(first.Claims.Holder))
	}
	return ids
}

// shows reports whether the phone showed the grant as its credential.
func shows(t *cases.T, grant []byte) bool {
	return slices.ContainsFunc(t.App.Door.Steps, func(s *locktest.Step) bool {
		return s.Command.INS == handshake2 && bytes.Equal(s.IDCred, append([]byte{0xA1, 0x0D}, grant...))
	})
}

// sent reports whether one request has all the objects in a list.
func sent(t *cases.T, objects [][]byte, list func(locktest.Request) [][]byte) bool {
	return slices.ContainsFunc(t.App.Door.Requests(), func(r locktest.Request) bool {
		return !slices.ContainsFunc(objects, func(o []byte) bool { return !holds(list(r), o) })
	})
}

// opensAsBefore fails the case unless a tap opens by the app's own grant, with nothing
// of a pass that it has refused.
func opensAsBefore(t *cases.T) {
	t.Expect("the tap after it", t.App.Open(takes(credential.ReasonNone)), opened...)
	t.Check(shows(t, t.Made(t.World.Guest(nil))), "the phone does not show the grant that it had before the pass that it refused")
	for _, r := range t.App.Door.Requests() {
		t.Check(len(r.Chain) == 0, "a request has %d objects in its chain, where the pass that has some was refused", len(r.Chain))
		t.Check(len(r.Documents) == 0, "a request hands over %d documents, where the pass that has some was refused", len(r.Documents))
	}
}

// offer hands the app a pass in whatever form, and taps: by the pass where it was
// taken, and as before where it was not.  With the fault a pass that is taken is
// fault enough.
func offer(t *cases.T, faulty bool, p *pass, hand func() cases.Outcome) cases.Outcome {
	o := hand()
	switch {
	case o != cases.Taken:
		opensAsBefore(t)
	case !faulty:
		opensBy(t, credential.OperationOpen, p)
	}
	return o
}

// signedBy puts the key's id into the header of an object, and signs it anew.
func signedBy(t *cases.T, b []byte, key crypto.Signer, id credential.KeyID) []byte {
	return resigned(t, b, key, func(o *credentialtest.Object) {
		o.Header(func(m *credentialtest.Map) { m.Set(4, credentialtest.Bytes(id[:])) })
	})
}
