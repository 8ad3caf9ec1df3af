package main

import (
	"crypto/sha256"
	"fmt"
	"math/big"
	"slices"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// envelope puts faults into the array of four.
func (b objectBuilder) envelope(s *subject) {
	whole := signed(s.tree, s.signer).data()
	const malformed = wire.ReasonMalformed
	b.bad(s, malformed, "no bytes", nil, "encoding")
	b.bad(s, malformed, "without its last byte", whole[:len(whole)-1], "encoding")
	b.bad(s, malformed, "cut in the payload", whole[:len(whole)/2], "encoding")
	b.bad(s, malformed, "one byte after it", append(slices.Clone(whole), 0), "encoding")
	b.bad(s, malformed, "twice", slices.Concat(whole, whole), "encoding")
	b.bad(s, malformed, "with the tag of COSE_Sign1", append([]byte{0xd2}, whole...), "encoding")
	b.bad(s, malformed, "with the tags of CWT and COSE_Sign1", append([]byte{0xd8, 61, 0xd2}, whole...), "encoding")
	b.bad(s, malformed, "in a byte string", bytesNode(whole).data(), "structure")
	b.bad(s, malformed, "in an array", append([]byte{0x81}, whole...), "structure")
	b.after(s, malformed, "without the signature", func(t *node) { t.sub = t.sub[:3] }, "structure")
	b.after(s, malformed, "with a fifth element", func(t *node) { t.append(mapNode()) }, "structure")
	b.after(s, malformed, "without the unprotected header", func(t *node) { t.sub = slices.Delete(t.sub, 1, 2) }, "structure")
	b.after(s, malformed, "payload before the unprotected header", func(t *node) { t.sub[1], t.sub[2] = t.sub[2], t.sub[1] }, "structure")
	b.after(s, malformed, "header and payload exchanged", func(t *node) { t.sub[0], t.sub[2] = t.sub[2], t.sub[0] }, "structure")
	b.after(s, malformed, "the payload absent, as nil", func(t *node) { t.sub[2] = rawNode(0xf6) }, "encoding")
	b.after(s, malformed, "the array of indefinite length", func(t *node) { t.become(rawNode(indefinite(t)...)) }, "encoding")
	b.after(s, malformed, "the count of the array in two bytes", func(t *node) { t.become(rawNode(t.longer()...)) }, "encoding")
	b.after(s, malformed, "a map of four pairs in its place", func(t *node) {
		t.become(mapNode(pair(0, t.sub[0]), pair(1, t.sub[1]), pair(2, t.sub[2]), pair(3, t.sub[3])))
	}, "structure")
	for _, n := range []int{0, 63, 65, 72} {
		b.after(s, malformed, fmt.Sprintf("a signature of %d bytes", n), func(t *node) {
			t.sub[3] = bytesNode(append(slices.Clone(t.sub[3].b), make([]byte, 8)...)[:n])
		}, "structure", "signature")
	}
	b.after(s, malformed, "the signature an array of two byte strings", func(t *node) {
		t.sub[3] = arrayNode(bytesNode(t.sub[3].b[:32]), bytesNode(t.sub[3].b[32:]))
	}, "structure")
}

// indefinite returns a byte string, an array or a map with its length left open.
func indefinite(n *node) []byte {
	content := n.content()
	if n.major == majorBytes {
		content = append(head(majorBytes, uint64(len(content))), content...)
	}
	return slices.Concat([]byte{n.major<<5 | 31}, content, []byte{0xff})
}

// headers puts faults into the two headers.
func (b objectBuilder) headers(s *subject) {
	const malformed = wire.ReasonMalformed
	b.set(s, malformed, "an unprotected header with a key id", "1", mapNode(pair(4, bytesNode(s.signer.kid()))), "structure", "header")
	b.set(s, malformed, "an unprotected header with an unknown label", "1", mapNode(pair(99, uintNode(0))), "structure", "header")
	b.set(s, malformed, "an array as the unprotected header", "1", arrayNode(), "structure", "header")
	b.set(s, malformed, "an empty byte string as the unprotected header", "1", bytesNode(nil), "structure", "header")
	for _, label := range []int64{wire.HeaderAlg, wire.HeaderKid, wire.HeaderTyp} {
		b.before(s, malformed, fmt.Sprintf("without the header label %d", label), func(t *node) { t.at("0").sub[0].drop(label) }, "structure", "header")
	}
	for _, more := range []struct {
		comment string
		pair    []*node
	}{
		{"with crit", pair(2, arrayNode(uintNode(16)))},
		{"with a content type", pair(3, uintNode(0))},
		{"with an IV", pair(5, bytesNode(make([]byte, 8)))},
		{"with an unknown header label", pair(17, uintNode(0))},
		{"with a negative header label", pair(-1, uintNode(0))},
	} {
		b.before(s, malformed, more.comment, func(t *node) {
			h := t.at("0").sub[0]
			h.append(more.pair...)
			sortPairs(h)
		}, "structure", "header")
	}
	b.before(s, malformed, "alg unprotected", func(t *node) {
		h := t.at("0").sub[0]
		t.sub[1].append(pair(1, h.at("1"))...)
		h.drop(1)
	}, "structure", "header")
	b.before(s, malformed, "header labels in another order", func(t *node) {
		h := t.at("0").sub[0]
		h.sub = slices.Concat(h.sub[4:], h.sub[:4])
	}, "encoding", "header")
	b.before(s, malformed, "alg twice in the header", func(t *node) {
		h := t.at("0").sub[0]
		h.sub = slices.Concat(h.sub[:2], h.sub)
	}, "encoding", "header")
	for typ := int64(wire.TypeAuthority); typ <= wire.TypeReceipt; typ++ {
		if typ != int64(s.tree.at("0/16").n) {
			b.set(s, wire.ReasonObjectType, fmt.Sprintf("typ %d, of another kind", typ), "0/16", uintNode(uint64(typ)), "structure", "header")
		}
	}
	for _, typ := range []uint64{0, 61, 65008, 65535} {
		b.set(s, wire.ReasonObjectType, fmt.Sprintf("typ %d, of no kind", typ), "0/16", uintNode(typ), "structure", "header")
	}
	for _, alg := range []int64{-8, -7, -35, -36, 0, 5} {
		b.set(s, wire.ReasonAlgorithm, fmt.Sprintf("alg %d", alg), "0/1", intNode(alg), "structure", "header")
	}
}

// sortPairs puts the pairs of a map into the order of their keys' encodings.
func sortPairs(m *node) {
	var pairs [][]*node
	for i := 0; i < len(m.sub); i += 2 {
		pairs = append(pairs, m.sub[i:i+2:i+2])
	}
	slices.SortFunc(pairs, func(a, b []*node) int { return slices.Compare(a[0].data(), b[0].data()) })
	m.sub = slices.Concat(pairs...)
}

// signatures puts faults into what the signature says.
func (b objectBuilder) signatures(s *subject) {
	label := fmt.Sprintf("object/other/%d", s.tree.at("0/16").n)
	other, curve := edwardsKey(label+"/edwards"), curveKey(label+"/curve")
	b.set(s, wire.ReasonIssuerUnknown, "the key id of another key", "0/4", bytesNode(other.kid()), "signer")
	b.set(s, wire.ReasonIssuerUnknown, "a key id of zeros", "0/4", bytesNode(make([]byte, 8)), "signer")
	b.set(s, wire.ReasonAlgorithm, "alg of the other key type", "0/1", intNode(wire.AlgEsp256), "signer")
	const bad = wire.ReasonSignature
	sign := func(comment string, by keyPair) {
		b.bad(s, bad, comment, signed(s.tree, by).data(), "signature")
	}
	sign("signed by another key", other)
	sign("signed by a P-256 key, said to be Ed25519", curve)
	for _, i := range []int{0, 31, 32, 62} {
		b.after(s, bad, fmt.Sprintf("a bit of byte %d of the signature changed", i), func(t *node) { t.sub[3].b[i] ^= 1 }, "signature")
	}
	b.after(s, bad, "a signature of zeros", func(t *node) { t.sub[3].b = make([]byte, 64) }, "signature")
	b.after(s, bad, "S + L in place of S", func(t *node) { copy(t.sub[3].b[32:], plusOrder(t.sub[3].b[32:])) }, "signature")
	b.after(s, bad, "iat one later than signed", func(t *node) { t.at("2/6").n++ }, "signature")
	over := func(comment string, message []byte) {
		t := s.tree.clone()
		t.append(bytesNode(s.signer.sign(message)))
		b.bad(s, bad, comment, t.data(), "signature")
	}
	what := sigStructure(s.tree)
	over("signed over the payload alone", s.tree.sub[2].content())
	digest := sha256.Sum256(what)
	over("signed over the digest", digest[:])
	over("signed with the context Signature", slices.Concat([]byte("\x84\x69Signature"), what[12:]))
	over("signed as a CounterSignature", slices.Concat([]byte("\x85\x70CounterSignature"), what[12:]))
	over("signed over an empty protected header", slices.Concat([]byte("\x84\x6aSignature1\x40\x40"), s.tree.sub[2].data()))
	over("signed without external data in the structure", slices.Concat([]byte("\x83\x6aSignature1"), s.tree.sub[0].data(), s.tree.sub[2].data()))
	b.curveSignatures(s, curve)
}

// curveSignatures does the same with a P-256 key.
func (b objectBuilder) curveSignatures(s *subject, signer keyPair) {
	tree := s.tree.clone()
	tree.at("0/1").become(intNode(signer.alg))
	tree.at("0/4").become(bytesNode(signer.kid()))
	c := &subject{signer: signer, tree: tree}
	digest := sha256.Sum256(sigStructure(tree))
	last := b.file.Groups[len(b.file.Groups)-1].Tests
	told := last[0].Claims
	test := vectors.ObjectTest{Data: signed(tree, signer).data(), Signer: signer.key(), Kid: signer.kid(), Digest: digest[:], Claims: told}
	c.id = b.valid("signed by a P-256 key", test, "admitted")
	high := signed(tree, signer)
	order := p256Order
	half := new(big.Int).Rsh(order, 1)
	v := new(big.Int).SetBytes(high.sub[3].b[32:])
	negative := new(big.Int).Sub(order, v)
	negative.FillBytes(high.sub[3].b[32:])
	test.Data = high.data()
	comment := "the same with n - s, above half of n"
	if v.Cmp(half) > 0 {
		comment = "the same with n - s, not above half of n"
	}
	b.valid(comment, test, "admitted", "high-s")
	const bad = wire.ReasonSignature
	b.set(c, wire.ReasonAlgorithm, "signed by a P-256 key, alg that of Ed25519", "0/1", intNode(wire.AlgEd25519), "signer")
	b.after(c, bad, "P-256: r of zero", func(t *node) { copy(t.sub[3].b[:32], make([]byte, 32)) }, "signature")
	b.after(c, bad, "P-256: s of zero", func(t *node) { copy(t.sub[3].b[32:], make([]byte, 32)) }, "signature")
	b.after(c, bad, "P-256: r and s exchanged", func(t *node) {
		t.sub[3].b = slices.Concat(t.sub[3].b[32:], t.sub[3].b[:32])
	}, "signature")
	b.after(c, bad, "P-256: iat one later than signed", func(t *node) { t.at("2/6").n++ }, "signature")
}
