package lock

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/credential/holder/holdertest"
)

// What a tap comes to that opens nothing, and one whose bolt sticks.
var (
	doneWell = cases.Said(credential.OutcomeDone, credential.ReasonNone)
	stuck    = cases.Said(credential.OutcomeFailed, credential.ReasonDrive)
)

// withKeys are the verbs of a case with keys.
var withKeys = []shim.Verb{shim.VerbProvision}

// visit is a tap, and more than one, at a lock that has an owner.
type visit struct{ *cases.T }

// does is a request for an operation and nothing else.
func does(o credential.Operation) holdertest.Request { return holdertest.Request{Operation: o} }

// The requests that most taps are made of.
var (
	asksOpen    = does(credential.OperationOpen)
	asksStatus  = does(credential.OperationStatus)
	asksDeliver = does(credential.OperationDeliver)
	asksSlot    = holdertest.Request{Operation: credential.OperationOpen, Resumable: true}
)

// owner is the owner's phone.
func (v visit) owner() *holdertest.Phone { return v.Phone("owner", nil) }

// neighbour is the phone with the grant that the owner signed, altered.
func (v visit) neighbour(alter func(*credential.GrantClaims)) *holdertest.Phone {
	return v.Phone("neighbour", v.Made(v.World.Guest(alter)))
}

// guest is the phone of somebody else with a grant for the lock.
func (v visit) guest(name string) *holdertest.Phone {
	return v.Phone(name, v.Made(v.World.Guest(func(c *credential.GrantClaims) { c.Holder = v.World.Public(name) })))
}

// postman is the phone with the post's grant, altered.
func (v visit) postman(alter func(*credential.GrantClaims)) *holdertest.Phone {
	return v.Phone("postman", v.Made(v.World.Round(alter)))
}

// delivers is the postman's request with the post's certificate in its chain.
func (v visit) delivers() holdertest.Request {
	return holdertest.Request{Operation: credential.OperationDeliver, Chain: [][]byte{v.World.Post.Authority().Bytes()}}
}

// tap is a tap in a field of its own.
func (v visit) tap(p *holdertest.Phone, r holdertest.Request) (cases.Outcome, *holdertest.Answer) {
	v.Lock.Cycle()
	return v.TapFor(p, r)
}

// opens has the phone open in a field of its own, by a full exchange.
func (v visit) opens(what string, p *holdertest.Phone, r holdertest.Request) *holdertest.Answer {
	o, a := v.tap(p, r)
	v.Expect(what, o, cases.Opened...)
	return a
}

// finishes has the phone ask for something that opens nothing.
func (v visit) finishes(what string, p *holdertest.Phone, r holdertest.Request) *holdertest.Answer {
	o, a := v.tap(p, r)
	v.Expect(what, o, doneWell)
	return a
}

// delegates is the grant that the named holder hangs below another of his own.
func (v visit) delegates(from string, parent []byte, to string, alter func(*credential.GrantClaims)) []byte {
	above, err := credential.ParseGrant(parent)
	v.OK(err)
	c := credential.GrantClaims{
		Parent: above.Digest(), Holder: v.World.Public(to), IssuedAt: above.Claims.IssuedAt, Expires: above.Claims.Expires,
		Scope: []credential.Entry{{Target: credential.LockTarget(v.World.Lock), Actions: credential.ActionOpen}},
	}
	if alter != nil {
		alter(&c)
	}
	u, err := credential.NewGrant(c, v.World.Public(from))
	v.OK(err)
	return v.Made(u.WithSignature(ed25519.Sign(v.World.Key(from).(ed25519.PrivateKey), u.ToBeSigned())))
}

// transfer is the policy that gives the lock to the heir.
func (v visit) transfer(version uint32) []byte {
	return v.Made(v.World.Owner.Transfer(credential.PolicyClaims{
		Lock: v.World.Lock, Version: version, IssuedAt: v.World.Now - 10*world.Day,
	}, v.World.Public("heir")))
}

// handedOn is cases.Owned for a lock that will get another owner: nobody asks the
// first one what changed.
func handedOn(t *cases.T) {
	t.Commission()
	t.Hand(t.Made(t.World.Policy(1, nil)))
}

// gives has the owner hand the policy over that gives the lock to the heir.
func (v visit) gives(version uint32) {
	o, a := v.tap(v.owner(), holdertest.Request{Documents: [][]byte{v.transfer(version)}})
	v.Expect("the tap of the owner who gives the lock away", o, cases.Refused(credential.ReasonDenied))
	v.Check(len(a.Documents) == 1 && a.Documents[0] == credential.ReasonNone, "the lock does not take the transfer: %v", a.Documents)
}

// tagged is the tag of a grant.
func (v visit) tagged(grant []byte) credential.Tag {
	u, err := credential.ParseGrant(grant)
	v.OK(err)
	return u.Tag()
}

// page has the phone read a page of the log in clear.
func (v visit) page(p *holdertest.Phone, number uint8) credential.LogPage {
	a := v.finishes(fmt.Sprintf("reading page %d of the log", number), p, holdertest.Request{Operation: credential.OperationReadLog, Page: number})
	page, err := credential.ParseLogPage(a.Log)
	v.Check(err == nil, "page %d of the log does not read: %v", number, err)
	return page
}

// newest is the newest entry of the log, as the owner reads it.
func (v visit) newest() credential.LogEntry {
	entries := v.page(v.owner(), 0).Entries
	v.Check(len(entries) > 0, "the log is empty")
	return entries[len(entries)-1]
}

// rekeys has the owner agree a log key anew.
func (v visit) rekeys(p *holdertest.Phone) [32]byte {
	key, o := v.configures(p, nil)
	v.Expect("agreeing the log key anew", o, doneWell)
	return key
}

// configures sends operation configure in a field of its own, with the proof of
// the setup secret or without it, and returns the log key that it is about.
func (v visit) configures(p *holdertest.Phone, setup []byte) ([32]byte, cases.Outcome) {
	v.Lock.Cycle()
	return v.configure(p, func(r *holdertest.Request) {
		if setup != nil {
			r.Proof = v.Made(p.SetupProof(setup))
		}
	})
}

// configure sends operation configure in this field, altered once the keys of the
// transaction are there.
func (v visit) configure(p *holdertest.Phone, alter func(*holdertest.Request)) (key [32]byte, o cases.Outcome) {
	s, err := p.Select(v.Context())
	v.OK(err)
	if s.Lost != nil || s.Refused() {
		return key, v.Answered(&holdertest.Answer{Reply: s.Reply})
	}
	proof, err := p.Handshake1(v.Context())
	v.OK(err)
	if proof.Lost != nil || proof.Refused() {
		return key, v.Answered(&holdertest.Answer{Reply: proof.Reply})
	}
	v.Check(len(proof.Faults) == 0, "message_2 is against the standard: %v", proof.Faults)
	v.OK(p.Complete())
	key, err = p.LogKey()
	v.OK(err)
	r := does(credential.OperationConfigure)
	alter(&r)
	a, err := p.Handshake2(v.Context(), r)
	v.OK(err)
	return key, v.Answered(a)
}

// expands is EDHOC_KDF (section 6.7), by the standard library's HKDF.
func (v visit) expands(prk []byte, label uint64, context []byte, length int) []byte {
	info := credentialtest.Uint(label)
	info = append(info, credentialtest.Bytes(context)...)
	info = append(info, credentialtest.Uint(uint64(length))...)
	return v.Made(hkdf.Expand(sha256.New, prk, string(info), length))
}
