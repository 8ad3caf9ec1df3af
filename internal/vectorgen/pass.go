package main

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// passBuilder makes area pass.
type passBuilder struct {
	*builder[vectors.PassParams, vectors.PassTest, *vectors.PassTest]
	had map[string]bool // what is the same with the keys of either suite
}

// spoilt adds an invalid test that is not there yet.
func (b passBuilder) spoilt(twin int, reason int64, comment string, test vectors.PassTest, flag string) {
	if id := test.Link + string(test.Data); !b.had[id] {
		b.had[id] = true
		b.invalid(twin, reason, comment, test, flag)
	}
}

var passNotes = map[string]vectors.Note{
	"pass":      note("interoperability", "Another maker's pass is not read.", "PST-PASS-004"),
	"structure": note("confusion", "A pass of another form is read, and by another receiver otherwise.", "PST-PASS-004", "PST-PASS-005"),
	"encoding":  note("malleability", "One pass has two forms.", "PST-PASS-004", "PST-PASS-005"),
	"bound":     note("exhaustion", "A pass takes more room than it may.", "PST-PASS-004", "PST-PASS-005"),
	"kind":      note("confusion", "An object is taken for one of another kind.", "PST-PASS-004", "PST-PASS-005"),
	"twice":     note("malleability", "One pass has two forms, of which one says things twice.", "PST-PASS-004"),
	"chain":     note("policy", "A right is shown to a user that no lock will give.", "PST-PASS-004", "PST-PASS-005"),
	"link":      note("interoperability", "Another maker's link is not read.", "PST-PASS-001", "PST-PASS-009"),
	"spelling":  note("malleability", "One pass has two links.", "PST-PASS-009"),
}

func passArea() (output, error) {
	b := passBuilder{begin[vectors.PassParams, vectors.PassTest]("pass", passNotes), map[string]bool{}}
	for _, s := range []int{wire.SuiteX25519Ed25519, wire.SuiteP256Es256} {
		w := newPassWorld(s)
		b.passes(w)
		b.links(w)
	}
	return b.end()
}

// passWorld is what goes into the passes of one cipher suite.
type passWorld struct {
	*exchangeWorld
	chain       [][]byte // of three, the root's first
	other       []byte   // another grant of the owner's
	authorities [][]byte
	documents   [][]byte // one of each kind
}

func newPassWorld(cipherSuite int) *passWorld {
	w := &passWorld{exchangeWorld: newExchangeWorld(cipherSuite)}
	guest, son, friend := identityOf(cipherSuite, "guest"), identityOf(cipherSuite, "son"), identityOf(cipherSuite, "friend")
	w.chain = [][]byte{w.link(w.owner, guest, nil, 2)}
	w.chain = append(w.chain, w.link(guest, son, w.chain[0], 1))
	w.chain = append(w.chain, w.link(son, friend, w.chain[1], 0))
	w.other = w.link(w.owner, son, nil, 0)
	w.authorities = [][]byte{w.makerOf(w.scheme, w.post, credential.RightIssue|credential.RightTime|credential.RightRevoke), w.makerCert}
	w.documents = [][]byte{
		w.policy(7),
		w.post.signed(credential.NewRevocationList(credential.RevocationClaims{IssuedAt: noon, Version: 3}, w.post.public())),
		w.post.signed(credential.NewTimeToken(credential.TimeClaims{Time: noon, Offset: 60}, w.post.public())),
	}
	return w
}

// link has somebody grant to somebody else, below a grant where there is one.
func (w *passWorld) link(from, to identity, parent []byte, further uint8) []byte {
	c := credential.GrantClaims{
		Holder: to.public(), IssuedAt: noon, Expires: noon + day,
		Scope: []credential.Entry{{Target: credential.LockTarget(credential.LockID(w.lockID)), Actions: credential.ActionOpen, Delegation: further}},
	}
	if parent != nil {
		c.Parent = must(credential.ParseGrant(parent)).Digest()
	}
	return from.signed(credential.NewGrant(c, from.public()))
}

// policy is one of the owner's, with so many versions to tell it from others.
func (w *passWorld) policy(version uint32) []byte {
	c := credential.PolicyClaims{Lock: credential.LockID(w.lockID), Version: version, IssuedAt: noon, Owner: w.owner.public()}
	for i := range 16 {
		c.Denied = append(c.Denied, credential.Tag{byte(i)})
	}
	for i := range 4 {
		c.CoOwners = append(c.CoOwners, identityOf(w.suite, fmt.Sprintf("co-owner %d", i)).public())
	}
	c.Anchors = []credential.PublicKey{w.scheme.public(), w.otherScheme.public()}
	return w.owner.signed(credential.NewPolicy(c, w.owner.public()))
}

// objectsItem is a list of objects.
func objectsItem(objects ...[]byte) item {
	return arrayItem(repeat(len(objects), func(i int) item { return rawItem(objects[i]...) })...)
}

// passOf is a pass with the fields that have objects.
func passOf(chain, authorities, documents [][]byte) item {
	var pairs []item
	for i, objects := range [][][]byte{chain, authorities, documents} {
		if len(objects) > 0 {
			pairs = append(pairs, uintItem(uint64(i+1)), objectsItem(objects...))
		}
	}
	return mapItem(pairs...)
}

// passes adds good passes and those with one fault.
func (b passBuilder) passes(w *passWorld) {
	b.group(fmt.Sprintf("passes, suite %d", w.suite), vectors.PassParams{Kind: "pass"})
	good := func(comment string, chain, authorities, documents [][]byte) int {
		return b.valid(comment, vectors.PassTest{
			Data: passOf(chain, authorities, documents).data, Chain: hexes(chain), Authorities: hexes(authorities), Documents: hexes(documents),
		}, "pass")
	}
	one := w.chain[:1]
	twin := good("a grant alone", one, nil, nil)
	good("a chain of two", w.chain[:2], nil, nil)
	good("a chain of three, two certificates and a document of each kind", w.chain, w.authorities, w.documents)
	good("a grant and a certificate", one, w.authorities[:1], nil)
	good("a grant and a policy", one, nil, w.documents[:1])
	good("an operator's grant", [][]byte{w.grant}, w.authorities[:1], w.documents[1:])

	const malformed, limit, objectType = wire.ReasonMalformed, wire.ReasonLimit, wire.ReasonObjectType
	bad := func(reason int64, comment string, pass item, flag string) {
		b.spoilt(twin, reason, comment, vectors.PassTest{Data: pass.data}, flag)
	}
	b.badLists(w, bad)
	chain, chainItem := uintItem(wire.PassChain), objectsItem(one...)
	bad(malformed, "no field", mapItem(), "structure")
	bad(malformed, "no chain", passOf(nil, w.authorities[:1], nil), "structure")
	bad(malformed, "an array", arrayItem(chainItem), "structure")
	bad(malformed, "a field 0", mapItem(uintItem(0), chainItem, chain, chainItem), "structure")
	bad(malformed, "a field 4", mapItem(chain, chainItem, uintItem(4), chainItem), "structure")
	bad(malformed, "a field -1", mapItem(chain, chainItem, nintItem(0), chainItem), "structure")
	bad(malformed, "the chain twice", mapItem(chain, chainItem, chain, chainItem), "encoding")
	bad(malformed, "documents before the chain", mapItem(uintItem(wire.PassDocuments), objectsItem(w.documents[0]), chain, chainItem), "encoding")
	bad(malformed, "a field with a long head", mapItem(rawItem(0x18, 1), chainItem), "encoding")
	whole := passOf(one, nil, nil).data
	for _, n := range []int{0, 1, 2, 3, 80, len(whole) - 1} {
		bad(malformed, fmt.Sprintf("cut off after %d bytes", n), rawItem(whole[:n]...), "encoding")
	}
	bad(malformed, "a byte behind it", rawItem(append(slices.Clone(whole), 0)...), "encoding")
	long := passOf(one, nil, [][]byte{w.policy(1), w.policy(2), w.policy(3), w.policy(4)})
	if len(long.data) <= wire.LimitPassBytes {
		b.fault("a pass of %d bytes is not too long", len(long.data))
	}
	bad(limit, "longer than a pass may be", long, "bound")
	bad(objectType, "a list as a grant", passOf(w.documents[1:2], nil, nil), "kind")
	bad(objectType, "a lock certificate as an authority's", passOf(one, [][]byte{w.lockCert}, nil), "kind")
	bad(objectType, "a grant as a document", passOf(one, nil, one), "kind")
	bad(objectType, "a certificate as a document", passOf(one, nil, w.authorities[:1]), "kind")
}

// badLists adds passes in which a list is not one.
func (b passBuilder) badLists(w *passWorld, bad func(reason int64, comment string, pass item, flag string)) {
	const malformed, limit, delegation = wire.ReasonMalformed, wire.ReasonLimit, wire.ReasonDelegation
	one := w.chain[:1]
	chain := func(objects ...[]byte) item { return passOf(objects, nil, nil) }
	with := func(field uint64, value item) item {
		return mapItem(uintItem(wire.PassChain), objectsItem(one...), uintItem(field), value)
	}
	empty := arrayItem()
	bad(limit, "an empty chain", mapItem(uintItem(wire.PassChain), empty), "bound")
	bad(limit, "an empty list of certificates", with(wire.PassAuthorities, empty), "bound")
	bad(limit, "an empty list of documents", with(wire.PassDocuments, empty), "bound")
	bad(limit, "a chain of four", chain(append(slices.Clone(w.chain), w.other)...), "bound")
	bad(limit, "three certificates", with(wire.PassAuthorities, objectsItem(append(slices.Clone(w.authorities), w.lockCert)...)), "bound")
	five := append(slices.Clone(w.documents), w.documents[:2]...)
	bad(limit, "five documents", with(wire.PassDocuments, objectsItem(five...)), "bound")
	bad(malformed, "a byte string in place of a list", mapItem(uintItem(wire.PassChain), bytesItem(one[0])), "structure")
	bad(malformed, "a grant in a byte string", mapItem(uintItem(wire.PassChain), arrayItem(bytesItem(one[0]))), "structure")
	bad(malformed, "a map in place of a list", with(wire.PassDocuments, mapItem()), "structure")
	bad(malformed, "a grant without its signature", mapItem(uintItem(wire.PassChain), arrayItem(arrayItem(bytesItem(nil), mapItem(), bytesItem(nil)))), "structure")
	bad(malformed, "a certificate twice", with(wire.PassAuthorities, objectsItem(w.authorities[0], w.authorities[0])), "twice")
	bad(malformed, "a document twice", with(wire.PassDocuments, objectsItem(w.documents[0], w.documents[1], w.documents[0])), "twice")
	bad(delegation, "a chain without its root", chain(w.chain[1]), "chain")
	bad(delegation, "a chain upside down", chain(w.chain[1], w.chain[0]), "chain")
	bad(delegation, "a chain with a gap", chain(w.chain[0], w.chain[2]), "chain")
	bad(delegation, "two grants that hang below none", chain(w.chain[0], w.other), "chain")
	stranger := w.link(w.stranger, w.holder, w.chain[0], 0)
	bad(delegation, "a grant that a stranger hung below the first", chain(w.chain[0], stranger), "chain")
}

// links adds links of both kinds.
func (b passBuilder) links(w *passWorld) {
	for _, l := range []struct {
		kind, head string
		data       []byte
	}{
		{"request-link", "postern:request/", claimsSet(w.holder.coseKey()).data},
		{"pass-link", "postern:pass/", passOf(w.chain[:1], nil, nil).data},
	} {
		b.group(fmt.Sprintf("%s, suite %d", l.kind, w.suite), vectors.PassParams{Kind: l.kind})
		text := base64.RawURLEncoding.EncodeToString(l.data)
		twin := b.valid("good", vectors.PassTest{Link: l.head + text, Data: l.data}, "link")
		last := strings.IndexByte(base64Digits, text[len(text)-1])
		for _, f := range []struct{ comment, link string }{
			{"capital letters in front", strings.ToUpper(l.head) + text},
			{"no kind", "postern:" + text},
			{"another kind", "postern:key/" + text},
			{"two slashes", "postern://" + l.head[len("postern:"):] + text},
			{"no scheme", l.head[len("postern:"):] + text},
			{"nothing behind the kind", l.head},
			{"padding", l.head + text + strings.Repeat("=", (4-len(text)%4)%4)},
			{"a line break", l.head + text[:20] + "\n" + text[20:]},
			{"a space behind", l.head + text + " "},
			{"a plus", l.head + text[:20] + "+" + text[21:]},
			{"a slash", l.head + text[:20] + "/" + text[21:]},
			{"a query", l.head + text + "?a"},
			{"four characters more", l.head + text + "AAAA"},
		} {
			if f.link == l.head+text { // whose bytes need no padding
				continue
			}
			b.spoilt(twin, wire.ReasonMalformed, f.comment, vectors.PassTest{Link: f.link}, "spelling")
		}
		if len(text)%4 != 0 {
			link := l.head + text[:len(text)-1] + base64Digits[last+1:last+2]
			b.spoilt(twin, wire.ReasonMalformed, "a bit behind the last byte", vectors.PassTest{Link: link}, "spelling")
		}
	}
}

// base64Digits are those of RFC 4648, section 5.
const base64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// hexes are objects as the vectors tell them.
func hexes(objects [][]byte) []vectors.Hex {
	var all []vectors.Hex
	for _, o := range objects {
		all = append(all, o)
	}
	return all
}
