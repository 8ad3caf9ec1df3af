package main

import (
	"fmt"
	"slices"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// sequence returns the bytes of items one after the other.
func sequence(items ...*node) []byte { return arrayNode(items...).content() }

// spoilSequence puts faults into every part of a message that is a sequence.
func (b messageBuilder) spoilSequence(twin int, take func(path string, n *node) bool, items ...*node) {
	s := spoiler{
		tree: arrayNode(items...),
		take: take,
		bad: func(fault string, tree *node, flags ...string) {
			b.malformed(twin, fault, tree.content(), flags...)
		},
	}
	s.all()
	data := sequence(items...)
	b.malformed(twin, "no bytes", nil, "encoding")
	b.malformed(twin, "without its last byte", data[:len(data)-1], "encoding")
	b.malformed(twin, "in an array", arrayNode(items...).data(), "structure")
	if len(items) > 1 { // a byte string in a byte string is one too
		b.malformed(twin, "in a byte string", bytesNode(data).data(), "structure")
	}
	for i := range items {
		if len(items) > 1 {
			b.malformed(twin, fmt.Sprintf("without item %d", i+1), sequence(slices.Delete(slices.Clone(items), i, i+1)...), "structure")
		}
	}
}

// everywhere takes each part that has a name.
func everywhere(string, *node) bool { return true }

// top takes the items of a sequence, and not what is in them.
func top(path string, _ *node) bool { return len(path) == 1 }

// withEAD adds EAD items to a sequence.
func (b messageBuilder) withEAD(twin int, items ...*node) {
	for _, e := range []struct {
		comment string
		more    []*node
	}{
		{"padding, which is an EAD item", []*node{uintNode(0)}},
		{"padding with a value", []*node{uintNode(0), bytesNode(make([]byte, 4))}},
		{"an EAD item that is not critical", []*node{uintNode(1)}},
		{"an EAD item with a value", []*node{uintNode(1), bytesNode([]byte{1})}},
		{"a critical EAD item", []*node{intNode(-1)}},
		{"a byte string more", []*node{bytesNode([]byte{1})}},
	} {
		b.malformed(twin, e.comment, sequence(append(slices.Clone(items), e.more...)...), "structure", "ead")
	}
}

// suitesNode is a list of suites in its one form.
func suitesNode(suites []int) *node {
	all := nodes(suites, func(v int) *node { return intNode(int64(v)).named("suite") })
	if len(all) == 1 {
		return all[0]
	}
	return arrayNode(all...).named("suites").free()
}

func message1(suites []int, gx []byte, ci int64) []*node {
	return []*node{uintNode(0).named("METHOD"), suitesNode(suites), sized("G_X", gx), intNode(ci).named("C_I")}
}

// shareX is an ephemeral public key of P-256.
func shareX() []byte { return curveKey("message/share-p256").x }

func (b messageBuilder) messages1() {
	share := edwardsShare("message/share")
	good := func(comment string, suites []int, gx []byte, ci int) int {
		return b.valid(comment, vectors.MessageTest{
			Data: sequence(message1(suites, gx, int64(ci))...), Message1: &vectors.Message1{Suites: suites, GX: gx, CI: ci},
		}, "admitted")
	}
	b.group("message-1 to a lock with suite 0", vectors.MessageParams{Kind: "message-1", Suites: []int{0}})
	twin := good("suite 0", []int{0}, share, 0)
	good("the greatest C_I", []int{0}, share, 23)
	good("the least C_I", []int{0}, share, -24)
	good("C_I of -1", []int{0}, share, -1)
	good("a suite before that the lock has not", []int{2, 0}, share, 0)
	good("suites at the ends of their range before", []int{-65536, 65535, 24, -25, 0}, share, 0)
	most := make([]int, 32)
	for i := range most {
		most[i] = 31 - i
	}
	good("32 suites", most, share, 0)
	suite := func(comment string, suites []int, gx []byte) {
		b.bad(twin, wire.ReasonSuite, comment, sequence(message1(suites, gx, 0)...), "suite")
	}
	suite("suite 2 alone", []int{2}, shareX())
	suite("suite 2 after suite 0", []int{0, 2}, shareX())
	suite("a suite that nobody has", []int{24}, share)
	suite("suite 0 first, and not selected", []int{0, 1}, share)
	b.messages1Bad(twin, share)

	b.group("message-1 to a lock with both suites", vectors.MessageParams{Kind: "message-1", Suites: []int{0, 2}})
	twin = good("suite 2", []int{2}, shareX(), 0)
	good("suite 0", []int{0}, share, 0)
	good("suite 2 after others that the lock has not", []int{1, 3, 2}, shareX(), 0)
	suite("suite 2 after suite 0", []int{0, 2}, shareX())
	suite("suite 0 after suite 2", []int{2, 0}, share)
	suite("a suite that nobody has", []int{3}, share)
	for _, p := range badCurvePoints() {
		b.malformed(twin, "G_X "+p.comment, sequence(message1([]int{2}, p.x, 0)...), "point")
	}
	b.malformed(twin, "G_X of 33 bytes, a compressed point", sequence(message1([]int{2}, append([]byte{2}, shareX()...), 0)...), "structure")
}

// edwardsShare is an ephemeral public key of X25519: any 32 bytes that are of no
// small order.
func edwardsShare(label string) []byte {
	b := draw(label, 32)
	b[31] &= 0x7f
	return b
}

func (b messageBuilder) messages1Bad(twin int, share []byte) {
	items := message1([]int{0}, share, 0)
	b.spoilSequence(twin, everywhere, items...)
	b.withEAD(twin, items...)
	set := func(comment string, i int, n *node, flags ...string) {
		other := slices.Clone(items)
		other[i] = n
		b.malformed(twin, comment, sequence(other...), flags...)
	}
	for _, method := range []int64{1, 2, 3, 4, 24, -1} {
		set("METHOD "+intNode(method).number(), 0, intNode(method), "structure", "range")
	}
	array := func(suites ...int64) *node { return arrayNode(nodes(suites, intNode)...) }
	set("an empty array of suites", 1, array(), "structure")
	set("an array of one suite", 1, array(0), "structure")
	set("suite 0 twice", 1, array(0, 0), "meaning")
	set("a suite twice before the selected one", 1, array(5, 5, 0), "meaning")
	set("a suite of 65536", 1, array(65536, 0), "structure", "range")
	set("a suite of -65537", 1, array(-65537, 0), "structure", "range")
	set("a byte string among the suites", 1, arrayNode(bytesNode([]byte{2}), uintNode(0)), "structure")
	set("an array among the suites", 1, arrayNode(array(2, 3), uintNode(0)), "structure")
	most := make([]int64, 33)
	for i := range most {
		most[i] = int64(32 - i)
	}
	set("33 suites", 1, array(most...), "structure", "limit")
	for _, ci := range []int64{24, -25, 255, -256, 1 << 32} {
		set("C_I "+intNode(ci).number(), 3, intNode(ci), "structure", "range")
	}
	set("C_I an empty byte string", 3, bytesNode(nil), "structure")
	set("C_I a byte string that stands for an integer", 3, bytesNode([]byte{0}), "structure")
	set("C_I a byte string of 1 byte", 3, bytesNode([]byte{0x18}), "structure")
	set("C_I a byte string of 8 bytes", 3, bytesNode(make([]byte, 8)), "structure")
	set("C_I true", 3, boolNode(true), "structure")
}

func (b messageBuilder) messages2() {
	b.kind("message-2")
	good := func(comment string, n int) (int, *node) {
		gy, c := edwardsShare("message/share-2"), draw("message/ciphertext-2", n)
		m := bytesNode(slices.Concat(gy, c)).named("message_2").free()
		return b.valid(comment, vectors.MessageTest{Data: m.data(), Message2: &vectors.Message2{GY: gy, Ciphertext: c}}, "admitted"), m
	}
	twin, tree := good("with the lock's key id", 76)
	good("the least that there can be", 1)
	good("with a lock certificate", 230)
	b.spoilSequence(twin, everywhere, tree)
	for _, n := range []int{0, 1, 31, 32} {
		b.malformed(twin, fmt.Sprintf("a byte string of %d bytes", n), bytesNode(tree.b[:n]).data(), "structure")
	}
	b.malformed(twin, "G_Y and ciphertext in two byte strings", sequence(bytesNode(tree.b[:32]), bytesNode(tree.b[32:])), "structure")
	b.malformed(twin, "C_R after it", sequence(tree, uintNode(0)), "structure")
	b.malformed(twin, "twice", sequence(tree, tree), "structure")
}

// lockCertificate is one that is good.
func lockCertificate() *node {
	s := lockCertificateSamples()[0]
	return signed(newTree(wire.TypeLockCertificate, s.signer, s.claims), s.signer)
}

func (b messageBuilder) plaintexts2() {
	b.kind("plaintext-2")
	kid, signature := draw("message/kid", 8), draw("message/signature-2", 64)
	certificate := lockCertificate()
	good := func(comment string, cr int, id *node, told vectors.Plaintext2) int {
		told.CR, told.Signature = cr, signature
		return b.valid(comment, vectors.MessageTest{Data: sequence(intNode(int64(cr)), id, bytesNode(signature)), Plaintext2: &told}, "admitted")
	}
	twin := good("by key id", 0, bytesNode(kid), vectors.Plaintext2{Kid: kid})
	value := mapNode(pair(13, certificate))
	byValue := good("by value", 0, value, vectors.Plaintext2{Certificate: certificate.data()})
	good("the greatest C_R", 23, bytesNode(kid), vectors.Plaintext2{Kid: kid})
	good("the least C_R", -24, value, vectors.Plaintext2{Certificate: certificate.data()})
	items := []*node{uintNode(0).named("C_R"), sized("key id", kid), sized("Signature_or_MAC_2", signature)}
	b.spoilSequence(twin, everywhere, items...)
	b.withEAD(twin, items...)
	items[1] = value.clone().named("ID_CRED_R")
	items[1].sub[1].named("")
	b.spoilSequence(byValue, top, items...)
	b.withEAD(byValue, items...)
	id := func(twin int, comment string, n *node, flags ...string) {
		b.malformed(twin, comment, sequence(uintNode(0), n, bytesNode(signature)), flags...)
	}
	id(twin, "the key id in a map", mapNode(pair(4, bytesNode(kid))), "structure")
	id(twin, "a key id that is an integer", uintNode(5), "structure")
	id(twin, "a key id of 1 byte that stands for an integer", bytesNode([]byte{5}), "structure")
	id(twin, "an empty key id", bytesNode(nil), "structure")
	id(twin, "a key id of 4 bytes", bytesNode(kid[:4]), "structure")
	id(byValue, "an empty map", mapNode(), "structure")
	id(byValue, "the certificate in a byte string", mapNode(pair(13, bytesNode(certificate.data()))), "structure")
	id(byValue, "the certificate's label 14", mapNode(pair(14, certificate)), "structure")
	id(byValue, "the certificate's label 33, of X.509", mapNode(pair(33, bytesNode(certificate.data()))), "structure")
	id(byValue, "a claims set", mapNode(pair(14, mapNode(pair(8, edwardsKey("object/lock-key").cnf())))), "structure")
	id(byValue, "a claims set under the certificate's label", mapNode(pair(13, mapNode(pair(8, edwardsKey("object/lock-key").cnf())))), "structure")
	id(byValue, "key id and certificate", mapNode(pair(4, bytesNode(kid)), pair(13, certificate)), "structure")
	id(byValue, "certificate and claims set", mapNode(pair(13, certificate), pair(14, mapNode(pair(8, edwardsKey("object/lock-key").cnf())))), "structure")
	id(byValue, "the certificate without the map", certificate, "structure")
	id(byValue, "the certificate with a tag", mapNode(pair(13, rawNode(append([]byte{0xd2}, certificate.data()...)...))), "encoding")
	for _, cr := range []int64{24, -25, 1 << 16} {
		other := slices.Clone(items)
		other[0] = intNode(cr)
		b.malformed(byValue, "C_R "+intNode(cr).number(), sequence(other...), "structure", "range")
	}
	for _, cr := range [][]byte{nil, {0}, {0x18}, kid} {
		other := slices.Clone(items)
		other[0] = bytesNode(cr)
		b.malformed(byValue, fmt.Sprintf("C_R a byte string of %d bytes %x", len(cr), cr), sequence(other...), "structure")
	}
}

func (b messageBuilder) plaintexts3() {
	b.kind("plaintext-3")
	signature := bytesNode(draw("message/signature-3", 64)).named("Signature_or_MAC_3")
	signature.named("Signature_or_MAC_3")
	object := func(typ uint64, s sample) *node { return signed(newTree(typ, s.signer, s.claims.clone()), s.signer) }
	var twin int
	grants := grantSamples()
	for i, s := range grants {
		if i > 4 && s.comment != "512 bytes" {
			continue
		}
		g := object(wire.TypeGrant, s)
		id := b.valid("a grant: "+s.comment, vectors.MessageTest{
			Data: sequence(mapNode(pair(13, g)), signature), Plaintext3: &vectors.Plaintext3{Grant: g.data(), Signature: signature.b},
		}, "admitted")
		if i == 0 {
			twin = id
		}
	}
	var bare int
	key := edwardsKey("object/owner")
	for _, k := range []keyPair{curveKey("object/owner-p256"), key} {
		bare = b.valid("a bare key, "+k.key().Alg, vectors.MessageTest{
			Data:       sequence(mapNode(pair(14, mapNode(pair(8, k.cnf())))), signature),
			Plaintext3: &vectors.Plaintext3{Key: k.key(), Signature: signature.b},
		}, "admitted")
	}
	g := object(wire.TypeGrant, grants[0])
	byGrant := mapNode(pair(13, g.clone().named(""))).named("ID_CRED_I")
	b.spoilSequence(twin, top, byGrant, signature)
	b.withEAD(twin, byGrant, signature)
	set := mapNode(pair(8, key.cnf())).named("claims set")
	b.spoilSequence(bare, everywhere, mapNode(pair(14, set)).named("ID_CRED_I"), signature)
	b.withEAD(bare, mapNode(pair(14, set)), signature)
	id := func(twin int, comment string, n *node, flags ...string) {
		b.malformed(twin, comment, sequence(n, signature), flags...)
	}
	id(twin, "a key id", bytesNode(key.kid()), "structure")
	id(twin, "a key id in a map", mapNode(pair(4, bytesNode(key.kid()))), "structure")
	id(twin, "a key id that is an integer", uintNode(0), "structure")
	id(twin, "an empty map", mapNode(), "structure")
	id(twin, "the grant in a byte string", mapNode(pair(13, bytesNode(g.data()))), "structure")
	id(twin, "the grant without the map", g, "structure")
	id(twin, "the grant under the claims set's label", mapNode(pair(14, g)), "structure")
	id(bare, "the claims set under the grant's label", mapNode(pair(13, set)), "structure")
	id(twin, "grant and claims set", mapNode(pair(13, g), pair(14, set)), "structure")
	id(twin, "key id and grant", mapNode(pair(4, bytesNode(key.kid())), pair(13, g)), "structure")
	id(bare, "the claims set in a byte string", mapNode(pair(14, embedNode(set))), "structure")
	id(bare, "a claims set with a subject", mapNode(pair(14, mapNode(pair(2, bytesNode([]byte{1})), pair(8, key.cnf())))), "structure")
	id(bare, "the COSE_Key in place of the claims set", mapNode(pair(14, key.cose())), "structure")
	for _, k := range []kind{kinds()[0], kinds()[1], kinds()[3]} {
		id(twin, "an object of the kind "+k.name, mapNode(pair(13, object(k.typ, k.samples[0]))), "structure", "object")
	}
	b.plaintexts3Objects(twin, bare, id)
}

// plaintexts3Objects has credentials that do not read.
func (b messageBuilder) plaintexts3Objects(twin, bare int, id func(twin int, comment string, n *node, flags ...string)) {
	s := grantSamples()[0]
	broken := func(comment string, edit func(*node), flags ...string) {
		tree := newTree(wire.TypeGrant, s.signer, s.claims.clone())
		edit(tree)
		id(twin, "a grant that does not read: "+comment, mapNode(pair(13, signed(tree, s.signer))), append(flags, "object")...)
	}
	broken("exp before iat", func(t *node) { t.at("2/4").n = 1 }, "meaning")
	broken("no actions", func(t *node) { t.at("2/9/0/2").n = 0 }, "structure")
	broken("without cnf", func(t *node) { t.sub[2].sub[0].drop(8) }, "structure")
	broken("an unprotected header", func(t *node) { t.sub[1].append(uintNode(4), bytesNode(s.signer.kid())) }, "structure")
	broken("alg -8", func(t *node) { t.at("0/1").become(intNode(-8)) }, "structure")
	broken("an entry of another lock id length", func(t *node) { t.at("2/9/0/1").b = make([]byte, 7) }, "structure")
	broken("513 bytes", func(t *node) {
		t.sub[2] = embedNode(dayGrant(lockEntry(1).unknown(200, bytesNode(draw("object/long", longGrant+1)))).node())
	}, "limit")
	keyFaults(edwardsKey("object/owner"), func(_ int64, comment string, key *node, flags ...string) {
		id(bare, "bare key: "+comment, mapNode(pair(14, mapNode(pair(8, mapNode(pair(1, key)))))), slices.DeleteFunc(append(flags, "object"), func(f string) bool { return f == "key" })...)
	})
}

func (b messageBuilder) errors() {
	b.kind("edhoc-error")
	good := func(comment string, suites ...int) int {
		return b.valid(comment, vectors.MessageTest{Data: sequence(uintNode(2), suitesNode(suites)), Error: &vectors.EDHOCError{Code: 2, Suites: suites}}, "admitted")
	}
	twin := good("a lock with suite 0", 0)
	two := good("a lock with both suites", 0, 2)
	good("a lock with suites that this version does not know", 0, 2, 24, 65535)
	good("suites that are not in order", 2, 0)
	for _, e := range []struct {
		code    int
		content *node
		comment string
	}{
		{1, rawNode([]byte("\x65wrong")...), "code 1 with a text"},
		{1, bytesNode([]byte("wrong")), "code 1 with a byte string"},
		{3, boolNode(true), "code 3 with true"},
		{3, uintNode(7), "code 3 with an integer"},
		{99, mapNode(pair(1, uintNode(2))), "code 99 with a map"},
		{23, suitesNode([]int{0, 2}), "code 23 with suites"},
		{-1, rawNode(0xf6), "code -1 with null"},
	} {
		b.valid(e.comment, vectors.MessageTest{Data: sequence(intNode(int64(e.code)), e.content), Error: &vectors.EDHOCError{Code: e.code}}, "later")
	}
	code := uintNode(2).named("ERR_CODE")
	b.spoilSequence(twin, func(path string, _ *node) bool { return path != "0" }, code, uintNode(0).named("suite"))
	b.spoilSequence(two, func(path string, _ *node) bool { return path != "0" }, code, suitesNode([]int{0, 2}))
	b.malformed(two, "an error message after it", sequence(code, suitesNode([]int{0, 2}), code), "structure")
	b.malformed(two, "suites not in an array", sequence(code, uintNode(0), uintNode(2)), "structure")
	array := func(suites ...int64) *node { return arrayNode(nodes(suites, intNode)...) }
	set := func(comment string, n *node, flags ...string) { b.malformed(two, comment, sequence(code, n), flags...) }
	set("an empty array of suites", array(), "structure")
	set("an array of one suite", array(0), "structure")
	set("a suite twice", array(0, 2, 0), "meaning")
	set("a suite of 65536", array(0, 65536), "structure", "range")
	set("a suite of -65537", array(0, -65537), "structure", "range")
	set("the text of code 1", rawNode([]byte("\x65wrong")...), "encoding")
	b.malformed(two, "the code longer than needed", append([]byte{0x18, 2}, suitesNode([]int{0, 2}).data()...), "encoding")
}
